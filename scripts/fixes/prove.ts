/**
 * Proves the fixes of one case on the engine: builds what was before and what a fix makes, compares the images, changes what
 * the case says and looks at which of the steps that the finding names run again; each verdict of ours is held beside.
 */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { analyze } from '../../server/src/core/analyze';
import { verdictsOf, type Cache } from '../../server/src/core/build/cache';
import { patternsOf } from '../../server/src/core/build/ignore';
import type { Analysis, Facts, Step } from '../../server/src/core/build/model';
import type { ProjectBuild } from '../../server/src/core/build/project';
import type { Finding, Fix } from '../../server/src/core/rules/finding';
import { edited } from '../../server/src/core/rules/edited';
import { findingsOf } from '../../server/src/workspace/findings';
import { readContext } from '../../server/src/workspace/context-files';
import { machineDisk } from '../../server/src/workspace/machine-disk';
import type { Engine } from '../engine/docker';
import { attempt, type Outcome } from './build';
import type { Case } from './case';
import { configDiffering, filesDiffering, largeImage, smallImage, type FileDifference, type Image } from './files';

/** Images and records that builds of one lane share, and no other has. */
export interface Lane {
  readonly engine: Engine;
  readonly folder: string;
  /** Tag of a base. */
  readonly bases: { readonly 'stand-in': string; readonly real?: string };
  /** When the bases were there, by the engine's clock, in seconds. */
  readonly since: string;
  readonly facts: Facts;
  /** What we think the builder remembers: the lane's builds in their order. */
  readonly cache: Cache;
  /** Paths outside of the projects that two builds of the same were seen to differ by. */
  readonly noise: Set<string>;
  readonly made: Set<string>;
  readonly predictions: { equal: number; open: number; readonly different: string[] };
}

export interface Pair {
  readonly case: Case;
  readonly title: string;
  readonly safe: boolean;
  /** What the images differ by, other than noise and what the title says. */
  readonly differences: readonly string[];
  /** Paths left out because two builds of the same differ by them. */
  readonly noise: number;
  /** Undefined: the fix claims none. A text: it was not seen. */
  readonly gain: true | string | undefined;
}

export interface Proved {
  readonly pairs: readonly Pair[];
  readonly findings: readonly Finding[];
}

interface Project {
  readonly folder: string;
  readonly file: string;
  readonly context: string;
}

export async function prove(lane: Lane, one: Case, index: number): Promise<Proved> {
  const folder = join(lane.folder, `case-${index}`);
  try {
    const before = write(join(folder, 'before'), textOf(lane, one), one.files, one.fetched);
    const findings = findingsIn(lane, before).filter(({ rule }) => rule === one.rule);
    const fixes = [...new Map(findings.flatMap((finding) => finding.fixes.map((fix): [string, { finding: Finding; fix: Fix }] => [JSON.stringify(fix.edits), { finding, fix }]))).values()];
    if (fixes.length === 0) return { pairs: [], findings };
    const tag = `${lane.bases[one.base]?.replace(/\/.*/, '')}/made:${index}`;
    const built = await imageOf(lane, one, before, tag);
    if ('error' in built) throw new Error(`${one.name} does not build: ${built.error}`);
    const after: { project: Project; fix: Fix; finding: Finding; differences: string[]; noise: number }[] = [];
    for (const [i, { fix, finding }] of fixes.entries()) {
      const project = applied(before, join(folder, `after-${i}`), fix);
      after.push({ project, fix, finding, ...await compared(lane, one, before, built, project, fix, `${tag}-${i}`) });
    }
    // What is changed is changed once; every build of it comes after the images.
    const buildArgs = change(one, [before, ...after.map(({ project }) => project)]);
    const again = await run(lane, one, before, buildArgs);
    const pairs: Pair[] = [];
    for (const { project, fix, finding, differences, noise } of after) {
      const then = differences.some((text) => text.startsWith('it does not build')) ? undefined : await run(lane, one, project, buildArgs);
      pairs.push({ case: one, title: fix.title, safe: fix.safe, differences, noise, gain: then && gainOf(finding, fix, again, then) });
    }
    return { pairs, findings };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Whether there is something to prove: it builds as it is, and a fix is offered. */
export async function canProve(lane: Lane, one: Case, index: number): Promise<boolean> {
  const folder = join(lane.folder, `tried-${index}`);
  try {
    const project = write(folder, textOf(lane, one), one.files, one.fetched);
    const isOffered = findingsIn(lane, project).some(({ rule, fixes }) => rule === one.rule && fixes.length > 0);
    return isOffered && (await run(lane, one, project, {})).error === undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function textOf(lane: Lane, one: Pick<Case, 'base' | 'dockerfile'>): string {
  return one.dockerfile.replace(/^(FROM\s+(?:--\S+\s+)?)base\b/gim, `$1${lane.bases[one.base] ?? ''}`);
}

/** The Dockerfile lies beside the context, where the case does not have it within. */
export function write(folder: string, text: string, files: Readonly<Record<string, string | Buffer>>, beside = !('Dockerfile' in files)): Project {
  const context = join(folder, 'context');
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(context, path)), { recursive: true });
    if (!path.endsWith('/')) writeFileSync(join(context, path), content);
  }
  const file = beside ? join(folder, 'Dockerfile') : join(context, 'Dockerfile');
  writeFileSync(file, text);
  return { folder, file, context };
}

function buildOf(lane: Lane, { file, context, folder }: Project): ProjectBuild {
  const disk = readContext(machineDisk, context, file);
  const path = relative(folder, disk.ignoreFile ?? join(context, '.dockerignore'));
  return {
    title: '', facts: { builder: lane.facts.builder },
    context: {
      kind: 'folder', files: disk.context, ignoreFile: { path, ...(disk.ignoreFile !== null && { text: readFileSync(disk.ignoreFile, 'utf8') }) },
      ...(file.startsWith(`${context}/`) && { dockerfile: relative(context, file) }),
    },
  };
}

export function findingsIn(lane: Lane, project: Project): readonly Finding[] {
  const texts = (_: ProjectBuild, paths: readonly string[]): ReadonlyMap<string, string> => new Map(paths.map((path) => [path, readFileSync(join(project.context, path), 'utf8')]));
  return findingsOf(readFileSync(project.file, 'utf8'), [buildOf(lane, project)], { texts }, {});
}

function applied(before: Project, folder: string, { edits }: Fix): Project {
  cpSync(before.folder, folder, { recursive: true });
  const moved = (path: string): string => join(folder, relative(before.folder, path));
  for (const name of new Set(edits.map(({ file }) => file))) {
    const path = name === null ? moved(before.file) : join(folder, name);
    let old = '';
    try {
      old = readFileSync(path, 'utf8');
    } catch {
      // An ignore file that the fix makes.
    }
    writeFileSync(path, edited(old, edits.filter(({ file }) => file === name)));
  }
  return { folder, file: moved(before.file), context: moved(before.context) };
}

export async function imageOf(lane: Lane, one: Pick<Case, 'base' | 'name'>, project: Project, tag: string, noCache = false): Promise<Image | { readonly error: string }> {
  lane.made.add(tag);
  const { error } = await build(lane, one, project, {}, tag, noCache);
  if (error !== undefined) return { error };
  return one.base === 'real' ? largeImage(tag, lane.since) : smallImage(tag);
}

/** Builds, and holds each step against our verdict of it. */
async function build(lane: Lane, one: Pick<Case, 'base' | 'name'>, { file, context }: Project, buildArgs: Readonly<Record<string, string>>, tag: string | undefined, noCache: boolean): Promise<Outcome & { readonly analysis: Analysis }> {
  const network = one.base === 'real' ? 'host' : 'none';
  const outcome = await attempt(lane.engine, { file, context, tag, network, buildArgs, noCache });
  const facts = { ...lane.facts, buildArgs };
  const analysis = analyze(readFileSync(file, 'utf8'), facts);
  if (outcome.error === undefined) {
    for (const { step, verdict, reason } of verdictsOf(lane.cache, { analysis, facts, context: readContext(machineDisk, context, file).context, network, noCache, merges: lane.engine.merges })) {
      const theirs = step.number === null ? undefined : outcome.steps.get(step.number);
      if (theirs === undefined) continue;
      if (verdict === 'if-output-differs') lane.predictions.open++;
      else if (verdict === theirs) lane.predictions.equal++;
      else lane.predictions.different.push(`${one.name}: ${step.number} ${step.instruction.line}: engine ${theirs}, ours ${verdict}${reason ? ` (${reason.text})` : ''}`);
    }
  }
  return { ...outcome, analysis };
}

async function compared(lane: Lane, one: Case, before: Project, built: Image, project: Project, fix: Fix, tag: string): Promise<{ differences: string[]; noise: number }> {
  const after = await imageOf(lane, one, project, tag);
  if ('error' in after) return { differences: [`it does not build: ${after.error}`], noise: 0 };
  const { expected, missing } = leaving(one, before, fix, built, after);
  const { found, noise } = await differing(lane, one, before, built, after, tag, expected);
  return { differences: [...missing, ...found, ...configDiffering(built, after, fix.title.includes('ENV comes later'))], noise };
}

/** Files that two images differ by, without those that two builds of the first Dockerfile differ by as well. */
export async function differing(lane: Lane, one: Pick<Case, 'base' | 'name' | 'dest'>, before: Project, built: Image, after: Image, tag: string, expected: ReadonlySet<string> = new Set()): Promise<{ found: string[]; noise: number }> {
  const all = filesDiffering(built, after).filter(({ path }) => !expected.has(path));
  const known = new Set(lane.noise);
  if (all.some(({ path }) => !known.has(timeless(path)))) {
    const twin = await imageOf(lane, one, before, `${tag}-twin`, true);
    if ('error' in twin) throw new Error(`${one.name} does not build twice: ${twin.error}`);
    for (const { path } of filesDiffering(built, twin)) {
      known.add(timeless(path));
      if (/^(?:root\/\.npm|var\/(?:log|cache|lib)|etc)\//.test(path)) lane.noise.add(timeless(path));
    }
  }
  const found = all.filter(({ path }) => !known.has(timeless(path)));
  return { found: found.map(describe), noise: all.length - found.length };
}

function describe({ path, before, after }: FileDifference): string {
  return `/${path}: ${before ?? 'not there'} → ${after ?? 'not there'}`;
}

/** A log is called by the time it was written at. */
function timeless(path: string): string {
  return path.replace(/\d{4}-\d\d-\d\dT[\d_.:-]+Z/, '(time)');
}

/** What the patterns of a fix take out of the image, all of which has to be gone. */
function leaving(one: Case, before: Project, fix: Fix, built: Image, after: Image): { expected: Set<string>; missing: string[] } {
  const expected = new Set<string>();
  const missing: string[] = [];
  const ignored = fix.edits.flatMap(({ file, text }) => (file !== null ? text.split(/\r?\n/) : [...text.matchAll(/ --exclude=(\S+)/g)].map(([, pattern]) => pattern))).filter((line) => line !== '');
  const patterns = patternsOf(ignored);
  if (ignored.length === 0 || 'error' in patterns) return { expected, missing };
  const dest = (one.dest ?? '/app').replace(/^\//, '');
  for (const path of readContext(machineDisk, before.context, before.file).context.paths) {
    if (!patterns.matches(path)) continue;
    const place = dest === '' ? path : `${dest}/${path}`;
    expected.add(place);
    if (!built.files.has(place)) missing.push(`/${place} should leave, and was not there`);
    // Another step may write to the same path.
    if (after.files.get(place) === built.files.get(place) && built.files.get(place)?.startsWith('5') === false) missing.push(`/${place} should leave, and is there`);
  }
  return { expected, missing };
}

function change({ change: what, name }: Case, projects: readonly Project[]): Record<string, string> {
  if ('arg' in what) return { [what.arg]: `of ${name}` };
  for (const { context } of projects) writeFileSync(join(context, what.file), `// changed: ${name}\n`);
  return {};
}

async function run(lane: Lane, one: Case, project: Project, buildArgs: Readonly<Record<string, string>>): Promise<Outcome & { readonly analysis: Analysis }> {
  return build(lane, one, project, buildArgs, undefined, false);
}

/** Of the steps that the finding speaks of: all ran before, and are cached now. */
function gainOf(finding: Finding, fix: Fix, before: Outcome & { readonly analysis: Analysis }, after: Outcome & { readonly analysis: Analysis }): true | string | undefined {
  if (finding.rule === 'remote-change-hidden') return undefined;
  const failed = before.error ?? after.error;
  if (failed !== undefined) return `it does not build when changed: ${failed}`;
  const isCopy = finding.rule === 'context-takes-unneeded';
  const lines = new Set(isCopy ? [finding.line] : [finding.span, ...finding.related.flatMap((one) => ('span' in one ? [one.span] : []))].map(({ start }) => before.analysis.dockerfile.text.slice(0, start).split('\n').length));
  const wanted = (analysis: Analysis): Step[] => analysis.stages.flatMap(({ steps }) => steps.filter(({ command }) => (isCopy ? command.kind === 'COPY' || command.kind === 'ADD' : command.kind === 'RUN')));
  const old = wanted(before.analysis);
  const now = wanted(after.analysis);
  // A fix changes neither the order nor, up to the last step that it is about, the number of these.
  const named = old.map((step, i) => ({ step, fixed: now[i] })).filter(({ step: { line } }) => line !== null && lines.has(line));
  if (named.length === 0) return `no step is named (${fix.title})`;
  let seen = 0;
  for (const { step, fixed } of named) {
    const was = before.steps.get(step.number ?? '');
    const is = after.steps.get(fixed?.number ?? '');
    // A step that two stages have in common is printed once, by one of its numbers.
    if (was === undefined && before.analysis.stages.length > 1) continue;
    seen++;
    if (was !== 'rebuilt' || is !== 'cached') return `line ${step.line}: ${was ?? 'not printed'} before, ${is ?? 'not printed'} after`;
  }
  return seen > 0 ? true : undefined;
}

