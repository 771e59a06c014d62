/**
 * Proves one extraction on the engine: writes the project as it was and as it is made, builds every member of both on the
 * same builder, and compares the images, the rows of their histories, and which steps ran again.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { analyze } from '../../server/src/core/analyze';
import type { Extraction, Member, Way } from '../../server/src/core/family/model';
import type { Engine } from '../engine/docker';
import { build, runCommand, type Job, type Plan } from './build';
import { compare, inspect, type Rows } from './images';
import { buildsIn, projectOf, type Project } from './project';

/** What one case has on the engine, and no other. */
export interface Lane {
  readonly engine: Engine;
  readonly folder: string;
  /** `strata-families-1-7.test`: images of the case are below it. */
  readonly host: string;
  readonly made: Set<string>;
  /** Variables that the base image sets, in their order. */
  readonly env: readonly string[];
  /** What is made is built without the cache. */
  readonly cold?: boolean;
}

export interface Proof {
  readonly way: Way;
  readonly members: readonly Member[];
  /** Empty: every image is what it was. */
  readonly differences: readonly string[];
  readonly rows: readonly Rows[];
  /** Steps that ran again; undefined where none could be kept: the image holds a text that is changed, the base sets a variable again, or the way is `tag`. */
  readonly rebuilt?: readonly string[];
  /** Members whose image holds the Dockerfile itself. */
  readonly ownTexts: number;
}

export async function prove(lane: Lane, project: Project, extraction: Extraction, index: number): Promise<Proof> {
  const { way } = extraction;
  const members = builtFor(project, extraction.members);
  const folder = join(lane.folder, `${way}-${index}`);
  const renamed = tagged(extraction, `${lane.host}/base-${index}`);
  const after = applied(project, renamed);
  try {
    write(join(folder, 'before'), project);
    write(join(folder, 'after'), after);
    // A file that is deleted leaves its folder, which may be a context.
    for (const path of Object.keys(project.files)) mkdirSync(dirname(join(folder, 'after', path)), { recursive: true });
    const plans = members.map((member) => planBefore(project, member, way));
    const was = plans.map((plan, i): Job => ({ plan, tag: `${lane.host}/${way}-${index}:before-${i}` }));
    const is = members.map((member, i): Job => ({ plan: planAfter(after, extraction, member, plans[i]), tag: `${lane.host}/${way}-${index}:after-${i}` }));
    const compose = lane.host.replaceAll('.', '-');
    for (const { tag } of [...was, ...is]) lane.made.add(tag);
    const built = await build(lane.engine, join(folder, 'before'), was, folder, compose);
    if (built.error !== undefined) throw new Error(`it does not build as it was: ${built.error}`);
    // Compose leaves the base's image under a name of its own.
    for (const path of Object.keys(after.files)) for (const [, name] of after.files[path].toString().matchAll(/service:([\w.-]+)/g)) lane.made.add(`${compose}-${name}`);
    const base = { way, members, rows: [], ownTexts: 0 };
    if (renamed.command !== undefined) {
      lane.made.add(`${lane.host}/base-${index}`);
      const { error } = await runCommand(lane.engine, join(folder, 'after'), renamed.command);
      if (error !== undefined) return { ...base, differences: [`the command fails: ${renamed.command}: ${error}`] };
    }
    const again = await build(lane.engine, join(folder, 'after'), is, folder, compose, lane.cold);
    if (again.error !== undefined) return { ...base, differences: [`it does not build: ${again.error}`] };
    const images = await inspect([...was, ...is].map(({ tag }) => tag));
    const changed = new Set(extraction.changes.map(({ path }) => basename(path)));
    const compared = await Promise.all(members.map((_, i) => compare([was[i].tag, is[i].tag], images[i], images[i + members.length], changed)));
    const differences = compared.flatMap((one, i) => [...one.differences, ...(one.rows === 'different' ? [rowOf(images[i].rows, images[i + members.length].rows)] : [])].map((text) => `${members[i].file} stage ${members[i].stage}: ${text}`));
    const ownTexts = compared.filter((one) => one.ownTexts > 0).length;
    return { way, members, differences, rows: compared.map(({ rows }) => rows), ownTexts, ...(way !== 'tag' && ownTexts === 0 && !ordersAnew(project, after, lane.env) && { rebuilt: again.rebuilt }) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What shows a member: itself, or the last stage of its file where it is no target of any build. */
function builtFor(project: Project, members: readonly Member[]): Member[] {
  const shown = members.map(({ file, stage }): Member => {
    const { stages } = analyze(project.text(file) ?? '');
    const last = stages.length - 1;
    const isBuilt = stage === last || (stages[stage].name !== null && buildsIn(project, file).every(({ source, target }) => (source !== 'bake' && source !== 'compose') || target?.toLowerCase() === stages[stage].name));
    return { file, stage: isBuilt ? stage : last };
  });
  return [...new Map(shown.map((member) => [`${member.file} ${member.stage}`, member])).values()];
}

/**
 * Every FROM puts the variables of what it stands on in the order of the image's config (BuildKit v0.25,
 * dockerfile2llb/convert.go), where one that is set again keeps its place; until then it was last. A RUN's key has that order.
 */
function ordersAnew(before: Project, after: Project, env: readonly string[]): boolean {
  const bases = after.dockerfiles.flatMap((path) => {
    const { stages } = analyze(after.text(path) ?? '');
    const stoodOn = new Set(stages.flatMap(({ base }) => (base.kind === 'stage' ? [base.stage] : [])));
    return stages.filter(({ index }) => stoodOn.has(index) || (stages.length === 1 && !before.exists(path)));
  });
  return bases.some(({ steps }) => {
    const inConfig = [...env];
    let inState = [...env];
    for (const { command } of steps) if (command.kind === 'ENV') for (const { name } of command.pairs) {
      if (!inConfig.includes(name.text)) inConfig.push(name.text);
      inState = [...inState.filter((other) => other !== name.text), name.text];
    }
    return inConfig.join(' ') !== inState.join(' ');
  });
}

function rowOf(before: readonly string[], after: readonly string[]): string {
  const i = before.findIndex((row, at) => row !== after[at]);
  return `row ${i}: ${before[i] ?? 'none'} → ${after[i] ?? 'none'}`;
}

/** Whether every member builds as it is. */
export async function canBuild(lane: Lane, project: Project): Promise<boolean> {
  const folder = join(lane.folder, 'tried');
  try {
    write(join(folder, 'before'), project);
    const jobs = project.dockerfiles.map((file, i): Job => ({ plan: planBefore(project, { file, stage: analyze(project.text(file) ?? '').stages.length - 1 }, 'tag'), tag: `${lane.host}/tried:${i}` }));
    for (const { tag } of jobs) lane.made.add(tag);
    const { error } = await build(lane.engine, join(folder, 'before'), jobs, folder, '');
    if (error !== undefined) throw new Error(error);
    return true;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function write(folder: string, { files }: Pick<Project, 'files'>): void {
  mkdirSync(folder, { recursive: true });
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    if (!path.endsWith('/')) writeFileSync(join(folder, path), content);
  }
}

/** The name that a base is tagged with is of this case alone: it is put into the texts and the command. */
function tagged(extraction: Extraction, name: string): Extraction {
  const given = /(?:-t|--tag)[ =](\S+)/.exec(extraction.command ?? '')?.[1];
  if (given === undefined) return extraction;
  const renamed = (text: string): string => text.replaceAll(given, name);
  return { ...extraction, command: renamed(extraction.command ?? ''), changes: extraction.changes.map((change) => ({ ...change, after: change.after === undefined ? undefined : renamed(change.after) })) };
}

export function applied(project: Project, { changes }: Pick<Extraction, 'changes'>): Project {
  const files = { ...project.files };
  for (const { path, before, after } of changes) {
    if (project.text(path) !== before) throw new Error(`${path}: what the extraction calls its text before is another`);
    if (after === undefined) delete files[path];
    else files[path] = after;
  }
  const dockerfiles = project.dockerfiles.filter((path) => path in files);
  return projectOf(files, [...dockerfiles, ...changes.filter(({ path, after }) => after !== undefined && /dockerfile/i.test(path) && !path.endsWith('.dockerignore') && !dockerfiles.includes(path)).map(({ path }) => path)]);
}

/** By the project's own tool, and of several by the one that the way is about. */
function planBefore(project: Project, { file, stage }: Member, way: Way): Plan {
  const { stages } = analyze(project.text(file) ?? '');
  const isLast = stage === stages.length - 1;
  const target = isLast ? undefined : stages[stage].name ?? undefined;
  const builds = buildsIn(project, file);
  const fitting = builds.filter((one) => (one.source === 'bake' || one.source === 'compose') && (one.target === undefined || one.target === null ? isLast : one.target.toLowerCase() === stages[stage].name));
  const chosen = fitting.find(({ source }) => source === way) ?? fitting[0];
  if (chosen !== undefined) return { tool: chosen.source as 'bake' | 'compose', file: chosen.file, name: chosen.name };
  const [{ context, args }] = builds;
  return { tool: 'build', dockerfile: file, context: context.kind === 'folder' ? context.path : '.', args, target };
}

/** What the project's own files build stays called as it was; else it is as the extraction says. */
function planAfter(after: Project, { builds, way }: Extraction, member: Member, plan: Plan): Plan {
  if (plan.tool !== 'build') return plan;
  const made = builds.find((one) => one.member.file === member.file && one.member.stage === member.stage);
  if (made === undefined && (way === 'file' || !after.dockerfiles.includes(member.file))) throw new Error(`the extraction does not say how ${member.file} is built`);
  if (made === undefined) return plan;
  if (way === 'bake' || way === 'compose') {
    const found = after.definitions.find(({ source, dockerfile, target }) => source === way && dockerfile === made.file && (target ?? undefined) === made.target);
    if (found) return { tool: way, file: found.file, name: found.name };
  }
  return { ...plan, dockerfile: made.file, target: made.target };
}
