/** The command line: strata layers, strata parse. Arguments and a machine in, texts out. */
import { parseArgs } from 'node:util';
import { analyze } from '../core/analyze';
import { builderOf, head, rulesOf, type Builder } from '../core/builder';
import type { Facts, Platform } from '../core/build/model';
import { layersJson, layerTable } from '../core/build/table';
import { parsed } from '../core/syntax/parsed';
import { machinePlatform } from './platform';

export interface Machine {
  /** The text of a file, or of standard input for `-`; throws as node:fs does. */
  readonly read: (file: string) => string;
  readonly write: (text: string) => void;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Node's name of the processor. */
  readonly architecture: string;
}

export interface Outcome {
  readonly exitCode: 0 | 2;
  /** One line for stderr. */
  readonly complaint?: string;
}

const usage = `usage: strata layers FILE [--target STAGE] [--build-arg NAME=VALUE]... [--platform OS/ARCH] [--builder VERSION] [--facts FILE] [--json]
       strata parse FILE [--builder VERSION] [--json]
FILE may be - for standard input. VERSION: head, v0.25, docker-28.5, docker/dockerfile:1.7
`;

/** What cannot be read at all and wrong usage end with 2; a file with problems is answered. */
export function run(argv: readonly string[], machine: Machine): Outcome {
  try {
    answer(argv, machine);
    return { exitCode: 0 };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { exitCode: 2, complaint: `strata: ${error.message}` };
  }
}

class Refusal extends Error {}

function answer(argv: readonly string[], machine: Machine): void {
  const [command, ...rest] = argv;
  if (command === 'layers') layers(rest, machine);
  else if (command === 'parse') parse(rest, machine);
  else if (command === '--help' || command === '-h' || command === 'help') machine.write(usage);
  else throw new Refusal(`${command === undefined ? 'no command given' : `unknown command ${command}`}; strata --help shows the usage`);
}

function layers(argv: readonly string[], machine: Machine): void {
  const { values, positionals } = options(argv, {
    target: { type: 'string' }, 'build-arg': { type: 'string', multiple: true }, platform: { type: 'string' }, builder: { type: 'string' },
    facts: { type: 'string' }, json: { type: 'boolean' },
  });
  const file = onlyFile(positionals);
  const target = values.target as string | undefined;
  const given = values.facts === undefined ? {} : factsIn(values.facts as string, machine);
  const analysis = analyze(readText(file, machine), {
    ...given, target, builder: builderNamed(values.builder as string | undefined),
    buildArgs: buildArgs((values['build-arg'] as string[] | undefined) ?? [], machine), platform: platform(values.platform as string | undefined, machine),
  });
  if (target !== undefined && target !== '' && analysis.target === undefined && analysis.stages.length > 0) {
    throw new Refusal(`${file}: target stage ${JSON.stringify(target)} could not be found`);
  }
  machine.write(values.json ? `${JSON.stringify(layersJson(analysis, file))}\n` : layerTable(analysis, file));
}

function parse(argv: readonly string[], machine: Machine): void {
  const { values, positionals } = options(argv, { builder: { type: 'string' }, json: { type: 'boolean' } });
  const file = onlyFile(positionals);
  const analysis = analyze(readText(file, machine), { builder: builderNamed(values.builder as string | undefined), platform: platform(undefined, machine) });
  const buildProblems = analysis.problems.filter((problem) => problem.severity === 'build');
  const result = parsed(analysis.dockerfile, rulesOf(analysis.builder), buildProblems);
  if (values.json) {
    machine.write(`${JSON.stringify(result)}\n`);
    return;
  }
  for (const { keyword, firstLine, lastLine } of result.instructions) machine.write(`${firstLine}-${lastLine} ${keyword}\n`);
  for (const { message, line, severity } of result.problems) machine.write(`line ${line}: ${severity}: ${message}\n`);
}

type OptionKinds = NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>['options']>;

function options(argv: readonly string[], kinds: OptionKinds): { values: Record<string, unknown>; positionals: string[] } {
  try {
    return parseArgs({ args: [...argv], options: kinds, allowPositionals: true, strict: true });
  } catch (error) {
    throw new Refusal(firstLine(error));
  }
}

function onlyFile(positionals: readonly string[]): string {
  if (positionals.length !== 1) throw new Refusal(positionals.length === 0 ? 'no FILE given' : `one FILE at a time, not ${positionals.length}`);
  return positionals[0];
}

function readText(file: string, machine: Machine): string {
  try {
    return machine.read(file);
  } catch (error) {
    throw new Refusal(`${file}: ${reason(error)}`);
  }
}

function builderNamed(name: string | undefined): Builder {
  if (name === undefined) return head;
  const builder = builderOf(name);
  if (!builder) throw new Refusal(`unknown builder ${name}: head, v0.25, docker-28.5 or docker/dockerfile:1.7`);
  return builder;
}

function buildArgs(pairs: readonly string[], machine: Machine): Record<string, string> {
  const given: Record<string, string> = {};
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    const name = equals === -1 ? pair : pair.slice(0, equals);
    // As docker build has it: a name alone takes the value of the environment.
    const value = equals === -1 ? machine.environment[pair] : pair.slice(equals + 1);
    if (value !== undefined) given[name] = value;
  }
  return given;
}

function platform(given: string | undefined, machine: Machine): Platform {
  const own = machinePlatform(machine.architecture);
  return given === undefined ? { build: own, target: own, assumed: true } : { build: own, target: given, assumed: false };
}

/** JSON {images?, contexts?}: what is known of base images and named contexts, in the shapes of core/build/model.ts. */
function factsIn(file: string, machine: Machine): Pick<Facts, 'images' | 'contexts'> {
  try {
    const { images, contexts } = JSON.parse(readText(file, machine)) as Facts;
    return { images, contexts };
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal(`${file}: ${firstLine(error)}`);
  }
}

function reason(error: unknown): string {
  const code = (error as { code?: string }).code;
  if (code === 'ENOENT') return 'no such file';
  if (code === 'EACCES' || code === 'EPERM') return 'not allowed to read it';
  if (code === 'EISDIR') return 'is a folder, not a file';
  if (code === 'ELOOP') return 'a loop of symbolic links';
  return firstLine(error);
}

function firstLine(error: unknown): string {
  return String((error as Error).message ?? error).split('\n')[0];
}
