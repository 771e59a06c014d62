/**
 * A tar, block by block: POSIX's ustar and pax, and GNU's long names. Called with bytes, it calls back: of a layer with many small files,
 * streams and promises for each would take longer than its content. What engines leave out (Go's archive/tar) is left out.
 */
import { say } from '../../core/say';

export type TarType = 'file' | 'link' | 'symlink' | 'character-device' | 'block-device' | 'directory' | 'fifo' | 'contiguous-file' | 'other';

export interface TarHeader {
  readonly name: string;
  readonly type: TarType;
  /** Bytes of content. */
  readonly size: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  readonly link: string;
  /** Records of the entry's pax header. */
  readonly pax?: ReadonlyMap<string, string>;
}

export interface TarVisitor {
  /** `at`: where its content begins, in bytes from the start. */
  readonly entry: (header: TarHeader, at: number) => void;
  /** More of the content of the last entry; `piece` is good for as long as the call takes. */
  readonly content: (piece: Buffer) => void;
  /** All of its content was there. */
  readonly end: () => void;
}

export interface TarReader {
  /** The next bytes. Throws Error of what is no tar, and what the visitor throws. */
  readonly push: (bytes: Buffer) => void;
  /** How many bytes that come next say nothing of other entries. */
  readonly passing: () => number;
  /** The next bytes, of those, are left out: nobody is told of them. */
  readonly pass: (count: number) => void;
  /** Throws Error where the tar ends within an entry. */
  readonly close: () => void;
}

const block = 512;
/** Of a long name or a pax header, in bytes. */
const longestHeader = 4 * 2 ** 20;

export function tarReader(visitor: TarVisitor): TarReader {
  /** Of all that came. */
  let at = 0;
  /** Bytes that are still missing of an entry's content, or of a header's; then of what fills its last block. */
  let left = 0;
  let padding = 0;
  /** A header of which only a part has come. */
  let held: Buffer[] = [];
  let heldLength = 0;
  /** The type flag of the long header that is being read. */
  let long: number | undefined;
  let isInEntry = false;
  let path: string | undefined;
  let link: string | undefined;
  let pax: Map<string, string> | undefined;
  return {
    push,
    passing: () => (long === undefined ? left + padding : 0),
    pass: (count) => {
      at += count;
      padding -= Math.max(0, count - left);
      left = Math.max(0, left - count);
      endContent();
    },
    close: () => {
      if (left > 0 || padding > 0 || heldLength > 0) throw new Error('Unexpected end of data');
    },
  };

  function push(bytes: Buffer): void {
    let from = 0;
    while (from < bytes.length) {
      const there = bytes.length - from;
      if (long !== undefined && left > 0) from += hold(bytes, from, left, readLong);
      else if (left > 0) {
        const piece = bytes.subarray(from, from + left);
        left -= piece.length;
        from += piece.length;
        at += piece.length;
        visitor.content(piece);
        endContent();
      } else if (padding > 0) {
        const passed = Math.min(padding, there);
        padding -= passed;
        from += passed;
        at += passed;
      } else from += hold(bytes, from, block, readHeader);
    }
  }

  /** Answers how many bytes it took: of `size` that `use` wants at once. */
  function hold(bytes: Buffer, from: number, size: number, use: (bytes: Buffer) => void): number {
    const piece = bytes.subarray(from, from + size - heldLength);
    at += piece.length;
    if (piece.length === size) use(piece);
    else {
      // The caller's bytes are good for now only.
      held.push(Buffer.from(piece));
      heldLength += piece.length;
      if (heldLength === size) {
        const whole = Buffer.concat(held);
        held = [];
        heldLength = 0;
        use(whole);
      }
    }
    return piece.length;
  }

  function readHeader(bytes: Buffer): void {
    const sum = sumOf(bytes);
    // Nothing but zeros.
    if (sum === emptySum) return;
    if (sum !== numberAt(bytes, 148, 8)) throw new Error(say('Invalid tar header. Maybe the tar is corrupted or it needs to be gunzipped?'));
    const magic = bytes.toString('latin1', 257, 263);
    if (magic !== 'ustar\0' && bytes.toString('latin1', 257, 265) !== 'ustar  \0') throw new Error(say('Invalid tar header: unknown format.'));
    const flag = bytes[156];
    const size = numberAt(bytes, 124, 12);
    if (longFlags.has(flag)) {
      if (!(size >= 0 && size <= longestHeader)) throw new Error(say('Header exceeds max size'));
      long = flag;
      left = size;
      padding = paddingOf(size);
      if (size === 0) readLong(Buffer.alloc(0));
      return;
    }
    readEntry(bytes, flag, magic === 'ustar\0', size);
  }

  function readEntry(bytes: Buffer, flag: number, hasPrefix: boolean, own: number): void {
    const short = textAt(bytes, 0, 100);
    const name = path ?? (pax?.get('path') || (hasPrefix && bytes[345] !== 0 ? `${textAt(bytes, 345, 155)}/${short}` : short));
    const size = pax?.get('size') ? parseInt(pax.get('size')!, 10) : own;
    if (!(size >= 0)) throw new Error(say('Invalid header'));
    const type = (flag === 0 || flag === 0x30) && name.endsWith('/') ? 'directory' : types[flag] ?? 'other';
    const header: TarHeader = {
      name, type, size, mode: numberAt(bytes, 100, 8), uid: numberAt(bytes, 108, 8), gid: numberAt(bytes, 116, 8), mtime: numberAt(bytes, 136, 12),
      link: link ?? (pax?.get('linkpath') || textAt(bytes, 157, 100)), ...(pax && { pax }),
    };
    path = link = pax = undefined;
    left = headerOnly.has(type) ? 0 : size;
    padding = paddingOf(left);
    isInEntry = true;
    visitor.entry(header, at);
    endContent();
  }

  function endContent(): void {
    if (left > 0 || !isInEntry) return;
    isInEntry = false;
    visitor.end();
  }

  function readLong(bytes: Buffer): void {
    left = 0;
    switch (long) {
      case 0x4b: link = textAt(bytes, 0, bytes.length); break;
      case 0x67: break;
      case 0x78: pax = recordsIn(bytes); break;
      default: path = textAt(bytes, 0, bytes.length);
    }
    long = undefined;
  }
}

/** Long link, long name (two flags), pax: global, which is left out, and of an entry. */
const longFlags = new Set([0x4b, 0x4c, 0x4e, 0x67, 0x78]);

const types: Readonly<Record<number, TarType>> = {
  0: 'file', 0x30: 'file', 0x31: 'link', 0x32: 'symlink', 0x33: 'character-device', 0x34: 'block-device', 0x35: 'directory', 0x36: 'fifo', 0x37: 'contiguous-file',
};

/** Have no content, whatever their size is. */
const headerOnly = new Set<TarType>(['link', 'symlink', 'character-device', 'block-device', 'directory', 'fifo']);

/** Of a block of zeros: the checksum counts as eight blanks. */
const emptySum = 8 * 32;

function sumOf(bytes: Buffer): number {
  let sum = emptySum;
  for (let i = 0; i < 148; i++) sum += bytes[i];
  for (let i = 156; i < block; i++) sum += bytes[i];
  return sum;
}

function paddingOf(size: number): number {
  return (block - (size % block)) % block;
}

function textAt(bytes: Buffer, from: number, length: number): string {
  let end = from;
  let isAscii = true;
  while (end < from + length && bytes[end] !== 0) if (bytes[end++] > 127) isAscii = false;
  return bytes.toString(isAscii ? 'latin1' : 'utf8', from, end);
}

/** Octal digits, or with the first bit set a number to the base of 256. NaN: neither. */
function numberAt(bytes: Buffer, from: number, length: number): number {
  if (bytes[from] === 0x80 || bytes[from] === 0xff) {
    const isNegative = bytes[from] === 0xff;
    let number = 0;
    for (let i = from + 1; i < from + length; i++) number = number * 256 + (isNegative ? 255 - bytes[i] : bytes[i]);
    return isNegative ? -number - 1 : number;
  }
  const end = from + length;
  let i = from;
  while (i < end && bytes[i] === 0x20) i++;
  while (i < end && bytes[i] === 0) i++;
  if (i === end || bytes[i] === 0x20) return 0;
  let number = NaN;
  for (; i < end && bytes[i] >= 0x30 && bytes[i] <= 0x37; i++) number = (Number.isNaN(number) ? 0 : number * 8) + bytes[i] - 0x30;
  return number;
}

/** Of a pax header: `LENGTH KEY=VALUE\n`, the length in decimal digits and of all of it. What has not that form ends them. */
function recordsIn(bytes: Buffer): Map<string, string> {
  const records = new Map<string, string>();
  for (let from = 0; from < bytes.length; ) {
    const blank = bytes.indexOf(0x20, from);
    const length = blank === -1 ? NaN : parseInt(bytes.toString('latin1', from, Math.min(blank, from + 20)), 10);
    if (!(length > 0)) break;
    const record = bytes.toString('utf8', blank + 1, from + length - 1);
    const equals = record.indexOf('=');
    if (equals === -1) break;
    records.set(record.slice(0, equals), record.slice(equals + 1));
    from += length;
  }
  return records;
}
