/**
 * Which steps a build runs again, on a builder that has seen other builds: BuildKit's cache keys (solver/llbsolver/ops
 * exec.go, file.go; solver/edge.go at 73ed6825). A step hits where its operation and every input match a record: the step
 * before it by identity, files by content. What a step of another stage puts out is not known without running it.
 */
import { expand } from '../syntax/expand';
import { shellOf } from './created-by';
import { contentOf, differingPath, type Context, type Selected, type Selection } from './context';
import { inOrder, valueIn } from './env';
import type { Analysis, Facts, Stage, State, Step } from './model';
import { mountOf, type Mount } from './mounts';
import { joinPath } from './path';
import { isRemote } from './refusals';
import { say, type Said } from '../say';

export interface Build {
  readonly analysis: Analysis;
  /** With which it was analysed. */
  readonly facts: Facts;
  readonly context: Context;
  /** Folders given as named contexts, by name in small letters. */
  readonly folders?: Readonly<Record<string, Context>>;
  /** What of the command line is part of the key of RUN: hostname, ulimits and the like; equal texts are equal. */
  readonly runOptions?: string;
  /** `docker build --network`. */
  readonly network?: string;
  readonly noCache?: boolean;
  /** False: the engine keeps images without containerd, cannot merge layers, and takes COPY --link for COPY. */
  readonly merges?: boolean;
}

export type Verdict = 'cached' | 'rebuilt' | 'if-output-differs' | 'not-built' | 'metadata';

export interface StepVerdict {
  readonly step: Step;
  readonly verdict: Verdict;
  readonly reason?: Reason;
}

export interface Reason {
  readonly kind: 'parent' | 'definition' | 'environment' | 'content' | 'base' | 'no-cache' | 'unknown';
  /** One sentence; it names the path, or the line as `say('line {0}')` does, where it speaks of one. */
  readonly text: Said;
  readonly line?: number;
  readonly path?: string;
}

/** The state of a stage after a step. Those that it may turn out to be are in the cache. */
interface Node {
  readonly id: string;
  /** It was made again in this build although it was there. */
  readonly again?: boolean;
}

/** An input other than the step before: files. */
interface Input {
  /** Identity of what the files come from, with their paths. */
  readonly identity?: string;
  /** Undefined: not known without running something. */
  readonly content?: string;
  /** Where they are named in the file of the build, for the reason. */
  readonly named: string;
  /** Why nothing is known of it, in a sentence, where it is not that a step has to run. */
  readonly open?: Said;
  /** Files of the build context, for the reason. */
  readonly files?: Selected;
}

interface CacheRecord {
  readonly node: Node;
  readonly inputs: readonly Input[];
  readonly operation: Operation;
}

interface Operation {
  readonly kind: string;
  /** What it does, without its environment. */
  readonly definition: string;
  readonly environment: string;
}

/** What a builder remembers. */
export interface Cache {
  readonly records: Map<string, CacheRecord[]>;
  /** By a state's identity, others that it may turn out to be, and that may turn out to be it. */
  readonly likenesses: Map<string, Set<string>>;
}

export function emptyCache(): Cache {
  return { records: new Map(), likenesses: new Map() };
}

/** The verdicts of a build, in the order of the file; the cache knows the build afterwards. */
export function verdictsOf(cache: Cache, build: Build): StepVerdict[] {
  const { analysis } = build;
  const nodes = new Map<number, Node>();
  const verdicts: StepVerdict[] = [];
  const made = new Map<string, StepVerdict>();
  for (const stage of analysis.stages) {
    let node = baseNode(stage, nodes, build.facts);
    let lost: Reason | undefined;
    for (const step of stage.steps) {
      if (step.row !== 'layer') {
        verdicts.push({ step, verdict: stage.reachable ? 'metadata' : 'not-built' });
        continue;
      }
      if (!stage.reachable) {
        verdicts.push({ step, verdict: 'not-built' });
        continue;
      }
      const outcome = runStep(cache, build, step, node, nodes, lost);
      node = outcome.node;
      // What two stages begin with is one step of the build: it runs once, and is printed under one of its numbers.
      const same = outcome.verdict === 'cached' ? made.get(node.id) : undefined;
      if (same) {
        verdicts.push({ ...same, step });
        if (same.verdict === 'rebuilt') lost ??= runsAgain(step, stage);
        continue;
      }
      if (outcome.verdict === 'rebuilt') lost ??= runsAgain(step, stage);
      const verdict: StepVerdict = { step, verdict: outcome.verdict, ...(outcome.reason && { reason: outcome.reason }) };
      if (verdict.verdict !== 'cached') made.set(node.id, verdict);
      verdicts.push(verdict);
    }
    nodes.set(stage.index, node);
  }
  return verdicts;
}

function runsAgain(step: Step, stage: Stage): Reason {
  const line = step.line ?? stage.from.firstLine;
  return { kind: 'parent', text: say('The step of line {0} above runs again.', line), line };
}

function baseNode({ base, platform, from }: Stage, nodes: ReadonlyMap<number, Node>, facts: Facts): Node {
  switch (base.kind) {
    case 'scratch': return { id: 'scratch' };
    case 'stage': return nodes.get(base.stage) ?? { id: `stage ${base.stage}` };
    case 'context': return { id: base.image?.identity ?? `context ${facts.identities?.[base.name] ?? base.name}` };
    case 'image': {
      const named = base.reference ?? from.line;
      return { id: base.image?.identity ?? `image ${facts.identities?.[named] ?? named} ${platform ?? ''}` };
    }
  }
}

function runStep(cache: Cache, build: Build, step: Step, parent: Node, nodes: ReadonlyMap<number, Node>, lost: Reason | undefined): { verdict: Verdict; node: Node; reason?: Reason } {
  const described = describe(build, step, nodes);
  const { operation, inputs } = described;
  const above: Node = described.linked ? { id: 'scratch' } : parent;
  const key = keyOf(operation, above.id);
  // --no-cache marks RUN, COPY and ADD; the folder of a WORKDIR is made again below one of those only (dispatchWorkdir).
  const ignored = build.noCache === true && (operation.kind !== 'mkdir' || parent.again === true);
  const known = ignored ? [] : cache.records.get(key) ?? [];
  const exact = known.find((record) => record.inputs.every((input, i) => agreement(input, inputs[i]) === 'equal'));
  const finish = (verdict: Verdict, node: Node, reason?: Reason): { verdict: Verdict; node: Node; reason?: Reason } => ({
    verdict, reason, node: { ...(described.linked ? merged(cache, parent, node) : node), again: ignored },
  });
  if (exact) return finish('cached', exact.node);

  const possible: string[] = [];
  for (const id of ignored ? [] : statesLike(cache, above.id)) {
    for (const record of cache.records.get(keyOf(operation, id)) ?? []) {
      if (record.inputs.every((input, i) => agreement(input, inputs[i]) !== 'different')) possible.push(record.node.id);
    }
  }
  const node: Node = { id: digest(`${key}\n${inputs.map((input) => input.identity ?? input.content ?? '').join('\n')}`) };
  const reason = possible.length > 0 ? undefined : reasonOf(cache, build, step, operation, inputs, above, lost);
  const records = cache.records.get(key) ?? [];
  records.push({ node, inputs, operation });
  cache.records.set(key, records);
  for (const one of possible) liken(cache, node.id, one);
  if (possible.length > 0) {
    return finish('if-output-differs', node, { kind: 'unknown', text: whyOpen(inputs) });
  }
  return finish('rebuilt', node, reason);
}

/** A state, and all that it may turn out to be: what an open step left behind may be any of them, and a build of theirs may come upon it. */
function statesLike(cache: Cache, id: string): ReadonlySet<string> {
  const found = new Set([id]);
  for (const one of found) for (const other of cache.likenesses.get(one) ?? []) found.add(other);
  return found;
}

function liken(cache: Cache, a: string, b: string): void {
  if (a === b) return;
  for (const [one, other] of [[a, b], [b, a]]) {
    const known = cache.likenesses.get(one);
    if (known) known.add(other);
    else cache.likenesses.set(one, new Set([other]));
  }
}

function whyOpen(inputs: readonly Input[]): Said {
  const open = inputs.find((input) => input.open !== undefined)?.open;
  if (open !== undefined) return open;
  const others = inputs.some(({ content }) => content === undefined);
  return others ? say('It takes files from a step that runs again; whether they change is not known without running it.')
    : say('A step above may run again: whether it does is not known without running it.');
}

function merged(cache: Cache, parent: Node, linked: Node): Node {
  const pair = (a: string, b: string): string => digest(`merge\n${a}\n${b}`);
  const id = pair(parent.id, linked.id);
  for (const a of statesLike(cache, parent.id)) for (const b of statesLike(cache, linked.id)) liken(cache, id, pair(a, b));
  return { id };
}

function keyOf({ kind, definition, environment }: Operation, parent: string): string {
  return `${parent}\n${digest(`${kind}\n${definition}\n${environment}`)}`;
}

function agreement(recorded: Input, now: Input | undefined): 'equal' | 'different' | 'unknown' {
  if (!now) return 'different';
  if (recorded.identity !== undefined && recorded.identity === now.identity) return 'equal';
  if (recorded.content === undefined || now.content === undefined) return 'unknown';
  return recorded.content === now.content ? 'equal' : 'different';
}

function reasonOf(cache: Cache, build: Build, step: Step, operation: Operation, inputs: readonly Input[], above: Node, lost: Reason | undefined): Reason {
  if (build.noCache) return { kind: 'no-cache', text: say('The build does not use the cache.') };
  if (lost) return lost;
  const same = cache.records.get(keyOf(operation, above.id)) ?? [];
  if (same.length > 0) {
    const newest = same[same.length - 1];
    const at = newest.inputs.findIndex((input, i) => agreement(input, inputs[i]) === 'different');
    const path = changedPath(newest.inputs[at], inputs[at]);
    return { kind: 'content', text: path === undefined ? say('The files that it takes are not what they were.') : say('{0} is not what it was.', path), ...(path !== undefined && { path }) };
  }
  const siblings = [...cache.records.entries()].filter(([key]) => key.startsWith(`${above.id}\n`)).flatMap(([, records]) => records);
  const environmentOnly = siblings.some((record) => record.operation.kind === operation.kind && record.operation.definition === operation.definition);
  if (environmentOnly) return { kind: 'environment', text: say('Its environment is not what it was.'), line: step.line ?? undefined };
  if (siblings.length === 0) return { kind: 'base', text: say('Nothing was built on what is below it yet.') };
  return { kind: 'definition', text: say('The instruction is not what it was.'), line: step.line ?? undefined };
}

/** The first file that differs, or what names the files. */
function changedPath(before: Input | undefined, now: Input | undefined): string | undefined {
  return (before?.files && now?.files && differingPath(before.files, now.files)) ?? now?.named;
}

interface Described {
  readonly operation: Operation;
  readonly inputs: readonly Input[];
  /** COPY --link: made without the step before it. */
  readonly linked: boolean;
}

function describe(build: Build, step: Step, nodes: ReadonlyMap<number, Node>): Described {
  const { command } = step;
  switch (command.kind) {
    case 'RUN': return describeRun(build, step, command.mounts.map(({ text }) => text), nodes);
    case 'COPY': case 'ADD': return describeCopy(build, step, nodes);
    default: {
      const { workdir, user } = step.after;
      return { operation: { kind: 'mkdir', definition: JSON.stringify([workdir, user, epochOf(build)]), environment: '' }, inputs: [], linked: false };
    }
  }
}

/** SOURCE_DATE_EPOCH is the time of the folder that WORKDIR makes. */
function epochOf({ facts }: Build): string {
  return facts.buildArgs?.SOURCE_DATE_EPOCH ?? '';
}

function describeRun(build: Build, step: Step, mountTexts: readonly string[], nodes: ReadonlyMap<number, Node>): Described {
  const { before, expanded, command } = step;
  const { facts, analysis } = build;
  const stage = analysis.stages[step.stage];
  if (command.kind !== 'RUN' || expanded.kind !== 'run') return unknownOperation(step);
  const argv = command.command.prependShell ? [...shellOf(before), expanded.args.join(' ')] : expanded.args;
  const inputs: Input[] = [];
  const mounts = mountTexts.map((text) => {
    const mount = mountOf(text, (value) => expandedIn(step, value));
    if ('error' in mount) return text;
    const target = mount.target.startsWith('/') || mount.type === 'secret' || mount.type === 'ssh' ? mount.target : joinPath('/', before.workdir ?? '', mount.target);
    if (mount.type === 'bind' || (mount.type === 'cache' && mount.from !== '')) inputs.push(mountInput(build, mount, nodes));
    return JSON.stringify([mount.type, target, mount.readOnly, cacheOf(mount, target), optionsOf(text, mount)]);
  });
  const variables = environmentOf(analysis, stage, before);
  const environment = variables.map(({ name, value }) => `${name}=${value ?? '?'}`);
  const given = variables.find(({ name, value }) => value === null && facts.buildArgs?.[name] === null);
  if (given) inputs.push({ named: given.name, open: say('It has {0} in its environment, whose value at a build is not known.', given.name) });
  const network = command.network === 'default' ? build.network ?? 'default' : command.network;
  const platform = stage.platform ?? facts.platform?.target ?? '';
  const definition = [argv, before.workdir === '' ? '/' : before.workdir, before.user, platform, network, command.security, build.runOptions ?? '', mounts];
  return { operation: { kind: 'run', definition: JSON.stringify(definition), environment: JSON.stringify(environment) }, inputs, linked: false };
}

/**
 * The environment in the order in which its names were last set. A stage built FROM another sets the names of that one's
 * config again, in the config's order, before anything of its own (convert.go dispatchStages).
 */
function environmentOf(analysis: Analysis, stage: Stage, state: State): readonly { readonly name: string; readonly value: string | null }[] {
  if (stage.base.kind !== 'stage') return inOrder(state.env);
  const own = inOrder(state.env).filter(({ order }) => order > (stage.before.env?.latest ?? 0));
  const ownNames = new Set(own.map(({ name }) => name));
  const parent = analysis.stages[stage.base.stage];
  const config = configNames(analysis, parent);
  const inherited = [...environmentOf(analysis, parent, parent.after).map(({ name }) => name).filter((name) => !config.has(name)), ...config];
  const before = inherited.filter((name) => !ownNames.has(name)).map((name) => ({ name, value: valueIn(state.env, name)?.value ?? null }));
  return [...before, ...own];
}

/** The names of a config's environment, in its order: the base's, then each ENV's where it first stood. */
function configNames(analysis: Analysis, stage: Stage): Set<string> {
  const names = stage.base.kind === 'stage' ? configNames(analysis, analysis.stages[stage.base.stage]) : new Set(inOrder(stage.before.configEnv).map(({ name }) => name));
  for (const { command, expanded } of stage.steps) {
    if (command.kind === 'ENV' && expanded.kind === 'pairs') for (const { name } of expanded.pairs) if (name !== null) names.add(name);
  }
  return names;
}

/** checkShouldClearCacheOpts: an id or a sharing mode of one's own is no part of the key; the default id is. */
function cacheOf(mount: Mount, target: string): string {
  if (mount.type !== 'cache') return '';
  const isDefault = (mount.id === '' || mount.id === target) && (mount.sharing === '' || mount.sharing === 'shared');
  return isDefault ? target : 'cleared';
}

/** What of a secret's or agent's options is in the key: all but their values. */
function optionsOf(text: string, { type }: Mount): string {
  return type === 'secret' || type === 'ssh' ? text : '';
}

function mountInput(build: Build, mount: Mount, nodes: ReadonlyMap<number, Node>): Input {
  const named = mount.source === '' ? 'the build context' : mount.source;
  if (mount.from !== '') return otherInput(build, mount.from, [mount.source], nodes, () => undefined, false);
  const selection: Selection = { source: mount.source, exclude: [], parents: false, wildcards: false };
  return { named, content: contentOf(build.context, selection) ?? 'missing', files: { context: build.context, selections: [selection] } };
}

function describeCopy(build: Build, step: Step, nodes: ReadonlyMap<number, Node>): Described {
  const { command, expanded, before } = step;
  if ((command.kind !== 'COPY' && command.kind !== 'ADD') || expanded.kind !== 'copy') return unknownOperation(step);
  const { flags } = command;
  const exclude = flags.exclude.map(({ text }) => text);
  const sources = expanded.sources.map((source) => source ?? '?');
  const dest = destOf(expanded.dest ?? '?', before.workdir ?? '');
  const selectionOf = (source: string): Selection => ({ source, exclude, parents: flags.parents, wildcards: true });
  const contentOfSource = (context: Context, source: string): string | undefined => contentOf(context, selectionOf(source));
  const inputs: Input[] = [];
  if (flags.from && sources.length > 0) {
    inputs.push(otherInput(build, flags.from.text, sources, nodes, (context) => contentsOf(context, sources, contentOfSource), true));
  } else {
    for (const source of sources) {
      if (isRemote(source)) inputs.push(flags.checksum ? { named: source, identity: `${source} ${flags.checksum.text}` } : { named: source, open: say('It downloads {0}; whether that is what it was is not known without asking.', source) });
    }
    const local = sources.filter((source) => !isRemote(source));
    const files = { context: build.context, selections: local.map(selectionOf) };
    if (local.length > 0) inputs.push({ named: local.join(', '), content: contentsOf(build.context, local, contentOfSource) ?? 'missing', files });
  }
  for (const file of command.files) inputs.push({ named: `<<${file.name}`, content: file.expand ? expandedBody(step, file.content) ?? '?' : file.content });
  const bases = [...sources.map((source) => (flags.parents ? source : isRemote(source) ? source : baseName(source))), ...command.files.map(({ name }) => name)];
  const unpack = flags.unpack ?? (command.kind === 'ADD' && !sources.some(isRemote));
  const wild = sources.map((source) => /[*?[]/.test(source));
  const linked = flags.link && !flags.chmod && build.merges !== false;
  const definition = [bases, wild, dest, expanded.chown ?? '', expanded.chmod ?? '', exclude, flags.parents, unpack, linked, flags.keepGitDir ?? null];
  return { operation: { kind: 'copy', definition: JSON.stringify(definition), environment: '' }, inputs, linked };
}

function contentsOf(context: Context, sources: readonly string[], one: (context: Context, source: string) => string | undefined): string | undefined {
  const contents = sources.map((source) => one(context, source));
  return contents.includes(undefined) ? undefined : contents.join('\n\n');
}

/** Files of a stage, an image or a named context. */
function otherInput(build: Build, from: string, paths: readonly string[], nodes: ReadonlyMap<number, Node>, content: (context: Context) => string | undefined, byNumber: boolean): Input {
  const { stages } = build.analysis;
  const name = from.toLowerCase();
  const index = byNumber && /^\d+$/.test(from) ? Number(from) : stages.findLastIndex((stage) => stage.name === name);
  const stage = stages[index];
  const folder = build.folders?.[name];
  // A folder that nobody read may have changed.
  if (!folder && build.facts.contexts?.[name]?.folder && (stage === undefined || stage.replaced)) {
    const named = `${paths.join(', ')} of ${from}`;
    return { named, open: say('It takes {0}, a context of its own, whose files were not read.', named) };
  }
  if (folder && (stage === undefined || stage.replaced)) return { named: `${paths.join(', ')} of ${from}`, content: content(folder) ?? 'missing' };
  const node = stage ? nodes.get(index)?.id : build.facts.images?.[from]?.identity ?? build.facts.contexts?.[name]?.image?.identity ?? `image ${build.facts.identities?.[from] ?? from}`;
  return { named: `${paths.join(', ')} of ${from}`, identity: `${paths.join('\0')}@${node ?? from}` };
}

/** pathRelativeToWorkingDir: absolute, and a slash at the end counts. */
function destOf(dest: string, workdir: string): string {
  if (dest.startsWith('/')) return dest;
  const path = joinPath(workdir === '' ? '/' : workdir, dest === '' ? './' : dest);
  return (dest.endsWith('/') || dest === '' || dest === '.') && !path.endsWith('/') ? `${path}/` : path;
}

/** path.Base of the normalised source. */
function baseName(source: string): string {
  const parts = joinPath('/', source).split('/').filter((part) => part !== '');
  return parts[parts.length - 1] ?? '/';
}

function expandedIn(step: Step, value: string): string | null | { readonly error: string } {
  const expansion = expand(value, (name) => valueIn(step.before.env, name), { escape: '\\' });
  if (expansion.error !== undefined) return { error: expansion.error };
  return expansion.unknown ? null : expansion.text;
}

function expandedBody(step: Step, body: string): string | undefined {
  const expansion = expand(body, (name) => valueIn(step.before.env, name), { escape: '\\', skipProcessQuotes: true });
  return expansion.unknown || expansion.error !== undefined ? undefined : expansion.text;
}

function unknownOperation(step: Step): Described {
  return { operation: { kind: 'unknown', definition: step.instruction.line, environment: '' }, inputs: [], linked: false };
}

/** Two 32-bit hashes: short names for long keys. Not for security: a record is told from others of one file's history. */
function digest(text: string): string {
  let a = 0x811c9dc5;
  let b = 0x9747b28c;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x85ebca6b) ^ (b >>> 13);
  }
  return `${(a >>> 0).toString(16)}${(b >>> 0).toString(16)}${text.length.toString(16)}`;
}
