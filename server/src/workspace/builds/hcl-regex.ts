/**
 * Go's regular expressions with JavaScript's. Go's never take long; so what JavaScript could spend very long on is not evaluated,
 * nor what the two read differently.
 */
import { say } from '../../core/say';
import { mapOf, refused, unknown, type Unknown, type Value } from './hcl-values';

export function regexFirst(pattern: string, text: string): Value {
  const expression = compiled(pattern, text, '');
  if (!(expression instanceof RegExp)) return expression;
  const match = expression.exec(text);
  return match ? captured(match) : refused(say('regex() finds nothing of {0}', JSON.stringify(pattern)));
}

export function regexAll(pattern: string, text: string): Value {
  const expression = compiled(pattern, text, 'g');
  return expression instanceof RegExp ? [...text.matchAll(expression)].map(captured) : expression;
}

export function regexReplaced(text: string, pattern: string, replacement: string): Value {
  const expression = compiled(pattern, text, 'g');
  if (!(expression instanceof RegExp)) return expression;
  return text.replace(expression, (...given: unknown[]) => {
    const named = typeof given.at(-1) === 'object' ? (given.at(-1) as Record<string, string | undefined>) : {};
    const count = given.findIndex((part, i) => i > 0 && typeof part === 'number');
    // Regexp.Expand: $name takes as many word characters as there are.
    return replacement.replace(/\$(?:\$|(\w+)|\{(\w+)\})/g, (whole, bare: string | undefined, braced: string | undefined) => {
      const name = bare ?? braced;
      if (name === undefined) return whole === '$$' ? '$' : whole;
      const at = Number(name);
      return String((/^\d+$/.test(name) ? (at < count ? given[at] : undefined) : named[name]) ?? '');
    });
  });
}

/** The whole match, its groups as a list, or as an object where they have names. */
function captured(match: RegExpMatchArray): Value {
  if (match.groups) return mapOf(Object.entries(match.groups).map(([name, value]) => [name, value ?? null]));
  return match.length === 1 ? match[0] : match.slice(1).map((value) => value ?? null);
}

function compiled(pattern: string, text: string, flags: string): RegExp | Unknown {
  const options = /^\(\?([ims]+)\)/.exec(pattern);
  const source = pattern.slice(options?.[0].length ?? 0).replaceAll('(?P<', '(?<');
  const repeated = source.match(/[^\\][*+]|\{\d+,\d*\}/g)?.length ?? 0;
  // A repeated group can take exponentially long, n repetitions the text's length to the n.
  if (/\)[*+{]/.test(source) || text.length ** repeated > 1e7) return unknown('a regular expression of this kind is not evaluated here');
  if (/\\[pPQEAzC]|\[\[:/.test(source)) return unknown('a regular expression of this kind is not evaluated here');
  try {
    return new RegExp(source, `u${flags}${options?.[1] ?? ''}`);
  } catch {
    return unknown('a regular expression of this kind is not evaluated here');
  }
}
