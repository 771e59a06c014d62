/** Images of a container engine that speaks Docker's API (Docker, Podman): asked, never told to do anything. */
import { createHash } from 'node:crypto';
import { createWriteStream, existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import Modem from 'docker-modem';
import type { ContainerChange } from '../../core/image/changes';
import type { Image, ImageRow } from '../../core/image/model';
import { withLayers } from '../../core/image/rows';

/** One sentence for people. */
export class EngineError extends Error {}

export interface Engine {
  /** Where it answers, for people. */
  readonly name: string;
  /** Undefined: it has none of that name. Throws EngineError. */
  readonly image: (reference: string) => Promise<Image | undefined>;
  /** The image as `docker image save` has it, into a file. Throws EngineError. */
  readonly save: (reference: string, file: string) => Promise<void>;
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

/** How long an answer may take, in milliseconds, and how large it may be, in bytes. */
const limits = { patience: 2000, largest: 16 << 20 };
/** How long it may send nothing of an image's content: before its first byte it makes the archive. */
const silence = 60_000;

/** Where no engine is said to be, those that are looked for: Docker's, then Podman's. */
function usualSockets(environment: Environment): string[] {
  const own = environment.XDG_RUNTIME_DIR;
  if (process.platform === 'win32') return ['//./pipe/docker_engine', '//./pipe/podman-machine-default'];
  return ['/var/run/docker.sock', ...(own === undefined ? [] : [`${own}/docker.sock`, `${own}/podman/podman.sock`]), `${homedir()}/.docker/run/docker.sock`, '/run/podman/podman.sock'];
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** The engine that `docker` would speak to, else one at a usual socket. Throws EngineError where there is none. */
export function findEngine(environment: Environment): Engine {
  const host = environment.DOCKER_HOST || contextHost(environment);
  if (host !== undefined && host !== '') return engineAt(host, environment);
  const socket = usualSockets(environment).find((path) => existsSync(path));
  if (socket === undefined) throw new EngineError('No container engine is here: neither DOCKER_HOST, a Docker context nor a socket of Docker or Podman.');
  return engineAt(`unix://${socket}`, environment);
}

/** The endpoint of the Docker context in use; undefined for the default one. cli/context/store keeps it by the digest of its name. */
function contextHost(environment: Environment): string | undefined {
  const folder = environment.DOCKER_CONFIG ?? join(homedir(), '.docker');
  const name = environment.DOCKER_CONTEXT ?? (readJson(join(folder, 'config.json')) as { readonly currentContext?: string } | undefined)?.currentContext;
  if (name === undefined || name === '' || name === 'default') return undefined;
  const meta = readJson(join(folder, 'contexts', 'meta', createHash('sha256').update(name).digest('hex'), 'meta.json')) as { readonly Endpoints?: { readonly docker?: { readonly Host?: string } } } | undefined;
  const host = meta?.Endpoints?.docker?.Host;
  if (host === undefined) throw new EngineError(`The Docker context ${name} is in use, and is not known.`);
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
  return { name: host, image, images, diffIds, containers, changes, save, follow };

  async function image(reference: string): Promise<Image | undefined> {
    const path = pathOf(reference);
    const [found, told] = (await Promise.all([ask(`${path}/json`), ask(`${path}/history`)])) as [InspectedImage | undefined, readonly ToldRow[] | undefined];
    if (found === undefined || told === undefined) return undefined;
    if (typeof found.Id !== 'string' || !Array.isArray(told)) throw new EngineError(`The engine at ${host} answers in a way that is not known.`);
    const diffIds = found.RootFS?.Layers ?? [];
    const rows = told.map((row): Omit<ImageRow, 'emptyLayer' | 'diffId'> => ({
      id: !row.Id || row.Id === '<missing>' ? null : row.Id, created: row.Created ?? null, createdBy: row.CreatedBy ?? '', comment: row.Comment ?? '', size: row.Size, tags: row.Tags ?? [],
    })).toReversed();
    const platform = [found.Os, found.Architecture, found.Variant].filter((part) => part).join('/');
    return { reference, id: found.Id, platform, config: found.Config ?? {}, rows: withLayers(rows, diffIds), diffIds };
  }

  async function images(): Promise<ListedImage[]> {
    const found = (await askList('/images/json')) as readonly { readonly Id?: string; readonly RepoTags?: readonly string[] | null }[];
    return found.flatMap(({ Id: id, RepoTags: names }) => (typeof id === 'string' ? [{ id, names: (names ?? []).filter((name) => !name.includes('<none>')) }] : []));
  }

  async function diffIds(id: string): Promise<readonly string[] | undefined> {
    return ((await ask(`${pathOf(id)}/json`)) as InspectedImage | undefined)?.RootFS?.Layers;
  }

  async function containers(id: string): Promise<ListedContainer[]> {
    const found = (await askList('/containers/json?', { all: 'true' })) as readonly { readonly Id?: string; readonly ImageID?: string; readonly Names?: readonly string[]; readonly State?: string }[];
    const digits = (one: string | undefined): string | undefined => one?.replace(/^sha256:/, '');
    return found.flatMap(({ Id: one, ImageID: image, Names: names, State: state }) => (
      typeof one === 'string' && digits(image) === digits(id) ? [{ id: one, name: names?.[0]?.replace(/^\//, '') ?? one.slice(0, 12), isRunning: state === 'running' }] : []
    ));
  }

  async function changes(container: string): Promise<ContainerChange[] | undefined> {
    const found = (await ask(`/containers/${encodeURIComponent(container)}/changes`)) as readonly { readonly Path?: string; readonly Kind?: number }[] | null | undefined;
    // Null: nothing has changed.
    return found === undefined ? undefined : (found ?? []).flatMap(({ Path: path, Kind: kind = 0 }) => (
      typeof path === 'string' && kinds[kind] ? [{ path: path.replace(/^\/+/, ''), kind: kinds[kind] }] : []
    ));
  }

  async function save(reference: string, file: string): Promise<void> {
    const stop = new AbortController();
    const idle = setTimeout(() => stop.abort(), silence);
    try {
      const stream = await get(`${pathOf(reference)}/get`, stop.signal);
      stream.on('data', () => idle.refresh());
      await pipeline(stream, createWriteStream(file), { signal: stop.signal });
    } catch (error) {
      throw new EngineError(stop.signal.aborted ? `The engine at ${host} sends nothing for ${silence / 1000} seconds.` : reasonOf(error as NodeJS.ErrnoException));
    } finally {
      clearTimeout(idle);
    }
  }

  function follow(changed: () => void, ended: () => void): () => void {
    const stop = new AbortController();
    const end = (): void => (stop.signal.aborted ? undefined : ended());
    // A line for each, in one piece or several; what takes an image out changes none.
    const heard = (lines: Buffer): void => {
      if (lines.toString('utf8').split('\n').some((line) => line.trim() !== '' && !/"(?:status|Action)": ?"(?:save|push)"/.test(line))) changed();
    };
    get('/events?', stop.signal, { filters: '{"type":["image"]}' }).then((events) => events.on('data', heard).on('error', () => undefined).on('close', end), end);
    return () => stop.abort();
  }

  function get(path: string, stop: AbortSignal, query?: object): Promise<Readable> {
    return new Promise((resolve, reject) => {
      const codes = { 200: true, 404: 'not found', 500: 'server error' };
      modem.dial({ path, method: 'GET', options: query, isStream: true, abortSignal: stop, statusCodes: codes }, (error, answer) => (error ? reject(error as Error) : resolve(answer as Readable)));
    });
  }

  async function askList(path: string, query?: object): Promise<unknown> {
    const found = await ask(path, query);
    if (!Array.isArray(found)) throw new EngineError(`The engine at ${host} answers in a way that is not known.`);
    return found;
  }

  /** Undefined: not found. */
  async function ask(path: string, query?: object): Promise<unknown> {
    const stop = AbortSignal.timeout(patience);
    try {
      return JSON.parse(await textOf(await get(path, stop, query), stop));
    } catch (error) {
      if ((error as { readonly statusCode?: number }).statusCode === 404) return undefined;
      throw error instanceof EngineError ? error : new EngineError(reasonOf(error as NodeJS.ErrnoException));
    }
  }

  function reasonOf(error: NodeJS.ErrnoException): string {
    if (error.name === 'AbortError' || error.name === 'TimeoutError' || error.code === 'ABORT_ERR') return `The engine at ${host} does not answer within ${patience / 1000} seconds.`;
    if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') return `No engine answers at ${host}.`;
    if (error.code === 'EACCES') return `The engine at ${host} may not be asked by this user.`;
    if (error instanceof SyntaxError) return `The engine at ${host} answers in a way that is not known.`;
    return `The engine at ${host} does not answer: ${error.message.split('\n')[0].slice(0, 200)}`;
  }

  async function textOf(stream: Readable, stop: AbortSignal): Promise<string> {
    const parts: Buffer[] = [];
    let size = 0;
    const end = (): void => void stream.destroy(stop.reason as Error);
    stop.addEventListener('abort', end);
    try {
      for await (const part of stream as AsyncIterable<Buffer>) {
        size += part.length;
        if (size > largest) throw new EngineError(`The engine at ${host} answers with more than ${largest >> 20} MB.`);
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

function pathOf(reference: string): string {
  return `/images/${reference.split('/').map(encodeURIComponent).join('/')}`;
}

function clientOf(host: string, environment: Environment): Modem {
  const [, scheme, rest = ''] = /^([a-z+]+):\/\/(.*)$/.exec(host) ?? [];
  if (scheme === 'unix' || scheme === 'npipe') return new Modem({ socketPath: rest });
  if (scheme !== 'tcp' && scheme !== 'http' && scheme !== 'https') throw new EngineError(`${host}: engines are asked at unix, npipe, tcp, http and https addresses only.`);
  const address = URL.canParse(`http://${rest}`) ? new URL(`http://${rest}`) : undefined;
  if (!address) throw new EngineError(`${host} is no address.`);
  const secure = scheme === 'https' || (environment.DOCKER_TLS_VERIFY ?? '') !== '';
  const certificates = secure ? certificatesIn(environment.DOCKER_CERT_PATH ?? join(homedir(), '.docker')) : {};
  return new Modem({ host: address.hostname, port: address.port || (secure ? 2376 : 2375), protocol: secure ? 'https' : 'http', ...certificates });
}

function certificatesIn(folder: string): { ca?: Buffer; cert?: Buffer; key?: Buffer } {
  const read = (name: string): Buffer | undefined => (existsSync(join(folder, name)) ? readFileSync(join(folder, name)) : undefined);
  return { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem') };
}

interface InspectedImage {
  readonly Id?: string;
  readonly Os?: string;
  readonly Architecture?: string;
  readonly Variant?: string;
  readonly Config?: Image['config'] | null;
  readonly RootFS?: { readonly Layers?: readonly string[] };
}

interface ToldRow {
  readonly Id?: string;
  readonly Created?: number;
  readonly CreatedBy?: string;
  readonly Comment?: string;
  readonly Size?: number;
  readonly Tags?: readonly string[] | null;
}
