/** What the light bulb offers: findings, fixes, silences, and all that is safe at once. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { CodeAction, TextDocumentEdit } from 'vscode-languageserver';
import { expect, test } from 'vitest';
import { analyze } from '../src/core/analyze';
import type { ProjectBuild } from '../src/core/build/project';
import { rules } from '../src/core/rules/index';
import { actionsOf, fixAllKind } from '../src/features/actions';
import { diagnosticsOf } from '../src/features/diagnostics';
import type { Reading } from '../src/session';
import { settingsOf } from '../src/settings';
import { contextIn, filesIn, type Files } from './rules';

const app = `FROM node:20
WORKDIR /app
COPY . .
RUN npm ci
//- package.json
{}
//- package-lock.json
{"lockfileVersion": 3, "packages": {}}
//- server.js
serve();
//- .dockerignore
Dockerfile
.dockerignore
`;

function readingOf(files: Files, sent: unknown = {}): Reading {
  const text = files.get('Dockerfile') ?? '';
  const settings = settingsOf(sent, undefined);
  const ignored = files.get('.dockerignore');
  const build: ProjectBuild = { title: '', facts: {}, context: { kind: 'folder', files: contextIn(files), ignoreFile: { path: 'file:///.dockerignore', ...(ignored !== undefined && { text: ignored }) }, dockerfile: 'Dockerfile' } };
  return {
    document: TextDocument.create('file:///Dockerfile', 'dockerfile', 7, text), settings, analysis: analyze(text), builds: [build],
    texts: async (paths) => new Map(paths.flatMap((path) => (files.has(path) ? [[path, files.get(path) ?? ''] as const] : []))),
    address: (path) => `file:///${path}`, baseline: undefined, siblings: undefined, image: () => undefined, contents: () => undefined, sharers: () => undefined, measured: undefined, kept: new Map(), inside: () => undefined,
  };
}

async function offered(files: Files, line: number, only?: string[]): Promise<CodeAction[]> {
  const at = { line, character: 0 };
  return actionsOf(readingOf(files), { textDocument: { uri: 'file:///Dockerfile' }, range: { start: at, end: at }, context: { diagnostics: [], only } });
}

function after(files: Files, { edit }: CodeAction): Record<string, string> {
  const made: Record<string, string> = {};
  for (const change of (edit?.documentChanges ?? []) as TextDocumentEdit[]) {
    if (!('edits' in change)) continue;
    const path = change.textDocument.uri.replace('file:///', '');
    made[path] = TextDocument.applyEdits(TextDocument.create('', '', 0, files.get(path) ?? ''), change.edits as never);
  }
  return made;
}

test('a finding says where it is explained, and which steps it is about', async () => {
  const diagnostics = await diagnosticsOf(readingOf(filesIn(app)));
  expect(diagnostics).toMatchInlineSnapshot(`
    [
      {
        "code": "copy-before-install",
        "codeDescription": {
          "href": "https://github.com/strata-layers/strata/blob/main/server/src/core/rules/copy-before-install.md",
        },
        "message": "A change of any file copied here makes \`npm ci\` (line 4) run again, which reads only package.json and package-lock.json.",
        "range": {
          "end": {
            "character": 8,
            "line": 2,
          },
          "start": {
            "character": 0,
            "line": 2,
          },
        },
        "relatedInformation": [
          {
            "location": {
              "range": {
                "end": {
                  "character": 10,
                  "line": 3,
                },
                "start": {
                  "character": 0,
                  "line": 3,
                },
              },
              "uri": "file:///Dockerfile",
            },
            "message": "It runs again when any file changes that is copied above.",
          },
        ],
        "severity": 3,
        "source": "Strata",
      },
    ]
  `);
});

test('a rule that is off is silent, and one may be more severe', async () => {
  const files = filesIn(app);
  expect(await diagnosticsOf(readingOf(files, { rules: { 'copy-before-install': 'off' } }))).toEqual([]);
  const [{ severity }] = await diagnosticsOf(readingOf(files, { rules: { 'copy-before-install': 'error' } }));
  expect(severity).toBe(1);
});

test('the light bulb: what is safe is preferred', async () => {
  const files = filesIn(app);
  const actions = await offered(files, 2);
  expect(actions.map(({ title, isPreferred }) => `${isPreferred ? '* ' : '  '}${title}`).join('\n')).toMatchInlineSnapshot(`
    "* Copy package.json and package-lock.json first, the rest after \`npm ci\`: a change of the rest then runs 1 of 4 steps again, not 2
      Mount package.json and package-lock.json for \`npm ci\`, copy after it (not proved the same: they are not in the layer of that step)
      Silence copy-before-install on this line
      Silence copy-before-install in this file"
  `);
  expect(after(files, actions[0]).Dockerfile).toMatchInlineSnapshot(`
    "FROM node:20
    WORKDIR /app
    COPY package.json package-lock.json ./
    RUN npm ci
    COPY . .
    "
  `);
  expect(await offered(files, 0)).toEqual([]);
});

test('all that is safe at once, and then nothing', async () => {
  const files = filesIn(app);
  const [all] = await offered(files, 0, [fixAllKind]);
  const fixed = after(files, all).Dockerfile;
  expect(fixed).toBe('FROM node:20\nWORKDIR /app\nCOPY package.json package-lock.json ./\nRUN npm ci\nCOPY . .\n');
  expect(await offered(new Map([...files, ['Dockerfile', fixed]]), 0, [fixAllKind])).toEqual([]);
});

test('a comment silences a line, a stage, the file; none stands above a directive', async () => {
  const files = new Map([...filesIn(app), ['Dockerfile', '# syntax=docker/dockerfile:1\n\nFROM alpine\nFROM node:20\nWORKDIR /app\n# all\nCOPY . .\nRUN npm ci\n']]);
  const silences = (await offered(files, 6)).filter(({ title }) => title.startsWith('Silence copy-before-install'));
  expect(silences.map((action) => `${action.title}:\n${after(files, action).Dockerfile}`).join('\n')).toMatchInlineSnapshot(`
    "Silence copy-before-install on this line:
    # syntax=docker/dockerfile:1

    FROM alpine
    FROM node:20
    WORKDIR /app
    # all
    # strata: ignore=copy-before-install
    COPY . .
    RUN npm ci

    Silence copy-before-install in this stage:
    # syntax=docker/dockerfile:1

    FROM alpine
    # strata: ignore=copy-before-install
    FROM node:20
    WORKDIR /app
    # all
    COPY . .
    RUN npm ci

    Silence copy-before-install in this file:
    # syntax=docker/dockerfile:1
    # strata: ignore=copy-before-install

    FROM alpine
    FROM node:20
    WORKDIR /app
    # all
    COPY . .
    RUN npm ci
    "
  `);
  for (const action of silences) expect(await diagnosticsOf(readingOf(new Map([...files, ['Dockerfile', after(files, action).Dockerfile]])))).toEqual([]);
});

test('a comment within a long instruction silences it', async () => {
  const text = 'FROM node:20\nWORKDIR /app\nCOPY \\\n  # strata: ignore=copy-before-install,context-takes-unneeded -- the images are small\n  . .\nRUN npm ci\n';
  expect(await diagnosticsOf(readingOf(new Map([...filesIn(app), ['Dockerfile', text]])))).toEqual([]);
});

test('an ignore file is made where there is none', async () => {
  const files = new Map([...filesIn(app)].filter(([path]) => path !== '.dockerignore').concat([['.git/HEAD', 'ref']]));
  const action = (await offered(files, 2)).find(({ title }) => title.startsWith('Ignore .git'));
  expect(action?.edit?.documentChanges?.[0]).toEqual({ kind: 'create', uri: 'file:///.dockerignore', options: { ignoreIfExists: true } });
  expect(action && after(files, action)).toEqual({ '.dockerignore': '.git\nDockerfile\n.dockerignore\n' });
});

test('settings and schema know all rules, by their titles', () => {
  const read = (path: string) => JSON.parse(readFileSync(join(import.meta.dirname, '../..', path), 'utf8'));
  const titles = rules.map(({ name, finds }) => [name, `${finds()}.`]);
  const texts = read('package.nls.json');
  const described = (properties: Record<string, { description: string }>) => Object.entries(properties).map(([name, { description }]) => [name, description]);
  expect(described(read('package.json').contributes.configuration.properties['strata.rules'].properties).map(([name, key]) => [name, texts[key.slice(1, -1)]])).toEqual(titles);
  expect(described(read('docs/strata.schema.json').properties.rules.properties)).toEqual(titles);
});
