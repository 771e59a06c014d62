/** One layer's tar, as pictures: what comes in entry by entry, and what is made of it; and tars that nobody should have made. */
import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LayerError, readLayer, type LayerOptions } from '../src/workspace/images/layers';
import { inBlocks, tarOf, zeros, zstd, type TarEntry } from './tars';

async function read(bytes: Buffer, options?: LayerOptions, chunk = 65536): Promise<string[]> {
  const { entries } = await readLayer(Readable.from(inBlocks(bytes, chunk), { objectMode: false }), options);
  return entries.map(({ kind, path, size, link, mode, uid, gid, mtime }) => [
    `${kind} ${path}`, kind === 'file' ? ` ${size}` : '', link === undefined ? '' : ` -> ${link}`,
    mode === 0o644 || kind !== 'file' ? '' : ` ${mode.toString(8)}`, uid + gid === 0 ? '' : ` ${uid}:${gid}`, mtime === 0 ? '' : ` at ${mtime}`,
  ].join(''));
}

async function problem(bytes: Buffer, options?: LayerOptions): Promise<string> {
  try {
    await read(bytes, options);
  } catch (error) {
    expect(error).toBeInstanceOf(LayerError);
    return (error as Error).message;
  }
  return 'none';
}

const sha256 = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

test('entries of all kinds', async () => {
  expect(await read(await tarOf([
    { name: './', type: 'directory' }, { name: './etc/', type: 'directory' }, { name: './etc/hosts', text: '127.0.0.1' },
    { name: 'bin/sh', text: '#!', mode: 0o4755, uid: 5, gid: 6, mtime: new Date(12_700) },
    { name: 'bin/bash', type: 'link', linkname: './bin/sh' }, { name: 'bin/dash', type: 'symlink', linkname: '../x/./sh' },
    { name: 'dev/null', type: 'character-device' }, { name: 'dev/sda', type: 'block-device' }, { name: 'run/pipe', type: 'fifo' }, { name: 'empty', text: '' },
  ]))).toEqual([
    'folder etc', 'file etc/hosts 9', 'file bin/sh 2 4755 5:6 at 12', 'hardlink bin/bash -> bin/sh', 'symlink bin/dash -> ../x/./sh',
    'device dev/null', 'device dev/sda', 'device run/pipe', 'file empty 0',
  ]);
});

test('whiteouts, opaque folders, and what AUFS left', async () => {
  const names = ['.wh.a', 'd/.wh.b', 'd/.wh..wh..opq', '.wh..wh..opq', '.wh..wh.plnk', '.wh..wh.orph/x', '.wh.', '.wh..', 'd/.wh...', '.wh..x', 'd/.whx'];
  expect(await read(await tarOf(names.map((name) => ({ name, text: '' }))))).toEqual([
    'whiteout a', 'whiteout d/b', 'opaque d', 'opaque ', 'whiteout .x', 'file d/.whx 0',
  ]);
});

test('paths stay inside', async () => {
  const names = ['/abs', '../../up', 'd/../e', 'a//b', './c/.', '..', '/', 'd/../../../.wh.f'];
  expect(await read(await tarOf(names.map((name) => ({ name, text: '' }))))).toEqual(['file abs 0', 'file up 0', 'file e 0', 'file a/b 0', 'file c 0', 'whiteout f']);
  expect(await read(await tarOf([{ name: 'a', type: 'link', linkname: '/../../etc/passwd' }]))).toEqual(['hardlink a -> etc/passwd']);
});

test('long and odd names, and what PAX says of owners, times and sparse files', async () => {
  const long = `${'d'.repeat(200)}/${'ü'.repeat(100)}`;
  const pax = (name: string, records: Readonly<Record<string, string>>): TarEntry => ({ name, text: 'map and data', pax: records });
  expect(await read(await tarOf([
    { name: long, text: 'x' }, { name: 'link', type: 'symlink', linkname: long },
    pax('owned', { uid: '3000000', gid: '4000000', mtime: '1.75' }), pax('xattr', { 'SCHILY.xattr.security.capability': 'x' }),
    pax('GNUSparseFile.0/s', { 'GNU.sparse.major': '1', 'GNU.sparse.name': 'var/sparse', 'GNU.sparse.realsize': '1000000' }), pax('odd', { uid: 'no number', mtime: '' }),
  ]))).toEqual([`file ${long} 1`, `symlink link -> ${long}`, 'file owned 12 3000000:4000000 at 1', 'file xattr 12', 'file var/sparse 1000000', 'file odd 12']);
  // GNU: a name in an entry before its own.
  const [name, file] = [await tarOf([{ name: '././@LongLink', text: `${'g'.repeat(300)}\0` }]), await tarOf([{ name: 'short', text: 'x' }])];
  name.write('L', 156);
  name.write('        ', 148);
  name.write(`${name.subarray(0, 512).reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, '0')}\0 `, 148);
  expect(await read(Buffer.concat([name.subarray(0, 1024), file]))).toEqual([`file ${'g'.repeat(300)} 1`]);
});

test('the content and the whole have their digests', async () => {
  const tar = await tarOf([{ name: 'a', text: 'same' }, { name: 'b', text: 'same' }, { name: 'c', text: 'other' }, { name: 'd', text: '' }]);
  const { diffId, entries } = await readLayer(Readable.from([tar]));
  expect(diffId).toBe(sha256(tar));
  expect(entries.map(({ content }) => content)).toEqual(['same', 'same', 'other', ''].map((text) => sha256(Buffer.from(text))));
});

describe.each<[how: string, pack: (tar: Buffer) => Buffer]>([['plain', (tar) => tar], ['gzip', (tar) => gzipSync(tar)], ['zstd', zstd]])('%s', (how, pack) => {
  const big = randomBytes(300_000);
  const tar = tarOf([{ name: 'big', bytes: big }, { name: 'a', text: 'a' }]);

  test.each([1, 1000, 1e6])('in chunks of %i', async (chunk) => {
    const bytes = pack(await tarOf([{ name: 'a', text: 'some text' }, { name: 'b', text: 'b' }]));
    expect(await read(bytes, { digest: sha256(bytes) }, chunk)).toEqual(['file a 9', 'file b 1']);
  });

  test('the right and the wrong digest', async () => {
    const bytes = pack(await tar);
    expect(await read(bytes, { digest: sha256(bytes), diffId: sha256(await tar) })).toEqual(['file big 300000', 'file a 1']);
    expect(await problem(bytes, { digest: sha256(Buffer.from('x')) })).toMatch(/^the layer's content is not that of its digest sha256:2d71/);
    expect(await problem(bytes, { diffId: sha256(Buffer.from('x')) })).toMatch(/^the layer is sha256:[a-f0-9]{64} uncompressed, and not sha256:2d71/);
    expect(await problem(bytes, { digest: 'md5:x' })).toBe('"md5:x" is no digest by sha256 or sha512');
  });

  test('cut anywhere', async () => {
    const bytes = pack(await tarOf([{ name: 'a', text: 'x'.repeat(600) }, { name: 'b', text: 'y' }]));
    for (let length = 5; length < bytes.length - (how === 'plain' ? 1024 : 0); length += 37) {
      const said = await problem(bytes.subarray(0, length));
      // Between two entries nothing is missing, but the digest shows it.
      if (how !== 'plain' || length % 512 !== 0) expect(said, `${length}`).toBe('the layer ends in the middle');
    }
  });

  test('limits', async () => {
    const bytes = pack(await tar);
    expect(await problem(bytes, { bytes: 100_000 })).toBe('the layer is larger than 100000 bytes uncompressed');
    expect(await problem(bytes, { entries: 1 })).toBe('the layer has more than 1 entries');
  });
});

test('gzip: several members, and what follows the last one', async () => {
  const tar = await tarOf([{ name: 'a', text: 'x'.repeat(700) }]);
  const members = Buffer.concat([0, 1, 500, 1024].map((from, i, all) => gzipSync(tar.subarray(from, all[i + 1]))));
  const bytes = Buffer.concat([members, Buffer.alloc(200_000), randomBytes(200_000)]);
  for (const chunk of [1000, 1e6]) expect(await read(bytes, { digest: sha256(bytes), diffId: sha256(tar) }, chunk)).toEqual(['file a 700']);
});

/** With another size and type in its header. */
function retold(tar: Buffer, size: string, type = '0'): Buffer {
  const bytes = Buffer.from(tar);
  bytes.write(size, 124, 'latin1');
  bytes.write(type, 156, 'latin1');
  bytes.write('        ', 148);
  bytes.write(`${bytes.subarray(0, 512).reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, '0')}\0 `, 148);
  return bytes;
}

test('as engines read it: links, folders and devices have no content, a file whose name ends in a slash is a folder, global headers say nothing', async () => {
  const next = await tarOf([{ name: 'next', text: 'x' }]);
  const [linked] = inBlocks(await tarOf([{ name: 'l', type: 'link', linkname: 'next' }]), 512);
  for (const type of ['1', '2', '3', '4', '5', '6']) expect((await read(Buffer.concat([retold(linked, '00000001750', type), next]))).at(-1)).toBe('file next 1');
  expect(await read(await tarOf([{ name: 'old/', type: 'file', text: '' }, { name: 'a', text: 'a' }]))).toEqual(['folder old', 'file a 1']);
  const [header, records] = inBlocks(await tarOf([{ name: 'a', text: '', pax: { path: 'another' } }]), 512);
  expect(await read(Buffer.concat([retold(header, header.toString('latin1', 124, 135), 'g'), records, next]))).toEqual(['file next 1']);
});

test('what becomes far more than it is', async () => {
  const bomb = zeros(200_000_000);
  expect(bomb.length).toBeLessThan(10_000);
  expect(await problem(bomb, { bytes: 10_000_000 })).toBe('the layer is larger than 10000000 bytes uncompressed');
  expect(await problem(bomb, { free: 10_000_000 })).toBe('the layer becomes more than 250 times as large as it is');
  expect(await problem(gzipSync(Buffer.alloc(20_000_000)), { free: 10_000_000 })).toBe('the layer becomes more than 250 times as large as it is');
});

test('zstd: several frames, what is skipped, and a window that is too large', async () => {
  const tar = await tarOf([{ name: 'a', text: 'x'.repeat(700) }]);
  const skipped = Buffer.concat([Buffer.from([0x5e, 0x2a, 0x4d, 0x18, 3, 0, 0, 0]), Buffer.from('abc')]);
  const frames = [skipped, ...[0, 1, 500, 501, 1024].map((from, i, all) => zstd(tar.subarray(from, all[i + 1]))), skipped];
  expect(await read(Buffer.concat(frames), { diffId: sha256(tar) }, 7)).toEqual(['file a 700']);
  expect(await problem(Buffer.concat([...frames, Buffer.from('more')]))).toBe('the layer cannot be read: invalid zstd data');
  // 128 MiB: `zstd --long=27`. A hundred such frames have no time and no room to take.
  const large = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 17 << 3, 9, 0, 0, 0]);
  expect(await problem(Buffer.concat(Array.from({ length: 100 }, () => large)))).toBe('the layer cannot be read: its zstd window has 134217728 bytes, and 67108864 are read here');
});

test('sizes that lie', async () => {
  const tar = await tarOf([{ name: 'a', text: 'x' }]);
  const lying = (size: string): Buffer => retold(tar, size);
  expect(await problem(lying('77777777777'))).toBe('the layer ends in the middle');
  expect(await problem(lying('\x80\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff'))).toBe('the layer ends in the middle');
  expect(await problem(lying('\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xf0'))).toBe('the layer cannot be read: Invalid header');
});

test('no tar at all', async () => {
  expect(await problem(Buffer.from('<html>'.repeat(200)))).toMatch(/^the layer cannot be read: Invalid tar header/);
  expect(await problem(Buffer.from('{}'))).toBe('the layer ends in the middle');
  expect(await problem(gzipSync('x'.repeat(1024)))).toMatch(/^the layer cannot be read: Invalid tar header/);
  expect(await problem(Buffer.concat([Buffer.from([0x1f, 0x8b]), randomBytes(2000)]))).toMatch(/^the layer (cannot be read|ends in the middle)/);
  expect(await problem(Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xff]), randomBytes(2000)]))).toMatch(/^the layer (cannot be read|ends in the middle)/);
  expect(await read(Buffer.alloc(0))).toEqual([]);
  expect(await problem(await tarOf([{ name: 'x', text: '', pax: { path: 'a\0b' } }]))).toBe('the layer has a path with a NUL in it: "a\\u0000b"');
  expect(await problem(await tarOf([{ name: 'x'.repeat(5000), text: '' }]))).toBe('the layer has a path of 5000 characters');
});

test('a source that breaks, and one that ends early', async () => {
  const broken = new Readable({ read() { this.destroy(new Error('the wire was cut')); } });
  await expect(readLayer(broken)).rejects.toThrow('the layer cannot be read: the wire was cut');
  const tar = await tarOf([{ name: 'a', bytes: randomBytes(100_000) }]);
  const half = Readable.from((async function* () { yield tar.subarray(0, 50_000); throw new Error('the wire was cut'); })());
  await expect(readLayer(half)).rejects.toThrow('the layer cannot be read: the wire was cut');
  expect(half.destroyed).toBe(true);
});

test('any byte changed: a layer or a sentence, and an end', async () => {
  const tar = await tarOf([{ name: 'a'.repeat(150), text: 'x'.repeat(700) }, { name: 'd/', type: 'directory' }, { name: 'd/l', type: 'link', linkname: 'a' }, { name: 'owned', text: 'y', pax: { uid: '5', mtime: '1.5' } }]);
  const packed = [tar, gzipSync(tar), zstd(tar)];
  await fc.assert(fc.asyncProperty(fc.constantFrom(...packed), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }), async (whole, changes) => {
    const bytes = Buffer.from(whole);
    for (const [at, value] of changes) bytes[at % bytes.length] = value;
    await problem(bytes, { bytes: 1e6 });
  }), { numRuns: 500 });
});
