import type { Page } from 'playwright-core';
import { suite } from '../runner';

/** VS Code in a page, with a copy of the examples opened, and Strata in one of its extension hosts. */
export const { test, run } = suite<{ readonly page: Page }>();
