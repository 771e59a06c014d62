/**
 * How fast we are, beside others on the same files in the same run:
 *   npm run bench [-- --repositories DIR] [--only reading,growth,cache,families,images,opening,map,server,editor,size]
 * DIR holds git repositories (bare or not), from which the files of manifests/known.json are read. The ratios are what
 * counts; the times are those of this machine at this moment.
 */
import { availableParallelism, cpus, loadavg } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { spawnSync } from 'node:child_process';
import { benchCache } from './bench-cache';
import { benchActivation, benchSize } from './bench-editor';
import { benchFamilies } from './bench-families';
import { benchImages } from './bench-images';
import { benchMap } from './bench-map';
import type { Row } from './bench-measure';
import { benchOpening } from './bench-opening';
import { benchGrowth, benchReading } from './bench-reading';
import { benchKeystrokes, benchStart } from './bench-server';
import { realisticFile } from './bench-texts';
import { fetchedFiles } from './repositories';

setFlagsFromString('--expose-gc');
globalThis.gc = runInNewContext('gc') as typeof globalThis.gc;

const options = new Map<string, string>();
for (let i = 2; i < process.argv.length; i += 2) options.set(process.argv[i], process.argv[i + 1]);
const directory = options.get('--repositories');
const only = options.get('--only')?.split(',');
const large = realisticFile(31000);
const rows: Row[] = [];

console.log(`Node ${process.versions.node}, ${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown'}, load ${loadavg()[0].toFixed(1)}\n`);

if (wanted('reading')) {
  rows.push(...(await benchReading(`31 KB, ${large.split('\n').length} lines`, [large], 41, 20)));
  if (directory === undefined) console.log('fetched files: skipped, no --repositories DIR\n');
  else {
    const { found, missing } = await fetchedFiles('scripts/manifests/known.json', directory);
    const texts = found.map(({ text }) => text);
    const size = (texts.reduce((sum, text) => sum + text.length, 0) / 1e6).toFixed(1);
    const title = `${texts.length} fetched files, ${size} MB${missing.length > 0 ? `, ${missing.length} not found` : ''}`;
    if (texts.length > 0) rows.push(...(await benchReading(title, texts, 21, 1)));
    else console.log(`${title}: skipped, none under ${directory}\n`);
  }
}
// Smaller texts have no share in the work of the garbage collector, and would make larger ones look worse than they are.
if (wanted('growth')) rows.push(...(await benchGrowth(100_000, 7)));
if (wanted('cache')) rows.push(...(await benchCache(100)));
if (wanted('families')) rows.push(...(await benchFamilies(directory)));
if (wanted('images')) rows.push(...(await benchImages()));
if (['opening', 'map', 'server', 'editor', 'size'].some(wanted)) {
  if (spawnSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' }).status !== 0) throw new Error('the programs do not build');
}
if (wanted('opening')) rows.push(...(await benchOpening(15)));
if (wanted('map')) rows.push(...(await benchMap(15)));
if (wanted('server')) {
  rows.push(...(await benchKeystrokes(large, 400)));
  rows.push(...(await benchStart(large, 15)));
}
if (wanted('editor')) rows.push(...(await benchActivation(5)));
if (wanted('size')) rows.push(...(await benchSize()));

const aimed = rows.filter(({ holds }) => holds !== undefined);
console.log(`bench: ${aimed.filter(({ holds }) => holds).length} of ${aimed.length} targets hold`);
process.exit(0);

function wanted(part: string): boolean {
  return only === undefined || only.includes(part);
}
