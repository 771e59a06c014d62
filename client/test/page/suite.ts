import type { Page } from 'playwright-core';
import { suite } from '../runner';

/** VS Code in a page, with the examples opened. */
export type Workbench = { readonly page: Page; readonly folder: string };

export const { test, run } = suite<Workbench>();
