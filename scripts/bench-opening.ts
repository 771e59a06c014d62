/** A Dockerfile whose image the engine has: the time from opening it until sizes are on its lines, and the image's history in the hover. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { median, milliseconds, printTable, type Row } from './bench-measure';
import { processorTime } from './bench-server';

const require = createRequire(import.meta.url);
const { StreamMessageReader, StreamMessageWriter, createMessageConnection } = require('vscode-languageserver/node') as typeof import('vscode-languageserver/node');
const run = promisify(execFile);
const docker = async (...args: string[]) => (await run('docker', args)).stdout.trim();

const title = 'didOpen → sizes on the lines, history in the hover, from a warm engine';
/** Made here, and taken away again. */
const image = `strata-bench-${process.pid}/app`;
const files = 20;

interface Took {
  /** From the start of the server's process. */
  readonly started: number;
  readonly hinted: number;
  readonly hovered: number;
  /** Of the processors, from opening to the end; undefined where the system does not tell. */
  readonly worked: number | undefined;
}

export async function benchOpening(starts: number): Promise<Row[]> {
  const scratch = mkdtempSync(join(tmpdir(), 'strata-bench-'));
  try {
    const folder = await projectIn(scratch);
    const times: Took[] = [];
    for (let i = -1; i < starts; i++) {
      const took = await openOnce(folder);
      if (i >= 0) times.push(took);
    }
    const [started, hinted, hovered] = (['started', 'hinted', 'hovered'] as const).map((part) => times.map((took) => took[part]));
    const aimed = (what: string, part: readonly number[]): Row[] => [
      { what: `  ${what}, median`, ours: milliseconds(median(part)), target: '< 300 ms', holds: median(part) < 300 },
      { what: `  ${what}, slowest`, ours: milliseconds(Math.max(...part)), target: '< 300 ms', holds: Math.max(...part) < 300 },
    ];
    const worked = times.flatMap((took) => took.worked ?? []);
    const rows = [...aimed('sizes', hinted), ...aimed('history', hovered), { what: '  history, from the start of the server', ours: milliseconds(median(started)) }];
    if (worked.length > 0) rows.push({ what: '  processor time of the server, all threads', ours: milliseconds(median(worked)) });
    printTable(`${title}, ${starts} fresh servers`, rows);
    return rows;
  } catch (error) {
    console.log(`${title}: skipped, ${error instanceof Error ? error.message.split('\n')[0] : String(error)}\n`);
    return [];
  } finally {
    await docker('image', 'rm', '--force', image).catch(() => undefined);
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** A repository with an image that is built of it. Its base is of what is there: nothing is pulled. */
async function projectIn(scratch: string): Promise<string> {
  const base = (await docker('image', 'ls', '--format', '{{.Repository}}:{{.Tag}}', 'busybox')).split('\n').find((name) => name !== '' && !name.includes('<none>'));
  if (base === undefined) throw new Error('the engine has no busybox image');
  const folder = join(scratch, 'project');
  mkdirSync(join(folder, 'app'), { recursive: true });
  const steps = Array.from({ length: files }, (_, i) => `COPY file${i} /app/\n`).join('');
  writeFileSync(join(folder, 'app', 'Dockerfile'), `FROM ${base}\nWORKDIR /app\n${steps}RUN wc -c /app/* > /sizes\nCMD ["cat", "/sizes"]\n`);
  for (let i = 0; i < files; i++) writeFileSync(join(folder, 'app', `file${i}`), `${i}\n`.repeat(1000 * (i + 1)));
  writeFileSync(join(folder, 'compose.yaml'), `services:\n  app:\n    image: ${image}\n    build: app\n`);
  const git = (...args: string[]) => run('git', ['-C', folder, '-c', 'user.name=Bench', '-c', 'user.email=bench@localhost', ...args]);
  await git('init', '--quiet');
  await git('add', '.');
  await git('commit', '--quiet', '--message', 'Begin');
  await docker('buildx', 'build', '--load', '--quiet', '--tag', image, join(folder, 'app'));
  return folder;
}

async function openOnce(folder: string): Promise<Took> {
  const uri = pathToFileURL(join(folder, 'app', 'Dockerfile')).href;
  const text = readFileSync(join(folder, 'app', 'Dockerfile'), 'utf8');
  const lines = text.split('\n');
  const born = performance.now();
  const child = spawn(process.execPath, [resolve('dist/server.js'), '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const connection = createMessageConnection(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin));
  let tell: () => void = () => {};
  const asksAgain = (): Promise<void> => new Promise((done) => (tell = done));
  connection.onRequest('workspace/configuration', ({ items }: { items: unknown[] }) => items.map(() => null));
  connection.onRequest('client/registerCapability', () => null);
  connection.onRequest('workspace/inlayHint/refresh', () => {
    tell();
    return null;
  });
  connection.listen();
  const workspace = { configuration: true, workspaceFolders: true, didChangeConfiguration: { dynamicRegistration: true }, inlayHint: { refreshSupport: true } };
  await connection.sendRequest('initialize', {
    processId: process.pid, rootUri: null, capabilities: { workspace }, initializationOptions: { trusted: true }, workspaceFolders: [{ uri: pathToFileURL(folder).href, name: 'project' }],
  });
  await connection.sendNotification('initialized', {});
  const before = processorTime(child.pid);
  const began = performance.now();
  await connection.sendNotification('textDocument/didOpen', { textDocument: { uri, languageId: 'dockerfile', version: 1, text } });
  const textDocument = { uri };
  const whole = { start: { line: 0, character: 0 }, end: { line: lines.length, character: 0 } };
  const last = { line: lines.findIndex((line) => line.startsWith('RUN')), character: 1 };
  // As an editor does: asked at once, and again whenever the server says that there is more.
  await until(async () => { const h = await connection.sendRequest("textDocument/inlayHint", { textDocument, range: whole }); return /\d [kM]?B/.test(labelOf(h, last.line)); });
  const hinted = performance.now() - began;
  await until(async () => JSON.stringify(await connection.sendRequest('textDocument/hover', { textDocument, position: last })).includes(image));
  const ended = performance.now();
  const after = processorTime(child.pid);
  await connection.sendRequest('shutdown');
  const gone = once(child, 'exit');
  await connection.sendNotification('exit');
  await gone;
  connection.dispose();
  return { started: ended - born, hinted, hovered: ended - began, worked: before === undefined || after === undefined ? undefined : after - before };

  async function until(seen: () => Promise<boolean>): Promise<void> {
    for (;;) {
      const more = asksAgain();
      if (await seen()) return;
      await more;
    }
  }
}

function labelOf(hints: unknown, line: number): string {
  const all = hints as { readonly position: { readonly line: number }; readonly label: string | readonly { readonly value: string }[] }[];
  return all.filter(({ position }) => position.line === line).map(({ label }) => (typeof label === 'string' ? label : label.map(({ value }) => value).join(''))).join(' ');
}
