/** Families of 10,000 Dockerfiles: found from nothing, from the shapes that were kept, after an edit; beside jscpd, which finds copied runs. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { median, milliseconds, printTable, quantile, ratioOf, type Row } from './bench-measure';
import { isDockerfile, repositoryName } from './engine/repositories';
import { plantedCorpus } from './families-corpus';
import { catFiles, repositoriesUnder } from './repositories';
import { treeOf } from '../server/src/workspace/tree';

const many = 10_000;
const few = 1000;
const edits = 300;
const rounds = 3;
const peer = 'jscpd@5.3.3';
/** Many people's files, old and new. */
const collection = 'yinyuanzhang/dockerfiles';

interface Measured {
  readonly reading: number;
  readonly worked: number;
  readonly rss: number;
  readonly most: number;
  readonly files: number;
  readonly families: number;
  readonly members: number;
  readonly times: readonly number[];
}

export async function benchFamilies(directory: string | undefined): Promise<Row[]> {
  const scratch = mkdtempSync(join(tmpdir(), 'strata-bench-families-'));
  try {
    const texts = directory === undefined ? madeTexts() : await fetchedTexts(directory) ?? madeTexts();
    const all = write(join(scratch, 'many'), texts.files.slice(0, many));
    const some = write(join(scratch, 'few'), texts.files.slice(0, few));
    const rows = measured(scratch, all, some);
    printTable(`families of ${Math.min(many, texts.files.length)} ${texts.what} (beside: ${peer})`, rows);
    return rows;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function measured(scratch: string, all: string, some: string): Row[] {
  // Bundled once, so that the rounds are those of the program.
  spawnSync(process.execPath, ['scripts/run.mjs', 'scripts/bench-families-process.ts'], { stdio: 'inherit' });
  const jscpd = installed(scratch);
  const ours = { many: [] as Took[], few: [] as Took[] };
  const theirs = { many: [] as Took[], few: [] as Took[] };
  const cold: Measured[] = [];
  const warm: Measured[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const [size, folder] of [['few', some], ['many', all]] as const) {
      if (jscpd !== undefined) theirs[size].push(timed(jscpd, ['-f', 'docker', '--formats-names', 'docker:Dockerfile', folder]));
      const took = run(folder, join(scratch, `store-${size}-${round}`), 0);
      ours[size].push(took);
      if (size === 'many') cold.push(took.made);
    }
    warm.push(run(all, join(scratch, `store-many-${round}`), round === 0 ? edits : 0).made);
  }
  const [{ files, families, members }] = cold;
  console.log(`${files} files: ${families} families with ${members} stages`);
  const readings = cold.map(({ reading }) => reading);
  const works = cold.map(({ worked }) => worked);
  const again = warm.map(({ reading }) => reading);
  const { times } = warm[0];
  const memory = median(cold.map(({ rss }) => rss)) / 1e6;
  const most = Math.max(...cold.map((one) => one.most)) / 1e6;
  const processRow = (size: 'few' | 'many', of: 'clock' | 'worked'): Row => {
    const [own, other] = [ours[size], theirs[size]].map((tooks) => tooks.map((took) => took[of] ?? Number.NaN));
    const ratio = other.length === 0 ? undefined : ratioOf(own, other);
    return {
      what: `${size === 'few' ? few : many} files, the whole process${of === 'clock' ? '' : ', time of the processors'}`, ours: milliseconds(median(own)),
      ...(ratio !== undefined && { beside: milliseconds(median(other)), ratio, ...(size === 'few' && { target: '< 1', holds: ratio < 1 }) }),
    };
  };
  return [
    { what: 'cold: read, shapes, siblings, families', ours: milliseconds(median(readings)), target: '< 3 s', holds: median(readings) < 3000 },
    { what: 'the same, time of the processors', ours: milliseconds(median(works)) },
    { what: 'warm: shapes from the disk', ours: milliseconds(median(again)), beside: milliseconds(median(readings)), ratio: ratioOf(again, readings) },
    { what: `an edit, until its families are there (median of ${times.length})`, ours: milliseconds(median(times)), target: '< 20 ms', holds: median(times) < 20 },
    { what: 'the slowest of them', ours: milliseconds(quantile(times, 1)), target: '< 20 ms', holds: quantile(times, 1) < 20 },
    { what: 'memory of the process afterwards', ours: `${memory.toFixed(0)} MB`, target: '< 250 MB', holds: memory < 250 },
    { what: 'the most that it had', ours: `${most.toFixed(0)} MB` },
    processRow('few', 'clock'), processRow('few', 'worked'), processRow('many', 'clock'), processRow('many', 'worked'),
  ];
}

function run(folder: string, store: string, count: number): Took & { readonly made: Measured } {
  const { output, ...took } = timed(process.execPath, ['out/scripts/bench-families-process.mjs', folder, store, String(count)]);
  return { ...took, made: JSON.parse(output) as Measured };
}

/** Into a folder that goes again: it is no dependency of ours. */
function installed(scratch: string): string | undefined {
  const folder = join(scratch, 'peer');
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{"private": true}');
  spawnSync('npm', ['install', '--no-audit', '--no-fund', '--silent', peer], { cwd: folder, stdio: 'ignore' });
  const program = resolve(folder, 'node_modules/.bin/jscpd');
  if (existsSync(program)) return program;
  console.log(`${peer}: skipped, it could not be installed`);
  return undefined;
}

/** Milliseconds on the clock, and of the processors: the second are less at the mercy of whatever else runs. */
interface Took {
  readonly clock: number;
  readonly worked: number | undefined;
}

/** A shell tells what a process has worked, its threads and children too. */
function timed(program: string, args: readonly string[]): Took & { readonly output: string } {
  const began = performance.now();
  const { stdout, stderr, error } = spawnSync('bash', ['-c', 'TIMEFORMAT="%U %S"; time "$@" 2>/dev/null', 'bash', program, ...args], { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (error) throw error;
  const [user, system] = stderr.trim().split(' ').map(Number);
  return { clock: performance.now() - began, worked: Number.isNaN(user + system) ? undefined : (user + system) * 1000, output: stdout };
}

function madeTexts(): { readonly files: readonly string[]; readonly what: string } {
  const files = plantedCorpus(7, 1300, 3500).map(({ text }) => text);
  return { files, what: 'made Dockerfiles' };
}

async function fetchedTexts(directory: string): Promise<{ readonly files: readonly string[]; readonly what: string } | undefined> {
  const folder = repositoriesUnder(directory).find((one) => repositoryName(one) === collection);
  if (folder === undefined) {
    console.log(`${collection}: not found under ${directory}, made files instead`);
    return undefined;
  }
  const { commit, entries } = treeOf(folder, 'HEAD');
  const names = [...entries.keys()].filter(isDockerfile).toSorted().slice(0, many).map((path) => `${commit}:${path}`);
  return { files: [...(await catFiles(folder, names)).values()], what: `Dockerfiles of ${collection}` };
}

/** Each in a folder of its own, by the one name that both look for. */
function write(folder: string, texts: readonly string[]): string {
  texts.forEach((text, i) => {
    const own = join(folder, `g${Math.floor(i / 100)}`, `d${i}`);
    mkdirSync(own, { recursive: true });
    writeFileSync(join(own, 'Dockerfile'), text);
  });
  return folder;
}
