/** A client of the server in memory: what an editor sends, what it gets, and what the server asks of it. */
import { PassThrough } from 'node:stream';
import { afterEach } from 'vitest';
import {
  StreamMessageReader, StreamMessageWriter, createConnection, createMessageConnection, type InitializeResult, type InlayHint, type MessageConnection, type Range, type ServerCapabilities,
} from 'vscode-languageserver/node';
import { startServer } from '../src/lsp';
import { changedNotification } from '../src/protocol';
import type { Host } from '../src/session';

export const uri = 'untitled:Untitled-1';
let ends: (() => void)[] = [];
afterEach(() => {
  ends.forEach((end) => end());
  ends = [];
});

export interface Client {
  readonly connection: MessageConnection;
  settings: unknown;
  /** Requests and notifications from the server. */
  readonly heard: string[];
  /** Lines in its console. */
  readonly said: string[];
  /** What the server says that it can do. */
  can: ServerCapabilities;
  open(text: string, as?: string): Promise<void>;
  change(version: number, range: Range, text: string): Promise<void>;
  hints(of?: string): Promise<InlayHint[]>;
  labels(): Promise<unknown[]>;
  ask<Answer>(method: string, params: object): Promise<Answer>;
}

const allOf = { textDocument: { diagnostic: {} }, workspace: { codeLens: { refreshSupport: true }, didChangeWatchedFiles: { dynamicRegistration: true }, configuration: true, didChangeConfiguration: { dynamicRegistration: true }, inlayHint: { refreshSupport: true } } };

export async function connect(settings: unknown = {}, start: object = {}, host?: Host): Promise<Client> {
  const [up, down] = [new PassThrough(), new PassThrough()];
  const server = createConnection(new StreamMessageReader(up), new StreamMessageWriter(down));
  startServer(server, host);
  const connection = createMessageConnection(new StreamMessageReader(down), new StreamMessageWriter(up));
  const client: Client = {
    connection, settings, heard: [], said: [], can: {},
    open: (text, as = uri) => connection.sendNotification('textDocument/didOpen', { textDocument: { uri: as, languageId: 'dockerfile', version: 1, text } }),
    change: (version, range, text) => connection.sendNotification('textDocument/didChange', { textDocument: { uri, version }, contentChanges: [{ range, text }] }),
    hints: (of = uri) => client.ask('textDocument/inlayHint', { textDocument: { uri: of }, range: { start: { line: 0, character: 0 }, end: { line: 9999, character: 0 } } }),
    labels: async () => (await client.hints()).map(({ label }) => label),
    ask: (method, params) => connection.sendRequest(method, params),
  };
  connection.onRequest('workspace/configuration', ({ items }: { items: unknown[] }) => items.map(() => client.settings));
  connection.onRequest('client/registerCapability', () => null);
  connection.onRequest('workspace/inlayHint/refresh', () => (client.heard.push('workspace/inlayHint/refresh'), null));
  connection.onRequest('workspace/codeLens/refresh', () => (client.heard.push('workspace/codeLens/refresh'), null));
  connection.onNotification(changedNotification, () => void client.heard.push(changedNotification));
  connection.onNotification('window/logMessage', ({ message }: { message: string }) => void client.said.push(message));
  connection.listen();
  ends.push(() => {
    connection.dispose();
    server.dispose();
  });
  const { capabilities } = await connection.sendRequest<InitializeResult>('initialize', { processId: null, rootUri: null, capabilities: allOf, ...start });
  client.can = capabilities;
  await connection.sendNotification('initialized', {});
  return client;
}
