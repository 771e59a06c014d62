/**
 * Whether an extraction keeps the builder's cache. The environment is part of a RUN's key, in its order: a step that sets a name moves
 * it to the end, and a stage starts with its image's names in the order of their first ENV (llb's EnvList.AddOrReplace; dockerfile2llb
 * convert.go addEnv, dispatchStages at 73ed6825).
 */
import type { Analysis, Stage } from '../build/model';
import type { Plan, PlannedMember } from './plan';

export type Cost =
  /** Nothing runs again. */
  | { readonly kind: 'kept' }
  /** Nothing runs again, unless the base image sets one of these names itself. */
  | { readonly kind: 'unless'; readonly names: readonly string[] }
  /** The RUN steps below the base run again once: these names stand elsewhere in their environment. */
  | { readonly kind: 'lost'; readonly names: readonly string[] };

export function costOf({ members, steps }: Plan): Cost {
  if (!members.some(runsBelow)) return { kind: 'kept' };
  const set: { name: string; isArg: boolean }[] = [];
  const first: string[] = [];
  for (const { command } of steps) {
    if (command.kind !== 'ENV' && command.kind !== 'ARG') continue;
    for (const { name, value } of command.pairs) {
      const known = set.findIndex((one) => one.name === name.text);
      // An ARG without a value sets nothing.
      if (command.kind === 'ARG' && value === undefined && known === -1) continue;
      const isArg = command.kind === 'ARG' && (known === -1 || set[known].isArg);
      if (known !== -1) set.splice(known, 1);
      set.push({ name: name.text, isArg });
      if (command.kind === 'ENV' && !first.includes(name.text)) first.push(name.text);
    }
  }
  const args = set.filter(({ isArg }) => isArg).map(({ name }) => name);
  // Declared again below the base, ARGs come last.
  const after = [...first, ...args];
  const moved = set.flatMap(({ name }, i) => (after[i] === name ? [] : [name]));
  if (moved.length > 0) return { kind: 'lost', names: moved };
  // Every image has a PATH.
  if (first.includes('PATH')) return { kind: 'lost', names: ['PATH'] };
  return first.length > 0 ? { kind: 'unless', names: first } : { kind: 'kept' };
}

function runsBelow({ analysis, member, moved }: PlannedMember): boolean {
  const stage = analysis.stages[member.stage];
  const gone = new Set(moved);
  return stage.steps.some(({ command }, index) => command.kind === 'RUN' && !gone.has(index)) || continuing(analysis, stage).some(({ steps }) => steps.some(({ command }) => command.kind === 'RUN'));
}

/** The stages that continue a stage, and those that continue these. */
export function continuing(analysis: Analysis, { index }: Stage): readonly Stage[] {
  const own = analysis.stages.filter(({ base }) => base.kind === 'stage' && base.stage === index);
  return own.flatMap((stage) => [stage, ...continuing(analysis, stage)]);
}
