// What a user sees of the workbench, as text.
import type { Locator, Page } from 'playwright-core';
import { seenLines, squeeze } from '../expected';
import { becomes } from '../runner';

export const editor = (page: Page, file: string): Locator => page.locator(`.monaco-editor[data-uri$="${file}"]`);

/** Waits until the editor's lines, hints and source joined, are those of the picture. */
export async function showsLines(page: Page, file: string, picture: string): Promise<void> {
  const lines = editor(page, file).locator('.view-line');
  await lines.first().waitFor();
  const expected = seenLines(picture);
  await becomes(async () => {
    // The editor keeps its lines in any order.
    const seen = await lines.evaluateAll((all) =>
      all
        .map((line) => ({ top: line.getBoundingClientRect().top, text: line.textContent ?? '' }))
        .sort((a, b) => a.top - b.top)
        .map(({ text }) => text),
    );
    return seen.map(squeeze).slice(0, expected.length);
  }, expected);
}

export async function hover(page: Page, file: string, words: string): Promise<string> {
  await editor(page, file).getByText(words, { exact: false }).first().hover();
  const shown = page.locator('.monaco-hover:visible').first();
  await shown.waitFor();
  return shown.innerText();
}
