import * as vscode from 'vscode';
import * as expected from '../expected';
import { openExample, openNew, openUntitled, setting, shows } from './editor';
import { test } from './suite';

const source = expected.sourceOf(expected.fromScratch);

test('the flask example shows two new layers, and none for CMD', async () => {
  await shows(await openExample('flask/Dockerfile'), expected.flask);
});

test('each stage counts its own steps', async () => {
  await shows(await openExample('multi-stage/Dockerfile'), expected.multiStage);
});

test('a heredoc has its hint on its first line', async () => {
  await shows(await openExample('heredoc/Dockerfile'), expected.heredoc);
});

test('an untitled document has hints', async () => {
  await shows(await openUntitled(source), expected.fromScratch);
});

for (const name of ['Containerfile', 'api.Dockerfile', 'Dockerfile.dev'])
  test(`${name} has hints`, async () => {
    await shows(await openNew(`names/${name}`, source), expected.fromScratch);
  });

// That there are none could be said too early: a Dockerfile opened later has its hints first.
for (const name of ['Dockerfile.tmpl', '.dockerignore', 'notes.txt'])
  test(`${name} has none`, async () => {
    const document = await openNew(`names/${name}`, source);
    await shows(await openUntitled(source), expected.fromScratch);
    await shows(document, source);
  });

test('hints follow the text', async () => {
  const document = await openUntitled('FROM scratch\n');
  const edit = new vscode.WorkspaceEdit();
  edit.insert(document.uri, new vscode.Position(1, 0), 'COPY a /a\n');
  await vscode.workspace.applyEdit(edit);
  await shows(document, expected.fromScratch.replace('layer', 'rebuilds · layer'));
});

test('hints follow the settings', async () => {
  const document = await openExample('flask/Dockerfile');
  await setting('strata.hints.metadata', true, () => shows(document, expected.flaskWithMetadata));
  await setting('strata.hints.shared', false, () => shows(document, expected.flask.replace('shared with 2', '[2/3]')));
  await setting('strata.hints.enabled', false, () => shows(document, expected.sourceOf(expected.flask)));
  await shows(document, expected.flask);
});

test('a file deleted while it is open disturbs nobody', async () => {
  const deleted = await openNew('names/deleted.Dockerfile', source);
  await shows(deleted, expected.fromScratch);
  await vscode.workspace.fs.delete(deleted.uri);
  await shows(await openExample('flask/Dockerfile'), expected.flask);
});
