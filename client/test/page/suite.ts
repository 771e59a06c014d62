import type { Page } from 'playwright-core';
import { suite } from '../runner';

export type Workbench = {
  readonly host: 'node' | 'web';
  readonly folder: string;
  /** The workbench in a new page, with a file of the folder opened. */
  readonly open: (file: string) => Promise<Page>;
};

export const { test, run } = suite<Workbench>();
