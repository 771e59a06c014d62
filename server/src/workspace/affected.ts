/** `strata affected`: the builds of a repository that a commit makes run again, each with the first step that it loses. */
import { verbatim } from '../core/say';
import { analyze } from '../core/analyze';
import { emptyCache, verdictsOf, type Build, type Reason } from '../core/build/cache';
import { contextOf } from '../core/build/context';
import type { Facts } from '../core/build/model';
import { projectIn, type TreeBuild } from './tree-builds';
import { treeOf } from './tree';

export interface Affected {
  /** Commits: what it is compared with, and what is compared. */
  readonly since: string;
  readonly commit: string;
  readonly builds: readonly AffectedBuild[];
  /** How many builds all of whose steps are as they were. */
  readonly unaffected: number;
}

export interface AffectedBuild {
  readonly dockerfile: string;
  /** As the project calls it; empty where nothing says so. */
  readonly build: string;
  /** Service or target; null where nothing says so. */
  readonly name: string | null;
  readonly file: string | null;
  readonly context: string | null;
  readonly target: string | null;
  readonly steps: number;
  readonly again: number;
  /** Those that run again only if a stage puts out other files. */
  readonly open: number;
  /** Null: the context is not in the repository, so that nothing is known. */
  readonly first: { readonly line: number | null; readonly step: string | null; readonly instruction: string; readonly reason: Reason | null } | null;
}

/** Throws what git says. */
export function affectedBuilds(repository: string, since: string, facts: Facts): Affected {
  const [before, now] = [treeOf(repository, since), treeOf(repository, 'HEAD')];
  const [was, is] = [projectIn(before), projectIn(now)];
  const builds: AffectedBuild[] = [];
  let unaffected = 0;
  const all = is.dockerfiles.flatMap((dockerfile) => is.buildsOf(dockerfile, facts));
  const earlier = new Map(is.dockerfiles.flatMap((dockerfile) => (before.entries.has(dockerfile) ? was.buildsOf(dockerfile, facts).map((one): [string, TreeBuild] => [nameOf(one), one]) : [])));
  const compared = new Map<TreeBuild, AffectedBuild | undefined>();
  for (const build of all) {
    const found = affected(build, []);
    if (found) builds.push(found);
    else unaffected++;
  }
  return { since: before.commit, commit: now.commit, builds, unaffected };

  /** After those whose images it takes as contexts; `above` are asked for already. */
  function affected(build: TreeBuild, above: readonly TreeBuild[]): AffectedBuild | undefined {
    if (compared.has(build)) return compared.get(build);
    const changed = Object.entries(build.definition.contexts).flatMap(([name, source]) => {
      if (source.kind !== 'build') return [];
      const other = all.find(({ definition }) => definition.file === build.definition.file && definition.name === source.name);
      return other && !above.includes(other) && affected(other, [...above, build]) ? [name.toLowerCase()] : [];
    });
    const found = compare(build, earlier.get(nameOf(build)), changed);
    compared.set(build, found);
    return found;
  }
}

function nameOf({ dockerfile, build }: TreeBuild): string {
  return `${dockerfile}\0${build.title}`;
}

/** `changed`: contexts that are other builds' images, which run again. */
function compare(now: TreeBuild, before: TreeBuild | undefined, changed: readonly string[]): AffectedBuild | undefined {
  const cache = emptyCache();
  if (before) verdictsOf(cache, asBuild(before));
  const { definition, dockerfile, build } = now;
  const verdicts = verdictsOf(cache, asBuild(now, changed)).filter(({ verdict }) => verdict !== 'metadata' && verdict !== 'not-built');
  const lost = verdicts.filter(({ verdict }) => verdict !== 'cached');
  const isKnown = build.context.kind === 'folder';
  if (lost.length === 0 && isKnown) return undefined;
  const first = lost.find(({ verdict }) => verdict === 'rebuilt') ?? lost[0];
  const isDefined = build.title !== '';
  const other = changed.length > 0 && first?.reason?.kind === 'base';
  return {
    dockerfile, build: build.title, name: isDefined ? definition.name : null, file: isDefined ? definition.file : null,
    context: definition.context.kind === 'folder' ? definition.context.path : null, target: definition.target ?? null,
    steps: verdicts.length, again: lost.filter(({ verdict }) => verdict === 'rebuilt').length, open: lost.filter(({ verdict }) => verdict === 'if-output-differs').length,
    first: first === undefined || !isKnown ? null : {
      line: first.step.line, step: first.step.number, instruction: first.step.trigger ?? first.step.instruction.line,
      reason: before === undefined ? { kind: 'unknown', text: verbatim('It was not built before.') } : other ? { kind: 'base', text: verbatim(`The build that it takes as context ${changed.join(', ')} runs again.`) } : first.reason ?? null,
    },
  };
}

function asBuild({ text, build, folders, definition }: TreeBuild, changed: readonly string[] = []): Build {
  const facts = { ...build.facts, identities: Object.fromEntries(changed.map((name) => [name, `${name} changed`])) };
  return { folders, noCache: definition.noCache, analysis: analyze(text, facts), facts, context: build.context.kind === 'folder' ? build.context.files : contextOf([]) };
}

export function affectedText({ builds, unaffected, since }: Affected): string {
  const lines = builds.map(({ dockerfile, build, steps, again, open, first }) => {
    const name = `${dockerfile}${build === '' ? '' : ` (${build})`}`;
    if (!first) return `${name}: not known, its context is not in this repository`;
    const more = open === 0 ? '' : `, ${open} more if other files come out of a stage`;
    return `${name}: ${again} of ${steps} steps run again${more}\n    first ${first.step ?? ''} line ${first.line ?? '?'}: ${first.instruction.replace(/\s+/g, ' ').slice(0, 100)}\n    ${first.reason?.text ?? ''}`;
  });
  lines.push(`${builds.length} of ${builds.length + unaffected} builds run steps again since ${since.slice(0, 12)} (if the cache of their builds there is still there)`);
  return `${lines.join('\n')}\n`;
}
