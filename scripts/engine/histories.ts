/**
 * Histories of Dockerfiles in fetched repositories: consecutive commits that change the file or its context, and what each
 * needs to be built without its bases and a network (`how` in manifests/replay.json).
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { posix } from 'node:path';
import { analyze } from '../../server/src/core/analyze';
import type { Analysis, BaseImage, Facts } from '../../server/src/core/build/model';
import { mountOf } from '../../server/src/core/build/mounts';
import { catFiles, repositoriesUnder } from '../repositories';
import { treeOf } from './checkout';
import { digest, git, guess, isDockerfile, programOf, repositoryName, withoutLines, withoutParents } from './repositories';
import { sideBySide } from './run';
import type { StandIn } from './stand-in';

export interface History extends StandIn {
  readonly repository: string;
  /** The context's folder, and the Dockerfile in it. */
  readonly context: string;
  readonly path: string;
  /** Oldest first. */
  readonly commits: readonly string[];
  /** Lines that were taken out of the Dockerfile. */
  readonly without?: readonly string[];
  /** Bases, and what COPY --from and mounts name: each is a stand-in of its own. */
  readonly images: readonly string[];
  /** Files and folders (ending in `/`) that the context lacks: what somebody makes before the build. */
  readonly added?: readonly string[];
  /** Variations that the engine refuses, for an argument's or a file's sake. */
  readonly refused?: readonly string[];
}

const manifestPath = 'scripts/manifests/replay.json';
const how = 'Each Dockerfile is built at `commits`, in their order, on one builder, with the files of each commit below `context`; a file that a commit does not change is not written again, and one whose content the repository at hand lacks has its id for content. '
  + 'The text is unchanged, except for the lines under `without` (a frontend to be pulled). Every image that it names (`images`) is a named context (--build-context) with an image of its own: '
  + 'a small file system in which `users` exist, and `programs` (the shell, and what exec forms start) do not do as they are told. They write down their text, and where it reads like a build '
  + '(build, compile, publish, package, make, bundle, mvn, gradle, webpack) a digest of text, sources and manifests below the working directory into each of `outputs`; '
  + 'where it reads like an installation (install, restore, download, ci, sync) a digest of text and manifests alone. `outputs` is what COPY --from and mounts read of another stage or image; each is there, empty, from the start, '
  + 'and no file of the repository\'s own is written over. `added` is put into the context, empty: what a script makes before the build. '
  + 'After the commits come changes of our own to the last of them (scripts/engine/variations.ts). '
  + 'Chosen by npm run test:engine -- --repositories DIR --choose-replay: Dockerfiles of every repository\'s newest snapshot that take files of their context and that build at each of the commits; '
  + 'those with the most stages and steps first, up to a limit per repository, and of their history the window in which the Dockerfile itself changes most; whether the prediction is right plays no part.';

export function readHistories(): readonly History[] {
  return (JSON.parse(readFileSync(manifestPath, 'utf8')) as { histories: History[] }).histories;
}

/** Where repositories lie, by `owner/name`. */
export function repositoriesByName(directory: string): ReadonlyMap<string, string> {
  return new Map(repositoriesUnder(directory).map((path) => [repositoryName(path), path]));
}

/** What is known of the images that stand in; `identity` tells them apart. */
export function factsOf(history: Pick<History, 'images'>, image: (reference: string) => BaseImage): Pick<Facts, 'contexts'> {
  return { contexts: Object.fromEntries(history.images.map((reference) => [reference.toLowerCase(), { image: image(reference) }])) };
}

// ---- the choice ----

const perRepository = 2;
const tries = 7;
const length = 8;
/** Of a context: enough for an application, and few enough to be built often. */
const most = 1000;

/** `build` answers why the engine refuses one of its commits, or which variations it refuses. */
export async function chooseHistories(directory: string, named: readonly string[], build: (history: History, repository: string) => Promise<string | readonly string[]>): Promise<void> {
  const chosen: History[] = [];
  const jobs = [...repositoriesByName(directory)].filter(([name]) => named.length === 0 || named.includes(name)).map(([name, repository]) => ({ name, repository, keys: [] as string[] }));
  await sideBySide(jobs, 2, async ({ name, repository }) => {
    const tree = new Set(git(repository, ['ls-tree', '-r', '--name-only', 'HEAD']).split('\n'));
    const paths = [...tree].filter(isDockerfile).sort((a, b) => (digest(a) < digest(b) ? -1 : 1)).slice(0, 150);
    const texts = await catFiles(repository, paths.map((path) => `HEAD:${path}`));
    const candidates = paths.flatMap((path) => {
      const interest = interestOf(texts.get(`HEAD:${path}`) ?? '');
      return interest === 0 ? [] : [{ path, interest }];
    }).sort((a, b) => b.interest - a.interest);
    let found = 0;
    const shapes = new Set<string>();
    for (const { path } of candidates.slice(0, tries)) {
      if (found === perRepository) break;
      const history = await historyAt(name, repository, path);
      if (typeof history === 'string') {
        console.log(`left out: ${name} ${path}: ${history}`);
        continue;
      }
      // Siblings that a template made have one history.
      const shape = history.commits.join();
      if (shapes.has(shape)) continue;
      const answer = await build(history, repository);
      console.log(`${typeof answer === 'string' ? 'left out' : 'builds'}: ${name} ${path}${typeof answer === 'string' ? `: ${answer}` : ''}`);
      if (typeof answer === 'string') continue;
      shapes.add(shape);
      found++;
      chosen.push({ ...history, ...(answer.length > 0 && { refused: answer }) });
      save(chosen);
    }
  });
  console.log(`engine: ${chosen.length} histories chosen`);
}

function save(chosen: History[]): void {
  chosen.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  writeFileSync(manifestPath, `{\n  "how": ${JSON.stringify(how)},\n  "histories": [\n${chosen.map((history) => `    ${JSON.stringify(history)}`).join(',\n')}\n  ]\n}\n`);
}

function nameOf({ repository, context, path }: History): string {
  return `${repository} ${posix.join(context, path)}`;
}

/** Stages and steps count; without a file of the context there is nothing to replay. */
function interestOf(text: string): number {
  if (text.length > 20000 || text.length === 0) return 0;
  const analysis = analyze(text, {});
  const steps = analysis.stages.flatMap(({ steps }) => steps).filter(({ row }) => row === 'layer');
  const takes = steps.some(({ command }) => (command.kind === 'COPY' || command.kind === 'ADD') && !command.flags.from);
  return takes ? 4 * Math.min(analysis.stages.length, 4) + Math.min(steps.length, 16) : 0;
}

async function historyAt(name: string, repository: string, path: string): Promise<History | string> {
  const folder = posix.dirname(path);
  const contexts = [...new Set([folder, posix.dirname(folder), '.'])];
  let why = 'no context in which its sources lie';
  for (const context of contexts) {
    const commits = windowOf(repository, path, context);
    if (commits.length < 5) {
      why = 'too few commits';
      continue;
    }
    const history = await needsOf(name, repository, path, context, commits);
    if (typeof history !== 'string') return history;
    why = history;
  }
  return why;
}

/** Of the newest commits, as many in a row as wanted: those in which the Dockerfile itself changes most. Oldest first. */
function windowOf(repository: string, path: string, context: string): string[] {
  const log = (file: string): string[] => git(repository, ['log', '--first-parent', '-n', '120', '--format=%H', '--', file]).split('\n').filter((line) => line !== '');
  const all = log(context).reverse();
  const own = new Set(git(repository, ['log', '--first-parent', '--format=%H', '--', path]).split('\n'));
  const there = (commit: string): boolean => git(repository, ['ls-tree', commit, '--', path]) !== '';
  const kept = all.filter(there);
  let best = 0;
  let most = -1;
  for (let start = 0; start + length <= kept.length; start++) {
    const changes = kept.slice(start + 1, start + length).filter((commit) => own.has(commit)).length;
    // Half of them ought to change the context alone.
    const score = Math.min(changes, Math.ceil(length / 2));
    if (score >= most) [best, most] = [start, score];
  }
  return kept.slice(best, best + length);
}

async function needsOf(repositoryName: string, repository: string, path: string, context: string, commits: readonly string[]): Promise<History | string> {
  const texts = await catFiles(repository, commits.map((commit) => `${commit}:${path}`));
  const needs = { without: new Set<string>(), images: new Set<string>(), programs: new Set(['bin/sh']), outputs: new Set<string>(), users: new Set<string>(), added: new Set<string>() };
  let literal = 0;
  let missing = 0;
  for (const commit of commits) {
    const written = texts.get(`${commit}:${path}`) ?? '';
    if (/\{\{|\{%|<%|%%[A-Z]/.test(written)) return 'a template';
    for (const line of written.split('\n').slice(0, 5).map((line) => line.trim()).filter((line) => /^#\s*syntax\s*=/i.test(line))) needs.without.add(line);
    const text = withoutLines(written, [...needs.without]);
    const platform = { build: 'linux/amd64', target: 'linux/amd64', assumed: false };
    const first = analyze(text, { platform });
    for (const { base, reachable } of first.stages) {
      if (!reachable || base.kind !== 'image') continue;
      if (base.reference === null || base.reference === '') return 'a base that needs a build argument';
      needs.images.add(base.reference);
    }
    const nothing: BaseImage = { config: {}, history: [{ createdBy: '', emptyLayer: false }] };
    const analysis = analyze(text, { platform, ...factsOf({ images: [...needs.images] }, () => nothing) });
    if (analysis.problems.length > 0 || analysis.target === undefined) return analysis.problems[0]?.message ?? 'no stage';
    const tree = treeOf(repository, commit, context);
    if (tree.size > most) return `${tree.size} files in its context`;
    const why = collect(analysis, tree, needs);
    if (typeof why === 'string') return why;
    literal += why.literal;
    missing += why.missing;
    if (analysis.stages.some(({ name, replaced }) => replaced || (name !== null && needs.images.has(name)))) return 'a stage bears the name of an image';
  }
  if ([...needs.images].some((name) => /windows|nanoserver/i.test(name))) return 'for Windows';
  if (missing * 3 > literal) return 'no context in which its sources lie';
  return {
    repository: repositoryName, context, path: posix.relative(context, path), commits,
    ...(needs.without.size > 0 && { without: [...needs.without] }), images: [...needs.images], programs: [...needs.programs],
    outputs: withoutParents(needs.outputs), users: [...needs.users], ...(needs.added.size > 0 && { added: withoutParents(needs.added) }),
  };
}

interface Needs {
  readonly images: Set<string>;
  readonly programs: Set<string>;
  readonly outputs: Set<string>;
  readonly users: Set<string>;
  readonly added: Set<string>;
}

/** What one commit's file needs; or why it cannot be replayed. */
function collect(analysis: Analysis, tree: ReadonlyMap<string, unknown>, needs: Needs): { literal: number; missing: number } | string {
  const folders = new Set([...tree.keys()].flatMap((path) => path.split('/').slice(0, -1).map((_, i, parts) => parts.slice(0, i + 1).join('/'))));
  const stageNames = new Set(analysis.stages.flatMap(({ name, index }) => [String(index), ...(name === null ? [] : [name.toLowerCase()])]));
  let literal = 0;
  let missing = 0;
  const source = (written: string, from: string | undefined): void => {
    if (from !== undefined && !stageNames.has(from.toLowerCase())) needs.images.add(from);
    const path = posix.normalize(`/${written}`).slice(1).replace(/\/$/, '').replace(/\[(.)[^\]]*\]/g, '$1').replace(/[*?]/g, 'x');
    if (path === '') return;
    if (from !== undefined) needs.outputs.add(written.endsWith('/') ? `${path}/` : guess(path));
    else if (!/[*?[]/.test(written)) {
      literal++;
      if (tree.has(path) || folders.has(path)) return;
      missing++;
      needs.added.add(written.endsWith('/') ? `${path}/` : guess(path));
    }
  };
  for (const stage of analysis.stages) if (stage.reachable) for (const step of stage.steps) {
    const { command, expanded } = step;
    if (command.kind === 'RUN') {
      const program = programOf(step);
      if (program !== undefined) needs.programs.add(program);
      for (const mount of command.mounts) {
        const read = mountOf(mount.text, (value) => value);
        if ('error' in read) return read.error;
        if (read.from !== '' || read.type === 'bind') source(read.source, read.from === '' ? undefined : read.from);
      }
    } else if ((command.kind === 'COPY' || command.kind === 'ADD') && expanded.kind === 'copy') {
      if (expanded.sources.some((one) => one === null || /^(https?|git|ssh):|^git@/.test(one))) return 'ADD of an address, or a source that is not known';
      // Not salted by a base: another run may have made it.
      if (stage.base.kind === 'scratch' && !command.flags.from) return 'a step on scratch that takes files of the context';
      for (const one of expanded.sources) source(one ?? '', command.flags.from?.text);
      for (const owner of (expanded.chown ?? '').split(':')) if (!/^\d*$/.test(owner) && owner !== 'root') needs.users.add(owner);
    } else if (command.kind === 'USER') {
      for (const name of (step.after.user ?? '').split(':')) if (!/^\d*$/.test(name) && name !== 'root') needs.users.add(name);
    }
  }
  return { literal, missing };
}
