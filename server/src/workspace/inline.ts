/** The reverse of extracting, over the files of a project: the base's steps back in each file that continues it, and the build as it was. */
import { analyze } from '../core/analyze';
import { chainOf } from '../core/family/chain';
import { commonStages, inlined, inlinedStage } from '../core/family/inline';
import type { Change, NoExtraction } from '../core/family/model';
import type { Stage } from '../core/build/model';
import type { BuildDefinition } from './builds/definition';
import { wired, type Wiring } from './builds/wiring';
import type { FamilyProject } from './extract';
import { say, type Said } from '../core/say';

export interface Inlining {
  readonly changes: readonly Change[];
  readonly notes: readonly Said[];
}

/** What a FROM continues: the Dockerfile of a base, and how it is known. */
export interface KnownBase {
  readonly path: string;
  /** The named context that it is, and the builds that give it; empty for an image of a name. */
  readonly name: string;
  readonly builds: readonly BuildDefinition[];
}

/** Files that continue a base, or that hold a common stage. All or nothing: one that cannot be inlined refuses the rest. */
export function inliningOf(files: readonly string[], project: FamilyProject): Inlining | NoExtraction {
  const changes = new Map<string, Change>();
  const dropped: { readonly base: KnownBase; readonly file: string }[] = [];
  for (const file of files) {
    const text = project.text(file);
    if (text === undefined) return { refused: say('{0} cannot be read.', file), rule: 'errors' };
    const analysis = analyze(text);
    const bases = analysis.stages.flatMap((stage) => {
      const base = baseOf(file, stage, project);
      return base ? [{ stage: stage.index, base }] : [];
    });
    let now = text;
    for (const { base } of uniqueBases(bases)) {
      const baseText = project.text(base.path);
      if (baseText === undefined) return { refused: say('{0} cannot be read.', base.path), rule: 'errors' };
      const stages = bases.filter((one) => one.base.path === base.path && one.base.name === base.name).map(({ stage }) => stage);
      const made = inlined(analyze(now), file, stages, analyze(baseText), base.path);
      if ('refused' in made) return made;
      now = made.text;
      dropped.push({ base, file });
    }
    const targets = new Set(project.definitions.filter(({ dockerfile }) => dockerfile === file).map(({ target }) => target?.toLowerCase() ?? ''));
    for (;;) {
      const current = analyze(now);
      const [stage] = commonStages(current, targets);
      if (stage === undefined) break;
      const made = inlinedStage(current, file, stage);
      if ('refused' in made) return made;
      const again = analyze(made.text);
      const others = current.stages.filter(({ index }) => index !== stage);
      if (!others.every(({ index }, i) => JSON.stringify(chainOf(current, index)) === JSON.stringify(chainOf(again, i)))) return { refused: say('It could not be shown that {0} stays the same.', file), rule: 'unproved' };
      now = made.text;
    }
    if (now === text) return { refused: say('{0} continues no base that the project builds, and has no stage that is there for others alone.', file), rule: 'no-base' };
    changes.set(file, { path: file, before: text, after: now, why: say('Has the steps of its base again.') });
  }
  const refused = unwire(files, dropped, project, changes);
  if (refused) return refused;
  return { changes: [...changes.values()], notes: [] };
}

/** Undefined: no base that the project builds. */
export function baseOf(file: string, { base }: Stage, project: FamilyProject): KnownBase | undefined {
  const name = base.kind === 'image' ? base.reference : base.kind === 'context' ? base.name : null;
  if (name === null) return undefined;
  const own = project.definitions.filter(({ dockerfile }) => dockerfile === file);
  const giving = own.flatMap((definition) => {
    const given = Object.entries(definition.contexts).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
    if (given?.kind !== 'build') return [];
    const made = project.definitions.find((one) => one.file === definition.file && one.name === given.name && one.dockerfile !== null);
    return made?.dockerfile ? [{ definition, path: made.dockerfile }] : [];
  });
  if (giving.length > 0) return { path: giving[0].path, name, builds: giving.filter(({ path }) => path === giving[0].path).map(({ definition }) => definition) };
  const tagged = project.definitions.find(({ tags, dockerfile }) => dockerfile !== null && dockerfile !== file && tags.includes(name))?.dockerfile ?? taggedIn(file, name, project);
  return tagged === undefined ? undefined : { path: tagged, name, builds: [] };
}

/** A Dockerfile.base in a folder above that says itself how it is built. */
function taggedIn(file: string, name: string, project: FamilyProject): string | undefined {
  for (let slash = file.lastIndexOf('/'); ; slash = file.lastIndexOf('/', slash - 1)) {
    const folder = slash === -1 ? '' : file.slice(0, slash + 1);
    for (const path of [`${folder}Dockerfile.base`, `${folder}Dockerfile.base-2`]) if (project.exists(path) && project.text(path)?.includes(`docker build -t ${name} `)) return path;
    if (slash <= 0 && folder === '') return undefined;
    if (slash === 0) return undefined;
  }
}

function uniqueBases(bases: readonly { readonly base: KnownBase }[]): { readonly base: KnownBase }[] {
  return [...new Map(bases.map((one) => [`${one.base.path} ${one.base.name}`, one])).values()];
}

/** The named context goes from the builds; the base goes with the last that continued it. */
function unwire(files: readonly string[], dropped: readonly { readonly base: KnownBase; readonly file: string }[], project: FamilyProject, changes: Map<string, Change>): NoExtraction | undefined {
  const wiring = new Map<string, Wiring[]>();
  const add = (file: string, wish: Wiring): void => void wiring.set(file, [...(wiring.get(file) ?? []), wish]);
  for (const { base } of dropped) for (const definition of base.builds) add(definition.file, { kind: 'drop-context', build: definition.name, name: nameIn(definition, base.name) });
  for (const path of new Set(dropped.map(({ base }) => base.path))) {
    const makers = project.definitions.filter(({ dockerfile }) => dockerfile === path);
    const users = project.definitions.filter(({ dockerfile, file, contexts }) => dockerfile !== null && !files.includes(dockerfile)
      && Object.values(contexts).some((context) => context.kind === 'build' && makers.some((maker) => maker.file === file && maker.name === context.name)));
    const isTag = dropped.some(({ base }) => base.path === path && base.builds.length === 0);
    if (users.length > 0 || isTag) continue;
    for (const maker of makers) if (maker.source === 'bake' || maker.source === 'compose') add(maker.file, { kind: 'remove', build: maker.name });
    changes.set(path, { path, before: project.text(path), after: undefined, why: say('Nothing continues it any more.') });
    const ignored = project.text(`${path}.dockerignore`);
    if (ignored !== undefined) changes.set(`${path}.dockerignore`, { path: `${path}.dockerignore`, before: ignored, after: undefined, why: say('Was for {0}.', path) });
  }
  for (const [file, wishes] of wiring) {
    const before = project.text(file);
    const made = wired(file, before, wishes, project.exists);
    if ('refused' in made) return { refused: made.refused, rule: 'wiring' };
    changes.set(file, { path: file, before, after: made.text, why: say('Builds without the base.') });
  }
  return undefined;
}

function nameIn({ contexts }: BuildDefinition, name: string): string {
  return Object.keys(contexts).find((key) => key.toLowerCase() === name.toLowerCase()) ?? name;
}
