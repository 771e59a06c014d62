/**
 * One reading of an image archive in a process of its own, for bench-images.ts. Prints one line of JSON.
 *   node out/scripts/bench-images-process.mjs read PATH             the archive, without a store
 *   node out/scripts/bench-images-process.mjs kept PATH STORE TIMES  what it wastes, with a store, so many times
 *   node out/scripts/bench-images-process.mjs beside PATH PLACES    inflates and hashes the same bytes, and does nothing else
 *   node out/scripts/bench-images-process.mjs objects COUNT - TIMES     makes as many entries of nothing, so many times
 */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { wasteIn } from '../server/src/core/image/losses';
import type { LayerEntry } from '../server/src/core/image/model';
import type { Made, Place } from './bench-images-archives';
import { openArchive } from '../server/src/workspace/images/archive';
import { withContent } from '../server/src/workspace/images/named';
import { openLayerStore, type LayerStore } from '../server/src/workspace/images/layer-store';

const someText = 'usr/lib/packages/p1/module-12/part-12-123/index-12.js'.repeat(1000);

const [what, path, more, times] = process.argv.slice(2);
// Asked only to be bundled.
if (what !== undefined) await measure();

async function measure(): Promise<void> {
  const took: number[] = [];
  const worked: number[] = [];
  let count = 0;
  for (let i = 0; i < Number(times ?? 1); i++) {
    const began = performance.now();
    const before = process.cpuUsage();
    if (what === 'objects') count = made(Number(path)).length;
    else if (what === 'beside') count = await hashed(JSON.parse(more) as Pick<Made, 'form' | 'places'>);
    else if (what === 'kept') count = await wasted(openLayerStore(more));
    else count = await read();
    took.push(performance.now() - began);
    const { user, system } = process.cpuUsage(before);
    worked.push((user + system) / 1000);
  }
  console.log(JSON.stringify({ took, worked, most: mostMemory(), count }));
}

/** In bytes. On Linux `maxRSS` is at least what the parent had when it started us. */
function mostMemory(): number {
  const status = '/proc/self/status';
  const own = existsSync(status) ? /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(status, 'utf8'))?.[1] : undefined;
  return Number(own ?? process.resourceUsage().maxRSS) * 1024;
}

/** As `strata waste` asks for it. Answers the number of bytes. */
function wasted(store: LayerStore): Promise<number> {
  return withContent(path, {}, async ({ layers }) => wasteIn(await layers()).total, store);
}

/** All of it at once, as those who ask for it have it. Answers the number of entries. */
async function read(): Promise<number> {
  const layers = [];
  for await (const layer of (await openArchive(path)).layers()) layers.push(layer);
  return layers.reduce((sum, { entries }) => sum + entries.length, 0);
}

/** What no reading of so many entries can go below: the collector takes most of it. */
function made(count: number): LayerEntry[] {
  return Array.from({ length: count }, (_, i) => ({
    path: someText.slice(i % 50_000, (i % 50_000) + 53), kind: 'file', size: i, mode: 0o644, uid: 0, gid: 0, mtime: 1.7e9, content: someText.slice(i % 50_000, (i % 50_000) + 71),
  }));
}

async function hashed({ form, places }: Pick<Made, 'form' | 'places'>): Promise<number> {
  let bytes = 0;
  const one = async (place?: Place): Promise<void> => {
    const file = createReadStream(path, place && { start: place.offset, end: place.offset + place.size - 1 });
    const stream: Readable = form === 'plain layers' ? file : file.pipe(createGunzip());
    const hash = createHash('sha256');
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      hash.update(chunk);
      bytes += chunk.length;
    }
    hash.digest();
  };
  if (places) for (const place of places) await one(place);
  else await one();
  return bytes;
}
