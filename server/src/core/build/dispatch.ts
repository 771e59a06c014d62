/**
 * A stage's commands → steps: what each runs in, what expansion makes of it, which row it writes, and its `[k/N]`
 * (convert.go dispatch and prefixCommand, convert_copy.go at 73ed6825).
 */
import type { Rules } from '../builder';
import { expand, type Lookup } from '../syntax/expand';
import type { Command } from '../syntax/commands';
import { heredocOf, withoutLeadingTabs } from '../syntax/heredoc';
import type { Escape, Problem, Word } from '../syntax/dockerfile';
import { inOrder, valueIn, without, withValue, type MaybeEnv } from './env';
import { isPlatformArg } from './globals';
import type { Assumption, ArgValue, Expanded, Facts, RowKind, Stage, State, Step } from './model';
import { mountOf } from './mounts';
import { workdirAfter, type Os } from './path';
import { portsOf } from './ports';
import { commandRefusal } from './refusals';
import type { PlannedCommand, PlannedStage } from './stages';

export const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export interface Setting {
  readonly escape: Escape;
  readonly rules: Rules;
  readonly facts: Facts;
  readonly globals: MaybeEnv;
  /** How many states the build has: a lone one bears no name. */
  readonly states: number;
}

/** `parent`: the stage that FROM names, already dispatched. */
export function dispatchStage(planned: PlannedStage, parent: Stage | undefined, reachable: boolean, setting: Setting): { stage: Stage; problems: Problem[] } {
  const problems: Problem[] = [];
  const before = parent ? inherited(parent.after) : initialState(planned, setting.facts);
  const counter = stepCounter(planned, setting);
  const number = counter.from();
  counter.addTriggers();
  let state = before;
  let layers = parent?.layers ?? 0;
  const steps: Step[] = [];
  // A stage that a named context replaces is not built: its instructions write nothing.
  if (!planned.replaced) for (const item of planned.commands) {
    const outcome = dispatchCommand(item, state, planned.index, setting, (message, word) => {
      const span = item.trigger ? planned.from.commandSpan : word?.span ?? item.instruction.commandSpan;
      const line = item.trigger ? planned.from.firstLine : item.instruction.firstLine;
      problems.push({ message, span, line, severity: 'build' });
    });
    const { row } = outcome;
    if (row === 'layer') layers++;
    const isStep = row === 'layer';
    steps.push({
      instruction: item.instruction, command: item.command, stage: planned.index,
      line: item.trigger ? item.trigger.line : item.instruction.firstLine,
      span: item.trigger?.line === null ? planned.from.span : item.instruction.span,
      trigger: item.trigger?.text,
      row, layer: isStep ? layers : null, number: isStep ? counter.next() : null,
      expanded: outcome.expanded, before: state, after: outcome.after, assumes: outcome.assumes,
    });
    state = outcome.after;
  }
  return {
    stage: {
      index: planned.index, name: planned.name, from: planned.from, base: planned.base, platform: planned.platform, reachable,
      replaced: planned.replaced, number, steps, before, after: state, layers, reads: [...planned.reads],
    },
    problems,
  };
}

/** The config's environment is set again where a stage starts (convert.go dispatchStages): an ARG of the parent that came after an ENV of its name is undone. */
function inherited(state: State): State {
  if (!state.overridden) return state;
  let { env } = state;
  for (const { name } of inOrder(state.overridden)) env = withValue(env, name, valueIn(state.configEnv, name)?.value ?? null);
  return { ...state, env, overridden: undefined };
}

function initialState(planned: PlannedStage, facts: Facts): State {
  const { base } = planned;
  const targetOs: Os = facts.platform?.target.startsWith('windows') ? 'windows' : 'linux';
  if (base.kind === 'scratch' || (base.kind === 'context' && base.folder)) {
    const env = targetOs === 'windows' ? undefined : withValue(undefined, 'PATH', defaultPath);
    return startingWith(env, true, '/', true, '', targetOs);
  }
  const image = base.kind === 'stage' ? undefined : base.image;
  if (!image) return startingWith(undefined, false, null, false, null, isWindows(base) ? 'windows' : targetOs);
  const os: Os = image.os === 'windows' ? 'windows' : 'linux';
  let env: MaybeEnv;
  for (const pair of image.config.Env ?? []) {
    const equals = pair.indexOf('=');
    env = withValue(env, equals === -1 ? pair : pair.slice(0, equals), equals === -1 ? '' : pair.slice(equals + 1));
  }
  if (os !== 'windows' && !valueIn(env, 'PATH')) env = withValue(env, 'PATH', defaultPath);
  const shell = image.config.Shell?.length ? image.config.Shell : undefined;
  const given = image.config.WorkingDir ?? '';
  const workdir = given === '' ? '' : workdirAfter('', given, os);
  const known = typeof workdir === 'string' ? workdir : 'path' in workdir ? workdir.path : given;
  return { ...startingWith(env, true, known, true, image.config.User ?? '', os), shell };
}

function startingWith(env: MaybeEnv, envKnown: boolean, workdir: string | null, shellKnown: boolean, user: string | null, os: Os): State {
  return { env, configEnv: env, envKnown, workdir, shellKnown, user, os, overridden: undefined, shell: undefined, args: undefined, declared: undefined, unsetArg: false };
}

/** Microsoft's own base images: the only ones whose system their name tells. */
function isWindows(base: PlannedStage['base']): boolean {
  return base.kind === 'image' && base.reference !== null
    && /^(mcr\.microsoft\.com\/windows(\/|:|$)|(microsoft\/)?(nanoserver|windowsservercore)(:|$))/.test(base.reference);
}

/** prefixCommand: `[name k/N]`, k padded to the width of N. */
function stepCounter(planned: PlannedStage, { states, rules }: Setting) {
  const name = states === 1 ? '' : `${planned.name ?? `stage-${planned.index}`} `;
  const hasFrom = planned.base.kind === 'image' || (planned.base.kind === 'context' && !planned.replaced);
  let total = hasFrom ? 1 : 0;
  let k = 0;
  for (const { command, instruction, trigger } of planned.commands) {
    const keyword = command.kind === 'refused' ? instruction.keyword : command.kind;
    if (trigger === undefined && (keyword === 'RUN' || keyword === 'COPY' || keyword === 'ADD' || keyword === 'WORKDIR')) total++;
  }
  const next = (): string | null => {
    if (total === 0) return null;
    k++;
    return `[${name}${String(k).padStart(Math.floor(1 + Math.log10(total)))}/${total}]`;
  };
  return {
    /** FROM is a step of its own unless a context or an image without layers stands in its place. */
    from: (): string | null => {
      if (planned.base.kind !== 'image') return null;
      return planned.base.image && layersOf(planned.base.image) === 0 ? null : next();
    },
    addTriggers: (): void => {
      if (rules.onbuildSteps) total += planned.triggerCount;
    },
    next,
  };
}

export function layersOf(image: { readonly layers?: number; readonly history: readonly { readonly emptyLayer: boolean }[] }): number {
  return image.layers ?? image.history.filter((entry) => !entry.emptyLayer).length;
}

interface Outcome {
  readonly row: RowKind;
  readonly expanded: Expanded;
  readonly after: State;
  readonly assumes: readonly Assumption[];
}

function dispatchCommand(
  { command, instruction }: PlannedCommand, state: State, stage: number, setting: Setting, refuse: (message: string, word?: Word) => void,
): Outcome {
  const { escape, rules, facts, globals } = setting;
  const assumes: Assumption[] = [];
  const assume = (one: Assumption): void => {
    if (!assumes.includes(one)) assumes.push(one);
  };
  if (facts.platform?.assumed && readsPlatform(command)) assume('platform');
  const lookup: Lookup = (name) => {
    const found = valueIn(state.env, name);
    if (found || state.envKnown) return found;
    if (!valueIn(state.declared, name)) return { value: null };
    assume('environment');
    return undefined;
  };
  const modifiers = { withoutColon: rules.expandWithoutColon, patterns: rules.expandPatterns };
  const expanded = (word: Word): string | null => {
    const expansion = expand(word.text, lookup, { escape, modifiers });
    if (expansion.error !== undefined) refuse(expansion.error, word);
    return expansion.unknown || expansion.error !== undefined ? null : expansion.text;
  };
  const outcome = (row: RowKind, value: Expanded, after: State = state): Outcome => ({ row, expanded: value, after, assumes });
  const text = (value: string | null): Expanded => ({ kind: 'text', text: value });
  const usesShell = (prependShell: boolean): void => {
    if (prependShell && !state.shellKnown) assume('shell');
  };

  switch (command.kind) {
    case 'refused': {
      // Half-typed: counted as what it is going to be, so that the lines below keep their numbers.
      const layer = ['RUN', 'COPY', 'ADD', 'WORKDIR'].includes(instruction.keyword);
      return outcome(layer ? 'layer' : 'none', text(null));
    }
    case 'FROM': return outcome('none', text(null));
    case 'ONBUILD': return outcome('none', text(command.expression));
    case 'MAINTAINER': return outcome('empty', text(command.value.text));
    case 'ENV': case 'LABEL': {
      const pairs = command.pairs.map(({ name, value }) => ({ name: expanded(name), value: expanded(value) }));
      if (command.kind === 'LABEL') return outcome('empty', { kind: 'pairs', pairs });
      let { env, envKnown, configEnv, overridden } = state;
      for (const { name, value } of pairs) {
        // A name that is not known may be any.
        if (name === null) envKnown = false;
        else {
          env = withValue(env, name, value);
          configEnv = withValue(configEnv, name, value);
          if (valueIn(overridden, name)) overridden = without(overridden, name);
        }
      }
      return outcome('empty', { kind: 'pairs', pairs }, { ...state, env, envKnown, configEnv, overridden });
    }
    case 'ARG': return dispatchArg(command);
    case 'RUN': {
      usesShell(command.command.prependShell);
      if (!state.envKnown && state.unsetArg) assume('environment');
      for (const mount of command.mounts) {
        const read = mountOf(mount.text, (value) => {
          if (!rules.expandMounts) return value;
          const expansion = expand(value, lookup, { escape, modifiers });
          if (expansion.error !== undefined) return { error: expansion.error };
          return expansion.unknown ? null : expansion.text;
        });
        if ('error' in read) refuse(read.error, mount);
      }
      return outcome('layer', { kind: 'run', args: runArgs(command, instruction.heredocs, rules) });
    }
    case 'COPY': case 'ADD': {
      const chown = command.flags.chown && expanded(command.flags.chown);
      const chmod = command.flags.chmod && expanded(command.flags.chmod);
      const checksum = command.flags.checksum && expanded(command.flags.checksum);
      const sources = command.sources.map(expanded);
      const dest = expanded(command.dest);
      const refusal = commandRefusal(command.kind, { chmod, checksum, sources }, rules);
      if (refusal !== undefined) refuse(refusal);
      return outcome('layer', { kind: 'copy', sources, dest, chown, chmod });
    }
    case 'WORKDIR': {
      const path = expanded(command.value);
      const next = path === null ? { path: null } : workdirAfter(state.workdir, path, state.os);
      if ('error' in next) {
        refuse(next.error, command.value);
        return outcome('layer', text(null));
      }
      if (next.path === null) assume('workdir');
      return outcome(next.path === '/' ? 'empty' : 'layer', text(next.path), { ...state, workdir: next.path });
    }
    case 'USER': {
      const user = expanded(command.value);
      return outcome('empty', text(user), { ...state, user });
    }
    case 'STOPSIGNAL': {
      const signal = expanded(command.value);
      const refusal = signal === null ? undefined : commandRefusal('STOPSIGNAL', { signal }, rules);
      if (refusal !== undefined) refuse(refusal, command.value);
      return outcome('empty', text(signal));
    }
    case 'VOLUME': {
      const values = command.paths.map(expanded);
      if (values.includes('')) refuse('VOLUME specified can not be an empty string');
      return outcome('empty', { kind: 'list', values });
    }
    case 'EXPOSE': {
      const values: (string | null)[] = [];
      for (const port of command.ports) {
        const expansion = expand(port.text, lookup, { escape, modifiers, splitWords: true });
        if (expansion.error !== undefined) refuse(expansion.error, port);
        if (expansion.unknown || expansion.error !== undefined) {
          values.push(null);
          continue;
        }
        for (const word of expansion.words) {
          const ports = portsOf(word);
          if (Array.isArray(ports)) for (const one of ports) values.push(one);
          else {
            refuse(ports.error, port);
            values.push(null);
          }
        }
      }
      return outcome('empty', { kind: 'list', values });
    }
    case 'CMD': case 'ENTRYPOINT':
      usesShell(command.command.prependShell);
      return outcome('empty', { kind: 'run', args: command.command.args });
    case 'SHELL': return outcome('empty', { kind: 'list', values: command.shell }, { ...state, shell: command.shell, shellKnown: true });
    case 'HEALTHCHECK': return outcome('empty', text(null));
  }

  function dispatchArg(arg: Extract<Command, { kind: 'ARG' }>): Outcome {
    const buildArgs = facts.buildArgs ?? {};
    let { env, args, declared, unsetArg, overridden } = state;
    const pairs: ArgValue[] = [];
    const shown: (string | null)[] = [];
    const own: Lookup = (name) => valueIn(env, name) ?? lookup(name);
    for (const { name, value } of arg.pairs) {
      let effective: string | null | undefined;
      let row: string | null = name.text;
      if (Object.hasOwn(buildArgs, name.text)) effective = buildArgs[name.text];
      else if (value === undefined) {
        effective = valueIn(globals, name.text)?.value;
        if (facts.platform?.assumed && isPlatformArg(name.text)) assume('platform');
      }
      const isDefault = value !== undefined && effective === undefined;
      let ownDefault: string | null | undefined;
      if (value !== undefined && (isDefault || !rules.argEffective)) {
        // Older builders expanded all of the line against the environment before it.
        const expansion = expand(value.text, rules.argEffective ? own : lookup, { escape, modifiers });
        if (expansion.error !== undefined) refuse(expansion.error, value);
        ownDefault = expansion.unknown || expansion.error !== undefined ? null : expansion.text;
      }
      if (isDefault) effective = ownDefault;
      const printed = rules.argEffective ? effective : ownDefault;
      if (printed === null) row = null;
      else if (printed !== undefined) row += `=${printed}`;
      shown.push(row);
      const declaredArg = { name: name.text, value: effective };
      pairs.push(declaredArg);
      if (effective !== undefined && !notInEnv.has(name.text)) {
        env = withValue(env, name.text, effective);
        if (valueIn(state.configEnv, name.text)) overridden = withValue(overridden, name.text, '');
      }
      args = { arg: declaredArg, earlier: args, stage };
      declared = withValue(declared, name.text, '');
      if (effective === undefined) unsetArg = true;
    }
    const row = shown.includes(null) ? null : shown.join(' ');
    return outcome('empty', { kind: 'arg', pairs, text: row }, { ...state, env, args, declared, unsetArg, overridden });
  }
}

/** convert.go nonEnvArgs */
const notInEnv = new Set(['BUILDKIT_SBOM_SCAN_CONTEXT', 'BUILDKIT_SBOM_SCAN_STAGE']);

function readsPlatform(command: PlannedCommand['command']): boolean {
  return command.kind === 'ARG' && command.pairs.some(({ name, value }) => value === undefined && isPlatformArg(name.text));
}

/** The command line of RUN with its heredocs put in: dispatchRun. */
function runArgs(command: Extract<Command, { kind: 'RUN' }>, heredocs: readonly { readonly name: string; readonly content: string; readonly chomp: boolean }[], rules: Rules): readonly string[] {
  const { args } = command.command;
  if (heredocs.length === 0 || args.length !== 1) return args;
  return [heredocCommand(args[0], heredocs, rules)];
}

function heredocCommand(line: string, heredocs: readonly { readonly name: string; readonly content: string; readonly chomp: boolean }[], rules: Rules): string {
  const first = heredocs[0];
  if (typeof heredocOf(line) === 'object') {
    const content = first.chomp ? withoutLeadingTabs(first.content) : first.content;
    return (rules.shebangChomp ? content : first.content).startsWith('#!') ? `/dev/pipes/${first.name}` : content;
  }
  return line + heredocs.map(({ content, name }) => `\n${content}${name}`).join('');
}
