/**
 * What has changed in a repository since a commit: the lines of each file that are new or another since, committed or not, and the repository
 * as it was. Since a commit means since the history of now has left it: what only the other side has done meanwhile is no change of ours.
 */
import { diffArrays } from 'diff';
import { dirname, join, relative, sep } from 'node:path';
import { isThere, type Disk } from './disk';
import { earlierDisk, type CommittedFile } from './earlier-disk';
import { machineDisk } from './machine-disk';
import { rootOf } from './roots';
import { git, GitRefusal } from './tree';

/** Of places that are absolute. Throws a GitRefusal, at the first file of a repository that does not have the commit. */
export interface Since {
  /** Of a file, with its text of now: whether a line, from 1, is a changed one. */
  readonly isChanged: (place: string, text: string) => (line: number) => boolean;
  /** Of a repository by its root: undefined where nothing of it differs. */
  readonly earlier: (root: string) => Earlier | undefined;
}

export interface Earlier {
  readonly disk: Disk;
  /** Where a file of now was; undefined: nowhere. */
  readonly placeOf: (place: string) => string | undefined;
  /** Files that have gone, and not to another name. */
  readonly gone: readonly string[];
}

/** By path of now, and of what has gone, the file as it was, perhaps under another name; undefined where it was not there. */
type Changes = ReadonlyMap<string, CommittedFile | undefined>;

export function changedSince(name: string): Since {
  const repositories = new Map<string, Changes>();
  const earlier = new Map<string, Earlier>();
  const changesOf = (root: string): Changes => {
    let changes = repositories.get(root);
    if (!changes) repositories.set(root, (changes = changedFiles(root, name)));
    return changes;
  };
  return {
    isChanged: (place, text) => {
      const root = rootOf(machineDisk, dirname(place));
      const changes = changesOf(root);
      const path = pathIn(root, place);
      if (!changes.has(path)) return () => false;
      const was = changes.get(path);
      if (was === undefined) return () => true;
      const lines = newLines(git(root, ['cat-file', 'blob', was.blob]).toString('utf8'), text);
      return (line) => lines.has(line);
    },
    earlier: (root) => {
      const changes = changesOf(root);
      if (changes.size === 0) return undefined;
      let found = earlier.get(root);
      if (!found) earlier.set(root, (found = earlierOf(root, changes)));
      return found;
    },
  };
}

function earlierOf(root: string, changes: Changes): Earlier {
  const committed = [...changes.values()].filter((file) => file !== undefined);
  const disk = earlierDisk(root, committed, [...changes].flatMap(([path, was]) => (was?.path === path ? [] : [path])));
  return {
    disk,
    placeOf: (place) => {
      const path = pathIn(root, place);
      const was = changes.get(path);
      return was ? join(root, was.path) : changes.has(path) ? undefined : place;
    },
    gone: [...changes.keys()].map((path) => join(root, path)).filter((place) => !isThere(machineDisk, place)),
  };
}

function pathIn(root: string, place: string): string {
  return relative(root, place).replaceAll(sep, '/');
}

function changedFiles(root: string, name: string): Changes {
  const commit = commitNamed(root, name);
  const files = new Map<string, CommittedFile | undefined>();
  const fields = git(root, ['diff', '--raw', '-z', '--find-renames', '--no-abbrev', '--no-ext-diff', '--ignore-submodules', '--end-of-options', commit, '--']).toString('utf8').split('\0');
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [, mode, blob, status] = /^:(\d+) \d+ ([0-9a-f]+) [0-9a-f]+ ([A-Z])/.exec(fields[at]) ?? [];
    if (status === undefined) break;
    const path = fields[at + 1];
    if (status === 'R' || status === 'C') at++;
    // A submodule is a repository of its own.
    if (mode !== '160000') files.set(fields[at + 1], status === 'A' ? undefined : { path, mode, blob });
  }
  // What git has been told to forget was there all the same.
  for (const path of git(root, ['ls-files', '--others', '--exclude-standard', '-z']).toString('utf8').split('\0')) if (path !== '' && !files.has(path)) files.set(path.replace(/\/$/, ''), undefined);
  return files;
}

function commitNamed(root: string, name: string): string {
  try {
    git(root, ['rev-parse', '--git-dir']);
  } catch (error) {
    throw new GitRefusal(/not a git repository/.test(String(error)) ? `${root} is in no git repository` : (error as Error).message);
  }
  let commit: string;
  try {
    commit = git(root, ['rev-parse', '--verify', '-q', '--end-of-options', `${name}^{commit}`]).toString().trim();
  } catch {
    throw new GitRefusal('git has no such commit here (a shallow clone has the newest only)');
  }
  try {
    return git(root, ['merge-base', commit, 'HEAD']).toString().trim();
  } catch {
    // No history in common, or a clone that does not reach back to it.
    return commit;
  }
}

function newLines(before: string, now: string): Set<number> {
  const lines = new Set<number>();
  let line = 0;
  for (const { added, removed, count } of diffArrays(linesOf(before), linesOf(now))) {
    if (removed) continue;
    for (let i = 0; i < count; i++) {
      line++;
      if (added) lines.add(line);
    }
  }
  return lines;
}

function linesOf(text: string): string[] {
  return text.split(/\r?\n/);
}
