/** What is kept of images: equal to what was read, gone where it is not whole, bounded; and that the second look reads no layer. */
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { wasteIn } from '../src/core/image/losses';
import type { LayerEntry, LayerFiles } from '../src/core/image/model';
import { cacheFolder } from '../src/workspace/cache-folder';
import { openArchive } from '../src/workspace/images/archive';
import { openLayerStore, type LayerStore } from '../src/workspace/images/layer-store';
import { readLayer } from '../src/workspace/images/layers';
import { contentOf, imageNamed, withContent } from '../src/workspace/images/named';
import { serve } from './fake-engine';
import { tarOf } from './tars';

let folder: string;
let kept: string;
let temporary: string;
const before = process.env.TMPDIR;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'strata-layer-store-'));
  kept = join(folder, 'cache', 'images');
  temporary = join(folder, 'tmp');
  mkdirSync(temporary);
  process.env.TMPDIR = temporary;
});
afterEach(() => {
  process.env.TMPDIR = before;
  if (before === undefined) delete process.env.TMPDIR;
  rmSync(folder, { recursive: true, force: true });
});

const hex = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex');
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const diffIdOf = (text: string): string => `sha256:${hex(text)}`;

interface Made {
  readonly path: string;
  readonly diffIds: readonly string[];
  readonly config: Buffer;
  /** In the archive, of each layer. */
  readonly blobs: readonly Buffer[];
}

/** As Docker before 25 saves it; `texts`: of one file in each layer. */
async function archive(name: string, texts: readonly string[], pack: (tar: Buffer) => Buffer = (tar) => tar): Promise<Made> {
  const tars = await Promise.all(texts.map((text, i) => tarOf([{ name: `file${i}`, text }, { name: 'link', type: 'symlink', linkname: `file${i}` }])));
  const diffIds = tars.map((tar) => `sha256:${hex(tar)}`);
  const config = json({ os: 'linux', architecture: 'amd64', config: { Cmd: ['sh'] }, rootfs: { diff_ids: diffIds }, history: texts.map((text) => ({ created_by: `RUN ${text}` })) });
  const blobs = tars.map(pack);
  const manifest = json([{ Config: 'config.json', RepoTags: ['app:1'], Layers: blobs.map((_, i) => `${i}/layer.tar`) }]);
  const path = join(folder, name);
  writeFileSync(path, await tarOf([{ name: 'manifest.json', bytes: manifest }, { name: 'config.json', bytes: config }, ...blobs.map((bytes, i) => ({ name: `${i}/layer.tar`, bytes }))]));
  return { path, diffIds, config, blobs };
}

/** So that none of them can be read, in a file that is as large, as old and in the same place. */
function spoil({ path, blobs }: Made, which = blobs.map((_, i) => i)): void {
  const { atimeMs, mtimeMs } = statSync(path);
  const bytes = readFileSync(path);
  for (const i of which) {
    const at = bytes.indexOf(blobs[i]);
    if (at !== -1) bytes.fill(0xff, at, at + blobs[i].length);
  }
  // Whole seconds are kept exactly.
  const [used, changed] = [Math.floor(atimeMs / 1000), Math.floor(mtimeMs / 1000)];
  writeFileSync(path, bytes);
  utimesSync(path, used, changed);
}

/** Of whole seconds, as after `spoil`. */
function settle({ path }: Made): void {
  const { mtimeMs } = statSync(path);
  utimesSync(path, Math.floor(mtimeMs / 1000), Math.floor(mtimeMs / 1000));
}

async function layersOf(path: string, store?: LayerStore): Promise<LayerFiles[]> {
  const all: LayerFiles[] = [];
  for await (const layer of (await openArchive(path, {}, store)).layers()) all.push(layer);
  return all;
}

const files = (layers: readonly LayerFiles[] | undefined): string[] | undefined => layers?.map(({ entries }) => entries.map(({ path, size }) => `${path} ${size}`).join(', '));
const leftOver = (): string[] => readdirSync(temporary).filter((name) => name.startsWith('strata-image-'));
const recordOf = (diffId: string): string => join(kept, `layer-${diffId.slice(7)}`);

describe('a layer', () => {
  test('is what was read, entry by entry', async () => {
    const mtime = new Date(1.7e12);
    const tar = await tarOf([
      { name: 'etc/', type: 'directory', mode: 0o755, mtime }, { name: 'etc/ünï\ncode', text: '127.0.0.1', mtime, uid: 1000, gid: 70_000 },
      { name: 'empty', text: '', mode: 0o4755 }, { name: '🐳'.repeat(50), text: 'long' }, { name: 'hard', type: 'link', linkname: '/etc/ünï\ncode' }, { name: 'soft', type: 'symlink', linkname: '../a b' },
      { name: 'null', type: 'character-device' }, { name: '.wh.gone', text: '' }, { name: 'etc/.wh..wh..opq', text: '' }, { name: 'old', text: 'x', mtime: new Date(-5000) },
      { name: 'sparse', text: 'x', pax: { 'GNU.sparse.realsize': '9007199254740991', uid: '4294967296' } },
    ]);
    const layer = await readLayer((async function* () { yield tar; })());
    expect(new Set(layer.entries.map(({ kind }) => kind)).size).toBe(7);
    await openLayerStore(kept).keep(layer);
    expect(await openLayerStore(kept).layer(layer.diffId)).toStrictEqual(layer);
  });

  test('of no entry, of numbers that are none, of digests that are none of ours', async () => {
    const store = openLayerStore(kept);
    const entry = { path: 'a', kind: 'file', size: 1, mode: NaN, uid: -1, gid: -0, mtime: 0.5, content: diffIdOf('') } as const;
    for (const [name, entries] of [['none', []], ['numbers', [entry]]] as [string, LayerEntry[]][]) {
      await store.keep({ diffId: diffIdOf(name), entries });
      expect(await store.layer(diffIdOf(name))).toStrictEqual({ diffId: diffIdOf(name), entries });
    }
    for (const change of [{ content: 'md5:1' }, { content: undefined }, { path: '\ud800' }, { link: 'b' }]) {
      await store.keep({ diffId: diffIdOf('other'), entries: [{ ...entry, ...change }] });
      expect(await store.layer(diffIdOf('other'))).toBe(undefined);
    }
  });

  test('is not there where its file is broken, of another form, or of another layer', async () => {
    const [one, other] = ['one', 'other'].map((text): LayerFiles => ({ diffId: diffIdOf(text), entries: [{ path: text, kind: 'folder', size: 0, mode: 0o755, uid: 0, gid: 0, mtime: 0 }] }));
    const store = openLayerStore(kept);
    await store.keep(one);
    await store.keep(other);
    const whole = readFileSync(recordOf(one.diffId));
    const wrong = [
      ...Array.from(whole.keys(), (length) => whole.subarray(0, length)), ...Array.from(whole.keys(), (at) => Buffer.concat([whole.subarray(0, at), Buffer.of(whole[at] ^ 1), whole.subarray(at + 1)])),
      Buffer.concat([whole, Buffer.of(0)]), readFileSync(recordOf(other.diffId)), Buffer.from('{"entries":[]}'),
    ];
    for (const bytes of wrong) {
      writeFileSync(recordOf(one.diffId), bytes);
      expect(await store.layer(one.diffId)).toBe(undefined);
    }
    await store.keep(one);
    expect(await store.layer(one.diffId)).toStrictEqual(one);
    rmSync(recordOf(one.diffId));
    mkdirSync(recordOf(one.diffId));
    expect(await store.layer(one.diffId)).toBe(undefined);
    expect(await store.keep(one)).toBe(undefined);
  });

  test('of a name that is no digest is nowhere', async () => {
    const store = openLayerStore(kept);
    const names = ['', 'sha256:', `sha256:../../${'0'.repeat(58)}`, `sha256:${'A'.repeat(64)}`, `${diffIdOf('x')}\n`, `${diffIdOf('x')}/..`, `sha512:${'0'.repeat(128)}`];
    for (const diffId of names) {
      await store.keep({ diffId, entries: [] });
      expect(await store.layer(diffId)).toBe(undefined);
    }
    expect(existsSync(kept)).toBe(false);
  });
});

describe('the folder', () => {
  const entry: LayerEntry = { path: 'p'.repeat(800), kind: 'folder', size: 0, mode: 0, uid: 0, gid: 0, mtime: 0 };
  const layer = (text: string): LayerFiles => ({ diffId: diffIdOf(text), entries: [entry] });
  const there = (): number => readdirSync(kept).filter((name) => name.startsWith('layer-')).length;

  test('has no more than it may: what was used longest ago goes first, and nothing that is not ours', async () => {
    // A bit more than 900 bytes each: ten of them.
    const limits = { total: 10_000, largest: 5000 };
    const store = openLayerStore(kept, limits);
    for (let i = 0; i < 10; i++) await store.keep(layer(`${i}`));
    expect(there()).toBe(10);
    for (let i = 0; i < 10; i++) utimesSync(recordOf(diffIdOf(`${i}`)), i, i);
    writeFileSync(join(kept, 'notes.txt'), 'x'.repeat(20_000));
    writeFileSync(`${recordOf(diffIdOf('half'))}.1.ab`, 'x'.repeat(300));
    utimesSync(`${recordOf(diffIdOf('half'))}.1.ab`, 0, 0);
    // Used again, so that the second goes before it.
    expect(await store.layer(diffIdOf('0'))).toEqual(layer('0'));
    await store.keep(layer('new'));
    const left = await Promise.all(['0', '1', '2', '3', '4', '9', 'new'].map(async (text) => ((await store.layer(diffIdOf(text))) ? text : '-')));
    expect(left).toEqual(['0', '-', '-', '3', '4', '9', 'new']);
    expect(readdirSync(kept).filter((name) => !/^layer-[a-f0-9]{64}$/.test(name))).toEqual(['notes.txt']);
    for (let i = 0; i < 50; i++) await store.keep(layer(`more ${i}`));
    expect(there()).toBeLessThanOrEqual(10);
    // What others have put there is seen by the next.
    await openLayerStore(kept, { ...limits, total: 3000 }).keep(layer('last'));
    expect(there()).toBeLessThanOrEqual(3);
  });

  test('has none that is too large', async () => {
    const store = openLayerStore(kept, { total: 10_000, largest: 5000 });
    await store.keep(layer('small'));
    await store.keep({ diffId: diffIdOf('large'), entries: Array.from({ length: 8 }, () => entry) });
    expect(await store.layer(diffIdOf('large'))).toBe(undefined);
    expect(await store.layer(diffIdOf('small'))).toEqual(layer('small'));
    expect(there()).toBe(1);
  });

  test('cannot be written: everything is read as without it', async () => {
    const made = await archive('a.tar', ['one', 'two']);
    writeFileSync(join(folder, 'file'), '');
    const places = [join(folder, 'file', 'images'), join(folder, 'file')];
    mkdirSync(kept, { recursive: true });
    chmodSync(kept, 0o500);
    for (const place of [...places, kept]) expect(await layersOf(made.path, openLayerStore(place))).toEqual(await layersOf(made.path));
    chmodSync(kept, 0o700);
  });

  test('is where the platform has such things', () => {
    expect(cacheFolder({}, 'linux', '/home/me')).toBe('/home/me/.cache/strata');
    expect(cacheFolder({ XDG_CACHE_HOME: '/var/c' }, 'linux', '/home/me')).toBe('/var/c/strata');
    expect(cacheFolder({ XDG_CACHE_HOME: 'c' }, 'linux', '/home/me')).toBe('/home/me/.cache/strata');
    expect(cacheFolder({}, 'darwin', '/Users/me')).toBe('/Users/me/Library/Caches/strata');
    expect(cacheFolder({ LOCALAPPDATA: 'C:\\Users\\me\\AppData\\Local' }, 'win32', 'C:\\Users\\me')).toBe('C:\\Users\\me\\AppData\\Local\\strata\\cache');
    expect(cacheFolder({}, 'win32', 'C:\\Users\\me')).toBe('C:\\Users\\me\\AppData\\Local\\strata\\cache');
  });
});

describe('an archive', () => {
  test.each<[string, (tar: Buffer) => Buffer]>([['plain', (tar) => tar], ['gzip', gzipSync]])('%s, is not read at the second look', async (_, pack) => {
    const made = await archive('a.tar', ['one', 'two', 'one'], pack);
    settle(made);
    const first = await imageNamed(made.path, {}, openLayerStore(kept));
    const layers = await layersOf(made.path);
    spoil(made);
    const store = openLayerStore(kept);
    expect(await imageNamed(made.path, {}, store)).toStrictEqual(first);
    expect(await layersOf(made.path, store)).toStrictEqual(layers);
    expect(await contentOf(made.path, {}, store, { ask: false })).toStrictEqual({ image: first, layers });
    await withContent(made.path, {}, async (content) => expect(await content.layers()).toStrictEqual(layers), store);
  });

  test('that has changed is read again, but for the layers that it had', async () => {
    const store = openLayerStore(kept);
    const made = await archive('a.tar', ['one', 'two']);
    await layersOf(made.path, store);
    const other = await archive('b.tar', ['three', 'one', 'four', 'one']);
    renameSync(other.path, made.path);
    expect(await contentOf(made.path, {}, store, { ask: false })).toBe(undefined);
    expect((await openArchive(made.path, {}, store)).image.rows.map(({ createdBy }) => createdBy)).toEqual(['RUN three', 'RUN one', 'RUN four', 'RUN one']);
    expect(files(await layersOf(made.path, store))).toEqual(['file0 5, link 0', 'file1 3, link 0', 'file2 4, link 0', 'file3 3, link 0']);
  });

  test('of which some layers are kept is read for the others', async () => {
    const store = openLayerStore(kept);
    const made = await archive('a.tar', ['one', 'two', 'three', 'four']);
    settle(made);
    const layers = await layersOf(made.path, store);
    for (const i of [1, 2]) rmSync(recordOf(made.diffIds[i]));
    spoil(made, [0, 3]);
    expect(await contentOf(made.path, {}, store, { ask: false })).toBe(undefined);
    expect(await layersOf(made.path, store)).toStrictEqual(layers);
    spoil(made);
    expect(await layersOf(made.path, store)).toStrictEqual(layers);
  });

  test('is not opened unasked', async () => {
    const { path } = await archive('a.tar', ['one']);
    const store = openLayerStore(kept);
    expect(await contentOf(path, {}, store, { ask: false })).toBe(undefined);
    expect(existsSync(kept)).toBe(false);
    expect(files((await contentOf(path, {}, store, { ask: true }))?.layers)).toEqual(['file0 3, link 0']);
    expect(files((await contentOf(path, {}, store, { ask: false }))?.layers)).toEqual(['file0 3, link 0']);
  });
});

describe('an image of an engine', () => {
  /** What was asked of it. */
  async function engine(made: Made): Promise<{ readonly environment: { readonly DOCKER_HOST: string }; readonly asked: string[] }> {
    const asked: string[] = [];
    const host = await serve((request, answer) => {
      const what = String(request.url).split('/').at(-1)!;
      asked.push(what);
      if (what === 'get') answer.end(readFileSync(made.path));
      else if (what === 'history') answer.end(json(made.diffIds.map(() => ({ Id: '<missing>', Created: 1, CreatedBy: 'RUN x', Size: 3, Comment: '', Tags: null }))));
      else answer.end(json({ Id: `sha256:${hex(made.config)}`, Os: 'linux', Architecture: 'amd64', Config: {}, RootFS: { Layers: made.diffIds } }));
    });
    return { environment: { DOCKER_HOST: host }, asked };
  }

  test('is saved once, and nothing is left of it', async () => {
    const made = await archive('a.tar', ['one', 'two']);
    const { environment, asked } = await engine(made);
    const store = openLayerStore(kept);
    expect(await contentOf('app', environment, store, { ask: false })).toBe(undefined);
    expect(asked.splice(0)).toEqual(['json', 'history']);
    const first = await contentOf('app', environment, store, { ask: true });
    expect(asked.splice(0)).toEqual(['json', 'history', 'get']);
    expect(files(first?.layers)).toEqual(['file0 3, link 0', 'file1 3, link 0']);
    for (const ask of [true, false]) expect(await contentOf('app', environment, openLayerStore(kept), { ask })).toStrictEqual(first);
    expect(asked).not.toContain('get');
    expect(leftOver()).toEqual([]);
  });

  test('of which one layer is missing is saved, and the others are not read', async () => {
    const made = await archive('a.tar', ['one', 'two']);
    const { environment } = await engine(made);
    const store = openLayerStore(kept);
    const first = await contentOf('app', environment, store, { ask: true });
    rmSync(recordOf(made.diffIds[1]));
    spoil(made, [0]);
    expect(await contentOf('app', environment, store, { ask: true })).toStrictEqual(first);
    expect(leftOver()).toEqual([]);
  });

  test('leaves nothing where it cannot be read, and where there is no store', async () => {
    const made = await archive('a.tar', ['one']);
    const { environment } = await engine(made);
    await withContent('app', environment, async ({ layers }) => expect(files(await layers())).toEqual(['file0 3, link 0']));
    spoil(made);
    await expect(contentOf('app', environment, openLayerStore(kept), { ask: true })).rejects.toThrow(/layer 1 of 1/);
    expect(leftOver()).toEqual([]);
  });
});

test('what layers waste is kept with them: the second time none of their files is looked at', async () => {
  const { path, diffIds } = await archive('image.tar', ['x'.repeat(200_000), 'x'.repeat(200_000)]);
  const waste = () => withContent(path, {}, async ({ layers }) => wasteIn(await layers()), openLayerStore(kept));
  const first = await waste();
  expect(first.items).toEqual([{ kind: 'duplicate', path: 'file1', bytes: 200_000, layer: 1, by: 1, other: 'file0' }]);
  expect(readdirSync(kept).map((name) => name.split('-')[0]).toSorted()).toEqual(['archive', 'layer', 'layer', 'waste']);
  expect(await waste()).toEqual(first);
  // Of other layers it is another one.
  const unread = diffIds.map((diffId): LayerFiles => ({
    diffId,
    get entries(): LayerEntry[] {
      throw new Error('a layer is read');
    },
  }));
  const store = openLayerStore(kept);
  expect(await store.waste(unread)).toEqual(first);
  expect(await store.waste(unread.toReversed())).toBeUndefined();
});
