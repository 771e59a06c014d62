// The layer map as a reader sees it, as text.
import type { FrameLocator, Locator, Page } from 'playwright-core';
import { command } from '../projects/workbench';

/** The page inside the editor's page. */
export function mapOf(page: Page): FrameLocator {
  return page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
}

/** Opens the map of the Dockerfile in front, once its layers are counted. */
export async function openMap(page: Page): Promise<void> {
  await page.locator('.statusbar-item', { hasText: 'metadata' }).waitFor();
  await command(page, 'Show the Layer Map');
  await page.locator('iframe.webview.ready').waitFor();
}

/** What is drawn, from the left to the right and in each column from the top: what a screen reader says of it. `▶` stands before what is lit. */
export async function drawn(page: Page): Promise<string[]> {
  const items = await mapOf(page).locator('[role="treeitem"]').evaluateAll((all) =>
    all.map((item) => {
      const { left, top } = item.querySelector('.body')!.getBoundingClientRect();
      return { left, top, text: `${item.classList.contains('lit') ? '▶ ' : ''}${item.querySelector('.unseen')!.textContent}` };
    }));
  return items.sort((a, b) => a.left - b.left || a.top - b.top).map(({ text }) => text);
}

export function block(page: Page, text: string): Locator {
  return mapOf(page).locator('.block', { hasText: text }).first();
}

/** The number of the line that the cursor is on. */
export function line(editor: Locator): Promise<string> {
  return editor.locator('.line-numbers.active-line-number').innerText();
}
