/** Copies from the build context: what they take, and where each file comes to lie. */
import { filesOf, type Context } from '../build/context';
import type { Step } from '../build/model';
import { cleanPath, joinPath } from '../build/path';
import { isRemote } from '../build/refusals';
import { baseFolder } from './runs';

export interface ContextCopy {
  readonly step: Step;
  /** In the context, cleaned, no slash at either end; empty: all of it. */
  readonly sources: readonly string[];
  /** Absolute. */
  readonly dest: string;
  /** It ends in a slash, or several files go there. */
  readonly intoFolder: boolean;
  /** No flag but --chown and --chmod. */
  readonly plain: boolean;
}

/** Undefined: it copies from elsewhere, or a value in it is not known. */
export function contextCopyOf(step: Step): ContextCopy | undefined {
  const { command, expanded } = step;
  if ((command.kind !== 'COPY' && command.kind !== 'ADD') || expanded.kind !== 'copy' || command.flags.from || command.files.length > 0) return undefined;
  if (expanded.dest === null || expanded.sources.some((source) => source === null || isRemote(source))) return undefined;
  const sources = expanded.sources.map((source) => cleanPath(`/${source ?? ''}`).slice(1));
  const dest = joinPath(expanded.dest.startsWith('/') ? '/' : step.before.workdir ?? baseFolder, expanded.dest) || '/';
  const { link, parents, exclude, keepGitDir, unpack, checksum } = command.flags;
  return {
    step, sources, dest, intoFolder: sources.length > 1 || /(?:^|\/)\.?$/.test(expanded.dest),
    plain: !link && !parents && exclude.length === 0 && keepGitDir === undefined && unpack === undefined && !checksum,
  };
}

/** The files that it takes of a context, in its order; the same list for all copies that name the same single source. */
export function filesTaken({ step: { command }, sources }: ContextCopy, context: Context): readonly string[] {
  const flags = command.kind === 'COPY' || command.kind === 'ADD' ? command.flags : undefined;
  const exclude = flags?.exclude.map(({ text }) => text) ?? [];
  const taken = sources.map((source) => filesOf(context, { source, exclude, parents: flags?.parents ?? false, wildcards: true }));
  return taken.length === 1 ? taken[0] : [...new Set(taken.flat())].sort();
}

/** The context's file or folder that the copy puts at a path of the image; undefined where it puts none there. */
export function originOf(copy: ContextCopy, path: string, context: Context | undefined): string | undefined {
  const { dest, intoFolder } = copy;
  const parents = copy.step.command.kind === 'COPY' && copy.step.command.flags.parents;
  const below = path === dest ? '' : path.startsWith(dest === '/' ? '/' : `${dest}/`) ? path.slice(dest === '/' ? 1 : dest.length + 1) : undefined;
  let found: string | undefined;
  for (const source of copy.sources) {
    for (const taken of expandedSources(source, context)) {
      let origin: string | undefined;
      if (parents) origin = below !== undefined && (taken === '' || below === taken || below.startsWith(`${taken}/`)) ? below : undefined;
      else if (isFolder(taken, context)) origin = below === undefined ? undefined : below === '' ? taken : taken === '' ? below : `${taken}/${below}`;
      else if (intoFolder) origin = below === taken.slice(taken.lastIndexOf('/') + 1) ? taken : undefined;
      else origin = path === dest ? taken : undefined;
      // A later source writes over an earlier one.
      if (origin !== undefined && (context === undefined || origin === '' || context.entries.has(origin))) found = origin;
    }
  }
  return found;
}

/** The other way: where in the image it puts a file of the context; undefined where it does not. */
export function placeOf(copy: ContextCopy, file: string, context: Context | undefined): string | undefined {
  for (const source of copy.sources) {
    const prefix = source === '' ? '' : `${source}/`;
    const below = file.startsWith(prefix) ? [joinPath(copy.dest, file.slice(prefix.length))] : [];
    const path = [...below, joinPath(copy.dest, file.slice(file.lastIndexOf('/') + 1)), copy.dest].find((one) => originOf(copy, one, context) === file);
    if (path !== undefined) return path;
  }
  return undefined;
}

function expandedSources(source: string, context: Context | undefined): string[] {
  if (!/[*?[]/.test(source)) return [source];
  if (context === undefined) return source === '*' ? [''] : [];
  const depth = source.split('/').length;
  const expression = new RegExp(`^${source.split('').map((ch) => (ch === '*' ? '[^/]*' : ch === '?' ? '[^/]' : ch.replace(/[.+^$(){}|\\[\]]/g, '\\$&'))).join('')}$`);
  return context.paths.filter((path) => path.split('/').length === depth && expression.test(path));
}

export function isFolder(path: string, context: Context | undefined): boolean {
  if (path === '') return true;
  if (context) return context.entries.get(path)?.type === 'folder';
  return !/\.[A-Za-z0-9]+$/.test(path);
}

const sourceFile = /\.(?:py|[cm]?[jt]sx?|vue|svelte|go|rs|rb|java|kt|scala|php|cs|fs|ex|exs|c|cc|cpp|h|swift|dart)$/;

/**
 * Whether it takes more than the files named, and of a kind that changes with the project: a folder, or source text. A copy
 * of single other files (a configuration, an entry point) is not.
 */
export function isWide(copy: ContextCopy, context: Context | undefined, named: ReadonlySet<string>): boolean {
  if (context) {
    const folders = copy.sources.some((source) => expandedSources(source, context).some((path) => isFolder(path, context)));
    return filesTaken(copy, context).some((path) => !named.has(path) && (folders || sourceFile.test(path)) && !isDeclared(path));
  }
  return copy.sources.some((source) => source === '' || source === '*');
}

/** Files that name dependencies or configure their tools: they stand for no source. */
function isDeclared(path: string): boolean {
  return /(?:^|\/)(?:package(?:-lock)?\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-(?:lock|workspace)\.yaml|bun\.lockb?|\.npmrc|\.yarnrc(?:\.yml)?|requirements[^/]*|constraints[^/]*\.txt|pyproject\.toml|poetry\.lock|uv\.lock|Pipfile(?:\.lock)?|go\.(?:mod|sum|work|work\.sum)|Cargo\.(?:toml|lock)|Gemfile(?:\.lock)?|composer\.(?:json|lock)|pom\.xml|[^/]*\.gradle(?:\.kts)?|gradle[^/]*|mix\.(?:exs|lock)|[^/]*\.(?:cs|fs|vb)proj|[^/]*\.sln)$|(?:^|\/)(?:\.yarn|\.mvn|gradle|patches|requirements)\//.test(path);
}
