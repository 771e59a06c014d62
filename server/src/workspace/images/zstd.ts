/**
 * zstd as it comes (RFC 8878). fzstd decodes; the frames are walked through here, because it takes a window of any size, as much room
 * and time as that asks for, and reads offsets wrongly that windows past 64 MiB have (27 bits at once, out of 32).
 */
import { Decompress } from 'fzstd';
import { say } from '../../core/say';

/** What `zstd --long=26` makes; without `--long` or `--ultra` it is 8 MiB at most. */
const largestWindow = 64 * 2 ** 20;
const largestBlock = 128 * 1024;
/** fzstd moves the whole window for each block. Bytes moved: at least so many, and so many for each byte that comes out. */
const freeMoves = 64 * 2 ** 30;
const movesPerByte = 16384;

/** Throws Error: not zstd, cut, or more than is decoded here. Never more than a block at once. */
export async function* unzstd(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const take = takerOf(chunks);
  let moved = 0;
  let made = 0;
  for (let magic = await take(4, true); magic; magic = await take(4, true)) {
    if (magic[0] >> 4 === 5 && magic.readUIntLE(1, 3) === 0x184d2a) {
      for (let left = (await take(4)).readUInt32LE(); left > 0; left -= Math.min(left, largestBlock)) await take(Math.min(left, largestBlock));
      continue;
    }
    if (magic.readUInt32LE() !== 0xfd2fb528) throw new Error(say('invalid zstd data'));
    const header = await frameHeader(take);
    let out: Buffer[] = [];
    const decoder = new Decompress((data) => {
      if (data.length > 0) out.push(Buffer.from(data.buffer, data.byteOffset, data.length));
    });
    decoder.push(Buffer.concat([magic, header.bytes]));
    for (let isLast = false; !isLast; ) {
      const start = await take(3);
      const block = start.readUIntLE(0, 3);
      isLast = (block & 1) === 1;
      const size = block >> 3;
      if (size > largestBlock) throw new Error(say('invalid zstd data'));
      // A block of one byte that is repeated has that byte alone.
      decoder.push(Buffer.concat([start, await take(((block >> 1) & 3) === 1 ? 1 : size)]));
      moved += header.window;
      if (moved > freeMoves && moved > made * movesPerByte) throw new Error(say('its zstd stream takes far more work than what comes out explains'));
      for (const piece of out) made += piece.length;
      yield* out;
      out = [];
    }
    decoder.push(await take(header.hasChecksum ? 4 : 0), true);
    yield* out;
  }
}

interface FrameHeader {
  readonly bytes: Buffer;
  readonly window: number;
  readonly hasChecksum: boolean;
}

/** RFC 8878, 3.1.1.1. */
async function frameHeader(take: Take): Promise<FrameHeader> {
  const first = await take(1);
  const isSingle = (first[0] & 0x20) !== 0;
  const sizeFlag = first[0] >> 6;
  const dictionary = [0, 1, 2, 4][first[0] & 3];
  const sizeBytes = sizeFlag === 0 ? (isSingle ? 1 : 0) : 1 << sizeFlag;
  const rest = await take((isSingle ? 0 : 1) + dictionary + sizeBytes);
  const base = 2 ** (10 + (rest[0] >> 3));
  const size = (): number => {
    if (sizeBytes === 8) return Number(rest.readBigUInt64LE(dictionary));
    return rest.readUIntLE(dictionary, sizeBytes) + (sizeBytes === 2 ? 256 : 0);
  };
  const window = isSingle ? size() : base + (base / 8) * (rest[0] & 7);
  if (window > largestWindow) throw new Error(say('its zstd window has {0} bytes, and {1} are read here', window, largestWindow));
  return { bytes: Buffer.concat([first, rest]), window, hasChecksum: (first[0] & 4) !== 0 };
}

interface Take {
  (length: number): Promise<Buffer>;
  /** Undefined where nothing is left at all. */
  (length: number, mayEnd: true): Promise<Buffer | undefined>;
}

/** So many bytes, one after the other. Throws where there are fewer. */
function takerOf(chunks: AsyncIterable<Buffer>): Take {
  const iterator = chunks[Symbol.asyncIterator]();
  let current: Buffer = Buffer.alloc(0);
  async function take(length: number, mayEnd = false): Promise<Buffer | undefined> {
    const parts: Buffer[] = [];
    let missing = length;
    while (missing > 0) {
      if (current.length === 0) {
        const { value, done } = await iterator.next();
        if (done && mayEnd && missing === length) return undefined;
        if (done) throw new Error('unexpected EOF');
        current = value as Buffer;
      }
      const part = current.subarray(0, missing);
      current = current.subarray(part.length);
      missing -= part.length;
      parts.push(part);
    }
    return parts.length === 1 ? parts[0] : Buffer.concat(parts);
  }
  return take as Take;
}
