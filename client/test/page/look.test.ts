import * as expected from '../expected';
import { becomes } from '../runner';
import { test } from './suite';
import { hoverOver, openFile, outline, showsLines } from './workbench';

test('the flask example shows its hints', async ({ page }) => {
  await showsLines(await openFile(page, 'flask/Dockerfile'), expected.flask);
});

test('a hover on RUN shows its layer', async ({ page }) => {
  const editor = await openFile(page, 'flask/Dockerfile');
  await becomes(async () => expected.flaskHover.test(await hoverOver(page, editor, 'pip')), true);
});

test('the outline has the stages', async ({ page }) => {
  await openFile(page, 'flask/Dockerfile');
  await becomes(async () => (await outline(page)).join('\n').includes(expected.flaskSymbols.trim()), true);
});
