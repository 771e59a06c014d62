import * as expected from '../expected';
import { becomes } from '../runner';
import { test } from './suite';
import { block, drawn, line, openMap } from '../map/workbench';
import { command, tree } from '../projects/workbench';
import { hoverOver, marks, openFile, outline, showsLines, soon, statusBar, succeeds } from './workbench';

const file = 'flask/Dockerfile';

test('the flask example shows its hints', async ({ page }) => {
  await showsLines(await openFile(page, file), expected.flask);
});

test('layers and metadata are marked at the left edge', async ({ page }) => {
  const editor = await openFile(page, file);
  await becomes(() => marks(editor), expected.flaskMarks);
});

test('the status bar counts', async ({ page }) => {
  await openFile(page, file);
  await becomes(async () => (await statusBar(page)).includes(expected.flaskStatus), true);
});

test('a lens says what a change would cost', async ({ page }) => {
  const editor = await openFile(page, file);
  await becomes(async () => (await editor.locator('.codelens-decoration:visible').allInnerTexts()).map(expected.seen), expected.flaskLenses.map(expected.seen));
  const steps = page.locator('.quick-input-widget .monaco-list-row');
  // A lens is drawn anew when the editor hears of another; a press in between goes nowhere.
  await becomes(async () => {
    await succeeds(editor.locator('.codelens-decoration a', { hasText: 'python' }).click(soon));
    return succeeds(steps.first().waitFor(soon));
  }, true);
  await becomes(async () => (await steps.allInnerTexts()).map((text) => /(?:RUN|COPY) \S+/.exec(text.replaceAll('\u00a0', ' '))?.[0]), ['RUN pip', 'COPY app.py']);
  await page.keyboard.press('Enter');
  await steps.first().waitFor({ state: 'hidden' });
});

test('a hover shows the rows of the history', async ({ page }) => {
  const editor = await openFile(page, file);
  const rows = expected.flaskTable.split('\n').filter((row) => !row.startsWith('| :--')).map(expected.seen);
  await becomes(async () => {
    const hover = expected.seen(await hoverOver(page, editor, 'COPY'));
    return rows.filter((row) => !hover.includes(row));
  }, []);
});

test('the outline has the steps', async ({ page }) => {
  await openFile(page, file);
  const names = expected.flaskOutline.trimEnd().split('\n').map((line) => line.trim());
  await becomes(async () => {
    const rows = await outline(page);
    return names.filter((name) => !rows.some((row) => row.startsWith(name)));
  }, []);
});

test('the stages of the other example are seen', async ({ page }) => {
  await showsLines(await openFile(page, 'multi-stage/Dockerfile'), expected.multiStage);
});

test('the layer map stands beside it, and leads to its lines', async ({ page }) => {
  const editor = await openFile(page, file);
  await openMap(page);
  await becomes(async () => (await drawn(page)).map((text) => text.replace(/^▶ |;.*$/g, '')), [
    'Layer 2 of 2: COPY app.py /app.py', 'Metadata: CMD ["python","app.py"]', 'Layer 1 of 2: RUN pip install flask', 'Base python:3.8-alpine: its layers are not known', 'Stage python:3.8-alpine, 2 layers of this file, the target',
  ]);
  await block(page, 'COPY app.py').click();
  await becomes(() => line(editor), '4');
  await editor.locator('.view-line').first().click();
  await command(page, 'View: Close Editors in Other Groups');
  await page.locator('iframe.webview').waitFor({ state: 'detached' });
});

test('the view of the families has the siblings of the examples', async ({ page }) => {
  await openFile(page, file);
  await becomes(async () => /^python:3\.8-alpine ‹3 siblings.*\n  Base: python:3\.8-alpine \+ 1 step/m.test(await tree(page)), true);
});
