import type { Page } from 'playwright-core';
import { suite } from '../runner';

/** VS Code in a page, in French, with a copy of the examples opened. */
export const { test, run } = suite<{ readonly page: Page }>();
