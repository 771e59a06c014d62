/** Builds an image with buildx because somebody has asked for it, and measures what each step took. Nothing else runs it. */
import { spawn } from 'node:child_process';
import type { Environment } from './engine';
import { say } from '../../core/say';

export interface BuildOrder {
  /** Absolute paths. */
  readonly dockerfile: string;
  readonly context: string;
  readonly tag: string;
  readonly target?: string;
  /** Null: of the environment. */
  readonly args: Readonly<Record<string, string | null>>;
  /** Values as `--build-context` has them. */
  readonly contexts: Readonly<Record<string, string>>;
}

export interface Measured {
  /** By `[stage k/N]` as `docker build` prints it; without FROM, which an engine that has the image counts as run all the same. */
  readonly steps: ReadonlyMap<string, StepTime>;
}

export interface StepTime {
  readonly seconds: number;
  /** It was not run: the time is that of finding it. */
  readonly cached: boolean;
}

/** Of the steps that are known by now. */
export interface BuildProgress {
  readonly done: number;
  readonly total: number;
  /** The one that runs. */
  readonly name: string;
}

/** Throws an error with a message for people; ends with it when `stop` says so. */
export function buildImage(order: BuildOrder, environment: Environment, progress: (now: BuildProgress) => void, stop: AbortSignal): Promise<Measured> {
  const args = ['buildx', 'build', '--progress', 'rawjson', '--load', '--tag', order.tag, '--file', order.dockerfile];
  if (order.target !== undefined) args.push('--target', order.target);
  for (const [name, value] of Object.entries(order.args)) args.push('--build-arg', value === null ? name : `${name}=${value}`);
  for (const [name, value] of Object.entries(order.contexts)) args.push('--build-context', `${name}=${value}`);
  return new Promise((resolve, reject) => {
    const child = spawn('docker', [...args, order.context], { env: environment as NodeJS.ProcessEnv, stdio: ['ignore', 'ignore', 'pipe'], signal: stop, killSignal: 'SIGINT' });
    const seen = openVertices();
    let rest = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) seen.read(line);
      progress(seen.progress());
    });
    child.on('error', (error: NodeJS.ErrnoException) => reject(new Error(stop.aborted ? say('The build was cancelled.') : error.code === 'ENOENT' ? say('The program docker is not here: it builds with its plugin buildx.') : error.message)));
    child.on('close', (code) => {
      seen.read(rest);
      if (code === 0) resolve({ steps: seen.times() });
      else reject(new Error(stop.aborted ? say('The build was cancelled.') : seen.failure() ?? say('docker buildx build ended with {0}.', code ?? '?')));
    });
  });
}

/** A line of `--progress=rawjson` (client.SolveStatus of BuildKit), as far as it is read. */
interface Status {
  readonly vertexes?: readonly { readonly digest: string; readonly name: string; readonly started?: string; readonly completed?: string; readonly cached?: boolean; readonly error?: string }[];
}

function openVertices() {
  const vertices = new Map<string, { readonly name: string; seconds: number; cached: boolean; started: boolean; completed: boolean }>();
  const said: string[] = [];
  return {
    read: (line: string): void => {
      let status: Status;
      try {
        status = JSON.parse(line) as Status;
      } catch {
        if (line.trim() !== '') said.push(line.trim());
        return;
      }
      for (const { digest, name, started, completed, cached, error } of status.vertexes ?? []) {
        const one = vertices.get(digest) ?? { name, seconds: 0, cached: false, started: false, completed: false };
        if (started !== undefined) one.started = true;
        if (cached) one.cached = true;
        if (started !== undefined && completed !== undefined) {
          one.completed = true;
          one.seconds = Math.max(one.seconds, (Date.parse(completed) - Date.parse(started)) / 1000);
        }
        if (error !== undefined && error !== '') said.push(error);
        vertices.set(digest, one);
      }
    },
    progress: (): BuildProgress => {
      const steps = [...vertices.values()].filter(({ name }) => bracketOf(name) !== undefined);
      const running = steps.find(({ started, completed }) => started && !completed);
      return { done: steps.filter(({ completed }) => completed).length, total: steps.length, name: running?.name ?? '' };
    },
    times: (): Map<string, StepTime> => new Map([...vertices.values()].flatMap(({ name, seconds, cached }) => {
      const bracket = bracketOf(name);
      return bracket === undefined || name.startsWith(`${bracket} FROM `) ? [] : [[bracket, { seconds, cached }] as const];
    })),
    failure: (): string | undefined => said.findLast((line) => line.startsWith('ERROR: '))?.slice('ERROR: '.length) ?? said.at(-1),
  };
}

function bracketOf(name: string): string | undefined {
  return /^\[(?:[^\]]* )?\d+\/\d+\]/.exec(name)?.[0];
}
