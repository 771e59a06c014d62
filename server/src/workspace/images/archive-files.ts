/** The files of an image archive: in a tar, compressed or not, or in a folder. Nothing is unpacked. */
import { createReadStream, type ReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract, type Header } from 'tar-stream';
import { magicOf, uncompressed, type Bounds } from './compression';
import { both, cleaned, problemOf } from './layers';

/** An archive cannot be read, or has not what is asked for; the message is one sentence. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';
}

export interface ArchiveFiles {
  /** Bytes of the file; undefined where there is none. */
  readonly size: (name: string) => Promise<number | undefined>;
  /** All of a small file; undefined where there is none. Throws ArchiveError of a large one. */
  readonly read: (name: string) => Promise<Buffer | undefined>;
  /** Of a file that is there, as a stream. */
  readonly stream: (name: string) => Readable;
}

/** Manifests and configs are some kilobytes; OCI asks registries to take manifests of 4 MiB. */
const largestText = 8 * 2 ** 20;
/** Of all texts that are read, together. */
const allTexts = 64 * 2 ** 20;
/** Texts of a compressed archive are kept from the first pass: so many bytes each and together. */
const largestKept = 2 ** 20;
const allKept = 32 * 2 ** 20;
const mostFiles = 100_000;

/** Throws ArchiveError. */
export async function openFiles(path: string, bounds: Bounds): Promise<ArchiveFiles> {
  try {
    const found = await stat(path);
    if (!found.isDirectory() && !found.isFile()) throw new ArchiveError(`${path} is neither a file nor a folder`);
    return sparing(found.isDirectory() ? folderFiles(path) : await tarFiles(path, bounds));
  } catch (error) {
    if (error instanceof ArchiveError) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new ArchiveError(`${path} is not there`, { cause: error });
    throw new ArchiveError(`${path} ${problemOf(error)}`, { cause: error });
  }
}

/** Many manifests may name one config. */
function sparing(files: ArchiveFiles): ArchiveFiles {
  let room = allTexts;
  return {
    ...files,
    read: async (name) => {
      room -= (await files.size(name)) ?? 0;
      if (room < 0) throw new ArchiveError(`the manifests and configs of the archive have more than ${allTexts} bytes`);
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
  const stream = (name: string): Readable => createReadStream(at(name));
  return { size, stream, read: async (name) => readSmall(name, await size(name), stream) };
}

interface Place {
  readonly offset: number;
  readonly size: number;
}

/** One pass notes where each file lies. A compressed archive is decompressed anew, up to the file, for each that is read. */
async function tarFiles(path: string, bounds: Bounds): Promise<ArchiveFiles> {
  const isCompressed = await compressed(path);
  const { places, links, texts } = await indexOf(path, bounds, isCompressed);
  // Older engines link a layer to the same one of another image.
  const placeOf = (name: string): [string, Place | undefined] => {
    const key = cleaned(name).path;
    const target = places.has(key) ? key : links.get(key) ?? key;
    return [target, places.get(target)];
  };
  const stream = (name: string): Readable => {
    const { offset, size } = placeOf(name)[1] ?? { offset: 0, size: 0 };
    if (size === 0) return Readable.from([]);
    return isCompressed ? Readable.from(part(path, bounds, offset, size), { objectMode: false }) : createReadStream(path, { start: offset, end: offset + size - 1 });
  };
  return {
    size: async (name) => placeOf(name)[1]?.size, stream,
    read: async (name) => {
      const [target, place] = placeOf(name);
      return texts.get(target) ?? readSmall(name, place?.size, stream);
    },
  };
}

async function compressed(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return magicOf(buffer.subarray(0, bytesRead)) !== 'none';
  } finally {
    await file.close();
  }
}

interface Index {
  readonly places: ReadonlyMap<string, Place>;
  readonly links: ReadonlyMap<string, string>;
  readonly texts: ReadonlyMap<string, Buffer>;
}

async function indexOf(path: string, bounds: Bounds, keep: boolean): Promise<Index> {
  const tar = extract();
  const streams = await uncompressed(createReadStream(path), bounds);
  return both(pipeline([...streams, tar as unknown as Writable]), gather(tar, keep));
}

async function gather(tar: ReturnType<typeof extract>, keep: boolean): Promise<Index> {
  const places = new Map<string, Place>();
  const links = new Map<string, string>();
  const texts = new Map<string, Buffer>();
  let room = keep ? allKept : 0;
  let count = 0;
  for await (const entry of tar) {
    if (++count > mostFiles) throw new ArchiveError(`the archive has more than ${mostFiles} entries`);
    const header = entry.header as Header & { readonly byteOffset: number };
    const { path } = cleaned(header.name);
    if (header.type === 'symlink') links.set(path, cleaned(posix.join(posix.dirname(path), header.linkname)).path);
    else if (header.type === 'link') links.set(path, cleaned(header.linkname).path);
    else if (header.type === 'file') {
      places.set(path, { offset: header.byteOffset, size: header.size });
      const chunks: Buffer[] = [];
      const isKept = header.size <= Math.min(room, largestKept);
      for await (const chunk of entry) if (isKept) chunks.push(chunk as Buffer);
      // Of several files of one name the last one counts.
      texts.delete(path);
      if (isKept && /^\s*[[{]/.test(chunks[0]?.toString('latin1', 0, 32) ?? '')) {
        texts.set(path, Buffer.concat(chunks));
        room -= header.size;
      }
      continue;
    }
    entry.resume();
  }
  return { places, links, texts };
}

/** So many bytes of a compressed file, uncompressed. */
async function* part(path: string, bounds: Bounds, offset: number, size: number): AsyncGenerator<Buffer> {
  const source = createReadStream(path);
  const [whole, ...rest] = await uncompressed(source, bounds);
  const last = rest.at(-1)!;
  const end = new AbortController();
  const flow = pipeline([whole, ...rest], { signal: end.signal }).catch((error: Error) => void last.destroy(error));
  try {
    let at = 0;
    for await (const chunk of last as AsyncIterable<Buffer>) {
      const piece = chunk.subarray(Math.max(0, offset - at), Math.max(0, offset + size - at));
      at += chunk.length;
      if (piece.length > 0) yield piece;
      if (at >= offset + size) break;
    }
  } finally {
    end.abort();
    source.destroy();
    await flow;
  }
}

async function readSmall(name: string, size: number | undefined, stream: (name: string) => Readable | ReadStream): Promise<Buffer | undefined> {
  if (size === undefined) return undefined;
  if (size > largestText) throw new ArchiveError(`${JSON.stringify(name)} in the archive should be a text, and has ${size} bytes`);
  const chunks: Buffer[] = [];
  for await (const chunk of stream(name)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
