import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { soon, succeeds } from '../page/workbench';
import { becomes } from '../runner';
import { applications, bakeAction, before, dockerfile } from './applications';
import { test, type Folder, type Given } from './suite';
import { applyPreview, choose, editorOf, extractFrom, preview, tree, warns } from './workbench';

export async function asksByBake(page: Page, open: Given['open']): Promise<Folder> {
  const folder = await open(applications);
  await becomes(async () => (await tree(page)).split('\n')[0], 'python:3.8-alpine ‹2 siblings›');
  await extractFrom(page, 'Base: python:3.8-alpine');
  return folder;
}

async function previewsBake(page: Page, open: Given['open']): Promise<Folder> {
  const folder = await asksByBake(page, open);
  await choose(page, bakeAction);
  await becomes(async () => (await preview(page)).match(/☑/g)?.length, 4);
  return folder;
}

test('what is typed while the preview is shown is not overwritten', async ({ page, open }) => {
  const folder = await previewsBake(page, open);
  await editorOf(page, 'app/Dockerfile').locator('.view-line').first().click();
  await page.keyboard.press('Control+End');
  await page.keyboard.type('# typed');
  await applyPreview(page);
  await warns(page, "Cannot apply refactoring because 'app/Dockerfile' has changed in the meantime");
  await page.keyboard.press('Control+KeyS');
  await becomes(async () => folder.files(), { ...before, 'app/Dockerfile': `${dockerfile('app')}# typed` });
});

test('a file that another program has changed meanwhile is not overwritten', async ({ page, open }) => {
  const folder = await previewsBake(page, open);
  const changed = dockerfile('app').replace('flask', 'django');
  // Again, until the editor watches the folder and reads it.
  await becomes(async () => {
    writeFileSync(join(folder.path, 'app/Dockerfile'), changed);
    return succeeds(editorOf(page, 'app/Dockerfile').getByText('django').waitFor(soon));
  }, true);
  await applyPreview(page);
  await warns(page, "Cannot apply refactoring because 'app/Dockerfile' has changed in the meantime");
  await becomes(async () => folder.files(), { ...before, 'app/Dockerfile': changed });
});

test('discarded, nothing is changed and nothing said', async ({ page, open }) => {
  const folder = await previewsBake(page, open);
  await page.locator('.bulk-edit-panel').getByText('Discard', { exact: true }).click();
  await page.locator('.bulk-edit-panel .monaco-list-row').first().waitFor({ state: 'hidden' });
  await becomes(async () => folder.files(), before);
  await becomes(() => page.locator('.notifications-toasts .notification-list-item').count(), 0);
});
