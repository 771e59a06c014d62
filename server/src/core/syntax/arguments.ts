/**
 * A joined line → keyword, flags and arguments: parser/split_command.go and parser/line_parsers.go at 73ed6825.
 * Positions are kept in the joined line and mapped to the file at the end.
 */
import { isSpace, trimmed, type Span } from '../text';
import type { Word } from './dockerfile';
import type { LineSource } from './read';
import { bytesAsCharacters } from './utf8';

/** Go's reWhitespace: [\t\v\f\r ] */
function isBlank(code: number): boolean {
  return code === 0x20 || code === 9 || code === 11 || code === 12 || code === 13;
}

export interface SplitCommand {
  readonly keyword: string;
  readonly keywordSpan: Span;
  readonly flags: readonly Word[];
  /** The arguments, trimmed: a range of the joined line. */
  readonly rest: Span;
}

export function splitCommand(source: LineSource): SplitCommand {
  const { text } = source;
  const all = trimmed(text);
  let at = all.start;
  while (at < all.end && !isBlank(text.charCodeAt(at))) at++;
  const keyword = text.slice(all.start, at);
  const keywordSpan = source.place(all.start, at);
  while (at < all.end && isBlank(text.charCodeAt(at))) at++;
  const { flags, restAt } = builderFlags(source, at, all.end);
  return { keyword, keywordSpan, flags, rest: trimmed(text, restAt, all.end) };
}

/**
 * extractBuilderFlags: words that start with `--`, quotes dropped, escapes undone. The original walks bytes and makes a
 * character of each, so letters beyond ASCII come out as two or more: kept, since that is what the builder then sees.
 */
function builderFlags(source: LineSource, start: number, end: number): { flags: Word[]; restAt: number } {
  const { text } = source;
  const escape = source.rules.flagEscape ? source.escape : '\\';
  const flags: Word[] = [];
  let at = start;
  for (;;) {
    while (at < end && isSpace(text.charCodeAt(at))) at++;
    if (at >= end || text[at] !== '-' || text[at + 1] !== '-' || at + 1 >= end) return { flags, restAt: at };
    const wordAt = at;
    let word = '';
    let quote = '';
    let quoted = false;
    for (; at < end; at++) {
      const ch = text[at];
      if (quote === '' && isSpace(text.charCodeAt(at)) && text.charCodeAt(at) < 0x80) break;
      if (quote === '' && (ch === '"' || ch === "'")) {
        quote = ch;
        quoted = true;
        continue;
      }
      if (quote !== '' && ch === quote) {
        quote = '';
        continue;
      }
      if (ch === escape) {
        if (at + 1 === end) continue;
        at++;
      }
      word += text[at];
    }
    if (word === '--' ) {
      if (at >= end) return { flags, restAt: end };
      return { flags, restAt: at };
    }
    if (quoted || word !== '') flags.push({ text: bytesAsCharacters(word), span: source.place(wordAt, at) });
  }
}

export interface Arguments {
  readonly form: 'shell' | 'exec';
  readonly args: readonly Word[];
  readonly legacyForm: boolean;
}

/** The dispatch table of parser.go. `rest` is trimmed. */
export function readArguments(keyword: string, source: LineSource, rest: Span): Arguments {
  source.meter.work += rest.end - rest.start;
  const shell = (args: readonly Word[]): Arguments => ({ form: 'shell', args, legacyForm: false });
  const exec = (args: readonly Word[]): Arguments => ({ form: 'exec', args, legacyForm: false });
  switch (keyword) {
    case 'ADD': case 'COPY': case 'VOLUME':
      return orExec(source, rest, exec, () => shell(blankSeparated(source, rest)));
    case 'CMD': case 'ENTRYPOINT': case 'RUN': case 'SHELL':
      return orExec(source, rest, exec, () => shell(whole(source, rest)));
    case 'FROM': case 'EXPOSE':
      return shell(blankSeparated(source, rest));
    case 'MAINTAINER': case 'STOPSIGNAL': case 'USER': case 'WORKDIR':
      return shell(whole(source, rest));
    case 'ARG':
      return shell(words(source, rest));
    case 'ENV': case 'LABEL':
      return nameValues(keyword, source, rest);
    case 'HEALTHCHECK':
      return healthcheck(source, rest);
    default:
      // parseIgnore keeps one empty argument.
      return shell([{ text: '', span: source.place(rest.start, rest.start) }]);
  }

  function healthcheck(from: LineSource, range: Span): Arguments {
    let at = range.start;
    while (at < range.end && !isSpaceByte(from.text.charCodeAt(at))) at++;
    if (at === range.start) return shell([]);
    const type = word(from, range.start, at);
    while (at < range.end && isSpaceByte(from.text.charCodeAt(at))) at++;
    const command = { start: at, end: range.end };
    return orExec(from, command, (args) => exec([type, ...args]), () => shell([type, ...whole(from, command)]));
  }
}

/** parseHealthConfig asks unicode.IsSpace of single bytes: beyond ASCII only the halves of other letters could match. */
function isSpaceByte(code: number): boolean {
  return code < 0x80 && isSpace(code);
}

function word(source: LineSource, start: number, end: number): Word {
  return { text: source.text.slice(start, end), span: source.place(start, end) };
}

function whole(source: LineSource, range: Span): Word[] {
  return range.start < range.end ? [word(source, range.start, range.end)] : [];
}

/** parseStringsWhitespaceDelimited */
function blankSeparated(source: LineSource, range: Span): Word[] {
  const found: Word[] = [];
  let at = range.start;
  if (at >= range.end) return found;
  for (;;) {
    const start = at;
    while (at < range.end && !isBlank(source.text.charCodeAt(at))) at++;
    found.push(word(source, start, at));
    if (at >= range.end) return found;
    while (at < range.end && isBlank(source.text.charCodeAt(at))) at++;
  }
}

/** parseJSON: an exec form only where the whole text is a JSON array of strings; other JSON arrays are refused. */
function orExec<T>(source: LineSource, range: Span, exec: (args: Word[]) => T, shell: () => T): T {
  if (source.text[range.start] !== '[') return shell();
  const json = source.text.slice(range.start, range.end);
  const values = parsedArray(source.rules.execTrailing ? json : firstArray(json));
  if (values === undefined) return shell();
  if (!values.every((value): value is string => typeof value === 'string')) {
    source.refuse('when using JSON array syntax, arrays must be comprised of strings only', source.place(range.start, range.end));
    return shell();
  }
  const spans = stringSpans(json).map(({ start, end }) => source.place(range.start + start, range.start + end));
  return exec(values.map((text, i) => ({ text: text.replace(loneSurrogate, '\ufffd'), span: spans[i] })));
}

/** Go's decoder puts U+FFFD for an escape that is half of a character. */
const loneSurrogate = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

function parsedArray(json: string): unknown[] | undefined {
  // Go's decoder refuses values nested deeper than 10,000.
  let depth = 0;
  if (json.length > 10000) for (const ch of json) if (ch === '[' && ++depth > 10000) return undefined;
  try {
    const value: unknown = JSON.parse(json);
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The array that a text starts with, without what follows it: how older builders read an exec form. */
function firstArray(json: string): string {
  let depth = 0;
  for (let at = 0; at < json.length; at++) {
    if (json[at] === '"') for (at++; at < json.length && json[at] !== '"'; at++) if (json[at] === '\\') at++;
    if (json[at] === '[' || json[at] === '{') depth++;
    if ((json[at] === ']' || json[at] === '}') && --depth === 0) return json.slice(0, at + 1);
  }
  return json;
}

function stringSpans(json: string): Span[] {
  const spans: Span[] = [];
  for (let at = 0; at < json.length; at++) {
    if (json[at] !== '"') continue;
    const start = at;
    for (at++; at < json.length && json[at] !== '"'; at++) if (json[at] === '\\') at++;
    spans.push({ start, end: at + 1 });
  }
  return spans;
}

/** parseWords: blank-separated, quotes kept; an escaped character stays with its escape. */
function words(source: LineSource, range: Span): Word[] {
  const { text, escape } = source;
  const found: Word[] = [];
  let at = range.start;
  while (at < range.end) {
    while (at < range.end && isSpace(text.charCodeAt(at))) at++;
    if (at >= range.end) break;
    const start = at;
    let skipped = '';
    let copied = start;
    let quote = '';
    let quoted = false;
    while (at < range.end) {
      const ch = text[at];
      if (quote === '' && isSpace(text.charCodeAt(at))) break;
      if (quote === '' && (ch === '"' || ch === "'")) {
        quote = ch;
        quoted = true;
      } else if (quote !== '' && ch === quote) quote = '';
      if (ch === escape && quote !== "'") {
        if (at + 1 === range.end) {
          // An escape at the very end is dropped.
          skipped += text.slice(copied, at);
          copied = ++at;
          break;
        }
        at++;
        if (isHighSurrogate(text.charCodeAt(at)) && at + 1 < range.end) at++;
      }
      at++;
    }
    const value = skipped + text.slice(copied, at);
    if (quoted || value !== '') found.push({ text: value, span: source.place(start, at) });
  }
  return found;
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code < 0xdc00;
}

/** parseNameVal */
function nameValues(keyword: string, source: LineSource, range: Span): Arguments {
  const found = words(source, range);
  const none: Arguments = { form: 'shell', args: [], legacyForm: false };
  if (found.length === 0) return none;
  if (!found[0].text.includes('=')) {
    let at = range.start;
    while (at < range.end && !isBlank(source.text.charCodeAt(at))) at++;
    const name = word(source, range.start, at);
    if (at >= range.end) {
      source.refuse(`${keyword} must have two arguments`, source.place(range.start, range.end));
      return none;
    }
    while (at < range.end && isBlank(source.text.charCodeAt(at))) at++;
    return { form: 'shell', args: [name, word(source, at, range.end)], legacyForm: true };
  }
  const args: Word[] = [];
  for (const pair of found) {
    const equals = pair.text.indexOf('=');
    if (equals === -1) {
      source.refuse(`Syntax error - can't find = in ${JSON.stringify(pair.text)}. Must be of the form: name=value`, pair.span);
      continue;
    }
    // The place of a name without escapes is exact; a value ends where its word does.
    const split = Math.min(pair.span.start + equals, pair.span.end);
    args.push(
      { text: pair.text.slice(0, equals), span: { start: pair.span.start, end: split } },
      { text: pair.text.slice(equals + 1), span: { start: Math.min(split + 1, pair.span.end), end: pair.span.end } },
    );
  }
  return { form: 'shell', args, legacyForm: false };
}
