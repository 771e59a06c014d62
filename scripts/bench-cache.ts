/** The cache in the editor: a context of 50,000 files read once, one file of it changed, and the verdicts after a keystroke. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { rebuildsOf } from '../server/src/baseline';
import type { ProjectBuild } from '../server/src/core/build/project';
import { hintsIn } from '../server/src/features/hints';
import { readingOf, type Reading } from '../server/src/session';
import { settingsOf } from '../server/src/settings';
import { openContexts, type Contexts, type FollowedContext } from '../server/src/workspace/contexts';
import { machineDisk } from '../server/src/workspace/machine-disk';
import { byTurns, median, milliseconds, printTable, quantile, type Row } from './bench-measure';

const files = 50_000;
const dockerfile = `FROM node:20 AS build
WORKDIR /app
COPY package.json ./
RUN npm ci
COPY --exclude=**/*.md src src
COPY . .
RUN npm run build
FROM nginx
COPY --from=build /app/dist /srv
${Array.from({ length: 20 }, (_, i) => `RUN step ${i}`).join('\n')}
`;

export async function benchCache(rounds: number): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'strata-bench-'));
  try {
    writeFiles(folder);
    const rows = await measured(folder, rounds);
    printTable(`a build context of ${files} files (beside: each of them read and hashed, nothing else)`, rows);
    return rows;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measured(folder: string, rounds: number): Promise<Row[]> {
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  const scans: number[] = [];
  const gaps: number[] = [];
  const raw: number[] = [];
  let contexts!: Contexts;
  for (let i = 0; i < 3; i++) {
    const plain = performance.now();
    readPlainly(folder);
    raw.push(performance.now() - plain);
    contexts = openContexts(machineDisk, { changed: () => undefined, report: () => undefined });
    const gap = longestGap();
    const began = performance.now();
    at(contexts, folder);
    await contexts.settled();
    scans.push(performance.now() - began);
    gaps.push(gap());
  }
  const opened = at(contexts, folder)!;
  read(dockerfile, opened, opened);
  globalThis.gc?.();
  const memory = process.memoryUsage().heapUsed - before;

  let written = 0;
  const changed = join(folder, 'src/p7/m3/f5.js');
  const update = async (): Promise<void> => {
    writeFileSync(changed, `changed ${written++}`);
    contexts.changed([changed]);
    await contexts.settled();
  };
  const updating = worked();
  const [updates] = await byTurns(rounds, [update], 0);
  const updateWork = updating() / rounds;
  const now = at(contexts, folder)!;
  const [first] = await byTurns(5, [async () => {
    await update();
    verdicts(read(dockerfile, opened, at(contexts, folder)!));
  }]);
  const type = (): void => verdicts(read(`${dockerfile}RUN typed ${written++}\n`, opened, now));
  const [keystrokes] = await byTurns(rounds, [type]);
  const typing = worked();
  for (let i = 0; i < rounds; i++) type();
  const typeWork = typing() / rounds;
  return [
    { what: '  first scan', ours: milliseconds(median(scans)), beside: milliseconds(median(raw)), ratio: median(scans.map((time, i) => time / raw[i])), target: '< 1.5 s', holds: median(scans) < 1500 },
    { what: '    the longest that a request waits meanwhile', ours: milliseconds(median(gaps)) },
    { what: '  one changed file', ours: milliseconds(median(updates)), target: '< 5 ms', holds: median(updates) < 5 },
    { what: '    95th of 100', ours: milliseconds(quantile(updates, 0.95)) },
    { what: '    processor time, the collector with it', ours: milliseconds(updateWork) },
    { what: '    and all hints after it', ours: milliseconds(median(first)) },
    { what: '  keystroke → all hints with their verdicts', ours: milliseconds(median(keystrokes)), target: '< 10 ms', holds: median(keystrokes) < 10 },
    { what: '    95th of 100', ours: milliseconds(quantile(keystrokes, 0.95)) },
    { what: '    processor time', ours: milliseconds(typeWork) },
    { what: '  memory', ours: `${(memory / 1e6).toFixed(0)} MB` },
  ];
}

function at(contexts: Contexts, folder: string): FollowedContext | undefined {
  return contexts.at(folder, join(folder, 'Dockerfile'));
}

const settings = settingsOf({}, undefined);

function read(text: string, before: FollowedContext, now: FollowedContext): Reading {
  const build: ProjectBuild = { title: '', facts: settings.facts, context: { kind: 'folder', files: now.context, ignoreFile: now.ignoreFile } };
  const view = { builds: [build] as const, texts: async () => new Map<string, string>(), address: () => undefined, inside: () => undefined };
  const document = TextDocument.create('file:///Dockerfile', 'dockerfile', 1, text);
  return { ...readingOf(document, settings, { ...view, builds: [build] }), baseline: { since: 'opened', text: dockerfile, context: before.context } };
}

function verdicts(reading: Reading): void {
  const hints = hintsIn(reading, { start: { line: 0, character: 0 }, end: { line: reading.document.lineCount, character: 0 } });
  if (!rebuildsOf(reading) || hints.length === 0) throw new Error('nothing would run again');
}

/** Answers how many milliseconds this process has worked since, whoever else the machine works for. */
function worked(): () => number {
  const began = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(began);
    return (user + system) / 1000;
  };
}

/** What no reading of a folder can go below. */
function readPlainly(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) readPlainly(path);
    else createHash('sha256').update(readFileSync(path)).digest('hex');
  }
}

/** Answers how long, at most, whoever else wanted to run had to wait since. */
function longestGap(): () => number {
  let longest = 0;
  let last = performance.now();
  let timer = setImmediate(tick);
  function tick(): void {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    timer = setImmediate(tick);
  }
  return () => {
    clearImmediate(timer);
    return longest;
  };
}

function writeFiles(folder: string): void {
  for (let i = 0; i < files / 100; i++) {
    const module = join(folder, i % 2 === 0 ? 'lib' : 'src', `p${i % 25}`, `m${i % 4}`, i < 100 ? '' : `d${i}`);
    mkdirSync(module, { recursive: true });
    for (let j = 0; j < 100; j++) writeFileSync(join(module, `f${j}.${j % 10 === 0 ? 'md' : 'js'}`), `export const v${i} = ${j};\n`.repeat(20 + j));
  }
  writeFileSync(join(folder, 'package.json'), '{}');
}
