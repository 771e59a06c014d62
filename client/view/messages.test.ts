/** What a page may say: anything else is not heard. */
import { expect, test } from 'vitest';
import { fromPage, sourceOf } from './messages';

test.each([
  undefined, null, 5, 'open', [], {}, { type: 'eval' }, { type: 'open' }, { type: 'open', id: 5, stay: true }, { type: 'open', id: 's0:1' },
  { type: 'hover', id: { toString: 'x' } }, { type: 'after', candidate: -1 }, { type: 'after', candidate: '0' }, { type: 'extract', candidate: null }, { type: 'extract', candidate: 1.5 },
  { type: 'save', format: 'html', data: '' }, { type: 'save', format: 'svg', data: 5 },
])('%j is no message', (value) => {
  expect(fromPage(value)).toBeUndefined();
});

test('a message has its own fields, and no more', () => {
  expect(fromPage({ type: 'open', id: 's0:1', stay: true, uri: 'file:///etc/passwd' })).toEqual({ type: 'open', id: 's0:1', stay: true });
  expect(fromPage({ type: 'after', candidate: null })).toEqual({ type: 'after', candidate: null });
});

test('what a page kept is understood, or nothing is', () => {
  expect(sourceOf({ source: { kind: 'document', uri: 'file:///Dockerfile' } })).toEqual({ kind: 'document', uri: 'file:///Dockerfile' });
  expect([undefined, null, 5, {}, { source: null }, { source: { kind: 'files', uris: [5] } }, { source: { kind: 'family', family: 'x' } }].map(sourceOf)).toEqual(Array(7).fill(undefined));
});
