/**
 * The regular expressions that path patterns become, matched by hand: JavaScript tries stars one inside the other, and takes
 * exponential time where Go's take linear. Only what patterns become occurs: letters, `\\x`, `[…]`, `[…]*`, `.*`, `(.*\/)?`.
 */

type Token =
  | { readonly kind: 'letter'; readonly letter: string }
  | { readonly kind: 'class' | 'star'; readonly has: (letter: string) => boolean }
  /** The next so many tokens may be left out. */
  | { readonly kind: 'optional'; readonly length: number };

/** Whether a whole text matches; undefined where the expression is none. */
export function expressionOf(source: string): ((text: string) => boolean) | undefined {
  try {
    RegExp(source);
  } catch {
    return undefined;
  }
  const tokens = tokensOf(source);
  const prefix = literal(tokens);
  const suffix = [...literal([...tokens].reverse())].reverse().join('');
  // Most paths end here.
  return (text) => text.startsWith(prefix) && text.endsWith(suffix) && matches(tokens, text);
}

function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  const any: Token = { kind: 'star', has: () => true };
  const slash: Token = { kind: 'class', has: (letter) => letter === '/' };
  for (let at = 0; at < source.length; ) {
    if (source.startsWith('(.*/)?', at)) {
      tokens.push({ kind: 'optional', length: 2 }, any, slash);
      at += 6;
    } else if (source.startsWith('.*', at)) {
      tokens.push(any);
      at += 2;
    } else if (source[at] === '[') {
      const end = endOfClass(source, at);
      const star = source[end] === '*';
      tokens.push({ kind: star ? 'star' : 'class', has: classOf(source.slice(at, end)) });
      at = star ? end + 1 : end;
    } else {
      if (source[at] === '\\') at++;
      tokens.push({ kind: 'letter', letter: source[at++] });
    }
  }
  return tokens;
}

function endOfClass(source: string, start: number): number {
  let at = start + 1;
  while (source[at] !== ']') at += source[at] === '\\' ? 2 : 1;
  return at + 1;
}

function classOf(source: string): (letter: string) => boolean {
  if (source === '[^/]') return (letter) => letter !== '/';
  const expression = new RegExp(`^${source}$`, 's');
  return (letter) => expression.test(letter);
}

/** The letters that it begins with in any case. */
function literal(tokens: readonly Token[]): string {
  let text = '';
  for (const token of tokens) {
    if (token.kind !== 'letter') break;
    text += token.letter;
  }
  return text;
}

/** All places of the expression that a part of the text may lead to, letter by letter: time is tokens × letters. */
function matches(tokens: readonly Token[], text: string): boolean {
  const { length } = tokens;
  let places = new Uint8Array(length + 1);
  let next = new Uint8Array(length + 1);
  places[0] = 1;
  skip(tokens, places);
  for (const letter of letters(text)) {
    let some = false;
    next.fill(0);
    for (let i = 0; i < length; i++) {
      if (places[i] === 0) continue;
      const token = tokens[i];
      if (token.kind === 'optional') continue;
      if (token.kind === 'letter' ? token.letter !== letter : !token.has(letter)) continue;
      next[token.kind === 'star' ? i : i + 1] = 1;
      some = true;
    }
    if (!some) return false;
    [places, next] = [next, places];
    skip(tokens, places);
  }
  return places[length] === 1;
}

/** What takes no letter. */
function skip(tokens: readonly Token[], places: Uint8Array): void {
  for (let i = 0; i < tokens.length; i++) {
    if (places[i] === 0) continue;
    const token = tokens[i];
    if (token.kind === 'star') places[i + 1] = 1;
    if (token.kind !== 'optional') continue;
    places[i + 1] = 1;
    places[i + 1 + token.length] = 1;
  }
}

/** As JavaScript's expressions count them: halves of a pair are two. */
function letters(text: string): string[] {
  return text.split('');
}
