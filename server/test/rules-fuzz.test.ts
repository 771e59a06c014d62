/** Rules on any text: they end, they do not throw, and their fixes keep what they must. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Finding } from '../src/core/rules/finding';
import { applied, findingsIn, type Files } from './rules';

const line = fc.constantFrom(
  'FROM node:20', 'FROM node:20 AS deps', 'FROM deps', 'FROM python:3.12', 'WORKDIR /app', 'WORKDIR sub', 'COPY . .', 'COPY . /app/', 'COPY --chown=node . .', 'COPY src lib/',
  'COPY package.json package-lock.json ./', 'COPY requirements.txt /tmp/r.txt', 'ADD . /x', 'COPY --link . .', 'COPY ["src", "a b/"]', 'RUN npm ci', 'RUN npm ci && npm run build', 'RUN cd sub && npm install',
  'RUN ["npm", "ci"]', 'RUN pip install -r requirements.txt', 'RUN pip install -r /tmp/r.txt', 'RUN apt-get update', 'RUN apt-get install -y curl', 'RUN apt-get update && \\\n  # why\n  apt-get install -y git', 'RUN <<EOF\nnpm ci\nEOF',
  'RUN git clone https://github.com/a/b.git', 'RUN set -e; git clone https://github.com/a/b.git x && make', 'ARG GIT_COMMIT', 'ARG VERSION=dev', 'LABEL c=$GIT_COMMIT', 'ENV V=$VERSION', 'ENV BUILD_DATE=1', 'USER node', 'SHELL ["pwsh"]',
  'ADD https://example.org/a /a', '# a comment', '# strata: ignore=copy-before-install', '', 'CMD ["node"]', 'COPY', 'RUN \\', 'RUN npm ci \\\n', 'ONBUILD COPY . .', 'RUN --mount=type=bind,target=. npm ci', 'RUN if true; then npm ci; fi', 'copy . .', 'run npm ci',
);
const project: readonly (readonly [string, string])[] = [
  ['package.json', '{"dependencies": {"a": "1"}}'], ['package-lock.json', '{"lockfileVersion": 3, "packages": {}}'], ['requirements.txt', 'flask\n'], ['src/a.js', '1'], ['sub/package.json', '{}'], ['.git/HEAD', 'x'], ['README.md', 'x'],
];
const dockerfile = fc.tuple(fc.array(line, { minLength: 1, maxLength: 14 }), fc.constantFrom('\n', '\r\n'), fc.boolean())
  .map(([lines, lineBreak, ends]) => lines.join('\n').replaceAll('\n', lineBreak) + (ends ? lineBreak : ''));
const filesOf = (text: string): Files => new Map([...project, ['Dockerfile', text]]);

test('any text, known context or not', () => {
  fc.assert(fc.property(fc.oneof(dockerfile, fc.string({ maxLength: 200 }), fc.string({ unit: 'binary', maxLength: 80 }).map((text) => `FROM a\nRUN ${text}`)), (text) => {
    for (const kind of ['folder', 'unknown', 'remote'] as const) {
      for (const { span, fixes } of findingsIn(filesOf(text), kind)) {
        expect(span.start).toBeLessThan(span.end);
        expect(text.slice(span.start, span.end)).not.toContain('\n');
        expect(fixes.length).toBeGreaterThan(0);
        for (const { edits } of fixes) for (const edit of edits) if (edit.file === null) expect(edit.span.end).toBeLessThanOrEqual(text.length);
      }
    }
  }), { numRuns: 600 });
});

test('a fix takes its finding away, keeps each comment, and leaves the line endings', () => {
  fc.assert(fc.property(dockerfile, (text) => {
    const files = filesOf(text);
    for (const { rule, fixes } of findingsIn(files)) for (const fix of fixes) {
      const fixed = applied(files, fix);
      const after = fixed.get('Dockerfile') ?? '';
      expect(comments(after)).toEqual(comments(text));
      if (text.includes('\r\n')) expect(after.replaceAll('\r\n', '')).not.toContain('\n');
      else expect(after).not.toContain('\r');
      if (fix.safe) expect(count(findingsIn(fixed), rule)).toBeLessThan(count(findingsIn(files), rule));
    }
  }), { numRuns: 600 });
});

test('blank lines, line endings and the case of keywords change no finding', () => {
  const shown = (text: string): string[] => findingsIn(filesOf(text)).map(({ rule, message }) => `${rule}: ${message.replace(/line \d+|\d+ bytes/g, '')}`);
  fc.assert(fc.property(fc.array(line, { maxLength: 12 }).map((lines) => lines.filter((one) => !one.endsWith('\\') && !one.includes('<<') && !one.endsWith('\\\n'))), (lines) => {
    const text = `${lines.join('\n')}\n`;
    const spread = `${lines.join('\n\n')}\n`;
    const lower = `${lines.map((one) => one.replace(/^[A-Z]+(?= )/, (keyword) => keyword.toLowerCase())).join('\r\n').replace(/\\\n/g, '\\\r\n')}\r\n`;
    // Above which instruction a comment stands is another matter.
    if (text.includes('strata:')) return;
    expect(shown(spread)).toEqual(shown(text));
    expect(shown(lower)).toEqual(shown(text));
  }), { numRuns: 300 });
});

function count(findings: readonly Finding[], rule: string): number {
  return findings.filter((finding) => finding.rule === rule).length;
}

function comments(text: string): string[] {
  return text.split('\n').map((one) => one.trim()).filter((one) => one.startsWith('#')).toSorted();
}
