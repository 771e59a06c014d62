/** A build context on disk → its files as the builder compares them. Links are not followed; what cannot be read is said. */
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { contextOf, type Context, type ContextEntry } from '../core/build/context';
import { patternsOf, readIgnoreFile, type Patterns } from '../core/build/ignore';

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
  const complaints: string[] = [];
  const { file, patterns } = ignoreFileOf(folder, dockerfile, complaints);
  const entries: [string, ContextEntry][] = [];
  const pending = [''];
  let ignoredFiles: { count: number; bytes: number } | null = { count: 0, bytes: 0 };
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    let names: string[];
    try {
      names = readdirSync(join(folder, at));
    } catch (error) {
      if (at === '') throw error;
      complaints.push(`${at}: ${reasonOf(error)}`);
      continue;
    }
    for (const name of names) {
      const path = at === '' ? name : `${at}/${name}`;
      const ignored = patterns?.matches(path) ?? false;
      // Below a folder that is left out, only a `!` can bring something back.
      try {
        const entry = entryOf(join(folder, path), ignored);
        if (ignored && patterns?.onlyExcludes && entry?.type === 'folder') {
          ignoredFiles = null;
          continue;
        }
        if (ignored && ignoredFiles && entry?.type === 'file') ignoredFiles = { count: ignoredFiles.count + 1, bytes: ignoredFiles.bytes + (entry.size ?? 0) };
        if (entry?.type === 'folder') pending.push(path);
        if (entry) entries.push([path, entry]);
      } catch (error) {
        complaints.push(`${path}: ${reasonOf(error)}`);
      }
    }
  }
  return { context: contextOf(entries, patterns), ignoreFile: file, ignored: ignoredFiles, complaints };
}

/** Sockets and devices are not sent. What is left out is not read. */
function entryOf(path: string, ignored: boolean): ContextEntry | undefined {
  const status = lstatSync(path);
  const mode = status.mode & 0o7777;
  if (status.isSymbolicLink()) return { type: 'link', target: readlinkSync(path) };
  if (status.isDirectory()) return { type: 'folder', mode };
  if (!status.isFile()) return undefined;
  return { type: 'file', mode, size: status.size, content: ignored ? '' : createHash('sha256').update(readFileSync(path)).digest('hex') };
}

function ignoreFileOf(folder: string, dockerfile: string | undefined, complaints: string[]): { file: string | null; patterns?: Patterns } {
  const candidates = [...(dockerfile === undefined ? [] : [`${dockerfile}.dockerignore`]), join(folder, '.dockerignore')];
  for (const file of candidates) {
    let text: string;
    try {
      text = readFileSync(file, 'utf8');
    } catch (error) {
      if ((error as { code?: string }).code !== 'ENOENT') complaints.push(`${file}: ${reasonOf(error)}`);
      continue;
    }
    const patterns = patternsOf(readIgnoreFile(text));
    if ('error' in patterns) {
      complaints.push(`${file}: ${patterns.error}: the build refuses it`);
      return { file };
    }
    return { file, patterns };
  }
  return { file: null };
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
