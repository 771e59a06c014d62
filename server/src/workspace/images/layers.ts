/**
 * A layer's tar, as it comes → what it holds. Whoever made it need not be trusted: nothing is unpacked, no file is held in memory,
 * and what is read is bounded.
 */
import * as crypto from 'node:crypto';
import { createHash, type Hash } from 'node:crypto';
import type { LayerEntry, LayerFiles } from '../../core/image/model';
import { say, type Said } from '../../core/say';
import { TooMuch, uncompressed, type Bounds, type Compression } from './compression';
import { tarReader, type TarHeader, type TarReader } from './tar';

/** A layer cannot be read; the message is one sentence about what it is, or was expected to be. */
export class LayerError extends Error {
  override readonly name = 'LayerError';

  constructor(message: Said, options?: ErrorOptions) {
    super(message, options);
  }
}

/** By default 2,000,000 entries, 64 GiB, and past 4 GiB no more than 250 times the bytes that there are compressed. */
export interface LayerLimits extends Bounds {
  /** Of the tar. */
  readonly entries: number;
  /** Ends the reading, with its reason. */
  readonly stop?: AbortSignal;
}

export interface LayerOptions extends Partial<LayerLimits> {
  /** `sha256:…` or `sha512:…`, of the bytes as they come. */
  readonly digest?: string;
  /** `sha256:…`, of the uncompressed tar. */
  readonly diffId?: string;
}

/** Each takes some 320 bytes here, and twice as much where waste is looked for. */
export const mostEntries = 2_000_000;
const defaults: LayerLimits = { entries: mostEntries, bytes: 64 * 2 ** 30, ratio: 250, free: 4 * 2 ** 30 };
/** Linux takes no longer path in one call. */
const longestPath = 4096;
/** Of all paths and links together, in characters. */
const allPaths = 2 ** 28;

/**
 * A tar, compressed by gzip or zstd or not at all (its first bytes tell). A chunk need not be good for longer than until the next is asked
 * for. Throws LayerError, and asks for no more then.
 */
export async function readLayer(source: AsyncIterable<Buffer>, { digest, diffId: expected, stop, ...limits }: LayerOptions = {}): Promise<LayerFiles> {
  const { entries: most, ...bounds } = { ...defaults, ...limits };
  const inner = createHash('sha256');
  let outer: ReturnType<typeof digestOf> | undefined;
  let isSame = false;
  const { reader, entries } = gatherer(most);
  try {
    if (digest !== undefined) outer = digestOf(digest);
    const raw = (chunk: Buffer, compression: Compression): void => {
      // The same digest of the same bytes.
      isSame = compression === 'none' && outer?.algorithm === 'sha256';
      if (!isSame) outer?.hash.update(chunk);
    };
    for await (const chunk of uncompressed(source, bounds, raw)) {
      stop?.throwIfAborted();
      inner.update(chunk);
      reader.push(chunk);
    }
    reader.close();
  } catch (error) {
    throw asLayerError(error);
  }
  const diffId = `sha256:${inner.digest('hex')}`;
  if (outer && (isSame ? diffId : `${outer.algorithm}:${outer.hash.digest('hex')}`) !== digest) throw new LayerError(say("the layer's content is not that of its digest {0}", digest ?? ''));
  if (expected !== undefined && expected !== diffId) throw new LayerError(say("the layer is {0} uncompressed, and not {1} as the image's config says", diffId, expected));
  return { diffId, entries };
}

/** Throws LayerError of an algorithm that OCI does not register. */
export function digestOf(digest: string): { algorithm: string; hash: Hash } {
  const algorithm = /^(?:sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128})$/.test(digest) ? digest.slice(0, 6) : undefined;
  if (algorithm === undefined) throw new LayerError(say('{0} is no digest by sha256 or sha512', JSON.stringify(digest.slice(0, 200))));
  return { algorithm, hash: createHash(algorithm) };
}

function gatherer(most: number): { readonly reader: TarReader; readonly entries: readonly LayerEntry[] } {
  const entries: LayerEntry[] = [];
  let room = allPaths;
  let count = 0;
  let header: TarHeader;
  let name = '';
  let content = '';
  let hash: Hash | undefined;
  const reader = tarReader({
    entry: (next) => {
      if (++count > most) throw new LayerError(say('the layer has more than {0} entries', most));
      header = next;
      name = header.pax?.get('GNU.sparse.name') ?? header.name;
      room -= name.length + header.link.length;
      if (room < 0) throw new LayerError(say("the layer's paths are longer than {0} characters together", allPaths));
      content = emptyContent;
      hash = undefined;
    },
    content: (piece) => {
      // Most files are small: there all of it is.
      if (piece.length === header.size) content = sha256(piece);
      else (hash ??= createHash('sha256')).update(piece);
    },
    end: () => {
      const made = entryOf(header, name, hash ? `sha256:${hash.digest('hex')}` : content);
      if (made) entries.push(made);
    },
  });
  return { reader, entries };
}

function sha256(bytes: Buffer): string {
  // The short way came with Node 20.12: nothing is made for it that the collector has to take away.
  const once = crypto.hash as typeof crypto.hash | undefined;
  return `sha256:${once ? once('sha256', bytes, 'hex') : createHash('sha256').update(bytes).digest('hex')}`;
}

const emptyContent = `sha256:${createHash('sha256').digest('hex')}`;

/** Undefined: it says nothing of the image's files. */
function entryOf(header: TarHeader, name: string, content: string): LayerEntry | undefined {
  const { path, parts } = cleaned(name);
  const { pax } = header;
  const common = {
    mode: header.mode, uid: numberOf(pax?.get('uid'), header.uid), gid: numberOf(pax?.get('gid'), header.gid), mtime: Math.floor(numberOf(pax?.get('mtime'), header.mtime)),
  };
  const base = parts.at(-1) ?? '';
  if (base === '.wh..wh..opq') return { path: parts.slice(0, -1).join('/'), kind: 'opaque', size: 0, ...common };
  // AUFS's own files, which engines leave out (moby, pkg/archive/whiteouts.go).
  if (parts.some((part) => part.startsWith('.wh..wh.'))) return undefined;
  if (base.startsWith('.wh.')) {
    const hidden = base.slice(4);
    if (hidden === '' || hidden === '.' || hidden === '..') return undefined;
    return { path: [...parts.slice(0, -1), hidden].join('/'), kind: 'whiteout', size: 0, ...common };
  }
  if (path === '') return undefined;
  switch (header.type) {
    case 'directory': return { path, kind: 'folder', size: 0, ...common };
    case 'symlink': return { path, kind: 'symlink', size: 0, ...common, link: header.link };
    case 'link': return { path, kind: 'hardlink', size: 0, ...common, link: cleaned(header.link).path };
    case 'character-device': case 'block-device': case 'fifo': return { path, kind: 'device', size: 0, ...common };
    default: {
      const size = numberOf(pax?.get('GNU.sparse.realsize') ?? pax?.get('GNU.sparse.size'), header.size);
      return { path, kind: 'file', size, ...common, content };
    }
  }
}

/** As in a root that nothing leads out of. */
export function cleaned(name: string): { readonly path: string; readonly parts: readonly string[] } {
  if (name.length > longestPath) throw new LayerError(say('the layer has a path of {0} characters', name.length));
  if (name.includes('\0')) throw new LayerError(say('the layer has a path with a NUL in it: {0}', JSON.stringify(name.slice(0, 200))));
  const parts: string[] = [];
  for (const part of name.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return { path: parts.join('/'), parts };
}

function numberOf(text: string | undefined, otherwise: number): number {
  const number = text === undefined || text === '' ? NaN : Number(text);
  return Number.isFinite(number) ? number : otherwise;
}

export function asLayerError(error: unknown): unknown {
  if (error instanceof LayerError || (error as Error).name === 'AbortError') return error;
  return new LayerError(problemOf(error, say('the layer')), { cause: error });
}

/** What is wrong with a tar that cannot be read, under its name. */
export function problemOf(error: unknown, name: string): Said {
  const { message, code } = error as NodeJS.ErrnoException;
  if (error instanceof TooMuch) return error.about(name);
  // zlib's and fzstd's words, and those of tar.ts.
  const isCut = code === 'Z_BUF_ERROR' || message === 'unexpected EOF' || message === 'Unexpected end of data';
  return isCut ? say('{0} ends in the middle', name) : say('{0} cannot be read: {1}', name, message);
}
