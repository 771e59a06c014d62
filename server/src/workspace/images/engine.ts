/** Images of a container engine that speaks Docker's API (Docker, Podman): asked, never told to do anything. */
import { createHash } from 'node:crypto';
import { createWriteStream, existsSync, readFileSync } from 'node:fs';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import Modem from 'docker-modem';
import modemHttp from 'docker-modem/lib/http.js';
import type { ContainerChange } from '../../core/image/changes';
import { fieldsOf, mostRows, platformOf } from '../../core/image/config';
import type { Image, ImageRow } from '../../core/image/model';
import { normalReference } from '../../core/image/reference';
import { withLayers } from '../../core/image/rows';
import { say } from '../../core/say';

/** No engine sends us elsewhere: the client's own requests would go to any server that it names, and throw at nobody where there is none. */
Object.assign(modemHttp, { http, https });

/** One sentence for people. */
export class EngineError extends Error {}

export interface Engine {
  /** Where it answers, for people. */
  readonly name: string;
  /** Undefined: it has none of that name. Throws EngineError. */
  readonly image: (reference: string) => Promise<Image | undefined>;
  /** The image as `docker image save` has it, into a file. Throws EngineError, and the reason of `stop`. */
  readonly save: (reference: string, file: string, stop?: AbortSignal) => Promise<void>;
  /** All that have a name, or are what somebody built last. Throws EngineError. */
  readonly images: () => Promise<readonly ListedImage[]>;
  /** Uncompressed layers of an image, oldest first, as `sha256:…`; undefined: it is gone. Throws EngineError. */
  readonly diffIds: (id: string) => Promise<readonly string[] | undefined>;
  /** Of an image, running or not. Throws EngineError. */
  readonly containers: (image: string) => Promise<readonly ListedContainer[]>;
  /** What `docker diff` says of a container; undefined: it is gone. Throws EngineError. */
  readonly changes: (container: string) => Promise<readonly ContainerChange[] | undefined>;
  /** Tells of each change of its images until it is stopped by what is returned, or the engine ends. */
  readonly follow: (changed: () => void, ended: () => void) => () => void;
}

export interface ListedImage {
  /** `sha256:…` */
  readonly id: string;
  readonly names: readonly string[];
}

export interface ListedContainer {
  readonly id: string;
  readonly name: string;
  readonly isRunning: boolean;
}

/** How long an answer may take, in milliseconds, and how large it may be, in bytes: as a value it takes up to twenty times as much. */
const limits = { patience: 2000, largest: 4 << 20 };
/** How long it may send nothing of an image's content: before its first byte it makes the archive. */
const silence = 60_000;

interface Sockets {
  readonly docker: readonly string[];
  readonly podman: readonly string[];
}

/** Where no engine is said to be, those that are looked for. */
function usualSockets(environment: Environment): Sockets {
  if (process.platform === 'win32') return { docker: ['//./pipe/docker_engine'], podman: ['//./pipe/podman-machine-default'] };
  // Podman takes the same where the variable is not set.
  const own = environment.XDG_RUNTIME_DIR || `/run/user/${process.getuid?.()}`;
  return { docker: ['/var/run/docker.sock', `${own}/docker.sock`, `${homedir()}/.docker/run/docker.sock`], podman: [`${own}/podman/podman.sock`, '/run/podman/podman.sock'] };
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The engine that `docker` would speak to: by DOCKER_HOST, by its context, at a usual socket. Else the one that `podman` would, by
 * CONTAINER_HOST or at a usual socket. Throws EngineError where there is none. `sockets`: in place of the usual ones.
 */
export function findEngine(environment: Environment, sockets: Sockets = usualSockets(environment)): Engine {
  const at = (paths: readonly string[]): string | undefined => paths.filter((path) => existsSync(path)).map((path) => `unix://${path}`)[0];
  const host = environment.DOCKER_HOST || contextHost(environment) || at(sockets.docker) || environment.CONTAINER_HOST || at(sockets.podman);
  if (!host) throw new EngineError(say('No container engine is here: neither DOCKER_HOST, a Docker context, CONTAINER_HOST nor a socket of Docker or Podman.'));
  return engineAt(host, environment);
}

/** The endpoint of the Docker context in use; undefined for the default one. cli/context/store keeps it by the digest of its name. */
function contextHost(environment: Environment): string | undefined {
  const folder = environment.DOCKER_CONFIG ?? join(homedir(), '.docker');
  const name = environment.DOCKER_CONTEXT ?? (readJson(join(folder, 'config.json')) as { readonly currentContext?: string } | undefined)?.currentContext;
  if (name === undefined || name === '' || name === 'default') return undefined;
  const meta = readJson(join(folder, 'contexts', 'meta', createHash('sha256').update(name).digest('hex'), 'meta.json')) as { readonly Endpoints?: { readonly docker?: { readonly Host?: string } } } | undefined;
  const host = meta?.Endpoints?.docker?.Host;
  if (host === undefined) throw new EngineError(say('The Docker context {0} is in use, and is not known.', name));
  return host;
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** `host`: as DOCKER_HOST has it. */
export function engineAt(host: string, environment: Environment = {}, { patience, largest } = limits): Engine {
  const modem = clientOf(host, environment);
  let isPodman = false;
  return { name: host, image, images, diffIds, containers, changes, save, follow };

  async function image(reference: string): Promise<Image | undefined> {
    if (!isAskable(reference)) return undefined;
    const path = pathOf(reference);
    const [found, told] = await Promise.all([ask(`${path}/json`), ask(`${path}/history`)]);
    if (found === undefined || told === undefined) return undefined;
    const { Id: id, RootFS: root, Config: config, Os: os, Architecture: architecture, Variant: variant } = record(found);
    const { Layers: diffIds = [] } = record(root);
    if (typeof id !== 'string' || !Array.isArray(told) || !isTexts(diffIds)) throw new EngineError(say('The engine at {0} answers in a way that is not known.', host));
    if (told.length > mostRows) throw new EngineError(say('The engine at {0} has a history of {1} rows for {2}.', host, told.length, reference));
    return { reference, id, platform: platformOf({ os, architecture, variant }), config: fieldsOf(config), ...(isPodman && { hidesTriggers: true as const }), rows: withLayers(told.map(rowOf).toReversed(), diffIds), diffIds };
  }

  async function images(): Promise<ListedImage[]> {
    return (await askList('/images/json') ?? []).flatMap(({ Id: id, RepoTags: names }) => (typeof id === 'string' ? [{ id, names: (isTexts(names) ? names : []).filter((name) => !name.includes('<none>')) }] : []));
  }

  async function diffIds(id: string): Promise<readonly string[] | undefined> {
    const { Layers: found } = record(record(await ask(`${pathOf(id)}/json`)).RootFS);
    return isTexts(found) ? found : undefined;
  }

  async function containers(id: string): Promise<ListedContainer[]> {
    const digits = (one: unknown): string | undefined => (typeof one === 'string' ? one.replace(/^sha256:/, '') : undefined);
    return (await askList('/containers/json?', { all: 'true' }) ?? []).flatMap(({ Id: one, ImageID: image, Names: names, State: state }) => (
      typeof one === 'string' && digits(image) === digits(id) ? [{ id: one, name: isTexts(names) && names.length > 0 ? names[0].replace(/^\//, '') : one.slice(0, 12), isRunning: state === 'running' }] : []
    ));
  }

  async function changes(container: string): Promise<ContainerChange[] | undefined> {
    // A container may have changed more files than a history has rows.
    const found = await askList(`/containers/${encodeURIComponent(container)}/changes`, undefined, 4 * largest);
    return found?.flatMap(({ Path: path, Kind: kind }) => {
      const change = kinds[Number(kind)];
      return typeof path === 'string' && change !== undefined ? [{ path: path.replace(/^\/+/, ''), kind: change }] : [];
    });
  }

  async function save(reference: string, file: string, asked?: AbortSignal): Promise<void> {
    const stop = new AbortController();
    const end = (): void => stop.abort();
    if (asked?.aborted) end();
    asked?.addEventListener('abort', end);
    const idle = setTimeout(() => stop.abort(), silence);
    try {
      const stream = await get(`${pathOf(reference)}/get`, stop.signal);
      if (!stream) throw new EngineError(say('The engine at {0} has no image {1}.', host, reference));
      stream.on('data', () => idle.refresh());
      await pipeline(stream, createWriteStream(file), { signal: stop.signal });
    } catch (error) {
      asked?.throwIfAborted();
      if (error instanceof EngineError) throw error;
      throw new EngineError(stop.signal.aborted ? say('The engine at {0} sends nothing for {1} seconds.', host, silence / 1000) : reasonOf(error as NodeJS.ErrnoException));
    } finally {
      clearTimeout(idle);
      asked?.removeEventListener('abort', end);
    }
  }

  function follow(changed: () => void, ended: () => void): () => void {
    const stop = new AbortController();
    const end = (): void => (stop.signal.aborted ? undefined : ended());
    // A line for each, in one piece or several; what takes an image out changes none.
    const heard = (lines: Buffer): void => {
      if (lines.toString('utf8').split('\n').some((line) => line.trim() !== '' && !/"(?:status|Action)": ?"(?:save|push)"/.test(line))) changed();
    };
    get('/events?', stop.signal, { filters: '{"type":["image"]}' }).then((events) => (events ? events.on('data', heard).on('error', () => undefined).on('close', end) : end()), end);
    return () => stop.abort();
  }

  /** Undefined: not found. Throws EngineError of any other refusal, which is read within bounds, too. */
  async function get(path: string, stop: AbortSignal, query?: object): Promise<Readable | undefined> {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      modem.dial({ path, method: 'GET', options: query, isStream: true, abortSignal: stop, statusCodes: everyStatus }, (error, message) => (error ? reject(error as Error) : resolve(message as IncomingMessage)));
    });
    // Podman's compat API names itself in each answer.
    isPodman ||= answer.headers['libpod-api-version'] !== undefined;
    if (answer.statusCode === 200) return answer;
    if (answer.statusCode !== 404) throw new EngineError(say('The engine at {0} refuses: {1}', host, messageIn(await textOf(answer, stop)) || say('status {0}', answer.statusCode ?? '?')));
    answer.destroy();
    return undefined;
  }

  /** The records of a list; null is an empty one. Undefined: not found. */
  async function askList(path: string, query?: object, most = largest): Promise<Readonly<Record<string, unknown>>[] | undefined> {
    const found = await ask(path, query, most);
    if (found !== undefined && found !== null && !Array.isArray(found)) throw new EngineError(say('The engine at {0} answers in a way that is not known.', host));
    return found === null ? [] : found?.map(record);
  }

  /** Undefined: not found. */
  async function ask(path: string, query?: object, most = largest): Promise<unknown> {
    const stop = AbortSignal.timeout(patience);
    try {
      const answer = await get(path, stop, query);
      return answer && JSON.parse(await textOf(answer, stop, most));
    } catch (error) {
      throw error instanceof EngineError ? error : new EngineError(reasonOf(error as NodeJS.ErrnoException));
    }
  }

  function reasonOf(error: NodeJS.ErrnoException): string {
    if (error.name === 'AbortError' || error.name === 'TimeoutError' || error.code === 'ABORT_ERR') return say('The engine at {0} does not answer within {1} seconds.', host, patience / 1000);
    if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') return say('No engine answers at {0}.', host);
    if (error.code === 'EACCES') return say('The engine at {0} may not be asked by this user.', host);
    if (error instanceof SyntaxError) return say('The engine at {0} answers in a way that is not known.', host);
    return say('The engine at {0} does not answer: {1}', host, error.message.split('\n')[0].slice(0, 200));
  }

  async function textOf(stream: Readable, stop: AbortSignal, most = largest): Promise<string> {
    const parts: Buffer[] = [];
    let size = 0;
    const end = (): void => void stream.destroy(stop.reason as Error);
    stop.addEventListener('abort', end);
    try {
      for await (const part of stream as AsyncIterable<Buffer>) {
        size += part.length;
        if (size > most) throw new EngineError(say('The engine at {0} answers with more than {1} MB.', host, most >> 20));
        parts.push(part);
      }
    } finally {
      stop.removeEventListener('abort', end);
      stream.destroy();
    }
    return Buffer.concat(parts).toString('utf8');
  }
}

/** As the API counts them (moby, api/types/container/change_types.go). */
const kinds = ['changed', 'added', 'removed'] as const;

/** The client would read an answer that it does not expect without an end. */
const everyStatus = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [100 + i, true]));

/** Of a refusal: the message in its JSON, else its first line. */
function messageIn(text: string): string {
  let message: unknown;
  try {
    ({ message } = record(JSON.parse(text)));
  } catch {
    message = text;
  }
  return typeof message === 'string' ? message.trim().split('\n')[0].slice(0, 200) : '';
}

/** A path of the disk is no image's name, and another address in the engine's. */
function isAskable(reference: string): boolean {
  return /^[a-f0-9]{64}$/.test(reference) || !('error' in normalReference(reference));
}

function pathOf(reference: string): string {
  return `/images/${reference.split('/').map(encodeURIComponent).join('/')}`;
}

function clientOf(host: string, environment: Environment): Modem {
  const [, scheme, rest = ''] = /^([a-z+]+):\/\/(.*)$/.exec(host) ?? [];
  if (scheme === 'unix' || scheme === 'npipe') return new Modem({ socketPath: rest });
  if (scheme !== 'tcp' && scheme !== 'http' && scheme !== 'https') throw new EngineError(say('{0}: engines are asked at unix, npipe, tcp, http and https addresses only.', host));
  const address = URL.canParse(`http://${rest}`) ? new URL(`http://${rest}`) : undefined;
  if (!address) throw new EngineError(say('{0} is no address.', host));
  const secure = scheme === 'https' || (environment.DOCKER_TLS_VERIFY ?? '') !== '';
  const certificates = secure ? certificatesIn(environment.DOCKER_CERT_PATH ?? join(homedir(), '.docker')) : {};
  return new Modem({ host: address.hostname, port: address.port || (secure ? 2376 : 2375), protocol: secure ? 'https' : 'http', ...certificates });
}

function certificatesIn(folder: string): { ca?: Buffer; cert?: Buffer; key?: Buffer } {
  const read = (name: string): Buffer | undefined => (existsSync(join(folder, name)) ? readFileSync(join(folder, name)) : undefined);
  return { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem') };
}

/** Whoever answers need not be an engine: what has not the form that it should have is left out. */
function rowOf(told: unknown): Omit<ImageRow, 'emptyLayer' | 'diffId'> {
  const { Id: id, Created: created, CreatedBy: createdBy, Comment: comment, Size: size, Tags: tags } = record(told);
  return {
    id: typeof id !== 'string' || id === '' || id === '<missing>' ? null : id,
    created: typeof created === 'number' && Math.abs(created) <= lastSecond ? Math.floor(created) : null,
    createdBy: typeof createdBy === 'string' ? createdBy : '', comment: typeof comment === 'string' ? comment : '',
    size: typeof size === 'number' && size >= 0 ? size : undefined, tags: isTexts(tags) ? tags : [],
  };
}

/** That a Date has. */
const lastSecond = 8.64e12;

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : {};
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}
