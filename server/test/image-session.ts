/** A folder with a Dockerfile, an engine that has images of it, and an editor's session over both. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach } from 'vitest';
import type { Hover } from 'vscode-languageserver/node';
import { openProject } from '../src/workspace/machine';
import type { Project } from '../src/workspace/project';
import { connect, type Client } from './client';
import { serveImages, type FakeEngine } from './fake-engine';
import { tarOf, type TarEntry } from './tars';

const folders: string[] = [];
let project: Project | undefined;
afterEach(() => {
  project?.close();
  folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true, force: true }));
});

/** Gone after the test. */
export function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `strata-${name}-`));
  folders.push(folder);
  return folder;
}

/** Until nothing is left to be found out. */
export async function settled(): Promise<void> {
  await project?.settled();
}

export const flask = `\
FROM python:3.8-alpine
RUN pip install flask
CMD ["python","app.py"]
COPY app.py /app.py
`;
const compose = 'services:\n  web:\n    image: shop\n    build: .\n';

/** What `docker image save` writes, of layers by their entries. */
export async function savedOf(entries: readonly (readonly TarEntry[])[]): Promise<{ readonly diffIds: readonly string[]; readonly layers: number; readonly saved: Buffer }> {
  const layers = await Promise.all(entries.map(tarOf));
  const diffIds = layers.map((layer) => `sha256:${createHash('sha256').update(layer).digest('hex')}`);
  const config = JSON.stringify({ os: 'linux', architecture: 'amd64', config: {}, history: layers.map(() => ({})), rootfs: { type: 'layers', diff_ids: diffIds } });
  const manifest = JSON.stringify([{ Config: 'config.json', RepoTags: ['shop:latest'], Layers: layers.map((_, i) => `${i}/layer.tar`) }]);
  const saved = await tarOf([{ name: 'manifest.json', text: manifest }, { name: 'config.json', text: config }, ...layers.map((bytes, i) => ({ name: `${i}/layer.tar`, bytes }))]);
  return { diffIds, layers: layers.length, saved };
}

export interface Opened {
  readonly uri: string;
  readonly folder: string;
  readonly client: Client;
  readonly engine: FakeEngine;
  readonly labels: () => Promise<unknown[]>;
  /** Of the keyword in a line, from 0. */
  readonly hover: (line: number) => Promise<string>;
}

export async function opened(images: FakeEngine['images'], files: Readonly<Record<string, string>> = {}, trusted = true, settings: object = {}, at?: string, { PATH, storage, capabilities }: { readonly PATH?: string; readonly storage?: string; readonly capabilities?: object } = {}): Promise<Opened> {
  const folder = temporaryFolder('images');
  const all: Record<string, string> = { Dockerfile: flask, 'compose.yaml': compose, 'app.py': '', ...files };
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const engine = await serveImages(images);
  project?.close();
  const uri = pathToFileURL(join(folder, 'Dockerfile')).href;
  const workspaceFolders = [{ uri: pathToFileURL(folder).href, name: 'folder' }];
  const client = await connect(settings, { workspaceFolders, initializationOptions: { trusted, storage }, ...(capabilities && { capabilities }) }, { project: (listener) => (project = openProject(listener, { DOCKER_HOST: at ?? engine.host, PATH })) });
  await client.open(all.Dockerfile, uri);
  const labels = async (): Promise<unknown[]> => {
    // Each answer may be the reason for another question.
    for (let round = 0; round < 3; round++) {
      await client.hints(uri);
      await project?.settled();
    }
    return (await client.hints(uri)).map(({ label }) => label);
  };
  const hover = async (line: number): Promise<string> => {
    await labels();
    const found = await client.ask<Hover | null>('textDocument/hover', { textDocument: { uri }, position: { line, character: 1 } });
    return ((found as Hover).contents as { value: string }).value.replaceAll('\u00a0', ' ');
  };
  return { client, engine, uri, folder, labels, hover };
}
