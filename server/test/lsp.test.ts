/** The server end to end, over streams in memory: what a client sends, and what it gets. */
import { expect, test } from 'vitest';
import { CancellationTokenSource, type DocumentSymbol, type Hover } from 'vscode-languageserver/node';
import { changedNotification, layersRequest, tableRequest, type LayersAnswer } from '../src/protocol';
import { connect, uri } from './client';

test('hints follow the text, by whole lines and by single characters', async () => {
  const client = await connect();
  await client.open('FROM scratch\n');
  expect(await client.labels()).toEqual(['base: empty']);
  await client.change(2, { start: { line: 1, character: 0 }, end: { line: 1, character: 0 } }, 'RUN a\n');
  expect(await client.labels()).toEqual(['base: empty', 'rebuilds · layer 1 · [1/1]']);
  await client.change(3, { start: { line: 1, character: 0 }, end: { line: 1, character: 1 } }, '#');
  expect(await client.labels()).toEqual(['base: empty']);
});

test('all that is asked of one version is answered', async () => {
  const client = await connect();
  await client.open('FROM scratch AS a\nRUN b\n');
  const textDocument = { uri };
  const [hover, symbols, layers, table] = await Promise.all([
    client.ask<Hover>('textDocument/hover', { textDocument, position: { line: 1, character: 0 } }),
    client.ask<DocumentSymbol[]>('textDocument/documentSymbol', { textDocument }),
    client.ask<LayersAnswer>(layersRequest, { textDocument }),
    client.ask<string>(tableRequest, { textDocument }),
  ]);
  expect(JSON.stringify(hover.contents)).toContain('layer 1 of 1');
  expect(symbols.map(({ name }) => name)).toEqual(['a']);
  expect(layers).toMatchObject({ version: 1, stages: [{ name: 'a', layers: 1, target: true }] });
  expect(table).toContain('RUN /bin/sh -c b');
});

test('settings are pulled, and pulled again when they change', async () => {
  const client = await connect({ hints: { layers: false } });
  await client.open('FROM scratch\nARG A=1\nRUN a\n');
  expect(await client.labels()).toEqual(['base: empty']);
  client.settings = { hints: { from: 'off' }, buildArgs: { A: 2 } };
  await client.connection.sendNotification('workspace/didChangeConfiguration', { settings: null });
  expect(await client.labels()).toEqual(['layer 1 · [1/1]']);
  expect(client.heard).toContain('workspace/inlayHint/refresh');
  expect(client.heard).toContain(changedNotification);
  expect(JSON.stringify(await client.hints())).toContain('A=2');
});

test('nonsense in the settings is as if it were not there, and said once', async () => {
  const client = await connect({ hints: 7, builder: 'gcc', buildArgs: [null], target: {} });
  await client.open('FROM scratch\nRUN a\n');
  expect(await client.labels()).toHaveLength(2);
  await client.open('FROM scratch\n', 'untitled:Untitled-2');
  await client.hints('untitled:Untitled-2');
  expect(client.said.filter((line) => line.includes('gcc'))).toHaveLength(1);
});

test('a client that sends its settings instead, or none', async () => {
  const client = await connect(undefined, { capabilities: {}, initializationOptions: { hints: { from: 'off' } } });
  await client.open('FROM scratch\nRUN a\n');
  expect(await client.labels()).toEqual(['layer 1 · [1/1]']);
  await client.connection.sendNotification('workspace/didChangeConfiguration', { settings: { strata: { hints: { layers: false } } } });
  expect(await client.labels()).toEqual(['base: empty']);
});

test('what is not ours, or not open, has no answer', async () => {
  const client = await connect();
  await client.open('FROM {{ image }}\n', 'file:///Dockerfile.j2');
  expect(await client.hints('file:///Dockerfile.j2')).toEqual([]);
  expect(await client.hints('file:///never')).toEqual([]);
  const position = { line: 0, character: 0 };
  expect(await client.ask('textDocument/hover', { textDocument: { uri: 'file:///never' }, position })).toBeNull();
});

test('bad input is answered', async () => {
  const client = await connect();
  const texts = ['', '\0', '\ud800', 'FROM b AS a\nFROM a AS b\n', 'FROM a\nRUN <<E\n', '# escape=`\nFROM a\nRUN `', 'FROM\nFROM\nRUN\n', '\r\r\r', '\ufeffFROM a'];
  let version = 0;
  await client.open('');
  for (const text of texts) {
    await client.connection.sendNotification('textDocument/didChange', { textDocument: { uri, version: ++version + 1 }, contentChanges: [{ text }] });
    expect(await client.hints()).toBeInstanceOf(Array);
    const position = { line: 99, character: 99 };
    await client.ask('textDocument/hover', { textDocument: { uri }, position });
    await client.ask('textDocument/documentSymbol', { textDocument: { uri } });
    await client.ask(layersRequest, { textDocument: { uri } });
    await client.ask(tableRequest, { textDocument: { uri }, stage: 99 });
  }
  expect(client.said).toEqual([]);
});

test('a cancelled question is not answered', async () => {
  const client = await connect();
  await client.open('FROM a\n');
  const source = new CancellationTokenSource();
  const asked = client.connection.sendRequest(layersRequest, { textDocument: { uri } }, source.token);
  source.cancel();
  await expect(asked).rejects.toMatchObject({ message: expect.stringMatching(/cancel/i) });
});
