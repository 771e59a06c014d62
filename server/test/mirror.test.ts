// A workspace of which only the editor has the files, as in a browser.
import { createHash } from 'node:crypto';
import { deepStrictEqual } from 'node:assert';
import { describe, expect, test } from 'vitest';
import type { TextDocumentEdit } from 'vscode-languageserver';
import { familiesRequest, type ExtractAnswer, type ExtractParams, extractRequest, type FamiliesAnswer, type FileAnswers, type FilesParams } from '../src/protocol';
import { openMirror, type Ask } from '../src/workspace/mirror';
import { projectOn, type Project } from '../src/workspace/project';
import { connect, type Client } from './client';

const root = 'vscode-vfs://github/acme/shop';
const web = 'FROM node:22-alpine\nRUN npm install -g pnpm\nWORKDIR /app\nCOPY . .\nRUN npm ci\n';
const api = 'FROM node:22-alpine\nRUN npm install -g pnpm\nWORKDIR /app\nCOPY api.js ./\n';
const shop = { 'web/Dockerfile': web, 'web/package.json': '{}', 'web/src/index.js': 'a', 'api/Dockerfile': api, 'api/api.js': 'b' };

describe('a workspace on a virtual file system', () => {
  test('has siblings', async () => {
    const { labels, families } = await opened(shop, 'web/Dockerfile');
    expect(await labels()).toEqual(['layer 1 · shared with 1', 'layer 2 · [3/5]', 'layer 3 · [4/5]', 'layer 4 · [5/5]']);
    expect(await families()).toEqual({ 'node:22-alpine': [`${root}/api/Dockerfile`, `${root}/web/Dockerfile`] });
  });

  test('has builds, and their contexts: what reads a file that is another runs again', async () => {
    const { labels, write } = await opened({ ...shop, 'compose.yaml': 'services:\n  web:\n    build: web\n', 'web/.dockerignore': '*.md\n' }, 'web/Dockerfile');
    await write({ 'web/README.md': 'left out' });
    expect(await labels()).toEqual(['layer 1 · shared with 1', 'layer 2 · [3/5]', 'layer 3 · [4/5]', 'layer 4 · [5/5]']);
    await write({ 'web/src/index.js': 'c' });
    expect(await labels()).toEqual(['cached · shared with 1', 'cached · layer 2 · [3/5]', 'rebuilds · layer 3 · [4/5]', 'rebuilds · layer 4 · [5/5]']);
    await write({ 'web/src/index.js': 'a' });
    expect(await labels()).toEqual(['layer 1 · shared with 1', 'layer 2 · [3/5]', 'layer 3 · [4/5]', 'layer 4 · [5/5]']);
  });

  test('gets a base, with the addresses that its files have', async () => {
    const { client, families } = await opened({ ...shop, 'docker-bake.hcl': 'target "web" {\n  context = "web"\n}\ntarget "api" {\n  context = "api"\n}\n' }, 'web/Dockerfile');
    await families();
    const { families: [family] } = (await client.ask<FamiliesAnswer>(familiesRequest, {}))!;
    const answer = (await client.ask<ExtractAnswer>(extractRequest, { family: family.id, candidate: 0, way: 'bake' } as unknown as ExtractParams)) as { edit?: { documentChanges: TextDocumentEdit[] }; refused?: string };
    expect(answer.refused).toBeUndefined();
    expect(new Set(answer.edit!.documentChanges.map((change) => ('uri' in change ? (change as { uri: string }).uri : change.textDocument.uri)))).toEqual(
      new Set(['Dockerfile.base', 'web/Dockerfile', 'api/Dockerfile', 'docker-bake.hcl'].map((path) => `${root}/${path}`)),
    );
  });

  test('is followed: a sibling comes in a new folder, and goes with it', async () => {
    const { families, write, remove } = await opened(shop, 'web/Dockerfile');
    await write({ 'job/deep/Dockerfile': api.replace('api.js', 'job.js') });
    expect(await families()).toEqual({ 'node:22-alpine': ['api/Dockerfile', 'job/deep/Dockerfile', 'web/Dockerfile'].map((path) => `${root}/${path}`) });
    await remove('job');
    expect(await families()).toEqual({ 'node:22-alpine': ['api/Dockerfile', 'web/Dockerfile'].map((path) => `${root}/${path}`) });
  });

  test('is asked for what is needed, and for nothing twice', async () => {
    const { asked, labels, write } = await opened({ ...shop, 'node_modules/a/Dockerfile': web, '.git/HEAD': 'ref: refs/heads/main\n', 'docs/large.bin': '' }, 'web/Dockerfile');
    const before = `\
list .
list web api docs
list web/src
text web/Dockerfile web/package.json api/Dockerfile
digest web/Dockerfile web/package.json
digest web/src/index.js
`;
    expect(asked()).toBe(before);
    await labels();
    expect(asked()).toBe(before);
    await write({ 'web/package.json': '{ }' });
    expect(asked().slice(before.length)).toBe('kind web/package.json\ntext web/package.json\ndigest web/package.json\n');
  });

  test('that does not answer leaves all unknown, and says so', async () => {
    const { labels, client } = await opened(shop, 'web/Dockerfile', () => Promise.reject(new Error('the file system is gone')));
    expect(await labels()).toEqual(['layer 1 · [2/5]', 'layer 2 · [3/5]', 'layer 3 · [4/5]', 'layer 4 · [5/5]']);
    expect(client.said).toEqual(['/vscode-vfs:github/acme/shop: Error: the file system is gone', '/vscode-vfs:github/acme/shop/web: the file system is gone']);
  });

  test('is read up to 20,000 entries', async () => {
    const many = Object.fromEntries(Array.from({ length: 20_001 }, (_, i) => [`many/${i}`, '']));
    const { client, families } = await opened({ ...shop, ...many, 'many/deeper/Dockerfile': api }, 'web/Dockerfile');
    expect(Object.values(await families())).toEqual([[`${root}/api/Dockerfile`, `${root}/web/Dockerfile`]]);
    expect(client.said).toEqual([`${root}: more than 20000 files and folders, the others are not looked at`]);
  });

  test('of which a file is not to be read is known but for that', async () => {
    const { labels, client } = await opened(shop, 'web/Dockerfile', undefined, ['web/src/index.js']);
    expect(await labels()).toEqual(['layer 1 · shared with 1', 'layer 2 · [3/5]', 'layer 3 · [4/5]', 'layer 4 · [5/5]']);
    expect(client.said).toEqual(['/vscode-vfs:github/acme/shop/web: src/index.js: no such file']);
  });
});

const capabilities = {
  workspace: {
    configuration: true, inlayHint: { refreshSupport: true },
    workspaceEdit: { documentChanges: true, resourceOperations: ['create', 'rename', 'delete'], changeAnnotationSupport: { groupsOnLabel: true } },
  },
};

interface Opened {
  readonly client: Client;
  readonly labels: () => Promise<string[]>;
  /** Name → addresses of its members. */
  readonly families: () => Promise<Record<string, string[]>>;
  readonly write: (files: Readonly<Record<string, string>>) => Promise<void>;
  readonly remove: (path: string) => Promise<void>;
  /** What the editor was asked, a line each. */
  readonly asked: () => string;
}

async function opened(given: Readonly<Record<string, string>>, path: string, answers?: () => Promise<never>, unreadable: readonly string[] = []): Promise<Opened> {
  const files = new Map(Object.entries(given));
  const log: string[] = [];
  let project: Project | undefined;
  const fileSystem = editorOf(files, unreadable);
  const ask: Ask = async (what, uris) => {
    const paths = uris.map(insideOf);
    log.push(`${what} ${paths.map((one) => one || '.').join(' ')}\n`);
    if (answers) return answers();
    return paths.map((one) => fileSystem(what, one)) as never;
  };
  const workspace = { workspaceFolders: [{ uri: root, name: 'shop' }], capabilities };
  const client = await connect({ hints: { from: 'off' } }, workspace, { project: (listener) => (project = projectOn({ disk: openMirror(ask, listener.report) }, listener)) });
  const uri = `${root}/${path}`;
  const settled = async (): Promise<void> => {
    await client.hints(uri);
    await project!.settled();
  };
  const told = async (paths: readonly string[], type: number): Promise<void> => {
    await client.connection.sendNotification('workspace/didChangeWatchedFiles', { changes: paths.map((one) => ({ uri: `${root}/${one}`, type })) });
    await settled();
    await settled();
  };
  await client.open(given[path], uri);
  await settled();
  await settled();
  return {
    client,
    labels: async () => (await client.hints(uri)).map(({ label }) => String(label)),
    families: async () => {
      await client.ask(familiesRequest, {});
      await project!.settled();
      const { families } = (await client.ask<FamiliesAnswer>(familiesRequest, {}))!;
      return Object.fromEntries(families.map(({ name, members }) => [name, members.map((member) => member.uri).sort()]));
    },
    write: async (changed) => {
      for (const [one, text] of Object.entries(changed)) files.set(one, text);
      await told(Object.keys(changed), 2);
    },
    remove: async (folder) => {
      for (const one of files.keys()) if (one.startsWith(`${folder}/`)) files.delete(one);
      await told([folder], 3);
    },
    asked: () => log.join(''),
  };
}

/** What the client answers for a path. */
function editorOf(files: ReadonlyMap<string, string>, unreadable: readonly string[]) {
  return (what: FilesParams['what'], path: string): FileAnswers[typeof what] | null => {
    const text = unreadable.includes(path) ? undefined : files.get(path);
    const below = [...files.keys()].filter((one) => path === '' || one.startsWith(`${path}/`)).map((one) => one.slice(path === '' ? 0 : path.length + 1));
    switch (what) {
      case 'kind': return files.has(path) ? 'file' : below.length > 0 ? 'folder' : null;
      case 'list': return below.length === 0 ? null : [...new Map(below.map((one) => [one.split('/')[0], one.includes('/') ? 'folder' as const : 'file' as const]))];
      case 'text': return text ?? null;
      case 'digest': return text === undefined ? null : { size: text.length, time: 0, content: createHash('sha256').update(text).digest('hex') };
    }
  };
}

function insideOf(uri: string): string {
  deepStrictEqual(uri.startsWith(root), true);
  return uri.slice(root.length + 1);
}
