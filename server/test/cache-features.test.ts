/** What a user sees of the cache: the text that was built, the text now, and the hints. */
import { describe, expect, test } from 'vitest';
import { lensesOf, countedLens, type LensData } from '../src/features/lenses';
import { buildAfter } from '../src/features/what-if';
import { drawn, readingAfter, tooltipsOf } from './features';

const app = `FROM node:20 AS build
WORKDIR /app
COPY package.json ./
RUN npm ci
COPY src src
RUN npm run build

FROM nginx
LABEL a=b
COPY --from=build /app/dist /usr/share/nginx/html
RUN nginx -t
`;
const files = { 'package.json': '1', 'src/a.js': '1', 'src/b.js': '1', 'README.md': '1' };

describe('hints after an edit', () => {
  test('nothing has changed: nothing is said', () => {
    expect(drawn(readingAfter({ text: app, files }, app, { ...files }))).toMatchInlineSnapshot(`
      "FROM node:20 AS build
      WORKDIR /app ‹layer 1 · [build 2/6]›
      COPY package.json ./ ‹layer 2 · [build 3/6]›
      RUN npm ci ‹layer 3 · [build 4/6]›
      COPY src src ‹layer 4 · [build 5/6]›
      RUN npm run build ‹layer 5 · [build 6/6]›

      FROM nginx ‹base: unknown›
      LABEL a=b
      COPY --from=build /app/dist /usr/share/nginx/html ‹layer 1 · [stage-1 2/3]›
      RUN nginx -t ‹layer 2 · [stage-1 3/3]›
      "
    `);
    expect(drawn(readingAfter({ text: app, files }, app.replace('a=b', 'a=c'), { ...files, 'README.md': '2' }))).not.toMatch(/rebuilds|cached/);
  });

  test('an instruction', () => {
    expect(drawn(readingAfter({ text: app, files }, app.replace('npm ci', 'npm ci --no-audit')))).toMatchInlineSnapshot(`
      "FROM node:20 AS build
      WORKDIR /app ‹cached · layer 1 · [build 2/6]›
      COPY package.json ./ ‹cached · layer 2 · [build 3/6]›
      RUN npm ci --no-audit ‹rebuilds · layer 3›
      COPY src src ‹rebuilds · layer 4›
      RUN npm run build ‹rebuilds · layer 5›

      FROM nginx ‹base: unknown›
      LABEL a=b
      COPY --from=build /app/dist /usr/share/nginx/html ‹depends on build · layer 1›
      RUN nginx -t ‹may rebuild · layer 2›
      "
    `);
  });

  test('a file', () => {
    expect(drawn(readingAfter({ text: app, files, since: 'commit' }, app, { ...files, 'src/b.js': '2' }))).toMatchInlineSnapshot(`
      "FROM node:20 AS build
      WORKDIR /app ‹cached · layer 1 · [build 2/6]›
      COPY package.json ./ ‹cached · layer 2 · [build 3/6]›
      RUN npm ci ‹cached · layer 3 · [build 4/6]›
      COPY src src ‹rebuilds · layer 4›
      RUN npm run build ‹rebuilds · layer 5›

      FROM nginx ‹base: unknown›
      LABEL a=b
      COPY --from=build /app/dist /usr/share/nginx/html ‹depends on build · layer 1›
      RUN nginx -t ‹may rebuild · layer 2›
      "
    `);
  });

  test('each kind has a switch, and no label passes 30 characters', () => {
    const read = (sent: unknown): string => drawn(readingAfter({ text: app, files }, app, { ...files, 'src/b.js': '2' }, {}, sent));
    expect(read({ hints: { cache: false } })).toBe(drawn(readingAfter({ text: app, files }, app)));
    expect(read({ hints: { layers: false } })).toMatchInlineSnapshot(`
      "FROM node:20 AS build
      WORKDIR /app ‹cached›
      COPY package.json ./ ‹cached›
      RUN npm ci ‹cached›
      COPY src src ‹rebuilds›
      RUN npm run build ‹rebuilds›

      FROM nginx ‹base: unknown›
      LABEL a=b
      COPY --from=build /app/dist /usr/share/nginx/html ‹depends on build›
      RUN nginx -t ‹may rebuild›
      "
    `);
    const long = app.replaceAll('build', 'a-stage-with-a-name-that-is-long');
    expect(drawn(readingAfter({ text: long, files }, long, {})).match(/‹[^›]{31,}›/g)).toBeNull();
  });
});

test('tooltips link to what is the cause', () => {
  expect(tooltipsOf(readingAfter({ text: app, files, since: 'commit' }, app, { ...files, 'src/b.js': '2' })).split('\n').filter((line) => /^‹|^\*\*/.test(line)).join('\n')).toMatchInlineSnapshot(`
    "‹cached · layer 1 · [build 2/6]›
    **Cached**, if the cache of that build is still there. Compared with the last commit, built with BuildKit.
    ‹cached · layer 2 · [build 3/6]›
    **Cached**, if the cache of that build is still there. Compared with the last commit, built with BuildKit.
    ‹cached · layer 3 · [build 4/6]›
    **Cached**, if the cache of that build is still there. Compared with the last commit, built with BuildKit.
    ‹rebuilds · layer 4›
    **Runs again**: [\`src/b.js\`](file:///src/b.js) is not what it was. Compared with the last commit, built with BuildKit.
    ‹rebuilds · layer 5›
    **Runs again**: The step of [line 5](file:///Dockerfile#L5) above runs again. Compared with the last commit, built with BuildKit.
    ‹base: unknown›
    ‹depends on build · layer 1›
    **May run again**: It takes files from a step that runs again; whether they change is not known without running it. Compared with the last commit, built with BuildKit.
    ‹may rebuild · layer 2›
    **May run again**: A step above may run again: whether it does is not known without running it. Compared with the last commit, built with BuildKit."
  `);
});

describe('what if', () => {
  const lensed = (text: string, given: Record<string, string> = files, sent?: unknown): string => {
    const reading = readingAfter({ text, files: given }, text, given, {}, sent);
    const titles = lensesOf(reading).map((lens) => ({ line: lens.range.start.line, title: countedLens(reading, lens, lens.data as LensData).command?.title }));
    return text.split('\n').map((line, i) => [...titles.filter((one) => one.line === i).map(({ title }) => `‹${title}›`), line].join('\n')).join('\n');
  };

  test('lenses say what a change costs', () => {
    expect(lensed(app)).toMatchInlineSnapshot(`
      "‹if node:20 changes: 5 of 7 steps run again, 2 more may›
      FROM node:20 AS build
      WORKDIR /app
      ‹if package.json changes: 4 of 7 steps run again, 2 more may›
      COPY package.json ./
      RUN npm ci
      ‹if src/ changes: 2 of 7 steps run again, 2 more may›
      COPY src src
      RUN npm run build

      ‹if nginx changes: 2 of 7 steps run again›
      FROM nginx
      LABEL a=b
      COPY --from=build /app/dist /usr/share/nginx/html
      RUN nginx -t
      "
    `);
  });

  test('of files that may be there, of what is not built, and of what is ignored', () => {
    expect(lensed('FROM a AS unused\nCOPY x /\nFROM b\nCOPY . .\nADD https://a/b /\nCOPY one two three /\nCOPY *.json /\nCOPY --link [x] /\n', {})).toMatchInlineSnapshot(`
      "FROM a AS unused
      COPY x /
      ‹if b changes: 4 of 5 steps run again›
      FROM b
      ‹if any file changes: 5 of 5 steps run again›
      COPY . .
      ADD https://a/b /
      ‹if one of one, … changes: 4 of 5 steps run again›
      COPY one two three /
      ‹if *.json changes: 4 of 5 steps run again›
      COPY *.json /
      ‹takes no file that is known›
      COPY --link [x] /
      "
    `);
    expect(lensed(app, files, { codeLens: { enabled: false } })).toBe(app);
  });

  test('a file, an argument and a base, with the steps and their reasons', () => {
    const text = 'ARG V=20\nFROM node:$V\nARG DEBUG\nCOPY . /a\nRUN a\n';
    const reading = readingAfter({ text, files }, text);
    const told = (found: ReturnType<typeof buildAfter>): string => (!found ? 'nothing' : [
      `${found.what}: ${found.build.again} of ${found.build.total}`, ...found.build.steps.map(({ line, instruction, step, reason }) => `${line} ${step} ${instruction}: ${reason}`),
    ].join('\n'));
    expect(told(buildAfter(reading, { kind: 'file', uri: '' }, 'src/a.js'))).toMatchInlineSnapshot(`
      "src/a.js: 2 of 2
      4 [2/3] COPY . /a: src/a.js is not what it was.
      5 [3/3] RUN a: The step of line 4 above runs again."
    `);
    expect(told(buildAfter(reading, { kind: 'arg', name: 'DEBUG' }, undefined))).toMatchInlineSnapshot(`
      "DEBUG: 1 of 2
      5 [3/3] RUN a: Its environment is not what it was."
    `);
    expect(told(buildAfter(reading, { kind: 'base', reference: 'node:20' }, undefined))).toMatchInlineSnapshot(`
      "node:20: 2 of 2
      4 [2/3] COPY . /a: Nothing was built on what is below it yet.
      5 [3/3] RUN a: The step of line 4 above runs again."
    `);
    expect(told(buildAfter(reading, { kind: 'base', reference: 'node' }, undefined))).toBe('nothing');
    expect(told(buildAfter(reading, { kind: 'arg', name: 'NONE' }, undefined))).toBe('nothing');
  });
});
