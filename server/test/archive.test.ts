/** Image archives of every form, made by hand: what is found in them, and the sentence for what is wrong. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withSizes } from '../src/core/image/config';
import type { LayerFiles } from '../src/core/image/model';
import { speak } from '../src/core/say';
import { ArchiveError, openArchive, type Archive, type ArchiveOptions } from '../src/workspace/images/archive';
import { tarOf, zstd, type TarEntry } from './tars';

type Files = Readonly<Record<string, Buffer>>;

let folder: string;
let count = 0;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'strata-archive-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const hex = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

interface Made {
  readonly config: Buffer;
  /** Uncompressed. */
  readonly tars: readonly Buffer[];
}

async function image(about = '', architecture: readonly [string, string?] = ['amd64']): Promise<Made> {
  const tars = [
    await tarOf([{ name: 'etc/', type: 'directory' }, { name: 'etc/hosts', text: `127.0.0.1${about}` }, { name: 'big', text: 'b'.repeat(5000) }]),
    await tarOf([{ name: '.wh.big', text: '' }, { name: 'app', text: 'application' }]),
  ];
  const config = json({
    os: 'linux', architecture: architecture[0], variant: architecture[1], config: { Env: ['A=1'], Cmd: ['sh'], User: 5 },
    rootfs: { type: 'layers', diff_ids: tars.map((tar) => `sha256:${hex(tar)}`) },
    history: [
      { created: '2024-01-02T03:04:05.678901234Z', created_by: 'ADD rootfs.tar / # buildkit', comment: 'buildkit.dockerfile.v0' },
      { created: '0001-01-01T00:00:00Z', created_by: 'ENV A=1', empty_layer: true }, { created_by: 'RUN make # buildkit' },
    ],
  });
  return { config, tars };
}

/** As Docker before 25 saves it. */
function saved(images: readonly { readonly made: Made; readonly tags?: readonly string[] }[]): Files {
  const files: Record<string, Buffer> = {};
  files['manifest.json'] = json(images.map(({ made: { config, tars }, tags }) => {
    files[`${hex(config)}.json`] = config;
    for (const tar of tars) files[`${hex(tar)}/layer.tar`] = tar;
    return { Config: `${hex(config)}.json`, RepoTags: tags ?? null, Layers: tars.map((tar) => `${hex(tar)}/layer.tar`) };
  }));
  return files;
}

type Descriptor = Readonly<Record<string, unknown>>;

/** Puts the blobs in, and returns the manifest's descriptor. */
function manifestIn(files: Record<string, Buffer>, { config, tars }: Made, pack: (tar: Buffer) => Buffer = (tar) => tar): Descriptor {
  const add = (bytes: Buffer, mediaType: string): Descriptor => {
    files[`blobs/sha256/${hex(bytes)}`] = bytes;
    return { mediaType, digest: `sha256:${hex(bytes)}`, size: bytes.length };
  };
  const layers = tars.map((tar) => add(pack(tar), 'application/vnd.oci.image.layer.v1.tar'));
  return add(json({ schemaVersion: 2, config: add(config, 'application/vnd.oci.image.config.v1+json'), layers }), 'application/vnd.oci.image.manifest.v1+json');
}

function layout(files: Files, manifests: readonly Descriptor[]): Files {
  return { ...files, 'oci-layout': json({ imageLayoutVersion: '1.0.0' }), 'index.json': json({ schemaVersion: 2, manifests }) };
}

const called = (descriptor: Descriptor, name: string): Descriptor => ({ ...descriptor, annotations: { 'org.opencontainers.image.ref.name': name } });

async function tarFile(files: Files, pack: (tar: Buffer) => Buffer = (tar) => tar, more: readonly TarEntry[] = []): Promise<string> {
  const path = join(folder, `${count++}.tar`);
  writeFileSync(path, pack(await tarOf([...Object.entries(files).map(([name, bytes]) => ({ name, bytes })), ...more])));
  return path;
}

function folderOf(files: Files): string {
  const path = join(folder, String(count++));
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), bytes);
  }
  return path;
}

async function layersOf({ layers }: Archive): Promise<LayerFiles[]> {
  const all: LayerFiles[] = [];
  for await (const layer of layers()) all.push(layer);
  return all;
}

/** The image with the sizes of its rows, and what its layers hold. */
async function shown(path: string, options?: ArchiveOptions): Promise<string[]> {
  const archive = await openArchive(path, options);
  const layers = await layersOf(archive);
  const { reference, platform, rows } = withSizes(archive.image, layers);
  return [
    `${reference} ${platform}`,
    ...rows.map(({ createdBy, size, tags, id }) => `${createdBy} ${size}${id === null ? '' : ` = ${tags.join(' ')}`}`),
    ...layers.map(({ entries }) => entries.map(({ kind, path: at }) => `${kind} ${at}`).join(', ')),
  ];
}

async function problem(path: string, options?: ArchiveOptions): Promise<string> {
  try {
    await layersOf(await openArchive(path, options));
  } catch (error) {
    expect(error).toBeInstanceOf(ArchiveError);
    return (error as Error).message.replaceAll(path, 'IT').replaceAll(/[a-f0-9]{64}/g, 'HEX');
  }
  return 'none';
}

const picture = (reference: string, tags: string): string[] => [
  `${reference} linux/amd64`, 'ADD rootfs.tar / # buildkit 5009', 'ENV A=1 0', `RUN make # buildkit 11 = ${tags}`, 'folder etc, file etc/hosts, file big', 'whiteout big, file app',
];

describe('one image', () => {
  test('of an older engine: tar, folder, compressed', async () => {
    const files = saved([{ made: await image(), tags: ['app:1', 'app:latest'] }]);
    const expected = picture('app:1', 'app:1 app:latest');
    expect(await shown(await tarFile(files))).toEqual(expected);
    expect(await shown(folderOf(files))).toEqual(expected);
    expect(await shown(await tarFile(files, gzipSync))).toEqual(expected);
    expect(await shown(await tarFile(files, zstd))).toEqual(expected);
  });

  test.each<[string, (tar: Buffer) => Buffer]>([['plain', (tar) => tar], ['gzip', gzipSync], ['zstd', zstd]])('OCI, layers %s: tar, folder, compressed', async (_, pack) => {
    const files: Record<string, Buffer> = {};
    const all = layout(files, [called(manifestIn(files, await image(), pack), 'app:1')]);
    const everything = { ...files, ...all };
    const expected = picture('app:1', 'app:1');
    expect(await shown(await tarFile(everything))).toEqual(expected);
    expect(await shown(folderOf(everything))).toEqual(expected);
    expect(await shown(await tarFile(everything, gzipSync))).toEqual(expected);
  });

  test('of a newer engine: an index.json with two names of it, and a manifest.json', async () => {
    const made = await image();
    const files: Record<string, Buffer> = {};
    const manifest = manifestIn(files, made);
    const annotations = (name: string): Descriptor => ({ ...manifest, annotations: { 'io.containerd.image.name': name, 'org.opencontainers.image.ref.name': name.split(':').at(-1) } });
    const all = layout(files, [annotations('docker.io/library/app:1'), annotations('ghcr.io/x/app:2')]);
    const path = await tarFile({ ...all, 'manifest.json': json([{ Config: `blobs/sha256/${hex(made.config)}`, RepoTags: ['app:1'], Layers: made.tars.map((tar) => `blobs/sha256/${hex(tar)}`) }]) });
    for (const reference of ['app:1', 'docker.io/library/app:1', 'ghcr.io/x/app:2', `sha256:${hex(made.config)}`, hex(made.config).slice(0, 12), String(manifest.digest)]) {
      expect(await shown(path, { reference })).toEqual(picture(reference, 'app:1 ghcr.io/x/app:2'));
    }
    expect((await openArchive(path)).image).toMatchObject({ reference: 'app:1', id: `sha256:${hex(made.config)}`, config: { Env: ['A=1'], Cmd: ['sh'] } });
  });

  test('rows as the config has them', async () => {
    const made = await image();
    const { rows, config, diffIds } = (await openArchive(await tarFile(saved([{ made, tags: ['app:1'] }])))).image;
    expect(rows).toEqual([
      { id: null, created: 1704164645, createdBy: 'ADD rootfs.tar / # buildkit', comment: 'buildkit.dockerfile.v0', emptyLayer: false, diffId: diffIds[0], size: undefined, tags: [] },
      { id: null, created: null, createdBy: 'ENV A=1', comment: '', emptyLayer: true, diffId: undefined, size: 0, tags: [] },
      { id: `sha256:${hex(made.config)}`, created: null, createdBy: 'RUN make # buildkit', comment: '', emptyLayer: false, diffId: diffIds[1], size: undefined, tags: ['app:1'] },
    ]);
    // A user that is a number is no user.
    expect(config).toEqual({ Env: ['A=1'], Cmd: ['sh'] });
  });

  test('without a history, each layer has a row', async () => {
    const { tars } = await image();
    const config = json({ os: 'linux', rootfs: { diff_ids: tars.map((tar) => `sha256:${hex(tar)}`) } });
    expect(await shown(await tarFile(saved([{ made: { config, tars }, tags: ['a'] }])))).toEqual(['a linux/unknown', ' 5009', ' 11 = a', 'folder etc, file etc/hosts, file big', 'whiteout big, file app']);
  });

  test('without a layer: null for the list of them, or none, as Podman has it', async () => {
    const config = json({ os: 'linux', architecture: 'amd64', rootfs: { type: 'layers', diff_ids: null }, history: [{ created_by: 'LABEL a=b', empty_layer: true }] });
    expect(await shown(await tarFile({ c: config, 'manifest.json': json([{ Config: 'c', RepoTags: ['app:1'], Layers: null }]) }))).toEqual(['app:1 linux/amd64', 'LABEL a=b 0 = app:1']);
    const files: Record<string, Buffer> = {};
    const without = Buffer.from(config.toString().replace(',"diff_ids":null', ''));
    expect(await shown(await tarFile(layout(files, [called(manifestIn(files, { config: without, tars: [] }), 'app:1')])))).toEqual(['app:1 linux/amd64', 'LABEL a=b 0 = app:1']);
  });

  test('a layer that is a link to another', async () => {
    const { config, tars } = await image();
    const names = tars.map((tar) => `${hex(tar)}/layer.tar`);
    const manifest = json([{ Config: `${hex(config)}.json`, RepoTags: ['app:1'], Layers: names }]);
    const path = await tarFile({ 'manifest.json': manifest, [`${hex(config)}.json`]: config, 'other/layer.tar': tars[0], 'x/l.tar': tars[1] }, undefined, [
      { name: names[0], type: 'symlink', linkname: '../other/layer.tar' }, { name: names[1], type: 'link', linkname: 'x/l.tar' },
    ]);
    expect(await shown(path)).toEqual(picture('app:1', 'app:1'));
  });
});

test('layers that lie in another order than the image has them, one of them twice', async () => {
  const tars = await Promise.all(['one', 'two', 'three'].map((name) => tarOf([{ name, text: name }])));
  const order = [2, 0, 1, 0];
  const config = json({ rootfs: { diff_ids: order.map((i) => `sha256:${hex(tars[i])}`) } });
  const manifest = json([{ Config: 'c', RepoTags: ['app:1'], Layers: order.map((i) => `${i}/layer.tar`) }]);
  const files = { ...Object.fromEntries(tars.map((tar, i) => [`${i}/layer.tar`, tar])), c: config, 'manifest.json': manifest };
  for (const path of [await tarFile(files), folderOf(files), await tarFile(files, gzipSync), await tarFile(files, zstd)]) {
    expect((await layersOf(await openArchive(path))).map(({ entries }) => entries[0].path)).toEqual(['three', 'one', 'two', 'one']);
  }
  const same = json([{ Config: 'c', Layers: order.map(() => '0/layer.tar') }]);
  expect(await problem(await tarFile({ ...files, 'manifest.json': same }))).toBe('IT: layer 2 of 4 is the file of layer 1, and should have another digest');
  const links = tars.map((_, i): TarEntry => ({ name: `${i}/layer.tar`, type: 'symlink', linkname: '../l' }));
  expect(await problem(await tarFile({ c: config, 'manifest.json': manifest, l: tars[0] }, gzipSync, links))).toMatch(/^IT: layer [13] of 4: the layer is sha256:HEX uncompressed, and not sha256:HEX/);
});

describe('several images', () => {
  test('of several names', async () => {
    const path = await tarFile(saved([{ made: await image(), tags: ['app:1'] }, { made: await image(' two'), tags: ['app:2', 'app'] }, { made: await image(' three') }]));
    expect(await problem(path)).toMatch(/^IT has 3 images, and one has to be named: app:1 \(linux\/amd64\); app:2, app \(linux\/amd64\); sha256:[a-f0-9]{12} \(linux\/amd64\)$/);
    expect(await problem(path, { reference: 'other' })).toMatch(/^IT has no image other: it has app:1/);
    expect((await openArchive(path, { reference: 'app:2' })).image.rows.at(-1)?.tags).toEqual(['app:2', 'app']);
    expect((await openArchive(path, { reference: 'app:latest' })).image.rows.at(-1)?.tags).toEqual(['app:2', 'app']);
  });

  test('for several platforms, in an index of its own, with attestations, artifacts and what was not saved', async () => {
    const files: Record<string, Buffer> = {};
    const manifests = [manifestIn(files, await image()), manifestIn(files, await image(' arm', ['arm64', 'v8'])), manifestIn(files, await image(' v7', ['arm', 'v7']))];
    const artifact = json({ schemaVersion: 2, config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: `sha256:${hex(json({}))}` }, layers: [] });
    files[`blobs/sha256/${hex(artifact)}`] = artifact;
    const index = json({ manifests: [
      ...manifests, { ...manifests[0], digest: `sha256:${'0'.repeat(64)}` }, { digest: `sha256:${hex(artifact)}` },
      { digest: 'never read', annotations: { 'vnd.docker.reference.type': 'attestation-manifest' } },
    ] });
    files[`blobs/sha256/${hex(index)}`] = index;
    const path = await tarFile(layout(files, [called({ digest: `sha256:${hex(index)}` }, 'app:1')]));
    expect(await problem(path)).toBe('IT has 3 images, and one has to be named: app:1 (linux/amd64); app:1 (linux/arm64/v8); app:1 (linux/arm/v7)');
    expect(await problem(path, { platform: 'linux/s390x' })).toMatch(/^IT has no image for linux\/s390x: it has app:1 \(linux\/amd64\);/);
    for (const platform of ['linux/amd64', 'linux/arm64/v8', 'linux/arm/v7']) expect((await openArchive(path, { platform })).image.platform).toBe(platform);
    expect((await openArchive(path, { platform: 'linux/arm64' })).image.platform).toBe('linux/arm64/v8');
    expect((await openArchive(path, { platform: 'linux/arm', reference: 'app:1' })).image.platform).toBe('linux/arm/v7');
  });
});

describe('what is wrong', () => {
  test('is not an archive', async () => {
    expect(await problem(join(folder, 'nowhere'))).toBe('IT is not there');
    expect(await problem(await tarFile({ 'a.txt': Buffer.from('a') }))).toBe('IT is no image archive: it has neither a manifest.json nor an index.json');
    expect(await problem(folderOf({ 'a.txt': Buffer.from('a') }))).toBe('IT is no image archive: it has neither a manifest.json nor an index.json');
    const text = join(folder, 'text');
    writeFileSync(text, 'FROM scratch\n'.repeat(100));
    expect(await problem(text)).toMatch(/^IT cannot be read: Invalid tar header/);
    expect(await problem(await tarFile({ 'index.json': json({ manifests: [] }) }))).toBe('IT has no image in it');
  });

  test('cut anywhere', async () => {
    const bytes = await tarOf(Object.entries(saved([{ made: await image(), tags: ['app:1'] }])).map(([name, data]) => ({ name, bytes: data })));
    const path = join(folder, 'cut.tar');
    for (let length = 1; length < bytes.length - 5000; length += 777) {
      writeFileSync(path, bytes.subarray(0, length));
      expect(await problem(path), `${length}`).not.toBe('none');
    }
    writeFileSync(path, gzipSync(bytes).subarray(0, 500));
    expect(await problem(path)).toBe('IT ends in the middle');
  });

  test('has other content than its digests say', async () => {
    const made = await image();
    const files: Record<string, Buffer> = {};
    const all = layout(files, [manifestIn(files, made)]);
    const layer = `blobs/sha256/${hex(made.tars[1])}`;
    const other = Buffer.from(made.tars[1]);
    other.write('APPLICATION', other.indexOf('application'));
    expect(await problem(await tarFile({ ...all, [layer]: other }))).toBe("IT: layer 2 of 2: the layer's content is not that of its digest sha256:HEX");
    expect(await problem(await tarFile({ ...all, [layer]: other.subarray(0, 1024) }))).toBe(`IT: layer 2 of 2 should have ${other.length} bytes, and has 1024`);
    expect(await problem(await tarFile(Object.fromEntries(Object.entries(all).filter(([name]) => name !== layer))))).toBe('IT: layer 2 of 2 is not in the archive ("blobs/sha256/HEX")');
    expect(await problem(await tarFile({ ...all, [`blobs/sha256/${hex(made.config)}`]: json({}) }))).toBe('what the archive has as sha256:HEX is something else');
    const old = saved([{ made }]);
    expect(await problem(await tarFile({ ...old, [`${hex(made.tars[1])}/layer.tar`]: other }))).toBe('IT: layer 2 of 2: the layer is sha256:HEX uncompressed, and not sha256:HEX as the image\'s config says');
  });

  test('is said in French where the editor is', async () => {
    speak(JSON.parse(readFileSync(join(import.meta.dirname, '../../l10n/bundle.l10n.fr.json'), 'utf8')) as Record<string, string>, 'fr');
    try {
      const { config, tars } = await image();
      const of = (layer: Buffer): Promise<string> => tarFile({ c: config, l: layer, m: tars[1], 'manifest.json': json([{ Config: 'c', RepoTags: ['app:1'], Layers: ['l', 'm'] }]) });
      const path = await of(tars[0]);
      expect([
        await problem(join(folder, 'nowhere')),
        await problem(await tarFile({ 'manifest.json': json([{ Config: 'c', Layers: [] }]), c: json([]) })),
        await problem(path, { reference: 'other' }),
        await problem(path, { bytes: 2000 }),
        await problem(await of(gzipSync(tars[0]).subarray(0, 100))),
        await problem(await of(tars[1])),
        await problem(await of(Buffer.from('FROM scratch\n'.repeat(100)))),
      ].join('\n')).toMatchInlineSnapshot(`
        "IT n’existe pas
        IT : la configuration n’a pas de liste rootfs.diff_ids
        IT n’a pas d’image other : il contient app:1 (linux/amd64)
        IT : couche 1 sur 2 : la couche dépasse 2000 octets après décompression
        IT : couche 1 sur 2 : la couche s’arrête au milieu
        IT : couche 1 sur 2 : la couche décompressée est sha256:HEX, et non sha256:HEX comme le dit la configuration de l’image
        IT : couche 1 sur 2 : la couche est illisible : En-tête tar non valide. Le tar est-il endommagé, ou encore compressé par gzip ?"
      `);
    } finally {
      speak();
    }
  });

  test('is not of the form that it should have', async () => {
    const { config, tars } = await image();
    const of = (manifest: unknown, more: Files = {}): Promise<string> => tarFile({ 'manifest.json': json(manifest), ...more });
    expect(await problem(await of([{}]))).toBe('the manifest.json in the archive names no config, or no layers');
    expect(await problem(await of([{ Config: '../../etc/passwd', Layers: [] }]))).toBe('the config "../../etc/passwd" is not in the archive');
    expect(await problem(await of([{ Config: 'c', Layers: [] }], { c: Buffer.from('<html>') }))).toBe('"c" in the archive is no JSON');
    expect(await problem(await of([{ Config: 'c', Layers: [] }], { c: json([]) }))).toBe('IT: the config has no list rootfs.diff_ids');
    expect(await problem(await of([{ Config: 'c', Layers: [] }], { c: json({ rootfs: { diff_ids: ['x'] } }) }))).toBe('IT: one of the diff_ids in the config is no sha256 digest');
    expect(await problem(await of([{ Config: 'c', Layers: ['l'] }], { c: config, l: tars[0] }))).toBe('IT: the manifest has 1 layers, the config 2');
    expect(await problem(await tarFile({ 'index.json': json({ manifests: [{ digest: 'sha256:../../etc/passwd' }] }) }))).toBe('"sha256:../../etc/passwd" is no digest by sha256 or sha512');
    expect(await problem(await tarFile({ 'index.json': Buffer.from('[') }))).toBe('"index.json" in the archive is no JSON');
  });

  test('leads in a circle, or out of its folder', async () => {
    // A digest of itself cannot be; but an index can name another one many times.
    const files: Record<string, Buffer> = {};
    const add = (value: unknown): Descriptor => {
      const bytes = json(value);
      files[`blobs/sha256/${hex(bytes)}`] = bytes;
      return { digest: `sha256:${hex(bytes)}` };
    };
    let index = add({ manifests: [] });
    for (let i = 0; i < 4; i++) index = add({ manifests: Array.from({ length: 50 }, () => index) });
    expect(await problem(await tarFile(layout(files, [index])))).toBe('the archive has more than 1000 manifests, or indexes more than 4 deep');

    const outside = folderOf({ 'manifest.json': json([{ Config: '../secret.json', Layers: [] }]) });
    writeFileSync(join(folder, 'secret.json'), json({ rootfs: { diff_ids: [] } }));
    expect(await problem(outside)).toBe('the config "../secret.json" is not in the archive');
    const device = folderOf({ 'manifest.json': json([{ Config: 'zero', Layers: [] }]) });
    symlinkSync('/dev/zero', join(device, 'zero'));
    expect(await problem(device)).toBe('the config "zero" is not in the archive');
  });

  test('is larger than it may be', async () => {
    const path = await tarFile(saved([{ made: await image(), tags: ['app:1'] }]));
    expect(await problem(path, { entries: 2 })).toBe('IT: layer 1 of 2: the layer has more than 2 entries');
    expect(await problem(path, { entries: 4 })).toBe('IT: its layers have more than 4 entries together');
    expect(await problem(path, { bytes: 2000 })).toBe('IT: layer 1 of 2: the layer is larger than 2000 bytes uncompressed');
    expect(await problem(await tarFile({ 'index.json': Buffer.alloc(5 * 2 ** 20, '[') }))).toBe('"index.json" in the archive should be a text, and has 5242880 bytes');
    expect(await problem(await tarFile({ 'index.json': Buffer.alloc(2 ** 20, '[') }, gzipSync), { free: 1e5 })).toBe('IT becomes more than 250 times as large as it is');
    const config = json({ rootfs: { diff_ids: [] }, history: 'x'.repeat(2 ** 20) });
    expect(await problem(await tarFile({ c: config, 'manifest.json': json(Array.from({ length: 8 }, () => ({ Config: 'c', Layers: [] }))) }))).toBe('the manifests and configs of the archive have more than 8388608 bytes');
    const rows = json({ rootfs: { diff_ids: [] }, history: Array.from({ length: 10_001 }, () => ({})) });
    expect(await problem(await tarFile({ c: rows, 'manifest.json': json([{ Config: 'c', Layers: [] }]) }))).toBe('IT: the config has a history of 10001 rows');
  });
});
