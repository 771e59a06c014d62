/** A folder of records that others may lose, break or forbid: what is not there as it was written is not there. Bounded: the oldest used go first. */
import { createHash, randomBytes } from 'node:crypto';
import { lstat, mkdir, open, readdir, readFile, rename, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';

export interface RecordFolder {
  /** `name`: `KIND-` and 64 hex digits. Undefined: not there, or not whole. */
  readonly read: (name: string) => Promise<Buffer | undefined>;
  /** Never rejects: where it cannot be written, or is too large, it is not there afterwards. */
  readonly write: (name: string, body: Buffer) => Promise<void>;
}

export interface RecordLimits {
  /** Bytes of all records together, and of one. */
  readonly total: number;
  readonly largest: number;
}

const names = /^[a-z]+-[a-f0-9]{64}$/;
/** Half written: whoever did may have been ended. */
const halves = /^[a-z]+-[a-f0-9]{64}\.[0-9]+\.[a-f0-9]+$/;
/** How much is left when something has to go: not every record that is written takes another one's place. */
const left = 7 / 8;
/** Milliseconds: a use is not noted twice within. */
const noted = 3_600_000;

/** `version`: the first line of each record, so that another form of the same is none. Nothing is made before something is written. */
export function openRecordFolder(folder: string, version: string, { total, largest }: RecordLimits): RecordFolder {
  /** Bytes, as far as is known here: others write, too. */
  let size: number | undefined;
  let writing = Promise.resolve();
  return {
    read: async (name) => {
      if (!names.test(name)) return undefined;
      const path = join(folder, name);
      try {
        const found = await lstat(path);
        if (!found.isFile() || found.size > largest) return undefined;
        const bytes = await readFile(path);
        const start = bytes.indexOf(0x0a) + 1;
        const body = bytes.subarray(start);
        if (bytes.toString('latin1', 0, start) !== headOf(name, body)) return undefined;
        const now = Date.now();
        if (found.mtimeMs < now - noted) await utimes(path, now / 1000, now / 1000).catch(() => undefined);
        return body;
      } catch {
        return undefined;
      }
    },
    write: (name, body) => (writing = writing.then(() => write(name, body))),
  };

  async function write(name: string, body: Buffer): Promise<void> {
    const head = headOf(name, body);
    if (!names.test(name) || head.length + body.length > largest) return;
    const half = join(folder, `${name}.${process.pid}.${randomBytes(6).toString('hex')}`);
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const file = await open(half, 'wx', 0o600);
      try {
        await file.writeFile(head);
        await file.writeFile(body);
      } finally {
        await file.close();
      }
      await rename(half, join(folder, name));
      size = size === undefined ? Infinity : size + head.length + body.length;
      if (size > total) size = await makeRoom();
    } catch {
      // No place for it: it is found out again.
      await rm(half, { force: true }).catch(() => undefined);
    }
  }

  /** Answers how many bytes there are then. Of what has other names nothing is taken, or counted. */
  async function makeRoom(): Promise<number> {
    const records: { readonly path: string; readonly size: number; readonly used: number }[] = [];
    for (const name of await readdir(folder)) {
      if (!names.test(name) && !halves.test(name)) continue;
      const path = join(folder, name);
      const found = await lstat(path).catch(() => undefined);
      if (found?.isFile()) records.push({ path, size: found.size, used: found.mtimeMs });
    }
    let sum = records.reduce((all, record) => all + record.size, 0);
    if (sum <= total) return sum;
    for (const record of records.toSorted((a, b) => a.used - b.used)) {
      if (sum <= total * left) break;
      await rm(record.path, { force: true });
      sum -= record.size;
    }
    return sum;
  }

  /** With its name: a record under another one's is none. */
  function headOf(name: string, body: Buffer): string {
    return `${version} ${createHash('sha256').update(name).update(body).digest('hex')}\n`;
  }
}
