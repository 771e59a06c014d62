/**
 * Members of a candidate, each with its builds → what of them can move into a base so that every image stays the same, and why the
 * rest cannot. The conditions are those of BuildKit's conversion (convert.go at 73ed6825) for an image, or a stage, that is continued.
 */
import type { Analysis, Facts, Step } from '../build/model';
import type { CommandLine } from '../syntax/commands';
import type { Instruction } from '../syntax/dockerfile';
import type { Member, NoExtraction } from './model';
import { kindOf, readsOf, stepText } from './shape';
import { say, type Said } from '../say';

export interface MemberBuild {
  readonly analysis: Analysis;
  readonly facts: Facts;
  /** Equal where the folder and what is ignored of it are the same; undefined: not known, or no folder. */
  readonly context: string | undefined;
  /** In words, for a message. */
  readonly contextName: string;
}

export interface PlanMember {
  readonly member: Member;
  /** Never none: of each build that is known, or of the one that is assumed. */
  readonly builds: readonly [MemberBuild, ...MemberBuild[]];
}

export interface PlannedMember extends PlanMember {
  readonly analysis: Analysis;
  /** What moves, by place in the stage's steps, in their order. */
  readonly moved: readonly number[];
}

export interface Plan {
  readonly members: readonly PlannedMember[];
  /** What moves, as the first member has it. */
  readonly steps: readonly Step[];
  /** Something of it reads the build context. */
  readonly readsContext: boolean;
  /** Arguments that it declares, or its FROM reads, by name: what the builds give for them. */
  readonly args: Readonly<Record<string, string>>;
  /** Why what is equal beyond does not move: one sentence each. */
  readonly notes: readonly Said[];
}

export interface BaseKind {
  /** The base is a stage of the same file: it has the same arguments, secrets and context. */
  readonly sameFile: boolean;
  /** It is built together with its members, with their context, and what secrets and agents they are given. */
  readonly together: boolean;
}

/** A reason that a step does not move, and all after it. */
interface Stop {
  readonly rule: string;
  readonly reason: Said;
}

export function planOf(members: readonly PlanMember[], kind: BaseKind): Plan | NoExtraction {
  const [first] = members;
  for (const one of members) {
    const refused = unfit(one, kind);
    if (refused) return refused;
  }
  const escape = ({ builds: [{ analysis }] }: PlanMember): string => analysis.dockerfile.escape;
  const other = members.find((one) => escape(one) !== escape(first));
  if (other) return { refused: say('{0} has another # escape than {1}: the same text would be read in two ways.', other.member.file, first.member.file), rule: 'directives' };
  const all = members.flatMap(({ member, builds }) => builds.map((build) => ({ member, build, core: coreOf(build.analysis, member) })));
  const [{ core }] = all;
  const notes: Said[] = [];
  let depth = 0;
  let stop: Stop | undefined;
  while (depth < core.length && !stop) {
    const at = depth;
    stop = differing(all.map(({ member, build, core: own }) => ({ member, build, step: own[at] })), kind);
    if (!stop) depth++;
  }
  // An ARG at the end is for what comes after it.
  while (depth > 0 && core[depth - 1].step.command.kind === 'ARG') depth--;
  if (!core.slice(0, depth).some(({ step }) => isFiles(step))) {
    return { refused: stop?.reason ?? say('No RUN, COPY or ADD is at the beginning of all of them.'), rule: stop?.rule ?? 'nothing-shared' };
  }
  for (;;) {
    const blocked = all.flatMap(({ member, build }) => blockedBy(member, build.analysis, depth) ?? [])[0];
    if (blocked === undefined) break;
    depth = blocked.depth;
    notes.push(blocked.note);
    if (!core.slice(0, depth).some(({ step }) => isFiles(step))) return { refused: blocked.note, rule: blocked.rule };
  }
  if (stop && stop.rule !== 'different') notes.push(stop.reason);

  const metadata = commonMetadata(members, depth, notes);
  const planned = members.map((one): PlannedMember => {
    const { analysis } = one.builds[0];
    const own = metadata.get(one) ?? new Set<number>();
    const coreIndexes = new Set(coreOf(analysis, one.member).slice(0, depth).map(({ index }) => index));
    const moved = analysis.stages[one.member.stage].steps.map((_, index) => index).filter((index) => coreIndexes.has(index) || own.has(index));
    return { ...one, analysis, moved };
  });
  const { analysis, moved } = planned[0];
  const steps = moved.map((index) => analysis.stages[first.member.stage].steps[index]);
  const args = argumentsOf(members, steps);
  if ('refused' in args) return args;
  return { members: planned, steps, readsContext: steps.some((step) => readsOf(analysis, step) === 'context'), args: args.values, notes };
}

function unfit({ member, builds }: PlanMember, { sameFile }: BaseKind): NoExtraction | undefined {
  const { analysis } = builds[0];
  const wrong = analysis.problems.find(({ severity }) => severity === 'error') ?? analysis.problems[0];
  if (wrong) return { refused: say('{0} has an error in line {1}: {2}', member.file, wrong.line, wrong.message), rule: 'errors', at: { file: member.file, span: wrong.span } };
  const stage = analysis.stages[member.stage];
  if (!stage) return { refused: say('{0} has no stage {1}.', member.file, member.stage), rule: 'errors' };
  if (stage.base.kind !== 'image' || stage.base.reference === null) return { refused: say('What {0} stands on in line {1} is no base image that is known.', member.file, stage.from.firstLine), rule: 'base-unknown' };
  if (stage.steps.some(({ trigger }) => trigger !== undefined)) return { refused: say('{0} has ONBUILD triggers: they would run when the base is built.', stage.base.reference), rule: 'onbuild-base' };
  const platform = stage.from.flags.find(({ text }) => text.startsWith('--platform'));
  if (platform && !sameFile) return { refused: say("FROM in line {0} of {1} has {2}: the base would be built for the target's platform.", stage.from.firstLine, member.file, platform.text), rule: 'platform', at: { file: member.file, span: platform.span } };
  return undefined;
}

/** The steps of a stage that later ones rest on, with their places. */
function coreOf(analysis: Analysis, { stage }: Member): readonly { readonly step: Step; readonly index: number }[] {
  return analysis.stages[stage].steps.map((step, index) => ({ step, index })).filter(({ step }) => !isMetadata(step));
}

export function isMetadata(step: Step): boolean {
  return kindOf(step) === 'metadata';
}

function isFiles(step: Step): boolean {
  return kindOf(step) === 'run' || kindOf(step) === 'copy';
}

interface At {
  readonly member: Member;
  readonly build: MemberBuild;
  readonly step: Step | undefined;
}

/** Undefined: the steps of all builds at this place are one, and can move. */
function differing(places: readonly { readonly member: Member; readonly build: MemberBuild; readonly step: { readonly step: Step } | undefined }[], { sameFile, together }: BaseKind): Stop | undefined {
  const all: At[] = places.map(({ member, build, step }) => ({ member, build, step: step?.step }));
  const [one] = all;
  if (!one.step) return { rule: 'different', reason: say('Nothing is left that they share.') };
  const where = say('{0} of line {1} of {2}', one.step.command.kind === 'refused' ? one.step.instruction.keyword : one.step.command.kind, one.step.line ?? 0, one.member.file);
  const text = stepText(one.step);
  for (const { member, build, step } of all) {
    if (!step) return { rule: 'different', reason: say('{0} ends before the {1}.', member.file, where) };
    if (step.command.kind === 'ARG' && step.command.pairs.some(({ name }) => build.facts.buildArgs?.[name.text] === null)) return { rule: 'arg-unknown', reason: say('The value that a build gives for the {0} is not known.', where) };
    if (stepText(step) !== text) {
      const isGiven = step.command.kind === 'ARG' && step.instruction.line === one.step.instruction.line;
      return isGiven ? { rule: 'arg-differs', reason: say("The {0} gets another value in {1}'s build.", where, member.file) } : { rule: 'different', reason: say('The {0} is another step in {1}.', where, member.file) };
    }
  }
  const reads = readsOf(one.build.analysis, one.step, one.build.facts);
  if (reads === 'stage') return { rule: 'reads-stage', reason: say('The {0} stays, and all after it: it reads another stage.', where) };
  if (reads === 'context' && !together) return { rule: 'context-tag', reason: say("The {0} stays, and all after it: the tag is a digest of the base's text, and files of the context are not in it.", where) };
  if (reads === 'context') {
    const unknown = all.find(({ build }) => build.context === undefined);
    if (unknown) return { rule: 'context-unknown', reason: say('The {0} stays, and all after it: the build context of {1} is not known.', where, unknown.member.file) };
    const other = all.find(({ build }) => build.context !== one.build.context);
    if (other) return { rule: 'context-differs', reason: say('The {0} stays, and all after it: {1} is built with {2}, {3} with {4}.', where, other.member.file, other.build.contextName, one.member.file, one.build.contextName) };
  }
  if (one.step.command.kind === 'RUN') {
    // Seen with Docker 28.5, Buildx 0.29 and Compose 2.40: what a target or service is given, those that it is made from have, too.
    const secret = together ? undefined : one.step.command.mounts.find(({ text: mount }) => /(?:^|,)type=(?:secret|ssh)(?:,|$)/.test(mount));
    if (secret) return { rule: 'secret', reason: say('The {0} stays, and all after it: its mount needs what only the build of {1} is given.', where, one.member.file) };
    if (!sameFile && (one.step.command.network === 'host' || one.step.command.security !== 'sandbox')) return { rule: 'entitlement', reason: say('The {0} stays, and all after it: the build needs to be allowed what its flags ask for.', where) };
  }
  return undefined;
}

/** Metadata that stays comes after what moves: where it would mean something else there, less moves. */
function blockedBy(member: Member, analysis: Analysis, depth: number): { readonly depth: number; readonly note: Said; readonly rule: string } | undefined {
  let position = 0;
  const { steps } = analysis.stages[member.stage];
  const staying: Step[] = [];
  for (const step of steps) {
    if (position >= depth) return undefined;
    if (isMetadata(step)) {
      staying.push(step);
      continue;
    }
    const { command } = step;
    if (command.kind === 'SHELL') {
      const shell = staying.find(({ command: other }) => (other.kind === 'CMD' || other.kind === 'ENTRYPOINT') && isShellForm(other.command));
      if (shell) return { depth: position, rule: 'shell', note: say('The SHELL of line {0} of {1} stays, and all after it: the {2} before it runs in the shell from before.', step.line ?? 0, member.file, shell.command.kind) };
    }
    if (command.kind === 'ENV' || command.kind === 'ARG') {
      const names = command.pairs.map(({ name }) => name.text);
      const reader = staying.find(({ instruction }) => names.some((name) => mentions(instruction, name)));
      if (reader) return { depth: position, rule: 'variable', note: say('The {0} of line {1} of {2} stays, and all after it: the {3} before it has its value from before.', command.kind, step.line ?? 0, member.file, reader.command.kind) };
    }
    position++;
  }
  return undefined;
}

function isShellForm({ prependShell }: CommandLine): boolean {
  return prependShell;
}

/** `$NAME` or `${NAME…}` is in its text. */
export function mentions({ line, heredocs }: Instruction, name: string): boolean {
  const at = new RegExp(`\\$(?:\\{${name}\\b|${name}\\b)`);
  return at.test(line) || heredocs.some(({ content }) => at.test(content));
}

/**
 * Metadata between the core steps that move, at the same place in all: it moves with them, so that the rows of the history keep
 * their order. ONBUILD never does: it would fire when the base is continued.
 */
function commonMetadata(members: readonly PlanMember[], depth: number, notes: Said[]): ReadonlyMap<PlanMember, ReadonlySet<number>> {
  const [first, ...others] = members;
  const own = members.map(({ member, builds: [{ analysis }] }) => metadataBefore(analysis, member, depth));
  const found = new Map<PlanMember, Set<number>>(members.map((one) => [one, new Set()]));
  const stayingKinds = members.map(() => new Set<string>());
  const taken = members.map(() => 0);
  for (const candidate of own[0]) {
    const { kind } = candidate.step.command;
    const matches = own.map((list, i) => list.findIndex((other, at) => at >= taken[i] && other.text === candidate.text && other.position === candidate.position));
    const isShared = others.length === 0 || matches.every((at) => at !== -1);
    // What stays before one of its kind, and then would come after it, could win over it.
    const reason = !isShared ? undefined : kind === 'ONBUILD' ? say('it would run when the base is continued')
      : kind === 'CMD' && members.some(({ member, builds: [{ analysis }] }) => hasEntrypoint(analysis, member)) ? say("the child's ENTRYPOINT would clear it") : undefined;
    if (isShared) own.forEach((list, i) => list.slice(taken[i], matches[i]).forEach(({ step }) => stayingKinds[i].add(step.command.kind)));
    const isOvertaken = isShared && stayingKinds.some((kinds) => kinds.has(kind));
    if (reason !== undefined) notes.push(say('{0} stays (line {1} of {2}): {3}.', kind, candidate.step.line ?? 0, first.member.file, reason));
    if (!isShared) continue;
    matches.forEach((at, i) => {
      taken[i] = at + 1;
      if (reason !== undefined || isOvertaken) stayingKinds[i].add(kind);
      else found.get(members[i])?.add(own[i][at].index);
    });
  }
  return found;
}

/** With how many core steps stand before each. */
function metadataBefore(analysis: Analysis, { stage }: Member, depth: number): readonly { readonly step: Step; readonly index: number; readonly position: number; readonly text: string }[] {
  const found: { step: Step; index: number; position: number; text: string }[] = [];
  let position = 0;
  analysis.stages[stage].steps.forEach((step, index) => {
    if (!isMetadata(step)) position++;
    else if (position < depth) found.push({ step, index, position, text: stepText(step) });
  });
  return found;
}

/** CMD and ENTRYPOINT of one stage keep each other; an ENTRYPOINT that continues an image clears the image's CMD. */
function hasEntrypoint(analysis: Analysis, { stage }: Member): boolean {
  return analysis.stages[stage].steps.some(({ command }) => command.kind === 'ENTRYPOINT');
}

function argumentsOf(members: readonly PlanMember[], steps: readonly Step[]): { readonly values: Readonly<Record<string, string>> } | NoExtraction {
  const values: Record<string, string> = {};
  for (const { member, builds } of members) {
    for (const { analysis, facts } of builds) {
      const names = namesRead(analysis, member, steps);
      for (const name of names) {
        const value = facts.buildArgs && Object.hasOwn(facts.buildArgs, name) ? facts.buildArgs[name] : undefined;
        if (value === null) return { refused: say('The value that a build of {0} gives for {1} is not known.', member.file, name), rule: 'arg-unknown' };
        if (value !== undefined) values[name] = value;
      }
    }
  }
  return { values };
}

/** Names of arguments that the steps declare, and of those before the first FROM that these and FROM read. */
export function namesRead(analysis: Analysis, { stage }: Member, steps: readonly Step[]): ReadonlySet<string> {
  const names = new Set(steps.flatMap(({ command }) => (command.kind === 'ARG' ? command.pairs.map(({ name }) => name.text) : [])));
  for (const global of globalsRead(analysis, stage, names)) if (global.keyword === 'ARG') for (const { name } of argsOf(analysis, global)) names.add(name);
  return names;
}

/** The ARGs before the first FROM that a stage's FROM, or the given names, rest on; in their order. */
export function globalsRead(analysis: Analysis, stage: number, declared: ReadonlySet<string>): readonly Instruction[] {
  const globals = globalInstructions(analysis);
  const wanted: Instruction[] = [];
  const readers = [analysis.stages[stage].from];
  for (let i = globals.length - 1; i >= 0; i--) {
    const global = globals[i];
    const isRead = argsOf(analysis, global).some(({ name }) => declared.has(name) || readers.some((reader) => mentions(reader, name)));
    if (!isRead) continue;
    wanted.unshift(global);
    readers.push(global);
  }
  return wanted;
}

export function argsOf(analysis: Analysis, instruction: Instruction): readonly { readonly name: string; readonly value: string | undefined }[] {
  const command = analysis.commands[analysis.dockerfile.instructions.indexOf(instruction)];
  return command?.kind === 'ARG' ? command.pairs.map(({ name, value }) => ({ name: name.text, value: value?.text })) : [];
}

/** The ARGs before the first FROM. */
export function globalInstructions({ dockerfile: { instructions } }: Analysis): readonly Instruction[] {
  const firstFrom = instructions.findIndex(({ keyword }) => keyword === 'FROM');
  return instructions.slice(0, Math.max(0, firstFrom)).filter(({ keyword }) => keyword === 'ARG');
}
