/** Families on disk: the Dockerfiles under some paths, each in its repository, and changes written all at once or not at all. */
import { existsSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { byWorth, familyOf } from '../core/family/families';
import type { Change, Member } from '../core/family/model';
import { openSiblings } from '../core/family/siblings';
import { slashed } from './contexts';
import { definitionsOf } from './definitions';
import { dockerfilesIn } from './dockerfiles';
import { linesIn, shapedFile, type FamilyProject } from './extract';
import type { FamilyFiles, FamilyMachine } from './family-commands';
import { isServed } from '../served';
import { atOnce } from './slices';
import { machineDisk } from './machine-disk';
import { rootOf } from './roots';

/** A repository, and how its files are told from those of others: by a name before them where there are several. */
interface Repository {
  readonly root: string;
  readonly prefix: string;
  readonly project: FamilyProject;
  readonly files: Set<string>;
}

const roots = new WeakMap<FamilyProject, string>();

export const familyMachine: FamilyMachine = { under, project: projectOfFiles, apply: (project, changes) => write(roots.get(project) ?? '.', changes) };

function under(paths: readonly string[]): FamilyFiles {
  const repositories = new Map<string, Repository>();
  const complaints: string[] = [];
  for (const path of paths) {
    const place = resolve(path);
    const isFile = statSync(place).isFile();
    const root = rootOf(machineDisk, isFile ? dirname(place) : place);
    const repository = repositories.get(root) ?? { root, prefix: '', project: openFamilyProject(root), files: new Set<string>() };
    repositories.set(root, repository);
    for (const one of isFile ? [place] : atOnce(dockerfilesIn(machineDisk, place))) if (isServed(one, '')) repository.files.add(slashed(relative(root, one)));
  }
  const all = named([...repositories.values()]);
  const siblings = openSiblings();
  for (const { prefix, project, files } of all) {
    for (const file of [...files].toSorted()) {
      const text = project.text(file);
      if (text === undefined) {
        complaints.push(`${prefix}${file} cannot be read`);
        continue;
      }
      const { shape, context } = shapedFile(file, text, project);
      siblings.set(prefix + file, shape, prefix + context);
    }
  }
  const repositoryOf = (file: string): Repository => all.find(({ prefix }) => prefix !== '' && file.startsWith(prefix)) ?? all[0];
  const fromRoot = (file: string): string => file.slice(repositoryOf(file).prefix.length);
  const lines = new Map(all.map((one) => [one, linesIn(one.project)]));
  const families = siblings.groups()
    .map((group) => familyOf(group, (file, first, last) => lines.get(repositoryOf(file))?.(fromRoot(file), first, last), fromRoot))
    .toSorted(byWorth);
  return {
    families, complaints,
    local: (family) => {
      const own = new Set(family.members.map(({ file }) => repositoryOf(file)));
      const [{ project }] = own;
      const local = ({ file, stage }: Member): Member => ({ file: fromRoot(file), stage });
      return own.size > 1 ? undefined : { project, candidates: family.candidates.map((candidate) => ({ ...candidate, members: candidate.members.map(local) })) };
    },
  };
}

/** Two repositories have two names; the same twice is numbered. */
function named(repositories: readonly Repository[]): readonly Repository[] {
  if (repositories.length === 1) return repositories;
  const names = repositories.map(({ root }) => basename(root));
  return repositories.map((one, i) => ({ ...one, prefix: `${names[i]}${names.indexOf(names[i]) === i ? '' : `-${i + 1}`}/` }));
}

export function openFamilyProject(root: string): FamilyProject {
  const texts = new Map<string, string | undefined>();
  const project: FamilyProject = {
    text: (path) => {
      if (!texts.has(path)) texts.set(path, textAt(join(root, path)));
      return texts.get(path);
    },
    exists: (path) => existsSync(join(root, path)),
    definitions: atOnce(definitionsOf(machineDisk, root)),
  };
  roots.set(project, root);
  return project;
}

function textAt(place: string): string | undefined {
  try {
    return readFileSync(place, 'utf8');
  } catch {
    return undefined;
  }
}

function projectOfFiles(files: readonly string[]): { readonly project: FamilyProject; readonly files: readonly string[] } {
  const places = files.map((file) => resolve(file));
  const root = rootOf(machineDisk, dirname(places[0]));
  return { project: openFamilyProject(root), files: places.map((place) => slashed(relative(root, place))) };
}

/** Undefined: all is written. A sentence: nothing is, and why. */
export function write(root: string, changes: readonly Change[]): string | undefined {
  const done: Change[] = [];
  for (const { path, before } of changes) {
    const now = textAt(join(root, path));
    if (now !== before) return before === undefined ? `${path} is there already: nothing is written` : `${path} is not what it was: nothing is written`;
    if (before === undefined && isThere(join(root, path))) return `${path} is there already: nothing is written`;
  }
  try {
    for (const change of changes) {
      put(root, change.path, change.after);
      done.push(change);
    }
    return undefined;
  } catch (error) {
    for (const { path, before } of done.toReversed()) put(root, path, before);
    return `${changes[done.length].path} cannot be written (${(error as { code?: string }).code ?? 'unknown'}): nothing is changed`;
  }
}

/** By another name first: who reads meanwhile sees the old text or the new one. */
function put(root: string, path: string, text: string | undefined): void {
  const place = join(root, path);
  if (text === undefined) {
    rmSync(place);
    return;
  }
  mkdirSync(dirname(place), { recursive: true });
  // A file that is not to be written stays as it is, though its folder could be.
  const mode = isThere(place) ? statSync(place).mode : undefined;
  if (mode !== undefined && (mode & 0o222) === 0) throw Object.assign(new Error(path), { code: 'EACCES' });
  const beside = `${place}.strata-${process.pid}`;
  try {
    writeFileSync(beside, text, mode === undefined ? {} : { mode });
    renameSync(beside, place);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}

function isThere(place: string): boolean {
  try {
    lstatSync(place);
    return true;
  } catch {
    return false;
  }
}

