/**
 * Ignore files and path patterns as the builder matches them: moby/patternmatcher and its ignorefile, as vendored by BuildKit
 * at 73ed6825. Patterns are anchored at the root; the last one that matches wins; `!` brings back what lies below.
 */
import { trimSpace } from '../text';
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

interface Pattern {
  readonly exclusion: boolean;
  readonly match: (path: string) => boolean;
}

export function patternsOf(sources: readonly string[]): Patterns | { readonly error: string } {
  const patterns: Pattern[] = [];
  for (const source of sources) {
    let text = trimSpace(source);
    if (text === '') continue;
    text = cleanPath(text);
    const exclusion = text.startsWith('!');
    if (exclusion) {
      if (text.length === 1) return { error: 'illegal exclusion pattern: "!"' };
      text = text.slice(1);
    }
    const match = matcherOf(text);
    if (match === undefined) return { error: `syntax error in pattern ${JSON.stringify(text)}` };
    patterns.push({ exclusion, match });
  }
  return {
    onlyExcludes: patterns.every(({ exclusion }) => !exclusion),
    count: patterns.length,
    matches: (path) => {
      let left = false;
      for (const pattern of patterns) {
        // A pattern can only change the answer if it says the opposite.
        if (pattern.exclusion === left && matchesOrParent(pattern, path)) left = !left;
      }
      return left;
    },
  };
}

/** MatchesUsingParentResults: a pattern that matches a folder matches all below it. */
function matchesOrParent(pattern: Pattern, path: string): boolean {
  if (pattern.match(path)) return true;
  for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
    if (pattern.match(path.slice(0, slash))) return true;
  }
  return false;
}

/** Pattern.compile; undefined where filepath.Match or the regular expression is refused. */
function matcherOf(pattern: string): ((path: string) => boolean) | undefined {
  let source = '^';
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
    case 'exact': return (path) => path === pattern;
    case 'prefix': return (path) => path.startsWith(pattern.slice(0, -2));
    case 'suffix': {
      const suffix = pattern.slice(2);
      return (path) => path.endsWith(suffix) || (suffix.startsWith('/') && path === suffix.slice(1));
    }
    case 'expression': {
      try {
        const expression = new RegExp(`${source}$`, 's');
        return (path) => expression.test(path);
      } catch {
        return undefined;
      }
    }
  }
}
