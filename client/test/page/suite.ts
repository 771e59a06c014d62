import type { Page } from 'playwright-core';
import { suite } from '../runner';

/** VS Code in a page, with the examples opened. */
export const { test, run } = suite<{ readonly page: Page }>();
