/**
 * What a stage comes to, whatever it is written in: the steps that make layers, in order, each with the state that it runs in, and the
 * instructions that make the config. Equal chains make equal images (where what is copied and run is the same).
 */
import { inOrder } from '../build/env';
import type { Analysis, Step } from '../build/model';
import { mountFrom } from '../build/mounts';
import { isMetadata } from './plan';
import { stepText } from './shape';

export interface Chain {
  /** The base image, or `scratch`. */
  readonly base: string;
  readonly layers: readonly string[];
  /** Kind by kind, as an image keeps them: ENV, LABEL, CMD … */
  readonly config: readonly string[];
}

export function chainOf(analysis: Analysis, stage: number): Chain {
  const { base } = analysis.stages[stage];
  const below: Chain = base.kind === 'stage' ? chainOf(analysis, base.stage)
    : { base: base.kind === 'image' ? base.reference ?? '?' : base.kind === 'context' ? `context ${base.name}` : 'scratch', layers: [], config: [] };
  const own = analysis.stages[stage].steps;
  const layers = own.filter(({ command }) => ['RUN', 'COPY', 'ADD', 'WORKDIR'].includes(command.kind)).map((step) => layerText(analysis, step));
  const config = own.filter((step) => isMetadata(step) || ['ENV', 'USER', 'SHELL'].includes(step.command.kind)).map(stepText);
  return { base: below.base, layers: [...below.layers, ...layers], config: grouped([...below.config, ...config]) };
}

/** The order of kinds does not count, that within a kind does. */
function grouped(config: readonly string[]): string[] {
  const kindOf = (text: string): string => text.slice(0, text.indexOf('\0'));
  return config.toSorted((a, b) => (kindOf(a) < kindOf(b) ? -1 : kindOf(a) > kindOf(b) ? 1 : 0));
}

function layerText(analysis: Analysis, step: Step): string {
  const { before, command } = step;
  const environment = command.kind === 'RUN' ? inOrder(before.env).map(({ name, value }) => `${name}=${value ?? '?'}`).toSorted() : [];
  const state = command.kind === 'COPY' || command.kind === 'ADD' ? [before.workdir] : [before.workdir, before.user, ...(command.kind === 'RUN' ? before.shell ?? [] : [])];
  return JSON.stringify([withoutSources(analysis, step), state, environment, sourcesOf(analysis, step)]);
}

function withoutSources(analysis: Analysis, step: Step): string {
  return sourceNames(step).filter((name) => stageNamed(analysis, name, step.stage) !== undefined).reduce((text, name) => text.replaceAll(`from=${name}`, 'from='), stepText(step));
}

/** The stages, images and named contexts that a step reads, as it calls them. */
export function sourceNames({ command }: Step): string[] {
  if (command.kind === 'COPY' && command.flags.from) return [command.flags.from.text];
  return command.kind === 'RUN' ? command.mounts.map(({ text }) => mountFrom(text)).filter((name) => name !== '') : [];
}

/** Stages by what they come to: their names and numbers are no part of it. */
function sourcesOf(analysis: Analysis, step: Step): unknown[] {
  return sourceNames(step).map((name) => {
    const index = stageNamed(analysis, name, step.stage);
    return index === undefined ? name : chainOf(analysis, index);
  });
}

/** Undefined: no stage before this one. */
export function stageNamed(analysis: Analysis, name: string, before: number): number | undefined {
  const index = /^\d+$/.test(name) ? Number(name) : analysis.stages.findLast((one) => one.name === name.toLowerCase())?.index;
  return index !== undefined && index < before ? index : undefined;
}
