/** Where a finding stands: on one line, from the keyword to the end of what the line holds. */
import type { Analysis } from '../build/model';
import type { Instruction } from '../syntax/dockerfile';
import { trimmed, type Span } from '../text';

export function headOf({ dockerfile: { text } }: Analysis, { keywordSpan, commandSpan }: Instruction): Span {
  const lineBreak = text.indexOf('\n', keywordSpan.start);
  const end = Math.min(lineBreak === -1 ? text.length : lineBreak, commandSpan.end);
  return trimmed(text, keywordSpan.start, Math.max(end, keywordSpan.end));
}
