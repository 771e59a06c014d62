/**
 * Where a stage copies source before steps that need little or nothing of it: which copies could come after which RUN, what
 * that RUN reads of the context, and what was not checked. Only RUNs are passed whose every command is known up to there.
 */
import { chainOf } from '../build/history';
import type { Context } from '../build/context';
import type { Analysis, Stage, Step } from '../build/model';
import { joinPath } from '../build/path';
import { checkInstall, type Project } from './check';
import type { Install } from './commands';
import { contextCopyOf, isWide, originOf, placeOf, type ContextCopy } from './copies';
import { runOf, isOpaque, type Run } from './runs';
import { say, type Said } from '../say';

/** A file that an install reads: in the context, and where it lies in the image. */
export interface ReadFile {
  readonly origin: string;
  readonly path: string;
  /** The copy that brings it. */
  readonly copy: ContextCopy;
}

export interface ReadInstall {
  readonly install: Install;
  readonly run: Run;
  readonly reads: readonly ReadFile[];
  readonly obstacles: readonly Said[];
}

export interface Hoist {
  readonly stage: Stage;
  /** The copies that could come later, in their order. */
  readonly copies: readonly ContextCopy[];
  readonly installs: readonly ReadInstall[];
  /** RUNs of packages by name, below the first of the copies. */
  readonly packages: readonly Run[];
  /** The last RUN that need not wait for them. */
  readonly last: Run;
}

export function hoistsOf(analysis: Analysis, stage: Stage, context: Context | undefined, project: Project): Hoist[] {
  const hoists: Hoist[] = [];
  const inherited = chainOf(analysis, stage.index).slice(0, -1).flatMap((index) => analysis.stages[index].steps);
  /** Since the last step that may read anything. */
  let segment: Step[] = sinceOpaque(analysis, inherited);
  let runs: Run[] = [];
  const close = (): void => {
    const hoist = runs.length === 0 ? undefined : hoistOf(stage, segment, runs, context, project);
    if (hoist) hoists.push(hoist);
    runs = [];
  };
  for (const step of stage.steps) {
    if (step.command.kind !== 'RUN') {
      segment.push(step);
      continue;
    }
    const run = runOf(analysis, step);
    const concerns = run.known > 0 && !run.binds && step.trigger === undefined;
    if (concerns) runs.push(run);
    if (isOpaque(run) || run.binds) {
      close();
      segment = [];
    } else segment.push(step);
  }
  close();
  return hoists;
}

function sinceOpaque(analysis: Analysis, steps: readonly Step[]): Step[] {
  const last = steps.findLastIndex((step) => step.command.kind === 'RUN' && isOpaque(runOf(analysis, step)));
  return steps.slice(last + 1);
}

function hoistOf(stage: Stage, segment: readonly Step[], runs: readonly Run[], context: Context | undefined, project: Project): Hoist | undefined {
  const copies = segment.map(contextCopyOf).filter((copy) => copy !== undefined);
  // Each RUN is asked about each copy: nobody writes so many, and nothing is said of them.
  if (copies.length === 0 || copies.length * runs.length > 10_000) return undefined;
  const places = new Map(segment.map((step, i) => [step, i]));
  /** A RUN that closes the segment stands after all of it. */
  const precedes = (a: Step, b: Step): boolean => (places.get(a) ?? segment.length) < (places.get(b) ?? segment.length);
  const installs: ReadInstall[] = [];
  const packages: Run[] = [];
  const named = new Set<string>();
  let last: Run | undefined;
  for (const run of runs) {
    const before = copies.filter((copy) => precedes(copy.step, run.step));
    const found = run.commands.slice(0, run.known).flatMap(({ reading, folder }) => (reading.does === 'install' ? [readInstall(reading, folder, run, before, context, project)] : []));
    // From here on the source is needed: what comes later waits for it, too.
    if (found.some((one) => one === 'needs source')) break;
    const known = found.filter((one) => typeof one === 'object');
    const isPackages = known.length === 0 && found.length === 0 && run.commands.slice(0, run.known).some(({ reading }) => reading.does === 'packages');
    if (known.length < found.length) continue;
    if (known.length > 0) {
      installs.push(...known);
      for (const { reads } of known) for (const { origin } of reads) named.add(origin);
      last = run;
    } else if (isPackages && !isOpaque(run)) {
      packages.push(run);
      last = run;
    }
  }
  if (!last) return undefined;
  const upTo = last;
  const wide = copies.filter((copy) => precedes(copy.step, upTo.step) && isWide(copy, context, named));
  const first = wide[0];
  if (!first) return undefined;
  const concerned = installs.filter(({ run }) => precedes(first.step, run.step));
  const waiting = packages.filter((run) => precedes(first.step, run.step));
  if (concerned.length === 0 && waiting.length === 0) return undefined;
  return { stage, copies: wide, installs: concerned, packages: waiting, last };
}

function readInstall(install: Install, folder: string, run: Run, copies: readonly ContextCopy[], context: Context | undefined, project: Project): ReadInstall | 'needs source' | 'elsewhere' {
  const works = install.folder.startsWith('/') ? joinPath(install.folder) : joinPath(folder, install.folder);
  const reads: ReadFile[] = [];
  const find = (path: string): ReadFile | undefined => {
    for (const copy of copies.toReversed()) {
      const origin = originOf(copy, path, context);
      if (origin !== undefined) return { origin, path, copy };
    }
    return undefined;
  };
  const plainNames = install.files.filter(({ path }) => !/[*]|\/$/.test(path));
  for (const { path, required } of plainNames) {
    const read = find(path.startsWith('/') ? joinPath(path) : joinPath(works, path));
    if (read) reads.push(read);
    else if (required) return 'elsewhere';
  }
  const own = reads[0] ?? find(works);
  if (!own) return 'elsewhere';
  const origin = reads.length > 0 && !install.files[0].path.includes('/') ? folderOf(own.origin) : find(works)?.origin ?? folderOf(own.origin);
  if (context) {
    for (const { path } of install.files) {
      if (!/[*]|\/$/.test(path)) continue;
      for (const file of matchesIn(project.below(origin), origin, path)) {
        const read = find(joinPath(works, origin === '' ? file : file.slice(origin.length + 1)));
        if (read) reads.push(read);
      }
    }
    if (reads.length === 0) return 'elsewhere';
  }
  const check = checkInstall(install, origin, reads.map((read) => read.origin), project);
  if (check.needsSource !== undefined) return 'needs source';
  for (const file of check.files) {
    // What is included lies beside, in the image as in the context.
    const read = copies.toReversed().flatMap((copy): ReadFile[] => {
      const path = placeOf(copy, file, context);
      return path === undefined ? [] : [{ origin: file, path, copy }];
    })[0];
    if (read) reads.push(read);
  }
  const unique = new Map(reads.map((read) => [read.path, read]));
  const packages = joinPath(works, 'node_modules');
  const overPackages = context && ['npm', 'yarn', 'pnpm', 'bun'].includes(install.tool) && copies.some((copy) => copy.dest === packages || copy.dest.startsWith(`${packages}/`) || originOf(copy, packages, context) !== undefined);
  const written = say('node_modules is in the build context, and not ignored');
  return { install, run, reads: [...unique.values()], obstacles: overPackages && !check.obstacles.includes(written) ? [...check.obstacles, say('a copy puts files into node_modules')] : check.obstacles };
}

function folderOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
}

/** Names with `*`, at any depth where they begin with two of them, and whole folders, below an origin. */
function matchesIn(paths: readonly string[], origin: string, pattern: string): string[] {
  const prefix = origin === '' ? '' : `${origin}/`;
  if (pattern.endsWith('/')) return paths.filter((path) => path.startsWith(`${prefix}${pattern}`));
  const deep = pattern.startsWith('**/');
  const name = new RegExp(`^${(deep ? pattern.slice(3) : pattern).split('*').map((part) => part.replace(/[.+^$(){}|\\[\]?]/g, '\\$&')).join('[^/]*')}$`);
  return paths.filter((path) => {
    if (/(?:^|\/)(?:node_modules|vendor|bin|obj)\//.test(path)) return false;
    const below = path.slice(prefix.length);
    return deep ? name.test(below.slice(below.lastIndexOf('/') + 1)) : name.test(below);
  });
}
