/**
 * A commit's files as a checkout leaves them: only what differs from the commit before is written again, with the time of
 * now; modes and links are kept, and folders that became empty go.
 */
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, rmdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { git } from './repositories';

export interface TreeEntry {
  /** As git has it: 100644, 100755, 120000, 160000 (a folder, empty). */
  readonly mode: string;
  /** A blob's id, or a text of our own. */
  readonly blob?: string;
  readonly text?: string;
}

export type Tree = ReadonlyMap<string, TreeEntry>;

/** The files below a folder of a commit, by path from there. */
export function treeOf(repository: string, commit: string, folder: string): Map<string, TreeEntry> {
  const listed = git(repository, ['ls-tree', '-r', '-z', folder === '.' ? commit : `${commit}:${folder}`]);
  return new Map(listed.split('\0').filter((line) => line !== '').map((line) => {
    const [, mode, , blob, path] = /^(\d+) (\w+) (\w+)\t(.*)$/s.exec(line) as RegExpExecArray;
    return [path, { mode, blob }];
  }));
}

/** Paths that are not the same in both. */
export function changedBetween(before: Tree, now: Tree): Set<string> {
  const changed = new Set<string>();
  for (const path of new Set([...before.keys(), ...now.keys()])) if (!same(before.get(path), now.get(path))) changed.add(path);
  return changed;
}

function same(a: TreeEntry | undefined, b: TreeEntry | undefined): boolean {
  return a !== undefined && b !== undefined && a.mode === b.mode && a.blob === b.blob && a.text === b.text;
}

/** Makes the folder, which holds `before`, hold `now`; `again` names files that are written even if they are the same. */
export function checkOut(folder: string, before: Tree, now: Tree, blobs: ReadonlyMap<string, Buffer>, again: ReadonlySet<string> = new Set()): void {
  const changed = changedBetween(before, now);
  for (const path of changed) if (before.has(path)) remove(folder, path);
  for (const path of new Set([...changed, ...again])) {
    const entry = now.get(path);
    if (entry) write(join(folder, path), entry, blobs);
  }
}

function remove(folder: string, path: string): void {
  rmSync(join(folder, path), { recursive: true, force: true });
  for (let at = dirname(path); at !== '.' && readdirSync(join(folder, at)).length === 0; at = dirname(at)) rmdirSync(join(folder, at));
}

function write(path: string, { mode, blob, text }: TreeEntry, blobs: ReadonlyMap<string, Buffer>): void {
  if (mode === '160000') {
    mkdirSync(path, { recursive: true });
    return;
  }
  mkdirSync(dirname(path), { recursive: true });
  const bytes = text ?? blobs.get(blob ?? '');
  if (bytes === undefined) throw new Error(`${path}: no blob ${blob}`);
  if (mode === '120000') symlinkSync(bytes.toString(), path);
  else {
    if (existsSync(path) && lstatSync(path).isSymbolicLink()) rmSync(path);
    writeFileSync(path, bytes);
    chmodSync(path, mode === '100755' ? 0o755 : 0o644);
  }
}

/** `git cat-file --batch`, bytes as they are; a blob that the repository lacks has its id for content. */
export async function blobsOf(repository: string, ids: readonly string[]): Promise<Map<string, Buffer>> {
  const child = spawn('git', ['-C', repository, 'cat-file', '--batch'], { stdio: ['pipe', 'pipe', 'ignore'] });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stdin.on('error', () => {});
  child.stdin.end(ids.map((id) => `${id}\n`).join(''));
  await new Promise((resolve) => child.on('close', resolve));
  const all = Buffer.concat(chunks);
  const found = new Map<string, Buffer>();
  let at = 0;
  for (const id of ids) {
    const end = all.indexOf(10, at);
    if (end === -1) break;
    const [, type, size] = all.subarray(at, end).toString().split(' ');
    at = end + 1;
    if (type !== 'blob') {
      found.set(id, Buffer.from(id));
      continue;
    }
    found.set(id, all.subarray(at, at + Number(size)));
    at += Number(size) + 1;
  }
  return found;
}
