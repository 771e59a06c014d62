/**
 * `# strata: ignore=rule[,rule] -- reason`. Above an instruction or within it: for that one; above a FROM: for its stage; at
 * the top, with a blank line after it: for the file. BuildKit's own `# check=skip=` is not touched.
 */
import type { Analysis } from '../build/model';
import { regionOf } from '../order/lines';
import type { Dockerfile, Instruction } from '../syntax/dockerfile';
import type { Span } from '../text';

export interface Suppressions {
  readonly has: (rule: string, line: number) => boolean;
}

const comment = /^#\s*strata:\s*ignore\s*=\s*([\w-]+(?:\s*,\s*[\w-]+)*)/i;

export function suppressionsOf({ dockerfile, stages }: Analysis): Suppressions {
  const { text, comments, instructions } = dockerfile;
  const found: { rules: ReadonlySet<string>; first: number; last: number }[] = [];
  const ofFile: string[] = [];
  for (const span of comments) {
    const match = comment.exec(text.slice(span.start, span.end).trim());
    if (!match) continue;
    const rules = new Set(match[1].split(',').map((rule) => rule.trim()));
    // The first that ends after it: the comment is in it, or above it.
    const next = instructions[firstEndingAt(instructions, span.end)];
    const own = next && holds(regionOf(dockerfile, next), span) ? next : undefined;
    if (!own) {
      if (instructions.length === 0 || span.start < instructions[0].span.start) ofFile.push(...rules);
      continue;
    }
    const stage = stages.find(({ from }) => from === own);
    const last = stage ? stages[stage.index + 1]?.from.firstLine ?? Infinity : own.lastLine + 1;
    found.push({ rules, first: own.firstLine, last });
  }
  return {
    has: (rule, line) => ofFile.includes(rule) || ofFile.includes('all') || found.some(({ rules, first, last }) => (rules.has(rule) || rules.has('all')) && line >= first && line < last),
  };
}

/** The name in such a comment that the offset is on, or at the end of. */
export function ruleNamedAt({ text, comments }: Dockerfile, offset: number): Span | undefined {
  const span = comments.find(({ start, end }) => offset >= start && offset <= end);
  const written = span && text.slice(span.start, span.end);
  const match = written === undefined ? null : comment.exec(written.trimStart());
  if (!span || written === undefined || !match) return undefined;
  const names = span.start + written.indexOf(match[0]) + match[0].length - match[1].length;
  for (const { 0: name, index } of match[1].matchAll(/[\w-]+/g)) {
    const start = names + index;
    if (offset >= start && offset <= start + name.length) return { start, end: start + name.length };
  }
  return undefined;
}

function firstEndingAt(instructions: readonly Instruction[], offset: number): number {
  let low = 0;
  let high = instructions.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (instructions[middle].span.end < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

function holds(outer: Span, inner: Span): boolean {
  return inner.start >= outer.start && inner.end <= outer.end;
}
