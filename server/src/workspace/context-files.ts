/** A build context on disk → its files as the builder compares them. Links are not followed; what cannot be read is said. */
import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readFileSync, readlinkSync, readSync, type Dirent, type Stats } from 'node:fs';
import { join } from 'node:path';
import { contextFrom, type Context, type ContextFolder, type ContextNode } from '../core/build/context';
import { patternsOf, readIgnoreFile, type Patterns } from '../core/build/ignore';
import type { IgnoreFile } from '../core/build/project';
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
export function readContext(folder: string, dockerfile: string | undefined): DiskContext {
  return read(folder, dockerfile, {});
}

/** The same by names and sizes: no file's bytes are read, so that two contexts of it cannot be compared. */
export function listContext(folder: string, dockerfile: string | undefined): DiskContext {
  return read(folder, dockerfile, { content: unread });
}

function* unread(): Work<string> {
  yield;
  return '';
}

function read(folder: string, dockerfile: string | undefined, settings: Partial<Reader>): DiskContext {
  const complaints: string[] = [];
  const ignore = ignoreOf(folder, dockerfile, complaints);
  const reader = readerOf(folder, ignore.patterns, complaints, settings);
  const context = atOnce(readingContext(reader));
  return { context, ignoreFile: ignore.file.text === undefined ? null : ignore.file.path, ignored: reader.ignored, complaints };
}

export interface Reader {
  readonly folder: string;
  readonly patterns: Patterns | undefined;
  /** The digest of an open file's bytes. */
  readonly content: (file: number, path: string, status: Stats) => Work<string>;
  /** `.git` is there, and nobody asks what is in it: it is never the same twice. */
  readonly opaqueGit: boolean;
  /** More entries than these are not read: it throws a `TooLarge`. */
  room: number;
  readonly complaints: string[];
  ignored: { readonly count: number; readonly bytes: number } | null;
}

export class TooLarge extends Error {}

export function readerOf(folder: string, patterns: Patterns | undefined, complaints: string[], settings: Partial<Reader> = {}): Reader {
  return { folder, patterns, content: hashed, opaqueGit: false, room: Infinity, complaints, ignored: { count: 0, bytes: 0 }, ...settings };
}

/** Throws where the folder cannot be listed. */
export function* readingContext(reader: Reader): Work<Context> {
  const mode = lstatSync(reader.folder).mode & 0o7777;
  return contextFrom(yield* readingFolder(reader, '', mode, readdirSync(reader.folder, { withFileTypes: true })), reader.patterns);
}

/** What is at a path of the context; undefined where nothing is that counts. */
export function* readingNode(reader: Reader, path: string): Work<ContextNode | undefined> {
  const ignored = reader.patterns?.matches(path) ?? false;
  const place = join(reader.folder, path);
  try {
    const status = lstatSync(place);
    const mode = status.mode & 0o7777;
    if (status.isDirectory()) {
      // Below a folder that is left out, only a `!` can bring something back.
      if (ignored && reader.patterns?.onlyExcludes) {
        reader.ignored = null;
        return undefined;
      }
      const opaque = reader.opaqueGit && (path === '.git' || path.endsWith('/.git'));
      const folder = yield* readingFolder(reader, path, mode, opaque ? [] : readdirSync(place, { withFileTypes: true }));
      return ignored && folder.children.size === 0 ? undefined : folder;
    }
    if (ignored) {
      if (reader.ignored && status.isFile()) reader.ignored = { count: reader.ignored.count + 1, bytes: reader.ignored.bytes + status.size };
      return undefined;
    }
    if (status.isSymbolicLink()) return { type: 'link', target: readlinkSync(place) };
    // Sockets and devices are not sent.
    if (!status.isFile()) return undefined;
    return yield* readingFile(reader, place);
  } catch (error) {
    if (error instanceof TooLarge) throw error;
    reader.complaints.push(`${path}: ${reasonOf(error)}`);
    return undefined;
  }
}

function* readingFolder(reader: Reader, path: string, mode: number, entries: readonly Dirent[]): Work<ContextFolder> {
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

/** What it is is asked of the open file: it may have become another one. */
function* readingFile(reader: Reader, place: string): Work<ContextNode | undefined> {
  const file = openSync(place, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  try {
    const status = fstatSync(file);
    if (!status.isFile()) return undefined;
    return { type: 'file', mode: status.mode & 0o7777, size: status.size, content: yield* reader.content(file, place, status) };
  } finally {
    closeSync(file);
  }
}

const chunk = Buffer.alloc(1 << 20);

export function* hashed(file: number): Work<string> {
  const hash = createHash('sha256');
  for (let read = readSync(file, chunk); read > 0; read = readSync(file, chunk)) {
    hash.update(chunk.subarray(0, read));
    if (read < chunk.length) break;
    yield;
  }
  return hash.digest('hex');
}

export interface Ignore {
  readonly file: IgnoreFile;
  readonly patterns?: Patterns;
}

/** The ignore file that the builder reads; the one in the folder, without a text, where there is none. */
export function ignoreOf(folder: string, dockerfile: string | undefined, complaints: string[]): Ignore {
  for (const path of ignorePathsOf(folder, dockerfile)) {
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
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

/** Why something could not be read, in plain words. */
export function reasonOf(error: unknown): string {
  switch ((error as { code?: string }).code) {
    case 'ENOENT': return 'no such file';
    case 'EACCES': case 'EPERM': return 'not allowed to read it';
    case 'EISDIR': return 'is a folder, not a file';
    case 'ENOTDIR': return 'is a file, not a folder';
    case 'ELOOP': return 'a loop of symbolic links';
    default: return String((error as Error).message ?? error).split('\n')[0];
  }
}
