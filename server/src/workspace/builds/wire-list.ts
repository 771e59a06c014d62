/**
 * Edits that the formats have in common: items of a list in brackets, whole lines, paths as one place writes another. What is put in
 * leaves a trace in its layout where a list was empty before, so that taking it out again gives the text as it was.
 */
import { cleanPath } from '../../core/build/path';
import type { Span } from '../../core/text';

export interface List {
  /** With its brackets. */
  readonly span: Span;
  readonly items: readonly Span[];
}

/** `newlines`: a line break separates items as well as a comma does. Undefined: it holds nothing but a comment. */
export function withItem(text: string, { span, items }: List, item: string, newlines = false): string | undefined {
  const last = items.at(-1);
  if (last === undefined) {
    const inner = text.slice(span.start + 1, span.end - 1);
    if (inner.trim() !== '') return undefined;
    const pad = /^ +$/.test(inner) ? `${inner} ` : inner;
    return replaced(text, span.start + 1, span.end - 1, pad + item + pad);
  }
  const comma = commaBehind(text, last.end);
  const from = comma ?? last.end;
  const end = lineEnd(text, from);
  if (end < span.end - 1 && /^[ \t]*(?:(?:#|\/\/).*)?$/.test(text.slice(from, end))) {
    const line = `${eolOf(text)}${indentAt(text, last.start)}${item}${comma === undefined ? '' : ','}`;
    return replaced(replaced(text, end, end, line), last.end, last.end, comma === undefined && !newlines ? ',' : '');
  }
  if (comma !== undefined) return replaced(text, comma, comma, ` ${item},`);
  const between = items.length > 1 ? text.slice(items[items.length - 2].end, last.start) : '';
  return replaced(text, last.end, last.end, (/^ *, *$/.test(between) ? between : ', ') + item);
}

/** Undefined: the list has no other item, and goes as a whole. */
export function withoutItem(text: string, { span, items }: List, index: number, newlines = false): string | undefined {
  const item = items[index];
  const comma = commaBehind(text, item.end);
  if (items.length === 1) {
    const [before, after] = [text.slice(span.start + 1, item.start), text.slice(comma ?? item.end, span.end - 1)];
    if (before.trim() !== '' || after.trim() !== '') return withoutLines(text, item.start, comma ?? item.end);
    if (before !== after || before === ' ') return undefined;
    return replaced(text, span.start + 1, span.end - 1, /^ +$/.test(before) ? before.slice(1) : before);
  }
  const end = lineEnd(text, item.end);
  const alone = text.slice(lineStart(text, item.start), item.start).trim() === '' && /^[ \t]*,?[ \t]*(?:(?:#|\/\/).*)?$/.test(text.slice(item.end, end));
  if (alone) {
    const rest = withoutLines(text, item.start, item.end);
    const before = index > 0 && index === items.length - 1 && comma === undefined && !newlines ? commaBehind(text, items[index - 1].end) : undefined;
    return before === undefined ? rest : replaced(rest, items[index - 1].end, before, '');
  }
  return index > 0 ? replaced(text, items[index - 1].end, item.end, '') : replaced(text, item.start, items[1].start, '');
}

export function replaced(text: string, start: number, end: number, by: string): string {
  return text.slice(0, start) + by + text.slice(end);
}

/** Behind a comma that follows here. */
function commaBehind(text: string, at: number): number | undefined {
  const comma = /[ \t]*,/y;
  comma.lastIndex = at;
  return comma.test(text) ? comma.lastIndex : undefined;
}

/** The lines that these places are on, and all between them. */
export function withoutLines(text: string, start: number, end: number): string {
  const from = lineStart(text, start);
  const next = text.indexOf('\n', end);
  if (next !== -1) return replaced(text, from, next + 1, '');
  return text.slice(0, from).replace(/\r?\n$/, '');
}

export function eolOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}

export function lineStart(text: string, at: number): number {
  return at === 0 ? 0 : text.lastIndexOf('\n', at - 1) + 1;
}

/** Before the line break. */
export function lineEnd(text: string, at: number): number {
  const next = text.indexOf('\n', at);
  return next === -1 ? text.length : next > at && text[next - 1] === '\r' ? next - 1 : next;
}

export function indentAt(text: string, at: number): string {
  return /^[ \t]*/.exec(text.slice(lineStart(text, at), at))?.[0] ?? '';
}

/** How a path is written in a folder; both from the workspace root. */
export function pathFrom(folder: string, path: string): string {
  const parts = (of: string): string[] => cleanPath(of).split('/').filter((part) => part !== '.');
  const [from, to] = [parts(folder), parts(path)];
  let same = 0;
  while (same < from.length && same < to.length && from[same] === to[same]) same++;
  return [...from.slice(same).map(() => '..'), ...to.slice(same)].join('/') || '.';
}
