/** A commit's tree as a file system: what each path is, its bytes by their name in git, and texts when asked for. */
import { spawnSync } from 'node:child_process';
import type { ContextEntry } from '../core/build/context';

export interface Tree {
  readonly commit: string;
  /** Files and links; folders are where files are. */
  readonly entries: ReadonlyMap<string, ContextEntry>;
  readonly has: (path: string) => boolean;
  /** Those that are there. */
  readonly texts: (paths: readonly string[]) => ReadonlyMap<string, string>;
}

/** What git says when it cannot. */
export class GitRefusal extends Error {}

export function treeOf(repository: string, name: string): Tree {
  const commit = git(repository, ['rev-parse', '--verify', '-q', `${name}^{commit}`]).toString().trim();
  const listed = git(repository, ['ls-tree', '-r', '-l', '-z', '--full-tree', commit]).toString('utf8');
  const entries = new Map<string, ContextEntry>();
  const links: string[] = [];
  for (const line of listed.split('\0')) {
    const [, mode, type, blob, size, path] = /^(\d+) (\w+) (\w+) +(\S+)\t([\s\S]+)$/.exec(line) ?? [];
    // A submodule is a folder of which nothing is known.
    if (path === undefined || type !== 'blob') continue;
    if (mode === '120000') links.push(path);
    entries.set(path, { type: 'file', mode: mode === '100755' ? 0o755 : 0o644, content: blob, size: Number(size) });
  }
  const texts = (paths: readonly string[]): Map<string, string> => blobsOf(repository, commit, paths.filter((path) => entries.has(path)));
  for (const [path, target] of texts(links)) entries.set(path, { type: 'link', target });
  const folders = new Set<string>(['.', '']);
  for (const path of entries.keys()) for (let slash = path.lastIndexOf('/'); slash > 0 && !folders.has(path.slice(0, slash)); slash = path.lastIndexOf('/', slash - 1)) folders.add(path.slice(0, slash));
  return { commit, entries, texts, has: (path) => entries.has(path) || folders.has(path) };
}

function blobsOf(repository: string, commit: string, paths: readonly string[]): Map<string, string> {
  const found = new Map<string, string>();
  // A line break would end the name.
  const plain = paths.filter((path) => !path.includes('\n'));
  if (plain.length === 0) return found;
  const all = git(repository, ['cat-file', '--batch'], plain.map((path) => `${commit}:${path}\n`).join(''));
  let at = 0;
  for (const path of plain) {
    const lineEnd = all.indexOf(10, at);
    const size = Number(/^\w+ blob (\d+)$/.exec(all.subarray(at, lineEnd).toString())?.[1] ?? Number.NaN);
    at = lineEnd + 1;
    if (Number.isNaN(size)) continue;
    found.set(path, all.subarray(at, at + size).toString('utf8'));
    at += size + 1;
  }
  return found;
}

/** Throws a GitRefusal. */
export function git(repository: string, args: readonly string[], input?: string): Buffer {
  const { status, stdout, stderr, error } = spawnSync('git', ['-C', repository, ...args], { input, maxBuffer: 1 << 30 });
  if (error) throw new GitRefusal(`git cannot be run: ${error.message}`);
  if (status !== 0) throw new GitRefusal(stderr.toString().trim().split('\n')[0] || `git ${args[0]} ${args[args.length - 1]}: nothing of that name`);
  return stdout;
}
