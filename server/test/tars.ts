/** Tars, and streams of zstd, made by hand for the tests. */
import { pack } from 'tar-stream';

export interface TarEntry {
  readonly name: string;
  readonly type?: 'file' | 'link' | 'symlink' | 'directory' | 'character-device' | 'block-device' | 'fifo';
  readonly text?: string;
  readonly bytes?: Buffer;
  readonly linkname?: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly mtime?: Date;
  readonly pax?: Readonly<Record<string, string>>;
}

export async function tarOf(entries: readonly TarEntry[]): Promise<Buffer> {
  const tar = pack();
  for (const { text, bytes, mtime = new Date(0), mode = 0o644, ...header } of entries) {
    if (text === undefined && bytes === undefined) tar.entry({ ...header, mtime, mode });
    else tar.entry({ ...header, mtime, mode }, bytes ?? Buffer.from(text ?? ''));
  }
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

export function inBlocks(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}

const magic = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
/** The largest that a block may have. */
const block = 128 * 1024;

/** A frame of raw blocks (RFC 8878, 3.1.1): the size of the content is in its header. */
export function zstd(content: Buffer): Buffer {
  const blocks = inBlocks(content, block);
  return Buffer.concat([magic, frameOf(content.length), ...blocks.flatMap((bytes, i) => [headerOf(bytes.length, 0, i === blocks.length - 1), bytes])]);
}

/** A frame of so many zero bytes: 4 bytes for each 128 KiB. */
export function zeros(length: number): Buffer {
  const count = Math.ceil(length / block);
  return Buffer.concat([magic, windowOf(), ...Array.from({ length: count }, (_, i) => Buffer.concat([headerOf(block, 1, i === count - 1), Buffer.alloc(1)]))]);
}

/** A single segment, the size in 4 bytes. */
function frameOf(length: number): Buffer {
  const header = Buffer.from([0xa0, 0, 0, 0, 0]);
  header.writeUInt32LE(length, 1);
  return header;
}

/** No size, a window of 1 MiB. */
function windowOf(): Buffer {
  return Buffer.from([0x00, 10 << 3]);
}

function headerOf(size: number, type: 0 | 1, isLast: boolean): Buffer {
  const header = Buffer.alloc(3);
  header.writeUIntLE(size * 8 + type * 2 + (isLast ? 1 : 0), 0, 3);
  return header;
}
