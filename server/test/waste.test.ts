/** What is lost to copy-on-write, as pictures of layers (layer-pictures.ts). */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { leftOverOf } from '../src/core/image/left-over';
import type { LayerEntry, LayerFiles } from '../src/core/image/model';
import { wasteOf } from '../src/core/image/waste';
import { layersOf } from './layer-pictures';

function wasteIn(picture: string, floor?: number): string[] {
  const { items, total } = wasteOf(layersOf(picture), { floor });
  expect(items.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(total);
  return items.map(({ kind, path, bytes, layer, by, other, files }) => [
    `${kind} ${path} ${bytes}: layer ${layer}${by === layer ? '' : `, by ${by}`}`, files === undefined ? '' : `, ${files} files`, other === undefined ? '' : `, see ${other}`,
  ].join(''));
}

test.each<[what: string, picture: string, waste: string[]]>([
  ['nothing', `
    + a 100
    + d/
    + d/b 50

    + d/
    + d/c 50`, []],
  ['chmod, chown, touch', `
    + app 1000

    ~ app`, ['copied-again app 1000: layer 0, by 1']],
  ['chown twice', `
    + app 1000

    ~ app

    ~ app`, ['copied-again app 1000: layer 0, by 1', 'copied-again app 1000: layer 1, by 2']],
  ['append', `
    + log 1000

    + log 1010`, ['overwritten log 1000: layer 0, by 1']],
  ['other content of the same size', `
    + a 10 X

    + a 10 Y`, ['overwritten a 10: layer 0, by 1']],
  ['there and back', `
    + a 10 X

    + a 20 Y

    + a 10 X`, ['overwritten a 20: layer 1, by 2', 'overwritten a 10: layer 0, by 1']],
  ['delete', `
    + tmp/
    + tmp/a 1000

    + tmp/
    - tmp/a`, ['deleted-later tmp/a 1000: layer 0, by 1']],
  ['delete a folder', `
    + d/
    + d/a 10
    + d/e/
    + d/e/b 20

    + d/c 30

    - d`, ['deleted-later d/c 30: layer 1, by 2', 'deleted-later d/e/b 20: layer 0, by 2', 'deleted-later d/a 10: layer 0, by 2']],
  ['delete what is deleted', `
    + a 10

    - a

    - a
    - never/was`, ['deleted-later a 10: layer 0, by 1']],
  ['made and deleted in one layer, as an engine writes it: not there', `
    + a 10

    + b 20`, []],
  ['make again after a delete', `
    + a 10 X

    - a

    + a 10 X`, ['deleted-later a 10: layer 0, by 1']],
  ['rename', `
    + old 5000 X

    - old
    + new 5000 X`, ['deleted-later old 5000: layer 0, by 1, see new']],
  ['rename a folder', `
    + d/
    + d/a 5000 A
    + d/b 6000 B

    - d
    + e/
    + e/a 5000 A
    + e/b 6000 B`, ['deleted-later d/b 6000: layer 0, by 1, see e/b', 'deleted-later d/a 5000: layer 0, by 1, see e/a']],
  ['a whiteout does not touch its own layer, wherever it stands', `
    + a 10

    + a 20
    - a`, ['overwritten a 10: layer 0, by 1']],
  ['an opaque folder: rm -r and made anew', `
    + d/
    + d/a 10
    + d/same 20 S
    + d/other 30

    + d/
    * d/
    + d/same 20 S
    + d/other 31`, ['overwritten d/other 30: layer 0, by 1', 'copied-again d/same 20: layer 0, by 1', 'deleted-later d/a 10: layer 0, by 1']],
  ['an opaque folder does not touch its own layer, wherever it stands', `
    + d/a 10

    + d/a 20
    * d/`, ['overwritten d/a 10: layer 0, by 1']],
  ['the whole root is opaque', `
    + a 10
    + d/b 20

    * /
    + c 5`, ['deleted-later d/b 20: layer 0, by 1', 'deleted-later a 10: layer 0, by 1']],
  ['a folder replaced by a file', `
    + d/
    + d/a 10

    + d 20`, ['deleted-later d/a 10: layer 0, by 1']],
  ['a file replaced by a folder', `
    + d 20

    + d/
    + d/a 10`, ['deleted-later d 20: layer 0, by 1']],
  ['a file replaced by a folder without an entry', `
    + d 20

    + d/e/a 10`, ['deleted-later d 20: layer 0, by 1']],
  ['a file replaced by a symlink', `
    + sh 20

    + sh -> busybox`, ['deleted-later sh 20: layer 0, by 1']],
  ['a folder on a folder: chmod of a folder copies no content', `
    + d/
    + d/a 10

    + d/`, []],
  ['hard links: gone with the last name', `
    + a 100
    + b = a
    + c = a

    - a
    - c

    - b`, ['deleted-later b 100: layer 0, by 2']],
  ['hard links: one name is left', `
    + a 100
    + b = a

    - a`, []],
  ['hard links: chmod breaks the link, and both contents are seen', `
    + a 100 X
    + b = a

    ~ a`, []],
  ['hard links: chmod of both', `
    + a 100 X
    + b = a

    ~ a
    + b = a`, ['copied-again b 100: layer 0, by 1']],
  ['a link to a file of a lower layer keeps it', `
    + a 100

    + b = a

    - a`, []],
  ['a link to itself, and one twice', `
    + a 100
    + a = a
    + b = a
    + b = a

    - b`, []],
  ['a link to nothing', `
    + b = a
    + a 100

    - b`, []],
  ['one name twice in a tar', `
    + a 100
    + a 120`, ['overwritten a 100: layer 0']],
  ['empty files', `
    + a 0

    - a`, []],
])('%s', (_, picture, waste) => {
  expect(wasteIn(picture)).toEqual(waste);
});

test('duplicates: the same COPY twice, in two layers and big enough', () => {
  expect(wasteIn(`
    + small 4095 S
    + a 5000 X
    + a2 5000 X

    + b 5000 X
    + small2 4095 S

    + c 5000 X`)).toEqual(['duplicate b 5000: layer 1, see a', 'duplicate c 5000: layer 2, see a']);
  expect(wasteIn('+ a 10 X\n\n+ b 10 X', 10)).toEqual(['duplicate b 10: layer 1, see a']);
});

test('a duplicate that is lost is not counted twice', () => {
  expect(wasteIn(`
    + a 5000 X

    + b 5000 X

    - b`)).toEqual(['deleted-later b 5000: layer 1, by 2']);
  // chmod of one name: the content is seen twice, under the old name and the new.
  expect(wasteIn(`
    + a 5000 X
    + b = a

    + a 5000 X`)).toEqual(['duplicate a 5000: layer 1, see b']);
});

test('left-overs: by folder, in the layer that wrote them', () => {
  expect(wasteIn(`
    + var/lib/apt/lists/lock 0
    + var/lib/apt/lists/a_InRelease 3000
    + var/lib/apt/lists/a_Packages.lz4 9000 P
    + var/cache/apt/archives/curl.deb 800
    + var/cache/apt/pkgcache.bin 700
    + root/.cache/pip/http/0 60

    + var/lib/apt/lists/b_Packages.lz4 9000 P
    - var/lib/apt/lists/a_InRelease
    + home/node/.npm/_cacache/x 50
    + home/node/.npm/x 50
    + elsewhere/var/cache/apk/x 50`)).toEqual([
    'left-over var/lib/apt/lists 9000: layer 0, 1 files',
    'left-over var/lib/apt/lists 9000: layer 1, 1 files',
    'deleted-later var/lib/apt/lists/a_InRelease 3000: layer 0, by 1',
    'left-over var/cache/apt/archives 800: layer 0, 1 files',
    'left-over var/cache/apt 700: layer 0, 1 files',
    'left-over root/.cache/pip 60: layer 0, 1 files',
    'left-over home/node/.npm/_cacache 50: layer 1, 1 files',
  ]);
});

test('a cache that is linked into an environment takes no room', () => {
  expect(wasteIn(`
    + opt/conda/pkgs/a 100
    + opt/conda/envs/x/a = opt/conda/pkgs/a
    + opt/conda/pkgs/b 50`)).toEqual(['left-over opt/conda/pkgs 50: layer 0, 1 files']);
});

test.each([
  ['var/cache/apk/APKINDEX.0.tar.gz', 'var/cache/apk'], ['var/cache/apk', undefined], ['var/cache/apt/archives/lock', undefined],
  ['home/a/.cache/pip/x', 'home/a/.cache/pip'], ['home/.cache/pip/x', undefined], ['root/.cache/pipx/x', undefined], ['srv/root/.cache/pip/x', undefined],
])('%s is of %s', (path, folder) => {
  expect(leftOverOf(path)).toBe(folder);
});

test('what each layer holds, and the sums', () => {
  const { bytes, total, layers } = wasteOf(layersOf(`
    + a 100
    + b = a
    + gone 30

    - gone
    + a 110
    + b 7`));
  expect(layers).toEqual([{ bytes: 130, wasted: 130 }, { bytes: 117, wasted: 0 }]);
  expect({ total, bytes }).toEqual({ total: 130, bytes: { 'deleted-later': 30, overwritten: 100, 'copied-again': 0, duplicate: 0, 'left-over': 0 } });
});

/** Worked out by hand from dive's efficiency.go. */
test.each<[what: string, picture: string, efficiency: number, wastedBytes: number]>([
  ['one layer', '+ a 100', 1, 0],
  ['nothing at all', '+ a 0', 1, 0],
  ['every copy counts, the seen one too', '+ a 100\n+ b 50\n\n+ a 150', 150 / 300, 250],
  ['a whiteout of a file is free', '+ a 100\n+ b 50\n\n- a', 50 / 150, 100],
  ['a folder that is deleted is no waste', '+ d/\n+ d/a 30\n+ d/b 10\n+ c 10\n\n- d', (30 + 10 + 10 + 40) / 90, 0],
  ['a folder that is deleted twice is', '+ d/\n+ d/a 30\n\n- d\n\n+ d/\n+ d/a 5\n\n- d', (5 + 5) / (30 + 30 + 5 + 5), 70],
  ['a folder without an entry is none', '+ d/a 30\n+ c 10\n\n- d', 1, 0],
  ['an opaque folder takes nothing away', '+ d/\n+ d/a 30\n\n+ d/\n* d/\n\n- d', (30 + 0) / (30 + 0 + 30), 30],
  ['a whiteout of nothing: -1, and the rest of the layer unread', '+ a 100\n\n- b\n+ c 50', (100 - 1) / 100, 0],
])('dive: %s', (_, picture, efficiency, wastedBytes) => {
  const { dive } = wasteOf(layersOf(picture));
  expect(dive.efficiency).toBeCloseTo(efficiency, 12);
  expect(dive.wastedBytes).toBe(wastedBytes);
});

/** Any layers: what is not lost is what a tree holds that is made the slow way. */
test('what is seen and what is lost are all that the layers have', () => {
  const path = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
  const entry: fc.Arbitrary<LayerEntry> = fc.record({
    path, kind: fc.constantFrom<LayerEntry['kind']>('file', 'file', 'file', 'folder', 'symlink', 'hardlink', 'whiteout', 'opaque'),
    size: fc.nat(9), mode: fc.constant(0), uid: fc.constant(0), gid: fc.constant(0), mtime: fc.constant(0), link: path, content: fc.constantFrom('X', 'Y', 'Z'),
  }).map(({ kind, size, content, link, ...rest }) => ({ ...rest, kind, size: kind === 'file' ? size : 0, ...(kind === 'file' && { content: `${content}${size}` }), ...(kind === 'hardlink' && { link }) }));
  fc.assert(fc.property(fc.array(fc.array(entry, { maxLength: 8 }), { maxLength: 5 }), (all) => {
    const layers = all.map((entries, i) => ({ diffId: `sha256:${i}`, entries }));
    const { bytes, layers: each } = wasteOf(layers, { floor: Infinity });
    const lost = bytes['deleted-later'] + bytes.overwritten + bytes['copied-again'];
    expect(each.reduce((sum, layer) => sum + layer.bytes, 0) - lost).toBe(seenBytes(layers));
  }), { numRuns: 1000 });
});

/** Path by path: every change looks through all that there is. */
function seenBytes(layers: readonly LayerFiles[]): number {
  let files = new Map<string, { size: number } | undefined>();
  const drop = (gone: (path: string) => boolean): void => void (files = new Map([...files].filter(([path]) => !gone(path))));
  for (const { entries } of layers) {
    for (const { path, kind } of entries) {
      if (kind === 'whiteout') drop((one) => one === path || one.startsWith(`${path}/`));
      if (kind === 'opaque') drop((one) => one.startsWith(`${path}/`));
    }
    for (const { path, kind, size, link } of entries) {
      if (kind === 'whiteout' || kind === 'opaque') continue;
      const target = kind === 'hardlink' ? files.get(link!) : undefined;
      const above = path.split('/').map((_, i, parts) => parts.slice(0, i).join('/'));
      drop((one) => above.includes(one) || (kind !== 'folder' && one.startsWith(`${path}/`)));
      if (kind === 'file') files.set(path, { size });
      else if (target && (files.has(link!) || files.get(path) === target)) files.set(path, target);
      else if (kind === 'folder') files.delete(path);
      else files.set(path, undefined);
    }
  }
  return [...new Set(files.values())].reduce((sum, file) => sum + (file?.size ?? 0), 0);
}

test('the work grows with the entries', () => {
  // A deep folder that is deleted and made again by every layer, and whiteouts of each folder on the way.
  const deep = Array.from({ length: 120 }, (_, i) => 'd/'.repeat(i + 1).slice(0, -1));
  const plain = { size: 0, mode: 0, uid: 0, gid: 0, mtime: 0 };
  const layers = Array.from({ length: 20 }, (_, i): LayerFiles => ({
    diffId: `sha256:${i}`,
    entries: [...deep.map((path): LayerEntry => ({ ...plain, path, kind: 'folder' })), { ...plain, path: `${deep[119]}/f`, kind: 'file', size: 1, content: `${i}` },
      ...(i === 0 ? [] : deep.map((path): LayerEntry => ({ ...plain, path, kind: 'whiteout' })))],
  }));
  expect(wasteOf(layers).total).toBe(19);
});
