/** The server in a folder with siblings: hints, hover, findings and the edits of an extraction, as an editor gets them. */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import type { CodeAction, Diagnostic, DocumentDiagnosticReport, Hover, Position, TextDocumentEdit, TextEdit, WorkspaceEdit } from 'vscode-languageserver/node';
import { extractKind, familiesRequest, waysRequest, type FamiliesAnswer, type WaysAnswer } from '../src/protocol';
import { openProject } from '../src/workspace/machine';
import type { Project } from '../src/workspace/project';
import { connect, type Client } from './client';

const folders: string[] = [];
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true, force: true })));

const flask = {
  'app/Dockerfile': 'FROM python:3.8-alpine\nRUN pip install flask\nCMD ["python","app.py"]\nCOPY app.py /app.py\n',
  'app/app.py': '1',
  'app2/Dockerfile': 'FROM python:3.8-alpine\nRUN pip install flask\nCMD ["python","app2.py"]\nCOPY app2.py /app2.py\n',
  'app2/app2.py': '2',
};

test('a hint says with how many a layer is shared, the hover with whom', async () => {
  const { client, uri, labels } = await opened(flask, 'app/Dockerfile');
  expect(await labels()).toEqual(['layer 1 · shared with 1', 'layer 2 · [3/3]']);
  expect(await hoverAt(client, uri, 1)).toContain('One layer with 1 sibling already, on a builder that makes both: [`app2/Dockerfile`](');
});

test('open documents count before what is on the disk, and closed ones no more', async () => {
  const { client, uri, labels, open, folder, settled } = await opened(flask, 'app/Dockerfile');
  const other = pathToFileURL(join(folder, 'app2/Dockerfile')).href;
  await open('app2/Dockerfile', 'FROM python:3.8-alpine\nENV A=1\nRUN pip install flask\nCOPY app2.py /app2.py\nRUN x\n');
  expect((await labels()).filter((label) => /shared|same/.test(label))).toEqual([]);
  await client.connection.sendNotification('textDocument/didClose', { textDocument: { uri: other } });
  await settled();
  expect((await labels()).filter((label) => /shared|same/.test(label))).toEqual(['layer 1 · shared with 1']);
  expect(await hoverAt(client, uri, 1)).toContain('app2/Dockerfile');
});

test('what git leaves out is no sibling, and a file that is made or removed is one, or none any more', async () => {
  const { labels, write, remove } = await opened({ ...flask, '.gitignore': 'app2/\n' }, 'app/Dockerfile');
  const shared = async (): Promise<string[]> => (await labels()).filter((label) => label.includes('shared'));
  expect(await shared()).toEqual([]);
  await write({ 'app3/Dockerfile': flask['app2/Dockerfile'] });
  expect(await shared()).toEqual(['layer 1 · shared with 1']);
  await write({ '.gitignore': '' });
  expect(await shared()).toEqual(['layer 1 · shared with 2']);
  await remove('app3');
  await remove('app2/Dockerfile');
  expect(await shared()).toEqual([]);
});

test('the setting turns the hints off, and leaves the others', async () => {
  const { labels } = await opened(flask, 'app/Dockerfile', { hints: { from: 'off', cache: false, shared: false } });
  expect(await labels()).toEqual(['layer 1 · [2/3]', 'layer 2 · [3/3]']);
});

test('a step that stands elsewhere could be one layer', async () => {
  const heavy = 'RUN make -C /usr/share/tools all\nRUN make -C /usr/share/more all\n';
  const { client, uri, labels } = await opened({ 'a/Dockerfile': `FROM debian:12\n${heavy}`, 'b/Dockerfile': `FROM debian:11\n${heavy}` }, 'a/Dockerfile');
  expect(await labels()).toEqual(['layer 1 · [2/3] · same in 1', 'layer 2 · [3/3] · same in 1']);
  expect(await hoverAt(client, uri, 1)).toContain('The same step stands in 1 sibling, after others or on another base: it could be one layer, and is not.');
});

test('findings point into the siblings; a step that has drifted can follow the majority', async () => {
  const service = (version: string, name: string): string => `FROM python:3.8-alpine\nRUN adduser -D -u 1000 web\nRUN pip install flask==${version}\nCOPY ${name}.py /\n`;
  const { client, uri, folder, open } = await opened({
    'a/Dockerfile': service('2.2', 'a'), 'b/Dockerfile': service('2.3', 'b'), 'c/Dockerfile': service('2.3', 'c'), 'd/Dockerfile': service('2.3', 'd'),
  }, 'a/Dockerfile');
  const found = await diagnostics(client, uri);
  expect(found.map(({ code, message, relatedInformation, severity }) => `${String(code)} (${severity}): ${message} → ${relatedInformation?.map(({ location }) => `${location.uri.replace(pathToFileURL(folder).href, '')}:${location.range.start.line + 1}`).join(' ')}`)).toMatchInlineSnapshot(`
    [
      "drifted-step (3): 3 of 4 siblings have “RUN pip install flask==2.3” here. → /b/Dockerfile:3",
    ]
  `);
  await open('b/Dockerfile', service('2.3', 'b'));
  expect((await diagnostics(client, uri.replace('/a/', '/b/'))).map(({ code, message, relatedInformation }) => `${String(code)}: ${message} ${relatedInformation?.length}`)).toEqual([
    'shared-steps: c/Dockerfile and d/Dockerfile begin with this base and the 2 steps of lines 2 to 3, too: one base could hold them. 2',
  ]);
  const [fix] = (await actions(client, uri, 2)).filter(({ title }) => title.startsWith('Do as'));
  expect(fix).toMatchObject({ title: 'Do as 3 of 4 siblings do: RUN pip install flask==2.3', edit: { documentChanges: [{ edits: [{ newText: 'RUN pip install flask==2.3' }] }] } });
  expect(fix.isPreferred).toBeUndefined();
});

test('the light bulb extracts the base; its edit comes when it is chosen', async () => {
  const { client, uri, folder } = await opened(flask, 'app/Dockerfile');
  const offered = await actions(client, uri, 1, [extractKind]);
  expect(offered.map(({ title, edit }) => [title, edit])).toEqual([
    ['Extract base image: one Dockerfile with 2 targets', undefined], ['Extract base image by Bake: docker-bake.hcl', undefined], ['Extract base image as a tagged image', undefined],
  ]);
  const resolved = await client.ask<CodeAction>('codeAction/resolve', offered[1]);
  expect(pictured(resolved.edit, folder)).toMatchInlineSnapshot(`
    "make Dockerfile.base
    make docker-bake.hcl
    Dockerfile.base 1:1-1:1 (Holds the 1 step that 2 Dockerfiles begin with.)
    # What app/Dockerfile and app2/Dockerfile begin with.
    FROM python:3.8-alpine
    RUN pip install flask

    app/Dockerfile 1:1-3:1 (Continues the base: 1 step less here.)
    FROM base

    app2/Dockerfile 1:1-3:1 (Continues the base: 1 step less here.)
    FROM base

    docker-bake.hcl 1:1-1:1 (Builds base first, and gives it to 2 builds.)
    group "default" {
      targets = ["app", "app2"]
    }

    target "base" {
      context    = "."
      dockerfile = "Dockerfile.base"
    }

    target "app" {
      context    = "app"
      dockerfile = "Dockerfile"
      contexts   = { base = "target:base" }
    }

    target "app2" {
      context    = "app2"
      dockerfile = "Dockerfile"
      contexts   = { base = "target:base" }
    }

    "
  `);
  expect((await actions(client, uri, 3, [extractKind])).map(({ title }) => title)).toEqual([]);
});

test('an extraction that has been applied is inlined again', async () => {
  const { client, uri, folder, write } = await opened(flask, 'app/Dockerfile');
  const [, bake] = await actions(client, uri, 0, [extractKind]);
  const { edit } = await client.ask<CodeAction>('codeAction/resolve', bake);
  await write(appliedTo(folder, edit));
  const inlined = await opened(read(folder), 'app/Dockerfile');
  const [action] = await actions(inlined.client, inlined.uri, 0, ['refactor.inline']);
  expect(action.title).toBe('Inline base image: Dockerfile.base');
  const back = await inlined.client.ask<CodeAction>('codeAction/resolve', action);
  expect(pictured(back.edit, inlined.folder)).toMatchInlineSnapshot(`
    "app/Dockerfile 1:1-2:1 (Has the steps of its base again.)
    FROM python:3.8-alpine
    RUN pip install flask

    docker-bake.hcl 13:1-14:1 (Builds without the base.)

    "
  `);
});

test('what is in the way is said when the action is chosen', async () => {
  const { client, uri, folder } = await opened(flask, 'app/Dockerfile');
  const [, bake] = await actions(client, uri, 1, [extractKind]);
  chmodSync(join(folder, 'app2/Dockerfile'), 0o444);
  await expect(client.ask('codeAction/resolve', bake)).rejects.toThrow('app2/Dockerfile cannot be written: it is read-only.');
  writeFileSync(join(folder, 'Dockerfile.base'), 'FROM x\n');
  chmodSync(join(folder, 'app2/Dockerfile'), 0o644);
  const again = await client.ask<CodeAction>('codeAction/resolve', bake);
  expect(pictured(again.edit, folder)).toContain('make Dockerfile.base-2');
});

test('the view has families, what they share, and the ways', async () => {
  const { client } = await opened({ ...flask, 'half/Dockerfile': 'FROM python:3.8-alpine\nRUN pip install flask\nCOPY\n' }, 'app/Dockerfile');
  const { complete, files, families } = await client.ask<FamiliesAnswer>(familiesRequest, {});
  expect({ complete, files, families: families.map(({ name, base, members, shared, candidates }) => ({ name, base, members: members.map(({ path, line }) => `${path}:${line}`), shared: shared.map(({ text, kind, count }) => `${kind} ${count} ${text}`), candidates })) }).toMatchInlineSnapshot(`
    {
      "complete": true,
      "families": [
        {
          "base": "python:3.8-alpine",
          "candidates": [
            {
              "base": "python:3.8-alpine",
              "members": [
                0,
                1,
                2,
              ],
              "saves": {
                "instructions": 2,
                "layers": 2,
                "lines": 2,
              },
              "steps": 1,
            },
          ],
          "members": [
            "app/Dockerfile:1",
            "app2/Dockerfile:1",
            "half/Dockerfile:1",
          ],
          "name": "python:3.8-alpine",
          "shared": [
            "same-layer 3 RUN pip install flask",
          ],
        },
      ],
      "files": 3,
    }
  `);
  const answer = await client.ask<WaysAnswer>(waysRequest, { family: families[0].id, candidate: 0 });
  expect(answer).toEqual({ ways: [], refused: [expect.stringMatching(/^half\/Dockerfile has an error in line 3: COPY requires at least two arguments/)] });
});

interface Opened {
  readonly client: Client;
  readonly folder: string;
  readonly uri: string;
  readonly settled: () => Promise<void>;
  readonly labels: () => Promise<string[]>;
  readonly open: (path: string, text: string) => Promise<void>;
  readonly write: (changed: Readonly<Record<string, string>>) => Promise<void>;
  readonly remove: (path: string) => Promise<void>;
}

const capabilities = {
  textDocument: { codeAction: { dataSupport: true, resolveSupport: { properties: ['edit'] } } },
  workspace: {
    configuration: true, inlayHint: { refreshSupport: true },
    workspaceEdit: { documentChanges: true, resourceOperations: ['create', 'rename', 'delete'], changeAnnotationSupport: { groupsOnLabel: true } },
  },
};

async function opened(given: Readonly<Record<string, string>>, path: string, settings: object = { hints: { from: 'off', cache: false } }): Promise<Opened> {
  const folder = mkdtempSync(join(tmpdir(), 'strata-siblings-'));
  folders.push(folder);
  put(folder, given);
  let project: Project | undefined;
  const workspace = { workspaceFolders: [{ uri: pathToFileURL(folder).href, name: 'w' }], capabilities };
  const client = await connect(settings, workspace, { project: (listener) => (project = openProject(listener)) });
  const uri = pathToFileURL(join(folder, path)).href;
  const settled = async (): Promise<void> => {
    await client.hints(uri);
    await project!.settled();
  };
  const heard = async (paths: readonly string[]): Promise<void> => {
    await client.connection.sendNotification('workspace/didChangeWatchedFiles', { changes: paths.map((one) => ({ uri: pathToFileURL(join(folder, one)).href, type: 2 })) });
    await settled();
  };
  await client.open(given[path], uri);
  await settled();
  await settled();
  return {
    client, folder, uri, settled,
    labels: async () => (await client.hints(uri)).map(({ label }) => String(label)),
    open: async (other, text) => {
      await client.open(text, pathToFileURL(join(folder, other)).href);
      await settled();
    },
    write: async (changed) => {
      put(folder, changed);
      await heard(Object.keys(changed));
    },
    remove: async (one) => {
      rmSync(join(folder, one), { recursive: true });
      await heard([one]);
    },
  };
}

function put(folder: string, given: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(given)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

function read(folder: string, below = ''): Record<string, string> {
  return Object.fromEntries(readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    return entry.isDirectory() ? Object.entries(read(folder, path)) : [[path, readFileSync(join(folder, path), 'utf8')]];
  }));
}

async function hoverAt(client: Client, uri: string, line: number): Promise<string> {
  const hover = await client.ask<Hover>('textDocument/hover', { textDocument: { uri }, position: { line, character: 0 } });
  return (hover.contents as { value: string }).value;
}

async function diagnostics(client: Client, uri: string): Promise<Diagnostic[]> {
  const report = await client.ask<DocumentDiagnosticReport>('textDocument/diagnostic', { textDocument: { uri } });
  return report.kind === 'full' ? report.items : [];
}

function actions(client: Client, uri: string, line: number, only?: string[]): Promise<CodeAction[]> {
  const at = { line, character: 0 };
  return client.ask('textDocument/codeAction', { textDocument: { uri }, range: { start: at, end: at }, context: { diagnostics: [], only, triggerKind: 1 } });
}

/** Each file's part as an editor's preview has it. */
function pictured(edit: WorkspaceEdit | undefined, folder: string): string {
  const pathOf = (uri: string): string => uri.replace(`${pathToFileURL(folder).href}/`, '');
  return (edit?.documentChanges ?? []).map((change) => {
    if ('kind' in change) return change.kind === 'create' ? `make ${pathOf(change.uri)}\n` : `${change.kind}\n`;
    return (change as TextDocumentEdit).edits.map((one) => {
      const { range: { start, end }, newText } = one as TextEdit;
      const why = 'annotationId' in one ? edit?.changeAnnotations?.[one.annotationId as string].description : '';
      return `${pathOf(change.textDocument.uri)} ${start.line + 1}:${start.character + 1}-${end.line + 1}:${end.character + 1} (${why})\n${newText}\n`;
    }).join('');
  }).join('');
}

function appliedTo(folder: string, edit: WorkspaceEdit | undefined): Record<string, string> {
  const files = read(folder);
  for (const change of edit?.documentChanges ?? []) {
    if ('kind' in change) continue;
    const path = change.textDocument.uri.replace(`${pathToFileURL(folder).href}/`, '');
    for (const one of change.edits as TextEdit[]) {
      const old = files[path] ?? '';
      const offset = ({ line, character }: Position): number => old.split('\n').slice(0, line).reduce((sum, text) => sum + text.length + 1, 0) + character;
      files[path] = old.slice(0, offset(one.range.start)) + one.newText + old.slice(offset(one.range.end));
    }
  }
  return files;
}
