/** The history of an image: which rows this file's instructions write for a stage, and what lies below them. */
import { rulesOf } from '../builder';
import { createdBy } from './created-by';
import { layersOf } from './dispatch';
import type { Analysis, Assumption, Base, Step } from './model';

export interface HistoryRow {
  /** Null where a value in it is not known. */
  readonly createdBy: string | null;
  readonly emptyLayer: boolean;
  readonly step: Step;
  readonly assumes: readonly Assumption[];
}

/** The stages that an image of a stage consists of, from the bottom up. */
export function chainOf(analysis: Analysis, stage: number): number[] {
  const chain: number[] = [];
  for (let at: number | undefined = stage; at !== undefined; ) {
    chain.push(at);
    const base: Base | undefined = analysis.stages[at]?.base;
    at = base?.kind === 'stage' ? base.stage : undefined;
  }
  return chain.reverse();
}

/** What lies below the stages of this file. */
export function baseOf(analysis: Analysis, stage: number): Base {
  return analysis.stages[chainOf(analysis, stage)[0]].base;
}

/** The steps that write rows, oldest first. Their texts are made by `rowOf`. */
export function stepsOf(analysis: Analysis, stage: number): Step[] {
  return chainOf(analysis, stage).flatMap((index) => analysis.stages[index].steps.filter((step) => step.row !== 'none'));
}

export function rowOf(analysis: Analysis, step: Step): HistoryRow {
  return { createdBy: createdBy(step, rulesOf(analysis.builder)), emptyLayer: step.row !== 'layer', step, assumes: step.assumes };
}

/** Oldest first, parent stages' rows included. */
export function historyOf(analysis: Analysis, stage: number): HistoryRow[] {
  return stepsOf(analysis, stage).map((step) => rowOf(analysis, step));
}

/** How many layers the base brings; undefined where nobody knows it. */
export function baseLayers(base: Base): number | undefined {
  if (base.kind === 'scratch') return 0;
  return base.kind === 'stage' || !base.image ? undefined : layersOf(base.image);
}

/** What the statements about an image of a stage rest on, each once. */
export function assumptionsOf(analysis: Analysis, stage: number): Assumption[] {
  const found = new Set<Assumption>();
  const base = baseOf(analysis, stage);
  if ((base.kind === 'image' || (base.kind === 'context' && !base.folder)) && !base.image) {
    found.add('onbuild');
    if (base.kind === 'image') found.add('layers');
  } else if ((base.kind === 'image' || base.kind === 'context') && base.image?.hidesTriggers) found.add('onbuild');
  for (const step of stepsOf(analysis, stage)) for (const assumption of step.assumes) found.add(assumption);
  return [...found];
}
