/**
 * A repository as it was at a commit, as a file system: what is there now, with those files put back that differ. What git ignores, and
 * `.git` itself, count as unchanged, and a folder of which only new files are left was not there.
 */
import { createHash } from 'node:crypto';
import { basename, dirname, join, resolve } from 'node:path';
import { entryOf, isThere as isOnDisk, listed, missing, statusOf, tooLarge, type Disk, type Entry, type PlainFile, type Status } from './disk';
import { machineDisk } from './machine-disk';
import { git } from './tree';

/** A file as the commit has it. */
export interface CommittedFile {
  readonly path: string;
  /** As git writes it. */
  readonly mode: string;
  readonly blob: string;
}

/** `gone`: paths that the commit does not have; a `committed` one is there all the same. */
export function earlierDisk(root: string, committed: readonly CommittedFile[], gone: readonly string[]): Disk {
  const files = new Map(committed.map((file) => [join(root, file.path), file]));
  const isNew = new Set(gone.map((path) => join(root, path)));
  /** Of each folder, what is put back into it. */
  const putBack = new Map<string, Map<string, Entry>>();
  for (const [place, { mode }] of files) {
    let entry = entryOf(basename(place), mode === '120000' ? 'link' : 'file');
    for (let folder = dirname(place); ; folder = dirname(folder)) {
      putBack.set(folder, (putBack.get(folder) ?? new Map<string, Entry>()).set(entry.name, entry));
      if (folder === root || dirname(folder) === folder) break;
      entry = entryOf(basename(folder), 'folder');
    }
  }
  /** Folders below which something is new. */
  const grown = new Set<string>();
  for (const place of isNew) for (let folder = dirname(place); folder !== root && !grown.has(folder) && dirname(folder) !== folder; folder = dirname(folder)) grown.add(folder);
  let sizes: ReadonlyMap<string, number> | undefined;

  return {
    placeOf: machineDisk.placeOf,
    addressOf: machineDisk.addressOf,
    status, list, text, target,
    *listing(folder) {
      yield;
      return list(folder);
    },
    *load(place, most) {
      yield;
      return text(place, most);
    },
    plainText: (place, most) => {
      const file = plain(place);
      if (file === 'now') return machineDisk.plainText(place, most);
      return file && file.status.size <= most ? { status: file.status, content: bytesOf(file.content).toString('utf8') } : undefined;
    },
    *digest(place, known) {
      const file = plain(place);
      if (file === 'now') return yield* machineDisk.digest(place, known);
      return file && { status: file.status, content: known(file.status) ?? createHash('sha256').update(bytesOf(file.content)).digest('hex') };
    },
  };

  function status(place: string): Status | undefined {
    const file = files.get(place);
    if (file) return statusOf(file.mode === '120000' ? 'link' : 'file', file.mode === '100755' ? 0o755 : 0o644, sizeOf(file.blob), 0);
    const now = isThere(place) ? statusNow(place) : undefined;
    return putBack.has(place) && !now?.isDirectory() ? statusOf('folder', 0o755, 0, 0) : now;
  }

  function list(folder: string): readonly Entry[] {
    if (!status(folder)) throw missing(folder);
    return kept(folder);
  }

  function kept(folder: string): readonly Entry[] {
    const back = putBack.get(folder);
    const now = back ? listed(machineDisk, folder) : machineDisk.list(folder);
    return [...now.filter(({ name }) => !back?.has(name) && isThere(join(folder, name))), ...(back?.values() ?? [])];
  }

  function isThere(place: string): boolean {
    return putBack.has(place) || (!isNew.has(place) && !(grown.has(place) && kept(place).length === 0));
  }

  function text(place: string, most?: number): string {
    const at = followed(place);
    const file = files.get(at);
    if (!file) {
      if (!isThere(at)) throw missing(place);
      return machineDisk.text(at, most);
    }
    if (most !== undefined && sizeOf(file.blob) > most) throw tooLarge(place);
    return bytesOf(file.blob).toString('utf8');
  }

  function target(link: string): string {
    const file = files.get(link);
    return file ? bytesOf(file.blob).toString('utf8') : machineDisk.target(link);
  }

  function followed(place: string): string {
    let at = place;
    for (let links = 0; links < 40; links++) {
      if (!(files.has(at) ? status(at) : statusNow(at))?.isSymbolicLink()) return at;
      at = resolve(dirname(at), target(at));
    }
    throw Object.assign(new Error(`${place} is a loop of links`), { code: 'ELOOP' });
  }

  /** 'now': as it is on the disk. `content` is the blob's name. */
  function plain(place: string): PlainFile<string> | 'now' | undefined {
    const file = files.get(place);
    if (file) return file.mode === '120000' ? undefined : { status: status(place) as Status, content: file.blob };
    if (!isThere(place)) throw missing(place);
    return 'now';
  }

  function bytesOf(blob: string): Buffer {
    return git(root, ['cat-file', 'blob', blob]);
  }

  function sizeOf(blob: string): number {
    if (!sizes) {
      const blobs = committed.map((file) => file.blob);
      const said = git(root, ['cat-file', '--batch-check=%(objectsize)'], blobs.map((one) => `${one}\n`).join('')).toString().split('\n');
      sizes = new Map(blobs.map((one, i) => [one, Number(said[i]) || 0]));
    }
    return sizes.get(blob) ?? 0;
  }
}

/** A folder of then may be a file now. */
function statusNow(place: string): Status | undefined {
  return isOnDisk(machineDisk, place) ? machineDisk.status(place) : undefined;
}
