/** How a stream of bytes is compressed, and what undoes it, in bounds. */
import { Duplex, Readable, Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { unzstd } from './zstd';

export type Compression = 'none' | 'gzip' | 'zstd';

/** It becomes more than it may; the message says by which measure. */
export class TooMuch extends Error {
  override readonly name = 'TooMuch';
}

export interface Bounds {
  /** Bytes, uncompressed. */
  readonly bytes: number;
  /** How many bytes one may become. gzip makes at most 1032 of one, zstd thirty times that. */
  readonly ratio: number;
  /** Bytes, uncompressed, that may come of as few as they like: a file of zeros is no attack yet. */
  readonly free: number;
}

export interface Watch {
  /** Each chunk as it comes, and uncompressed. */
  readonly raw?: (chunk: Buffer) => void;
  readonly plain?: (chunk: Buffer) => void;
}

/**
 * The streams that a pipeline begins with; its first bytes tell how a source is compressed, and an empty one is not.
 * They end with TooMuch where it is too much.
 */
export async function uncompressed(source: Readable, { bytes, ratio, free }: Bounds, { raw, plain }: Watch = {}): Promise<readonly [Readable, ...Duplex[]]> {
  const { compression, whole } = await compressionOf(source);
  let read = 0;
  let written = 0;
  const before = watched((chunk) => {
    read += chunk.length;
    raw?.(chunk);
  });
  const after = watched((chunk) => {
    written += chunk.length;
    plain?.(chunk);
    if (written > bytes) throw new TooMuch(`is larger than ${bytes} bytes uncompressed`);
    if (compression !== 'none' && written > free && written > read * ratio) throw new TooMuch(`becomes more than ${ratio} times as large as it is`);
  });
  return compression === 'none' ? [whole, before, after] : [whole, before, decompressor(compression), after];
}

/** `whole` is the stream from its start, to be read instead of it. */
async function compressionOf(source: Readable): Promise<{ readonly compression: Compression; readonly whole: Readable }> {
  const chunks = source.iterator({ destroyOnReturn: true }) as AsyncIterableIterator<Buffer>;
  let head: Buffer = Buffer.alloc(0);
  while (head.length < 4) {
    const { value, done } = await chunks.next();
    if (done) break;
    head = Buffer.concat([head, value as Buffer]);
  }
  async function* whole(): AsyncGenerator<Buffer> {
    if (head.length > 0) yield head;
    yield* chunks;
  }
  return { compression: magicOf(head), whole: Readable.from(whole(), { objectMode: false }) };
}

/** RFC 1952 (2.3.1) and RFC 8878 (3.1.1): their magic numbers. */
export function magicOf(head: Uint8Array): Compression {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  // A skippable frame may come first (RFC 8878, 3.1.2): pzstd writes one.
  if (head[0] >> 4 === 5 && head[1] === 0x2a && head[2] === 0x4d && head[3] === 0x18) return 'zstd';
  return head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd ? 'zstd' : 'none';
}

function watched(use: (chunk: Buffer) => void): Transform {
  return new Transform({
    transform(chunk: Buffer, _, done) {
      try {
        use(chunk);
        done(null, chunk);
      } catch (error) {
        done(error as Error);
      }
    },
  });
}

function decompressor(compression: 'gzip' | 'zstd'): Duplex {
  return compression === 'gzip' ? createGunzip() : Duplex.from(unzstd);
}
