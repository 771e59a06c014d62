/** How bytes are compressed, and what undoes it, in bounds. */
import { createGunzip, type Gunzip, type ZlibOptions } from 'node:zlib';
import { say, type Said } from '../../core/say';
import { unzstd } from './zstd';

export type Compression = 'none' | 'gzip' | 'zstd';

/** It becomes more than it may. */
export class TooMuch extends Error {
  override readonly name = 'TooMuch';

  /** `about`: by which measure, said of what goes by a name. */
  constructor(readonly about: (name: string) => Said) {
    super(about('…'));
  }
}

export interface Bounds {
  /** Bytes, uncompressed. */
  readonly bytes: number;
  /** How many bytes one may become. gzip makes at most 1032 of one, zstd thirty times that. */
  readonly ratio: number;
  /** Bytes, uncompressed, that may come of as few as they like: a file of zeros is no attack yet. */
  readonly free: number;
}

/**
 * The first bytes tell how a source is compressed, and an empty one is not. `raw` is told of each chunk as it comes. All of the source is
 * read, but for what a caller no longer asks for. A chunk is good until the next is asked for, here and in the source.
 * Throws TooMuch, and what the source and the decoders throw.
 */
export async function* uncompressed(source: AsyncIterable<Buffer>, { bytes, ratio, free }: Bounds, raw?: (chunk: Buffer, compression: Compression) => void): AsyncGenerator<Buffer> {
  let read = 0;
  let written = 0;
  const { compression, whole } = await compressionOf(source);
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of whole) {
      read += chunk.length;
      raw?.(chunk, compression);
      yield chunk;
    }
  }
  for await (const chunk of decompressed(counted(), compression)) {
    written += chunk.length;
    if (written > bytes) throw new TooMuch((name) => say('{0} is larger than {1} bytes uncompressed', name, bytes));
    if (compression !== 'none' && written > free && written > read * ratio) throw new TooMuch((name) => say('{0} becomes more than {1} times as large as it is', name, ratio));
    yield chunk;
  }
}

/** `whole`: the source from its start, to be read instead of it. */
async function compressionOf(source: AsyncIterable<Buffer>): Promise<{ readonly compression: Compression; readonly whole: AsyncIterable<Buffer> }> {
  const chunks = source[Symbol.asyncIterator]();
  let head: Buffer = Buffer.alloc(0);
  while (head.length < 4) {
    const { value, done } = await chunks.next();
    if (done) break;
    head = head.length === 0 ? value as Buffer : Buffer.concat([head, value as Buffer]);
    // The next chunk may take its place.
    if (head.length < 4) head = Buffer.from(head);
  }
  async function* whole(): AsyncGenerator<Buffer> {
    try {
      if (head.length > 0) yield head;
      for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
    } finally {
      await chunks.return?.();
    }
  }
  return { compression: magicOf(head), whole: whole() };
}

/** RFC 1952 (2.3.1) and RFC 8878 (3.1.1): their magic numbers. */
export function magicOf(head: Uint8Array): Compression {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  // A skippable frame may come first (RFC 8878, 3.1.2): pzstd writes one.
  if (head[0] >> 4 === 5 && head[1] === 0x2a && head[2] === 0x4d && head[3] === 0x18) return 'zstd';
  return head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd ? 'zstd' : 'none';
}

function decompressed(chunks: AsyncIterable<Buffer>, compression: Compression): AsyncIterable<Buffer> {
  switch (compression) {
    case 'gzip': return gunzipped(chunks);
    case 'zstd': return unzstd(chunks);
    case 'none': return chunks;
  }
}

/** So much at once, and so much ahead: of larger pieces fewer calls are made. */
const sizes: ZlibOptions & { readonly highWaterMark: number } = { chunkSize: 2 ** 18, highWaterMark: 2 ** 19 };

/** While a chunk is used, the next ones are made in another thread. */
async function* gunzipped(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const stream = createGunzip(sizes);
  const feeding = feed(stream, chunks);
  yield* stream as AsyncIterable<Buffer>;
  await feeding;
}

/** Never rejects: what fails ends the stream. */
async function feed(stream: Gunzip, chunks: AsyncIterable<Buffer>): Promise<void> {
  let isEnded = false;
  // What follows the last member is no gzip: it is read, and its writing would never be done.
  const over = new Promise<void>((resolve) => void stream.once('end', () => void (isEnded = true)).once('end', resolve).once('close', resolve));
  try {
    for await (const chunk of chunks) {
      if (isEnded) continue;
      if (stream.destroyed) break;
      await Promise.race([new Promise<void>((resolve) => void stream.write(chunk, () => resolve())), over]);
    }
    if (!isEnded) stream.end();
  } catch (error) {
    stream.destroy(error as Error);
  }
}
