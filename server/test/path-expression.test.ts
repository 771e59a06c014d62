/** Path patterns end: what a regular expression with stars inside stars would take for ever, and what ten thousand of them take. */
import { expect, test } from 'vitest';
import { patternsOf, type Patterns } from '../src/core/build/ignore';

function patterns(...sources: string[]): Patterns {
  const made = patternsOf(sources);
  if ('error' in made) throw new Error(made.error);
  return made;
}

test('stars inside of stars', () => {
  const stars = patterns('**/a*'.repeat(30) + '/b', `${'*a'.repeat(60)}b`);
  expect(stars.matches(`${'a/'.repeat(2000)}c`)).toBe(false);
  expect(stars.matches('a'.repeat(4000))).toBe(false);
  expect(stars.matches(`${'a'.repeat(100)}b`)).toBe(true);
});

test('the last of ten thousand patterns that matches counts, whatever is in them', () => {
  const many = patterns('*', ...Array.from({ length: 10_000 }, (_, i) => (i % 2 === 0 ? `!kept/${i}` : `**/tmp-*-${i}`)), '!src');
  const paths = Array.from({ length: 20_000 }, (_, i) => `kept/${i}`);
  expect(paths.filter((path) => !many.matches(path))).toHaveLength(5000);
  expect(many.matches('src/tmp-x-9999')).toBe(false);
  expect(many.matches('src')).toBe(false);
});

test.each([
  ['a[*]b', 'a[]b', true], ['[a-c]x', 'bx', true], ['[^a]', '/', true], ['x/**/y', 'x/y', true], ['x/**/y', 'x/a/b/y', true],
  ['x/**/y', 'x/ay', false], ['a?c', 'a/c', false], ['\\*', '*', true], ['\\*', 'a', false],
])('%s and %s', (pattern, path, matched) => {
  expect(patterns(pattern).matches(path)).toBe(matched);
});
