/**
 * Variable expansion and word splitting as the builder does it: frontend/dockerfile/shell/lex.go at 73ed6825. Not a
 * shell: only what BuildKit itself expands. A variable whose value nobody knows makes the result unknown, not empty.
 */
import { isSpace, type Meter } from '../text';
import type { Escape } from './dockerfile';
import { patternOf, type Pattern } from './pattern';

/** `null`: the variable may be set, to something that is not known. */
export type Lookup = (name: string) => { readonly value: string | null } | undefined;

export interface ExpandOptions {
  readonly escape: Escape;
  /** Keep quotes as they are. */
  readonly rawQuotes?: boolean;
  readonly rawEscapes?: boolean;
  /** Quotes mean nothing: the bodies of heredocs. */
  readonly skipProcessQuotes?: boolean;
  /** Leave `$x` as it is where x is not set. */
  readonly skipUnset?: boolean;
  /** Which of the modifiers the builder knows; all of head's where left out. */
  readonly modifiers?: Modifiers;
  /** Also split the text into words. */
  readonly splitWords?: boolean;
  /** Blanks after `<<` go with it: today's reading of a heredoc's word. */
  readonly heredocBlanks?: boolean;
  readonly meter?: Meter;
}

export interface Modifiers {
  /** `${x-y}` and `${x+y}` */
  readonly withoutColon: boolean;
  /** `${x#p}` `${x%p}` `${x/p/r}` */
  readonly patterns: boolean;
}

export interface Expansion {
  readonly text: string;
  /** The text split at blanks outside of quotes, after expansion; empty where that was not asked for. */
  readonly words: readonly string[];
  /** A variable was read whose value is not known: `text` and `words` mean nothing. */
  readonly unknown: boolean;
  /** As BuildKit words it; `text` and `words` are empty. */
  readonly error?: string;
  /** The names that were looked up. */
  readonly variables: readonly string[];
}

/** Deeper nesting of `${a:-${b:-…}}` is given up on, as unknown: no file has it, and every stack has an end. */
const deepest = 400;

/** `ENV A=$A$A` doubles at every line. A value longer than this is given up on, as unknown. */
const longestValue = 1 << 20;

class Refusal {
  constructor(readonly message: string) {}
}

export function expand(word: string, lookup: Lookup, options: ExpandOptions): Expansion {
  if (!/[$\\`'"<]/.test(word) && word.charCodeAt(0) !== 0xfeff) return plain(word, options.splitWords ?? false);
  if (options.meter) options.meter.work += word.length;
  return expandReferences(word, lookup, options);
}

/** Apart from the above, which most words end in: entering this makes a dozen closures. */
function expandReferences(word: string, lookup: Lookup, options: ExpandOptions): Expansion {
  const { escape, splitWords = false, heredocBlanks = true, rawQuotes = false, skipProcessQuotes = false, skipUnset = false } = options;
  const modifiers = options.modifiers ?? { withoutColon: true, patterns: true };
  const variables: string[] = [];
  let rawEscapes = options.rawEscapes ?? false;
  let unknown = false;
  let depth = 0;
  // text/scanner ignores a byte order mark at the start.
  let at = word.charCodeAt(0) === 0xfeff ? 1 : 0;
  // One buffer serves the outer word and what is nested in ${…}, as in the original: a nested word starts it anew.
  let buffer = '';

  const top = processStopOn('', rawEscapes);
  if (top instanceof Refusal) {
    return { text: '', words: [], unknown, error: `failed to process ${JSON.stringify(word)}: ${top.message}`, variables };
  }
  return { text: top.text, words: top.words, unknown, variables };

  function next(): string {
    if (at >= word.length) return '';
    const ch = charAt(word, at);
    at += ch.length;
    return ch;
  }

  function processStopOn(stop: string, raw: boolean): { text: string; words: string[] } | Refusal {
    if (++depth > deepest) {
      unknown = true;
      at = word.length;
    }
    const outerRaw = rawEscapes;
    rawEscapes = raw;
    const result = processWord(stop);
    rawEscapes = outerRaw;
    depth--;
    return result;
  }

  function processWord(stop: string): { text: string; words: string[] } | Refusal {
    buffer = '';
    let text = '';
    let inWord = false;
    const words: string[] = [];
    const addRaw = (value: string): void => {
      if (!splitWords) return;
      buffer += value;
      inWord = true;
    };
    const add = (value: string): void => {
      if (!splitWords) return;
      for (const ch of value) {
        if (!isSpace(ch.charCodeAt(0))) addRaw(ch);
        else if (inWord && buffer !== '') {
          words.push(buffer);
          buffer = '';
          inWord = false;
        }
      }
    };
    while (at < word.length) {
      const ch = word[at];
      if (stop !== '' && ch === stop) {
        at++;
        return { text, words: flushed(words) };
      }
      if (ch === '$' || ch === '<' || (!skipProcessQuotes && (ch === "'" || ch === '"'))) {
        const part = ch === '$' ? dollar() : ch === '<' ? possibleHeredoc() : ch === "'" ? singleQuote() : doubleQuote();
        if (part instanceof Refusal) return part;
        text += part;
        if (text.length > longestValue && text.length > word.length) {
          unknown = true;
          text = '';
        }
        if (ch === '$') add(part);
        else addRaw(part);
        continue;
      }
      let plainChar = next();
      if (plainChar === escape) {
        if (rawEscapes) {
          addRaw(plainChar);
          text += plainChar;
        }
        plainChar = next();
        if (plainChar === '') break;
        addRaw(plainChar);
      } else add(plainChar);
      text += plainChar;
    }
    if (stop !== '') return new Refusal(`unexpected end of statement while looking for matching ${stop}`);
    return { text, words: flushed(words) };
  }

  function flushed(words: string[]): string[] {
    if (buffer !== '') words.push(buffer);
    buffer = '';
    return words;
  }

  function singleQuote(): string | Refusal {
    const start = ++at;
    const end = word.indexOf("'", start);
    if (end === -1) {
      at = word.length;
      return new Refusal('unexpected end of statement while looking for matching single-quote');
    }
    at = end + 1;
    return rawQuotes ? word.slice(start - 1, at) : word.slice(start, end);
  }

  function doubleQuote(): string | Refusal {
    at++;
    let text = rawQuotes ? '"' : '';
    while (at < word.length) {
      const ch = word[at];
      if (ch === '"') {
        at++;
        return rawQuotes ? text + '"' : text;
      }
      if (ch === '$') {
        const part = dollar();
        if (part instanceof Refusal) return part;
        text += part;
        continue;
      }
      let quoted = next();
      if (quoted === escape) {
        if (rawEscapes) text += quoted;
        const following = word[at];
        if (following === undefined) continue;
        if (following === '"' || following === '$' || following === escape) quoted = next();
      }
      text += quoted;
    }
    return new Refusal('unexpected end of statement while looking for matching double-quote');
  }

  function possibleHeredoc(): string {
    at++;
    if (word[at] !== '<') return '<';
    const start = ++at;
    while (heredocBlanks && at < word.length && (word[at] === ' ' || word[at] === '\t' || word[at] === '\r')) at++;
    return `<<${word.slice(start, at)}`;
  }

  function dollar(): string | Refusal {
    at++;
    if (word[at] !== '{') {
      const name = variableName();
      if (name === '') return '$';
      const found = get(name);
      return found === undefined && skipUnset ? `$${name}` : found?.value ?? '';
    }
    at++;
    if (at >= word.length) return new Refusal("syntax error: missing '}'");
    if (word[at] === '{' || word[at] === '}' || word[at] === ':') return new Refusal('syntax error: bad substitution');
    const name = variableName();
    let modifier = next();
    let shown = modifier;
    if (modifier === '}') {
      const found = get(name);
      return found === undefined && skipUnset ? `\${${name}}` : found?.value ?? '';
    }
    const colon = modifier === ':';
    if (colon) {
      modifier = next();
      shown += modifier;
    }
    const isPattern = modifier === '#' || modifier === '%';
    if (!colon && '-+'.includes(modifier) && modifier !== '' && !modifiers.withoutColon) return unsupported(shown);
    if ((isPattern || modifier === '/') && !modifiers.patterns) return unsupported(shown);
    if (!colon && modifier === '/') return replacement(name);
    if (!colon && !['+', '-', '?', '#', '%'].includes(modifier)) return unsupported(shown);
    if (colon && isPattern) return unsupported(shown);
    const parameter = processStopOn('}', isPattern);
    if (parameter instanceof Refusal) return at >= word.length ? new Refusal("syntax error: missing '}'") : parameter;
    const value = get(name);
    if (skipUnset && value === undefined) return `\${${name}${shown}${parameter.text}}`;
    const empty = value === undefined || (colon && value.value === '');
    switch (modifier) {
      case '-': return empty ? parameter.text : value.value ?? '';
      case '+': return empty ? '' : parameter.text;
      case '?':
        if (value === undefined) return new Refusal(`${name}: ${parameter.text || 'is not allowed to be unset'}`);
        if (colon && value.value === '') return new Refusal(`${name}: ${parameter.text || 'is not allowed to be empty'}`);
        return value.value ?? '';
      case '#': case '%': return trimmedBy(modifier, parameter.text, value?.value ?? '');
      default: return unsupported(shown);
    }
  }

  function unsupported(shown: string): Refusal {
    return new Refusal(`unsupported modifier (${shown}) in substitution`);
  }

  function trimmedBy(modifier: '#' | '%', pattern: string, value: string): string | Refusal {
    const greedy = pattern[0] === modifier;
    const compiled = patternOf(greedy ? pattern.slice(1) : pattern);
    if (typeof compiled === 'string') return new Refusal(`invalid pattern (${greedy ? pattern.slice(1) : pattern}) in substitution: ${compiled}`);
    return modifier === '#' ? compiled.withoutPrefix(value, greedy) : compiled.withoutSuffix(value, greedy);
  }

  function replacement(name: string): string | Refusal {
    const all = word[at] === '/';
    if (all) at++;
    const pattern = processStopOn('/', true);
    if (pattern instanceof Refusal) return at >= word.length ? new Refusal("syntax error: missing '/' in ${}") : pattern;
    const by = processStopOn('}', true);
    if (by instanceof Refusal) return at >= word.length ? new Refusal("syntax error: missing '}'") : by;
    const value = get(name);
    if (skipUnset && value === undefined) return `\${${name}/${pattern.text}/${by.text}}`;
    const compiled: Pattern | string = patternOf(pattern.text);
    if (typeof compiled === 'string') return new Refusal(`invalid pattern (${pattern.text}) in substitution: ${compiled}`);
    return compiled.replaced(value?.value ?? '', by.text, all);
  }

  function variableName(): string {
    const start = at;
    const first = charAt(word, at);
    if (/^\p{Nd}$/u.test(first)) {
      while (at < word.length && /^\p{Nd}$/u.test(charAt(word, at))) at += charAt(word, at).length;
      return word.slice(start, at);
    }
    if (first !== '' && '@*#?-$!0'.includes(first)) {
      at++;
      return first;
    }
    while (at < word.length) {
      const code = word.charCodeAt(at);
      if (code < 0x80) {
        if (!((code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57) || code === 95)) break;
        at++;
        continue;
      }
      const ch = charAt(word, at);
      if (!/^[\p{L}\p{Nd}]$/u.test(ch)) break;
      at += ch.length;
    }
    return word.slice(start, at);
  }

  function get(name: string): { value: string | null } | undefined {
    variables.push(name);
    const found = lookup(name);
    if (found?.value === null) unknown = true;
    return found;
  }
}

/** A text in which nothing is to be expanded. */
function plain(word: string, splitWords: boolean): Expansion {
  return { text: word, words: !splitWords ? [] : word.split(/[\s\u0085]+/).filter((part) => part !== ''), unknown: false, variables: [] };
}

/** The character at an offset, surrogate pairs whole; empty past the end. */
function charAt(text: string, at: number): string {
  const code = text.charCodeAt(at);
  const isPair = code >= 0xd800 && code < 0xdc00 && text.charCodeAt(at + 1) >= 0xdc00 && text.charCodeAt(at + 1) < 0xe000;
  return isPair ? text.slice(at, at + 2) : text.slice(at, at + 1);
}
