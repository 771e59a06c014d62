/** What replays on a live engine showed: open steps stay open for later builds, --no-cache and WORKDIR, --link without merging. */
import { expect, test } from 'vitest';
import { analyze } from '../src/core/analyze';
import { emptyCache, verdictsOf, type Build, type Cache } from '../src/core/build/cache';
import { contextOf } from '../src/core/build/context';

function build(cache: Cache, text: string, files: Readonly<Record<string, string>>, { facts = {}, ...more }: Partial<Build> = {}): string[] {
  const context = contextOf(Object.entries(files).map(([path, content]) => [path, { type: 'file', mode: 0o644, content }]));
  const verdicts = verdictsOf(cache, { analysis: analyze(text, facts), facts, context, ...more });
  return verdicts.filter(({ step }) => step.row === 'layer').map(({ step, verdict }) => `${step.instruction.keyword} ${verdict}`);
}

const stages = 'FROM a AS b\nCOPY s /s\nRUN make\nFROM a\nCOPY --from=b /o /o\n';

test('a step on top of one that was open may be there for the build whose output it turned out to have', () => {
  const cache = emptyCache();
  build(cache, stages, { s: '1' });
  expect(build(cache, `${stages}RUN x\n`, { s: '2' })).toEqual(['COPY rebuilt', 'RUN rebuilt', 'COPY if-output-differs', 'RUN rebuilt']);
  // Was the output of 2 that of 1? Then the engine ran `x` on what 1 made.
  expect(build(cache, `${stages}RUN x\n`, { s: '1' })).toEqual(['COPY cached', 'RUN cached', 'COPY cached', 'RUN if-output-differs']);
  expect(build(cache, `${stages}RUN x\n`, { s: '1' })).toEqual(['COPY cached', 'RUN cached', 'COPY cached', 'RUN cached']);
  expect(build(cache, `${stages}RUN y\n`, { s: '1' })).toEqual(['COPY cached', 'RUN cached', 'COPY cached', 'RUN rebuilt']);
});

test('COPY --link is a COPY to an engine that cannot merge layers', () => {
  const text = (base: string): string => `FROM ${base}\nCOPY --link s /s\nRUN x\n`;
  for (const [merges, expected] of [[true, 'COPY cached'], [false, 'COPY rebuilt']] as const) {
    const cache = emptyCache();
    build(cache, text('a'), { s: '1' }, { merges });
    expect(build(cache, text('b'), { s: '1' }, { merges })).toEqual([expected, 'RUN rebuilt']);
  }
});

test('--no-cache makes the folder of a WORKDIR again only where a step above it ran', () => {
  const text = 'FROM a AS b\nWORKDIR /b\nFROM a\nWORKDIR /a\nCOPY --from=b /o /o\nWORKDIR /c\n';
  const cache = emptyCache();
  build(cache, text, {});
  expect(build(cache, text, {}, { noCache: true })).toEqual(['WORKDIR cached', 'WORKDIR cached', 'COPY rebuilt', 'WORKDIR rebuilt']);
  expect(build(emptyCache(), text, {}, { noCache: true })).toEqual(['WORKDIR rebuilt', 'WORKDIR rebuilt', 'COPY rebuilt', 'WORKDIR rebuilt']);
});

test('what two stages begin with runs once, and again for both', () => {
  const text = 'FROM a AS b\nCOPY s /s\nRUN x\nFROM a\nCOPY s /s\nRUN y\nCOPY --from=b /o /o\n';
  const cache = emptyCache();
  build(cache, text, { s: '1' });
  expect(build(cache, text, { s: '2' })).toEqual(['COPY rebuilt', 'RUN rebuilt', 'COPY rebuilt', 'RUN rebuilt', 'COPY rebuilt']);
  expect(build(cache, text, { s: '1' })).toEqual(['COPY cached', 'RUN cached', 'COPY cached', 'RUN cached', 'COPY cached']);
});

test('a build argument whose value nobody knows leaves open what has it in its environment', () => {
  const facts = { buildArgs: { COMMIT: null } };
  const text = 'FROM a\nRUN x\nARG COMMIT\nCOPY s /s\nRUN y\n';
  const cache = emptyCache();
  build(cache, text, { s: '1' }, { facts });
  expect(build(cache, text, { s: '1' }, { facts })).toEqual(['RUN cached', 'COPY cached', 'RUN if-output-differs']);
});

test('a folder that is a context of its own and was not read leaves open what is taken from it', () => {
  const facts = { contexts: { shared: { folder: true } } };
  const text = 'FROM a\nCOPY --from=shared s /s\nRUN y\n';
  const cache = emptyCache();
  const folders = { shared: contextOf([['s', { type: 'file', mode: 0o644, content: '1' }]]) };
  build(cache, text, {}, { facts, folders });
  expect(build(cache, text, {}, { facts })).toEqual(['COPY if-output-differs', 'RUN if-output-differs']);
  expect(build(cache, text, {}, { facts, folders })).toEqual(['COPY cached', 'RUN cached']);
});
