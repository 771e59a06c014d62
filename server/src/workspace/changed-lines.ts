/**
 * What has changed in a repository since a commit: the lines of each file that are new or another since, committed or not.
 * Since a commit means since the history of now has left it: what only the other side has done meanwhile is no change of ours.
 */
import { diffArrays } from 'diff';
import { dirname, relative, sep } from 'node:path';
import { machineDisk } from './machine-disk';
import { rootOf } from './roots';
import { git, GitRefusal } from './tree';

/** Of a file by its absolute path, with its text of now: whether a line, from 1, is a changed one. */
export type ChangedLines = (place: string, text: string) => (line: number) => boolean;

/** Throws a GitRefusal, at the first file of a repository that does not have the commit. */
export function changedSince(name: string): ChangedLines {
  const repositories = new Map<string, ReadonlyMap<string, string | undefined>>();
  return (place, text) => {
    const root = rootOf(machineDisk, dirname(place));
    let changes = repositories.get(root);
    if (!changes) repositories.set(root, (changes = changedFiles(root, name)));
    const path = relative(root, place).replaceAll(sep, '/');
    if (!changes.has(path)) return () => false;
    const blob = changes.get(path);
    if (blob === undefined) return () => true;
    const lines = newLines(git(root, ['cat-file', 'blob', blob]).toString('utf8'), text);
    return (line) => lines.has(line);
  };
}

/** By path, the blob that the file was, also under another name; undefined where it was not there. */
function changedFiles(root: string, name: string): ReadonlyMap<string, string | undefined> {
  const commit = commitNamed(root, name);
  const files = new Map<string, string | undefined>();
  const fields = git(root, ['diff', '--raw', '-z', '--find-renames', '--no-abbrev', '--no-ext-diff', '--ignore-submodules', '--end-of-options', commit, '--']).toString('utf8').split('\0');
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [, blob, status] = /^:\d+ \d+ ([0-9a-f]+) [0-9a-f]+ ([A-Z])/.exec(fields[at]) ?? [];
    if (status === undefined) break;
    if (status === 'R' || status === 'C') at++;
    files.set(fields[at + 1], status === 'A' ? undefined : blob);
  }
  for (const path of git(root, ['ls-files', '--others', '--exclude-standard', '-z']).toString('utf8').split('\0')) if (path !== '') files.set(path, undefined);
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
