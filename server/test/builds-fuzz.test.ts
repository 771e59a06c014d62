/** Any text of a definition file is answered: nothing throws, and it ends. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildsOf, definitionsIn } from '../src/workspace/builds/builds';
import { filesOf } from './builds';

/** The pictures of builds.test.ts are the files to start from. */
const files = [...readFileSync(new URL('./builds.test.ts', import.meta.url), 'utf8').matchAll(/`\n(\/\/- [\s\S]*?)`[;,)]/g)]
  .flatMap(([, text]) => [...filesOf(text.replaceAll('\\$', '$').replaceAll('\\\\', '\\'))]);
const pieces = ['${', '}', '{', '"', '%{', '<<-E\n', 'E\n', '\n', '  ', '&a ', '*a', '<<: ', '- ', ': ', '[', ']', '(', ')', 'for x in y:', '...', 'target', '$$', '\\', '\t', '${{ ', '!reset ', '\u0000', '\ud800', 'null', '~}'];

function answered(path: string, text: string): void {
  const all = new Map([...files, [path, text]]);
  for (const environment of [undefined, {}]) {
    const { definitions, problems } = definitionsIn(new Map([[path, text]]), environment, () => undefined);
    for (const { span } of [...definitions, ...problems]) if (span) expect([span.start <= span.end, span.end <= text.length]).toEqual([true, true]);
  }
  buildsOf('Dockerfile', definitionsIn(all).definitions);
}

test('every prefix of a file', () => {
  expect(files.length).toBeGreaterThan(20);
  for (const [path, text] of files) for (let end = 0; end <= text.length; end += 19) definitionsIn(new Map([[path, text.slice(0, end)]]), {});
}, 20_000);

test('files with pieces put in and taken out', () => {
  fc.assert(fc.property(fc.constantFrom(...files), fc.array(fc.tuple(fc.nat(), fc.nat(12), fc.constantFrom(...pieces)), { maxLength: 4 }), ([path, text], edits) => {
    let changed = text;
    for (const [at, removed, piece] of edits) {
      const start = at % (changed.length + 1);
      changed = changed.slice(0, start) + piece + changed.slice(start + removed);
    }
    answered(path, changed);
  }), { numRuns: 80 });
}, 20_000);

test('what grows without end is cut off', () => {
  const doubling = Array.from({ length: 60 }, (_, i) => `variable "v${i + 1}" { default = "\${v${i}}\${v${i}}" }`).join('\n');
  const chain = Array.from({ length: 2000 }, (_, i) => `variable "v${i + 1}" { default = v${i} }`).join('\n');
  const laughs = `a0: &a0 [x, x]\n${Array.from({ length: 40 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]`).join('\n')}\nservices: { a: { build: . } }\n`;
  const deep = `target "a" { context = ${'('.repeat(5000)}1${')'.repeat(5000)} }`;
  const long = Array.from({ length: 1500 }, (_, i) => `target "t${i + 1}" { inherits = ["t${i}"] }`).join('\n');
  const matrix = `target "a" { matrix = { ${'abcdefghij'.split('').map((name) => `${name} = range(10)`).join(', ')} } }`;
  for (const text of [`variable "v0" { default = "xx" }\n${doubling}\ntarget "a" { args = { A = v60 } }`, `${chain}\ntarget "a" { args = { A = v2000 } }`, deep, long, matrix]) answered('docker-bake.hcl', text);
  answered('compose.yaml', laughs);
  answered('compose.yaml', `services: ${'['.repeat(20000)}`);
  answered('compose.yaml', `services: { a: { build: { args: { A: "${'${A:-'.repeat(5000)}" } } } }`);
}, 20_000);
