/** Whole lines of a Dockerfile, as an edit moves them: an instruction with the comments right above it. */
import type { Dockerfile, Instruction } from '../syntax/dockerfile';
import { lineAt, type Span } from '../text';

/** From the first comment that belongs to it to the end of its last line, the line break included. */
export function regionOf(dockerfile: Dockerfile, { span }: Instruction): Span {
  const { text, lineStarts } = dockerfile;
  let first = lineAt(lineStarts, span.start);
  let commented = commentLines.get(dockerfile);
  if (!commented) commentLines.set(dockerfile, (commented = new Set(dockerfile.comments.map((comment) => lineAt(lineStarts, comment.start)))));
  while (commented.has(first - 1)) first--;
  return { start: lineStarts[first], end: lineEnd(text, span.end) };
}

const commentLines = new WeakMap<Dockerfile, ReadonlySet<number>>();

/** Past the line break of the line that holds the offset; the end of the text where there is none. */
export function lineEnd(text: string, offset: number): number {
  const at = text.indexOf('\n', offset);
  return at === -1 ? text.length : at + 1;
}

export function lineBreakOf(text: string): string {
  return /\r\n/.test(text.slice(0, 5000)) ? '\r\n' : '\n';
}

/** With a line break at its end. */
export function asLines(text: string, lineBreak: string): string {
  return text.endsWith('\n') || text === '' ? text : text + lineBreak;
}
