/** The files of an image archive: in a tar, compressed or not, or in a folder. Nothing is unpacked. */
import { open, stat, type FileHandle } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { say, type Said } from '../../core/say';
import { blocksOf } from './blocks';
import { magicOf, uncompressed, type Bounds } from './compression';
import { cleaned, problemOf } from './layers';
import { tarReader, type TarHeader, type TarReader } from './tar';

/** An archive cannot be read, or has not what is asked for; the message is one sentence. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';

  constructor(message: Said, options?: ErrorOptions) {
    super(message, options);
  }
}

export interface ArchiveFiles {
  /** Bytes of the file; undefined where there is none. */
  readonly size: (name: string) => Promise<number | undefined>;
  /** All of a small file; undefined where there is none. Throws ArchiveError of a large one. */
  readonly read: (name: string) => Promise<Buffer | undefined>;
  /** Of files that are there: their bytes, in the order that takes least. A chunk is good until the next is asked for, a file until the next one. */
  readonly each: (names: readonly string[]) => AsyncIterable<readonly [name: string, chunks: AsyncIterable<Buffer>]>;
}

/** Manifests and configs are some kilobytes; OCI asks registries to take manifests of 4 MiB. */
const largestText = 4 * 2 ** 20;
/** Of all texts that are read, together: as values they take up to thirty times as much. */
const allTexts = 8 * 2 ** 20;
/** Texts of a compressed archive are kept from the first pass: so many bytes each and together. */
const largestKept = 2 ** 20;
const allKept = allTexts;
const mostFiles = 100_000;

/** Throws ArchiveError. */
export async function openFiles(path: string, bounds: Bounds): Promise<ArchiveFiles> {
  try {
    const found = await stat(path);
    if (!found.isDirectory() && !found.isFile()) throw new ArchiveError(say('{0} is neither a file nor a folder', path));
    return sparing(found.isDirectory() ? folderFiles(path) : await tarFiles(path, bounds));
  } catch (error) {
    if (error instanceof ArchiveError) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new ArchiveError(say('{0} is not there', path), { cause: error });
    throw new ArchiveError(problemOf(error, path), { cause: error });
  }
}

/** Many manifests may name one config. */
function sparing(files: ArchiveFiles): ArchiveFiles {
  let room = allTexts;
  return {
    ...files,
    read: async (name) => {
      room -= (await files.size(name)) ?? 0;
      if (room < 0) throw new ArchiveError(say('the manifests and configs of the archive have more than {0} bytes', allTexts));
      return files.read(name);
    },
  };
}

function folderFiles(folder: string): ArchiveFiles {
  const at = (name: string): string => join(folder, ...cleaned(name).parts);
  // A pipe would be waited for, a device would never end.
  const size = async (name: string): Promise<number | undefined> => {
    const found = await stat(at(name)).catch(() => undefined);
    return found?.isFile() ? found.size : undefined;
  };
  async function* each(names: readonly string[]): AsyncGenerator<readonly [string, AsyncIterable<Buffer>]> {
    for (const name of names) {
      const length = await size(name) ?? 0;
      yield [name, opened(at(name), (file) => blocksOf(file, 0, length))];
    }
  }
  return { size, each, read: async (name) => readSmall(name, await size(name), each) };
}

interface Place {
  readonly offset: number;
  readonly size: number;
}

/** One pass notes where each file lies: in a plain tar from header to header. A compressed one is decompressed once more for what is read of it. */
async function tarFiles(path: string, bounds: Bounds): Promise<ArchiveFiles> {
  const { places, links, texts, isCompressed } = await indexOf(path, bounds);
  // Older engines link a layer to the same one of another image.
  const placeOf = (name: string): [string, Place | undefined] => {
    const key = cleaned(name).path;
    const target = places.has(key) ? key : links.get(key) ?? key;
    return [target, places.get(target)];
  };
  async function* each(names: readonly string[]): AsyncGenerator<readonly [string, AsyncIterable<Buffer>]> {
    const wanted = names.map((name) => [name, placeOf(name)[1] ?? { offset: 0, size: 0 }] as const);
    if (isCompressed) yield* inPasses(path, bounds, wanted);
    else for (const [name, { offset, size }] of wanted) yield [name, opened(path, (file) => blocksOf(file, offset, offset + size))];
  }
  return {
    size: async (name) => placeOf(name)[1]?.size, each,
    read: async (name) => {
      const [target, place] = placeOf(name);
      return texts.get(target) ?? readSmall(name, place?.size, each);
    },
  };
}

/** Nothing is open before it is read, or after. */
async function* opened(path: string, read: (file: FileHandle) => AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const file = await open(path);
  try {
    yield* read(file);
  } finally {
    await file.close();
  }
}

interface Index {
  readonly places: ReadonlyMap<string, Place>;
  readonly links: ReadonlyMap<string, string>;
  readonly texts: ReadonlyMap<string, Buffer>;
}

async function indexOf(path: string, bounds: Bounds): Promise<Index & { readonly isCompressed: boolean }> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    const isCompressed = magicOf(buffer.subarray(0, bytesRead)) !== 'none';
    const { index, reader } = gatherer(isCompressed);
    if (isCompressed) for await (const chunk of uncompressed(blocksOf(file, 0, Infinity), bounds)) reader.push(chunk);
    else await readHeaders(file, reader);
    reader.close();
    return { ...index, isCompressed };
  } finally {
    await file.close();
  }
}

async function readHeaders(file: FileHandle, reader: TarReader): Promise<void> {
  const { size } = await file.stat();
  const room = Buffer.allocUnsafeSlow(16_384);
  for (let at = 0; at < size; ) {
    const { bytesRead } = await file.read(room, 0, room.length, at);
    if (bytesRead === 0) return;
    reader.push(room.subarray(0, bytesRead));
    at += bytesRead;
    const passed = Math.min(reader.passing(), size - at);
    reader.pass(passed);
    at += passed;
  }
}

/** `keep`: the texts, too. */
function gatherer(keep: boolean): { readonly index: Index; readonly reader: TarReader } {
  const places = new Map<string, Place>();
  const links = new Map<string, string>();
  const texts = new Map<string, Buffer>();
  let room = keep ? allKept : 0;
  let count = 0;
  let name = '';
  let header: TarHeader;
  let chunks: Buffer[] | undefined;
  const reader = tarReader({
    entry: (next, at) => {
      if (++count > mostFiles) throw new ArchiveError(say('the archive has more than {0} entries', mostFiles));
      header = next;
      name = cleaned(header.name).path;
      chunks = undefined;
      if (header.type === 'symlink') links.set(name, cleaned(posix.join(posix.dirname(name), header.link)).path);
      else if (header.type === 'link') links.set(name, cleaned(header.link).path);
      else if (header.type === 'file') {
        places.set(name, { offset: at, size: header.size });
        // Of several files of one name the last one counts.
        texts.delete(name);
        if (header.size <= Math.min(room, largestKept)) chunks = [];
      }
    },
    content: (piece) => void chunks?.push(Buffer.from(piece)),
    end: () => {
      if (!chunks || !/^\s*[[{]/.test(chunks[0]?.toString('latin1', 0, 32) ?? '')) return;
      texts.set(name, Buffer.concat(chunks));
      room -= header.size;
    },
  });
  return { index: { places, links, texts }, reader };
}

/** Of a compressed file, in the order in which they lie there; what is asked for twice is there in another pass. */
async function* inPasses(path: string, bounds: Bounds, wanted: readonly (readonly [string, Place])[]): AsyncGenerator<readonly [string, AsyncIterable<Buffer>]> {
  let left = wanted.toSorted(([, one], [, other]) => one.offset - other.offset);
  while (left.length > 0) {
    const again: typeof left = [];
    const bytes = cursorOf(opened(path, (file) => uncompressed(blocksOf(file, 0, Infinity), bounds)));
    try {
      for (const one of left) {
        const [name, { offset, size }] = one;
        if (offset < bytes.at()) again.push(one);
        else yield [name, bytes.part(offset, size)];
      }
    } finally {
      await bytes.close();
    }
    left = again;
  }
}

function cursorOf(chunks: AsyncGenerator<Buffer>) {
  let at = 0;
  let current: Buffer = Buffer.alloc(0);
  const skip = (count: number): Buffer => {
    const piece = current.subarray(0, count);
    at += piece.length;
    current = current.subarray(piece.length);
    return piece;
  };
  return {
    at: () => at,
    close: () => chunks.return(undefined),
    /** Shorter where they end before. */
    part: async function* (offset: number, size: number): AsyncGenerator<Buffer> {
      while (at < offset + size) {
        if (current.length === 0) {
          const { value, done } = await chunks.next();
          if (done) return;
          current = value;
        }
        skip(Math.max(0, offset - at));
        if (current.length > 0) yield skip(offset + size - at);
      }
    },
  };
}

async function readSmall(name: string, size: number | undefined, each: ArchiveFiles['each']): Promise<Buffer | undefined> {
  if (size === undefined) return undefined;
  if (size > largestText) throw new ArchiveError(say('{0} in the archive should be a text, and has {1} bytes', JSON.stringify(name), size));
  const chunks: Buffer[] = [];
  for await (const [, found] of each([name])) for await (const chunk of found) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}
