/** One change to a build, before it is made: which steps would run again after it. */
import { analyze } from '../analyze';
import type { Build } from './cache';
import { filesOf, withEntry, type Context, type ContextEntry } from './context';
import type { Analysis, Step } from './model';
import { cleanPath } from './path';
import { selectionsOf } from './sent';
import { since, type Since } from './since';

export type Change =
  /** A file of the context, there or not. */
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'arg'; readonly name: string }
  /** What stands behind a reference. */
  | { readonly kind: 'base'; readonly reference: string };

/** Undefined where the change does not reach the build: a file that is ignored, a base that no stage that is built has. */
export function whatIf(text: string, build: Build, change: Change): Since | undefined {
  const after = changed(text, build, change);
  return after && since(build, after);
}

function changed(text: string, build: Build, change: Change): Build | undefined {
  const { facts, context, analysis } = build;
  switch (change.kind) {
    case 'file': {
      const path = cleanPath(`/${change.path}`).slice(1);
      const after = withEntry(context, path, otherThan(context.entries.get(path)));
      return after === context ? undefined : { ...build, context: after };
    }
    case 'arg': {
      const buildArgs = { ...facts.buildArgs, [change.name]: `${facts.buildArgs?.[change.name] ?? ''} changed` };
      const other = { ...facts, buildArgs };
      return { ...build, facts: other, analysis: analyze(text, other) };
    }
    case 'base':
      if (!basesOf(analysis).includes(change.reference)) return undefined;
      return { ...build, facts: { ...facts, identities: { ...facts.identities, [change.reference]: `${change.reference} changed` } } };
  }
}

function otherThan(entry: ContextEntry | undefined): ContextEntry {
  return { type: 'file', mode: entry?.type === 'file' ? entry.mode : 0o644, content: entry?.type === 'file' ? `${entry.content} changed` : 'changed' };
}

/** The images below stages that are built, and those that steps of them take files from, as they are named. */
export function basesOf({ stages }: Analysis): string[] {
  const names = new Set(stages.map(({ name }) => name));
  const bases = new Set<string>();
  for (const { reachable, replaced, base, steps } of stages) {
    if (!reachable || replaced) continue;
    if (base.kind === 'image' && base.reference !== null) bases.add(base.reference);
    for (const { command } of steps) {
      const from = command.kind === 'COPY' || command.kind === 'ADD' ? command.flags.from?.text : undefined;
      if (from !== undefined && !/^\d+$/.test(from) && !names.has(from.toLowerCase())) bases.add(from);
    }
  }
  return [...bases];
}

/** Build arguments that somebody can give: those that the file declares. */
export function argsOf({ stages, globalArgs }: Analysis): string[] {
  const declared = stages.flatMap(({ steps }) => steps.flatMap(({ expanded }) => (expanded.kind === 'arg' ? expanded.pairs.map(({ name }) => name) : [])));
  return [...new Set([...globalArgs.map(({ name }) => name), ...declared])];
}

/** A file that the step takes of the context, rather one that no step before it takes; undefined where none is known. */
export function takenBy(analysis: Analysis, step: Step, context: Context): string | undefined {
  const files = (one: Step): readonly string[] => selectionsOf(one).flatMap((selection) => filesOf(context, selection));
  const own = files(step);
  if (own.length > 0) {
    const earlier = new Set<string>();
    for (const stage of analysis.stages) for (const one of stage.steps) if (one.span.start < step.span.start) for (const path of files(one)) earlier.add(path);
    return own.find((path) => !earlier.has(path)) ?? own[0];
  }
  // One that may be there: what wildcards match is anything.
  for (const { source } of selectionsOf(step)) {
    const path = cleanPath(`/${source.replace(/[*?]/g, 'x')}`).slice(1);
    const invented = path === '' || source.endsWith('/') || context.entries.get(path)?.type === 'folder' ? `${path}${path === '' ? '' : '/'}x` : path;
    if (!/[[\\]/.test(source) && !context.ignored?.matches(invented)) return invented;
  }
  return undefined;
}
