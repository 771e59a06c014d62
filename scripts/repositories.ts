/** Git repositories under a folder, and the texts of their blobs: for the scripts that measure on fetched material. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Every repository, bare or not, up to three levels down. */
export function repositoriesUnder(directory: string, depth = 3): string[] {
  if (existsSync(join(directory, '.git'))) return [directory];
  if (existsSync(join(directory, 'HEAD')) && existsSync(join(directory, 'objects'))) return [directory];
  if (depth === 0) return [];
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'node_modules')
    .flatMap((entry) => repositoriesUnder(join(directory, entry.name), depth - 1));
}

/** The texts of those blobs that any of the repositories holds. */
export async function blobTexts(repositories: readonly string[], blobs: readonly string[]): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for (const repository of repositories) {
    const wanted = [...new Set(blobs)].filter((blob) => !texts.has(blob));
    if (wanted.length === 0) break;
    for (const [blob, text] of await catFiles(repository, wanted)) texts.set(blob, text);
  }
  return texts;
}

/** `git cat-file --batch` over names (blob ids, or commit:path). */
export async function catFiles(repository: string, names: readonly string[]): Promise<Map<string, string>> {
  const child = spawn('git', ['-C', repository, 'cat-file', '--batch'], { stdio: ['pipe', 'pipe', 'ignore'] });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stdin.on('error', () => {});
  child.stdin.end(names.map((name) => `${name}\n`).join(''));
  await new Promise((resolve) => child.on('close', resolve));
  const all = Buffer.concat(chunks);
  const texts = new Map<string, string>();
  let at = 0;
  for (const name of names) {
    const lineEnd = all.indexOf(10, at);
    if (lineEnd === -1) break;
    const header = all.subarray(at, lineEnd).toString().split(' ');
    at = lineEnd + 1;
    if (header[header.length - 1] === 'missing' || header[1] !== 'blob') {
      if (header[1] !== undefined && header[1] !== 'missing' && header.length === 3) at += Number(header[2]) + 1;
      continue;
    }
    const size = Number(header[2]);
    texts.set(name, all.subarray(at, at + size).toString('utf8'));
    at += size + 1;
  }
  return texts;
}

export interface FetchedFile {
  readonly repository: string;
  readonly commit: string;
  readonly path: string;
}

/** A manifest's files ({how, repositories: [{repository, commit, paths}]}) with their texts, and those that no repository under the folder has. */
export async function fetchedFiles(manifest: string, directory: string): Promise<{ found: (FetchedFile & { text: string })[]; missing: FetchedFile[] }> {
  const { repositories } = JSON.parse(readFileSync(manifest, 'utf8')) as { repositories: { repository: string; commit: string; paths: string[] }[] };
  const files = repositories.flatMap(({ paths, ...where }) => paths.map((path): FetchedFile => ({ ...where, path })));
  const nameOf = ({ commit, path }: FetchedFile): string => `${commit}:${path}`;
  const texts = new Map<string, string>();
  for (const repository of repositoriesUnder(directory)) {
    const wanted = files.map(nameOf).filter((name) => !texts.has(name));
    if (wanted.length === 0) break;
    for (const [name, text] of await catFiles(repository, wanted)) texts.set(name, text);
  }
  return {
    found: files.flatMap((file) => (texts.has(nameOf(file)) ? [{ ...file, text: texts.get(nameOf(file)) as string }] : [])),
    missing: files.filter((file) => !texts.has(nameOf(file))),
  };
}
