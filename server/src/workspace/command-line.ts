/** The command line: strata layers, parse, simulate, context, affected (check: check-command.ts; families, extract, inline: family-commands.ts). Arguments and a machine in, texts out. */
import { analyze } from '../core/analyze';
import { builderOf, head, rulesOf, type Builder } from '../core/builder';
import type { Facts, Platform } from '../core/build/model';
import { layersJson, layerTable } from '../core/build/table';
import { sentFiles } from '../core/build/sent';
import { parsed } from '../core/syntax/parsed';
import { affectedText, type Affected } from './affected';
import { firstLine, onlyFile, options, Refusal } from './arguments';
import { checkCommand, type CheckMachine } from './check-command';
import type { DiskContext } from './context-files';
import { reasonOf } from './disk';
import { extract, families, inline, type FamilyMachine } from './family-commands';
import { history, sizedLayers, waste, type ImageMachine } from './image-commands';
import { report, type ReportMachine } from './report-command';
import { machinePlatform } from './platform';
import { simulate, type SimulatedBuild } from './simulate';
import { cut, harmless, jsonLine } from './terminal';

export interface Machine {
  /** The text of a file, or of standard input for `-`; throws as node:fs does. */
  readonly read: (file: string) => string;
  readonly write: (text: string) => void;
  /** Lines for stderr that are no failure. */
  readonly warn: (line: string) => void;
  /** The build context in a folder; throws as node:fs does. */
  readonly context: (folder: string, dockerfile: string | undefined) => DiskContext;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly check: CheckMachine['check'];
  readonly save: CheckMachine['save'];
  /** The builds of the repository here that run again since a commit; throws what git says. */
  readonly affected: (since: string, facts: Facts) => Affected;
  readonly families: FamilyMachine;
  /** Strata's own. */
  readonly version: () => string;
  /** Node's name of the processor. */
  readonly architecture: string;
}

export interface Outcome {
  /** 1: `check` found something; 3: refused, with its reason; 4: a file changed meanwhile. */
  readonly exitCode: 0 | 1 | 2 | 3 | 4;
  /** One line for stderr. */
  readonly complaint?: string;
}

const usage = `usage: strata layers FILE [--target STAGE] [--build-arg NAME=VALUE]... [--platform OS/ARCH] [--builder VERSION] [--facts FILE] [--json]
       strata layers FILE --image REFERENCE|ARCHIVE [--target STAGE] [--build-arg NAME=VALUE]... [--json]
       strata parse FILE [--builder VERSION] [--json]
       strata simulate FILE [--context DIR] [--target STAGE] [--build-arg NAME=VALUE]... [--json]
                       (--was FILE [--was-context DIR] [--was-target STAGE] [--was-build-arg NAME=VALUE]...)...
                       | --change PATH... | --change-arg NAME... | --change-base IMAGE...
       strata context FILE [--context DIR] [--target STAGE] [--build-arg NAME=VALUE]... [--json]
       strata check PATH... [--format text|json|sarif|github] [--fix | --fix-unsafe] [--fail-on hint|information|warning|error] [--builder VERSION]
                    [--since REF] [--baseline FILE]
       strata check PATH... --write-baseline FILE [--builder VERSION]
       strata report PATH -o FILE [--image DOCKERFILE=REFERENCE|ARCHIVE]... [--builder VERSION]
       strata affected [--since REF] [--builder VERSION] [--json]
       strata history FILE --image REFERENCE|ARCHIVE [--target STAGE] [--build-arg NAME=VALUE]... [--json]
       strata history FILE --image REFERENCE --registry [--platform OS/ARCH] [--target STAGE] [--build-arg NAME=VALUE]... [--json]
       strata waste FILE --image REFERENCE|ARCHIVE [--target STAGE] [--build-arg NAME=VALUE]... [--json]
       strata families PATH... [--json]
       strata extract PATH --family ID [--via stage|file|bake|compose|tag] [--apply]
       strata inline FILE... [--apply]
       strata lsp --stdio | --socket=PORT | --pipe=NAME
FILE may be - for standard input. VERSION: head, v0.25, docker-28.5, docker/dockerfile:1.7
`;

/** What cannot be read at all and wrong usage end with 2; a file with problems is answered. */
export function run(argv: readonly string[], machine: Machine): Outcome {
  try {
    return { exitCode: answer(argv, machine) ? 1 : 0 };
  } catch (error) {
    return refusal(error);
  }
}

/** As `run`, with the commands that ask an engine. */
export async function runAny(argv: readonly string[], machine: Machine & Pick<ImageMachine, 'image' | 'registry' | 'local' | 'content'> & Pick<ReportMachine, 'report'>): Promise<Outcome> {
  const [command, ...rest] = argv;
  const look = command === 'history' ? history : command === 'waste' ? waste : command === 'layers' && rest.some(isImage) ? sizedLayers : undefined;
  if (!look && command !== 'report') return run(argv, machine);
  try {
    if (!look) await report(rest, machine, (values) => factsGiven(values, machine));
    else await look(rest, { ...machine, read: (file) => readText(file, machine) }, (values) => factsGiven(values, machine));
    return { exitCode: 0 };
  } catch (error) {
    return refusal(error);
  }
}

function isImage(argument: string): boolean {
  return argument === '--image' || argument.startsWith('--image=');
}

/** Throws what is none. */
function refusal(error: unknown): Outcome {
  if (!(error instanceof Refusal)) throw error;
  return { exitCode: error.exitCode, complaint: `strata: ${harmless(error.message.replace(/[\r\n]+/g, ' '))}` };
}

/** True: something was found. */
function answer(argv: readonly string[], machine: Machine): boolean {
  const [command, ...rest] = argv;
  if (command === 'layers') layers(rest, machine);
  else if (command === 'parse') parse(rest, machine);
  else if (command === 'context') context(rest, machine);
  else if (command === 'simulate') simulateBuild(rest, machine);
  else if (command === 'affected') affected(rest, machine);
  else if (command === 'families') families(rest, machine);
  else if (command === 'extract') extract(rest, machine);
  else if (command === 'inline') inline(rest, machine);
  else if (command === 'check') return checkCommand(rest, { ...machine, read: (file) => readText(file, machine) }, (values) => factsGiven(values, machine));
  else if (command === 'lsp') throw new Refusal('lsp: how does the editor speak to it? --stdio, --socket=PORT or --pipe=NAME');
  else if (command === '--help' || command === '-h' || command === 'help') machine.write(usage);
  else throw new Refusal(`${command === undefined ? 'no command given' : `unknown command ${command}`}; strata --help shows the usage`);
  return false;
}

function layers(argv: readonly string[], machine: Machine): void {
  const { values, positionals } = options(argv, {
    target: { type: 'string' }, 'build-arg': { type: 'string', multiple: true }, platform: { type: 'string' }, builder: { type: 'string' },
    facts: { type: 'string' }, json: { type: 'boolean' },
  });
  const file = onlyFile(positionals);
  const target = values.target as string | undefined;
  const given = values.facts === undefined ? {} : factsIn(values.facts as string, machine);
  const analysis = analyze(readText(file, machine), { ...given, ...factsGiven(values, machine) });
  if (target !== undefined && target !== '' && analysis.target === undefined && analysis.stages.length > 0) {
    throw new Refusal(`${file}: target stage ${JSON.stringify(target)} could not be found`);
  }
  machine.write(values.json ? jsonLine(layersJson(analysis, file)) : harmless(layerTable(analysis, file)));
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

/** A build as the command line describes it: what follows a --was is that build's. */
interface Given {
  file: string;
  context?: string;
  target?: string;
  args: string[];
}

function simulateBuild(argv: readonly string[], machine: Machine): void {
  const text = { type: 'string' } as const;
  const many = { type: 'string', multiple: true } as const;
  const { values, positionals, tokens } = options(argv, {
    context: text, target: text, 'build-arg': many, was: many, 'was-context': many, 'was-target': many, 'was-build-arg': many,
    change: many, 'change-arg': many, 'change-base': many, builder: text, platform: text, json: { type: 'boolean' },
  });
  const now: Given = { file: onlyFile(positionals), context: values.context as string | undefined, target: values.target as string | undefined, args: (values['build-arg'] as string[] | undefined) ?? [] };
  const before: Given[] = [];
  for (const token of tokens) {
    if (token.kind !== 'option' || token.value === undefined) continue;
    const last = before[before.length - 1];
    if (token.name === 'was') before.push({ file: token.value, args: [] });
    else if (!token.name.startsWith('was-')) continue;
    else if (!last) throw new Refusal(`--${token.name} has no --was before it`);
    else if (token.name === 'was-context') last.context = token.value;
    else if (token.name === 'was-target') last.target = token.value;
    else last.args.push(token.value);
  }
  const change = {
    paths: (values.change as string[] | undefined) ?? [], args: (values['change-arg'] as string[] | undefined) ?? [], bases: (values['change-base'] as string[] | undefined) ?? [],
  };
  const changes = change.paths.length + change.args.length + change.bases.length > 0;
  if (changes && before.length > 0) throw new Refusal('--was and --change exclude each other');
  const described = (given: Given): SimulatedBuild => ({
    text: readText(given.file, machine),
    facts: {
      target: given.target, buildArgs: buildArgs(given.args, machine), builder: builderNamed(values.builder as string | undefined),
      platform: platform(values.platform as string | undefined, machine),
    },
    // Without a context of its own, an earlier build had this one's.
    context: contextIn(given.context ?? now.context ?? folderOf(given.file), given.file === '-' ? undefined : given.file, machine),
  });
  const result = simulate(described(now), before.map(described), changes ? change : undefined);
  if (values.json) {
    machine.write(`${JSON.stringify(result)}\n`);
    return;
  }
  const built = result.steps.filter(({ verdict }) => verdict !== 'metadata' && verdict !== 'not-built');
  const again = built.filter(({ verdict }) => verdict === 'rebuilt').length;
  const open = built.filter(({ verdict }) => verdict === 'if-output-differs').length;
  machine.write(`${again} of ${built.length} steps run again${open === 0 ? '' : `, ${open} more if the files change that they take from another stage`} (if the cache of the builds before is still there)\n\n`);
  for (const { verdict, step, line, instruction, reason } of result.steps) {
    if (verdict === 'metadata') continue;
    machine.write(`${verdict.padEnd(18)} ${(step ?? '').padEnd(14)} ${String(line ?? 'base').padStart(4)}  ${cut(instruction, 70)}${reason ? `\n${' '.repeat(39)}${reason.text}` : ''}\n`);
  }
}

function context(argv: readonly string[], machine: Machine): void {
  const { values, positionals } = options(argv, {
    context: { type: 'string' }, target: { type: 'string' }, 'build-arg': { type: 'string', multiple: true }, json: { type: 'boolean' },
  });
  const file = onlyFile(positionals);
  const text = readText(file, machine);
  const analysis = analyze(text, {
    target: values.target as string | undefined, buildArgs: buildArgs((values['build-arg'] as string[] | undefined) ?? [], machine), platform: platform(undefined, machine),
  });
  const found = diskContext((values.context as string | undefined) ?? folderOf(file), file === '-' ? undefined : file, machine);
  const bytesOf = (path: string): number => {
    const entry = found.context.entries.get(path);
    return entry?.type === 'file' ? entry.size ?? 0 : 0;
  };
  const total = (paths: readonly string[]): { count: number; bytes: number } => ({ count: paths.length, bytes: paths.reduce((sum, path) => sum + bytesOf(path), 0) });
  const paths = found.context.paths.filter((path) => found.context.entries.get(path)?.type === 'file');
  const files = paths.map((path) => ({ path, bytes: bytesOf(path) }));
  const largest = [...files].sort((a, b) => b.bytes - a.bytes).slice(0, 10);
  const { ignoreFile, ignored } = found;
  const sent = total(sentFiles(analysis, found.context));
  if (values.json) {
    machine.write(`${JSON.stringify({ ignoreFile, ...total(paths), files, sent, ignored, largest })}\n`);
    return;
  }
  const shown = ({ count, bytes }: { count: number; bytes: number }): string => `${count} files, ${bytes} bytes`;
  machine.write([
    `the context: ${shown(total(paths))} (${ignoreFile === null ? 'no ignore file' : ignoreFile})`, `sent: ${shown(sent)}`,
    ...(ignored === null ? [] : [`ignored: ${shown(ignored)}`]), 'the largest:', ...largest.map(({ path, bytes }) => `${String(bytes).padStart(12)}  ${path}`), '',
  ].join('\n'));
}

function affected(argv: readonly string[], machine: Machine): void {
  const { values, positionals } = options(argv, { since: { type: 'string' }, builder: { type: 'string' }, json: { type: 'boolean' } });
  if (positionals.length > 0) throw new Refusal(`strata affected looks at the repository here; ${positionals[0]} is no option`);
  const facts = { builder: builderNamed(values.builder as string | undefined), platform: platform(undefined, machine) };
  let found: Affected;
  try {
    found = machine.affected((values.since as string | undefined) ?? 'HEAD~1', facts);
  } catch (error) {
    throw new Refusal(firstLine(error));
  }
  machine.write(values.json ? `${JSON.stringify(found)}\n` : affectedText(found));
}

function folderOf(file: string): string {
  const slash = Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\'));
  return slash === -1 ? '.' : file.slice(0, slash) || '/';
}

function contextIn(folder: string, dockerfile: string | undefined, machine: Machine): DiskContext['context'] {
  return diskContext(folder, dockerfile, machine).context;
}

function diskContext(folder: string, dockerfile: string | undefined, machine: Machine): DiskContext {
  try {
    const found = machine.context(folder, dockerfile);
    for (const complaint of found.complaints) machine.warn(complaint);
    return found;
  } catch (error) {
    throw new Refusal(`${folder}: ${reasonOf(error)}`);
  }
}

function readText(file: string, machine: Machine): string {
  try {
    return machine.read(file);
  } catch (error) {
    throw new Refusal(`${file}: ${reasonOf(error)}`);
  }
}

/** Of --target, --builder, --build-arg and --platform. */
function factsGiven(values: Readonly<Record<string, unknown>>, machine: Machine): Facts {
  return {
    target: values.target as string | undefined, builder: builderNamed(values.builder as string | undefined),
    buildArgs: buildArgs((values['build-arg'] as string[] | undefined) ?? [], machine), platform: platform(values.platform as string | undefined, machine),
  };
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
