/** Builds of a family's members, each by the tool that the project's files ask for, and what was said of their steps. */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { docker, type Engine } from '../engine/docker';

/** How one image comes to be. Paths are from the project's root. */
export type Plan =
  | { readonly tool: 'build'; readonly dockerfile: string; readonly context: string; readonly target?: string; readonly args: Readonly<Record<string, string | null>> }
  | { readonly tool: 'bake' | 'compose'; readonly file: string; readonly name: string };

export interface Job {
  readonly plan: Plan;
  readonly tag: string;
}

export interface Outcome {
  /** All that was said, where it failed. */
  readonly error?: string;
  /** Steps that ran, as the engine calls them, without FROM: a base image is no step of the build. */
  readonly rebuilt: readonly string[];
  readonly cached: number;
}

/** All at once, as Bake and Compose do; what `docker build` would build, Bake builds too, each by its Dockerfile, context, target and values. */
export async function build(engine: Engine, folder: string, jobs: readonly Job[], scratch: string, project: string, cold = false): Promise<Outcome> {
  const outcomes: Outcome[] = [];
  const files = new Set(jobs.map(({ plan }) => (plan.tool === 'build' ? '' : `${plan.tool} ${plan.file}`)));
  for (const file of files) {
    const own = jobs.filter(({ plan }) => (plan.tool === 'build' ? '' : `${plan.tool} ${plan.file}`) === file);
    if (file === '') outcomes.push(await plain(engine, folder, own, scratch));
    else outcomes.push(said(await (file.startsWith('bake') ? bake(engine, folder, own, cold) : compose(engine, folder, own, scratch, project))));
  }
  const error = outcomes.map((one) => one.error).find((one) => one !== undefined);
  return { rebuilt: [...new Set(outcomes.flatMap(({ rebuilt }) => rebuilt))], cached: outcomes.reduce((sum, { cached }) => sum + cached, 0), ...(error !== undefined && { error }) };
}

/** A command as an extraction hands it to its reader; no step needs a network, and one takes long to be made. */
export async function runCommand(engine: Engine, folder: string, command: string): Promise<Outcome> {
  return said(await within(engine, folder, '/bin/sh', ['-ec', command.replace(/^(docker (?:buildx )?build) /, '$1 --network none ')]));
}

/** Paths in a Bake file are from where it is called. */
function within(engine: Engine, cwd: string, program: string, args: readonly string[]): Promise<{ readonly code: number; readonly stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], timeout: 600_000, env: { ...process.env, BUILDX_BUILDER: engine.buildx, BUILDKIT_PROGRESS: 'plain', BUILDX_NO_DEFAULT_ATTESTATIONS: '1' } });
    const out: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => out.push(chunk));
    child.on('error', ({ message }) => resolve({ code: 127, stderr: message }));
    child.on('close', (code) => resolve({ code: code ?? 1, stderr: Buffer.concat(out).toString() }));
  });
}

async function plain(engine: Engine, folder: string, jobs: readonly Job[], scratch: string): Promise<Outcome> {
  const target = Object.fromEntries(jobs.flatMap(({ plan, tag }, i) => (plan.tool !== 'build' ? [] : [[`job-${i}`, {
    context: join(folder, plan.context), dockerfile: join(folder, plan.dockerfile), tags: [tag], args: plan.args, ...(plan.target !== undefined && { target: plan.target }),
  }]])));
  const file = join(scratch, 'plain.json');
  writeFileSync(file, JSON.stringify({ target }));
  return said(await bakeWith(engine, folder, ['-f', file, ...Object.keys(target)]));
}

function bake(engine: Engine, folder: string, jobs: readonly Job[], cold: boolean) {
  const own = jobs.flatMap(({ plan, tag }) => (plan.tool === 'build' ? [] : [{ ...plan, tag }]));
  return bakeWith(engine, join(folder, dirname(own[0].file)), ['-f', basename(own[0].file), ...own.flatMap(({ name, tag }) => ['--set', `${name}.tags=${tag}`]), ...(cold ? ['--no-cache'] : []), ...own.map(({ name }) => name)]);
}

async function bakeWith(engine: Engine, cwd: string, args: readonly string[]) {
  const { buildx } = await plugins();
  return within(engine, cwd, buildx ?? 'docker', [...(buildx === undefined ? ['buildx'] : []), 'bake', '--progress', 'plain', '--provenance=false', '--load', '--allow', 'fs=*', '--set', '*.network=none', ...args]);
}

async function compose(engine: Engine, folder: string, jobs: readonly Job[], scratch: string, project: string) {
  const own = jobs.flatMap(({ plan, tag }) => (plan.tool === 'build' ? [] : [{ ...plan, tag }]));
  const servicesBelow = [...readFileSync(join(folder, own[0].file), 'utf8').matchAll(/service:([\w.-]+)/g)].map(([, name]) => name);
  const over = join(scratch, 'compose.override.json');
  writeFileSync(over, JSON.stringify({ services: Object.fromEntries([...servicesBelow.map((name) => [name, { build: { network: 'none' } }]), ...own.map(({ name, tag }) => [name, { image: tag, build: { network: 'none' } }])]) }));
  const program = (await plugins()).compose;
  return within(engine, join(folder, dirname(own[0].file)), program ?? 'docker', [...(program === undefined ? ['compose'] : []), '--progress', 'plain', '-p', project, '-f', basename(own[0].file), '-f', over, 'build', ...own.map(({ name }) => name)]);
}

let found: Promise<Readonly<Record<string, string | undefined>>> | undefined;

/** Where they lie: the command line asks every plugin who it is before it starts the one that is meant. */
function plugins(): Promise<Readonly<Record<string, string | undefined>>> {
  found ??= docker(['info', '--format', '{{range .ClientInfo.Plugins}}{{.Name}} {{.Path}}\n{{end}}'])
    .then(({ stdout }) => Object.fromEntries(stdout.toString().split('\n').filter((line) => line !== '').map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)])));
  return found;
}

/** `#7 [a 2/3] RUN echo` and what came of it, of the plain progress. */
function said({ code, stderr }: { readonly code: number; readonly stderr: string }): Outcome {
  const steps = new Map<string, string>();
  const cached = new Set<string>();
  for (const line of stderr.split('\n')) {
    const [, number, rest] = /^#(\d+) (.*)$/.exec(line) ?? [];
    if (number === undefined) continue;
    if (/^\[(?:[^\]]* )?\d+\/\d+\] (?!FROM )/.test(rest)) steps.set(number, rest);
    else if (rest === 'CACHED') cached.add(number);
  }
  return {
    rebuilt: [...steps].filter(([number]) => !cached.has(number)).map(([, name]) => name),
    cached: [...steps.keys()].filter((number) => cached.has(number)).length,
    ...(code !== 0 && { error: stderr.split('\n').filter((line) => line.trim() !== '').slice(-14).join('\n') }),
  };
}
