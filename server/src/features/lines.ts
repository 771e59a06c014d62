/** What stands on which line: every instruction with the stage and the step that the analysis made of it. */
import type { Analysis, Stage, Step } from '../core/build/model';
import type { Instruction } from '../core/syntax/dockerfile';
import type { Span } from '../core/text';

export type Line =
  /** Before the first FROM. */
  | { readonly kind: 'global'; readonly instruction: Instruction }
  | { readonly kind: 'from'; readonly instruction: Instruction; readonly stage: Stage }
  | { readonly kind: 'step'; readonly instruction: Instruction; readonly stage: Stage; readonly step: Step }
  /** In a stage that a named context replaces. */
  | { readonly kind: 'replaced'; readonly instruction: Instruction; readonly stage: Stage };

const known = new WeakMap<Analysis, readonly Line[]>();

/** In the order of the text. Triggers are no lines: they run where no one wrote them. */
export function linesOf(analysis: Analysis): readonly Line[] {
  let lines = known.get(analysis);
  if (!lines) known.set(analysis, (lines = read(analysis)));
  return lines;
}

/** Those whose text begins in the span. */
export function linesIn(analysis: Analysis, span: Span): readonly Line[] {
  const lines = linesOf(analysis);
  return lines.slice(firstFrom(lines, span.start), firstFrom(lines, span.end + 1));
}

/** The one whose text, heredocs included, holds the offset. */
export function lineAt(analysis: Analysis, offset: number): Line | undefined {
  const lines = linesOf(analysis);
  const line = lines[firstFrom(lines, offset + 1) - 1];
  return line && offset <= line.instruction.span.end ? line : undefined;
}

function read({ dockerfile, stages }: Analysis): Line[] {
  const lines: Line[] = [];
  let stage: Stage | undefined;
  let next = 0;
  for (const instruction of dockerfile.instructions) {
    const following: Stage | undefined = stages[stage ? stage.index + 1 : 0];
    if (following?.from === instruction) {
      stage = following;
      next = 0;
      lines.push({ kind: 'from', instruction, stage });
      continue;
    }
    if (!stage) {
      lines.push({ kind: 'global', instruction });
      continue;
    }
    // Both are in the order of the text, but that triggers come first.
    while (stage.steps[next]?.trigger !== undefined) next++;
    const step: Step | undefined = stage.steps[next];
    if (step?.instruction !== instruction) lines.push({ kind: 'replaced', instruction, stage });
    else {
      lines.push({ kind: 'step', instruction, stage, step });
      next++;
    }
  }
  return lines;
}

/** Index of the first line that begins at the offset or later. */
function firstFrom(lines: readonly Line[], offset: number): number {
  let low = 0;
  let high = lines.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (lines[middle].instruction.span.start < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
