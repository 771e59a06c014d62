import type { Locator } from 'playwright-core';
import { hoverOver, outline, showsLines } from '../page/workbench';
import { becomes } from '../runner';
import { test } from '../projects/suite';
import { editorOf } from '../projects/workbench';

const files = { 'app/Dockerfile': 'FROM python:3.8-alpine AS build\nRUN pip install flask\nFROM build\nCOPY app.py /\n', 'app/app.py': '' };

const settings = (own: object) => ({ '.vscode/settings.json': JSON.stringify(own) });

/** Of the lines above stages how many are drawn. */
const dividers = (editor: Locator) => editor.locator('.view-overlays .cdr').evaluateAll((all) => all.filter((one) => getComputedStyle(one).borderTopWidth === '1px').length);

test('a FROM has one hint, stages have one line, and the outline has each instruction once', async ({ page, open }) => {
  await open(files);
  const editor = editorOf(page, 'app/Dockerfile');
  await showsLines(editor, `\
FROM python:3.8-alpine AS build ‹last pushed: 2 weeks ago›
RUN pip install flask ‹layer 1 · [build 2/2]›
FROM build ‹last pushed: 2 weeks ago›
COPY app.py / ‹layer 2 · [stage-1 1/1]›
`);
  await becomes(() => outline(page), ['FROMpython:3.8-alpine AS build', 'RUNpip install flask', 'FROMbuild', 'COPYapp.py /']);
  await becomes(() => dividers(editor), 0);
});

test('one hover has both texts, each once', async ({ page, open }) => {
  await open(files);
  const editor = editorOf(page, 'app/Dockerfile');
  const times = (text: string, words: string) => text.split(words).length - 1;
  await becomes(async () => {
    const text = await hoverOver(page, editor, 'RUN');
    return [times(text, 'Execute any commands on top of the current image'), times(text, 'CREATED BY')];
  }, [1, 1]);
});

test('settings bring ours back', async ({ page, open }) => {
  await open({ ...files, ...settings({ 'strata.hints.from': 'on', 'strata.outline': 'on', 'docker.extension.editor.dockerfileBuildStageDecorationLines': false }) });
  const editor = editorOf(page, 'app/Dockerfile');
  await becomes(async () => (await editor.locator('.view-line', { hasText: 'FROM python' }).innerText()).replaceAll('\u00a0', ' ').includes('base: unknown'), true);
  await becomes(async () => (await outline(page)).some((row) => row.includes('RUN pip install flask')), true);
  await becomes(() => dividers(editor), 1);
});
