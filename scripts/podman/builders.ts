/** Buildah and Podman by their command lines, with a storage of their own: what the machine has of images is not touched. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Case } from '../engine/cases';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `buildah build` makes one layer of all lines of a stage, where it is not told `--layers`; `podman build` is told so by itself. */
export const ways = ['buildah --layers', 'buildah', 'podman'] as const;
export type Way = (typeof ways)[number];

export interface Builders {
  readonly name: string;
  /** Of the service, as DOCKER_HOST has it. */
  readonly host: string;
  readonly podman: (args: readonly string[]) => Promise<Ran>;
  readonly build: (way: Way, one: Pick<Case, 'buildArgs' | 'target' | 'platform'> & { readonly file: string; readonly context: string; readonly tag: string; readonly contexts: Readonly<Record<string, string>> }) => Promise<Built>;
  readonly close: () => void;
}

export interface Built {
  /** In the builder's words; undefined where the image is there. */
  readonly error?: string;
  /** What it says that it does, by the stage's number from 1: `FROM a`, `RUN b`. */
  readonly steps: ReadonlyMap<number, readonly string[]>;
}

/** Undefined where one of the programs is not here. */
export function versions(): string | undefined {
  const said = ['podman', 'buildah'].map((name) => spawnSync(name, ['--version'], { encoding: 'utf8' }));
  return said.some(({ status }) => status !== 0) ? undefined : said.map(({ stdout }) => stdout.trim().replace(/ \(.*| version/g, '')).join(', ');
}

/** In an empty folder. */
export async function openBuilders(folder: string, name: string): Promise<Builders> {
  const policy = join(folder, 'policy.json');
  writeFileSync(policy, '{"default":[{"type":"insecureAcceptAnything"}]}');
  const storage = ['--root', join(folder, 'storage'), '--runroot', join(folder, 'run'), '--storage-driver', 'vfs'];
  const children = new Set<ChildProcess>();
  const run = (program: string, args: readonly string[]): Promise<Ran> => new Promise((resolve) => {
    const child = spawn(program, [...storage, ...args], { stdio: ['ignore', 'pipe', 'pipe'], timeout: 120_000, env: { ...process.env, TMPDIR: folder } });
    children.add(child.once('close', () => children.delete(child)));
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.on('error', (error) => resolve({ code: 127, stdout: '', stderr: error.message }));
    child.on('close', (code) => resolve({ code: code ?? 1, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }));
  });
  const socket = join(folder, 'podman.sock');
  const service = spawn('podman', [...storage, 'system', 'service', '--time', '0', `unix://${socket}`], { stdio: 'ignore', env: { ...process.env, TMPDIR: folder } });
  const close = (): void => {
    service.kill('SIGKILL');
    for (const child of children) child.kill('SIGKILL');
  };
  // Before the folder is removed.
  process.prependListener('exit', close);
  for (let tries = 0; !existsSync(socket); tries++) {
    if (tries === 200 || service.exitCode !== null) throw new Error('podman system service does not answer');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    name, host: `unix://${socket}`, close,
    podman: (args) => run('podman', args),
    build: async (way, { file, context, tag, buildArgs = {}, target, platform, contexts }) => {
      const args = ['build', '--pull=never', '--isolation', 'chroot', '--signature-policy', policy, '--no-cache', '-f', file, '-t', tag];
      // Docker's format keeps SHELL, HEALTHCHECK and ONBUILD, OCI's leaves them out.
      args.push(...{ 'buildah --layers': ['--layers'], buildah: [], podman: ['--format', 'docker'] }[way]);
      for (const [name, value] of Object.entries(buildArgs)) args.push('--build-arg', `${name}=${value}`);
      for (const [name, value] of Object.entries(contexts)) args.push('--build-context', `${name}=${value}`);
      if (target !== undefined) args.push('--target', target);
      if (platform !== undefined) args.push('--platform', platform);
      const { code, stdout, stderr } = await run(way === 'podman' ? 'podman' : 'buildah', [...args, context]);
      const said = stderr.trim().split('\n').findLast((line) => line.startsWith('Error: ')) ?? stderr.trim().split('\n').at(-1) ?? '';
      return { steps: stepsIn(stdout), ...(code !== 0 && { error: said.replace(/^Error: /, '') }) };
    },
  };
}

/** `[1/2] STEP 3/4: RUN x`, or `STEP 3/4: RUN x` of a single stage. */
function stepsIn(output: string): Map<number, string[]> {
  const steps = new Map<number, string[]>();
  for (const [, stage, text] of output.matchAll(/^(?:\[(\d+)\/\d+\] )?STEP \d+\/\d+: (.*)$/gm)) {
    const number = Number(stage ?? 1);
    steps.set(number, [...(steps.get(number) ?? []), text]);
  }
  return steps;
}

const programs = ['sh', 'cat', 'chmod', 'chown', 'cp', 'head', 'mkdir', 'mv', 'rm', 'yes'];

/** A tar of this machine's shell and of some programs, with the libraries that they load; undefined where it has none of them. */
export function shellImage(folder: string): string | undefined {
  const root = join(folder, 'root');
  const found = programs.flatMap((name) => ['/bin', '/usr/bin'].map((path) => join(path, name)).find((path) => existsSync(path)) ?? []);
  if (!found.some((path) => path.endsWith('/sh'))) return undefined;
  const libraries = found.flatMap((path) => spawnSync('ldd', [path], { encoding: 'utf8' }).stdout.match(/\/\S+/g) ?? []).filter((path) => existsSync(path));
  for (const path of new Set([...found, ...libraries])) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    copyFileSync(path, join(root, path));
  }
  mkdirSync(join(root, 'etc'), { recursive: true });
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0::/:/bin/sh\n');
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\n');
  for (const path of ['tmp', 'usr/bin']) mkdirSync(join(root, path), { recursive: true });
  const { status } = spawnSync('tar', ['-C', root, '-cf', join(folder, 'base.tar'), '.']);
  return status === 0 ? join(folder, 'base.tar') : undefined;
}
