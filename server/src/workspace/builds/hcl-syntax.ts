/**
 * HCL (hashicorp/hcl, hclsyntax/spec.md): text → blocks, attributes and expressions, each with its place. A reader of our
 * own: the grammars on npm bring an editor or an asynchronous WebAssembly along. After a mistake it goes on behind the line.
 */
import { say, type Said } from '../../core/say';
import type { Span } from '../../core/text';
import { splatItem, type Attribute, type Block, type Body, type Expression, type SyntaxProblem } from './hcl-model';
import { readHeredoc, readQuoted, readWhole } from './hcl-template';

const deepest = 200;
const levels: readonly (readonly string[])[] = [['||'], ['&&'], ['==', '!='], ['>=', '<=', '>', '<'], ['+', '-'], ['*', '/', '%']];
const identifierStart = /[\p{ID_Start}_]/u;
const identifier = /[\p{ID_Start}_][\p{ID_Continue}-]*/uy;

export function readHcl(text: string): { readonly body: Body; readonly problems: readonly SyntaxProblem[] } {
  const problems: SyntaxProblem[] = [];
  const reader = readerOf(text, text.startsWith('\ufeff') ? 1 : 0);
  return { body: readBody(reader, problems, 0, undefined), problems };
}

/** A string of HCL's JSON form: a template whose places are those of the whole string. */
export function readTemplateText(text: string, span: Span): { readonly expression: Expression } | { readonly problem: SyntaxProblem } {
  const reader = readerOf(text, 0);
  const expression = readWhole(reader, span);
  return expression ? { expression } : { problem: { message: reader.mistake?.message ?? say('This template cannot be read.'), span } };
}

export interface Reader {
  readonly text: string;
  at: number;
  depth: number;
  /** The first mistake; everything after it only finds its way out. */
  mistake: SyntaxProblem | undefined;
}

const readerOf = (text: string, at: number): Reader => ({ text, at, depth: 0, mistake: undefined });

export function fail(reader: Reader, message: Said, start = reader.at, end = start + 1): undefined {
  reader.mistake ??= { message, span: { start: Math.min(start, reader.text.length), end: Math.min(end, reader.text.length) } };
  return undefined;
}

/** Blanks and comments; line breaks too where they mean nothing. */
export function skip(reader: Reader, newlines: boolean): void {
  const { text } = reader;
  for (;;) {
    const ch = text[reader.at];
    if (ch === ' ' || ch === '\t' || ch === '\r' || (newlines && ch === '\n')) reader.at++;
    else if (ch === '#' || (ch === '/' && text[reader.at + 1] === '/')) {
      const end = text.indexOf('\n', reader.at);
      reader.at = end === -1 ? text.length : end;
    } else if (ch === '/' && text[reader.at + 1] === '*') {
      const end = text.indexOf('*/', reader.at + 2);
      reader.at = end === -1 ? text.length : end + 2;
    } else return;
  }
}

export function take(reader: Reader, token: string): boolean {
  if (!reader.text.startsWith(token, reader.at)) return false;
  reader.at += token.length;
  return true;
}

export function nameAt(reader: Reader): string | undefined {
  identifier.lastIndex = reader.at;
  const name = identifier.exec(reader.text)?.[0];
  if (name !== undefined) reader.at += name.length;
  return name;
}

/** Attributes and blocks up to `}` or the end of the text. */
function readBody(reader: Reader, problems: SyntaxProblem[], depth: number, opened: Span | undefined): Body {
  const attributes: Attribute[] = [];
  const blocks: Block[] = [];
  const before = problems.length;
  for (;;) {
    skip(reader, true);
    const start = reader.at;
    if (start >= reader.text.length || (opened && isNextBlock(reader.text, start))) {
      if (opened && problems.length === before) problems.push({ message: say('This block is not closed.'), span: opened });
      return { attributes, blocks };
    }
    if (reader.text[start] === '}') {
      reader.at++;
      if (opened) return { attributes, blocks };
      problems.push({ message: say('Here is a } of no block.'), span: { start, end: start + 1 } });
      continue;
    }
    reader.mistake = undefined;
    readItem(reader, problems, depth, attributes, blocks);
    const mistake = reader.mistake as SyntaxProblem | undefined;
    if (mistake === undefined) continue;
    problems.push(mistake);
    // Go on behind the line of the mistake.
    const end = reader.text.indexOf('\n', Math.max(reader.at, mistake.span.start));
    reader.at = Math.max(start + 1, end === -1 ? reader.text.length : end);
  }
}

/** At the start of a line, with a name: the block before it has lost its brace. */
function isNextBlock(text: string, at: number): boolean {
  return (at === 0 || text[at - 1] === '\n') && /^\w+[ \t]+"[^"\n]*"[ \t]*\{/.test(text.slice(at, at + 200));
}

function readItem(reader: Reader, problems: SyntaxProblem[], depth: number, attributes: Attribute[], blocks: Block[]): void {
  const start = reader.at;
  const name = nameAt(reader);
  if (name === undefined) return fail(reader, say('Here an attribute or a block is expected.'));
  const nameSpan = { start, end: reader.at };
  skip(reader, false);
  if (reader.text[reader.at] === '=' && reader.text[reader.at + 1] !== '=') {
    reader.at++;
    const value = readExpression(reader, false);
    if (value === undefined) {
      // That the attribute is there is known, and that its value is not.
      attributes.push({ name, nameSpan, value: { kind: 'unread', span: nameSpan } });
      return;
    }
    if (attributes.some((attribute) => attribute.name === name)) return fail(reader, say('{0} is set twice.', name), start, nameSpan.end);
    attributes.push({ name, nameSpan, value });
    return endOfLine(reader);
  }
  const labels: string[] = [];
  for (;;) {
    skip(reader, false);
    if (reader.text[reader.at] === '"') {
      const label = readQuoted(reader);
      if (label === undefined) return;
      if (label.kind !== 'literal') return fail(reader, say('The name of a block takes no ${}.'), label.span.start, label.span.end);
      labels.push(String(label.value));
    } else {
      const label = nameAt(reader);
      if (label === undefined) break;
      labels.push(label);
    }
  }
  const span = { start, end: labels.length > 0 ? reader.text.slice(0, reader.at).trimEnd().length : nameSpan.end };
  if (!take(reader, '{')) return fail(reader, say('Behind {0} a = or a block is expected.', name), start, nameSpan.end);
  if (depth >= deepest) return fail(reader, say('These blocks are too deep in each other.'));
  const body = readBody(reader, problems, depth + 1, span);
  reader.mistake = undefined;
  blocks.push({ type: name, labels, span, body });
  if (reader.text[reader.at - 1] === '}') endOfLine(reader);
}

function endOfLine(reader: Reader): void {
  skip(reader, false);
  const ch = reader.text[reader.at];
  // A block on one line ends with its brace.
  if (ch !== undefined && ch !== '\n' && ch !== '}') fail(reader, say('Here the line should end.'));
}

/** `newlines`: line breaks mean nothing here, as inside of parentheses. */
export function readExpression(reader: Reader, newlines: boolean): Expression | undefined {
  if (reader.depth >= deepest) return fail(reader, say('This expression is too deep.'));
  reader.depth++;
  const expression = readConditional(reader, newlines);
  reader.depth--;
  return reader.mistake ? undefined : expression;
}

function readConditional(reader: Reader, newlines: boolean): Expression | undefined {
  const condition = readBinary(reader, newlines, 0);
  if (condition === undefined) return undefined;
  skip(reader, newlines);
  if (!take(reader, '?')) return condition;
  skip(reader, newlines);
  const yes = readExpression(reader, newlines);
  if (yes === undefined) return undefined;
  skip(reader, newlines);
  if (!take(reader, ':')) return fail(reader, say('The : of this condition is missing.'));
  skip(reader, newlines);
  const no = readExpression(reader, newlines);
  return no && { kind: 'conditional', condition, yes, no, span: { start: condition.span.start, end: no.span.end } };
}

function readBinary(reader: Reader, newlines: boolean, level: number): Expression | undefined {
  if (level === levels.length) return readUnary(reader, newlines);
  let left = readBinary(reader, newlines, level + 1);
  while (left !== undefined) {
    skip(reader, newlines);
    const operator = levels[level].find((token) => reader.text.startsWith(token, reader.at));
    if (operator === undefined || (operator === '>' && reader.text[reader.at + 1] === '=')) return left;
    reader.at += operator.length;
    skip(reader, newlines);
    const right = readBinary(reader, newlines, level + 1);
    if (right === undefined) return undefined;
    left = { kind: 'binary', operator, left, right, span: { start: left.span.start, end: right.span.end } };
  }
  return undefined;
}

function readUnary(reader: Reader, newlines: boolean): Expression | undefined {
  skip(reader, newlines);
  const start = reader.at;
  const operator = reader.text[start];
  if (operator !== '-' && operator !== '!') return readPostfix(reader, newlines);
  if (reader.depth >= deepest) return fail(reader, say('This expression is too deep.'));
  reader.at++;
  reader.depth++;
  const of = readUnary(reader, newlines);
  reader.depth--;
  return of && { kind: 'unary', operator, of, span: { start, end: of.span.end } };
}

function readPostfix(reader: Reader, newlines: boolean): Expression | undefined {
  const term = readTerm(reader, newlines);
  return term && readSteps(reader, newlines, term);
}

function readSteps(reader: Reader, newlines: boolean, term: Expression): Expression | undefined {
  let of = term;
  const { start } = term.span;
  for (;;) {
    // Only in parentheses may a step stand on the next line.
    if (newlines) skip(reader, true);
    else skip(reader, false);
    const { text, at } = reader;
    if (text[at] === '.' && text[at + 1] !== '.') {
      reader.at++;
      skip(reader, newlines);
      if (take(reader, '*')) return splatOf(reader, of, newlines, true);
      const name = nameAt(reader);
      if (name !== undefined) {
        of = { kind: 'attribute', of, name, span: { start, end: reader.at } };
        continue;
      }
      const digits = /\d+/y;
      digits.lastIndex = reader.at;
      const index = digits.exec(text)?.[0];
      if (index === undefined) return fail(reader, say('Behind the dot a name is expected.'));
      reader.at += index.length;
      of = { kind: 'index', of, index: { kind: 'literal', value: Number(index), span: { start: reader.at - index.length, end: reader.at } }, span: { start, end: reader.at } };
    } else if (text[at] === '[') {
      reader.at++;
      skip(reader, true);
      if (take(reader, '*')) {
        skip(reader, true);
        if (!take(reader, ']')) return fail(reader, say('The ] of this is missing.'));
        return splatOf(reader, of, newlines, false);
      }
      const index = readExpression(reader, true);
      if (index === undefined) return undefined;
      skip(reader, true);
      if (!take(reader, ']')) return fail(reader, say('The ] of this index is missing.'), at, at + 1);
      of = { kind: 'index', of, index, span: { start, end: reader.at } };
    } else return of;
  }
}

/** `.*` takes only names behind it, `[*]` every step. */
function splatOf(reader: Reader, of: Expression, newlines: boolean, onlyNames: boolean): Expression | undefined {
  const item: Expression = { kind: 'variable', name: splatItem, span: of.span };
  if (!onlyNames) {
    const each = readSteps(reader, newlines, item);
    return each && { kind: 'splat', of, each, span: { start: of.span.start, end: reader.at } };
  }
  let each: Expression = item;
  while (reader.text[reader.at] === '.' && identifierStart.test(reader.text[reader.at + 1] ?? '')) {
    reader.at++;
    each = { kind: 'attribute', of: each, name: nameAt(reader) ?? '', span: { start: of.span.start, end: reader.at } };
  }
  return readSteps(reader, newlines, { kind: 'splat', of, each, span: { start: of.span.start, end: reader.at } });
}

function readTerm(reader: Reader, newlines: boolean): Expression | undefined {
  skip(reader, newlines);
  const { text } = reader;
  const start = reader.at;
  const ch = text[start];
  if (ch === '"') return readQuoted(reader);
  if (text.startsWith('<<', start)) return readHeredoc(reader);
  if (ch === '(') {
    reader.at++;
    const of = readExpression(reader, true);
    if (of === undefined) return undefined;
    skip(reader, true);
    if (!take(reader, ')')) return fail(reader, say('The ) of this is missing.'), start, start + 1);
    return { kind: 'parentheses', of, span: { start, end: reader.at } };
  }
  if (ch === '[') return readTuple(reader);
  if (ch === '{') return readObject(reader);
  const number = /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
  number.lastIndex = start;
  const digits = number.exec(text)?.[0];
  if (digits !== undefined) {
    reader.at += digits.length;
    return { kind: 'literal', value: Number(digits), span: { start, end: reader.at } };
  }
  let name = nameAt(reader);
  if (name === undefined) return fail(reader, say('Here a value is expected.'));
  while (text.startsWith('::', reader.at)) {
    reader.at += 2;
    name += `::${nameAt(reader) ?? ''}`;
  }
  if (text[reader.at] === '(') return readCall(reader, name, start);
  const span = { start, end: reader.at };
  if (name === 'true' || name === 'false') return { kind: 'literal', value: name === 'true', span };
  if (name === 'null') return { kind: 'literal', value: null, span };
  return { kind: 'variable', name, span };
}

function readCall(reader: Reader, name: string, start: number): Expression | undefined {
  reader.at++;
  const given: Expression[] = [];
  let expanded = false;
  for (;;) {
    skip(reader, true);
    if (take(reader, ')')) break;
    const argument = readExpression(reader, true);
    if (argument === undefined) return undefined;
    given.push(argument);
    skip(reader, true);
    expanded = take(reader, '...');
    if (expanded) skip(reader, true);
    if (take(reader, ')')) break;
    if (expanded || !take(reader, ',')) return fail(reader, say('The ) of {0}() is missing.', name));
  }
  return { kind: 'call', name, arguments: given, expanded, span: { start, end: reader.at } };
}

/** `for a, b in` behind the bracket, else nothing is read. */
export function readFor(reader: Reader): { readonly index: string | undefined; readonly item: string; readonly collection: Expression } | undefined | null {
  const start = reader.at;
  if (nameAt(reader) !== 'for') {
    reader.at = start;
    return null;
  }
  skip(reader, true);
  const first = nameAt(reader);
  if (first === undefined) {
    reader.at = start;
    return null;
  }
  skip(reader, true);
  let second: string | undefined;
  if (take(reader, ',')) {
    skip(reader, true);
    second = nameAt(reader);
    if (second === undefined) return fail(reader, say('Here a name is expected.'));
    skip(reader, true);
  }
  if (nameAt(reader) !== 'in') return fail(reader, say('The "in" of this for is missing.'));
  skip(reader, true);
  const collection = readExpression(reader, true);
  return collection && { index: second === undefined ? undefined : first, item: second ?? first, collection };
}

function readTuple(reader: Reader): Expression | undefined {
  const start = reader.at++;
  skip(reader, true);
  const loop = readFor(reader);
  if (loop === undefined) return undefined;
  if (loop !== null) return readForRest(reader, loop, start, ']');
  const items: Expression[] = [];
  for (;;) {
    skip(reader, true);
    if (take(reader, ']')) return { kind: 'tuple', items, span: { start, end: reader.at } };
    const item = readExpression(reader, true);
    if (item === undefined) return undefined;
    items.push(item);
    skip(reader, true);
    if (!take(reader, ',') && reader.text[reader.at] !== ']') return fail(reader, say('Here a , or a ] is expected.'));
  }
}

function readForRest(reader: Reader, loop: NonNullable<ReturnType<typeof readFor>>, start: number, close: ']' | '}'): Expression | undefined {
  skip(reader, true);
  if (!take(reader, ':')) return fail(reader, say('The : of this for is missing.'));
  skip(reader, true);
  let value = readExpression(reader, true);
  let key: Expression | undefined;
  skip(reader, true);
  if (value !== undefined && close === '}') {
    key = value;
    if (!take(reader, '=>')) return fail(reader, say('The => of this for is missing.'));
    skip(reader, true);
    value = readExpression(reader, true);
    skip(reader, true);
  }
  if (value === undefined) return undefined;
  const grouped = close === '}' && take(reader, '...');
  skip(reader, true);
  let condition: Expression | undefined;
  if (/^if[^\p{ID_Continue}-]/u.test(reader.text.slice(reader.at, reader.at + 3))) {
    reader.at += 2;
    skip(reader, true);
    condition = readExpression(reader, true);
    if (condition === undefined) return undefined;
    skip(reader, true);
  }
  if (!take(reader, close)) return fail(reader, say('The {0} of this for is missing.', close), start, start + 1);
  return { kind: 'for', ...loop, key, value, grouped, condition, span: { start, end: reader.at } };
}

function readObject(reader: Reader): Expression | undefined {
  const start = reader.at++;
  skip(reader, true);
  const loop = readFor(reader);
  if (loop === undefined) return undefined;
  if (loop !== null) return readForRest(reader, loop, start, '}');
  const items: { key: Expression; value: Expression }[] = [];
  for (;;) {
    skip(reader, true);
    if (take(reader, '}')) return { kind: 'object', items, span: { start, end: reader.at } };
    const key = readExpression(reader, false);
    if (key === undefined) return undefined;
    skip(reader, false);
    if (!take(reader, '=') && !take(reader, ':')) return fail(reader, say('Here a = is expected.'));
    skip(reader, true);
    const value = readExpression(reader, false);
    if (value === undefined) return undefined;
    items.push({ key, value });
    skip(reader, false);
    const ch = reader.text[reader.at];
    if (ch === ',' || ch === '\n') reader.at++;
    else if (ch !== '}') return fail(reader, say('Here a line break, a , or a } is expected.'));
  }
}
