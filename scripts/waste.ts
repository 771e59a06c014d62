/**
 * Builds images that copy on write with the Docker engine that answers here, saves them, and compares what we find wasted with a
 * recount made in another way, what dive would say with a plain rendering of its source, and the layers' sizes with the engine's:
 *   npm run test:waste [-- --few] [--only TEXT] [--base IMAGE,...]
 * `--few`: a few of them, in seconds. `--base`: images of the engine, on which some cases are built, too. Nothing is pulled where a
 * small image with /bin/sh is there.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withSizes } from '../server/src/core/image/config';
import type { Image, LayerFiles } from '../server/src/core/image/model';
import { wasteOf, type Waste } from '../server/src/core/image/waste';
import { openArchive } from '../server/src/workspace/images/archive';
import { build, docker, importImage, type Engine } from './engine/docker';
import { onEngine, optionsOf, scratchFolder } from './engine/start';
import { tarOver } from './engine/tar';
import { cases } from './waste/cases';
import { diveOf, recount, unpack, type Recount } from './waste/recount';

const options = optionsOf();
const few = options.has('--few');
const only = options.get('--only');
const floor = 4096;
/** Bytes of a file: on both sides of the floor for duplicates. */
const sizes = few ? [70_000] : [3000, 70_000];

const folder = scratchFolder('waste', () => [...made]);
const host = `strata-waste-${process.pid}.test`;
const made = new Set<string>();

await onEngine('waste', main);

async function main(engine: Engine, files: Buffer): Promise<void> {
  const context = writeContext();
  const plain = `${host}/plain:latest`;
  made.add(plain);
  await importImage(tarOver(files, [{ path: '.strata/waste', text: host }]), plain);
  const layered = `${host}/layered:latest`;
  await make(engine, layered, context, plain, ['RUN yes a | head -c 90000 > /base-a && ln /base-a /base-b', 'RUN chmod 700 /base-a', 'RUN rm /base-b && rm -rf /var/cache'], 0);

  const jobs = [plain, layered].flatMap((base) => (base === plain ? sizes : sizes.slice(-1)).flatMap((size) => cases.map((one) => ({ ...one, base, size })))).filter((_, i) => !few || i % 7 === 0);
  for (const base of (options.get('--base') ?? '').split(',').filter((name) => name !== '')) {
    for (const one of cases.filter(({ name }) => ['chown of a tree', 'rm -r', 'lists left', 'COPY over'].includes(name))) jobs.push({ ...one, base, size: 70_000 });
  }
  let different = 0;
  const wanted = jobs.filter(({ name }) => only === undefined || name.includes(only));
  console.log(row('case', 'base', 'size', 'layers', 'files', 'held', 'wasted', 'of these', 'dive', ''));
  for (const [index, { name, base, size, lines }] of wanted.entries()) {
    const reference = `${host}/made:${index}`;
    await make(engine, reference, context, base, lines, size);
    const problems = await compare(reference, name, base, size, index);
    if (problems.length > 0) different++;
    for (const problem of problems) console.log(`    ${problem}`);
  }
  console.log(`waste: ${wanted.length} images, ${different} different`);
  if (different > 0) process.exitCode = 1;
}

async function make(engine: Engine, reference: string, context: string, base: string, lines: readonly string[], size: number): Promise<void> {
  const file = join(folder, 'Dockerfile');
  writeFileSync(file, [`FROM ${base}`, 'USER 0', ...lines].join('\n').replaceAll('SIZE', String(size)) + '\n');
  made.add(reference);
  const { error } = await build(engine, { tag: reference, file, context });
  if (error !== undefined) throw new Error(`${reference}: ${error}\n${lines.join('\n')}`);
}

function writeContext(): string {
  const context = join(folder, 'context');
  mkdirSync(join(context, 'tree', 'below'), { recursive: true });
  for (const size of sizes) {
    for (const name of ['a', 'a2', 'b', 'tree/a', 'tree/c', 'tree/below/d']) {
      const at = name.includes('/') ? name.replace(/\/(\w)$/, `/${size}.$1`) : `${size}.${name}`;
      writeFileSync(join(context, at), Buffer.alloc(size, name.replace(/[\d/]|tree|below/g, '')));
    }
  }
  return context;
}

async function compare(reference: string, name: string, base: string, size: number, index: number): Promise<readonly string[]> {
  const archive = join(folder, `${index}.tar`);
  const saved = await docker(['image', 'save', '-o', archive, reference]);
  if (saved.code !== 0) throw new Error(saved.stderr);
  const { image, layers: reading } = await openArchive(archive, { reference });
  const layers: LayerFiles[] = [];
  for await (const layer of reading()) layers.push(layer);
  const waste = wasteOf(layers, { floor });

  const unpacked = unpack(archive, join(folder, String(index)));
  const other = recount(unpacked, floor);
  const dive = diveOf(unpacked);
  const problems = [...differences(waste, other), ...await sizeDifferences(reference, withSizes(image, layers), layers)];
  if (Math.abs(dive.efficiency - waste.dive.efficiency) > 1e-12 || dive.wastedBytes !== waste.dive.wastedBytes) problems.push(`dive: ${JSON.stringify(waste.dive)}, recounted ${JSON.stringify(dive)}`);

  const held = waste.layers.reduce((sum, layer) => sum + layer.bytes, 0);
  const kinds = Object.entries(waste.bytes).filter(([, bytes]) => bytes > 0).map(([kind, bytes]) => `${kind} ${bytes}`).join(', ');
  console.log(row(name, base.startsWith(host) ? base.slice(host.length + 1).replace(':latest', '') : base, size, layers.length, other.entries, held, waste.total, kinds, `${(waste.dive.efficiency * 100).toFixed(1)}% ${waste.dive.wastedBytes}`, problems.length > 0 ? 'DIFFERENT' : 'equal'));
  rmSync(archive);
  rmSync(join(folder, String(index)), { recursive: true });
  return problems;
}

function differences({ items, total }: Waste, { lost, duplicates, leftOver, total: otherTotal, firstName }: Recount): string[] {
  const problems: string[] = [];
  if (total !== otherTotal) problems.push(`${total} bytes wasted, recounted ${otherTotal}`);
  const expected = new Set([...[...lost.keys()].map((key) => `lost ${key}`), ...[...duplicates.keys()].map((key) => `duplicate ${key}`), ...[...leftOver.keys()].map((key) => `left-over ${key}`)]);
  for (const { kind, path, bytes, layer, by } of items) {
    const key = `${layer} ${kind === 'left-over' ? path : firstName(layer, path)}`;
    const group = kind === 'duplicate' || kind === 'left-over' ? kind : 'lost';
    const there = expected.delete(`${group} ${key}`);
    const found = lost.get(key);
    const isRight = group === 'lost' ? found?.bytes === bytes && found.by === by && found.kinds.has(kind) : (kind === 'duplicate' ? duplicates : leftOver).get(key) === bytes;
    if (!there || !isRight) problems.push(`${kind} ${path}: ${bytes} of layer ${layer} by ${by}, recounted ${group === 'lost' && found ? `${found.bytes} by ${found.by} (${[...found.kinds].join(', ')})` : 'otherwise'}`);
  }
  for (const key of expected) problems.push(`not found: ${key}`);
  return problems;
}

/**
 * `docker image history` has the newest first, and 0 bytes for empty layers. Of a layer that was pulled, loaded or imported the engine
 * counts the targets of symlinks, too, of one that it built it does not (see contentSize).
 */
async function sizeDifferences(reference: string, { rows }: Image, layers: readonly LayerFiles[]): Promise<readonly string[]> {
  const { code, stdout, stderr } = await docker(['image', 'history', '--no-trunc', '--human=false', '--format', '{{.Size}}', reference]);
  if (code !== 0) throw new Error(stderr);
  const theirs = stdout.toString().trim().split('\n').reverse().map(Number);
  const isRight = rows.length === theirs.length && rows.every(({ size, diffId }, i) => {
    const links = layers.find((layer) => layer.diffId === diffId)?.entries.reduce((sum, { kind, link }) => sum + (kind === 'symlink' ? Buffer.byteLength(link ?? '') : 0), 0);
    return size === theirs[i] || size! + links! === theirs[i];
  });
  return isRight ? [] : [`sizes of rows: ${rows.map(({ size }) => size).join(' ')}, the engine says ${theirs.join(' ')}`];
}

function row(...cells: readonly (string | number)[]): string {
  const widths = [30, 10, 6, 6, 6, 9, 8, 44, 15, 0];
  return cells.map((cell, i) => (typeof cell === 'number' ? String(cell).padStart(widths[i]) : cell.padEnd(widths[i]))).join(' ');
}
