/**
 * The files of a workspace, in the shape of Node's `fs`: a machine's own (machine-disk.ts), or what the editor's file system has (mirror.ts).
 * Places are absolute. What cannot be had is thrown as Node throws it, with a `code`.
 */
import type { FileKind } from '../protocol';
import type { Work } from './slices';

/** Permission bits are in `mode`; times are milliseconds since 1970; `ino` names the file itself, where a file system has that. */
export interface Status extends Kind {
  readonly mode: number;
  readonly size: number;
  readonly mtimeMs: number;
  readonly ino: number;
}

export interface Entry extends Kind {
  readonly name: string;
}

interface Kind {
  readonly isFile: () => boolean;
  readonly isDirectory: () => boolean;
  readonly isSymbolicLink: () => boolean;
}

/** A file that was opened: neither a link, nor anything else that only has the name of one. */
export interface PlainFile<Of> {
  readonly status: Status;
  readonly content: Of;
}

export interface Disk {
  /** Undefined: an address that lies elsewhere. */
  readonly placeOf: (uri: string) => string | undefined;
  readonly addressOf: (place: string) => string;
  /** Of a link itself; undefined where there is nothing. */
  readonly status: (place: string) => Status | undefined;
  /** A mirror has the folders that it is `ready` with. */
  readonly list: (folder: string) => readonly Entry[];
  /** The same, waiting for it. */
  readonly listing: (folder: string) => Work<readonly Entry[]>;
  readonly target: (link: string) => string;
  /** UTF-8, of at most so many bytes. A mirror has the files that tell of builds, and those that were loaded. */
  readonly text: (place: string, most?: number) => string;
  /** The same of any file. */
  readonly load: (place: string, most?: number) => Work<string>;
  /** Of a plain file; undefined: it is none, or larger. */
  readonly plainText: (place: string, most: number) => PlainFile<string> | undefined;
  /** The digest of a plain file's bytes, SHA-256 in hexadecimal; `known`: of a file that is as it was. Undefined: it is none. */
  readonly digest: (place: string, known: (status: Status) => string | undefined) => Work<PlainFile<string> | undefined>;
  /** Writes a text of ours, for the next time. */
  readonly keep?: (place: string, text: string) => void;
  /** Where it is a mirror: until it shows a folder. */
  readonly ready?: (folder: string) => Promise<void>;
  /** Where it is a mirror: until it shows these as they are now. */
  readonly renew?: (places: readonly string[]) => Promise<void>;
}

export function isThere(disk: Disk, place: string): boolean {
  try {
    return disk.status(place) !== undefined;
  } catch {
    return false;
  }
}

/** Undefined: not there, or not to be read. */
export function textAt(disk: Disk, place: string, most?: number): string | undefined {
  try {
    return disk.text(place, most);
  } catch {
    return undefined;
  }
}

/** None where it cannot be listed. */
export function listed(disk: Disk, folder: string): readonly Entry[] {
  try {
    return disk.list(folder);
  } catch {
    return [];
  }
}

/** For a file system that is none of Node's. */
export function entryOf(name: string, kind: FileKind): Entry {
  return { name, ...kindOf(kind) };
}

export function statusOf(kind: FileKind, mode: number, size: number, mtimeMs: number): Status {
  return { ...kindOf(kind), mode, size, mtimeMs, ino: 0 };
}

function kindOf(kind: FileKind): Kind {
  return { isFile: () => kind === 'file', isDirectory: () => kind === 'folder', isSymbolicLink: () => kind === 'link' };
}

export function missing(place: string): Error {
  return Object.assign(new Error(`${place} is not there`), { code: 'ENOENT' });
}

export function tooLarge(place: string): Error {
  return Object.assign(new Error(`${place} is too large`), { code: 'EFBIG' });
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
