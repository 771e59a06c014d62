/**
 * The families of a folder in a process of its own, for bench-families.ts: read from nothing or from the shapes that were kept, then
 * edits of one file. Prints one line of JSON.
 *   node out/scripts/bench-families-process.mjs FOLDER STORE EDITS
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomOf } from './families-corpus';
import { dockerfilesIn } from '../server/src/workspace/dockerfiles';
import { openFamilyIndex } from '../server/src/workspace/family-index';
import { machineDisk } from '../server/src/workspace/machine-disk';
import { atOnce } from '../server/src/workspace/slices';

const [folder, store, edits] = process.argv.slice(2);
// Asked only to be bundled.
if (folder !== undefined) await measure();

async function measure(): Promise<void> {
  const began = performance.now();
  const index = openFamilyIndex(machineDisk, folder, store, { changed: () => undefined });
  await index.read([]);
  const families = await index.families();
  const reading = performance.now() - began;
  const { user, system } = process.cpuUsage();
  const { rss } = process.memoryUsage();
  const times: number[] = [];
  const random = randomOf(1);
  const paths = atOnce(dockerfilesIn(machineDisk, folder)).toSorted();
  for (let i = 0; i < Number(edits); i++) {
    const path = paths[Math.floor(random() * paths.length)];
    const lines = readFileSync(path, 'utf8').split('\n');
    // What somebody types: a step more, a step less, another version.
    const at = 1 + Math.floor(random() * (lines.length - 1));
    const kind = Math.floor(random() * 3);
    if (kind === 0) lines.splice(at, 0, `RUN echo ${i}`);
    else if (kind === 1) lines.splice(at, 1);
    else lines[at] = (lines[at] ?? '').replace(/\d+/, (number) => String(Number(number) + 1));
    const file = path.slice(join(folder, '/').length);
    const start = performance.now();
    index.edited(path, lines.join('\n'));
    await index.settled();
    for (const group of index.groupsOf(file)) index.familyOf(group);
    times.push(performance.now() - start);
  }
  console.log(JSON.stringify({ reading, worked: (user + system) / 1000, rss, most: process.resourceUsage().maxRSS * 1024, files: index.files(), families: families.length, members: families.reduce((sum, { members }) => sum + members.length, 0), times }));
}
