/** Bad input: no exception, no hang, and work that grows with the text, counted and not timed. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import engine from './data/engine.json';
import parser from './data/parser.json';
import { analyze } from '../src/core/analyze';
import { builderOf, type Builder } from '../src/core/builder';
import type { Facts } from '../src/core/build/model';
import { layersJson, layerTable } from '../src/core/build/table';
import { parsed } from '../src/core/syntax/parsed';
import { variablesIn } from '../src/core/syntax/variables';

const old = builderOf('docker-20.10') as Builder;

/** All that can be asked of a text. */
function askAll(text: string, facts: Facts = {}): void {
  const analysis = analyze(text, facts);
  parsed(analysis.dockerfile, undefined, analysis.problems);
  layersJson(analysis, 'Dockerfile');
  layerTable(analysis, 'Dockerfile');
  for (const instruction of analysis.dockerfile.instructions.slice(0, 50)) variablesIn(analysis.dockerfile, instruction);
  for (const instruction of analysis.dockerfile.instructions) {
    const { start, end } = instruction.span;
    if (!(start >= 0 && start <= end && end <= text.length)) throw new Error(`a span outside of the text: ${start}-${end} of ${text.length}`);
  }
}

const pieces = [
  'FROM ', 'from scratch', ' AS a', ' as b', 'RUN ', 'COPY ', 'ADD ', '--from=a ', '--from=0 ', '--mount=type=cache,target=/x ', '--chmod=6 ', 'ENV ', 'ARG ',
  'A=1', '$A', '${A:-b}', '${A', '${A#*}', 'ONBUILD ', 'CMD ', '["a", "b"]', '["a"', '[1]', 'HEALTHCHECK ', 'NONE', '--interval=1s ', 'EXPOSE 80-90/tcp', 'WORKDIR ', '/', '..', 'USER ', 'VOLUME ',
  'SHELL ', 'STOPSIGNAL ', 'LABEL ', 'MAINTAINER ', '<<EOF', '<<-"E"', 'EOF', '\n', '\r\n', '\\\n', '`\n', '\\', '# escape=`\n', '# syntax=docker/dockerfile:1.4\n', '#', ' ', '\t', '"', "'",
  '\0', '\ufeff', '\ud800', '\udc00', '\u00e9', '\u{1f600}', '\u0085', '\u00a0', '=', ',', 'x',
];

describe('any text', () => {
  test('of any characters', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => askAll(text)), { numRuns: 1000 });
  });

  test('of pieces that Dockerfiles are made of, for every builder', () => {
    const texts = fc.array(fc.constantFrom(...pieces), { maxLength: 60 }).map((parts) => parts.join(''));
    const facts = fc.constantFrom<Facts>({}, { builder: old }, { target: 'a' }, { buildArgs: { A: '$A', B: '' } }, {
      images: { x: { config: { OnBuild: ['COPY --from=a / /', 'RUN <<E\nE', ''], Env: ['A'], WorkingDir: '..', Shell: [] }, history: [] } },
    });
    fc.assert(fc.property(texts, facts, askAll), { numRuns: 2000 });
  });

  test('that is a part of a Dockerfile: every prefix of the recorded ones', () => {
    const texts = [...parser.cases.map(({ text }) => text), ...engine.experiments.flatMap(({ steps }) => steps.map((step) => step.effective_dockerfile))];
    let prefixes = 0;
    for (const text of new Set(texts)) for (let end = 0; end <= text.length; end++, prefixes++) analyze(text.slice(0, end));
    expect(prefixes).toBeGreaterThan(19000);
  });

  test('of stages in a circle', () => {
    askAll('FROM b AS a\nFROM a AS b\nCOPY --from=b / /\nCOPY --from=c / /\nFROM b AS c\nRUN --mount=from=c,target=/x true\nRUN x\n');
  });
});

const mega = 1 << 20;
const long: Record<string, (n: number) => string> = {
  'a word': (n) => `FROM x\nRUN ${'x'.repeat(n)}`,
  'a JSON array': (n) => `FROM x\nRUN [${'"a",'.repeat(n / 4)}"b"]`,
  'a JSON array that nests': (n) => `FROM x\nRUN ${'['.repeat(n)}`,
  'quotes': (n) => `FROM x\nENV A=${'"'.repeat(n)}`,
  'dollars': (n) => `FROM x\nENV A=${'$'.repeat(n)}`,
  'open braces': (n) => `FROM x\nENV A=${'${a:-'.repeat(n / 5)}`,
  'closed braces': (n) => `FROM x\nENV A=${'${a:-b}'.repeat(n / 7)}`,
  'backslashes': (n) => `FROM x\nENV A=${'\\'.repeat(n)}`,
  'blanks': (n) => `FROM x\nENV ${' '.repeat(n)}A=b`,
  'heredoc starts': (n) => `FROM x\nRUN ${'<<'.repeat(n / 2)}`,
  'heredoc starts with blanks': (n) => `FROM x\nRUN <<${' '.repeat(n)}<`,
  'flags': (n) => `FROM x\nCOPY ${'--a '.repeat(n / 4)}a b`,
  'one flag': (n) => `FROM x\nCOPY --chown=${'\u00e9'.repeat(n)} a b`,
  'mount options': (n) => `FROM x\nRUN --mount=${'a,'.repeat(n / 2)} x`,
  'a reference': (n) => `FROM ${'a/'.repeat(n / 2)}`,
  'a stage name': (n) => `FROM x AS ${'a-'.repeat(n / 2)}`,
  'ONBUILD': (n) => `FROM x\n${'ONBUILD '.repeat(n / 8)}`,
  'a pattern': (n) => `FROM x\nENV A=${'a'.repeat(n / 2)}\nENV B=\${A%*${'a'.repeat(4)}b*}`,
  'ports': (n) => `FROM x\nEXPOSE ${'80 '.repeat(n / 3)}`,
  'continuation lines': (n) => `FROM x\nRUN a \\\n${'b \\\n'.repeat(n / 4)}c`,
  'comments in a continuation': (n) => `FROM x\nRUN a \\\n${'# b\n'.repeat(n / 4)}c`,
  'carriage returns': (n) => `FROM x\nRUN a${'\r'.repeat(n)}`,
  'NULs': (n) => `FROM x\nRUN ${'\0'.repeat(n)}`,
};

const tenMegabytes = new Set(['a word', 'a JSON array', 'quotes', 'NULs']);
const hundredThousand = new Set(['RUN', 'ARG and RUN by turns', 'heredocs never closed']);

const many: Record<string, (i: number) => string> = {
  'RUN': (i) => `RUN ${i}\n`,
  'ENV': (i) => `ENV A${i}=$A${i - 1}\n`,
  'ENV that doubles': () => 'ENV A=x$A$A\n',
  'ARG': (i) => `ARG A${i}\n`,
  'ARG and RUN by turns': (i) => `ARG A${i}=1\nRUN x\n`,
  'stages': (i) => `FROM x AS s${i}\n`,
  'stages on each other': (i) => `FROM ${i === 0 ? 'x' : `s${i - 1}`} AS s${i}\nENV A${i}=1\n`,
  'stages of one name': () => 'FROM a AS a\n',
  'copies between stages': (i) => `FROM x AS s${i}\nCOPY --from=s${i - 1} / /\n`,
  'mounts': (i) => `RUN --mount=from=a${i},target=/x x\n`,
  'ONBUILD': () => 'ONBUILD RUN x\n',
  'heredocs': (i) => `RUN <<E${i}\nx\nE${i}\n`,
  'heredocs never closed': (i) => `RUN <<E${i}\n`,
  'what nobody knows': (i) => `FOO ${i}\n`,
  'half of it': () => 'COPY a\n',
  'relative folders': () => 'WORKDIR a\n',
  'comments': () => '# x\n',
  'empty lines': () => '\n',
};

describe('ten megabytes on one line', () => {
  for (const [name, text] of Object.entries(long)) {
    test(name, () => {
      // All of the kinds have been through ten; here some of them, and a quarter of a megabyte of the others.
      workOf(text(tenMegabytes.has(name) ? 10 * mega : mega / 4));
      expect(workOf(text(mega / 8)) / workOf(text(mega / 16))).toBeLessThan(2.2);
    });
  }
});

describe('a hundred thousand instructions', () => {
  for (const [name, line] of Object.entries(many)) {
    test(name, () => {
      workOf(textOf(line, hundredThousand.has(name) ? 100000 : 5000));
      // A number more at the end of each line is not growth of the work.
      expect(workOf(textOf(line, 4000)) / workOf(textOf(line, 2000))).toBeLessThan(2.2);
    });
  }
});

function textOf(line: (i: number) => string, n: number): string {
  let text = 'FROM x\n';
  for (let i = 0; i < n; i++) text += line(i);
  return text;
}

function workOf(text: string): number {
  const meter = { work: 0 };
  const analysis = analyze(text, {}, meter);
  expect(analysis.dockerfile.instructions.length).toBeGreaterThan(0);
  return meter.work;
}
