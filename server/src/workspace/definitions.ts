/** The builds that a folder's files write down, read from the disk: what of each is known, in the words of the analysis. */
import { lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { analyze } from '../core/analyze';
import type { Analysis, Facts, NamedContext } from '../core/build/model';
import type { BuildDefinition, ContextSource } from './builds/definition';
import { buildsOf, definitionsIn, isDefinitionFile } from './builds/builds';
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

/** As a user would call it; empty where no file says so. */
export function titleOf({ source, name, file }: BuildDefinition): string {
  switch (source) {
    case 'folder': return '';
    case 'compose': return `service ${name} of ${file}`;
    case 'bake': return `target ${name} of ${file}`;
    case 'devcontainer': return file;
    case 'workflow': case 'script': return name === '' ? file : `${name} in ${file}`;
  }
}

/** What the user has set goes before what the project says. */
export function factsOf({ target, args, contexts, platforms }: BuildDefinition, set: Facts): Facts {
  const named = Object.entries(contexts).map(([name, source]): [string, NamedContext] => [name.toLowerCase(), { folder: isFolder(source) }]);
  return {
    ...set,
    target: set.target ?? target ?? undefined,
    buildArgs: { ...args, ...set.buildArgs },
    ...(named.length > 0 && { contexts: { ...Object.fromEntries(named), ...set.contexts } }),
    ...(platforms.length === 1 && set.platform && { platform: { ...set.platform, target: platforms[0], assumed: false } }),
  };
}

function isFolder({ kind }: ContextSource): boolean {
  return kind === 'folder' || kind === 'remote';
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

/** What COPY and ADD name, but for other stages' files. */
export function sourcesIn(text: string): string[] {
  return sourcesOfCommands(analyze(text).commands);
}

export function sourcesOfCommands(commands: Analysis['commands']): string[] {
  return commands.flatMap((command) =>
    ((command.kind === 'COPY' || command.kind === 'ADD') && !command.flags.from ? command.sources.map((source) => source.text) : []));
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
