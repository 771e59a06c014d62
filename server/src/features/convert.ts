/** Places in the text → the editor's positions, and back. Nothing else here knows that an editor counts lines. */
import type { Position, Range } from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Span } from '../core/text';

export function rangeOf(document: TextDocument, { start, end }: Span): Range {
  return { start: document.positionAt(start), end: document.positionAt(end) };
}

/** From a place in a line to that line's end, its line break not included. */
export function restOfLine(document: TextDocument, start: number): Range {
  const from = document.positionAt(start);
  const end = document.offsetAt({ line: from.line, character: Number.MAX_SAFE_INTEGER });
  return { start: from, end: document.positionAt(end) };
}

/** The offsets that a range covers, its lines taken whole. */
export function spanOfLines(document: TextDocument, { start, end }: Range): Span {
  return {
    start: document.offsetAt({ line: start.line, character: 0 }),
    end: document.offsetAt({ line: end.line, character: Number.MAX_SAFE_INTEGER }),
  };
}

export function offsetOf(document: TextDocument, position: Position): number {
  return document.offsetAt(position);
}

/** A whole line of a file that nobody has read; counted from 1. */
export function lineRange(line: number): Range {
  return { start: { line: line - 1, character: 0 }, end: { line: line - 1, character: 10_000 } };
}
