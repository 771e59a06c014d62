/** Shapes of Dockerfiles that were read before, on disk, by their content: what nobody has changed is not read again. */
import { textAt, type Disk } from './disk';
import { lineOf, storedIn, type Reading, type Stamp, type Stored } from './shape-reading';
import type { Work } from './slices';

export interface ShapeStore {
  /** Whether anything is known of a file. */
  readonly has: (path: string) => boolean;
  /** Of a file that is as it was. */
  readonly known: (path: string, stamp: Stamp) => Stored | undefined;
  /** What is kept of a text with this name. */
  readonly keptOf: (content: string) => Stored | undefined;
  readonly keep: (path: string, reading: Reading) => void;
  /** Only what was asked for since it was opened. Does nothing where nothing is new. */
  readonly save: () => Work<void>;
}

/**
 * The first line of the file: another reading of the same text makes another version. Then a line for each file, a JSON array, and for
 * each text its name, a blank and what is kept of it.
 */
const version = 'strata shapes 3';

interface Entry extends Stamp {
  readonly content: string;
}

/** `file` undefined: nothing is kept beyond this run. A file that cannot be read is none. */
export function openShapeStore(disk: Disk, file: string | undefined): ShapeStore {
  const saved = load(disk, file);
  const files = new Map<string, Entry>();
  const shapes = new Map<string, Stored>();
  let isNew = false;
  return {
    has: (path) => files.has(path) || saved.files.has(path),
    known: (path, { size, time }) => {
      const entry = files.get(path) ?? saved.files.get(path);
      const kept = entry?.size === size && entry.time === time ? keptOf(entry.content) : undefined;
      if (entry && kept) files.set(path, entry);
      return kept;
    },
    keptOf,
    keep: (path, { size, time, content, stored }) => {
      files.set(path, { size, time, content });
      shapes.set(content, stored);
      isNew = true;
    },
    *save() {
      if (file === undefined || !isNew) return;
      isNew = false;
      const lines = [version];
      for (const [path, { size, time, content }] of files) {
        lines.push(JSON.stringify([path, size, time, content]));
        yield;
      }
      for (const content of new Set([...files.values()].map((entry) => entry.content))) {
        const stored = shapes.get(content);
        const line = saved.lines.get(content) ?? (stored && lineOf(stored));
        if (line !== undefined) lines.push(`${content} ${line}`);
        yield;
      }
      try {
        disk.keep?.(file, `${lines.join('\n')}\n`);
      } catch {
        // No place to keep it: it is read again.
      }
    },
  };

  function keptOf(content: string): Stored | undefined {
    const known = shapes.get(content);
    if (known) return known;
    const line = saved.lines.get(content);
    const stored = line === undefined ? undefined : storedIn(line);
    if (stored) shapes.set(content, stored);
    return stored;
  }
}

function load(disk: Disk, file: string | undefined): { readonly files: ReadonlyMap<string, Entry>; readonly lines: ReadonlyMap<string, string> } {
  const files = new Map<string, Entry>();
  const lines = new Map<string, string>();
  try {
    const [first, ...rest] = (file !== undefined && textAt(disk, file)?.split('\n')) || [];
    for (const line of first === version ? rest : []) {
      if (line.startsWith('[')) {
        const [path, size, time, content] = JSON.parse(line) as [string, number, number, string];
        files.set(path, { size, time, content });
      } else {
        const end = line.indexOf(' ');
        if (end !== -1) lines.set(line.slice(0, end), line.slice(end + 1));
      }
    }
  } catch {
    // None, or somebody else has written it: what could be read of it counts.
  }
  return { files, lines };
}
