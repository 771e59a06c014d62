import * as expected from '../expected';
import { becomes } from '../runner';
import { test } from './suite';
import { hoverOver, lightBulb, openFile, showsLines, underlined } from './workbench';

const file = 'node-shop/Dockerfile';

test('a finding is read over its words, and its name leads to its page', async ({ page }) => {
  const editor = await openFile(page, file);
  await becomes(async () => (await hoverOver(page, editor, 'COPY')).includes('A change of any file copied here makes `npm ci` (line 4) run again'), true);
  const link = page.locator('.monaco-hover:visible a', { hasText: 'copy-before-install' });
  await becomes(async () => (await link.getAttribute('data-href')) ?? link.getAttribute('href'), 'https://github.com/strata-layers/strata/blob/main/server/src/core/rules/copy-before-install.md');
});

test('the light bulb offers the fix, which is undone as any edit is', async ({ page }) => {
  const editor = await openFile(page, file);
  await showsLines(editor, expected.nodeShop);
  await underlined(editor);
  const menu = await lightBulb(page, editor, 'COPY');
  await menu.getByText(/^Copy package\.json.* first, the rest after `npm ci`/).click();
  await showsLines(editor, expected.nodeShopFixed);
  await page.keyboard.press('Control+KeyZ');
  await showsLines(editor, expected.nodeShop);
});
