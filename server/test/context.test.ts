/** A context that follows changes one by one is the one that would be read anew; equal contents are equal files, and no others. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contentOf, contextOf, differingPath, filesOf, withEntry, type ContextEntry, type Selection } from '../src/core/build/context';
import { patternsOf, type Patterns } from '../src/core/build/ignore';

const name = fc.constantFrom('a', 'b', 'c.md', 'd-e');
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
const file = fc.record({ type: fc.constant('file' as const), mode: fc.constantFrom(0o644, 0o755), content: fc.constantFrom('x', 'y') });
const change = fc.record({ path, entry: fc.option(file, { nil: undefined }) });

const selections: Selection[] = [
  { source: '.', exclude: [], parents: false, wildcards: true },
  { source: 'a', exclude: [], parents: false, wildcards: true },
  { source: 'a', exclude: ['**/*.md'], parents: false, wildcards: true },
  { source: '/', exclude: ['*', '!a/b'], parents: false, wildcards: false },
  { source: '*/b', exclude: [], parents: false, wildcards: true },
  { source: 'a/**/b', exclude: ['**/c.md'], parents: true, wildcards: true },
];

/** The entries that a list of changes leaves: below a file is nothing. */
function entriesAfter(changes: readonly { path: string; entry?: ContextEntry }[]): Map<string, ContextEntry> {
  const entries = new Map<string, ContextEntry>();
  for (const { path, entry } of changes) {
    const below = [...entries.keys()].filter((one) => one.startsWith(`${path}/`));
    for (const one of [path, ...below]) entries.delete(one);
    if (!entry) continue;
    path.split('/').forEach((_, i, parts) => {
      const folder = parts.slice(0, i).join('/');
      if (folder !== '' && entries.get(folder)?.type !== 'folder') entries.set(folder, { type: 'folder', mode: 0o755 });
    });
    entries.set(path, entry);
  }
  return entries;
}

/** What counts of a selection, a path a line: what the digests stand for. */
function listed(entries: ReadonlyMap<string, ContextEntry>, ignored: Patterns): string {
  return [...entries].filter(([path]) => !ignored.matches(path)).map(([path, entry]) => `${path} ${JSON.stringify(entry)}`).sort().join('\n');
}

test('followed or read anew: the same', () => {
  const ignored = patternsOf(['**/d-e']) as Patterns;
  fc.assert(fc.property(fc.array(change, { maxLength: 12 }), (all) => {
    // What is ignored makes no folders either.
    const changes = all.filter(({ path }) => !ignored.matches(path));
    expect(all.reduce((context, { path, entry }) => withEntry(context, path, entry), contextOf([], ignored)).paths.filter(ignored.matches)).toEqual([]);
    let followed = contextOf([], ignored);
    for (const { path, entry } of changes) {
      followed = withEntry(followed, path, entry);
      // Asked in between, so that what was found out is carried on.
      contentOf(followed, selections[0]);
    }
    const anew = contextOf(entriesAfter(changes), ignored);
    expect(followed.paths).toEqual(anew.paths);
    for (const selection of selections) {
      expect(contentOf(followed, selection)).toBe(contentOf(anew, selection));
      expect(filesOf(followed, selection)).toEqual(filesOf(anew, selection));
    }
  }));
});

test('equal where the files are, and a path that differs where they are not', () => {
  const none = patternsOf([]) as Patterns;
  const whole = selections[0];
  fc.assert(fc.property(fc.array(change, { maxLength: 6 }), fc.array(change, { maxLength: 6 }), (one, other) => {
    const [a, b] = [one, other].map(entriesAfter);
    const [was, is] = [contextOf(a), contextOf(b)];
    const equal = listed(a, none) === listed(b, none);
    expect(contentOf(was, whole) === contentOf(is, whole)).toBe(equal);
    const path = differingPath({ context: was, selections: [whole] }, { context: is, selections: [whole] });
    expect(path === undefined).toBe(equal);
    if (path !== undefined) expect(JSON.stringify(a.get(path))).not.toBe(JSON.stringify(b.get(path)));
  }));
});

test('a folder that moves with all in it is the same to COPY', () => {
  const here = contextOf([['a/x/f', { type: 'file', mode: 0o644, content: '1' }]]);
  const there = contextOf([['b/x/f', { type: 'file', mode: 0o644, content: '1' }]]);
  const copy = (source: string): Selection => ({ source, exclude: [], parents: false, wildcards: true });
  expect(contentOf(here, copy('a'))).toBe(contentOf(there, copy('b')));
  expect(contentOf(here, copy('a/'))).not.toBe(contentOf(here, copy('a/x')));
  expect(contentOf(here, copy('b'))).toBeUndefined();
});
