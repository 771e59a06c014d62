/** What the live engine test asks of the Docker command line: no other way to the engine is used. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { builderOf, head, type Builder } from '../../server/src/core/builder';
import type { BaseImage } from '../../server/src/core/build/model';
import { normalReference } from '../../server/src/core/image/reference';
import { tarEntries } from './tar';

export interface Engine {
  readonly name: string;
  readonly builder: Builder;
  /** `linux/amd64` */
  readonly platform: string;
  /** The Buildx builder that is the engine's own BuildKit, and not a container of its own. */
  readonly buildx: string;
  /** Images are kept by containerd: layers can be merged, and COPY --link stands alone. */
  readonly merges: boolean;
}

/** An image as it was made: OCI's config file. */
export interface Made {
  readonly config: Record<string, unknown>;
  readonly history: readonly { readonly createdBy: string; readonly emptyLayer: boolean }[];
  readonly layers: number;
  readonly os: string;
}

export interface Build {
  readonly tag: string;
  /** Where the Dockerfile lies, and the context. */
  readonly file: string;
  readonly context: string;
  readonly buildArgs?: Readonly<Record<string, string>>;
  readonly target?: string;
  readonly platform?: string;
  /** Values of `--build-context`, complete. */
  readonly contexts?: Readonly<Record<string, string>>;
  readonly noCache?: boolean;
  /** No image is made: the steps run all the same. */
  readonly stepsOnly?: boolean;
}

export interface Built {
  /** What went wrong, in the engine's words; undefined where the image is there. */
  readonly error?: string;
  /** `[stage k/N]`, each once. */
  readonly brackets: readonly string[];
  /** Of those, what came out of the cache and what ran. */
  readonly steps: ReadonlyMap<string, 'cached' | 'rebuilt'>;
}

export interface Ran {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

const children = new Set<ChildProcess>();
let stopped = false;
/** Buildx itself, where the command line says where it lies. */
let plugin: string | undefined;
const container = `strata-engine-${process.pid}`;

/** Ends what is under way, so that nothing is made after the last clean-up. */
export async function stop(): Promise<void> {
  stopped = true;
  await Promise.all([...children].map((child) => new Promise((resolve) => child.once('close', resolve).kill())));
  spawnSync('docker', ['container', 'rm', '-f', container]);
}

export function docker(args: readonly string[], input?: Buffer | string, seconds = 600): Promise<Ran> {
  return new Promise((resolve) => {
    if (stopped) return;
    // The command line asks every plugin who it is before it starts the one that is meant: as long as a small build takes.
    const [program, rest] = plugin !== undefined && args[0] === 'buildx' ? [plugin, args.slice(1)] : ['docker', args];
    const child = spawn(program, rest, { stdio: ['pipe', 'pipe', 'pipe'], timeout: seconds * 1000 });
    children.add(child.once('close', () => children.delete(child)));
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    child.on('error', (error) => resolve({ code: 127, stdout: Buffer.alloc(0), stderr: error.message }));
    child.on('close', (code) => resolve({ code: code ?? 1, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString() }));
  });
}

async function text(args: readonly string[], input?: Buffer): Promise<string> {
  const { code, stdout, stderr } = await docker(args, input);
  if (code !== 0) throw new Error(`docker ${args.join(' ')}: ${stderr.trim()}`);
  return stdout.toString().trim();
}

/** The engine, or why there is none. */
export async function reach(): Promise<Engine | string> {
  const version = await docker(['version', '--format', '{{json .Server}}'], undefined, 20);
  if (version.code !== 0) return version.stderr.trim().split('\n')[0];
  const server = JSON.parse(version.stdout.toString()) as { Version: string; Os: string; Arch: string } | null;
  if (!server) return 'the engine does not answer';
  if (server.Os !== 'linux') return `an engine for ${server.Os} builds no Linux images`;
  if ((await docker(['buildx', 'version'])).code !== 0) return 'docker buildx is not installed';
  const buildx = await text(['context', 'show']);
  const found = await docker(['info', '--format', '{{range .ClientInfo.Plugins}}{{if eq .Name "buildx"}}{{.Path}}{{end}}{{end}}']);
  if (found.code === 0 && found.stdout.toString().trim() !== '') plugin = found.stdout.toString().trim();
  // Docker's own packages say which BuildKit they hold; distributions' often do not.
  const inspected = await docker(['buildx', 'inspect', buildx]);
  const own = /^BuildKit version:\s*(v0\.[1-9]\d*\.\d+)/m.exec(inspected.stdout.toString())?.[1];
  const builder = (own === undefined ? undefined : builderOf(own)) ?? builderOf(`docker-${/^\d+\.\d+/.exec(server.Version)?.[0] ?? ''}`) ?? head;
  const merges = (await text(['info', '--format', '{{json .DriverStatus}}'])).includes('io.containerd.snapshotter');
  return { name: `Docker ${server.Version}, ${builder.label}`, builder, platform: `linux/${server.Arch}`, buildx, merges };
}

export async function build(engine: Engine, { tag, file, context, buildArgs = {}, target, platform, contexts = {}, noCache, stepsOnly }: Build): Promise<Built> {
  const args = ['buildx', 'build', '--builder', engine.buildx, '--progress', 'rawjson', '--provenance=false', '--network', 'none', '-f', file];
  args.push(...(stepsOnly ? ['--output', 'type=cacheonly'] : ['--load', '-t', tag]));
  if (noCache) args.push('--no-cache');
  for (const [name, value] of Object.entries(buildArgs)) args.push('--build-arg', `${name}=${value}`);
  for (const [name, value] of Object.entries(contexts)) args.push('--build-context', `${name}=${value}`);
  if (target !== undefined) args.push('--target', target);
  if (platform !== undefined) args.push('--platform', platform);
  const { code, stderr, stdout } = await docker([...args, context]);
  const brackets = new Set<string>();
  const steps = new Map<string, 'cached' | 'rebuilt'>();
  const errors: string[] = [];
  for (const line of `${stderr}\n${stdout.toString()}`.split('\n')) {
    if (!line.startsWith('{')) {
      if (line !== '') errors.push(line);
      continue;
    }
    for (const { name, started, cached } of (JSON.parse(line) as { vertexes?: { name: string; started?: string; cached?: boolean }[] }).vertexes ?? []) {
      const bracket = /^\[(?:[^\]]* )?\d+\/\d+\]/.exec(name)?.[0];
      if (bracket === undefined) continue;
      brackets.add(bracket);
      if (cached) steps.set(bracket, 'cached');
      else if (started !== undefined && !steps.has(bracket)) steps.set(bracket, 'rebuilt');
    }
  }
  const error = errors.findLast((line) => line.startsWith('ERROR: ')) ?? errors.at(-1) ?? 'the build failed';
  return { brackets: [...brackets].sort(), steps, ...(code !== 0 && { error: error.replace(/^ERROR: (failed to build: )?(failed to solve: )?(failed to run Build function: )?/, '') }) };
}

interface ConfigFile {
  readonly config?: Record<string, unknown>;
  readonly history?: { created_by?: string; empty_layer?: boolean }[];
  readonly rootfs?: { diff_ids?: string[] };
  readonly os: string;
}

/** Out of `docker save`: `docker history` does not tell which rows have a layer. */
export async function madeImage(reference: string): Promise<Made> {
  const saved = await docker(['image', 'save', reference]);
  if (saved.code !== 0) return madeWithoutLayers(reference);
  const entries = tarEntries(saved.stdout);
  const [{ Config }] = JSON.parse(entries.get('manifest.json')?.toString() ?? '') as [{ Config: string }];
  const { config = {}, history = [], rootfs, os } = JSON.parse(entries.get(Config)?.toString() ?? '') as ConfigFile;
  return {
    config, os, layers: rootfs?.diff_ids?.length ?? 0,
    history: history.map(({ created_by = '', empty_layer = false }) => ({ createdBy: created_by, emptyLayer: empty_layer })),
  };
}

/** An image without any layer cannot be saved; all of its rows are empty then. */
async function madeWithoutLayers(reference: string): Promise<Made> {
  const [{ Config, RootFS, Os }] = JSON.parse(await text(['image', 'inspect', reference])) as [{ Config: Record<string, unknown>; RootFS: { Layers?: string[] }; Os: string }];
  if (RootFS.Layers?.length) throw new Error(`docker image save ${reference} failed`);
  const rows = (await text(['image', 'history', '--no-trunc', '--human=false', '--format', '{{json .}}', reference])).split('\n').filter((line) => line !== '');
  return {
    config: Config, os: Os, layers: 0,
    history: rows.reverse().map((line) => ({ createdBy: (JSON.parse(line) as { CreatedBy: string }).CreatedBy, emptyLayer: true })),
  };
}

export function baseOf({ config, history, layers, os }: Made): BaseImage {
  return { config: config as BaseImage['config'], history, layers, os };
}

/** What the engine's images are called, in full. */
export async function names(): Promise<ReadonlySet<string>> {
  return new Set((await listed()).map(({ name }) => fullName(name)));
}

export function fullName(reference: string): string {
  const normal = normalReference(reference);
  return 'error' in normal ? reference : normal.reference;
}

async function listed(): Promise<{ name: string; size: number }[]> {
  const lines = (await text(['image', 'ls', '--format', '{{.Repository}}:{{.Tag}} {{.Size}}'])).split('\n');
  return lines.filter((line) => line !== '' && !line.includes('<none>')).map((line) => {
    const [name, size] = line.split(' ');
    return { name, size: bytesOf(size) };
  });
}

export async function tag(image: string, reference: string): Promise<void> {
  await text(['image', 'tag', image, reference]);
}

/** A file system as a tar → an image of one layer and an empty config. */
export async function importImage(files: Buffer, reference: string): Promise<void> {
  await text(['image', 'import', '-', reference], files);
}

/** Takes every name off the images that bear one of those. Synchronous: the last thing that a run does. */
export function removeImages(references: readonly string[]): void {
  const inspected = spawnSync('docker', ['image', 'inspect', '--format', '{{join .RepoTags "\\n"}}', ...references]).stdout.toString();
  const tags = new Set(inspected.split('\n').filter((line) => line !== ''));
  if (tags.size > 0) spawnSync('docker', ['image', 'rm', ...tags], { stdio: 'ignore' });
}

/**
 * The files of a small image that has /bin/sh, with a copy of the shell as /.strata/sh: a local image where there is one,
 * else busybox is pulled. Undefined where neither can be had.
 */
export async function shellFiles(): Promise<Buffer | undefined> {
  const small = (await listed()).filter(({ size }) => size < 150e6).sort((a, b) => a.size - b.size).map(({ name }) => name);
  for (const reference of small.slice(0, 12)) {
    const files = await filesOf(reference);
    if (files) return files;
  }
  if ((await docker(['image', 'pull', '--quiet', 'busybox:latest'])).code !== 0) return undefined;
  return filesOf('busybox:latest');
}

async function filesOf(reference: string): Promise<Buffer | undefined> {
  const made = await docker(['container', 'run', '--name', container, '--network', 'none', '--user', '0', '--entrypoint', '/bin/sh', reference,
    '-c', 'mkdir -p /.strata /tmp && cp -L /bin/sh /.strata/sh && test "$(/.strata/sh -c "echo yes")" = yes && grep -q ^root: /etc/passwd'], undefined, 60);
  try {
    if (made.code !== 0) return undefined;
    return (await docker(['container', 'export', container])).stdout;
  } finally {
    await docker(['container', 'rm', '-f', container]);
  }
}

function bytesOf(size: string): number {
  const [, number = '0', unit = 'B'] = /^([\d.]+)\s*([kMGT]?B)/.exec(size) ?? [];
  return Number(number) * ({ B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 }[unit] ?? 1);
}
