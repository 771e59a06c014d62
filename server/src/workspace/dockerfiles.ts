/** The Dockerfiles in a folder of the disk, by their names: what git leaves out is none. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { isServed } from '../served';
import type { Work } from './slices';

/** Nobody's own files lie in these. */
const leftOut = new Set(['.git', 'node_modules']);

/** What an ignore file says of the paths below its folder. */
interface Ignoring {
  readonly folder: string;
  readonly rules: Ignore;
}

/** Absolute paths, in no order. Links are not followed; what cannot be read holds none. `seen` gets the names in each folder. */
export function* dockerfilesIn(folder: string, seen?: (folder: string, names: ReadonlySet<string>) => void, room = 300_000): Work<string[]> {
  const found: string[] = [];
  const pending: { readonly at: string; readonly ignoring: readonly Ignoring[] }[] = [{ at: folder, ignoring: ignoringAbove(folder) }];
  let left = room;
  for (let next = pending.pop(); next !== undefined && left > 0; next = pending.pop()) {
    const entries = entriesOf(next.at);
    seen?.(next.at, new Set(entries.map(({ name }) => name)));
    const ignoring = entries.some(({ name }) => name === '.gitignore') ? [...next.ignoring, ...read(next.at, '.gitignore')] : next.ignoring;
    const prefix = next.at.endsWith(sep) ? next.at : next.at + sep;
    for (const entry of entries) {
      left--;
      const path = prefix + entry.name;
      if (entry.isDirectory()) {
        if (!leftOut.has(entry.name) && !isIgnored(path, true, ignoring)) pending.push({ at: path, ignoring });
      } else if (entry.isFile() && isServed(entry.name, '') && !isIgnored(path, false, ignoring)) found.push(path);
    }
    yield;
  }
  return found;
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
function ignoringAbove(folder: string): Ignoring[] {
  const above: Ignoring[] = [];
  for (let at = folder; !existsSync(join(at, '.git')); at = dirname(at)) {
    if (dirname(at) === at) return [];
    above.unshift(...read(dirname(at), '.gitignore'));
    if (existsSync(join(dirname(at), '.git'))) return [...read(dirname(at), '.git/info/exclude'), ...above];
  }
  return read(folder, '.git/info/exclude');
}

function read(folder: string, name: string): Ignoring[] {
  try {
    return [{ folder, rules: ignore().add(readFileSync(join(folder, name), 'utf8')) }];
  } catch {
    return [];
  }
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
