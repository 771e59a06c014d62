// What a user does in the workbench, and what they see there, as text.
import type { Locator, Page } from 'playwright-core';
import { seen } from '../expected';
import { becomes } from '../runner';

/** Opens a file of the folder by its name, as with Go to File: again, until the workbench is ready to hear it. */
export async function openFile(page: Page, path: string): Promise<Locator> {
  const editor = page.locator(`.monaco-editor[data-uri$="/${path}"]`);
  const input = page.locator('.quick-input-widget input');
  const chosen = page.locator('.quick-input-widget .monaco-list-row.focused', { hasText: path.split('/')[0] });
  await becomes(async () => {
    if (await editor.isVisible()) return true;
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+KeyP');
    if (!(await succeeds(input.fill(path, soon))) || !(await succeeds(chosen.waitFor(soon)))) return false;
    await page.keyboard.press('Enter');
    return succeeds(editor.waitFor(soon));
  }, true);
  return editor;
}

/** Waits until the editor's lines, hints and source joined, are those of the picture; `blur` for what no two runs have the same. */
export function showsLines(editor: Locator, picture: string, blur = (line: string): string => line): Promise<void> {
  const expected = picture.trimEnd().split('\n').map(seen);
  return becomes(async () => (await lines(editor)).slice(0, expected.length).map(({ text }) => blur(seen(text))), expected);
}

/** The first word of each line with its mark in the margin: ▌ for the kind of mark that comes first, ┊ for the second. The light bulb is none. */
export async function marks(editor: Locator): Promise<string> {
  const margin = await editor.locator('.glyph-margin-widgets > .cgmr:not([class*="lightbulb"])').evaluateAll((all) =>
    all.map((mark) => ({ top: mark.getBoundingClientRect().top, className: mark.className })),
  );
  const kinds = [...new Set(margin.sort((a, b) => a.top - b.top).map(({ className }) => className))];
  const drawn = (await lines(editor)).map(({ top, text }) => {
    const mark = margin.find((mark) => mark.top === top);
    return `${mark ? '▌┊'[kinds.indexOf(mark.className)] : ' '} ${/^\S*/.exec(text)}`.trimEnd();
  });
  return drawn.join('\n').trimEnd() + '\n';
}

// The editor keeps its lines in any order.
async function lines(editor: Locator): Promise<{ top: number; text: string }[]> {
  const found = await editor.locator('.view-line').evaluateAll((all) =>
    all.map((line) => ({ top: line.getBoundingClientRect().top, text: (line.textContent ?? '').replaceAll('\u00a0', ' ') })),
  );
  return found.sort((a, b) => a.top - b.top);
}

/** Waits until something is underlined. */
export function underlined(editor: Locator): Promise<void> {
  return editor.locator('.squiggly-info').first().waitFor();
}

/** The text of the hover over the first such words in the editor; empty while there is none. */
export async function hoverOver(page: Page, editor: Locator, words: string): Promise<string> {
  // What is there already does not hear of what is found later: the pointer has to come again.
  if (!(await succeeds(pointNowhere(page)))) return '';
  await editor.locator('.view-line span', { hasText: words }).last().hover();
  const hover = page.locator('.monaco-hover:visible', { hasText: /\S/ }).first();
  return (await succeeds(hover.waitFor(soon))) ? (await hover.innerText()).replaceAll('\u00a0', ' ') : '';
}

async function pointNowhere(page: Page): Promise<void> {
  await page.mouse.move(0, 0);
  await page.locator('.monaco-hover:visible').first().waitFor({ state: 'hidden', ...soon });
}

/** Puts the cursor on the first line with such words, and opens the menu of the light bulb there: again, until there is one. */
export async function lightBulb(page: Page, editor: Locator, words: string): Promise<Locator> {
  const menu = page.locator('.action-widget:not(.action-list-submenu-panel)');
  // A hover may cover the text, and the bulb its first letter.
  await pointNowhere(page);
  await editor.locator('.view-line', { hasText: words }).first().click({ position: { x: 40, y: 8 } });
  await becomes(async () => {
    if (await menu.isVisible()) return true;
    await page.keyboard.press('Control+Period');
    return succeeds(menu.waitFor(soon));
  }, true);
  return menu;
}

/** Chooses what the light bulb offers there: again, as its menu goes when the editor hears of other actions. */
export function chooseAction(page: Page, editor: Locator, words: string, title: string): Promise<void> {
  return becomes(async () => succeeds((await lightBulb(page, editor, words)).getByText(title).click(soon)), true);
}

export async function statusBar(page: Page): Promise<string[]> {
  return (await page.locator('.statusbar-item:visible').allInnerTexts()).map((text) => text.trim());
}

/** The rows of the Outline view, as they are indented. */
export async function outline(page: Page): Promise<string[]> {
  const pane = page.locator('.pane', { has: page.locator('.pane-header', { hasText: 'Outline' }) });
  if ((await pane.locator('.pane-header').getAttribute('aria-expanded')) !== 'true') await pane.locator('.pane-header').click();
  return pane.locator('.monaco-list-row').allInnerTexts();
}

/** For what is tried again. */
export const soon = { timeout: 5000 };

export function succeeds(action: Promise<unknown>): Promise<boolean> {
  return action.then(() => true, () => false);
}
