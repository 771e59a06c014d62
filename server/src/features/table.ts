/** `strata/table`: the layers of a stage's image as text, as `strata layers` prints them. */
import { layerTable } from '../core/build/table';
import { nameOf } from '../served';
import type { Reading } from '../session';

/** Null where there is no such stage. */
export function tableOf({ document, analysis }: Reading, stage = analysis.target): string | null {
  return stage === undefined || !analysis.stages[stage] ? null : layerTable(analysis, nameOf(document.uri), stage);
}
