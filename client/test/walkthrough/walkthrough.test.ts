import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as expected from '../expected';
import { chooseAction, showsLines, soon, succeeds } from '../page/workbench';
import { applyPreview, editorOf, preview, says, tree } from '../projects/workbench';
import { becomes } from '../runner';
import { done, expand, found, foundInPicture, openWalkthrough, press, steps } from './page';
import { test } from './suite';

test('the walkthrough is found; its texts and pictures have names, and axe finds nothing', async ({ page }) => {
  await openWalkthrough(page);
  await becomes(() => steps(page), done());
  const pictures: Record<string, RegExp> = {
    'See the layers': /^The Flask example/, 'Break the cache': /gunicorn/, 'Mend what loses it': /light bulb/, 'Extract the base': /base image of their own/, 'Read the history': /newest row first/,
  };
  for (const [title, about] of Object.entries(pictures)) {
    await expand(page, title);
    await becomes(() => foundInPicture(page, about), []);
    await becomes(() => found(page, '.getting-started-step.expanded .step-description-container'), []);
  }
});

test('its example is copied to where it is told', async ({ page, home }) => {
  await press(page, 'See the layers', 'Open the Flask Example');
  const dialog = page.locator('.quick-input-widget');
  const here = dialog.getByRole('button', { name: 'Put the Example Here' });
  await here.waitFor();
  // The list first writes where it begins, and may do so behind what is filled in.
  await becomes(async () => {
    if (existsSync(join(home, 'strata-example/flask-api/requirements.txt'))) return true;
    await succeeds(dialog.locator('input').fill(`${home}/`, soon));
    await succeeds(here.click(soon));
    return false;
  }, true);
  // The window goes, and another comes.
  await editorOf(page, 'flask/Dockerfile').waitFor();
  await showsLines(editorOf(page, 'flask/Dockerfile'), expected.flask);
  await becomes(() => steps(page), done());
});

test('see the layers: the map is shown', async ({ page }) => {
  await press(page, 'See the layers', 'Show the Layer Map');
  await page.locator('.tab', { hasText: 'Layer Map' }).waitFor();
  await becomes(() => steps(page), done('See the layers'));
});

test('break the cache: a line of the example is changed', async ({ page }) => {
  await press(page, 'Break the cache', 'Open flask/Dockerfile');
  const editor = editorOf(page, 'flask/Dockerfile');
  const line = editor.locator('.view-line', { hasText: 'RUN pip' });
  // The walkthrough may take the focus back while the file is opened beside it: all of it is typed there, or nothing.
  await becomes(async () => {
    await line.click({ position: { x: 100, y: 8 } });
    await page.keyboard.press('End');
    if (!(await succeeds(page.locator('.statusbar-item', { hasText: 'Ln 2, Col 22' }).waitFor(soon)))) return false;
    await page.keyboard.insertText(' gunicorn');
    return succeeds(editor.locator('.view-line', { hasText: 'gunicorn' }).waitFor(soon));
  }, true);
  // The click may have scrolled the first line away.
  await page.keyboard.press('Control+Home');
  await showsLines(editor, expected.flaskBroken);
  await becomes(() => steps(page), done('See the layers', 'Break the cache'));
  await page.keyboard.press('Control+KeyZ');
  await showsLines(editor, expected.flask);
});

test('mend what loses it: the light bulb', async ({ page }) => {
  await press(page, 'Mend what loses it', 'Open flask-api/Dockerfile');
  const editor = editorOf(page, 'flask-api/Dockerfile');
  await showsLines(editor, expected.flaskApi);
  await chooseAction(page, editor, 'COPY', expected.flaskApiFix);
  await becomes(() => steps(page), done('See the layers', 'Break the cache', 'Mend what loses it'));
});

test('extract the base: the preview is applied', async ({ page, home }) => {
  await becomes(async () => (await tree(page)).split('\n')[0], 'python:3.8-alpine ‹3 siblings›');
  const byBake = page.locator('.quick-input-widget .monaco-list-row', { hasText: 'docker-bake.hcl' });
  // The list goes where something else takes the focus meanwhile.
  await becomes(async () => {
    await press(page, 'Extract the base', 'Extract Base Image…');
    return succeeds(byBake.click(soon));
  }, true);
  await preview(page);
  await applyPreview(page);
  await says(page, 'docker buildx bake');
  await becomes(async () => readFileSync(join(home, 'strata-example/flask/Dockerfile'), 'utf8'), expected.flaskExtracted['flask/Dockerfile']);
  await becomes(() => steps(page), done('See the layers', 'Break the cache', 'Mend what loses it', 'Extract the base'));
});

test('read the history: the table', async ({ page }) => {
  await press(page, 'Read the history', 'Show the Layers as a Table');
  await page.locator('.tab', { hasText: 'Layers (Dockerfile)' }).waitFor();
  await becomes(() => steps(page), done('See the layers', 'Break the cache', 'Mend what loses it', 'Extract the base', 'Read the history'));
});
