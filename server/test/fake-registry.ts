/** Registries at ports of their own: images made of what a test says, and answers as bad as it likes. */
import { createHash } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach } from 'vitest';

const ends: (() => void)[] = [];
afterEach(() => ends.splice(0).forEach((end) => end()));

/** `127.0.0.1:PORT` */
export async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  ends.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export interface Asked {
  readonly url: string;
  readonly authorization: string | undefined;
}

export interface FakeRegistry {
  readonly host: string;
  /** Path below `/v2/` → what it is. */
  readonly files: Map<string, Buffer | string>;
  readonly asked: Asked[];
}

/** `before`: true where it has answered itself. */
export async function serveFiles(before: (...args: Parameters<RequestListener>) => boolean = () => false): Promise<FakeRegistry> {
  const files = new Map<string, Buffer | string>();
  const asked: Asked[] = [];
  const host = await listen((request, answer) => {
    const url = request.url ?? '';
    asked.push({ url, authorization: request.headers.authorization });
    if (before(request, answer)) return;
    const file = files.get(url.replace(/^\/v2\//, ''));
    if (file === undefined) answer.writeHead(404).end('{"errors":[]}');
    else answer.writeHead(200).end(file);
  });
  return { host, files, asked };
}

export const sha256 = (content: Buffer | string): string => `sha256:${createHash('sha256').update(content).digest('hex')}`;

export const imageType = 'application/vnd.oci.image.manifest.v1+json';
export const indexType = 'application/vnd.oci.image.index.v1+json';

export interface FakeImage {
  /** Oldest first: the bytes of its layer, compressed, and the text; 0 for none. */
  readonly rows: readonly (readonly [number, string])[];
  readonly architecture?: string;
  /** In place of what the rows have. */
  readonly layers?: number;
  readonly diffIds?: number;
}

/** Puts its manifest and config there; gives back its entry in an index. */
export function putImage(files: Map<string, Buffer | string>, name: string, tag: string, { rows, architecture = 'amd64', layers, diffIds }: FakeImage): Entry {
  const sizes = rows.map(([size]) => size).filter((size) => size > 0);
  const some = (count: number | undefined): readonly number[] => Array.from({ length: count ?? sizes.length }, (_, i) => sizes[i] ?? 1);
  const config = JSON.stringify({
    os: 'linux', architecture, config: {}, rootfs: { type: 'layers', diff_ids: some(diffIds).map((_, i) => sha256(`diff ${i}`)) },
    history: rows.map(([size, createdBy], i) => ({ created: `1970-01-01T00:01:0${i}Z`, created_by: createdBy, ...(size === 0 && { empty_layer: true }) })),
  });
  const blobs = some(layers).map((size, i) => ({ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', size, digest: sha256(`blob ${i}`) }));
  const manifest = JSON.stringify({ schemaVersion: 2, mediaType: imageType, config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: sha256(config), size: config.length }, layers: blobs });
  files.set(`${name}/blobs/${sha256(config)}`, config);
  return putManifest(files, name, tag, manifest, { os: 'linux', architecture });
}

export interface Entry {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly platform?: object;
}

export function putIndex(files: Map<string, Buffer | string>, name: string, tag: string, manifests: readonly object[]): Entry {
  return { ...putManifest(files, name, tag, JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests })), mediaType: indexType };
}

export function putManifest(files: Map<string, Buffer | string>, name: string, tag: string, text: string, platform?: object): Entry {
  files.set(`${name}/manifests/${tag}`, text);
  files.set(`${name}/manifests/${sha256(text)}`, text);
  return { mediaType: imageType, digest: sha256(text), size: text.length, platform };
}
