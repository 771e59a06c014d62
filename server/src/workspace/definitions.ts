/** The builds that a folder's files write down, read from the disk: what of each is known, in the words of the analysis. */
import { join } from 'node:path';
import type { BuildDefinition } from './builds/definition';
import { buildsOf, definitionsIn, isDefinitionFile } from './builds/builds';
import { sourcesIn } from './builds/facts';
import { isThere, listed, textAt, type Disk } from './disk';
import type { Work } from './slices';

/** No more than so many files, and none that is larger. */
const limits = { entries: 300_000, files: 2000, bytes: 1 << 20 };

export function* definitionsOf(disk: Disk, root: string): Work<readonly BuildDefinition[]> {
  const texts = new Map<string, string>();
  const pending = [''];
  let entries = 0;
  for (let at = pending.pop(); at !== undefined && entries < limits.entries; at = pending.pop()) {
    for (const entry of listed(disk, join(root, at))) {
      entries++;
      const path = at === '' ? entry.name : `${at}/${entry.name}`;
      if (entry.isDirectory()) {
        if (entry.name !== '.git' && entry.name !== 'node_modules') pending.push(path);
      } else if (entry.isFile() && isDefinitionFile(path)) yield* read(path);
    }
    yield;
  }
  const exists = existsIn(disk, root);
  for (;;) {
    const { definitions, wants } = definitionsIn(texts, undefined, exists);
    const before = texts.size;
    for (const path of wants) if (!texts.has(path) && !path.startsWith('..')) yield* read(path);
    if (texts.size === before) return definitions;
    yield;
  }

  function* read(path: string): Work<void> {
    if (texts.size >= limits.files) return;
    try {
      texts.set(path, yield* disk.load(join(root, path), limits.bytes));
    } catch {
      // Not there, or not to be read: it says nothing.
    }
  }
}

/** Those of one Dockerfile, `path` relative to the root; never none. */
export function definitionsFor(disk: Disk, root: string, path: string, definitions: readonly BuildDefinition[]): readonly BuildDefinition[] {
  return buildsOf(path, definitions, existsIn(disk, root), definitions.some(({ dockerfile }) => dockerfile === path) ? [] : sourcesOf(disk, join(root, path)));
}

function sourcesOf(disk: Disk, dockerfile: string): string[] {
  const text = textAt(disk, dockerfile);
  return text === undefined ? [] : sourcesIn(text);
}

function existsIn(disk: Disk, root: string): (path: string) => boolean {
  return (path) => isThere(disk, join(root, path));
}
