/**
 * The patterns of `${x#p}`, `${x%p}` and `${x/p/r}`: `*`, `?` and escapes (convertShellPatternToRegex in lex.go).
 * Matched by hand: a regular expression of many stars takes exponential time here, and Go's does not.
 */

export interface Pattern {
  withoutPrefix(value: string, greedy: boolean): string;
  withoutSuffix(value: string, greedy: boolean): string;
  replaced(value: string, by: string, all: boolean): string;
}

type Token = 'any' | 'one' | { readonly literal: string };

/** The pattern, or why it is none. */
export function patternOf(source: string): Pattern | string {
  const tokens: Token[] = [];
  const chars = [...source];
  for (let i = 0; i < chars.length; i++) {
    if (chars[i] === '*') tokens.push('any');
    else if (chars[i] === '?') tokens.push('one');
    else if (chars[i] === '\\') {
      const following = chars[i + 1];
      if (following === '}' || following === '/') continue;
      if (following !== '*' && following !== '?' && following !== '\\') return `invalid escape '\\${following ?? '\ufffd'}'`;
      tokens.push({ literal: following });
      i++;
    } else tokens.push({ literal: chars[i] });
  }
  const reversed = [...tokens].reverse();
  return {
    withoutPrefix(value, greedy) {
      const letters = [...value];
      const length = matchAt(tokens, letters, 0, greedy);
      return length === undefined ? value : letters.slice(length).join('');
    },
    withoutSuffix(value, greedy) {
      const letters = [...value].reverse();
      const length = matchAt(reversed, letters, 0, greedy);
      return length === undefined ? value : letters.slice(length).reverse().join('');
    },
    replaced(value, by, all) {
      const letters = [...value];
      let text = '';
      let at = 0;
      let afterMatch = -1;
      while (at <= letters.length) {
        const length = matchAt(tokens, letters, at, true);
        // Go allows no empty match right after another match.
        if (length !== undefined && !(length === 0 && at === afterMatch)) {
          text += by;
          at += length;
          afterMatch = at;
          if (!all) break;
          if (length > 0) continue;
        }
        if (at < letters.length) text += letters[at];
        at++;
      }
      return text + letters.slice(at).join('');
    },
  };
}

/** The length of the shortest or longest match that starts at a place; `.` of Go matches no line feed. */
function matchAt(tokens: readonly Token[], letters: readonly string[], start: number, greedy: boolean): number | undefined {
  // Bit by bit over the letters: which tokens may be next after so many letters. Time is tokens × letters.
  let states = new Set<number>();
  const follow = (state: number, into: Set<number>): void => {
    for (let s = state; ; s++) {
      into.add(s);
      if (tokens[s] !== 'any') return;
    }
  };
  follow(0, states);
  let best = states.has(tokens.length) ? 0 : undefined;
  if (best !== undefined && !greedy) return best;
  for (let at = start; at < letters.length && states.size > 0; at++) {
    const reached = new Set<number>();
    for (const state of states) {
      const token = tokens[state];
      if (token === undefined) continue;
      if (token === 'any') {
        if (letters[at] !== '\n') follow(state, reached);
      } else if (token === 'one' ? letters[at] !== '\n' : token.literal === letters[at]) follow(state + 1, reached);
    }
    states = reached;
    if (states.has(tokens.length)) {
      best = at + 1 - start;
      if (!greedy) return best;
    }
  }
  return best;
}
