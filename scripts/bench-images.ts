/** An image of a gigabyte in 50 layers, read from archives and then from the store; beside: node inflates and hashes the same bytes. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeArchives, type Made } from './bench-images-archives';
import { median, milliseconds, printTable, ratioOf, type Row } from './bench-measure';

const layers = 50;
const rounds = 3;
/** In one process: the first of them with all to compile. */
const looks = 15;

interface Took {
  readonly took: readonly number[];
  /** The same in milliseconds of the processors. */
  readonly worked: readonly number[];
  /** The most memory that it had, in bytes. */
  readonly most: number;
  readonly count: number;
}

export async function benchImages(): Promise<Row[]> {
  const scratch = mkdtempSync(join(tmpdir(), 'strata-bench-images-'));
  try {
    const { made, bytes } = await makeArchives(scratch, layers);
    // Bundled once, so that the rounds are those of the program.
    spawnSync(process.execPath, ['scripts/run.mjs', 'scripts/bench-images-process.ts'], { stdio: 'inherit' });
    const rows = made.flatMap((one) => rowsOf(one, join(scratch, 'store')));
    printTable(`an image of ${(bytes / 1e6).toFixed(0)} MB in ${layers} layers (beside: inflate and sha256)`, rows);
    return rows;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function rowsOf({ path, form, places }: Made, store: string): Row[] {
  const ours: Took[] = [];
  const theirs: Took[] = [];
  for (let round = 0; round < rounds; round++) {
    const turns = [() => ours.push(run('read', path)), () => theirs.push(run('beside', path, JSON.stringify({ form, places })))];
    for (const turn of round % 2 === 0 ? turns : turns.toReversed()) turn();
  }
  rmSync(store, { recursive: true, force: true });
  const filling = run('kept', path, store);
  const size = readdirSync(store).reduce((sum, name) => sum + statSync(join(store, name)).size, 0);
  const again: number[] = [];
  const againWorked: number[] = [];
  const floor: number[] = [];
  const firsts: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const { took: [first, ...others], worked: [, ...processors] } = run('kept', path, store, String(looks));
    firsts.push(first);
    again.push(...others);
    againWorked.push(...processors);
    floor.push(...run('objects', String(ours[0].count), '-', String(looks)).took.slice(1));
  }
  const [own, other] = [ours, theirs].map((tooks) => tooks.map(({ took }) => took[0]));
  const [worked, besides] = [ours, theirs].map((tooks) => tooks.map((one) => one.worked[0]));
  const most = Math.max(...ours.map((one) => one.most)) / 1e6;
  console.log(`${form}: ${ours[0].count} entries, ${(size / 1e6).toFixed(1)} MB kept`);
  return [
    { what: form, ours: milliseconds(median(own)), beside: milliseconds(median(other)), ratio: ratioOf(own, other) },
    { what: '  time of the processors', ours: milliseconds(median(worked)), beside: milliseconds(median(besides)), ratio: ratioOf(worked, besides) },
    { what: '  the most memory of the process', ours: `${most.toFixed(0)} MB`, beside: `${(Math.max(...theirs.map((one) => one.most)) / 1e6).toFixed(0)} MB`, target: '< 200 MB', holds: most < 200 },
    { what: '  what it wastes, with a store, the first time', ours: milliseconds(filling.took[0]) },
    { what: '  the second, in a new process', ours: milliseconds(median(firsts)), target: '< 50 ms', holds: median(firsts) < 50 },
    { what: `  once more in the same one (beside: as many objects, made of nothing)`, ours: milliseconds(median(again)), beside: milliseconds(median(floor)), ratio: ratioOf(again, floor), target: '< 50 ms', holds: median(again) < 50 },
    { what: '  the quickest of them', ours: milliseconds(Math.min(...again)), beside: milliseconds(Math.min(...floor)) },
    { what: '  time of the processors', ours: milliseconds(median(againWorked)) },
  ];
}

function run(...args: readonly string[]): Took {
  const { stdout, stderr, status } = spawnSync(process.execPath, ['out/scripts/bench-images-process.mjs', ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Took;
}
