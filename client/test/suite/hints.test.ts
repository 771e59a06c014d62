import * as vscode from 'vscode';
import * as expected from '../expected';
import { becomes } from '../runner';
import { openExample, openNew, openUntitled, pictureOf, shows } from './editor';
import { test } from './suite';

test('the flask example shows two new layers, and none for CMD', async () => {
  await shows(await openExample('flask/Dockerfile'), expected.flask);
});

test('an untitled document has hints', async () => {
  await shows(await openUntitled(expected.sourceOf(expected.fromScratch)), expected.fromScratch);
});

for (const name of ['Containerfile', 'api.Dockerfile', 'Dockerfile.dev'])
  test(`${name} has hints`, async () => {
    await shows(await openNew(`names/${name}`, expected.sourceOf(expected.fromScratch)), expected.fromScratch);
  });

// An empty answer may only be a late one: the Dockerfile opened after it has its hints first.
for (const name of ['Dockerfile.tmpl', '.dockerignore', 'notes.md'])
  test(`${name} has none`, async () => {
    const document = await openNew(`names/${name}`, expected.noHints);
    await shows(await openUntitled(expected.sourceOf(expected.fromScratch)), expected.fromScratch);
    await becomes(() => pictureOf(document), expected.noHints);
  });

test('hints follow the text', async () => {
  const document = await openUntitled('FROM scratch\n');
  const edit = new vscode.WorkspaceEdit();
  edit.insert(document.uri, new vscode.Position(1, 0), 'COPY a /a\n');
  await vscode.workspace.applyEdit(edit);
  await shows(document, expected.fromScratch);
});

test('a file deleted while it is open disturbs nobody', async () => {
  const deleted = await openNew('names/deleted.Dockerfile', expected.sourceOf(expected.fromScratch));
  await shows(deleted, expected.fromScratch);
  await vscode.workspace.fs.delete(deleted.uri);
  await shows(await openExample('flask/Dockerfile'), expected.flask);
});
