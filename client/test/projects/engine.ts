// A Docker engine where there is one, with an image that stands in for Python's: it needs a shell, and no network.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Folder } from './suite';

export interface Engine {
  readonly base: string;
  readonly tag: (name: string) => string;
  /** Of an image, with a file of its own in it; `end` takes it away. */
  readonly container: (image: string, path: string) => Promise<string>;
  /** Takes away what has been made. */
  readonly end: () => Promise<void>;
}

const run = promisify(execFile);
const docker = async (...args: string[]) => (await run('docker', args, { maxBuffer: 1 << 24 })).stdout.trim();
const answers = (...args: string[]) => docker(...args).then((text) => text, () => undefined);

/** A sentence: why there is none. */
export async function findEngine(): Promise<Engine | string> {
  if ((await answers('version')) === undefined || (await answers('buildx', 'version')) === undefined) return 'no Docker engine with buildx answers here';
  if ((await shells()).length === 0) await answers('image', 'pull', '--quiet', 'busybox');
  const [shell] = await shells();
  if (shell === undefined) return 'the engine has no busybox image, and can pull none';
  const tag = (name: string) => `strata-families-ui-${process.pid}/${name}`;
  const base = tag('python');
  const made = run('docker', ['buildx', 'build', '--load', '--quiet', '--tag', base, '-']);
  made.child.stdin!.end(`FROM ${shell}\nRUN printf '#!/bin/sh\\necho "$@" >/installed\\n' >/bin/pip && chmod +x /bin/pip\n`);
  await made;
  const containers: string[] = [];
  const container = async (image: string, path: string): Promise<string> => {
    const name = `strata-${process.pid}`;
    await docker('container', 'create', '--name', name, image, 'sh');
    containers.push(name);
    await docker('container', 'cp', '/etc/hostname', `${name}:${path}`);
    return name;
  };
  const end = async () => {
    if (containers.length > 0) await answers('container', 'rm', '--force', ...containers);
    await answers('image', 'rm', '--force', ...['python', 'app', 'app2'].map(tag));
  };
  return { base, tag, container, end };
}

async function shells(): Promise<string[]> {
  return ((await answers('image', 'ls', '--format', '{{.Repository}}:{{.Tag}}', 'busybox')) ?? '').split('\n').filter((name) => name !== '' && !name.includes('<none>'));
}

/** What an image is: its layers, and what it is started with. */
async function imageOf(engine: Engine, name: string): Promise<unknown> {
  const { RootFS, Config } = JSON.parse(await docker('image', 'inspect', '--format', '{{json .}}', engine.tag(name))) as { RootFS: { Layers: string[] }; Config: { Cmd: string[]; Env: string[] } };
  return { layers: RootFS.Layers, cmd: Config.Cmd, env: Config.Env };
}

export async function builds(engine: Engine, { path }: Folder, name: string): Promise<unknown> {
  await docker('buildx', 'build', '--load', '--quiet', '--build-context', `python:3.8-alpine=docker-image://${engine.base}`, '--tag', engine.tag(name), join(path, name));
  return imageOf(engine, name);
}

/** Of these targets, what each one's image is. */
export async function bakes(engine: Engine, { path }: Folder, names: readonly string[]): Promise<Record<string, unknown>> {
  const set = [`base.contexts.python:3.8-alpine=docker-image://${engine.base}`, ...names.map((name) => `${name}.tags=${engine.tag(name)}`)];
  await run('docker', ['buildx', 'bake', '--load', ...set.flatMap((value) => ['--set', value])], { cwd: path });
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await imageOf(engine, name)])));
}
