/** Our language server beside dockerfile-language-server-nodejs: processes of their own, spoken to over stdio as an editor does. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { byTurns, median, milliseconds, printTable, quantile, ratioOf, type Row } from './bench-measure';

const require = createRequire(import.meta.url);
const { StreamMessageReader, StreamMessageWriter, createMessageConnection } = require('vscode-languageserver/node') as typeof import('vscode-languageserver/node');

interface Client {
  readonly open: (text: string) => Promise<void>;
  /** Types one character; our hints are asked for in so many lines above and below it. */
  readonly type: (place: Place, around?: number) => Promise<void>;
  /** Milliseconds of processor time so far, where the system tells. */
  readonly worked: () => number | undefined;
  readonly stop: () => Promise<void>;
}

interface Place {
  readonly line: number;
  readonly character: number;
}

/** VS Code asks for the lines that it shows, and for thirty more above and below. */
const inView = 55;
const uri = 'file:///bench/Dockerfile';
const ourServer = resolve('dist/server.js');
const theirServer = require.resolve('dockerfile-language-server-nodejs/lib/server.js');
const subjects = [() => connect(ourServer, 'hints'), () => connect(theirServer, 'diagnostics')];

export async function benchKeystrokes(text: string, keystrokes: number): Promise<Row[]> {
  const clients = await Promise.all(subjects.map((start) => start()));
  for (const client of clients) await client.open(text);
  const places = placesIn(text);
  let typed = 0;
  const type = (client: Client, around?: number) => () => client.type(places[Math.floor(typed++ / 20) % places.length], around);
  const [ours, theirs] = clients;
  const typing = [type(ours, inView), type(ours), type(theirs)];
  await byTurns(keystrokes / 4, typing);
  const [view, all, beside] = await byTurns(keystrokes, typing, 0);
  const work: (number | undefined)[] = [];
  for (const [i, client] of [ours, ours, theirs].entries()) {
    const before = client.worked();
    await byTurns(keystrokes, [typing[i]], 0);
    const after = client.worked();
    work.push(before === undefined || after === undefined ? undefined : (after - before) / keystrokes);
  }
  for (const client of clients) await client.stop();
  const rows = [
    ...keystrokeRows('hints of the lines in view', view, beside, work[0], work[2]),
    ...keystrokeRows('hints of the whole file', all, beside, work[1], work[2]),
  ];
  printTable(`keystroke in a ${kilobytes(text)} file → hints (beside: dockerfile-language-server's diagnostics)`, rows);
  return rows;
}

function keystrokeRows(what: string, ours: readonly number[], beside: readonly number[], ourWork: number | undefined, theirWork: number | undefined): Row[] {
  const rows: Row[] = [
    { what: `  ${what}`, ours: milliseconds(median(ours)), beside: milliseconds(median(beside)), ratio: ratioOf(ours, beside), target: '< 8 ms', holds: median(ours) < 8 },
    { what: '    95th of 100', ours: milliseconds(quantile(ours, 0.95)), beside: milliseconds(quantile(beside, 0.95)) },
  ];
  if (ourWork === undefined || theirWork === undefined) return rows;
  return [...rows, { what: '    processor time of the server, all threads', ours: milliseconds(ourWork), beside: milliseconds(theirWork), ratio: ourWork / theirWork }];
}

export async function benchStart(text: string, rounds: number): Promise<Row[]> {
  const started: Client[] = [];
  const starts = subjects.map((start) => async () => {
    const client = await start();
    await client.open(text);
    started.push(client);
  });
  const emptyProcess = async (): Promise<void> => void (await once(spawn(process.execPath, ['-e', '0']), 'exit'));
  const [ours, beside, empty] = await byTurns(rounds, [...starts, emptyProcess], 1);
  // All of them wait by now; that costs the later ones nothing.
  await Promise.all(started.map((client) => client.stop()));
  const rows: Row[] = [
    { what: '  median', ours: milliseconds(median(ours)), beside: milliseconds(median(beside)), ratio: ratioOf(ours, beside) },
    { what: '  a Node process that does nothing', ours: milliseconds(median(empty)) },
  ];
  printTable(`start of the server → first hints of a ${kilobytes(text)} file (beside: first diagnostics)`, rows);
  return rows;
}

/** `open` and `type` end when the answer is there: that of the hints, or the next diagnostics. */
async function connect(server: string, awaited: 'hints' | 'diagnostics'): Promise<Client> {
  const child = spawn(process.execPath, [server, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const connection = createMessageConnection(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin));
  let published: () => void = () => {};
  connection.onNotification('textDocument/publishDiagnostics', () => published());
  connection.onRequest('workspace/configuration', ({ items }: { items: unknown[] }) => items.map(() => null));
  connection.onRequest('client/registerCapability', () => null);
  connection.listen();
  const workspace = { configuration: true, didChangeConfiguration: { dynamicRegistration: true }, inlayHint: { refreshSupport: true } };
  const textDocument = { synchronization: { dynamicRegistration: true }, inlayHint: { dynamicRegistration: true }, publishDiagnostics: { versionSupport: true } };
  await connection.sendRequest('initialize', { processId: process.pid, rootUri: null, capabilities: { workspace, textDocument } });
  await connection.sendNotification('initialized', {});
  let version = 1;
  let lines = 0;

  return {
    open: async (text) => {
      lines = text.split('\n').length;
      await answered(() => connection.sendNotification('textDocument/didOpen', { textDocument: { uri, languageId: 'dockerfile', version, text } }), 0, lines);
    },
    type: async (place, around = lines) => {
      const contentChanges = [{ range: { start: place, end: place }, text: 'x' }];
      await answered(() => connection.sendNotification('textDocument/didChange', { textDocument: { uri, version: ++version }, contentChanges }), Math.max(0, place.line - around), Math.min(lines, place.line + around));
    },
    worked: () => processorTime(child.pid),
    stop: async () => {
      await connection.sendRequest('shutdown');
      const ended = once(child, 'exit');
      await connection.sendNotification('exit');
      await ended;
      connection.dispose();
    },
  };

  async function answered(send: () => Promise<void>, first: number, last: number): Promise<void> {
    if (awaited === 'hints') {
      await send();
      const range = { start: { line: first, character: 0 }, end: { line: last, character: 0 } };
      const hints = await connection.sendRequest<unknown[]>('textDocument/inlayHint', { textDocument: { uri }, range });
      if (hints.length === 0) throw new Error('no hints: what was measured is not what it says');
      return;
    }
    const diagnostics = new Promise<void>((done) => (published = done));
    await send();
    await diagnostics;
  }
}

/** What a busy machine does not lengthen. Linux counts it in hundredths of a second. */
export function processorTime(pid: number | undefined): number | undefined {
  const file = `/proc/${pid}/stat`;
  if (!existsSync(file)) return undefined;
  const [user, system] = readFileSync(file, 'utf8').replace(/^.*\) /s, '').split(' ').slice(11, 13).map(Number);
  return (user + system) * 10;
}

/** Ten places in the words of the file's RUNs, from its first to its last part. */
function placesIn(text: string): Place[] {
  const found = text.split('\n').flatMap((line, i) => (/^RUN \w/.test(line) ? [{ line: i, character: 6 }] : []));
  return Array.from({ length: 10 }, (_, i) => found[Math.floor((i * found.length) / 10)]);
}

function kilobytes(text: string): string {
  return `${Math.round(Buffer.byteLength(text) / 1000)} KB`;
}
