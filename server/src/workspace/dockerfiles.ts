/** The Dockerfiles in a folder of the disk, by their names: what git leaves out is none. */
import { dirname, join, relative, sep } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { isServed } from '../served';
import { isThere, listed, textAt, type Disk } from './disk';
import type { Work } from './slices';

/** Nobody's own files lie in these. */
const leftOut = new Set(['.git', 'node_modules']);

/** What an ignore file says of the paths below its folder. */
interface Ignoring {
  readonly folder: string;
  readonly rules: Ignore;
}

export interface FolderRead {
  readonly folder: string;
  /** Of all that is in it. */
  readonly names: readonly string[];
  /** Absolute paths. */
  readonly dockerfiles: readonly string[];
}

/** Absolute paths, in no order. */
export function* dockerfilesIn(disk: Disk, folder: string): Work<string[]> {
  const found: string[] = [];
  yield* foldersIn(disk, folder, ({ dockerfiles }) => found.push(...dockerfiles));
  return found;
}

/** Tells of each folder. Links are not followed; what cannot be read holds nothing. */
export function* foldersIn(disk: Disk, folder: string, read: (one: FolderRead) => void, room = 300_000): Work<void> {
  const pending: { readonly at: string; readonly ignoring: readonly Ignoring[] }[] = [{ at: folder, ignoring: ignoringAbove(disk, folder) }];
  let left = room;
  for (let next = pending.pop(); next !== undefined && left > 0; next = pending.pop()) {
    const entries = listed(disk, next.at);
    const names = entries.map(({ name }) => name);
    const dockerfiles: string[] = [];
    const ignoring = names.includes('.gitignore') ? [...next.ignoring, ...rulesIn(disk, next.at, '.gitignore')] : next.ignoring;
    const prefix = next.at.endsWith(sep) ? next.at : next.at + sep;
    for (const entry of entries) {
      left--;
      const path = prefix + entry.name;
      if (entry.isDirectory()) {
        if (!leftOut.has(entry.name) && !isIgnored(path, true, ignoring)) pending.push({ at: path, ignoring });
      } else if (entry.isFile() && isServed(entry.name, '') && !isIgnored(path, false, ignoring)) dockerfiles.push(path);
    }
    read({ folder: next.at, names, dockerfiles });
    yield;
  }
}

/** The last ignore file that has something to say of a path wins. */
function isIgnored(path: string, isFolder: boolean, ignoring: readonly Ignoring[]): boolean {
  for (let i = ignoring.length - 1; i >= 0; i--) {
    const { folder, rules } = ignoring[i];
    const below = relative(folder, path).split(sep).join('/');
    const { ignored, unignored } = rules.test(isFolder ? `${below}/` : below);
    if (ignored || unignored) return ignored;
  }
  return false;
}

/** Of the folders above, up to the repository's own. */
function ignoringAbove(disk: Disk, folder: string): Ignoring[] {
  const above: Ignoring[] = [];
  for (let at = folder; !isThere(disk, join(at, '.git')); at = dirname(at)) {
    if (dirname(at) === at) return [];
    above.unshift(...rulesIn(disk, dirname(at), '.gitignore'));
    if (isThere(disk, join(dirname(at), '.git'))) return [...rulesIn(disk, dirname(at), '.git/info/exclude'), ...above];
  }
  return rulesIn(disk, folder, '.git/info/exclude');
}

function rulesIn(disk: Disk, folder: string, name: string): Ignoring[] {
  const text = textAt(disk, join(folder, name));
  return text === undefined ? [] : [{ folder, rules: ignore().add(text) }];
}
