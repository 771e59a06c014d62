import type { Page } from 'playwright-core';
import { suite } from '../runner';

export interface Given {
  readonly page: Page;
  /** Writes these files into a new folder, and opens it in VS Code with the first of them in front. */
  readonly open: (files: Readonly<Record<string, string>>) => Promise<Folder>;
}

export interface Folder {
  readonly path: string;
  /** All files but those of the applications, as they are on the disk. */
  readonly files: () => Record<string, string>;
}

export const { test, run } = suite<Given>();
