import { french, nodeShop, seen } from '../expected';
import { hoverOver, lightBulb, openFile, showsLines, soon, statusBar, succeeds, underlined } from '../page/workbench';
import { drawn, mapOf } from '../map/workbench';
import { command } from '../projects/workbench';
import { becomes } from '../runner';
import { test } from './suite';

const flask = 'flask/Dockerfile';
const shop = 'node-shop/Dockerfile';

test('hints, lenses and the status bar', async ({ page }) => {
  const editor = await openFile(page, flask);
  await showsLines(editor, french.flask);
  await becomes(async () => (await editor.locator('.codelens-decoration:visible').allInnerTexts()).map(seen), french.flaskLenses.map(seen));
  await becomes(async () => (await statusBar(page)).includes(french.flaskStatus), true);
});

test('a hover', async ({ page }) => {
  const editor = await openFile(page, flask);
  const rows = ['COPY écrit une couche : les fichiers copiés.', ...french.flaskTable.split('\n').filter((row) => !row.startsWith('| :--'))].map(seen);
  await becomes(async () => {
    const hover = seen(await hoverOver(page, editor, 'COPY'));
    return rows.filter((row) => !hover.includes(row));
  }, []);
});

test('the commands in the palette', async ({ page }) => {
  await openFile(page, flask);
  const input = page.locator('.quick-input-widget input');
  const rows = page.locator('.quick-input-widget .monaco-list-row');
  await becomes(async () => {
    await page.keyboard.press('F1');
    if (!(await succeeds(input.fill('>Strata: couches', soon)))) return false;
    return succeeds(rows.filter({ hasText: 'Afficher les couches de ce Dockerfile' }).waitFor(soon));
  }, true);
  await page.keyboard.press('Escape');
});

test('a finding and its fix', async ({ page }) => {
  const editor = await openFile(page, shop);
  await showsLines(editor, nodeShop.replace('base: unknown', 'base : inconnue').replaceAll('layer', 'couche'));
  await becomes(async () => (await hoverOver(page, editor, 'COPY')).includes('Une modification de n’importe quel fichier copié ici fait réexécuter `npm ci` (ligne 4)'), true);
  await underlined(editor);
  const menu = await lightBulb(page, editor, 'COPY');
  await menu.getByText('Ignorer copy-before-install sur cette ligne').waitFor();
  await menu.getByText(/^Copier d’abord package\.json et package-lock\.json, le reste après `npm ci`/).click();
  await showsLines(editor, french.nodeShopFixed);
  await page.keyboard.press('Control+KeyZ');
});

test('the layer map', async ({ page }) => {
  await openFile(page, flask);
  await command(page, 'Afficher la carte des couches');
  await mapOf(page).getByText('couche de ce fichier').waitFor();
  await becomes(async () => (await drawn(page)).find((text) => text.includes('COPY app.py')), 'Couche 2 sur 2 : COPY app.py /app.py ; taille inconnue');
});
