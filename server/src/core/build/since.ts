/** Which steps a build runs again after one other build: both whole, so that what was undone counts as never done. */
import { emptyCache, verdictsOf, type Build, type StepVerdict } from './cache';
import type { Step } from './model';

export interface Since {
  /** In the order of the file; steps that make layers in stages that are built. */
  readonly verdicts: readonly StepVerdict[];
  readonly of: (step: Step) => StepVerdict | undefined;
  /** How many run again, and how many may. */
  readonly again: number;
  readonly open: number;
}

export function since(before: Build, now: Build): Since {
  const cache = emptyCache();
  verdictsOf(cache, before);
  const verdicts = verdictsOf(cache, now).filter(({ verdict }) => verdict !== 'metadata' && verdict !== 'not-built');
  const byStep = new Map(verdicts.map((verdict) => [verdict.step, verdict]));
  return {
    verdicts,
    of: (step) => byStep.get(step),
    again: verdicts.filter(({ verdict }) => verdict === 'rebuilt').length,
    open: verdicts.filter(({ verdict }) => verdict === 'if-output-differs').length,
  };
}
