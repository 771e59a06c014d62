/** One build of a Dockerfile by the engine, with a network where the real package managers need one: what ran, and what was cached. */
import { docker, type Engine } from '../engine/docker';

export interface Attempt {
  readonly file: string;
  readonly context: string;
  /** Undefined: the steps run, and no image is made. */
  readonly tag?: string;
  readonly network: 'none' | 'host';
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly noCache?: boolean;
}

export interface Outcome {
  /** All that was said, where it failed. */
  readonly error?: string;
  readonly steps: ReadonlyMap<string, 'cached' | 'rebuilt'>;
}

interface Status {
  readonly vertexes?: readonly { readonly name: string; readonly started?: string; readonly cached?: boolean; readonly error?: string }[];
  readonly logs?: readonly { readonly data: string }[];
}

export async function attempt(engine: Engine, { file, context, tag, network, buildArgs, noCache }: Attempt): Promise<Outcome> {
  const args = ['buildx', 'build', '--builder', engine.buildx, '--progress', 'rawjson', '--provenance=false', '--network', network, '-f', file];
  args.push(...(tag === undefined ? ['--output', 'type=cacheonly'] : ['--load', '-t', tag]), ...(noCache ? ['--no-cache'] : []));
  for (const [name, value] of Object.entries(buildArgs)) args.push('--build-arg', `${name}=${value}`);
  const { code, stderr } = await docker([...args, context]);
  const steps = new Map<string, 'cached' | 'rebuilt'>();
  const said: string[] = [];
  for (const line of stderr.split('\n')) {
    if (!line.startsWith('{')) {
      said.push(line);
      continue;
    }
    const { vertexes = [], logs = [] } = JSON.parse(line) as Status;
    for (const { data } of logs) said.push(Buffer.from(data, 'base64').toString());
    for (const { name, started, cached, error } of vertexes) {
      if (error !== undefined && error !== '') said.push(error);
      const bracket = /^\[(?:[^\]]* )?\d+\/\d+\]/.exec(name)?.[0];
      if (bracket === undefined) continue;
      if (cached) steps.set(bracket, 'cached');
      else if (started !== undefined && !steps.has(bracket)) steps.set(bracket, 'rebuilt');
    }
  }
  return { steps, ...(code !== 0 && { error: said.filter((line) => line.trim() !== '').join('\n') }) };
}
