/** HCL's templates: quoted strings, heredocs and the strings of its JSON form → parts. `%{if}` and `%{for}` nest, `~` strips blanks. */
import { say } from '../../core/say';
import type { Span } from '../../core/text';
import type { Expression, TemplatePart } from './hcl-model';
import { fail, nameAt, readExpression, readFor, skip, take, type Reader } from './hcl-syntax';

/** Parts in a row, before `if … endif` are put around what they hold. */
type Piece =
  | { readonly kind: 'text'; text: string }
  | { readonly kind: 'value'; readonly value: Expression }
  | { readonly kind: 'if'; readonly condition: Expression }
  | { readonly kind: 'for'; readonly index: string | undefined; readonly item: string; readonly collection: Expression }
  | { readonly kind: 'else' | 'endif' | 'endfor' };

export function readQuoted(reader: Reader): Expression | undefined {
  const start = reader.at++;
  const pieces: Piece[] = [];
  scan(reader, pieces, reader.text.length, true);
  if (!reader.mistake && !take(reader, '"')) fail(reader, say('The " that ends this is missing.'), start);
  return templateOf(reader, pieces, { start, end: reader.at });
}

export function readHeredoc(reader: Reader): Expression | undefined {
  const start = reader.at;
  reader.at += 2;
  const flush = take(reader, '-');
  const marker = nameAt(reader);
  const { text } = reader;
  if (text[reader.at] === '\r') reader.at++;
  if (marker === undefined || !take(reader, '\n')) return fail(reader, say('Behind << a name and a line break are expected.'), start, reader.at);
  let line = reader.at;
  for (;;) {
    const newline = text.indexOf('\n', line);
    const end = newline === -1 ? text.length : newline;
    if (text.slice(line, end).trim() === marker) {
      const pieces: Piece[] = [];
      scan(reader, pieces, line, false);
      if (flush) unindent(pieces);
      const expression = templateOf(reader, pieces, { start, end });
      reader.at = end;
      return expression;
    }
    if (newline === -1) return fail(reader, say('The {0} that ends this is missing.', marker), start, reader.at - 1);
    line = newline + 1;
  }
}

/** The whole text, with the place of the string that it is the value of. */
export function readWhole(reader: Reader, span: Span): Expression | undefined {
  const pieces: Piece[] = [];
  scan(reader, pieces, reader.text.length, false);
  return templateOf(reader, pieces, span);
}

/** Up to `end`, or in quotes up to the closing one. Pieces of text end with their line, as `~` and `<<-` look at lines. */
function scan(reader: Reader, pieces: Piece[], end: number, quoted: boolean): void {
  const { text } = reader;
  let literal = '';
  let strip = false;
  const flush = (): void => {
    if (literal === '') return;
    pieces.push({ kind: 'text', text: strip ? literal.trimStart() : literal });
    strip = false;
    literal = '';
  };
  while (reader.at < end && !reader.mistake) {
    const ch = text[reader.at];
    if (quoted && (ch === '"' || ch === '\n')) break;
    if (quoted && ch === '\\') literal += readEscape(reader);
    else if ((ch === '$' || ch === '%') && text[reader.at + 1] === ch && text[reader.at + 2] === '{') {
      literal += `${ch}{`;
      reader.at += 3;
    } else if ((ch === '$' || ch === '%') && text[reader.at + 1] === '{') {
      flush();
      const start = reader.at;
      reader.at += 2;
      if (take(reader, '~')) {
        const last = pieces.at(-1);
        if (last?.kind === 'text') last.text = last.text.trimEnd();
      }
      const piece = ch === '$' ? readValue(reader) : readDirective(reader);
      if (piece === undefined) return;
      skip(reader, true);
      strip = take(reader, '~');
      if (!take(reader, '}')) return fail(reader, say('The } of this {0}{ is missing.', ch), start, start + 2);
      pieces.push(piece);
    } else {
      literal += ch;
      reader.at++;
      if (ch === '\n') flush();
    }
  }
  flush();
}

function readEscape(reader: Reader): string {
  const start = reader.at;
  const ch = reader.text[start + 1] ?? '';
  reader.at += 2;
  const plain = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' }[ch];
  if (plain !== undefined) return plain;
  const digits = ch === 'u' ? 4 : 8;
  const hex = reader.text.slice(reader.at, reader.at + digits);
  const code = Number.parseInt(hex, 16);
  if ((ch !== 'u' && ch !== 'U') || !/^[\da-fA-F]+$/.test(hex) || hex.length !== digits || code > 0x10ffff) {
    fail(reader, say('\\{0} is no escape.', ch), start, start + 2);
    return '';
  }
  reader.at += digits;
  return String.fromCodePoint(code);
}

function readValue(reader: Reader): Piece | undefined {
  skip(reader, true);
  const value = readExpression(reader, true);
  return value && { kind: 'value', value };
}

function readDirective(reader: Reader): Piece | undefined {
  skip(reader, true);
  const start = reader.at;
  const name = nameAt(reader);
  if (name === 'else' || name === 'endif' || name === 'endfor') return { kind: name };
  if (name === 'if') {
    skip(reader, true);
    const condition = readExpression(reader, true);
    return condition && { kind: 'if', condition };
  }
  if (name === 'for') {
    reader.at = start;
    const loop = readFor(reader);
    return loop ? { kind: 'for', ...loop } : fail(reader, say('This for cannot be read.'), start, reader.at);
  }
  return fail(reader, say('Behind %{ an if, else, endif, for or endfor is expected.'), start);
}

/** The blanks that every line starts with are taken away; lines of blanks do not count. */
function unindent(pieces: readonly Piece[]): void {
  let least = Infinity;
  let lineStart = true;
  const first: (Piece & { kind: 'text' })[] = [];
  for (const piece of pieces) {
    if (lineStart) {
      if (piece.kind !== 'text') least = 0;
      else if (piece.text.trimStart() !== '' || !piece.text.endsWith('\n')) {
        least = Math.min(least, piece.text.length - piece.text.trimStart().length);
        first.push(piece);
      }
    }
    lineStart = piece.kind === 'text' && piece.text.endsWith('\n');
  }
  for (const piece of first) piece.text = piece.text.slice(least);
}

function templateOf(reader: Reader, pieces: readonly Piece[], span: Span): Expression | undefined {
  const { parts, next } = nested(reader, pieces, 0, []);
  if (!reader.mistake && next < pieces.length) fail(reader, say('Here is an {0} of nothing.', pieces[next].kind), span.start, span.end);
  if (reader.mistake) return undefined;
  if (parts.every((part) => part.kind === 'text')) return { kind: 'literal', value: parts.map((part) => part.text).join(''), span };
  return { kind: 'template', parts, span };
}

function nested(reader: Reader, pieces: readonly Piece[], from: number, ends: readonly string[]): { readonly parts: TemplatePart[]; readonly next: number } {
  const parts: TemplatePart[] = [];
  let at = from;
  if (ends.length > 0 && reader.depth++ > 200) fail(reader, say('This template is too deep.'));
  while (at < pieces.length && !reader.mistake) {
    const piece = pieces[at++];
    if (piece.kind === 'text' || piece.kind === 'value') parts.push(piece);
    else if (piece.kind === 'if') {
      const yes = nested(reader, pieces, at, ['else', 'endif']);
      const no = pieces[yes.next]?.kind === 'else' ? nested(reader, pieces, yes.next + 1, ['endif']) : undefined;
      at = (no ?? yes).next + 1;
      if (at > pieces.length) fail(reader, say('The endif of this template is missing.'));
      parts.push({ kind: 'if', condition: piece.condition, yes: yes.parts, no: no?.parts ?? [] });
    } else if (piece.kind === 'for') {
      const { index, item, collection } = piece;
      const inner = nested(reader, pieces, at, ['endfor']);
      at = inner.next + 1;
      if (at > pieces.length) fail(reader, say('The endfor of this template is missing.'));
      parts.push({ kind: 'for', index, item, collection, parts: inner.parts });
    } else {
      at--;
      break;
    }
  }
  if (ends.length > 0) reader.depth--;
  return { parts, next: ends.length > 0 && at < pieces.length && !ends.includes(pieces[at].kind) ? pieces.length : at };
}
