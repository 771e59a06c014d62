/** What layers change of the files below, as pictures of layers (layer-pictures.ts) and a line for each path that is told of. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { changesBetween, containerChanges, nodeAt, type ChangeNode } from '../src/core/image/changes';
import type { LayerEntry, LayerFiles } from '../src/core/image/model';
import { entryAt } from '../src/core/image/tree';
import { layersOf } from './layer-pictures';

/** `+ app 100`, `~ app mode 100`, `= app 100` (copied as it was), `- app 100`; what only holds others is left out. */
function lines(node: ChangeNode): string[] {
  const sign = { added: '+', changed: '~', copied: '=', removed: '-' };
  const own = node.kind === undefined ? [] : [[sign[node.kind], node.path, ...node.differs, ...(node.children.length > 0 ? [] : [node.bytes || node.removed || ''])].filter((part) => part !== '').join(' ')];
  return [...own, ...node.children.flatMap(lines)];
}

/** Of the last layer. */
function last(picture: string): string[] {
  const layers = layersOf(picture);
  return lines(changesBetween(layers, layers.length - 1, layers.length));
}

test.each<[what: string, picture: string, changes: string[]]>([
  ['the first layer: all of it is new, the largest first', `
    + d/
    + d/a 10
    + d/b 200
    + c 50`, ['+ d', '+ d/b 200', '+ d/a 10', '+ c 50']],
  ['a file beside another: the folder is only there for it', `
    + d/
    + d/a 10

    + d/
    + d/b 20`, ['+ d/b 20']],
  ['chmod: the whole file is written again', `
    + d/a 1000

    ~ d/a`, ['~ d/a mode 1000']],
  ['another content', `
    + a 1000

    + a 900`, ['~ a content 900']],
  ['the same again', `
    + a 1000 X

    + a 1000 X`, ['= a 1000']],
  ['rm: what is gone is kept below', `
    + a 1000

    - a`, ['- a 1000']],
  ['rm -r: all that was in the folder', `
    + d/
    + d/a 1000
    + d/e/
    + d/e/b 20

    - d`, ['- d', '- d/a 1000', '- d/e', '- d/e/b 20']],
  ['a folder made anew: what comes again is the same or another one', `
    + d/
    + d/a 1000 X
    + d/b 20
    + d/c 5

    + d/
    * d
    + d/a 1000 X
    + d/c 6`, ['= d/a 1000', '- d/b 20', '~ d/c content 6']],
  ['a file in the place of a folder', `
    + d/
    + d/a 1000

    + d 3`, ['~ d kind', '- d/a 1000']],
  ['another name of a file that is there already has its content', `
    + a 1000 X
    + b = a

    + b 1000 X`, ['= b 1000']],
  ['a folder that is in the layer again, as a RUN leaves those that something was mounted in', `
    + etc/
    + d/

    + etc/
    + d/a 1`, ['+ d/a 1']],
  ['an opaque root, as a squashed image may have it', `
    + a 10
    + b 5

    *
    + b 5 X`, ['- a 10', '~ b content 5']],
  ['a whiteout of what is not there', `
    + a 1

    - b
    + c 1`, ['+ c 1']],
])('%s', (_, picture, changes) => expect(last(picture)).toEqual(changes));

test('several layers together: what comes and goes between them was never there', () => {
  const layers = layersOf(`
    + a 10
    + b 5

    + t 100
    ~ b

    - t
    + c 7
    - a`);
  expect(lines(changesBetween(layers, 1, 3))).toEqual(['- a 10', '+ c 7', '~ b mode 5']);
  expect(lines(changesBetween(layers, 0, 3))).toEqual(['+ c 7', '+ b 5']);
  expect(lines(changesBetween(layers, 2, 2))).toEqual([]);
});

test('sums of a folder are those of what is in it', () => {
  const root = changesBetween(layersOf(`
    + d/
    + d/a 10
    + d/b 5

    ~ d/a
    - d/b
    + d/e/
    + d/e/c 7`), 1, 2);
  expect(nodeAt(root, 'd')).toMatchObject({ kind: undefined, bytes: 17, removed: 5, counts: { added: 2, changed: 1, copied: 0, removed: 1 } });
  expect(nodeAt(root, 'd/e')).toMatchObject({ kind: 'added', bytes: 7 });
  expect(nodeAt(root, 'd/nowhere')).toBeUndefined();
});

test('what a container has changed, as `docker diff` says it: C /etc is only there for what is in it', () => {
  const layers = layersOf(`
    + etc/
    + etc/hosts 10
    + srv/
    + srv/old 40

    + etc/app.conf 20`);
  const root = containerChanges(layers, [
    { path: 'etc', kind: 'changed' }, { path: 'etc/app.conf', kind: 'changed' }, { path: 'tmp/x', kind: 'added' }, { path: 'srv', kind: 'removed' },
  ]);
  expect(lines(root).toSorted()).toEqual(['+ tmp/x', '- srv', '- srv/old 40', '~ etc/app.conf']);
  expect(nodeAt(root, 'etc/app.conf')?.before?.layer).toBe(1);
});

test('any layers: applied to the files below, the changes give the files above', () => {
  const path = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
  const kinds: LayerEntry['kind'][] = ['file', 'file', 'folder', 'whiteout', 'opaque'];
  const entry = fc.record({ path, kind: fc.constantFrom(...kinds), content: fc.constantFrom('X', 'Y'), mode: fc.constantFrom(0o644, 0o755) })
    .map(({ content, ...own }): LayerEntry => ({ ...own, size: own.kind === 'file' ? 1 : 0, uid: 0, gid: 0, mtime: 0, ...(own.kind === 'file' && { content }) }));
  const layers = fc.array(fc.uniqueArray(entry, { selector: (one) => one.path, maxLength: 8 }).map((entries): LayerFiles => ({ diffId: 'sha256:x', entries })), { minLength: 2, maxLength: 4 });
  const all = ['a', 'b', 'c'].flatMap((one) => [one, ...['a', 'b', 'c'].flatMap((two) => [`${one}/${two}`, ...['a', 'b', 'c'].map((three) => `${one}/${two}/${three}`)])]);
  fc.assert(fc.property(layers, fc.nat(), (stack, number) => {
    const from = number % stack.length;
    const root = changesBetween(stack, from, stack.length);
    for (const one of all) {
      const [before, after] = [entryAt(stack, from, one), entryAt(stack, stack.length, one)];
      const kind = nodeAt(root, one)?.kind;
      if (before && !after) expect([one, kind]).toEqual([one, 'removed']);
      else if (!before && after) expect([one, kind]).toEqual([one, 'added']);
      else if (!before) expect(kind).toBeUndefined();
      else if (after && after.layer < from) expect(kind).toBeUndefined();
      else if (after && (before.entry.content !== after.entry.content || before.entry.mode !== after.entry.mode || before.entry.kind !== after.entry.kind)) expect([one, kind]).toEqual([one, 'changed']);
    }
  }));
});
