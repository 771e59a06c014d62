/** The instructions that a finding is about: the one that it stands on, and those of the same file that it refers to. */
import type { Dockerfile, Instruction } from '../syntax/dockerfile';
import type { Span } from '../text';
import type { Finding } from './finding';

/** In the order of the file. */
export function concerned({ instructions }: Dockerfile, { span, related }: Finding): readonly Instruction[] {
  const spans: readonly Span[] = [span, ...related.flatMap((one) => ('span' in one ? [one.span] : []))];
  return instructions.filter((instruction) => spans.some(({ start }) => instruction.span.start <= start && start <= instruction.span.end));
}

/** What it says, however it is laid out: where it stands, its comments, blanks and line breaks are left out. */
export function saying({ line, heredocs }: Instruction): string {
  return [line, ...heredocs.map(({ content }) => content)].join('\n').replace(/\s+/g, ' ').trim();
}
