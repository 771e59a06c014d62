/** An image's files and config as they are compared: type, mode, owner, content and target of each path; times do not count. */
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { docker } from '../engine/docker';
import { tarEntries } from '../engine/tar';

export interface Image {
  /** What is at a path, in one line. */
  readonly files: ReadonlyMap<string, string>;
  readonly config: Readonly<Record<string, unknown>>;
}

/** Out of `docker save`, its layers one over the other. */
export async function smallImage(reference: string): Promise<Image> {
  const { code, stdout, stderr } = await docker(['image', 'save', reference]);
  if (code !== 0) throw new Error(stderr);
  const entries = tarEntries(stdout);
  const [{ Config, Layers }] = JSON.parse(entries.get('manifest.json')?.toString() ?? '') as [{ Config: string; Layers: string[] }];
  const { config = {} } = JSON.parse(entries.get(Config)?.toString() ?? '') as { config?: Record<string, unknown> };
  const files = new Map<string, string>();
  for (const layer of Layers) lay(files, entries.get(layer) ?? Buffer.alloc(0));
  return { files, config };
}

/**
 * Of an image too large to be saved: a container lists every path, and digests what is newer than `since`, the base's own
 * time in seconds: what a step writes has a later ctime than all of the base. It needs GNU find.
 */
export async function largeImage(reference: string, since: string): Promise<Image> {
  const list = `find / -xdev \\( -path /proc -o -path /sys -o -path /dev \\) -prune -o -printf '%y %m %U:%G %l\\t%p\\n'; echo; find / -xdev -type f -newerct @${since} -exec sha256sum {} +`;
  const [listed, inspected] = await Promise.all([
    docker(['container', 'run', '--rm', '--network', 'none', '--user', '0', '--workdir', '/', '--entrypoint', '/bin/sh', reference, '-c', list]),
    docker(['image', 'inspect', '--format', '{{json .Config}}', reference]),
  ]);
  if (listed.code !== 0 || inspected.code !== 0) throw new Error(listed.stderr + inspected.stderr);
  const [paths, digests] = listed.stdout.toString().split('\n\n');
  const files = new Map(paths.split('\n').map((line) => [line.slice(line.indexOf('\t') + 2), line.slice(0, line.indexOf('\t'))]));
  for (const line of digests.split('\n')) {
    const path = line.slice(67);
    if (line !== '') files.set(path, `${files.get(path) ?? ''} ${line.slice(0, 40)}`);
  }
  return { files, config: JSON.parse(inspected.stdout.toString()) as Record<string, unknown> };
}

export interface FileDifference {
  readonly path: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

export function filesDiffering(before: Image, after: Image): FileDifference[] {
  return [...new Set([...before.files.keys(), ...after.files.keys()])].sort()
    .map((path) => ({ path, before: before.files.get(path), after: after.files.get(path) }))
    .filter((one) => one.before !== one.after);
}

/** Fields of the config that differ, with both values. */
export function configDiffering(before: Image, after: Image, envInAnyOrder: boolean): string[] {
  const valueOf = ({ config }: Image, field: string): unknown => {
    const value = config[field] ?? null;
    if (field === 'Env' && envInAnyOrder && Array.isArray(value)) return value.toSorted();
    return typeof value === 'object' && value !== null && Object.keys(value).length === 0 ? null : value;
  };
  // The name that a container would have got once: it differs between any two images of the classic builder.
  const fields = [...new Set([...Object.keys(before.config), ...Object.keys(after.config)])].filter((field) => field !== 'Hostname' && field !== 'Image');
  return fields.filter((field) => !isDeepStrictEqual(valueOf(before, field), valueOf(after, field)))
    .map((field) => `config ${field}: ${JSON.stringify(before.config[field])} → ${JSON.stringify(after.config[field])}`);
}

/** A layer over what is there, as an engine lays it (OCI image layout: whiteouts). */
function lay(files: Map<string, string>, layer: Buffer): void {
  const links: [path: string, target: string][] = [];
  const removeBelow = (folder: string): void => {
    for (const path of [...files.keys()]) if (path.startsWith(`${folder}/`)) files.delete(path);
  };
  for (const { path, type, mode, owner, target, body } of headers(layer)) {
    const name = path.slice(path.lastIndexOf('/') + 1);
    const folder = path.slice(0, Math.max(0, path.lastIndexOf('/')));
    if (name === '.wh..wh..opq') removeBelow(folder);
    else if (name.startsWith('.wh.')) {
      const gone = `${folder === '' ? '' : `${folder}/`}${name.slice(4)}`;
      files.delete(gone);
      removeBelow(gone);
    } else if (type === '1') links.push([path, target]);
    else {
      if (type !== '5') removeBelow(path);
      files.set(path, `${type === '\0' ? '0' : type} ${mode} ${owner} ${type === '2' ? target : ''}${type === '0' || type === '\0' ? ` ${createHash('sha256').update(body).digest('hex').slice(0, 40)}` : ''}`);
    }
  }
  for (const [path, target] of links) files.set(path, files.get(target) ?? `1 ${target}`);
}

/** The entries of a tar that lie below one of the folders. */
export function tarBelow(tar: Buffer, folders: RegExp): Buffer {
  const kept: Buffer[] = [];
  let start = 0;
  for (const { path, end } of headers(tar)) {
    if (folders.test(path)) kept.push(tar.subarray(start, end));
    start = end;
  }
  return Buffer.concat([...kept, Buffer.alloc(1024)]);
}

interface Header {
  /** Of the entry, in the tar. */
  readonly end: number;
  readonly path: string;
  readonly type: string;
  readonly mode: string;
  readonly owner: string;
  readonly target: string;
  readonly body: Buffer;
}

function* headers(tar: Buffer): Generator<Header> {
  const field = (at: number, length: number): string => {
    const end = tar.subarray(at, at + length).indexOf(0);
    return tar.toString('utf8', at, at + (end === -1 ? length : end));
  };
  let extended: Record<string, string> = {};
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0; ) {
    const size = Number.parseInt(field(at + 124, 12), 8) || 0;
    const type = String.fromCharCode(tar[at + 156]);
    const body = tar.subarray(at + 512, at + 512 + size);
    if (type === 'x') extended = Object.fromEntries([...body.toString().matchAll(/^\d+ ([^=]+)=(.*)$/gm)].map(([, key, value]) => [key, value]));
    else if (type === 'L') extended.path = body.toString().replace(/\0.*$/s, '');
    else if (type !== 'g') {
      const prefix = field(at + 257, 5) === 'ustar' ? field(at + 345, 155) : '';
      const path = (extended.path ?? `${prefix === '' ? '' : `${prefix}/`}${field(at, 100)}`).replace(/^\.?\//, '').replace(/\/$/, '');
      yield { path, type, end: at + 512 + Math.ceil(size / 512) * 512, mode: field(at + 100, 8), owner: `${field(at + 108, 8)}:${field(at + 116, 8)}`, target: (extended.linkpath ?? field(at + 157, 100)).replace(/^\.\//, ''), body };
      extended = {};
    }
    at += 512 + Math.ceil(size / 512) * 512;
  }
}
