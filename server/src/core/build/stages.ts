/**
 * Instructions → stages and what they stand on: convert.go buildDispatchStates, buildStageDependencyGraph, resolveStages
 * at 73ed6825. Hidden states (an image that COPY --from names, a mount) count where BuildKit counts them.
 */
import type { Rules } from '../builder';
import { normalReference } from '../image/reference';
import { commandOf, type Command, type Refused } from '../syntax/commands';
import type { Escape, Instruction, Problem, Word } from '../syntax/dockerfile';
import { expand, type Lookup } from '../syntax/expand';
import { readDockerfile } from '../syntax/read';
import { valueIn, type MaybeEnv } from './env';
import type { Base, BaseImage, Facts } from './model';
import { mountFrom } from './mounts';

export interface PlannedCommand {
  readonly instruction: Instruction;
  readonly command: Command | Refused;
  /** The text of a trigger, and the line of the ONBUILD if it stands in this file. */
  readonly trigger?: { readonly text: string; readonly line: number | null };
}

export interface PlannedStage {
  readonly index: number;
  readonly name: string | null;
  readonly from: Instruction;
  readonly base: Base;
  readonly platform: string | null;
  readonly replaced: boolean;
  readonly commands: readonly PlannedCommand[];
  readonly triggerCount: number;
  /** Stages of this file that it reads, other than its base. */
  readonly reads: ReadonlySet<number>;
  /** The image's config is needed to know it. */
  readonly wants?: string;
}

export interface Plan {
  readonly stages: readonly PlannedStage[];
  /** Stages and hidden states together: with one alone, `[k/N]` bears no name. */
  readonly states: number;
  readonly problems: readonly Problem[];
}

interface Written {
  readonly instruction: Instruction;
  readonly command: Command | Refused;
}

export function planStages(written: readonly Written[], globals: MaybeEnv, facts: Facts, escape: Escape, rules: Rules): Plan {
  const problems: Problem[] = [];
  const refuse = (message: string, word: Word | undefined, instruction: Instruction): void => {
    problems.push({ message, span: word?.span ?? instruction.commandSpan, line: instruction.firstLine, severity: 'build' });
  };
  const lookup: Lookup = (name) => valueIn(globals, name);
  const modifiers = { withoutColon: rules.expandWithoutColon, patterns: rules.expandPatterns };
  const contexts = facts.contexts ?? {};
  const contextNamed = (name: string | null): string | undefined => {
    const key = name?.toLowerCase();
    return key !== undefined && key !== 'scratch' && key !== 'context' && Object.hasOwn(contexts, key) ? key : undefined;
  };

  const drafts: { index: number; name: string | null; from: Instruction; base: Base; platform: string | null; replaced: boolean; own: Written[]; wants?: string }[] = [];
  const onbuilds = new Map<number, { text: string; line: number | null; at: Instruction }[]>();
  /** Names as addState keeps them; the last stage of a name is what COPY --from means. */
  const byName = new Map<string, number>();
  for (const item of written) {
    const { instruction, command } = item;
    if (command.kind !== 'FROM' && !(command.kind === 'refused' && instruction.keyword === 'FROM')) {
      drafts[drafts.length - 1]?.own.push(item);
      continue;
    }
    const index = drafts.length;
    if (command.kind !== 'FROM') {
      drafts.push({ index, name: null, from: instruction, base: { kind: 'image', reference: null }, platform: null, replaced: false, own: [] });
      continue;
    }
    const name = command.name?.text ?? null;
    const replacing = contextNamed(name);
    const { base, wants } = replacing !== undefined
      ? { base: contextBase(replacing), wants: undefined }
      : baseOf(command.base, instruction);
    drafts.push({
      index, name, from: instruction, base, platform: platformOf(command.platform, instruction), replaced: replacing !== undefined, own: [],
      ...(wants !== undefined && { wants }),
    });
    if (name !== null) byName.set(name, index);
  }

  // Hidden states come after the stages, in the order of the instructions that bring them.
  const states: (number | 'hidden')[] = drafts.map((draft) => draft.index);
  const readsOf = drafts.map(() => new Set<number>());
  for (const draft of drafts) for (const { instruction, command } of draft.own) sourcesOf(draft.index, command, instruction, false);
  const stateCount = states.length;

  const planned: PlannedStage[] = [];
  for (const draft of drafts) {
    const triggers = draft.replaced ? [] : triggersOf(draft.base, draft.from);
    for (const { instruction, command } of triggers) sourcesOf(draft.index, command, instruction, true);
    planned.push({
      index: draft.index, name: draft.name, from: draft.from, base: draft.base, platform: draft.platform, replaced: draft.replaced,
      commands: [...triggers, ...draft.own], triggerCount: triggers.length, reads: readsOf[draft.index], wants: draft.wants,
    });
  }
  return { stages: planned, states: stateCount, problems };

  function baseOf(word: Word, instruction: Instruction): { base: Base; wants?: string } {
    const expansion = expand(word.text, lookup, { escape, modifiers });
    if (expansion.error !== undefined) refuse(expansion.error, word, instruction);
    if (expansion.unknown || expansion.error !== undefined) return { base: { kind: 'image', reference: null } };
    const reference = expansion.text;
    if (reference === '') {
      refuse(`base name (${word.text}) should not be blank`, word, instruction);
      return { base: { kind: 'image', reference: null } };
    }
    const stage = byName.get(reference);
    if (stage !== undefined) return { base: { kind: 'stage', stage } };
    if (reference === 'scratch') return { base: { kind: 'scratch' } };
    const normal = normalReference(reference);
    if ('error' in normal) {
      refuse(`failed to parse stage name ${JSON.stringify(reference)}: ${normal.error}`, word, instruction);
      return { base: { kind: 'image', reference } };
    }
    const context = contextNamed(reference) ?? contextNamed(normal.reference);
    if (context !== undefined) return { base: contextBase(context) };
    const image = imageOf(reference, normal.reference);
    return { base: { kind: 'image', reference, image }, ...(image === undefined && { wants: reference }) };
  }

  function contextBase(name: string): Base {
    const { folder = false, image } = contexts[name];
    return { kind: 'context', name, folder, image };
  }

  function imageOf(reference: string, normal: string): BaseImage | undefined {
    const images = facts.images ?? {};
    if (Object.hasOwn(images, reference)) return images[reference];
    return Object.hasOwn(images, normal) ? images[normal] : undefined;
  }

  function platformOf(word: Word | undefined, instruction: Instruction): string | null {
    if (!word) return null;
    const expansion = expand(word.text, lookup, { escape, modifiers });
    if (expansion.error !== undefined) refuse(expansion.error, word, instruction);
    else if (!expansion.unknown && expansion.text === '') refuse(`empty platform value from expression ${word.text}`, word, instruction);
    return expansion.unknown || expansion.text === '' ? null : expansion.text;
  }

  /** toCommand and detectRunMount: what an instruction reads from, and the hidden states that it brings. */
  function sourcesOf(stage: number, command: Command | Refused, instruction: Instruction, late: boolean): void {
    if (command.kind === 'RUN') {
      for (const mount of command.mounts) {
        const from = mountFrom(mount.text) || 'scratch';
        const found = byName.get(from.toLowerCase());
        if (found !== undefined) read(stage, found, `cannot mount from stage ${JSON.stringify(from)}, stage needs to be defined before current command`, mount, instruction);
        else if (!late && (rules.mountStates || mount.text.includes('type=cache'))) states.push('hidden');
      }
      return;
    }
    if (command.kind !== 'COPY' || !command.flags.from) return;
    const { from } = command.flags;
    const plain = expand(from.text, () => undefined, { escape, modifiers });
    if (plain.error !== undefined || plain.text !== from.text) {
      refuse(plain.error ?? 'variable expansion is not supported for --from, define a new stage with FROM using ARG from global scope as a workaround', from, instruction);
      return;
    }
    const tooLate = `cannot copy from stage ${JSON.stringify(from.text)}, it needs to be defined before current stage ${JSON.stringify(nameOf(stage))}`;
    if (/^[+-]?\d+$/.test(from.text)) {
      const state = states[Number(from.text)];
      if (state === undefined) refuse(`invalid stage index ${Number(from.text)}`, from, instruction);
      else if (state !== 'hidden') read(stage, state, tooLate, from, instruction);
      return;
    }
    const found = byName.get(from.text.toLowerCase());
    if (found !== undefined) read(stage, found, tooLate, from, instruction);
    else if (!late) states.push('hidden');
  }

  function read(stage: number, source: number, tooLate: string, word: Word, instruction: Instruction): void {
    readsOf[stage].add(source);
    if (source === stage) refuse(`circular dependency detected on stage: ${nameOf(stage)}`, word, instruction);
    else if (source > stage) refuse(tooLate, word, instruction);
  }

  function nameOf(stage: number): string {
    return drafts[stage].name ?? `stage-${stage}`;
  }

  function onbuildsOf(stage: number): { text: string; line: number | null; at: Instruction }[] {
    let found = onbuilds.get(stage);
    if (!found) {
      found = drafts[stage].own.flatMap(({ instruction, command }) =>
        command.kind === 'ONBUILD' ? [{ text: command.expression, line: instruction.firstLine, at: instruction }] : []);
      onbuilds.set(stage, found);
    }
    return found;
  }

  /** The triggers of the base, an image that is known or a stage: they run first, in their order. */
  function triggersOf(base: Base, from: Instruction): PlannedCommand[] {
    const texts: { text: string; line: number | null; at: Instruction }[] = [];
    if (base.kind === 'stage') texts.push(...onbuildsOf(base.stage));
    else if (base.kind !== 'scratch') {
      for (const text of base.image?.config.OnBuild ?? []) texts.push({ text, line: null, at: from });
    }
    return texts.map(({ text, line, at }) => {
      const read = readDockerfile(text, rules);
      if (read.instructions.length !== 1) refuse('onbuild trigger should be a single expression', undefined, from);
      const inner = read.instructions[0];
      const command: Command | Refused = inner ? commandOf(inner, rules) : { kind: 'refused', message: 'file with no instructions', span: at.span };
      if (command.kind === 'refused') refuse(command.message, undefined, from);
      // The texts of the trigger have no place of their own in this file: they stand where the ONBUILD or FROM stands.
      const instruction: Instruction = { ...(inner ?? at), span: at.span, commandSpan: at.commandSpan, firstLine: at.firstLine, lastLine: at.lastLine };
      return { instruction, command, trigger: { text, line } };
    });
  }
}

/** The stages that a build of the target runs: allReachableStages. */
export function reachableFrom(stages: readonly PlannedStage[], target: number | undefined): ReadonlySet<number> {
  const reached = new Set<number>();
  const pending = target === undefined ? [] : [target];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (reached.has(next)) continue;
    reached.add(next);
    const stage = stages[next];
    if (stage.base.kind === 'stage') pending.push(stage.base.stage);
    // A stage that a named context replaces runs nothing of its own.
    if (!stage.replaced) pending.push(...stage.reads);
  }
  return reached;
}
