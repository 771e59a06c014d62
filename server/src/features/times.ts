/** What steps took in a build that was measured, by what they say and where they stand. */
import { rulesOf } from '../core/builder';
import { createdBy } from '../core/build/created-by';
import type { Analysis, Step } from '../core/build/model';
import type { Reading } from '../session';
import type { Measured, StepTime } from '../workspace/images/build';

/** `earlier`: a step that was in the cache keeps the time that it took when it was run. */
export function timesOf(analysis: Analysis, { steps }: Measured, earlier: ReadonlyMap<string, StepTime> = new Map()): Map<string, StepTime> {
  const times = new Map<string, StepTime>();
  for (const stage of analysis.stages) {
    for (const step of stage.steps) {
      const time = step.number === null ? undefined : steps.get(step.number);
      if (!time) continue;
      const key = keyOf(analysis, step);
      const before = earlier.get(key);
      times.set(key, time.cached && before ? { ...before, cached: true } : time);
    }
  }
  return times;
}

/** Undefined where it was not run, or by a build before the first that was measured. */
export function secondsOf({ analysis, measured }: Reading, step: Step): number | undefined {
  const time = measured?.times.get(keyOf(analysis, step));
  // A step that came out of the cache at once says nothing of what it takes.
  return time === undefined || (time.cached && time.seconds < shortest) ? undefined : time.seconds;
}

const shortest = 0.05;

function keyOf(analysis: Analysis, step: Step): string {
  return `${step.number} ${createdBy(step, rulesOf(analysis.builder)) ?? step.instruction.line}`;
}
