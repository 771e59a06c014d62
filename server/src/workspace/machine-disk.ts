/** A machine's own files. */
import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, lstatSync, mkdirSync, openSync, readdirSync, readFileSync, readlinkSync, readSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { tooLarge, type Disk, type Entry } from './disk';
import type { Work } from './slices';

/** Links are not followed, and nobody is waited for at the other end of a pipe. Windows has neither. */
const plainly = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

export const machineDisk: Disk = {
  placeOf: (uri) => {
    if (!uri.startsWith('file:')) return undefined;
    try {
      return fileURLToPath(uri).replace(/(?<=.)[/\\]$/, '');
    } catch {
      return undefined;
    }
  },
  addressOf: (place) => pathToFileURL(place).href,
  status: (place) => lstatSync(place, { throwIfNoEntry: false }),
  list,
  *listing(folder) {
    yield;
    return list(folder);
  },
  target: (link) => readlinkSync(link),
  text,
  *load(place, most) {
    yield;
    return text(place, most);
  },
  // What it is is asked of the open file: it may have become another one. One look-up of the path for all.
  plainText: (place, most) => {
    const file = openSync(place, plainly);
    try {
      const status = fstatSync(file);
      return status.isFile() && status.size <= most ? { status, content: readFileSync(file, 'utf8') } : undefined;
    } finally {
      closeSync(file);
    }
  },
  *digest(place, known) {
    const file = openSync(place, plainly);
    try {
      const status = fstatSync(file);
      return status.isFile() ? { status, content: known(status) ?? (yield* hashed(file)) } : undefined;
    } finally {
      closeSync(file);
    }
  },
  keep: (place, text) => {
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(`${place}.${process.pid}`, text);
    renameSync(`${place}.${process.pid}`, place);
  },
};

const chunk = Buffer.alloc(1 << 20);

function* hashed(file: number): Work<string> {
  const hash = createHash('sha256');
  for (let read = readSync(file, chunk); read > 0; read = readSync(file, chunk)) {
    hash.update(chunk.subarray(0, read));
    if (read < chunk.length) break;
    yield;
  }
  return hash.digest('hex');
}

function list(folder: string): readonly Entry[] {
  return readdirSync(folder, { withFileTypes: true });
}

function text(place: string, most?: number): string {
  if (most !== undefined && statSync(place).size > most) throw tooLarge(place);
  return readFileSync(place, 'utf8');
}
