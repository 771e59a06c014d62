/** An engine at a socket of its own, that knows a few images, and says when they change. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';

const ends: (() => void)[] = [];
afterEach(() => ends.splice(0).forEach((end) => end()));

/** The address. */
export async function serve(listener: RequestListener): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'strata-'));
  const server = createServer(listener);
  await new Promise<void>((resolve) => void server.listen(join(folder, 'engine.sock'), resolve));
  ends.push(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return `unix://${join(folder, 'engine.sock')}`;
}

export interface FakeImage {
  /** As `docker image history` prints them, newest first: a size, then the text. */
  readonly rows: string;
  readonly layers: number;
  /** Of the layers; others that are none where left out. */
  readonly diffIds?: readonly string[];
  readonly config?: object;
  readonly id?: string;
  /** By name: what `docker diff` says of each container. */
  readonly containers?: Readonly<Record<string, readonly string[]>>;
  /** As `docker image save` writes it. */
  readonly saved?: Buffer;
  /** Instead of `saved`: it begins to send the image, and never ends; called when nobody listens any more. */
  readonly endless?: () => void;
  /** It is Podman that answers. */
  readonly byPodman?: boolean;
}

export interface FakeEngine {
  readonly host: string;
  /** By name. */
  readonly images: Record<string, FakeImage>;
  /** The paths that it was asked for. */
  readonly asked: string[];
  /** Tells whoever listens that an image has changed. */
  readonly tell: () => void;
}

export async function serveImages(images: Record<string, FakeImage>): Promise<FakeEngine> {
  const asked: string[] = [];
  const followers = new Set<ServerResponse>();
  const host = await serve((request, answer) => {
    const path = decodeURIComponent(request.url ?? '');
    asked.push(path);
    if (path.startsWith('/events')) {
      followers.add(answer);
      answer.writeHead(200).flushHeaders();
      return;
    }
    const told = listed(path, Object.entries(images));
    if (told) {
      answer.writeHead(200).end(JSON.stringify(told));
      return;
    }
    const [, name, what] = /^\/images\/(.*)\/(json|history|get)$/.exec(path) ?? [];
    const image = name === undefined ? undefined : images[name] ?? Object.values(images).find((one) => one.id === name);
    if (what === 'get' && image?.endless) answer.writeHead(200).on('close', image.endless).write('begun');
    else if (what === 'get' && image?.saved) {
      // Docker tells of it, too.
      followers.forEach((one) => one.write('{"Action":"save"}\n'));
      answer.writeHead(200).end(image.saved);
    } else if (!image) answer.writeHead(404).end('{"message":"No such image"}');
    else answer.writeHead(200, image.byPodman ? { 'Libpod-Api-Version': '4.3.1' } : {}).end(JSON.stringify(what === 'json' ? inspected(image) : historyOf(image)));
  });
  return { host, images, asked, tell: () => followers.forEach((answer) => answer.write('{"Action":"tag"}\n')) };
}

const usualId = 'sha256:0123456789abcdef';

function listed(path: string, images: readonly (readonly [string, FakeImage])[]): object | undefined {
  if (path === '/images/json') return images.map(([name, { id = usualId }]) => ({ Id: id, RepoTags: [name] }));
  const containers = images.flatMap(([, { id = usualId, containers: own = {} }]) => Object.entries(own).map(([name, changes]) => ({ Id: `c0ffee-${name}`, Names: [`/${name}`], ImageID: id, State: 'running', changes })));
  if (path.startsWith('/containers/json')) return containers;
  const one = containers.find(({ Id: id }) => path === `/containers/${id}/changes`);
  return one?.changes.map((line) => ({ Path: line.slice(2), Kind: 'CAD'.indexOf(line[0]) }));
}

function inspected({ layers, diffIds = Array.from({ length: layers }, (_, i) => `sha256:${String(i).repeat(16)}`), config = {}, id = usualId }: FakeImage): object {
  return { Id: id, Os: 'linux', Architecture: 'amd64', Config: config, RootFS: { Layers: diffIds } };
}

function historyOf({ rows, id = usualId }: FakeImage): object[] {
  return rows.trim().split('\n').map((line, i, all) => ({
    Id: i === 0 ? id : '<missing>', Created: 59 + all.length - i, CreatedBy: line.slice(line.indexOf(' ') + 1), Size: Number.parseInt(line), Comment: '', Tags: null,
  }));
}
