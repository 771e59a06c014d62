/** The builds that a folder's files write down, read from the disk: what of each is known, in the words of the analysis. */
import { lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildDefinition } from './builds/definition';
import { buildsOf, definitionsIn, isDefinitionFile } from './builds/builds';
import { sourcesIn } from './builds/facts';
import type { Work } from './slices';

/** No more than so many files, and none that is larger. */
const limits = { entries: 300_000, files: 2000, bytes: 1 << 20 };

export function* definitionsOf(root: string): Work<readonly BuildDefinition[]> {
  const texts = new Map<string, string>();
  const pending = [''];
  let entries = 0;
  for (let at = pending.pop(); at !== undefined && entries < limits.entries; at = pending.pop()) {
    for (const entry of listed(join(root, at))) {
      entries++;
      const path = at === '' ? entry.name : `${at}/${entry.name}`;
      if (entry.isDirectory()) {
        if (entry.name !== '.git' && entry.name !== 'node_modules') pending.push(path);
      } else if (entry.isFile() && isDefinitionFile(path)) read(path);
    }
    yield;
  }
  const exists = existsIn(root);
  for (;;) {
    const { definitions, wants } = definitionsIn(texts, undefined, exists);
    const before = texts.size;
    for (const path of wants) if (!texts.has(path) && !path.startsWith('..')) read(path);
    if (texts.size === before) return definitions;
    yield;
  }

  function read(path: string): void {
    if (texts.size >= limits.files) return;
    try {
      const place = join(root, path);
      if (statSync(place).size <= limits.bytes) texts.set(path, readFileSync(place, 'utf8'));
    } catch {
      // Not there, or not to be read: it says nothing.
    }
  }
}

/** Those of one Dockerfile, `path` relative to the root; never none. */
export function definitionsFor(root: string, path: string, definitions: readonly BuildDefinition[]): readonly BuildDefinition[] {
  return buildsOf(path, definitions, existsIn(root), definitions.some(({ dockerfile }) => dockerfile === path) ? [] : sourcesOf(join(root, path)));
}

function sourcesOf(dockerfile: string): string[] {
  let text: string;
  try {
    text = readFileSync(dockerfile, 'utf8');
  } catch {
    return [];
  }
  return sourcesIn(text);
}

function existsIn(root: string): (path: string) => boolean {
  return (path) => {
    try {
      lstatSync(join(root, path));
      return true;
    } catch {
      return false;
    }
  };
}

function listed(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
