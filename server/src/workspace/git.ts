/**
 * What the last commit had, asked of `git`: the text of a file, and the files of a folder that are not in it as they are now.
 * Only for workspaces that the user trusts: a repository's own settings make git run programs.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import type { ContextEntry } from '../core/build/context';

export interface Committed {
  /** Undefined: the commit does not have the file. */
  readonly text: string | undefined;
  /** By path in the folder, what the commit has where the files now may differ; undefined where it has nothing. */
  readonly files: ReadonlyMap<string, ContextEntry | undefined>;
}

/** More files than these are not compared. */
const most = 2000;

/** Undefined where there is no git, no repository or no commit. */
export async function lastCommit(folder: string, dockerfile: { readonly folder: string; readonly name: string }): Promise<Committed | undefined> {
  const shown = await git(dockerfile.folder, ['show', `HEAD:./${dockerfile.name}`]);
  if (!shown) {
    // Another file of it tells that there is a commit at all.
    return (await git(dockerfile.folder, ['rev-parse', '--verify', '--quiet', 'HEAD'])) ? { text: undefined, files: new Map() } : undefined;
  }
  const text = shown.toString('utf8');
  const [changed, added] = await Promise.all([
    git(folder, ['diff', '--raw', '-z', '--no-renames', '--no-abbrev', '--relative', 'HEAD', '--', '.']),
    git(folder, ['ls-files', '--others', '--exclude-standard', '--directory', '--no-empty-directory', '-z', '--', '.']),
  ]);
  const files = new Map<string, ContextEntry | undefined>();
  for (const path of added?.toString('utf8').split('\0') ?? []) if (path !== '') files.set(path.replace(/\/$/, ''), undefined);
  const known: { readonly path: string; readonly mode: string; readonly blob: string }[] = [];
  const fields = changed?.toString('utf8').split('\0') ?? [];
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const [, mode, blob] = /^:(\d+) \d+ ([0-9a-f]+) [0-9a-f]+ [A-Z]/.exec(fields[i]) ?? [];
    if (mode === undefined) continue;
    if (mode === '000000') files.set(fields[i + 1], undefined);
    else if (mode !== '160000') known.push({ path: fields[i + 1], mode, blob });
  }
  if (files.size + known.length > most) return { text, files: new Map() };
  const blobs = known.length === 0 ? [] : blobsIn(await git(folder, ['cat-file', '--batch'], known.map(({ blob }) => `${blob}\n`).join('')));
  for (const [i, { path, mode }] of known.entries()) {
    const bytes = blobs[i];
    if (bytes) files.set(path, entryOf(mode, bytes));
  }
  return { text, files };
}

function entryOf(mode: string, bytes: Buffer): ContextEntry {
  if (mode === '120000') return { type: 'link', target: bytes.toString('utf8') };
  const content = createHash('sha256').update(bytes).digest('hex');
  return { type: 'file', mode: mode === '100755' ? 0o755 : 0o644, content, size: bytes.length };
}

/** `<name> blob <size>`, a line feed, the bytes, a line feed; in the order that they were asked for. */
function blobsIn(output: Buffer | undefined): (Buffer | undefined)[] {
  const blobs: (Buffer | undefined)[] = [];
  for (let at = 0; output && at < output.length; ) {
    const end = output.indexOf(10, at);
    if (end === -1) break;
    const size = /^\S+ blob (\d+)$/.exec(output.toString('utf8', at, end))?.[1];
    const length = size === undefined ? -1 : Number(size);
    blobs.push(size === undefined ? undefined : output.subarray(end + 1, end + 1 + length));
    at = end + 1 + length + 1;
  }
  return blobs;
}

/** How many bytes and milliseconds an answer may take. */
const limits = { bytes: 256 << 20, time: 20_000 };

/** Undefined where it fails, for whatever reason: what it would have told is not known then. */
function git(folder: string, args: readonly string[], input?: string): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const environment = { ...process.env, GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0' };
    const child = spawn('git', ['-c', 'core.fsmonitor=false', ...args], { cwd: folder, env: environment, stdio: ['pipe', 'pipe', 'ignore'], timeout: limits.time, windowsHide: true });
    const parts: Buffer[] = [];
    let length = 0;
    child.stdout.on('data', (part: Buffer) => {
      parts.push(part);
      length += part.length;
      if (length > limits.bytes) child.kill();
    });
    child.on('error', () => resolve(undefined));
    child.on('close', (code) => resolve(code === 0 ? Buffer.concat(parts) : undefined));
    child.stdin.on('error', () => undefined);
    child.stdin.end(input ?? '');
  });
}
