/**
 * A layer's tar, as it comes → what it holds. Whoever made it need not be trusted: nothing is unpacked, no file is held in memory,
 * and what is read is bounded.
 */
import { createHash, type Hash } from 'node:crypto';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract, type Header } from 'tar-stream';
import type { LayerEntry, LayerFiles } from '../../core/image/model';
import { TooMuch, uncompressed, type Bounds } from './compression';

/** A layer cannot be read; the message is one sentence about what it is, or was expected to be. */
export class LayerError extends Error {
  override readonly name = 'LayerError';
}

/** By default 2,000,000 entries, 64 GiB, and past 4 GiB no more than 250 times the bytes that there are compressed. */
export interface LayerLimits extends Bounds {
  /** Of the tar. */
  readonly entries: number;
}

export interface LayerOptions extends Partial<LayerLimits> {
  /** `sha256:…` or `sha512:…`, of the bytes as they come. */
  readonly digest?: string;
  /** `sha256:…`, of the uncompressed tar. */
  readonly diffId?: string;
}

const defaults: LayerLimits = { entries: 2_000_000, bytes: 64 * 2 ** 30, ratio: 250, free: 4 * 2 ** 30 };
/** Linux takes no longer path in one call. */
const longestPath = 4096;
/** Of all paths and links together, in characters. */
const allPaths = 2 ** 28;

/**
 * A tar, compressed by gzip or zstd or not at all (its first bytes tell). The stream is read to its end, or destroyed.
 * Throws LayerError.
 */
export async function readLayer(source: Readable, { digest, diffId: expected, ...limits }: LayerOptions = {}): Promise<LayerFiles> {
  const { entries: most, ...bounds } = { ...defaults, ...limits };
  const inner = createHash('sha256');
  let outer: ReturnType<typeof digestOf> | undefined;
  let entries: readonly LayerEntry[];
  try {
    if (digest !== undefined) outer = digestOf(digest);
    const streams = await uncompressed(source, bounds, { raw: (chunk) => outer?.hash.update(chunk), plain: (chunk) => inner.update(chunk) });
    const tar = extract();
    entries = await both(pipeline([...streams, tar as unknown as Writable]), gather(tar, most));
  } catch (error) {
    source.destroy();
    throw asLayerError(error);
  }
  const diffId = `sha256:${inner.digest('hex')}`;
  if (outer && `${outer.algorithm}:${outer.hash.digest('hex')}` !== digest) throw new LayerError(`the layer's content is not that of its digest ${digest}`);
  if (expected !== undefined && expected !== diffId) throw new LayerError(`the layer is ${diffId} uncompressed, and not ${expected} as the image's config says`);
  return { diffId, entries };
}

/** Either one that fails ends the other, which then fails for no reason of its own. */
export async function both<T>(flow: Promise<void>, result: Promise<T>): Promise<T> {
  const [flowed, made] = await Promise.allSettled([flow, result]);
  const reasons = [flowed, made].flatMap((one) => (one.status === 'rejected' ? [one.reason as NodeJS.ErrnoException] : []));
  if (reasons.length > 0) throw reasons.find((reason) => reason instanceof LayerError || reason instanceof TooMuch) ?? reasons.find(({ code }) => code !== 'ERR_STREAM_PREMATURE_CLOSE') ?? reasons[0];
  return (made as PromiseFulfilledResult<T>).value;
}

/** Throws LayerError of an algorithm that OCI does not register. */
export function digestOf(digest: string): { algorithm: string; hash: Hash } {
  const algorithm = /^(?:sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128})$/.test(digest) ? digest.slice(0, 6) : undefined;
  if (algorithm === undefined) throw new LayerError(`${JSON.stringify(digest.slice(0, 200))} is no digest by sha256 or sha512`);
  return { algorithm, hash: createHash(algorithm) };
}

async function gather(tar: ReturnType<typeof extract>, most: number): Promise<readonly LayerEntry[]> {
  const entries: LayerEntry[] = [];
  let room = allPaths;
  let count = 0;
  for await (const entry of tar) {
    if (++count > most) throw new LayerError(`the layer has more than ${most} entries`);
    const header = entry.header as Header & { pax?: Readonly<Record<string, string>> | null };
    const name = header.pax?.['GNU.sparse.name'] ?? header.name;
    room -= name.length + (header.linkname?.length ?? 0);
    if (room < 0) throw new LayerError(`the layer's paths are longer than ${allPaths} characters together`);
    let hash: Hash | undefined;
    if (header.size > 0 && isFile(header)) hash = createHash('sha256');
    for await (const chunk of entry) hash?.update(chunk as Buffer);
    const made = entryOf(header, name, hash);
    if (made) entries.push(made);
  }
  return entries;
}

/** GNU's sparse files have a type of their own, which tar-stream calls none. */
function isFile({ type }: Header): boolean {
  return type === 'file' || type === 'contiguous-file' || (type as string | null) === null;
}

const emptyContent = `sha256:${createHash('sha256').digest('hex')}`;

/** Undefined: it says nothing of the image's files. */
function entryOf(header: Header & { pax?: Readonly<Record<string, string>> | null }, name: string, hash: Hash | undefined): LayerEntry | undefined {
  const { path, parts } = cleaned(name);
  const { pax } = header;
  const common = {
    mode: header.mode, uid: numberOf(pax?.uid, header.uid), gid: numberOf(pax?.gid, header.gid),
    mtime: Math.floor(numberOf(pax?.mtime, header.mtime.getTime() / 1000)),
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
    case 'symlink': return { path, kind: 'symlink', size: 0, ...common, link: header.linkname ?? '' };
    case 'link': return { path, kind: 'hardlink', size: 0, ...common, link: cleaned(header.linkname ?? '').path };
    case 'character-device': case 'block-device': case 'fifo': return { path, kind: 'device', size: 0, ...common };
    default: {
      const size = numberOf(pax?.['GNU.sparse.realsize'] ?? pax?.['GNU.sparse.size'], header.size);
      return { path, kind: 'file', size, ...common, content: hash ? `sha256:${hash.digest('hex')}` : emptyContent };
    }
  }
}

/** As in a root that nothing leads out of. */
export function cleaned(name: string): { readonly path: string; readonly parts: readonly string[] } {
  if (name.length > longestPath) throw new LayerError(`the layer has a path of ${name.length} characters`);
  if (name.includes('\0')) throw new LayerError(`the layer has a path with a NUL in it: ${JSON.stringify(name.slice(0, 200))}`);
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

function asLayerError(error: unknown): LayerError {
  if (error instanceof LayerError) return error;
  return new LayerError(`the layer ${problemOf(error)}`, { cause: error });
}

/** What is wrong with a tar that cannot be read, to stand behind its name. */
export function problemOf(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException;
  if (error instanceof TooMuch) return message;
  // zlib's and fzstd's words, and tar-stream's.
  const isCut = code === 'Z_BUF_ERROR' || message === 'unexpected EOF' || message === 'Unexpected end of data' || code === 'ERR_STREAM_PREMATURE_CLOSE';
  return isCut ? 'ends in the middle' : `cannot be read: ${message}`;
}
