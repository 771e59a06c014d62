// What a user does in the workbench, and what they see there, as text.
import type { Locator, Page } from 'playwright-core';
import { seen } from '../expected';
import { becomes } from '../runner';

/** Opens a file of the folder by its name, as with Go to File. */
export async function openFile(page: Page, path: string): Promise<Locator> {
  const editor = page.locator(`.monaco-editor[data-uri$="/${path}"]`);
  const input = page.locator('.quick-input-widget input');
  // The keys of a workbench that is still starting go nowhere.
  await becomes(async () => {
    if (!(await input.isVisible())) await page.keyboard.press('Control+KeyP');
    return appears(input, 2000);
  }, true);
  await input.fill(path);
  const [folder] = path.split('/');
  await page.locator('.quick-input-widget .monaco-list-row.focused', { hasText: folder }).waitFor();
  await page.keyboard.press('Enter');
  await editor.waitFor();
  return editor;
}

/** Waits until the editor's lines, hints and source joined, are those of the picture. */
export function showsLines(editor: Locator, picture: string): Promise<void> {
  const expected = picture.trimEnd().split('\n').map(seen);
  return becomes(async () => (await lines(editor)).slice(0, expected.length).map(({ text }) => seen(text)), expected);
}

/** The first word of each line with its mark in the margin: ▌ for the kind of mark that comes first, ┊ for the second. */
export async function marks(editor: Locator): Promise<string> {
  const margin = await editor.locator('.glyph-margin-widgets > .cgmr').evaluateAll((all) =>
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

/** The text of the hover over the first such words in the editor; empty while there is none. */
export async function hoverOver(page: Page, editor: Locator, words: string): Promise<string> {
  const hover = page.locator('.monaco-hover:visible', { hasText: /\S/ }).first();
  if (!(await hover.isVisible())) {
    // A pointer that is there already has to come again.
    await page.mouse.move(0, 0);
    await editor.locator('.view-line span', { hasText: words }).last().hover();
  }
  return (await appears(hover, 5000)) ? hover.innerText() : '';
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

function appears(locator: Locator, milliseconds: number): Promise<boolean> {
  return locator.waitFor({ timeout: milliseconds }).then(() => true, () => false);
}
