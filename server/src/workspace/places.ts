/** Where a span of a text stands, as reports say it: lines and columns from 1, columns in UTF-16 units. */
import { lineAt, lineStartsOf, type Span } from '../core/text';

export interface Place {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

export function placeOf(text: string, { start, end }: Span): Place {
  const starts = lineStartsOf(text);
  const first = lineAt(starts, start);
  const last = lineAt(starts, end);
  return { line: first + 1, column: start - starts[first] + 1, endLine: last + 1, endColumn: end - starts[last] + 1 };
}
