// What an editor is told of long work.
import { expect, test } from 'vitest';
import { verbatim } from '../src/core/say';
import { openProgress } from '../src/progress';

/** An editor's progress as a line for each thing that it is told. */
function editor() {
  const told: string[] = [];
  const window = {
    createWorkDoneProgress: async () => ({
      begin: (title: string, percentage?: number, message?: string) => void told.push(`begins: ${title}: ${message}${percentage === undefined ? '' : ` (${percentage} %)`}`),
      report: (first: number | string, message?: string) => void told.push(typeof first === 'number' ? `${message} (${first} %)` : first),
      done: () => void told.push('ends'),
    }),
  } as unknown as Parameters<typeof openProgress>[0];
  return { window, told };
}

const turns = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

test('work that takes long is shown from its beginning to its end', async () => {
  const { window, told } = editor();
  const tell = openProgress(window, { first: 0, next: 0 });
  tell('siblings', verbatim('1 of 4'), 0.25);
  tell('siblings', verbatim('2 of 4'), 0.5);
  tell('context', verbatim('9 files'));
  tell('siblings', undefined);
  tell('context', verbatim('10 files'));
  tell('context', undefined);
  await turns();
  expect(told.toSorted()).toEqual(['10 files', '2 of 4 (50 %)', 'begins: Strata: 1 of 4 (25 %)', 'begins: Strata: 9 files', 'ends', 'ends']);
});

test('what is over soon is not shown', async () => {
  const { window, told } = editor();
  const tell = openProgress(window, { first: Infinity, next: 0 });
  tell('siblings', verbatim('1 of 4'), 0.25);
  tell('siblings', undefined);
  await turns();
  expect(told).toEqual([]);
});

test('an editor that refuses is asked no more, and the work goes on', async () => {
  let asked = 0;
  const tell = openProgress({ createWorkDoneProgress: () => (asked++, Promise.reject(new Error('no'))) }, { first: 0, next: 0 });
  tell('siblings', verbatim('1 of 4'), 0.25);
  tell('siblings', verbatim('2 of 4'), 0.5);
  tell('siblings', undefined);
  await turns();
  expect(asked).toBe(1);
});
