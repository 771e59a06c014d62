/**
 * The layer map: from the question to the first picture, in a fresh server and a fresh page of a browser, and from a keystroke to the
 * picture after it. The editor's own part, a frame for the page, is not in it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { pageOf } from '../client/view/page';
import { familiesRequest, mapRequest, type FamiliesAnswer, type MapAnswer, type MapParams } from '../server/src/protocol';
import { median, milliseconds, printTable, type Row } from './bench-measure';

const require = createRequire(import.meta.url);
const { StreamMessageReader, StreamMessageWriter, createMessageConnection } = require('vscode-languageserver/node') as typeof import('vscode-languageserver/node');
const title = 'layer map: asked → drawn';
const siblings = 200;
const keystrokes = 40;

export async function benchMap(rounds: number): Promise<Row[]> {
  const scratch = mkdtempSync(join(tmpdir(), 'strata-bench-'));
  let browser: Browser | undefined;
  try {
    const { launchBrowser } = await import(pathToFileURL(resolve('scripts/vscode/browser.mjs')).href);
    browser = (await launchBrowser()) as Browser;
    const single = { 'Dockerfile': stages };
    const family = Object.fromEntries(Array.from({ length: siblings }, (_, i) => [`s${i}/Dockerfile`, sibling(i)]));
    const one: Took[] = [];
    const many: Took[] = [];
    for (let i = -1; i < rounds; i++) {
      const took = await measured(browser, join(scratch, `one${i}`), single, false);
      const tookMany = await measured(browser, join(scratch, `many${i}`), family, true);
      if (i >= 0) {
        one.push(took);
        many.push(tookMany);
      }
    }
    const rows: Row[] = [...rowsOf('a file of five stages', one, 150), ...rowsOf(`a family of ${siblings}`, many, 500)];
    const typed = one.flatMap(({ typed: times }) => times);
    rows.push({ what: '  keystroke → drawn again, median', ours: milliseconds(median(typed)), target: '< 30 ms', holds: median(typed) < 30 });
    rows.push({ what: '  keystroke → drawn again, 95 % of them', ours: milliseconds(typed.toSorted((a, b) => a - b)[Math.floor(typed.length * 0.95)]) });
    printTable(`${title}, ${rounds} times`, rows);
    return rows;
  } catch (error) {
    console.log(`${title}: skipped, ${error instanceof Error ? error.message.split('\n')[0] : String(error)}\n`);
    return [];
  } finally {
    await browser?.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

interface Took {
  /** Page and answer, whichever is later, and then the drawing. */
  readonly first: number;
  readonly answer: number;
  readonly drawing: number;
  readonly typed: readonly number[];
}

function rowsOf(what: string, times: readonly Took[], aim: number): Row[] {
  const first = times.map((took) => took.first);
  return [
    { what: `  ${what}, first picture, median`, ours: milliseconds(median(first)), target: `< ${aim} ms`, holds: median(first) < aim },
    { what: `  ${what}, slowest`, ours: milliseconds(Math.max(...first)) },
    { what: '    of which the answer', ours: milliseconds(median(times.map(({ answer }) => answer))) },
    { what: '    of which the drawing', ours: milliseconds(median(times.map(({ drawing }) => drawing))) },
  ];
}

async function measured(browser: Browser, folder: string, files: Readonly<Record<string, string>>, isFamily: boolean): Promise<Took> {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const child = spawn(process.execPath, [resolve('dist/server.js'), '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const connection = createMessageConnection(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin));
  connection.onRequest('workspace/configuration', ({ items }: { items: unknown[] }) => items.map(() => null));
  connection.onRequest('client/registerCapability', () => null);
  connection.listen();
  const workspaceFolders = [{ uri: pathToFileURL(folder).href, name: 'project' }];
  await connection.sendRequest('initialize', { processId: process.pid, rootUri: null, capabilities: { workspace: { configuration: true, workspaceFolders: true } }, workspaceFolders });
  await connection.sendNotification('initialized', {});
  const [[path, text]] = Object.entries(files);
  const uri = pathToFileURL(join(folder, path)).href;
  await connection.sendNotification('textDocument/didOpen', { textDocument: { uri, languageId: 'dockerfile', version: 1, text } });
  let params: MapParams = { textDocument: { uri } };
  let answer: { readonly found: MapAnswer; readonly at: number } | undefined;
  while (!answer) {
    if (isFamily) {
      // The families are known before somebody can point at one.
      const { complete, families } = await connection.sendRequest<FamiliesAnswer>(familiesRequest, {});
      if (!complete || !families[0]) continue;
      params = { family: families[0].id };
    }
    const asked = performance.now();
    const found = await connection.sendRequest<MapAnswer | null>(mapRequest, params);
    if (found) answer = { found, at: performance.now() - asked };
  }
  const page = await browser.newPage({ viewport: { width: 900, height: 900 } });
  await speaks(page);
  const { address, stop } = await serve();
  const began = performance.now();
  // It draws as soon as its script has run.
  await page.goto(address, { waitUntil: 'domcontentloaded' });
  const loaded = performance.now() - began;
  const drawing = await draw(page, answer.found);
  // The page is loaded while the server answers.
  const first = Math.max(loaded, answer.at) + drawing;
  const typed: number[] = [];
  for (let version = 2; !isFamily && version < keystrokes + 2; version++) {
    const before = performance.now();
    await connection.sendNotification('textDocument/didChange', { textDocument: { uri, version }, contentChanges: [{ range: { start: { line: 3, character: 4 }, end: { line: 3, character: 4 } }, text: 'x' }] });
    const next = await connection.sendRequest<MapAnswer>(mapRequest, params);
    const asked = performance.now() - before;
    typed.push(asked + (await draw(page, next)));
  }
  await page.close();
  stop();
  await connection.sendRequest('shutdown');
  const gone = once(child, 'exit');
  await connection.sendNotification('exit');
  await gone;
  connection.dispose();
  return { first, answer: answer.at, drawing, typed };
}

/** Milliseconds in the page, until what was drawn is laid out and styled. */
function draw(page: Page, { map, candidates = [] }: MapAnswer): Promise<number> {
  const message = { type: 'map', source: { kind: 'document', uri: '' }, map, candidates };
  return page.evaluate((data) => {
    const start = performance.now();
    window.dispatchEvent(new MessageEvent('message', { data }));
    document.querySelector('svg.map [role=treeitem]')!.getBoundingClientRect();
    return performance.now() - start;
  }, message);
}

/** What the editor gives a page: our files, and a way to speak. */
async function serve(): Promise<{ readonly address: string; readonly stop: () => void }> {
  const server = createServer((request, response) => {
    const name = request.url?.slice(1) ?? '';
    const types: Readonly<Record<string, string>> = { '': 'text/html', 'map.js': 'text/javascript', 'map.css': 'text/css' };
    response.setHeader('Content-Type', types[name] ?? 'text/plain');
    response.end(name === '' ? pageOf({ script: '/map.js', style: '/map.css', source: "'self'", language: 'en' }) : name in types ? readFileSync(resolve('dist', name)) : '');
  });
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, stop: () => server.close() };
}

async function speaks(page: Page): Promise<void> {
  await page.addInitScript(() => {
    Object.assign(window, { acquireVsCodeApi: () => ({ postMessage: () => undefined, getState: () => undefined, setState: () => undefined }) });
  });
}

const stages = `\
FROM node:20 AS deps
WORKDIR /app
COPY package.json ./
RUN npm ci
FROM deps AS build
COPY . .
RUN npm run build
FROM deps AS test
COPY . .
RUN npm test
FROM golang:1.22 AS tools
RUN go install example.test/tool@latest
FROM nginx:1.27
COPY --from=build /app/dist /usr/share/nginx/html
COPY --from=tools /go/bin/tool /usr/bin/tool
EXPOSE 80
`;

function sibling(i: number): string {
  return `FROM python:3.12-slim\nENV A=1\nWORKDIR /app\nRUN apt-get update && apt-get install -y curl\nRUN pip install flask gunicorn\n${i % 3 === 0 ? 'RUN pip install redis\n' : ''}${i % 7 === 0 ? 'RUN pip install celery\n' : ''}COPY . .\nRUN python -m compileall .\nCMD ["python", "s${i}.py"]\n`;
}
