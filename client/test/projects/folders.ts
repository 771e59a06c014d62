// Tests in a page that Playwright drives, each with a folder of its own.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { Result } from '../runner';
import { run, type Folder, type Given } from './suite';

/** `show` makes a folder with these files, opens it in the page with one of them in front, and says where it is. */
export function runInFolders(name: string, page: Page, show: (files: Readonly<Record<string, string>>, file: string) => Promise<string>, report: (result: Result) => void): Promise<number> {
  const open: Given['open'] = async (files) => {
    const path = await show(files, Object.keys(files)[0]!);
    return { path, files: () => filesIn(path) } satisfies Folder;
  };
  return run({ page, open }, name, report);
}

function filesIn(folder: string): Record<string, string> {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1));
  return Object.fromEntries(paths.filter((path) => !path.endsWith('.py')).sort().map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
}
