/** The Dockerfiles in a folder of the disk, by their names. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isServed } from '../served';
import type { Work } from './slices';

/** Nobody's own files lie in these. */
const leftOut = new Set(['.git', 'node_modules']);

/** Absolute paths, in no order. Links are not followed; what cannot be read holds none. */
export function* dockerfilesIn(folder: string, room = 300_000): Work<string[]> {
  const found: string[] = [];
  const pending = [folder];
  let left = room;
  for (let at = pending.pop(); at !== undefined && left > 0; at = pending.pop()) {
    for (const entry of entriesOf(at)) {
      left--;
      if (entry.isDirectory()) {
        if (!leftOut.has(entry.name)) pending.push(join(at, entry.name));
      } else if (entry.isFile() && isServed(entry.name, '')) found.push(join(at, entry.name));
    }
    yield;
  }
  return found;
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
