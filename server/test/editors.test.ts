/** What an editor gets that asks for less than VS Code does. */
import { expect, test } from 'vitest';
import type { PublishDiagnosticsParams } from 'vscode-languageserver/node';
import { connect, uri, type Client } from './client';

/** Without `textDocument.diagnostic`: it waits to be told. */
const plain = { capabilities: { workspace: { configuration: true } } };

test('diagnostics are sent to an editor that does not ask for them, anew when it types, and none for a file that is closed', async () => {
  const client = await connect({}, plain);
  const next = published(client);
  await client.open('FROM node:22\nCOPY . .\nRUN npm ci\nCOPY package.json package-lock.json ./\n');
  expect(await next()).toEqual({ version: 1, codes: ['copy-before-install'] });
  await client.change(2, { start: { line: 1, character: 0 }, end: { line: 1, character: 8 } }, 'COPY package.json package-lock.json ./');
  expect(await next()).toEqual({ version: 2, codes: [] });
  await client.connection.sendNotification('textDocument/didClose', { textDocument: { uri } });
  expect(await next()).toEqual({ version: undefined, codes: [] });
});

test('an editor that asks for them is not told, too', async () => {
  const client = await connect();
  let told = 0;
  client.connection.onNotification('textDocument/publishDiagnostics', () => void told++);
  await client.open('FROM node:22\nCOPY . .\nRUN npm ci\n');
  await client.ask('textDocument/diagnostic', { textDocument: { uri } });
  await client.connection.sendNotification('textDocument/didClose', { textDocument: { uri } });
  await client.ask('textDocument/hover', { textDocument: { uri }, position: { line: 0, character: 0 } });
  expect(told).toBe(0);
});

function published({ connection }: Client): () => Promise<{ readonly version: number | undefined; readonly codes: readonly unknown[] }> {
  const told: PublishDiagnosticsParams[] = [];
  let wake = (): void => {};
  connection.onNotification('textDocument/publishDiagnostics', (params: PublishDiagnosticsParams) => {
    told.push(params);
    wake();
  });
  return async () => {
    while (told.length === 0) await new Promise<void>((resolve) => (wake = resolve));
    const { version, diagnostics } = told.shift()!;
    return { version, codes: diagnostics.map(({ code }) => code) };
  };
}
