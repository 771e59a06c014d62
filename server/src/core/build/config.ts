/**
 * The image's config: what each instruction reads and writes of it, and what a stage's image ends up with. Fields are
 * OCI's (image-spec config.md) and Docker's additions.
 */
import { shellOf } from './created-by';
import { defaultPath } from './dispatch';
import { chainOf } from './history';
import type { Analysis, Step } from './model';

export type ConfigField =
  | 'Env' | 'Labels' | 'ExposedPorts' | 'Volumes' | 'User' | 'WorkingDir' | 'Shell' | 'Entrypoint' | 'Cmd' | 'StopSignal'
  | 'Healthcheck' | 'OnBuild' | 'Author';

export interface ConfigEffect {
  readonly reads: readonly ConfigField[];
  readonly writes: readonly ConfigField[];
}

/** Reading the environment means: its value takes part in what the instruction makes. */
export function configEffectOf(step: Step): ConfigEffect {
  const { command } = step;
  switch (command.kind) {
    case 'RUN': return { reads: command.command.prependShell ? ['Env', 'User', 'WorkingDir', 'Shell'] : ['Env', 'User', 'WorkingDir'], writes: [] };
    case 'COPY': case 'ADD': return { reads: ['Env', 'WorkingDir'], writes: [] };
    case 'WORKDIR': return { reads: ['Env', 'User', 'WorkingDir'], writes: ['WorkingDir'] };
    case 'ENV': return { reads: ['Env'], writes: ['Env'] };
    case 'ARG': return { reads: ['Env'], writes: [] };
    case 'LABEL': return { reads: ['Env'], writes: ['Labels'] };
    case 'EXPOSE': return { reads: ['Env'], writes: ['ExposedPorts'] };
    case 'VOLUME': return { reads: ['Env'], writes: ['Volumes'] };
    case 'USER': return { reads: ['Env'], writes: ['User'] };
    case 'STOPSIGNAL': return { reads: ['Env'], writes: ['StopSignal'] };
    case 'SHELL': return { reads: [], writes: ['Shell'] };
    case 'CMD': return { reads: command.command.prependShell ? ['Shell'] : [], writes: ['Cmd'] };
    // An ENTRYPOINT takes away the Cmd that the base brought, unless the stage has set its own.
    case 'ENTRYPOINT': return { reads: command.command.prependShell ? ['Shell'] : [], writes: ['Entrypoint', 'Cmd'] };
    case 'HEALTHCHECK': return { reads: [], writes: ['Healthcheck'] };
    case 'ONBUILD': return { reads: [], writes: ['OnBuild'] };
    case 'MAINTAINER': return { reads: [], writes: ['Author'] };
    case 'FROM': case 'refused': return { reads: [], writes: [] };
  }
}

/** What BuildKit reads of a base's config (dockerspec.DockerOCIImageConfig): an engine's own `AttachStdin`, `Hostname` … are lost. */
const inheritedFields = [
  'Labels', 'ExposedPorts', 'Volumes', 'User', 'WorkingDir', 'Shell', 'Entrypoint', 'Cmd', 'StopSignal', 'Healthcheck',
] as const satisfies readonly ConfigField[];

/** The config of a stage's image, empty fields left out; null values are not known. */
export function imageConfigOf(analysis: Analysis, stage: number): Record<string, unknown> {
  const chain = chainOf(analysis, stage);
  const bottom = analysis.stages[chain[0]];
  const image = bottom.base.kind === 'image' || bottom.base.kind === 'context' ? bottom.base.image : undefined;
  const env = new Map<string, string | null>();
  for (const pair of image?.config.Env ?? []) {
    const equals = pair.indexOf('=');
    env.set(equals === -1 ? pair : pair.slice(0, equals), equals === -1 ? '' : pair.slice(equals + 1));
  }
  if (bottom.before.os !== 'windows' && bottom.before.envKnown && !env.has('PATH')) env.set('PATH', defaultPath);
  const OnBuild = image?.config.OnBuild;
  const config: Record<string, unknown> = {};
  for (const field of inheritedFields) config[field] = image?.config[field];
  if (bottom.base.kind === 'scratch' || (bottom.base.kind === 'context' && bottom.base.folder)) config.WorkingDir = '/';
  for (const index of chain) {
    const { steps, replaced } = analysis.stages[index];
    // Triggers run in the child and are gone from its image.
    delete config.OnBuild;
    if (replaced && OnBuild) config.OnBuild = OnBuild;
    let ownCmd = false;
    for (const step of steps) {
      write(config, env, step, ownCmd);
      if (step.command.kind === 'CMD') ownCmd = true;
    }
  }
  const pairs = [...env].map(([name, value]) => `${name}=${value}`);
  if (pairs.length > 0) config.Env = pairs;
  for (const [field, value] of Object.entries(config)) if (isEmpty(value)) delete config[field];
  return config;
}

function write(config: Record<string, unknown>, env: Map<string, string | null>, step: Step, ownCmd: boolean): void {
  const { command, expanded, before, after } = step;
  switch (command.kind) {
    case 'ENV':
      if (expanded.kind === 'pairs') for (const { name, value } of expanded.pairs) if (name !== null) env.set(name, value);
      break;
    case 'LABEL':
      if (expanded.kind === 'pairs') {
        const labels = { ...(config.Labels as Record<string, unknown> | undefined) };
        for (const { name, value } of expanded.pairs) if (name !== null) labels[name] = value;
        config.Labels = labels;
      }
      break;
    case 'EXPOSE': case 'VOLUME': {
      const field = command.kind === 'EXPOSE' ? 'ExposedPorts' : 'Volumes';
      const values = { ...(config[field] as Record<string, unknown> | undefined) };
      if (expanded.kind === 'list') for (const value of expanded.values) if (value !== null) values[value] = {};
      config[field] = values;
      break;
    }
    case 'USER': config.User = after.user; break;
    case 'WORKDIR': config.WorkingDir = after.workdir; break;
    case 'SHELL': config.Shell = after.shell; break;
    case 'STOPSIGNAL': config.StopSignal = expanded.kind === 'text' ? expanded.text : null; break;
    case 'CMD': case 'ENTRYPOINT': {
      const { args, prependShell } = command.command;
      config[command.kind === 'CMD' ? 'Cmd' : 'Entrypoint'] = prependShell
        ? [...shellOf(before), args.join(' ')] : args;
      if (command.kind === 'ENTRYPOINT' && !ownCmd) delete config.Cmd;
      break;
    }
    case 'HEALTHCHECK': {
      const { check } = command;
      const durations = { Interval: check.interval, Timeout: check.timeout, StartPeriod: check.startPeriod, StartInterval: check.startInterval };
      config.Healthcheck = {
        Test: check.test,
        ...Object.fromEntries(Object.entries(durations).filter(([, value]) => value !== 0n).map(([name, value]) => [name, Number(value)])),
        ...(check.retries !== 0 && { Retries: check.retries }),
      };
      break;
    }
    case 'ONBUILD': config.OnBuild = [...((config.OnBuild as string[] | undefined) ?? []), command.expression]; break;
    default: break;
  }
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === 'object' && Object.keys(value as object).length === 0;
}
