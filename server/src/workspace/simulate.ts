/** `strata simulate`: which steps would run again, after the builds that the cache has seen, or after one change. */
import { analyze } from '../core/analyze';
import { emptyCache, verdictsOf, type Build, type Reason, type Verdict } from '../core/build/cache';
import { withEntry, type Context } from '../core/build/context';
import { cleanPath } from '../core/build/path';
import type { Analysis, Facts } from '../core/build/model';

export interface SimulatedBuild {
  readonly text: string;
  readonly facts: Facts;
  readonly context: Context;
}

/** What is changed of a build, to see what that costs. */
export interface Change {
  readonly paths: readonly string[];
  readonly args: readonly string[];
  readonly bases: readonly string[];
}

export interface Simulation {
  readonly steps: readonly {
    readonly stage: string | number;
    readonly instruction: string;
    readonly line: number | null;
    readonly step: string | null;
    readonly verdict: Verdict;
    readonly reason: Reason | null;
  }[];
}

/** `before`: oldest first; with a change, the build itself as it was. */
export function simulate(build: SimulatedBuild, before: readonly SimulatedBuild[], change?: Change): Simulation {
  const cache = emptyCache();
  for (const earlier of change ? [build] : before) verdictsOf(cache, built(earlier));
  const now = built(change ? changed(build, change) : build);
  const verdicts = verdictsOf(cache, now);
  return {
    steps: verdicts.map(({ step, verdict, reason }) => ({
      stage: now.analysis.stages[step.stage].name ?? step.stage, instruction: step.trigger ?? step.instruction.line, line: step.line,
      step: step.number, verdict, reason: reason ?? null,
    })),
  };
}

function built({ text, facts, context }: SimulatedBuild): Build & { readonly analysis: Analysis } {
  return { analysis: analyze(text, facts), facts, context };
}

function changed(build: SimulatedBuild, { paths, args, bases }: Change): SimulatedBuild {
  let { context } = build;
  for (const named of paths) {
    const path = cleanPath(`/${named}`).slice(1);
    const entry = context.entries.get(path);
    // What is not sent can change nothing.
    context = withEntry(context, path, { type: 'file', mode: entry?.type === 'file' ? entry.mode : 0o644, content: 'changed' });
  }
  const other = Object.fromEntries(args.map((name) => [name, `${build.facts.buildArgs?.[name] ?? ''} changed`]));
  return {
    ...build,
    facts: { ...build.facts, buildArgs: { ...build.facts.buildArgs, ...other }, identities: Object.fromEntries(bases.map((reference) => [reference, `${reference} changed`])) },
    context,
  };
}
