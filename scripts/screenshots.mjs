// Photographs the examples in a real VS Code, in a light and a dark theme, into docs/images/.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { installPackages } from './install.mjs';
import { endOnSignals, run } from './vscode/process.mjs';

endOnSignals();
await installPackages();
const { root } = await import('./vscode/install.mjs');
const { launchBrowser } = await import('./vscode/browser.mjs');
const { packageExtension } = await import('./vscode/package.mjs');
const { openPage } = await import('./vscode/page.mjs');
const { startServer, temporaryFolder, workbenchAddress } = await import('./vscode/server.mjs');

const themes = { light: 'Default Light Modern', dark: 'Default Dark Modern' };

/** Nothing in the picture but the Dockerfile and what we say about it. */
const settings = {
  'breadcrumbs.enabled': false,
  'editor.fontFamily': "'DejaVu Sans Mono', monospace",
  'editor.fontSize': 15,
  'editor.lineHeight': 24,
  'editor.minimap.enabled': false,
  'editor.hideCursorInOverviewRuler': true,
  'editor.occurrencesHighlight': 'off',
  'editor.overviewRulerBorder': false,
  'editor.renderLineHighlight': 'none',
  'editor.scrollbar.vertical': 'hidden',
  'editor.hover.above': false,
  'editor.hover.delay': 0,
  'window.commandCenter': false,
  'workbench.activityBar.location': 'hidden',
  'workbench.editor.editorActionsLocation': 'hidden',
  'workbench.layoutControl.enabled': false,
};

/** @type {{ name: string, file: string, height: number, hover?: string, hint: string }[]} */
const pictures = [
  { name: 'flask', file: 'flask/Dockerfile', height: 420, hover: 'COPY', hint: 'layer' },
  { name: 'multi-stage', file: 'multi-stage/Dockerfile', height: 520, hint: 'layer' },
];

process.chdir(root);
await run(process.execPath, ['scripts/build.mjs'], { shell: false });
const vsix = await packageExtension(await temporaryFolder());
const browser = await launchBrowser();
await mkdir('docs/images', { recursive: true });
for (const [shade, theme] of Object.entries(themes)) {
  const server = await startServer({ vsix, settings: { ...settings, 'workbench.colorTheme': theme } });
  for (const picture of pictures) await photograph(server, picture, join('docs', 'images', `${picture.name}-${shade}.png`));
  await server.stop();
}
process.exit(0);

async function photograph(server, { file, height, hover, hint }, image) {
  const context = { viewport: { width: 1000, height }, deviceScaleFactor: 2 };
  const page = await openPage(browser, { address: workbenchAddress(server, join(root, 'examples'), { file }), context });
  const line = page.locator('.view-line', { hasText: hint }).first();
  await line.waitFor();
  await page.keyboard.press('Control+KeyB');
  await page.locator('.part.sidebar').waitFor({ state: 'hidden' });
  await page.mouse.move(900, height / 2);
  if (hover) {
    await page.locator('.view-line span', { hasText: hover }).last().hover();
    await page.locator('.monaco-hover:visible', { hasText: /\S/ }).first().waitFor();
  }
  await writeFile(image, await page.screenshot({ animations: 'disabled', style: '.cursor { display: none !important; }' }));
  console.log(image);
  await page.close();
}
