/** Git repositories under a folder, and the texts of their blobs: for the scripts that measure on fetched material. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
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
