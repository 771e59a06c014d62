// The view of the families, the Refactor Preview and what the editor says, as text.
import type { Locator, Page } from 'playwright-core';
import { soon, succeeds } from '../page/workbench';
import { becomes } from '../runner';

export function editorOf(page: Page, path: string): Locator {
  return page.locator(`.monaco-editor[data-uri$="/${path}"]`);
}

/** A view by its name, with nothing else in the sidebar. */
export async function viewOf(page: Page, name: string): Promise<Locator> {
  const headers = page.locator('.sidebar .pane-header');
  const ours = headers.filter({ hasText: name });
  await ours.waitFor();
  if ((await ours.getAttribute('aria-expanded')) !== 'true') await ours.click();
  for (const other of await headers.filter({ hasNotText: name }).all()) if ((await other.getAttribute('aria-expanded')) === 'true') await other.click();
  return page.locator('.pane', { has: page.locator('.pane-header', { hasText: name }) });
}

export function familiesView(page: Page): Promise<Locator> {
  return viewOf(page, 'Dockerfile Families');
}

/** Its rows, all opened, as they are indented; descriptions in ‹›, and ⚠ before a row that warns. */
export async function tree(page: Page, name = 'Dockerfile Families'): Promise<string> {
  const view = await viewOf(page, name);
  const closed = view.locator('.monaco-list-row[aria-expanded="false"] .monaco-tl-twistie');
  while ((await closed.count()) > 0) await succeeds(closed.first().click(soon));
  const rows = await view.locator('.monaco-list-row').evaluateAll((all) =>
    all
      .sort((a, b) => Number((a as HTMLElement).dataset['index']) - Number((b as HTMLElement).dataset['index']))
      .map((row) => {
        const text = (part: string) => row.querySelector(part)?.textContent ?? '';
        const warns = row.querySelector('.codicon-warning') ? '⚠ ' : '';
        const about = text('.label-description');
        return `${'  '.repeat(Number(row.getAttribute('aria-level')) - 1)}${warns}${text('.label-name')}${about === '' ? '' : ` ‹${about}›`}\n`;
      }),
  );
  return rows.join('').replaceAll('\u00a0', ' ');
}

/** Chooses a row's own action. */
export async function extractFrom(page: Page, label: string): Promise<void> {
  const row = (await familiesView(page)).locator('.monaco-list-row', { hasText: label }).first();
  await row.hover();
  // The pointer is not held where it is: what shows at the row while it is there is asked as a keyboard would.
  await row.getByLabel('Extract Base Image…', { exact: true }).dispatchEvent('click');
}

/** The rows of the list that asks for something. */
export async function choices(page: Page): Promise<string[]> {
  const rows = page.locator('.quick-input-widget .monaco-list-row');
  await rows.first().waitFor();
  return (await rows.evaluateAll((all) => all.map((row) => row.querySelector('.label-name')?.textContent ?? ''))).map((text) => text.replaceAll('\u00a0', ' ').trim());
}

export function choose(page: Page, text: string): Promise<void> {
  return page.locator('.quick-input-widget .monaco-list-row', { hasText: text }).click();
}

/** Runs a command by its title. */
export async function command(page: Page, title: string): Promise<void> {
  await page.keyboard.press('F1');
  await page.locator('.quick-input-widget input').fill(`>${title}`);
  await page.locator('.quick-input-widget .monaco-list-row', { hasText: title }).first().click();
}

/** The files of the Refactor Preview, those that are ticked with ☑. */
export async function preview(page: Page): Promise<string> {
  const rows = page.locator('.bulk-edit-panel .monaco-list-row[aria-level="1"]');
  await rows.first().waitFor();
  const files = await rows.evaluateAll((all) =>
    all.map((row) => {
      const text = (part: string) => row.querySelector(part)?.textContent ?? '';
      const place = [text('.label-description'), text('.label-name')].filter((part) => part !== '').join('/');
      return `${row.querySelector('.edit-checkbox.checked') ? '☑' : '☐'} ${place}${text('.details') === '' ? '' : ` ${text('.details')}`}\n`;
    }),
  );
  return files.join('').replaceAll('\u00a0', ' ');
}

export async function untick(page: Page, place: string): Promise<void> {
  await page.locator('.bulk-edit-panel .monaco-list-row[aria-level="1"]', { has: page.locator('.label-description', { hasText: new RegExp(`^${place}$`) }) }).locator('.edit-checkbox').click();
}

export function applyPreview(page: Page): Promise<void> {
  return page.locator('.bulk-edit-panel').getByText('Apply', { exact: true }).click();
}

/** Waits until the editor says it, in a corner. */
export function says(page: Page, words: string | RegExp): Promise<void> {
  return page.locator('.notifications-toasts .notification-list-item', { hasText: words }).first().waitFor();
}

/** Waits until the editor says it in a box, and closes that. */
export async function warns(page: Page, words: string | RegExp): Promise<void> {
  await page.locator('.monaco-dialog-box', { hasText: words }).waitFor();
  await page.keyboard.press('Enter');
  await becomes(() => page.locator('.monaco-dialog-box').count(), 0);
}

/** Undo, with the cursor in the editor. */
export async function undo(page: Page, editor: Locator): Promise<void> {
  await editor.locator('.view-line').first().click({ position: { x: 200, y: 8 } });
  await page.keyboard.press('Control+KeyZ');
}
