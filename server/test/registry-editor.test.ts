/** What the editor shows of images that registries have: only after the command, only in a workspace that is trusted. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import type { Hover } from 'vscode-languageserver/node';
import { askRegistryRequest, type AskRegistryAnswer } from '../src/protocol';
import { openProject } from '../src/workspace/machine';
import type { Project } from '../src/workspace/project';
import { connect, type Client } from './client';
import { serveImages, type FakeEngine, type FakeImage as EngineImage } from './fake-engine';
import { putImage, putIndex, serveFiles, sha256, type FakeImage, type FakeRegistry } from './fake-registry';

const folders: string[] = [];
let project: Project | undefined;
afterEach(() => {
  project?.close();
  folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true, force: true }));
});

const base: FakeImage = { rows: [[2000, 'ADD rootfs.tar /'], [0, 'CMD ["sh"]']] };
const shop: FakeImage = { rows: [...base.rows, [300, 'RUN /bin/sh -c make # buildkit'], [40, 'COPY app /app # buildkit']] };
/** Of the same base. */
const built: EngineImage = { rows: '500 COPY app /app # buildkit\n700000 RUN /bin/sh -c make # buildkit\n0 CMD ["sh"]\n8000 ADD rootfs.tar /', layers: 3, diffIds: [0, 7, 8].map((name) => sha256(`diff ${name}`)) };

test('nothing is asked before the command, and nothing in a workspace that is not trusted', async () => {
  const { registry, ask, hover } = await opened({ trusted: false });
  expect(await hover(2)).not.toContain('registry');
  expect(await ask()).toEqual({ found: [], failed: ['No registry is asked for a workspace that is not trusted.'] });
  expect(registry.asked).toEqual([]);
});

test('a base that the engine does not have becomes a fact; its platforms are on FROM, and the image is that of the registry', async () => {
  const { registry, ask, hover, labels, host } = await opened();
  expect(await labels()).toEqual(['base: unknown', 'layer 1 · [2/3]', 'layer 2 · [3/3]']);
  expect(registry.asked).toEqual([]);
  expect(await ask()).toEqual({ found: [`${host}/shop`, `${host}/base`], failed: [] });
  expect(registry.asked.filter(({ url }) => !/\/(?:manifests|blobs\/sha256:)/.test(url))).toEqual([]);
  expect(await labels()).toEqual(['base: 1 layer', 'layer 1 · [2/3]', 'layer 2 · [3/3]']);
  expect(await hover(0)).toContain('In its registry for linux/amd64, linux/arm64.');
  expect(await hover(2)).toContain('In the registry already: 40 B, compressed.');
  expect(await hover(2)).toContain(`In the image \`${host}/shop\` (linux/amd64):`);
  const { ask: again, labels: after } = await opened({ settings: { engine: 'off' } });
  await again();
  expect((await after())[0]).toBe('base: 1 layer');
});

test('of the image that the engine has: which layers a push sends; an edited line has none', async () => {
  const { ask, hover, client, uri, text, host } = await opened({ images: { shop: built } });
  await ask();
  expect(await hover(1)).toContain('A push sends it: 2 of 3 layers, 701 kB uncompressed.');
  expect(await hover(2)).toContain('A push sends it: 2 of 3 layers');
  expect(await hover(2)).toContain(`In the image \`${host}/shop\``);
  await client.connection.sendNotification('textDocument/didChange', { textDocument: { uri, version: 2 }, contentChanges: [{ text: text.replace('make', 'make all') }] });
  expect(await hover(1)).not.toContain('A push');
});

test('what a registry says is shown as it is, and acts upon nothing', async () => {
  const evil = '[x](command:evil) | `code` <img src=x>';
  const { ask, hover, registry, host } = await opened();
  putImage(registry.files, 'base', 'latest', { rows: [[1, evil]] });
  await ask();
  const shown = await hover(0);
  expect(shown).toContain('command:evil');
  // Within code, and no column of the table.
  const row = shown.split('\n').find((line) => line.includes('command:evil'))!;
  expect(row).toMatch(/^\|  \| ``\[x\]\(command:evil\) \\\| `code` <img src=x>`` \| base \|$/);
  expect(await hover(2)).toContain(`${host}/shop`);
});

test('a registry that has not what is asked says so, and an image without a registry in its name is not looked for', async () => {
  const { ask, host, registry } = await opened({ settings: { image: 'shop' } });
  registry.files.delete('base/manifests/latest');
  expect(await ask()).toEqual({ found: [], failed: [
    "shop names no registry: Docker Hub has Docker's own images under such a name.", `The registry at ${host} has no image base:latest.`,
  ] });
});

interface Opened {
  readonly client: Client;
  readonly uri: string;
  readonly text: string;
  readonly host: string;
  readonly registry: FakeRegistry;
  readonly engine: FakeEngine;
  readonly ask: () => Promise<AskRegistryAnswer>;
  readonly labels: () => Promise<unknown[]>;
  /** Of the keyword in a line, from 0. */
  readonly hover: (line: number) => Promise<string>;
}

/** `images`: of the engine, by what follows the registry's name. */
async function opened({ images = {}, trusted = true, settings = {} }: { readonly images?: Record<string, EngineImage>; readonly trusted?: boolean; readonly settings?: object } = {}): Promise<Opened> {
  const registry = await serveFiles();
  const { host, files } = registry;
  putIndex(files, 'base', 'latest', ['amd64', 'arm64'].map((architecture) => putImage(files, 'base', architecture, { ...base, architecture })));
  putImage(files, 'shop', 'latest', shop);
  const folder = mkdtempSync(join(tmpdir(), 'strata-registry-'));
  folders.push(folder);
  const text = `FROM ${host}/base\nRUN make\nCOPY app /app\n`;
  const all = { Dockerfile: text, 'compose.yaml': `services:\n  web:\n    image: ${host}/shop\n    build: .\n`, app: '' };
  for (const [path, content] of Object.entries(all)) writeFileSync(join(folder, path), content);
  const engine = await serveImages(Object.fromEntries(Object.entries(images).map(([name, image]) => [`${host}/${name}`, image])));
  project?.close();
  const uri = pathToFileURL(join(folder, 'Dockerfile')).href;
  const workspaceFolders = [{ uri: pathToFileURL(folder).href, name: 'folder' }];
  const environment = { DOCKER_HOST: engine.host, DOCKER_CONFIG: folder };
  const client = await connect(settings, { workspaceFolders, initializationOptions: { trusted } }, { platform: { build: 'linux/amd64', target: 'linux/amd64', assumed: true }, project: (listener) => (project = openProject(listener, environment)) });
  await client.open(text, uri);
  const settle = async (): Promise<void> => {
    // Each answer may be the reason for another question.
    for (let round = 0; round < 3; round++) {
      await client.hints(uri);
      await project?.settled();
    }
  };
  await settle();
  return {
    client, uri, text, host, registry, engine,
    ask: () => client.ask(askRegistryRequest, { textDocument: { uri } }),
    labels: async () => {
      await settle();
      return (await client.hints(uri)).map(({ label }) => label);
    },
    hover: async (line) => {
      await settle();
      const found = await client.ask<Hover | null>('textDocument/hover', { textDocument: { uri }, position: { line, character: 1 } });
      return (found?.contents as { readonly value: string } | undefined)?.value ?? '';
    },
  };
}
