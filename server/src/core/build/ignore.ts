/**
 * Ignore files and path patterns as the builder matches them: moby/patternmatcher and its ignorefile, as vendored by BuildKit
 * at 73ed6825. Patterns are anchored at the root; the last one that matches wins; `!` brings back what lies below.
 */
import { trimSpace } from '../text';
import { expressionOf } from './path-expression';
import { cleanPath } from './path';

export interface Patterns {
  /** Whether a path, or a folder that it lies in, is left out. Slashes, no leading one. */
  readonly matches: (path: string) => boolean;
  /** No `!` among them: what lies below a path that matches is left out, too. */
  readonly onlyExcludes: boolean;
  readonly count: number;
}

/** The patterns of an ignore file, or why the build refuses it. */
export function readIgnoreFile(text: string): readonly string[] {
  const patterns: string[] = [];
  for (const line of text.replace(/^\ufeff/, '').split('\n')) {
    if (line.startsWith('#')) continue;
    let pattern = trimSpace(line);
    if (pattern === '') continue;
    const invert = pattern.startsWith('!');
    if (invert) pattern = trimSpace(pattern.slice(1));
    if (pattern !== '') {
      pattern = cleanPath(pattern);
      if (pattern.length > 1 && pattern.startsWith('/')) pattern = pattern.slice(1);
    }
    patterns.push(invert ? `!${pattern}` : pattern);
  }
  return patterns;
}

/** What one pattern says of a path itself, the folders that it lies in left aside; undefined where the build refuses it. */
export function matcherOf(pattern: string): ((path: string) => boolean) | undefined {
  return compiled(pattern)?.match;
}

export function patternsOf(sources: readonly string[]): Patterns | { readonly error: string } {
  const exclusions: boolean[] = [];
  // A path that is named as it is costs one look, however many there are; the others are asked one by one, last first.
  const named = new Map<string, number>();
  const others: { readonly at: number; readonly match: (path: string) => boolean }[] = [];
  for (const source of sources) {
    let text = trimSpace(source);
    if (text === '') continue;
    text = cleanPath(text);
    const exclusion = text.startsWith('!');
    if (exclusion) {
      if (text.length === 1) return { error: 'illegal exclusion pattern: "!"' };
      text = text.slice(1);
    }
    const pattern = compiled(text);
    if (pattern === undefined) return { error: `syntax error in pattern ${JSON.stringify(text)}` };
    if (pattern.exact) named.set(text, exclusions.length);
    else others.push({ at: exclusions.length, match: pattern.match });
    exclusions.push(exclusion);
  }
  others.reverse();
  const onlyExcludes = !exclusions.includes(true);
  const folders = new Map<string, number>();
  return {
    onlyExcludes,
    count: exclusions.length,
    matches: (path) => {
      const last = lastMatch(path);
      return last !== -1 && !exclusions[last];
    },
  };

  /** MatchesUsingParentResults: a pattern that matches a folder matches all below it; of those that match, the last counts. */
  function lastMatch(path: string): number {
    let last = named.get(path) ?? -1;
    const slash = path.lastIndexOf('/');
    if (slash > 0) last = Math.max(last, lastOfFolder(path.slice(0, slash)));
    if (last !== -1 && onlyExcludes) return last;
    return Math.max(last, others.find(({ at, match }) => at < last || match(path))?.at ?? -1);
  }

  function lastOfFolder(folder: string): number {
    const known = folders.get(folder);
    if (known !== undefined) return known;
    const last = lastMatch(folder);
    if (folders.size >= 10_000) folders.clear();
    folders.set(folder, last);
    return last;
  }
}

interface Compiled {
  /** It matches its own text, and nothing else. */
  readonly exact: boolean;
  readonly match: (path: string) => boolean;
}

/** Pattern.compile; undefined where filepath.Match or the regular expression is refused. */
function compiled(pattern: string): Compiled | undefined {
  let source = '';
  let kind: 'exact' | 'prefix' | 'suffix' | 'expression' = 'exact';
  const chars = [...pattern];
  for (let i = 0, at = 0; at < chars.length; i++) {
    const ch = chars[at++];
    if (ch === '*' && chars[at] === '*') {
      at++;
      if (chars[at] === '/') at++;
      if (at >= chars.length) {
        if (kind === 'exact') kind = 'prefix';
        else {
          source += '.*';
          kind = 'expression';
        }
      } else {
        source += '(.*/)?';
        kind = 'expression';
      }
      if (i === 0) kind = 'suffix';
    } else if (ch === '*') {
      source += '[^/]*';
      kind = 'expression';
    } else if (ch === '?') {
      source += '[^/]';
      kind = 'expression';
    } else if ('.$+()|{}'.includes(ch)) source += `\\${ch}`;
    else if (ch === '\\') {
      const escaped = chars[at++];
      if (escaped === undefined) return undefined;
      source += /[a-zA-Z0-9]/.test(escaped) ? escaped : `\\${escaped}`;
      kind = 'expression';
    } else if (ch === '[' || ch === ']') {
      source += ch;
      kind = 'expression';
    } else source += ch === '/' || ch === '^' ? (ch === '^' && chars[at - 2] !== '[' ? '\\^' : ch) : ch;
  }
  switch (kind) {
    case 'exact': return { exact: true, match: (path) => path === pattern };
    case 'prefix': {
      const prefix = pattern.slice(0, -2);
      return { exact: false, match: (path) => path.startsWith(prefix) };
    }
    case 'suffix': {
      const suffix = pattern.slice(2);
      return { exact: false, match: (path) => path.endsWith(suffix) || (suffix.startsWith('/') && path === suffix.slice(1)) };
    }
    case 'expression': {
      const match = expressionOf(source);
      return match && { exact: false, match };
    }
  }
}
