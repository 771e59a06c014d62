import type { Page } from 'playwright-core';
import { suite } from '../runner';

/** VS Code in a page as a newcomer has it: a fresh profile, no folder opened, and Strata installed. `home`: an empty folder of theirs. */
export const { test, run } = suite<{ readonly page: Page; readonly home: string }>();
