/** The server on a real folder: contexts that are followed, the last commit, and what it may not do where nobody trusts it. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import type { CodeLens } from 'vscode-languageserver/node';
import { layersRequest, takeAsBuiltRequest, trustNotification, whatIfRequest, type LayersAnswer, type WhatIfAnswer } from '../src/protocol';
import { openContexts } from '../src/workspace/contexts';
import { machineDisk } from '../src/workspace/machine-disk';
import { openProject } from '../src/workspace/machine';
import type { Project } from '../src/workspace/project';
import { connect, type Client } from './client';

const folders: string[] = [];
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true, force: true })));

const app = 'FROM scratch\nCOPY package.json /\nCOPY src /src\nADD . /all\n';
const files = { Dockerfile: app, 'package.json': '1', 'src/a.js': '1', '.dockerignore': '.git\nlogs\n' };

describe('hints', () => {
  test('follow the files, compared with the file as it was opened', async () => {
    const { client, write, remove, shown } = await opened(files, { trusted: false });
    expect(await shown()).toEqual(['[1/3]', '[2/3]', '[3/3]']);
    await write({ 'src/a.js': '2' });
    expect(await shown()).toEqual(['cached [1/3]', 'rebuilds [2/3]', 'rebuilds [3/3]']);
    expect(client.heard).toContain('workspace/inlayHint/refresh');
    await write({ 'src/a.js': '1' });
    expect(await shown()).toEqual(['[1/3]', '[2/3]', '[3/3]']);
    await write({ 'logs/x': '1' });
    expect(await shown()).toEqual(['[1/3]', '[2/3]', '[3/3]']);
    await write({ '.dockerignore': '.git\n' });
    expect(await shown()).toEqual(['cached [1/3]', 'cached [2/3]', 'rebuilds [3/3]']);
    await write({ '.dockerignore': files['.dockerignore'], 'lib/deep/b.js': '1' });
    expect(await shown()).toEqual(['cached [1/3]', 'cached [2/3]', 'rebuilds [3/3]']);
    await remove('lib');
    expect(await shown()).toEqual(['[1/3]', '[2/3]', '[3/3]']);
    await remove('package.json');
    expect(await shown()).toEqual(['rebuilds [1/3]', 'rebuilds [2/3]', 'rebuilds [3/3]']);
  });

  test('compare with the last commit in a workspace that is trusted, and from when on it is', async () => {
    const { client, folder, write, shown, settled } = await opened(files, { trusted: false, commit: true, later: { 'src/a.js': '2', 'new.js': '1' } });
    expect(await shown()).toEqual(['[1/3]', '[2/3]', '[3/3]']);
    await client.connection.sendNotification(trustNotification);
    expect(await shown()).toEqual(['cached [1/3]', 'rebuilds [2/3]', 'rebuilds [3/3]']);
    await write({ 'src/a.js': '1' });
    expect(await shown()).toEqual(['cached [1/3]', 'cached [2/3]', 'rebuilds [3/3]']);
    git(folder, 'add', '-A');
    git(folder, 'commit', '-qm', 'more');
    await client.connection.sendNotification('workspace/didChangeWatchedFiles', { changes: [{ uri: pathToFileURL(join(folder, '.git/logs/HEAD')).href, type: 2 }] });
    await settled();
    expect(await shown()).toEqual(['[1/3]', '[2/3]', '[3/3]']);
  });

  test('compare with the text of the last commit, and with what was taken as built', async () => {
    const { client, uri, shown } = await opened(files, { trusted: true, commit: true, later: { Dockerfile: app.replace('package.json', '--chown=1 package.json') } });
    expect(await shown()).toEqual(['rebuilds [1/3]', 'rebuilds [2/3]', 'rebuilds [3/3]']);
    expect(await client.ask(takeAsBuiltRequest, { textDocument: { uri } })).toBe(true);
    expect(await shown()).toEqual(['[1/3]', '[2/3]', '[3/3]']);
    expect(await client.ask(takeAsBuiltRequest, { textDocument: { uri: `${uri}.none` } })).toBeNull();
  });

  test('a folder without git, and a file that was never committed', async () => {
    const bare = await opened(files, { trusted: true });
    expect(await bare.shown()).toEqual(['[1/3]', '[2/3]', '[3/3]']);
    const untracked = await opened({ 'a.txt': '1' }, { trusted: true, commit: true, later: files });
    expect(await untracked.shown()).toEqual(['[1/3]', '[2/3]', '[3/3]']);
  });
});

test('a change is asked of every Dockerfile of the workspace that it reaches', async () => {
  const more = { 'tools/Dockerfile': 'FROM a\nCOPY x /\n', 'tools/x': '1', 'other/Dockerfile': 'FROM a\nARG V\nRUN v\n', 'node_modules/m/Dockerfile': app };
  const { client, folder, uri } = await opened({ ...files, ...more }, { trusted: false });
  const ask = async (change: object, textDocument?: object): Promise<string[]> => {
    const answer = await client.ask<WhatIfAnswer | null>(whatIfRequest, { change, ...(textDocument && { textDocument }) });
    return answer?.builds.map((build) => `${build.uri.slice(pathToFileURL(folder).href.length + 1)}: ${build.again} of ${build.total}`) ?? [];
  };
  const address = (path: string): string => pathToFileURL(join(folder, path)).href;
  expect(await ask({ kind: 'file', uri: address('tools/x') })).toEqual(['Dockerfile: 1 of 3', 'tools/Dockerfile: 1 of 1']);
  expect(await ask({ kind: 'file', uri: address('src/new.js') })).toEqual(['Dockerfile: 2 of 3']);
  expect(await ask({ kind: 'file', uri: address('logs/a') })).toEqual([]);
  expect(await ask({ kind: 'arg', name: 'V' })).toEqual(['other/Dockerfile: 1 of 1']);
  expect(await ask({ kind: 'base', reference: 'a' })).toEqual(['other/Dockerfile: 1 of 1', 'tools/Dockerfile: 1 of 1']);
  expect(await ask({ kind: 'line', line: 3 }, { uri })).toEqual(['Dockerfile: 2 of 3']);
  expect(await ask({ kind: 'line', line: 99 }, { uri })).toEqual([]);
  const [lens] = await client.ask<CodeLens[]>('textDocument/codeLens', { textDocument: { uri } });
  expect((await client.ask<CodeLens>('codeLens/resolve', lens)).command?.title).toBe('if package.json changes: 3 of 3 steps run again');
});

test('a build that a Compose file writes down: its context, target and arguments, and which of them is shown', async () => {
  const compose = 'services:\n  web:\n    build:\n      context: .\n      dockerfile: docker/Dockerfile\n      target: web\n      args: {V: 2}\n  job:\n    build: {context: ., dockerfile: docker/Dockerfile, target: job}\n';
  const text = 'FROM scratch AS web\nARG V=1\nCOPY one /\nRUN $V\nFROM scratch AS job\nCOPY two /\n';
  const { client, folder, write, project } = await opened({ 'compose.yaml': compose, one: '1', two: '1', Dockerfile: '', 'docker/Dockerfile': text }, { trusted: false });
  const uri = pathToFileURL(join(folder, 'docker/Dockerfile')).href;
  const shown = async (): Promise<string[]> => {
    await client.hints(uri);
    await project().settled();
    return (await client.hints(uri)).map(({ label }) => String(label));
  };
  await client.open(text, uri);
  await shown();
  expect((await client.ask<LayersAnswer>(layersRequest, { textDocument: { uri } })).builds).toEqual(['service web of compose.yaml', 'service job of compose.yaml']);
  await write({ one: '2' });
  expect(await shown()).toEqual(['rebuilds · layer 1 · [web 1/2]', 'rebuilds · layer 2 · [web 2/2]', 'layer 1 · [job 1/1]']);
  expect(JSON.stringify(await client.hints(uri))).toContain('V=2');
  const answer = await client.ask<WhatIfAnswer | null>(whatIfRequest, { change: { kind: 'file', uri: pathToFileURL(join(folder, 'two')).href } });
  expect(answer?.builds.map(({ title, again, total }) => `${title}: ${again} of ${total}`)).toEqual(['service job of compose.yaml: 1 of 1']);
  client.settings = { build: 'service job of compose.yaml' };
  await client.connection.sendNotification('workspace/didChangeConfiguration', { settings: null });
  expect(await shown()).toContain('layer 1 · [job 1/1]');
  await write({ 'compose.yaml': '' });
  expect((await shown()).length).toBeGreaterThan(0);
  expect((await client.ask<LayersAnswer>(layersRequest, { textDocument: { uri } })).builds).toEqual(['']);
});

describe('a folder that is no orderly context', () => {
  const contextOf = async (folder: string, room?: number): Promise<{ paths: readonly string[] | undefined; said: string[]; contexts: ReturnType<typeof openContexts> }> => {
    const said: string[] = [];
    const contexts = openContexts(machineDisk, { changed: () => undefined, report: (message) => said.push(message.replaceAll(folder, '')) }, room);
    contexts.at(folder, join(folder, 'Dockerfile'));
    await contexts.settled();
    return { paths: contexts.at(folder, join(folder, 'Dockerfile'))?.context.paths, said, contexts };
  };

  test('links in circles and out of it are not followed, and .git is not read', async () => {
    const folder = made({ 'a/b': '1', '.git/objects/pack': '1' });
    symlinkSync('.', join(folder, 'a', 'loop'));
    symlinkSync('/', join(folder, 'out'));
    symlinkSync('nowhere', join(folder, 'dangling'));
    expect((await contextOf(folder)).paths).toEqual(['.git', 'a', 'a/b', 'a/loop', 'dangling', 'out']);
  });

  test('what is not there, is no folder, or is far too much', async () => {
    expect(await contextOf(join(made({}), 'none'))).toMatchObject({ paths: undefined, said: [': no such file'] });
    expect((await contextOf(join(made({ file: '1' }), 'file'))).paths).toBeUndefined();
    expect(await contextOf(made({ a: '', b: '', c: '' }), 2)).toMatchObject({ paths: undefined, said: [': more than 2 files and folders, not looked at'] });
  });

  test.runIf(process.getuid?.() !== 0)('what cannot be read is said', async () => {
    const folder = made({ secret: '1', open: '1' });
    chmodSync(join(folder, 'secret'), 0);
    expect(await contextOf(folder)).toMatchObject({ paths: ['open'], said: [': secret: not allowed to read it'] });
  });

  test('it changes while it is read', async () => {
    const folder = made(Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`d${i % 10}/f${i}`, String(i)])));
    const { contexts } = await contextOf(folder);
    const all = Array.from({ length: 10 }, (_, i) => join(folder, `d${i}`));
    contexts.changed([join(folder, '.dockerignore')]);
    for (const one of all) renameSync(one, `${one}-moved`);
    contexts.changed(all.flatMap((one) => [one, `${one}-moved`]));
    await contexts.settled();
    const { context } = contexts.at(folder, join(folder, 'Dockerfile'))!;
    expect(context.paths.filter((path) => !path.includes('/'))).toEqual(Array.from({ length: 10 }, (_, i) => `d${i}-moved`));
    expect(context.paths).toHaveLength(310);
  });

  test('an ignore file that the build refuses leaves nothing out', async () => {
    expect(await contextOf(made({ '.dockerignore': '[', a: '1' }))).toMatchObject({ paths: ['.dockerignore', 'a'], said: [expect.stringContaining('the build refuses it')] });
  });
});

describe('findings', () => {
  const shop = {
    Dockerfile: 'FROM node:20\nWORKDIR /app\nCOPY . .\nRUN npm ci\n', 'package.json': '{}', 'package-lock.json': '{"lockfileVersion": 3, "packages": {}}', 'server.js': '1',
    '.dockerignore': 'Dockerfile\n.dockerignore\nstrata.json\n',
  };
  const rules = async ({ client, uri, settled }: Opened): Promise<string[]> => {
    await settled();
    const { items } = await client.ask<{ items: { code: string; severity: number }[] }>('textDocument/diagnostic', { textDocument: { uri } });
    return items.map(({ code, severity }) => `${code} ${severity}`);
  };

  test('follow the files of the project, and its strata.json', async () => {
    const project = await opened(shop, { trusted: false });
    expect(await rules(project)).toEqual(['copy-before-install 3']);
    await project.write({ 'package.json': '{"scripts": {"postinstall": "node server.js"}}' });
    expect(await rules(project)).toEqual([]);
    await project.write({ 'package.json': '{}', 'strata.json': '{"rules": {"copy-before-install": "warning"}}' });
    expect(await rules(project)).toEqual(['copy-before-install 2']);
    await project.write({ 'strata.json': '{"exclude": ["Docker*"]}' });
    expect(await rules(project)).toEqual([]);
    await project.remove('strata.json');
    expect(await rules(project)).toEqual(['copy-before-install 3']);
  });
});

interface Opened {
  readonly client: Client;
  readonly folder: string;
  readonly uri: string;
  readonly write: (files: Readonly<Record<string, string>>) => Promise<void>;
  readonly remove: (path: string) => Promise<void>;
  /** Of each layer: what would happen, and its step. */
  readonly shown: () => Promise<string[]>;
  readonly settled: () => Promise<void>;
  readonly project: () => Project;
}

/** A workspace with these files, its Dockerfile open; `later`: written after the commit. */
async function opened(given: Readonly<Record<string, string>>, start: { trusted: boolean; commit?: boolean; later?: Readonly<Record<string, string>> }): Promise<Opened> {
  const folder = made(given);
  if (start.commit) {
    git(folder, 'init', '-q');
    git(folder, 'add', '-A');
    git(folder, 'commit', '-qm', 'first');
  }
  put(folder, start.later ?? {});
  let project: Project | undefined;
  const workspace = { workspaceFolders: [{ uri: pathToFileURL(folder).href, name: 'w' }], initializationOptions: { trusted: start.trusted } };
  const client = await connect({ hints: { from: 'off' } }, workspace, { project: (listener) => (project = openProject(listener)) });
  const uri = pathToFileURL(join(folder, 'Dockerfile')).href;
  const heard = async (paths: readonly string[]): Promise<void> => {
    await client.connection.sendNotification('workspace/didChangeWatchedFiles', { changes: paths.map((path) => ({ uri: pathToFileURL(join(folder, path)).href, type: 2 })) });
    await settled();
  };
  /** What is on its way is heard before an answer, and what that asks for is there after the second. */
  const settled = async (): Promise<void> => {
    await client.hints(uri);
    await project!.settled();
  };
  await client.open({ ...given, ...start.later }.Dockerfile, uri);
  await settled();
  return {
    client, folder, uri, settled, project: () => project!,
    write: async (changed) => {
      put(folder, changed);
      await heard(Object.keys(changed));
    },
    remove: async (path) => {
      rmSync(join(folder, path), { recursive: true });
      await heard([path]);
    },
    shown: async () => {
      await settled();
      return (await client.hints(uri)).map(({ label }) => String(label).replace(/ ?· layer \d+ ·|layer \d+ · /, ''));
    },
  };
}

function made(given: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'strata-project-'));
  folders.push(folder);
  put(folder, given);
  return folder;
}

function put(folder: string, given: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(given)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

function git(folder: string, ...args: string[]): void {
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', '-c', 'commit.gpgsign=false', ...args], { cwd: folder, stdio: 'ignore' });
}
