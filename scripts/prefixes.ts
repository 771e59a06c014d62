/**
 * Whatever one has typed so far of a real file is answered:
 *   npm run prefixes -- --repositories DIR
 * Every prefix of the files of manifests/prefixes.json through all that can be asked of a text. Workers do it, watched
 * from outside: a prefix that takes longer than `patience` is taken for one that never ends.
 */
import { availableParallelism } from 'node:os';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { layerTable, layersJson } from '../server/src/core/build/table';
import { parsed } from '../server/src/core/syntax/parsed';
import { hintsIn } from '../server/src/features/hints';
import { hoverAt } from '../server/src/features/hover';
import { marksOf } from '../server/src/features/marks';
import { symbolsOf } from '../server/src/features/symbols';
import { readingOf } from '../server/src/session';
import { settingsOf } from '../server/src/settings';
import { fetchedFiles, type FetchedFile } from './repositories';

/** A file to the worker, of which it counts the prefixes; the exceptions come back. */
interface Job {
  readonly name: string;
  readonly text: string;
}

const patience = 10_000;
const settings = settingsOf({ hints: { metadata: true } }, undefined);

if (isMainThread) await watch();
else work(workerData as { jobs: Job[]; progress: Int32Array });

function askAll(text: string): void {
  const reading = readingOf(TextDocument.create('file:///Dockerfile', 'dockerfile', 1, text), settings);
  const { analysis, document } = reading;
  parsed(analysis.dockerfile, undefined, analysis.problems);
  layersJson(analysis, 'Dockerfile');
  layerTable(analysis, 'Dockerfile');
  hintsIn(reading, { start: { line: 0, character: 0 }, end: { line: document.lineCount, character: 0 } });
  marksOf(reading);
  symbolsOf(reading);
  // Where the cursor is while this is typed, and at the beginning of its line.
  const end = document.positionAt(text.length);
  hoverAt(reading, end);
  hoverAt(reading, { line: end.line, character: 0 });
}

function work({ jobs, progress }: { jobs: Job[]; progress: Int32Array }): void {
  for (const [i, { name, text }] of jobs.entries()) {
    Atomics.store(progress, 0, i);
    for (let end = 0; end <= text.length; end++) {
      Atomics.store(progress, 1, end);
      Atomics.add(progress, 2, 1);
      try {
        askAll(text.slice(0, end));
      } catch (error) {
        parentPort?.postMessage(`${name}, the first ${end} characters: ${error instanceof Error ? error.stack : String(error)}`);
      }
    }
  }
}

async function watch(): Promise<void> {
  const directory = process.argv[process.argv.indexOf('--repositories') + 1];
  if (!process.argv.includes('--repositories') || directory === undefined) {
    console.error('usage: npm run prefixes -- --repositories DIR');
    process.exit(2);
  }
  const { found, missing } = await fetchedFiles('scripts/manifests/prefixes.json', directory);
  for (const file of missing) console.log(`not found under ${directory}: ${nameOf(file)}`);
  const exceptions: string[] = [];
  const counts = await Promise.all(shares(found, availableParallelism()).map((jobs) => runWorker(jobs, (message) => {
    if (exceptions.push(message) <= 10) console.log(message);
  })));
  const prefixes = counts.reduce((sum, count) => sum + count, 0);
  console.log(`prefixes: ${found.length} files, ${prefixes} prefixes, ${exceptions.length} exceptions`);
  process.exit(exceptions.length > 0 || missing.length > 0 || found.length === 0 ? 1 : 0);
}

/** The files, the large ones first, each to whom has the least to do: the work grows with the square of the length. */
function shares(files: readonly (FetchedFile & { readonly text: string })[], n: number): Job[][] {
  const all = Array.from({ length: n }, () => ({ jobs: [] as Job[], work: 0 }));
  for (const file of [...files].sort((a, b) => b.text.length - a.text.length)) {
    const share = all.reduce((least, other) => (other.work < least.work ? other : least));
    share.jobs.push({ name: nameOf(file), text: file.text });
    share.work += file.text.length ** 2;
  }
  return all.map(({ jobs }) => jobs).filter((jobs) => jobs.length > 0);
}

function runWorker(jobs: readonly Job[], say: (exception: string) => void): Promise<number> {
  const progress = new Int32Array(new SharedArrayBuffer(12));
  const worker = new Worker(new URL(import.meta.url), { workerData: { jobs, progress } });
  worker.on('message', say);
  let seen = 0;
  const timer = setInterval(() => {
    const [job, end, count] = [0, 1, 2].map((i) => Atomics.load(progress, i));
    if (count === seen && count > 0) {
      console.log(`${jobs[job].name}, the first ${end} characters: no end after ${patience / 1000} s`);
      process.exit(1);
    }
    seen = count;
  }, patience);
  return new Promise((resolve, reject) => {
    worker.on('error', reject);
    worker.on('exit', () => {
      clearInterval(timer);
      resolve(Atomics.load(progress, 2));
    });
  });
}

function nameOf({ repository, path }: FetchedFile): string {
  return `${repository} ${path}`;
}
