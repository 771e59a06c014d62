/** A repository on disk: the builds of a Dockerfile in it, their contexts, and the texts in these. Each is read once. */
import { join, relative, resolve } from 'node:path';
import type { Facts } from '../core/build/model';
import type { ProjectBuild } from '../core/build/project';
import type { BuildDefinition } from './builds/definition';
import { listContext, type DiskContext } from './context-files';
import { slashed } from './contexts';
import { isThere, reasonOf, type Disk } from './disk';
import { definitionsFor, definitionsOf } from './definitions';
import { factsOf, titleOf } from './builds/facts';
import { machineDisk } from './machine-disk';
import { atOnce } from './slices';

export interface ProjectFiles {
  /** Never none. */
  readonly buildsOf: (dockerfile: string, facts: Facts) => readonly ProjectBuild[];
  /** Texts of files of a build's context, those that can be read. */
  readonly texts: (build: ProjectBuild, paths: readonly string[]) => ReadonlyMap<string, string>;
  /** Files were written. */
  readonly changed: () => void;
}

const largestText = 4 << 20;

export function openProjectFiles(root: string, complain: (complaint: string) => void, disk: Disk = machineDisk): ProjectFiles {
  const contexts = new Map<string, DiskContext | undefined>();
  const folders = new WeakMap<ProjectBuild, string>();
  let definitions: readonly BuildDefinition[] | undefined;

  return { buildsOf, texts, changed: () => contexts.clear() };

  function buildsOf(dockerfile: string, set: Facts): readonly ProjectBuild[] {
    definitions ??= atOnce(definitionsOf(disk, root));
    const own = definitionsFor(disk, root, slashed(relative(root, dockerfile)), definitions);
    const builds = own.map((definition) => ({ build: buildOf(definition, dockerfile, set), target: definition.target, args: definition.args }));
    // Several names for the same thing are one build.
    const distinct = new Map(builds.map(({ build, target, args }) => [JSON.stringify([folders.get(build), build.context.kind, target, args]), build]));
    return [...distinct.values()];
  }

  function buildOf(definition: BuildDefinition, dockerfile: string, set: Facts): ProjectBuild {
    const title = titleOf(definition);
    const facts = factsOf(definition, set);
    if (definition.context.kind === 'remote') return { title, facts, context: { kind: 'remote' } };
    const folder = definition.context.kind === 'folder' ? resolve(root, definition.context.path) : undefined;
    const found = folder === undefined ? undefined : contextAt(folder, dockerfile);
    if (!found || folder === undefined) return { title, facts, context: { kind: 'unknown' } };
    const own = found.ignoreFile ?? join(folder, '.dockerignore');
    const inside = relative(folder, dockerfile);
    const build: ProjectBuild = {
      title, facts,
      context: {
        kind: 'folder', files: found.context, ignoreFile: { path: own, ...(found.ignoreFile !== null && { text: disk.text(own) }) },
        ...(!inside.startsWith('..') && { dockerfile: slashed(inside) }),
      },
    };
    folders.set(build, folder);
    return build;
  }

  function contextAt(folder: string, dockerfile: string): DiskContext | undefined {
    // Many Dockerfiles of one folder read it once, but for those with an ignore file of their own.
    const ignores = isThere(disk, `${dockerfile}.dockerignore`) ? dockerfile : undefined;
    const key = `${folder}\0${ignores ?? ''}`;
    if (!contexts.has(key)) {
      try {
        const found = listContext(disk, folder, ignores);
        for (const complaint of found.complaints) complain(`${folder}: ${complaint}`);
        contexts.set(key, found);
      } catch (error) {
        complain(`${folder}: ${reasonOf(error)}`);
        contexts.set(key, undefined);
      }
    }
    return contexts.get(key);
  }

  function texts(build: ProjectBuild, paths: readonly string[]): ReadonlyMap<string, string> {
    const folder = folders.get(build);
    const found = new Map<string, string>();
    if (folder === undefined) return found;
    for (const path of paths) {
      const place = resolve(folder, path);
      try {
        found.set(path, disk.text(place, largestText));
      } catch {
        // Not to be read: not among them.
      }
    }
    return found;
  }
}
