/**
 * The siblings of a workspace folder, kept as its Dockerfiles change: read in slices, off the way of requests, open documents before
 * what is on the disk. What it says is what is known now; when there is more, it tells.
 */
import { join, relative, sep } from 'node:path';
import { analyze } from '../core/analyze';
import { byWorth, familyOf } from '../core/family/families';
import type { Family } from '../core/family/model';
import { shapeOfAnalysis } from '../core/family/shape';
import { openSiblings, type Outcome, type Unit } from '../core/family/siblings';
import type { BuildDefinition } from './builds/definition';
import { buildsOf } from './builds/builds';
import { slashed } from './contexts';
import { factsOf } from './builds/facts';
import { isThere, textAt, type Disk } from './disk';
import { foldersIn } from './dockerfiles';
import { contextOf, linesIn, type FamilyProject } from './extract';
import { rootOf } from './roots';
import { largest, readShape, stampOf, storedOf, type Stored } from './shape-reading';
import { openShapeStore } from './shape-store';
import { inSlices, type Work } from './slices';
import { isServed } from '../served';
import { say } from '../core/say';
import type { TellProgress } from '../progress';

export interface FamilyIndex {
  readonly root: string;
  /** Reads all; again where it has been read. */
  readonly read: (definitions: readonly BuildDefinition[]) => Promise<void>;
  readonly isRead: () => boolean;
  readonly files: () => number;
  /** Absolute paths that may have changed on the disk, folders among them. */
  readonly changed: (paths: readonly string[]) => void;
  /** The text of an open document; undefined: it is closed, the disk counts. */
  readonly edited: (path: string, text: string | undefined) => void;
  /** Groups that a stage of the file is in, paths from the root. */
  readonly groupsOf: (file: string) => readonly (readonly Unit[])[];
  readonly contextOf: (file: string) => string;
  readonly stageOf: (file: string, stage: number) => { readonly name: string | null; readonly line: number } | undefined;
  readonly familyOf: (group: readonly Unit[]) => Family;
  /** All of them, in slices. */
  readonly families: () => Promise<readonly Family[]>;
  readonly project: FamilyProject;
  /** Of a path from the root. */
  readonly address: (file: string) => string;
  readonly isReadOnly: (file: string) => boolean;
  /** Until nothing is left to be read. */
  readonly settled: () => Promise<void>;
}

export interface IndexListener {
  /** `steps`: what is shared may be another; else only lines have moved. */
  readonly changed: (steps: boolean) => void;
  readonly working?: TellProgress;
}

/** The texts of so many files are kept. */
const mostLines = 500;

/** `storage`: a file that is ours. */
export function openFamilyIndex(disk: Disk, root: string, storage: string | undefined, listener: IndexListener): FamilyIndex {
  const store = openShapeStore(disk, storage);
  const siblings = openSiblings();
  const open = new Map<string, string>();
  const contexts = new Map<string, string>();
  const pending = new Set<string>();
  const families = new WeakMap<readonly Unit[], Family>();
  const linesOf = new Map<string, ReturnType<typeof linesIn>>();
  const idRoot = slashed(relative(rootOf(disk, root), root));
  let definitions: readonly BuildDefinition[] = [];
  /** The names in each folder, while all are read. */
  let listed: Map<string, readonly string[]> | undefined;
  let isRead = false;
  let isUnsaved = false;
  let busy: Promise<void> | undefined;
  let again = false;
  /** While all are read. */
  let reading: { readonly done: number; readonly all: number } | undefined;

  const project: FamilyProject = {
    text: (path) => open.get(path) ?? textAt(disk, join(root, path), largest),
    exists: (path) => {
      const slash = path.lastIndexOf('/');
      const names = listed?.get(slash === -1 ? '' : path.slice(0, slash));
      if (names) return names.includes(path.slice(slash + 1));
      return isThere(disk, join(root, path));
    },
    get definitions() {
      return definitions;
    },
  };

  return {
    root, project, address: (file) => disk.addressOf(join(root, file)), isReadOnly, read, isRead: () => isRead, files: () => contexts.size, changed, edited,
    groupsOf: (file) => siblings.groupsOf(file),
    contextOf: (file) => contexts.get(file) ?? `of ${file}`,
    stageOf: (file, stage) => siblings.unitsOf(file)[stage]?.stage,
    familyOf: family, families: all,
    settled: async () => {
      while (busy) await busy;
    },
  };

  function read(known: readonly BuildDefinition[]): Promise<void> {
    definitions = known;
    again = true;
    return work();
  }

  function changed(paths: readonly string[]): void {
    for (const path of paths) {
      const file = slashed(relative(root, path));
      if (file.startsWith('..')) continue;
      if (/(?:^|\/)\.gitignore$/.test(file)) again = true;
      else if (isServed(file, '')) pending.add(file);
      else if (!/\.[A-Za-z0-9]+$/.test(file) && isFolderOrGone(disk, path)) {
        // A folder that came or went: those below it.
        const below = [...contexts.keys()].filter((one) => one.startsWith(`${file}/`));
        if (below.length > 0) for (const one of below) pending.add(one);
        else if (project.exists(file)) again = true;
      }
    }
    if (isRead && (again || pending.size > 0)) void work();
  }

  function edited(path: string, text: string | undefined): void {
    const file = slashed(relative(root, path));
    if (text === undefined) open.delete(file);
    else open.set(file, text);
    pending.add(file);
    if (isRead) void work();
  }

  /** One at a time; what comes meanwhile is done after it. */
  function work(): Promise<void> {
    busy ??= inSlices(working(), tellReading).finally(() => (busy = undefined)).then(() => {
      if (again || pending.size > 0) return work();
      // Nobody waits for it.
      if (isUnsaved) void inSlices(afterwards());
      isUnsaved = false;
      return undefined;
    });
    return busy;
  }

  function* working(): Work<void> {
    let outcome: Outcome = again ? yield* readAll() : 'same';
    for (const file of pending) {
      pending.delete(file);
      outcome = worse(outcome, project.exists(file) || open.has(file) ? look(file) : forget(file));
      yield;
    }
    if (outcome !== 'same') listener.changed(outcome === 'changed');
  }

  function tellReading(): void {
    if (reading) listener.working?.(`siblings ${root}`, say('reading Dockerfiles: {0} of {1}', reading.done, reading.all), reading.done / reading.all);
  }

  function* afterwards(): Work<void> {
    yield* siblings.index();
    yield* store.save();
  }

  function* readAll(): Work<Outcome> {
    again = false;
    let outcome: Outcome = isRead ? 'same' : 'changed';
    const gone = new Set(contexts.keys());
    const files: string[] = [];
    const names = new Map<string, readonly string[]>();
    yield* foldersIn(disk, root, (one) => {
      names.set(below(one.folder), one.names);
      for (const place of one.dockerfiles) files.push(below(place));
    });
    listed = names;
    for (const [done, file] of files.entries()) {
      gone.delete(file);
      outcome = worse(outcome, look(file));
      reading = { done, all: files.length };
      yield;
    }
    reading = undefined;
    listener.working?.(`siblings ${root}`, undefined);
    listed = undefined;
    for (const file of gone) if (!open.has(file)) outcome = worse(outcome, forget(file));
    siblings.groups();
    isRead = true;
    isUnsaved = true;
    return outcome;
  }

  /** Of files that are as they were when they were read last: an edit of one sibling reads no other again. */
  function lines(file: string, first: number, last: number): string | undefined {
    let of = linesOf.get(file);
    if (!of) {
      if (linesOf.size >= mostLines) linesOf.clear();
      linesOf.set(file, (of = linesIn(project)));
    }
    return of(file, first, last);
  }

  /** From the root, of a path that lies in it; quicker than asking what two paths have in common. */
  function below(place: string): string {
    return slashed(place.slice(root.endsWith(sep) ? root.length : root.length + 1));
  }

  function look(file: string): Outcome {
    linesOf.delete(file);
    const text = open.get(file);
    const stored = text === undefined ? onDisk(file) : storedOf(text);
    if (!stored) return forget(file);
    const [definition] = buildsOf(file, definitions, project.exists, stored.sources);
    const facts = factsOf(definition, {});
    const given = Object.keys(facts.buildArgs ?? {}).length > 0 || facts.contexts !== undefined;
    const whole = given ? project.text(file) : undefined;
    const shape = whole === undefined ? stored.shape : shapeOfAnalysis(analyze(whole, facts), facts);
    const context = contextOf(file, definition, project).identity ?? `of ${file}`;
    contexts.set(file, context);
    return siblings.set(file, shape, context);
  }

  function forget(file: string): Outcome {
    linesOf.delete(file);
    contexts.delete(file);
    return siblings.set(file, undefined, '');
  }

  function onDisk(file: string): Stored | undefined {
    const place = root + sep + file;
    const known = store.has(file) ? stampOf(disk, place) : undefined;
    const kept = known && store.known(file, known);
    if (kept) return kept;
    const reading = readShape(disk, place, store.keptOf);
    if (reading) store.keep(file, reading);
    return reading?.stored;
  }

  function family(group: readonly Unit[]): Family {
    let found = families.get(group);
    if (!found) families.set(group, (found = familyOf(group, lines, (file) => (idRoot === '' ? file : `${idRoot}/${file}`))));
    return found;
  }

  async function all(): Promise<readonly Family[]> {
    const groups = siblings.groups();
    const found = await inSlices((function* (): Work<Family[]> {
      const made: Family[] = [];
      for (const group of groups) {
        made.push(family(group));
        yield;
      }
      return made;
    })());
    return found.toSorted(byWorth);
  }

  /** By its mode: for root every file can be written. */
  function isReadOnly(file: string): boolean {
    try {
      return ((disk.status(join(root, file))?.mode ?? 0o222) & 0o222) === 0;
    } catch {
      return false;
    }
  }
}

function isFolderOrGone(disk: Disk, path: string): boolean {
  try {
    return disk.status(path)?.isDirectory() ?? true;
  } catch {
    return true;
  }
}

function worse(a: Outcome, b: Outcome): Outcome {
  return b === 'changed' || a === 'same' ? b : a;
}
