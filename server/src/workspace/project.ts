/**
 * What the files of a workspace tell of the documents in it: their builds, the contexts of these, and what the last commit had.
 * Asked without waiting: what is not known yet is said to be, and told when it is there.
 */
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { withEntry, type Context } from '../core/build/context';
import type { Facts } from '../core/build/model';
import type { ProjectBuild } from '../core/build/project';
import { digest } from '../core/family/shape';
import type { Unit } from '../core/family/siblings';
import type { Baseline } from '../baseline';
import type { Settings } from '../settings';
import { configurationFor, noConfiguration, type Configured } from './configuration-files';
import { openContexts, slashed, type FollowedContext, type Listener } from './contexts';
import type { BuildDefinition } from './builds/definition';
import { isDefinitionFile } from './builds/builds';
import { definitionsFor, definitionsOf } from './definitions';
import { factsOf, titleOf } from './builds/facts';
import type { Disk } from './disk';
import { dockerfilesIn } from './dockerfiles';
import { openFamilyIndex, type FamilyIndex } from './family-index';
import type { Committed, lastCommit } from './git';
import type { BuildOrder } from './images/build';
import type { Images, ImagesPlace } from './images/images';
import { orderOf, usualNames } from './images/order';
import { inSlices } from './slices';
import { say } from '../core/say';

export interface Project {
  /** `storage`: a folder that is the extension's own, if it has one. */
  readonly start: (folders: readonly string[], trusted: boolean, storage?: string) => void;
  /** The workspace has these folders now. */
  readonly moved: (folders: readonly string[]) => void;
  /** The user trusts the workspace from now on. */
  readonly trust: () => void;
  /** Addresses of files that may have changed. */
  readonly changed: (uris: readonly string[]) => void;
  /** The same object as long as nothing about it changes; undefined for what does not lie in the workspace. */
  readonly of: (uri: string, settings: Settings) => ProjectView | undefined;
  /** The siblings of the folder that a document lies in, and its path from there. */
  readonly siblings: (uri: string) => Siblings | undefined;
  /** Of all folders; they begin to be read. */
  readonly allSiblings: () => readonly FamilyIndex[];
  /** The text of an open document; undefined: it is closed. */
  readonly edited: (uri: string, text: string | undefined) => void;
  /** The addresses of all Dockerfiles of the workspace. */
  readonly dockerfiles: () => Promise<string[]>;
  /** Whether a file lies in the context of one of a Dockerfile's builds, ignored or not. */
  readonly reaches: (dockerfile: string, file: string) => boolean;
  /** What the nearest `strata.json` says of a Dockerfile. */
  readonly configured: (uri: string) => Configured;
  /** Undefined where there can be none: in a browser. */
  readonly images: Images | undefined;
  /** What is needed to build a Dockerfile as the build in use says; a sentence: why that cannot be done. */
  readonly order: (uri: string, settings: Settings) => BuildOrder | string;
  /** The text of a file of the workspace. */
  readonly load: (uri: string) => Promise<string | undefined>;
  /** Until nothing is left to be found out. */
  readonly settled: () => Promise<void>;
  /** No engine is listened to any more. */
  readonly close: () => void;
}

export interface Siblings {
  readonly index: FamilyIndex;
  readonly file: string;
  /** Those that its stages are in; none while they are read first. Each is the same object as long as nothing of it changes. */
  readonly groups: readonly (readonly Unit[])[];
}

export interface ProjectView {
  readonly builds: readonly [ProjectBuild, ...ProjectBuild[]];
  /** By paths in the context of the build, the first where none is named. */
  readonly texts: (paths: readonly string[], build?: ProjectBuild) => Promise<ReadonlyMap<string, string>>;
  /** The address of a path in that context. */
  readonly address: (path: string, build?: ProjectBuild) => string | undefined;
  /** The path of an address in that context; undefined where it lies elsewhere. */
  readonly inside: (uri: string, build?: ProjectBuild) => string | undefined;
  /** What the last commit had; null where there is none, or nobody may ask; undefined while it is asked. */
  readonly committed: Baseline | null | undefined;
}

/** What makes a view another one. */
type Parts = readonly unknown[];

interface Asked {
  answer: Committed | null | undefined;
  asking: Promise<void> | undefined;
  /** By the folder of the context: what was in it, given what is. */
  readonly contexts: WeakMap<Committed, Context>;
  /** What was said of it last. */
  view: ProjectView['committed'];
}

/** What the files of a workspace folder write down. */
interface Defined {
  found: readonly BuildDefinition[] | undefined;
  reading: Promise<void> | undefined;
  /** By path of a Dockerfile. */
  readonly own: Map<string, readonly BuildDefinition[]>;
}

const unread: readonly BuildDefinition[] = [];
const noBases: Facts['images'] & object = {};

/** The contexts of more builds of one Dockerfile are not read. */
const mostBuilds = 12;

/** A text that is larger is no file of a project's settings. */
const largestText = 4 << 20;

export interface ProjectListener extends Listener {
  /** There are other families, or their places are others. */
  readonly familiesChanged?: () => void;
}

/** What a project lies on. */
export interface Machine {
  readonly disk: Disk;
  /** Left out where no git can be asked. */
  readonly committed?: typeof lastCommit;
  /** Left out where there can be no engine. */
  readonly images?: (place: ImagesPlace, listener: ProjectListener) => Images;
}

export function projectOn({ disk, committed: lastOf, images: imagesOf }: Machine, listener: ProjectListener): Project {
  const contexts = openContexts(disk, listener);
  const views = new Map<string, { readonly parts: Parts; readonly view: ProjectView }>();
  const asked = new Map<string, Asked>();
  const defined = new Map<string, Defined>();
  const indexes = new Map<string, FamilyIndex>();
  let storage: string | undefined;
  let folders: readonly string[] = [];
  let trusted = false;
  let renewing: Promise<void> | undefined;
  const images = imagesOf?.({ trusted: () => trusted, storage: () => storage }, listener);

  return {
    start: (uris, isTrusted, own) => {
      folders = uris.flatMap((uri) => disk.placeOf(uri) ?? []);
      trusted = isTrusted;
      storage = own;
    },
    moved: (uris) => {
      folders = uris.flatMap((uri) => disk.placeOf(uri) ?? []);
    },
    trust: () => {
      trusted = true;
      listener.changed();
    },
    changed: (uris) => {
      const paths = uris.flatMap((uri) => disk.placeOf(uri) ?? []);
      if (!disk.renew) return changed(paths);
      const renewed = Promise.all([renewing, disk.renew(paths)]).then(() => changed(paths), (error) => listener.report(String(error)));
      renewing = renewed;
    },
    of,
    siblings: (uri) => {
      const path = disk.placeOf(uri);
      const root = path === undefined ? undefined : rootOf(path);
      if (path === undefined || root === undefined) return undefined;
      const index = indexOf(root);
      const file = slashed(relative(root, path));
      return { index, file, groups: index.isRead() ? index.groupsOf(file) : [] };
    },
    allSiblings: () => folders.map(indexOf),
    edited: (uri, text) => {
      const path = disk.placeOf(uri);
      const root = path === undefined ? undefined : rootOf(path);
      if (path !== undefined && root !== undefined) indexOf(root).edited(path, text);
    },
    dockerfiles: async () => {
      const found: string[] = [];
      for (const folder of folders) found.push(...(await inSlices(dockerfilesIn(disk, folder))));
      return found.map(disk.addressOf);
    },
    reaches: (dockerfile, file) => {
      const [path, other] = [disk.placeOf(dockerfile), disk.placeOf(file)];
      const root = path === undefined ? undefined : rootOf(path);
      if (path === undefined || other === undefined || root === undefined) return false;
      return definedFor(root, path).some((definition) => {
        const folder = folderIn(root, definition);
        return folder !== undefined && isInside(other, folder);
      });
    },
    configured: (uri) => {
      const path = disk.placeOf(uri);
      const root = path === undefined ? undefined : rootOf(path);
      return path === undefined || root === undefined ? noConfiguration : configurationFor(disk, path, root);
    },
    order: (uri, settings) => {
      const path = disk.placeOf(uri);
      const root = path === undefined ? undefined : rootOf(path);
      if (path === undefined || root === undefined) return say('A Dockerfile of an open folder can be built: this one lies in none.');
      if (!trusted) return say('Nothing is built in a workspace that is not trusted.');
      const own = definedFor(root, path);
      const definition = own.find((one) => titleOf(one) === settings.build) ?? own.at(0);
      return definition ? orderOf(definition, path, root, settings) : say('The files of the project are still being read: try again in a moment.');
    },
    images,
    close: () => images?.close(),
    load: async (uri) => {
      const path = disk.placeOf(uri);
      if (path === undefined || !folders.some((folder) => isInside(path, folder))) return undefined;
      return (await textsIn(disk, dirname(path), [basename(path)])).get(basename(path));
    },
    settled: async () => {
      for (;;) {
        await renewing;
        await contexts.settled();
        await images?.settled();
        for (const index of indexes.values()) await index.settled();
        const asking = [...[...asked.values()].flatMap((one) => one.asking ?? []), ...[...defined.values()].flatMap((one) => one.reading ?? [])];
        if (asking.length === 0) return;
        await Promise.all(asking);
      }
    },
  };

  /** The disk shows them as they are now. */
  function changed(paths: readonly string[]): void {
    for (const [root, project] of defined) {
      if (paths.some((path) => isInside(path, root) && isDefinitionFile(slashed(relative(root, path))))) readDefinitions(root, project);
    }
    for (const index of indexes.values()) index.changed(paths);
    if (lastOf && paths.some(isCommit)) for (const [key, one] of asked) ask(key, one, lastOf);
    contexts.changed(paths);
  }

  function of(uri: string, settings: Settings): ProjectView | undefined {
    const path = disk.placeOf(uri);
    const root = path === undefined ? undefined : rootOf(path);
    if (path === undefined || root === undefined) return undefined;
    const own = definedFor(root, path);
    // Which build it is has to be known before anything is said of one.
    const places = own.slice(0, mostBuilds).map((definition) => ({ definition, folder: folderIn(root, definition) }));
    const pinned = places.find(({ definition }) => titleOf(definition) === settings.build);
    const ordered = pinned ? [pinned, ...places.filter((place) => place !== pinned)] : places;
    const followed = ordered.map(({ folder }) => (folder === undefined ? undefined : contexts.at(folder, path)));
    const first = ordered[0]?.folder;
    const committed = ordered.length === 0 ? undefined : committedOf(first ?? dirname(path), path, first === undefined ? undefined : followed[0]);
    const bases = images?.bases(settings) ?? noBases;
    const parts = [settings, own, committed, bases, ...followed];
    const known = views.get(uri);
    if (known && known.parts.length === parts.length && parts.every((part, i) => part === known.parts[i])) return known.view;
    const set = Object.keys(bases).length === 0 ? settings.facts : { ...settings.facts, images: bases };
    const builds = ordered.map(({ definition, folder }, i) => buildOf(disk, definition, set, path, root, folder, followed[i]));
    if (builds.length === 0) builds.push({ title: '', facts: set, context: { kind: 'unknown' } });
    const folderOf = (build: ProjectBuild = builds[0]): string | undefined => ordered[builds.indexOf(build)]?.folder;
    const view: ProjectView = {
      builds: builds as [ProjectBuild, ...ProjectBuild[]],
      texts: async (paths, build) => {
        const folder = folderOf(build);
        return folder === undefined ? new Map() : textsIn(disk, folder, paths);
      },
      address: (inside, build) => {
        const folder = folderOf(build);
        return folder === undefined ? undefined : disk.addressOf(resolve(folder, inside));
      },
      inside: (address, build) => {
        const [folder, other] = [folderOf(build), disk.placeOf(address)];
        return folder !== undefined && other !== undefined && isInside(other, folder) ? slashed(relative(folder, other)) : undefined;
      },
      committed,
    };
    views.set(uri, { parts, view });
    return view;
  }

  function indexOf(root: string): FamilyIndex {
    let index = indexes.get(root);
    if (index) return index;
    const place = storage === undefined ? undefined : join(storage, `siblings-${digest(root)}.json`);
    index = openFamilyIndex(disk, root, place, {
      working: listener.working,
      changed: (steps) => {
        if (steps) listener.changed();
        listener.familiesChanged?.();
      },
    });
    indexes.set(root, index);
    const found = projectAt(root).found;
    if (found) readSiblings(index, found);
    return index;
  }

  function readSiblings(index: FamilyIndex, found: readonly BuildDefinition[]): void {
    index.read(found).catch((error) => listener.report(`${index.root}: siblings cannot be read: ${String(error)}`));
  }

  function rootOf(path: string): string | undefined {
    return folders.find((folder) => isInside(path, folder));
  }

  /** None while the project's files are read first. */
  function definedFor(root: string, path: string): readonly BuildDefinition[] {
    const project = projectAt(root);
    if (!project.found) return unread;
    let own = project.own.get(path);
    if (!own) project.own.set(path, (own = definitionsFor(disk, root, slashed(relative(root, path)), project.found)));
    return own;
  }

  function projectAt(root: string): Defined {
    let project = defined.get(root);
    if (!project) {
      project = { found: undefined, reading: undefined, own: new Map() };
      defined.set(root, project);
      readDefinitions(root, project);
    }
    return project;
  }

  function readDefinitions(root: string, project: Defined): void {
    const ready = disk.ready?.(root) ?? Promise.resolve();
    const reading = ready.then(() => inSlices(definitionsOf(disk, root))).catch((error): readonly BuildDefinition[] => {
      listener.report(`${root}: ${String(error)}`);
      return [];
    }).then((found) => {
      // One that began later knows more.
      if (project.reading !== reading) return;
      project.reading = undefined;
      project.found = found;
      project.own.clear();
      const index = indexes.get(root);
      if (index) readSiblings(index, found);
      listener.changed();
    });
    project.reading = reading;
  }

  function committedOf(folder: string, path: string, followed: FollowedContext | undefined): ProjectView['committed'] {
    if (!trusted || !lastOf) return null;
    const key = `${folder}\0${path}`;
    let one = asked.get(key);
    if (!one) {
      one = { answer: undefined, asking: undefined, contexts: new WeakMap(), view: undefined };
      asked.set(key, one);
      ask(key, one, lastOf);
    }
    const { answer } = one;
    if (answer?.text === undefined) return answer === undefined ? undefined : null;
    if (followed && !one.contexts.has(answer)) one.contexts.set(answer, asCommitted(followed.context, answer));
    const context = one.contexts.get(answer);
    if (one.view?.text !== answer.text || one.view.context !== context) one.view = { since: 'commit', text: answer.text, context };
    return one.view;
  }

  function ask(key: string, one: Asked, committed: typeof lastCommit): void {
    const [folder, path] = key.split('\0');
    const answered = committed(folder, { folder: dirname(path), name: basename(path) }).then((answer) => {
      if (one.asking !== answered) return;
      one.asking = undefined;
      one.answer = answer ?? null;
      listener.changed();
    });
    one.asking = answered;
  }
}

function buildOf(disk: Disk, definition: BuildDefinition, set: Facts, path: string, root: string, folder: string | undefined, followed: FollowedContext | undefined): ProjectBuild {
  const said = { title: titleOf(definition), facts: factsOf(definition, set), tags: definition.tags, usualNames: usualNames(definition, path, root) };
  if (definition.context.kind === 'remote') return { ...said, context: { kind: 'remote' } };
  if (!followed || folder === undefined) return { ...said, context: { kind: 'unknown' } };
  const { context, ignoreFile } = followed;
  return {
    ...said,
    context: {
      kind: 'folder', files: context, ignoreFile: { ...ignoreFile, path: disk.addressOf(ignoreFile.path) },
      ...(isInside(path, folder) && { dockerfile: slashed(relative(folder, path)) }),
    },
  };
}

/** Undefined where it is no folder of the workspace. */
function folderIn(root: string, { context }: BuildDefinition): string | undefined {
  const folder = context.kind === 'folder' ? resolve(root, context.path) : undefined;
  return folder !== undefined && (folder === root || isInside(folder, root)) ? folder : undefined;
}

/** The context as it is, with what the commit has where that is something else. */
function asCommitted(context: Context, { files }: Committed): Context {
  let committed = context;
  for (const [path, entry] of files) {
    const now = context.entries.get(path);
    // Git keeps of a mode whether the file can be run; the rest is this machine's.
    const sameMode = entry?.type === 'file' && now?.type === 'file' && (entry.mode & 0o100) === (now.mode & 0o100);
    committed = withEntry(committed, path, sameMode ? { ...entry, mode: now.mode } : entry);
  }
  return committed;
}

async function textsIn(disk: Disk, folder: string, paths: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for (const path of paths) {
    const place = resolve(folder, path);
    if (!isInside(place, folder)) continue;
    try {
      texts.set(path, await inSlices(disk.load(place, largestText)));
    } catch {
      // Not there, or not to be read: not among them.
    }
  }
  return texts;
}

/** A file that git writes when there is another last commit. */
function isCommit(path: string): boolean {
  return /[/\\]\.git[/\\](?:HEAD|packed-refs|logs[/\\]HEAD|refs[/\\].*)$/.test(path);
}

function isInside(path: string, folder: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
