import { deepStrictEqual, strictEqual } from 'node:assert';
import type { Page } from 'playwright-core';
import { hoverOver, lightBulb, marks, showsLines, statusBar, underlined } from '../page/workbench';
import { choices, command, editorOf, familiesView, tree } from '../projects/workbench';
import { becomes } from '../runner';
import { seenIn } from './notes';
import { test } from './suite';

/** What each of our commands comes to here: what the editor says, or lets choose from. */
const commands: Readonly<Record<string, readonly string[]>> = {
  'Build and Measure': ['Nothing is built in a workspace that is not trusted.'],
  'Look into the Image': ['Nothing is looked into in a workspace that is not trusted.'],
  'Show What This Line Added': ['Nothing is looked into in a workspace that is not trusted.'],
  'Compare Two Layers…': ['Nothing is looked into in a workspace that is not trusted.'],
  'Show What a Container Changed…': ['Nothing is looked into in a workspace that is not trusted.'],
  'Choose the Image of This File…': ['No engine is asked for its images in a workspace that is not trusted.'],
  'Ask the Registry About This Image': ['No registry is asked for a workspace that is not trusted.'],
  'Put the Base Image Back': ['web/Dockerfile continues no base that the project builds, and has no stage that is there for others alone.'],
  'Extract Base Image…': ['Extract base image: one Dockerfile with 2 targets', 'Extract base image by Bake: docker-bake.hcl', 'Extract base image by Compose: compose.yaml', 'Extract base image as a tagged image'],
  'Choose the Build That Is Shown': ['target web of docker-bake.hcl', 'service web of compose.yaml'],
  'What If This Changes…': ['node:22-alpine', 'Dockerfile'],
  'Take This as Built': [],
  'Show the Layer Map': [],
  'Show the Map of a Family': [],
  'Show Images Side by Side…': ['web/Dockerfile', 'api/Dockerfile'],
  'Show Layers of This Dockerfile': [],
};
/** It writes into a folder that the user chooses, and nowhere else. */
const chooses = 'Open the Flask Example';

test('what needs no process, no socket and no file of its own is there', async ({ page, project }) => {
  await page.locator('.statusbar-item', { hasText: 'Restricted Mode' }).waitFor();
  const editor = editorOf(page, project.file);
  await showsLines(editor, `\
FROM node:22-alpine ‹base: unknown›
RUN apk add --no-cache git ‹layer 1 · shared with 1›
WORKDIR /app ‹layer 2 · [3/6]›
COPY . . ‹layer 3 · [4/6]›
RUN npm ci ‹layer 4 · [5/6] · same in 1›
RUN npm test ‹layer 5 · [6/6] · same in 1›
`);
  await becomes(() => marks(editor), '  FROM\n▌ RUN\n▌ WORKDIR\n▌ COPY\n▌ RUN\n▌ RUN\n');
  await becomes(async () => (await statusBar(page)).includes('5 layers · 0 metadata'), true);
  await underlined(editor);
  await becomes(async () => (await hoverOver(page, editor, 'COPY')).includes('CREATED BY'), true);
  const menu = await lightBulb(page, editor, 'COPY');
  await menu.getByText('Copy package.json and package-lock.json first').waitFor();
  await page.keyboard.press('Escape');
  await becomes(async () => (await tree(page)).split('\n').slice(0, 4), ['node:22-alpine ‹2 siblings›', '  Base: node:22-alpine + 2 steps ‹saves 2 instructions›', '    api/Dockerfile', '    web/Dockerfile']);
});

test('each command says why not in one sentence, or does what it does elsewhere', async ({ page, project }) => {
  await page.keyboard.press('F1');
  await page.locator('.quick-input-widget input').fill('>Strata: ');
  await becomes(async () => (await choices(page)).sort(), [...Object.keys(commands), chooses].map((title) => `Strata: ${title}`).sort());
  await page.keyboard.press('Escape');
  for (const [title, expected] of Object.entries(commands)) {
    await editorOf(page, project.file).locator('.view-line', { hasText: 'FROM' }).click();
    await command(page, title);
    await becomes(() => answer(page), expected);
    await page.keyboard.press('Escape');
    await command(page, 'Clear All Notifications');
  }
  await page.locator('.editor-instance[aria-label^="Layers (Dockerfile)"]', { hasText: 'CREATED BY' }).waitFor();
});

test('no process starts but our server, no socket opens, and nothing is written outside the profile', async ({ project, places }) => {
  // The editor listens for the `code` of its terminals.
  strictEqual(seenIn(places), `\
our server
  keeps siblings.json in the profile
the extension host
  listens at vscode-ipc.sock
  opens a socket, AF_UNIX
  starts our server
`);
  deepStrictEqual(project.callers(), { engine: 0, registry: 0 });
  deepStrictEqual(project.changes(), []);
});

test('trusted, the same folder is asked about', async ({ page, project, places }) => {
  await page.locator('.statusbar-item', { hasText: 'Restricted Mode' }).click();
  await page.locator('.workspace-trust-editor').getByText('Trust', { exact: true }).click();
  // What was taken as built is not what the last commit had: the other file is compared with that.
  await (await familiesView(page)).locator('.monaco-list-row', { hasText: 'api/Dockerfile' }).first().click();
  await showsLines(editorOf(page, 'api/Dockerfile'), `\
FROM node:22-alpine ‹base: 1 layer · 7.8 MB›
RUN apk add --no-cache git ‹cached · shared with 1›
WORKDIR /app ‹cached · layer 2 · [3/6]›
COPY . . ‹rebuilds · layer 3 · [4/6]›
RUN npm ci ‹rebuilds · same in 1›
RUN npm test ‹rebuilds · same in 1›
`);
  strictEqual(seenIn(places), `\
our server
  connects to engine.sock
  keeps siblings.json in the profile
  opens a socket, AF_UNIX
  starts git -c core.fsmonitor=false cat-file --batch
  starts git -c core.fsmonitor=false diff --raw -z --no-renames --no-abbrev --relative HEAD -- .
  starts git -c core.fsmonitor=false ls-files --others --exclude-standard --directory --no-empty-directory -z -- .
  starts git -c core.fsmonitor=false show HEAD:./Dockerfile
the extension host
  listens at vscode-ipc.sock
  opens a socket, AF_UNIX
  starts our server
`);
  deepStrictEqual([project.callers().engine > 0, project.callers().registry], [true, 0]);
  deepStrictEqual(project.changes(), []);
});

async function answer(page: Page): Promise<readonly string[]> {
  const said = await page.locator('.notifications-toasts .notification-list-item-message').allInnerTexts();
  const rows = page.locator('.quick-input-widget:visible .monaco-list-row .quick-input-list-row:first-child .label-name');
  return [...said, ...(await rows.allInnerTexts()).map((text) => text.replaceAll('\u00a0', ' ').trim())];
}
