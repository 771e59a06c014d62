/** The builds of a commit's Dockerfiles, with their contexts out of its tree. */
import { contextOf, type Context } from '../core/build/context';
import { patternsOf, readIgnoreFile } from '../core/build/ignore';
import type { Facts } from '../core/build/model';
import type { ProjectBuild } from '../core/build/project';
import { isServed } from '../served';
import type { BuildDefinition } from './builds/definition';
import { buildsOf, definitionsIn, isDefinitionFile } from './builds/builds';
import { factsOf, sourcesIn, titleOf } from './builds/facts';
import type { Tree } from './tree';

export interface TreeBuild {
  /** Path in the tree. */
  readonly dockerfile: string;
  readonly text: string;
  readonly definition: BuildDefinition;
  readonly build: ProjectBuild;
  /** Named contexts that are folders of the tree, by name in small letters. */
  readonly folders: Readonly<Record<string, Context>>;
}

export interface TreeProject {
  readonly dockerfiles: readonly string[];
  readonly buildsOf: (dockerfile: string, set: Facts) => readonly TreeBuild[];
  /** Texts of a build's context. */
  readonly texts: (build: ProjectBuild, paths: readonly string[]) => ReadonlyMap<string, string>;
}

export function projectIn(tree: Tree): TreeProject {
  const paths = [...tree.entries.keys()];
  const dockerfiles = paths.filter((path) => isServed(`file:///${path.split('/').map(encodeURIComponent).join('/')}`, '') && !/(?:^|\/)node_modules\//.test(path));
  const texts = new Map(tree.texts([...dockerfiles, ...paths.filter((path) => isDefinitionFile(path) || path.endsWith('.dockerignore'))]));
  const definitions = defined();
  const contexts = new Map<string, Context>();
  const folders = new WeakMap<ProjectBuild, string>();
  return {
    dockerfiles, buildsOf: own,
    texts: (build, asked) => {
      const prefix = prefixOf(folders.get(build) ?? '.');
      return new Map([...tree.texts(asked.map((path) => prefix + path))].map(([path, text]) => [path.slice(prefix.length), text]));
    },
  };

  function defined(): readonly BuildDefinition[] {
    for (;;) {
      const found = definitionsIn(new Map([...texts].filter(([path]) => !path.endsWith('.dockerignore'))), undefined, tree.has);
      const missing = found.wants.filter((path) => !texts.has(path) && tree.entries.has(path));
      if (missing.length === 0) return found.definitions;
      for (const [path, text] of tree.texts(missing)) texts.set(path, text);
    }
  }

  function own(dockerfile: string, set: Facts): readonly TreeBuild[] {
    const text = texts.get(dockerfile) ?? '';
    return buildsOf(dockerfile, definitions, tree.has, sourcesIn(text)).map((definition) => ({ dockerfile, text, definition, build: buildOf(definition, dockerfile, set), folders: namedFolders(definition) }));
  }

  function buildOf(definition: BuildDefinition, dockerfile: string, set: Facts): ProjectBuild {
    const title = titleOf(definition);
    const facts = factsOf(definition, set);
    const { context } = definition;
    if (context.kind === 'remote') return { title, facts, context: { kind: 'remote' } };
    if (context.kind !== 'folder') return { title, facts, context: { kind: 'unknown' } };
    const prefix = prefixOf(context.path);
    const ignorePath = texts.has(`${dockerfile}.dockerignore`) ? `${dockerfile}.dockerignore` : `${prefix}.dockerignore`;
    const ignoreText = texts.get(ignorePath);
    const build: ProjectBuild = {
      title, facts,
      context: {
        kind: 'folder', files: contextAt(prefix, ignorePath, ignoreText), ignoreFile: { path: ignorePath, ...(ignoreText !== undefined && { text: ignoreText }) },
        ...(dockerfile.startsWith(prefix) && { dockerfile: dockerfile.slice(prefix.length) }),
      },
    };
    folders.set(build, context.path);
    return build;
  }

  /** Each by its own ignore file. */
  function namedFolders({ contexts: named }: BuildDefinition): Record<string, Context> {
    return Object.fromEntries(Object.entries(named).flatMap(([name, source]): [string, Context][] => {
      if (source.kind !== 'folder') return [];
      const prefix = prefixOf(source.path);
      return [[name.toLowerCase(), contextAt(prefix, `${prefix}.dockerignore`, texts.get(`${prefix}.dockerignore`))]];
    }));
  }

  function contextAt(prefix: string, ignorePath: string, ignoreText: string | undefined): Context {
    const key = `${prefix}\0${ignoreText === undefined ? '' : ignorePath}`;
    let context = contexts.get(key);
    if (!context) {
      const patterns = ignoreText === undefined ? undefined : patternsOf(readIgnoreFile(ignoreText));
      const inside = [...tree.entries].filter(([path]) => path.startsWith(prefix)).map(([path, entry]) => [path.slice(prefix.length), entry] as const);
      contexts.set(key, (context = contextOf(inside, patterns && !('error' in patterns) ? patterns : undefined)));
    }
    return context;
  }
}

function prefixOf(folder: string): string {
  return folder === '.' || folder === '' ? '' : `${folder}/`;
}
