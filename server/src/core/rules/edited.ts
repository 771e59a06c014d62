/** A text with the edits of a fix in it. */
import type { FileEdit } from './finding';

/** All of one file: their places are those of the text before, and none overlaps another. */
export function edited(text: string, edits: readonly FileEdit[]): string {
  return edits.toSorted((a, b) => b.span.start - a.span.start || b.span.end - a.span.end)
    .reduce((old, { span, text: made }) => old.slice(0, span.start) + made + old.slice(span.end), text);
}
