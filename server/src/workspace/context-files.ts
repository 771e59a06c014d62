/** A build context on disk → its files as the builder compares them. Links are not followed; what cannot be read is said. */
import { join } from 'node:path';
import { contextFrom, type Context, type ContextFolder, type ContextNode } from '../core/build/context';
import { patternsOf, readIgnoreFile, type Patterns } from '../core/build/ignore';
import type { IgnoreFile } from '../core/build/project';
import { reasonOf, type Disk, type Entry, type Status } from './disk';
import { atOnce, type Work } from './slices';

export interface DiskContext {
  readonly context: Context;
  /** The ignore file that applies, as a path; null where there is none. */
  readonly ignoreFile: string | null;
  /** What is left out; null where a folder was left out whole, and not looked into. */
  readonly ignored: { readonly count: number; readonly bytes: number } | null;
  /** One line each: what could not be read, and is taken as not being there. */
  readonly complaints: readonly string[];
}

/** `dockerfile`: `<dockerfile>.dockerignore` wins over `.dockerignore` in the folder. Throws where the folder cannot be listed. */
export function readContext(disk: Disk, folder: string, dockerfile: string | undefined): DiskContext {
  return read(disk, folder, dockerfile, () => undefined);
}

/** The same by names and sizes: no file's bytes are read, so that two contexts of it cannot be compared. */
export function listContext(disk: Disk, folder: string, dockerfile: string | undefined): DiskContext {
  return read(disk, folder, dockerfile, () => '');
}

function read(disk: Disk, folder: string, dockerfile: string | undefined, known: Contents['known']): DiskContext {
  const complaints: string[] = [];
  const ignore = atOnce(ignoreOf(disk, folder, dockerfile, complaints));
  const reader = readerOf(disk, folder, ignore.patterns, complaints, { contents: { known, learn: () => undefined } });
  const context = atOnce(readingContext(reader));
  return { context, ignoreFile: ignore.file.text === undefined ? null : ignore.file.path, ignored: reader.ignored, complaints };
}

/** Digests of files that have been read before. */
export interface Contents {
  readonly known: (place: string, status: Status) => string | undefined;
  readonly learn: (place: string, status: Status, content: string) => void;
}

export interface Reader {
  readonly disk: Disk;
  readonly folder: string;
  readonly patterns: Patterns | undefined;
  readonly contents: Contents;
  /** `.git` is there, and nobody asks what is in it: it is never the same twice. */
  readonly opaqueGit: boolean;
  /** More entries than these are not read: it throws a `TooLarge`. */
  room: number;
  readonly complaints: string[];
  ignored: { readonly count: number; readonly bytes: number } | null;
}

export class TooLarge extends Error {}

export function readerOf(disk: Disk, folder: string, patterns: Patterns | undefined, complaints: string[], settings: Pick<Reader, 'contents'> & Partial<Reader>): Reader {
  return { disk, folder, patterns, opaqueGit: false, room: Infinity, complaints, ignored: { count: 0, bytes: 0 }, ...settings };
}

/** Throws where the folder cannot be listed. */
export function* readingContext(reader: Reader): Work<Context> {
  const entries = yield* reader.disk.listing(reader.folder);
  return contextFrom(yield* readingFolder(reader, '', modeOf(reader.disk.status(reader.folder)), entries), reader.patterns);
}

/** What is at a path of the context; undefined where nothing is that counts. */
export function* readingNode(reader: Reader, path: string): Work<ContextNode | undefined> {
  const ignored = reader.patterns?.matches(path) ?? false;
  const place = join(reader.folder, path);
  try {
    const status = reader.disk.status(place);
    if (!status) return undefined;
    if (status.isDirectory()) {
      // Below a folder that is left out, only a `!` can bring something back.
      if (ignored && reader.patterns?.onlyExcludes) {
        reader.ignored = null;
        return undefined;
      }
      const opaque = reader.opaqueGit && (path === '.git' || path.endsWith('/.git'));
      const folder = yield* readingFolder(reader, path, modeOf(status), opaque ? [] : yield* reader.disk.listing(place));
      return ignored && folder.children.size === 0 ? undefined : folder;
    }
    if (ignored) {
      if (reader.ignored && status.isFile()) reader.ignored = { count: reader.ignored.count + 1, bytes: reader.ignored.bytes + status.size };
      return undefined;
    }
    if (status.isSymbolicLink()) return { type: 'link', target: reader.disk.target(place) };
    // Sockets and devices are not sent.
    if (!status.isFile()) return undefined;
    return yield* readingFile(reader, place);
  } catch (error) {
    if (error instanceof TooLarge) throw error;
    reader.complaints.push(`${path}: ${reasonOf(error)}`);
    return undefined;
  }
}

function* readingFolder(reader: Reader, path: string, mode: number, entries: readonly Entry[]): Work<ContextFolder> {
  const children = new Map<string, ContextNode>();
  for (const entry of entries) {
    if (--reader.room < 0) throw new TooLarge();
    const { name } = entry;
    const inside = path === '' ? name : `${path}/${name}`;
    // The short way: most entries are files that count.
    const node = yield* entry.isFile() && !reader.patterns?.matches(inside) ? readingPlainFile(reader, inside) : readingNode(reader, inside);
    if (node) children.set(name, node);
    yield;
  }
  return { type: 'folder', mode, children };
}

function* readingPlainFile(reader: Reader, path: string): Work<ContextNode | undefined> {
  try {
    return yield* readingFile(reader, `${reader.folder}/${path}`);
  } catch (error) {
    reader.complaints.push(`${path}: ${reasonOf(error)}`);
    return undefined;
  }
}

function* readingFile({ disk, contents }: Reader, place: string): Work<ContextNode | undefined> {
  const file = yield* disk.digest(place, (status) => contents.known(place, status));
  if (!file) return undefined;
  const { status, content } = file;
  contents.learn(place, status, content);
  return { type: 'file', mode: modeOf(status), size: status.size, content };
}

function modeOf(status: Status | undefined): number {
  return (status?.mode ?? 0) & 0o7777;
}

export interface Ignore {
  readonly file: IgnoreFile;
  readonly patterns?: Patterns;
}

/** The ignore file that the builder reads; the one in the folder, without a text, where there is none. */
export function* ignoreOf(disk: Disk, folder: string, dockerfile: string | undefined, complaints: string[]): Work<Ignore> {
  for (const path of ignorePathsOf(folder, dockerfile)) {
    let text: string;
    try {
      text = yield* disk.load(path);
    } catch (error) {
      if ((error as { code?: string }).code !== 'ENOENT') complaints.push(`${path}: ${reasonOf(error)}`);
      continue;
    }
    const patterns = patternsOf(readIgnoreFile(text));
    if ('error' in patterns) {
      complaints.push(`${path}: ${patterns.error}: the build refuses it`);
      return { file: { path, text } };
    }
    return { file: { path, text }, patterns };
  }
  return { file: { path: join(folder, '.dockerignore') } };
}

/** Where it is looked for, in this order. */
export function ignorePathsOf(folder: string, dockerfile: string | undefined): string[] {
  return [...(dockerfile === undefined ? [] : [`${dockerfile}.dockerignore`]), join(folder, '.dockerignore')];
}
