/**
 * Dockerfile text → instructions, as BuildKit's own parser reads it (frontend/dockerfile/parser/parser.go at 73ed6825),
 * with the place of every text, and going on where that parser gives up. Linear in the length of the text.
 */
import { headRules, type Rules } from '../builder';
import { isSpace, lineStartsOf, trimSpace, type Meter, type Span } from '../text';
import type { Directive, Dockerfile, Escape, Heredoc, Instruction, Keyword, Problem, Word } from './dockerfile';
import { heredocsOfLine, type HeredocStart } from './heredoc';
import { readArguments, splitCommand, type Arguments } from './arguments';

/** BuildKit scans lines with Go's bufio.Scanner, whose token limit is 64 KiB of UTF-8, line ending included. */
const longestLine = 65536;

const keywords = new Map<string, Keyword>(([
  'ADD', 'ARG', 'CMD', 'COPY', 'ENTRYPOINT', 'ENV', 'EXPOSE', 'FROM', 'HEALTHCHECK', 'LABEL',
  'MAINTAINER', 'ONBUILD', 'RUN', 'SHELL', 'STOPSIGNAL', 'USER', 'VOLUME', 'WORKDIR',
] as const).map((keyword) => [keyword.toLowerCase(), keyword]));

export function readDockerfile(text: string, rules: Rules = headRules, meter: Meter = { work: 0 }): Dockerfile {
  const lineStarts = lineStartsOf(text);
  const lineCount = text.endsWith('\n') || text === '' ? lineStarts.length - 1 : lineStarts.length;
  const lineEnd = (line: number): number => (line + 1 < lineStarts.length ? lineStarts[line + 1] : text.length);
  const directives: Directive[] = [];
  const comments: Span[] = [];
  const instructions: Instruction[] = [];
  const problems: Problem[] = [];
  const refuse = (message: string, span: Span, line: number): void => {
    problems.push({ message, span, line, severity: 'error' });
  };
  const terminators = new Map<string, number[]>();
  /** How many lines may be looked at for the ends of heredocs before they are indexed. */
  let lookAhead = 2 * lineCount + 100;
  let escape: Escape = '\\';
  let directivesOver = false;
  let line = 0;
  meter.work += text.length;

  while (line < lineCount) {
    if (tooLong(text, lineStarts[line], lineEnd(line))) {
      refuse('dockerfile line greater than max allowed size of 65535', { start: lineStarts[line], end: lineEnd(line) }, line + 1);
    }
    const stop = contentEnd(text, lineStarts[line], lineEnd(line));
    let start = lineStarts[line] + (line === 0 && text.charCodeAt(0) === 0xfeff ? 1 : 0);
    while (start < stop && isSpace(text.charCodeAt(start))) start++;
    if (!directivesOver) {
      const hidden = line === 0 && text.charCodeAt(0) === 0xfeff && !rules.bomDirectives;
      const found = hidden ? undefined : directiveIn(text.slice(start, stop), rules);
      if (!found) directivesOver = true;
      else {
        const span = { start, end: stop };
        if (directives.some((directive) => directive.name === found.name)) {
          refuse(`only one ${found.name} parser directive can be used`, span, line + 1);
        } else {
          directives.push({ ...found, span });
          if (found.name === 'escape') {
            if (found.value === '\\' || found.value === '`') escape = found.value;
            else refuse(`invalid escape token '${found.value}' does not match \` or \\`, span, line + 1);
          }
        }
        line++;
        continue;
      }
    }
    if (text[start] === '#') {
      comments.push({ start, end: stop });
      line++;
      continue;
    }
    if (start >= stop) {
      line++;
      continue;
    }
    line = readInstruction(line, start, stop);
  }

  if (instructions.length === 0) refuse('file with no instructions', { start: 0, end: text.length }, Math.max(1, lineCount));
  return { text, lineStarts, escape, directives, comments, instructions, problems };

  /** Reads the instruction that starts on a line, and answers the line after it. */
  function readInstruction(firstLine: number, start: number, firstStop: number): number {
    const joined = joinedLine();
    let at = firstLine;
    let more = joined.add(text, start, firstStop, escape);
    let commandEnd = firstStop;
    while (more && at + 1 < lineCount) {
      at++;
      if (tooLong(text, lineStarts[at], lineEnd(at))) {
        refuse('dockerfile line greater than max allowed size of 65535', { start: lineStarts[at], end: lineEnd(at) }, at + 1);
      }
      const stop = contentEnd(text, lineStarts[at], lineEnd(at));
      let first = lineStarts[at];
      while (first < stop && isSpace(text.charCodeAt(first))) first++;
      if (first < stop && text[first] === '#') {
        comments.push({ start: first, end: stop });
        continue;
      }
      if (first >= stop) continue;
      more = joined.add(text, lineStarts[at], stop, escape);
      commandEnd = stop;
    }
    const source: LineSource = {
      text: joined.text(),
      place: joined.place,
      escape,
      rules,
      meter,
      refuse: (message, span) => refuse(message, span, firstLine + 1),
    };
    const read = readLine(source);
    const heredocs: Heredoc[] = [];
    const commandSpan = { start, end: commandEnd };
    let lastLine = at;
    if (rules.heredocs && read.heredocsAllowed && source.text.includes('<<')) {
      const found = heredocsOfLine(source.text, rules, meter);
      if (found.error !== undefined) refuse(found.error, commandSpan, firstLine + 1);
      for (const heredoc of found.starts) {
        const body = readHeredoc(heredoc, lastLine + 1);
        if (!body.terminated) refuse('unterminated heredoc', commandSpan, firstLine + 1);
        heredocs.push(body.heredoc);
        lastLine = body.lastLine;
      }
    }
    const end = Math.max(commandEnd, contentEnd(text, lineStarts[lastLine], lineEnd(lastLine)));
    instructions.push(instructionOf(read, { start, end }, commandSpan, firstLine + 1, lastLine + 1, heredocs));
    return lastLine + 1;
  }

  function readHeredoc(start: HeredocStart, from: number): { heredoc: Heredoc; lastLine: number; terminated: boolean } {
    const end = terminatorLine(start, from);
    // Without its terminator BuildKit refuses the file. While it is being typed, the body is taken to go on up to
    // the next line that looks like an instruction, so that the rest of the file keeps its meaning.
    let last = end ?? from;
    if (end === undefined) while (last < lineCount && !looksLikeInstruction(last)) last++;
    const contentStart = from < lineCount ? lineStarts[from] : text.length;
    const contentStop = last < lineCount ? lineStarts[last] : text.length;
    return {
      heredoc: {
        name: start.name, expand: start.expand, chomp: start.chomp,
        content: text.slice(contentStart, contentStop), span: { start: contentStart, end: contentStop },
      },
      lastLine: end ?? Math.max(from - 1, last - 1),
      terminated: end !== undefined,
    };
  }

  /**
   * The line that ends a heredoc. It is looked for line by line; a file that makes that long (a hundred thousand heredocs
   * never closed) gets an index of its lines, once.
   */
  function terminatorLine(start: HeredocStart, from: number): number | undefined {
    for (let at = from; at < lineCount; at++) {
      if (--lookAhead < 0) return indexedTerminator(start, at);
      if (endsHeredoc(start, at)) return at;
    }
    return undefined;
  }

  function endsHeredoc({ name, chomp }: HeredocStart, at: number): boolean {
    let first = lineStarts[at];
    if (chomp) while (text.charCodeAt(first) === 9) first++;
    const after = first + name.length;
    return text.startsWith(name, first) && after <= text.length && contentEnd(text, first, lineEnd(at)) === after;
  }

  function indexedTerminator(start: HeredocStart, from: number): number | undefined {
    if (terminators.size === 0) {
      for (let i = 0; i < lineCount; i++) {
        const content = text.slice(lineStarts[i], contentEnd(text, lineStarts[i], lineEnd(i)));
        index(`=${content}`, i);
        index(`-${content.replace(/^\t+/, '')}`, i);
      }
      meter.work += text.length;
    }
    const lines = terminators.get((start.chomp ? '-' : '=') + start.name);
    return lines && firstNotBelow(lines, from);
  }

  function index(key: string, value: number): void {
    const lines = terminators.get(key);
    if (lines) lines.push(value);
    else terminators.set(key, [value]);
  }

  function looksLikeInstruction(at: number): boolean {
    const start = lineStarts[at];
    const word = /^[A-Z]+(?=[ \t])/.exec(text.slice(start, start + 12));
    return word !== null && keywords.has(word[0].toLowerCase());
  }
}

/** One joined line with what is needed to say where its parts stand. */
export interface LineSource {
  readonly text: string;
  /** The place in the file of a range of the joined line. */
  readonly place: (start: number, end: number) => Span;
  readonly escape: Escape;
  readonly rules: Rules;
  readonly meter: Meter;
  readonly refuse: (message: string, span: Span) => void;
}

interface ReadLine {
  readonly keyword: string;
  readonly keywordSpan: Span;
  readonly line: string;
  readonly flags: readonly Word[];
  readonly arguments: Arguments;
  readonly trigger: Instruction | undefined;
  readonly heredocsAllowed: boolean;
}

/** Written out field by field: spreading objects took a third of the time of reading. */
function instructionOf(read: ReadLine, span: Span, commandSpan: Span, firstLine: number, lastLine: number, heredocs: readonly Heredoc[]): Instruction {
  const { keyword, keywordSpan, line, flags, trigger } = read;
  const { form, args, legacyForm } = read.arguments;
  return { keyword, keywordSpan, span, commandSpan, firstLine, lastLine, line, flags, form, args, legacyForm, heredocs, trigger };
}

/** Chains of ONBUILD, which are refused anyway, are read to a depth that every stack holds. */
const deepestTrigger = 100;

const noArguments: Arguments = { form: 'shell', args: [], legacyForm: false };

/** parser.go newNodeFromLine. */
function readLine(source: LineSource, depth = 0): ReadLine {
  const { keyword: written, keywordSpan, flags, rest } = splitCommand(source);
  const keyword = keywords.get(written.toLowerCase()) ?? written;
  const line = trimSpace(source.text);
  if (keyword === 'ONBUILD') {
    const inner = rest.start < rest.end && depth < deepestTrigger ? readTrigger(source, rest, depth + 1) : undefined;
    // parser.go canContainHeredoc looks one ONBUILD deep.
    const heredocsAllowed = inner !== undefined && inner.instruction.trigger === undefined && inner.heredocsAllowed;
    return { keyword, keywordSpan, line, flags, arguments: noArguments, trigger: inner?.instruction, heredocsAllowed };
  }
  const read = readArguments(keyword, source, rest);
  const heredocsAllowed = (keyword === 'RUN' || keyword === 'COPY' || keyword === 'ADD') && read.form === 'shell';
  return { keyword, keywordSpan, line, flags, arguments: read, trigger: undefined, heredocsAllowed };
}

function readTrigger(source: LineSource, rest: Span, depth: number): { instruction: Instruction; heredocsAllowed: boolean } {
  const inner: LineSource = {
    ...source,
    text: source.text.slice(rest.start, rest.end),
    place: (start, end) => source.place(rest.start + start, rest.start + end),
  };
  const span = source.place(rest.start, rest.end);
  const read = readLine(inner, depth);
  return { instruction: instructionOf(read, span, span, 0, 0, []), heredocsAllowed: read.heredocsAllowed };
}

/** Physical lines joined to one, remembering where each came from. */
function joinedLine() {
  const pieces: string[] = [];
  const joinedAt: number[] = [];
  const sourceAt: number[] = [];
  let length = 0;
  const offsetOf = (at: number): number => {
    let low = 0;
    let high = joinedAt.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (joinedAt[middle] <= at) low = middle;
      else high = middle - 1;
    }
    return sourceAt[low] + (at - joinedAt[low]);
  };
  return {
    /** Adds a physical line without its line ending; answers whether the instruction goes on. */
    add(text: string, start: number, end: number, escape: Escape): boolean {
      const cut = continuationAt(text, start, end, escape);
      const stop = cut ?? end;
      if (stop > start || joinedAt.length === 0) {
        joinedAt.push(length);
        sourceAt.push(start);
        pieces.push(text.slice(start, stop));
        length += stop - start;
      }
      return cut !== undefined;
    },
    text: (): string => pieces.join(''),
    place: (start: number, end: number): Span => {
      const from = offsetOf(start);
      return { start: from, end: end > start ? offsetOf(end - 1) + 1 : from };
    },
  };
}

/** Where a line's continuation character stands, if it ends with one: not doubled, only blanks and tabs after it. */
function continuationAt(text: string, start: number, end: number, escape: Escape): number | undefined {
  let at = end - 1;
  while (at >= start && (text[at] === ' ' || text[at] === '\t')) at--;
  if (at < start || text[at] !== escape) return undefined;
  return at === start || text[at - 1] !== escape ? at : undefined;
}

/** bytes.TrimRight(line, "\r\n") */
function contentEnd(text: string, start: number, end: number): number {
  while (end > start && (text[end - 1] === '\n' || text[end - 1] === '\r')) end--;
  return end;
}

function tooLong(text: string, start: number, end: number): boolean {
  if ((end - start) * 3 < longestLine) return false;
  let bytes = 0;
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code >= 0xd800 && code < 0xe000 ? 2 : 3;
  }
  return bytes > longestLine || (bytes === longestLine && text[end - 1] !== '\n');
}

/** parser/directives.go ParseLine: an unknown name ends the directives. */
function directiveIn(line: string, rules: Rules): { name: Directive['name']; value: string } | undefined {
  if (line[0] !== '#') return undefined;
  let at = 1;
  while (at < line.length && isSpace(line.charCodeAt(at))) at++;
  const name = /^[a-zA-Z][a-zA-Z0-9]*/.exec(line.slice(at, at + 8));
  if (!name) return undefined;
  const key = name[0].toLowerCase();
  if (key !== 'syntax' && key !== 'escape' && (key !== 'check' || !rules.checkDirective)) return undefined;
  const equals = /^[\t\n\f\r ]*=[\t\n\f\r ]*/.exec(line.slice(at + key.length));
  if (!equals) return undefined;
  let end = line.length;
  const start = at + key.length + equals[0].length;
  while (end > start && ' \t\f\r'.includes(line[end - 1])) end--;
  return end > start ? { name: key, value: line.slice(start, end) } : undefined;
}

function firstNotBelow(sorted: readonly number[], least: number): number | undefined {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < least) low = middle + 1;
    else high = middle;
  }
  return sorted[low];
}
