/** Image archives for bench-images.ts, the same ones each time: layers of many small files and a few large ones, half of it compressible. */
import { createCipheriv, createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip, gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';

export interface Made {
  readonly path: string;
  readonly form: 'plain layers' | 'gzip layers' | 'plain layers, all of it in a .tar.gz';
  /** Where the layers lie, as they are in the archive; undefined where it is compressed as a whole. */
  readonly places: readonly Place[] | undefined;
}

export interface Place {
  readonly offset: number;
  readonly size: number;
}

const small = 1000;
const large = 3;
const largeSize = 4 << 20;

/** `layers` of some 20 MB each, in the form that `docker image save` writes since Docker 25. */
export async function makeArchives(folder: string, layers: number): Promise<{ readonly made: readonly Made[]; readonly bytes: number }> {
  const plain = openArchive(`${folder}/plain.tar`);
  const gzip = openArchive(`${folder}/gzip.tar`);
  const diffIds: string[] = [];
  let bytes = 0;
  for (let i = 0; i < layers; i++) {
    const tar = await layerTar(i);
    bytes += tar.length;
    diffIds.push(digestOf(tar));
    await plain.addLayer(tar);
    await gzip.addLayer(gzipSync(tar, { level: 1 }));
  }
  const config = json({ os: 'linux', architecture: 'amd64', config: {}, rootfs: { type: 'layers', diff_ids: diffIds }, history: diffIds.map((_, i) => ({ created_by: `RUN step ${i}` })) });
  for (const archive of [plain, gzip]) await archive.close(config);
  const whole = `${folder}/whole.tar.gz`;
  await pipeline(createReadStream(plain.path), createGzip({ level: 1 }), createWriteStream(whole));
  const made: readonly Made[] = [
    { path: plain.path, form: 'plain layers', places: plain.places }, { path: gzip.path, form: 'gzip layers', places: gzip.places },
    { path: whole, form: 'plain layers, all of it in a .tar.gz', places: undefined },
  ];
  return { made, bytes };
}

function openArchive(path: string) {
  const tar = openTar(path);
  const blobs: { readonly digest: string; readonly size: number }[] = [];
  const places: Place[] = [];
  const add = (bytes: Buffer): Promise<Place> => tar.add(nameOf(digestOf(bytes)), bytes);
  return {
    path, places,
    addLayer: async (bytes: Buffer): Promise<void> => {
      blobs.push({ digest: digestOf(bytes), size: bytes.length });
      places.push(await add(bytes));
    },
    close: async (config: Buffer): Promise<void> => {
      const manifest = json({ schemaVersion: 2, config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digestOf(config), size: config.length }, layers: blobs });
      for (const blob of [config, manifest]) await add(blob);
      await tar.add('oci-layout', json({ imageLayoutVersion: '1.0.0' }));
      await tar.add('index.json', json({ schemaVersion: 2, manifests: [{ digest: digestOf(manifest), size: manifest.length }] }));
      await tar.add('manifest.json', json([{ Config: nameOf(digestOf(config)), RepoTags: ['bench:1'], Layers: blobs.map(({ digest }) => nameOf(digest)) }]));
      await tar.close();
    },
  };
}

async function layerTar(number: number): Promise<Buffer> {
  const tar = pack();
  const chunks: Buffer[] = [];
  const reading = (async () => {
    for await (const chunk of tar) chunks.push(chunk as Buffer);
  })();
  const random = randomOf(number);
  for (let i = 0; i < small + large; i++) {
    const size = i < small ? 200 + (random() % 16_000) : largeSize;
    const name = `usr/lib/packages/p${number % 7}/module-${i % 40}/part-${number}-${i}/index-${i}.js`;
    tar.entry({ name, mtime: new Date(1.7e12 + i * 1000), mode: i % 9 === 0 ? 0o755 : 0o644 }, bytesOf(random() % 2 === 0, random(), size));
  }
  tar.finalize();
  await reading;
  return Buffer.concat(chunks);
}

const poolSize = 16 << 20;
const noise = createCipheriv('aes-128-ctr', Buffer.alloc(16, 1), Buffer.alloc(16)).update(Buffer.alloc(poolSize));
/** What compresses as program text does, to about a quarter. */
const text = Buffer.from(Array.from({ length: poolSize >> 5 }, (_, i) => `  return this.${noise.subarray(i * 4, i * 4 + 4).toString('hex')}(value)\n`).join('')).subarray(0, poolSize);

function bytesOf(isText: boolean, seed: number, size: number): Buffer {
  const at = seed % (poolSize - largeSize);
  return (isText ? text : noise).subarray(at, at + size);
}

function randomOf(seed: number): () => number {
  let state = (seed + 1) * 2654435761;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 4;
  };
}

function openTar(path: string) {
  const tar = pack();
  const written = pipeline(tar as unknown as Readable, createWriteStream(path));
  let at = 0;
  return {
    /** Of a name that a header has room for. */
    add: async (name: string, bytes: Buffer): Promise<Place> => {
      await new Promise<void>((resolve, reject) => tar.entry({ name, mtime: new Date(0) }, bytes, (error) => (error ? reject(error) : resolve())));
      const offset = at + 512;
      at = offset + Math.ceil(bytes.length / 512) * 512;
      return { offset, size: bytes.length };
    },
    close: (): Promise<void> => {
      tar.finalize();
      return written;
    },
  };
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function nameOf(digest: string): string {
  return `blobs/${digest.replace(':', '/')}`;
}
