// What a user does in the workbench, and what they see there, as text.
import type { Locator, Page } from 'playwright-core';
import { seenLines, squeeze } from '../expected';
import { becomes } from '../runner';

/** Opens a file of the folder by its name, as with Go to File. */
export async function openFile(page: Page, path: string): Promise<Locator> {
  const editor = page.locator(`.monaco-editor[data-uri$="/${path}"]`);
  await page.keyboard.press('Control+KeyP');
  await page.locator('.quick-input-widget input').fill(path);
  await page.locator('.quick-input-widget .monaco-list-row', { hasText: path.split('/').at(-1) }).first().waitFor();
  await page.keyboard.press('Enter');
  await editor.waitFor();
  return editor;
}

/** Waits until the editor's lines, hints and source joined, are those of the picture. */
export function showsLines(editor: Locator, picture: string): Promise<void> {
  const expected = seenLines(picture);
  return becomes(async () => (await linesOf(editor)).slice(0, expected.length), expected);
}

// The editor keeps its lines in any order.
async function linesOf(editor: Locator): Promise<string[]> {
  const lines = await editor.locator('.view-line').evaluateAll((all) =>
    all.map((line) => ({ top: line.getBoundingClientRect().top, text: line.textContent ?? '' })),
  );
  return lines.sort((a, b) => a.top - b.top).map(({ text }) => squeeze(text));
}

/** The text of the hover over the first such words in the editor. */
export async function hoverOver(page: Page, editor: Locator, words: string): Promise<string> {
  await editor.locator('.view-line span', { hasText: words }).last().hover();
  const shown = page.locator('.monaco-hover:visible', { hasText: /\S/ }).first();
  await shown.waitFor();
  return shown.innerText();
}

export function statusBar(page: Page): Promise<string[]> {
  return page.locator('.statusbar-item:visible').allInnerTexts();
}

/** The rows of the Outline view, as they are indented. */
export async function outline(page: Page): Promise<string[]> {
  const pane = page.locator('.pane', { has: page.locator('.pane-header', { hasText: 'Outline' }) });
  if ((await pane.locator('.pane-header').getAttribute('aria-expanded')) !== 'true') await pane.locator('.pane-header').click();
  return pane.locator('.monaco-list-row').allInnerTexts();
}
