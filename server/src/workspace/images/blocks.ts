/** A file's bytes from here to there, in large blocks: the next one is read while the last one is used. */
import type { FileHandle } from 'node:fs/promises';

const length = 2 ** 20;

/** Up to `end`, or the end of the file. A block is good until the next is asked for: there are two of them, by turns. */
export async function* blocksOf(file: FileHandle, start: number, end: number): AsyncGenerator<Buffer> {
  const room = [0, length].map((before) => Buffer.allocUnsafeSlow(Math.min(length, Math.max(0, end - start - before))));
  let at = start;
  const read = (turn: number): Promise<Buffer> => {
    const reading = filled(file, room[turn].subarray(0, end - at), at);
    at += length;
    // Whether it failed is asked when its turn comes.
    reading.catch(() => undefined);
    return reading;
  };
  let next = at < end ? read(0) : undefined;
  for (let turn = 1; next; turn = 1 - turn) {
    const block: Buffer = await next;
    next = at < end && block.length === length ? read(turn) : undefined;
    if (block.length > 0) yield block;
  }
}

/** As much of it as the file has. */
async function filled(file: FileHandle, room: Buffer, at: number): Promise<Buffer> {
  let length = 0;
  while (length < room.length) {
    const { bytesRead } = await file.read(room, length, room.length - length, at + length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return room.subarray(0, length);
}
