/**
 * The text of a step's row in the history, `created_by`, as the builder writes it (convert.go commitToHistory and its
 * callers, convert_copy.go at 73ed6825; older texts by the table in builder.ts). Made when asked for: the prefix of RUN
 * holds every ARG before it, so that all texts together can be far longer than the file.
 */
import type { Rules } from '../builder';
import { byBytes, formatDuration, quoted } from '../syntax/go';
import type { Healthcheck } from '../syntax/commands';
import { valueIn } from './env';
import type { ArgValue, State, Step } from './model';

/** Null where a value in it is not known, or no row is written. */
export function createdBy(step: Step, rules: Rules): string | null {
  const { command, expanded, before } = step;
  if (step.row === 'none' || command.kind === 'refused') return null;
  switch (command.kind) {
    case 'FROM': case 'ONBUILD': return null;
    case 'MAINTAINER': case 'USER': case 'STOPSIGNAL': case 'WORKDIR':
      return expanded.kind === 'text' && expanded.text !== null ? `${command.kind} ${expanded.text}` : null;
    case 'ENV': case 'LABEL': {
      if (expanded.kind !== 'pairs') return null;
      const parts: string[] = [command.kind];
      for (const { name, value } of expanded.pairs) {
        if (name === null || value === null) return null;
        parts.push(`${name}=${value}`);
      }
      return parts.join(' ');
    }
    case 'ARG': return expanded.kind === 'arg' && expanded.text !== null ? `ARG ${expanded.text}` : null;
    case 'RUN': {
      if (expanded.kind !== 'run') return null;
      const prefix = argPrefix(before, step.stage, rules);
      if (prefix === null) return null;
      const argv = command.command.prependShell ? [...shellOf(before), expanded.args.join(' ')] : expanded.args;
      return ['RUN', ...prefix, ...argv].join(' ') + ' # buildkit';
    }
    case 'CMD': case 'ENTRYPOINT': {
      if (expanded.kind !== 'run') return null;
      const argv = command.command.prependShell ? [...shellOf(before), expanded.args.join(' ')] : expanded.args;
      return `${command.kind} [${argv.map(quoted).join(' ')}]`;
    }
    case 'COPY': case 'ADD': {
      if (expanded.kind !== 'copy') return null;
      const parts: (string | null)[] = [command.kind];
      if (rules.copyRowFlags) {
        if (command.flags.parents) parts.push('--parents');
        if (expanded.chown !== undefined) parts.push(flagText('--chown=', expanded.chown));
        if (expanded.chmod !== undefined) parts.push(flagText('--chmod=', expanded.chmod));
      }
      parts.push(...expanded.sources, ...command.files.map((file) => `<<${file.name}`), expanded.dest);
      return parts.includes(null) ? null : `${parts.filter((part) => part !== undefined).join(' ')} # buildkit`;
    }
    case 'EXPOSE': {
      if (expanded.kind !== 'list' || expanded.values.includes(null)) return null;
      const ports = expanded.values as readonly string[];
      if (rules.exposeList) return `EXPOSE [${ports.join(' ')}]`;
      return `EXPOSE map[${[...new Set(ports)].sort(byBytes).map((port) => `${port}:{}`).join(' ')}]`;
    }
    case 'VOLUME': case 'SHELL':
      if (expanded.kind !== 'list' || expanded.values.includes(null)) return null;
      return `${command.kind} [${expanded.values.join(' ')}]`;
    case 'HEALTHCHECK': return `HEALTHCHECK ${healthText(command.check, rules)}`;
  }
}

/** An empty value prints no flag at all. */
function flagText(flag: string, value: string | null): string | null {
  return value === null ? null : flag + value;
}

export function shellOf(state: State): readonly string[] {
  return state.shell ?? (state.os === 'windows' ? ['cmd', '/S', '/C'] : ['/bin/sh', '-c']);
}

/** `|N K=V …`: runCommandString. Null where a value is not known. */
function argPrefix(state: State, stage: number, rules: Rules): string[] | null {
  const newestFirst: ArgValue[] = [];
  for (let list = state.args; list; list = list.earlier) {
    if (rules.runArgInherit || list.stage === stage) newestFirst.push(list.arg);
  }
  if (newestFirst.length === 0) return [];
  const shown = new Map<string, string>();
  const all: string[] = [];
  for (let i = newestFirst.length - 1; i >= 0; i--) {
    const { name, value } = newestFirst[i];
    const found = valueIn(state.env, name);
    const effective = found ? found.value : value ?? '';
    if (effective === null) return null;
    shown.set(name, `${name}=${effective}`);
    all.push(`${name}=${effective}`);
  }
  const pairs = rules.runArgDedup ? [...shown.values()] : all;
  return [`|${pairs.length}`, ...pairs];
}

function healthText(check: Healthcheck, rules: Rules): string {
  const durations = [check.interval, check.timeout, check.startPeriod, ...(rules.startInterval ? [check.startInterval] : [])].map(formatDuration);
  if (!rules.healthFields) {
    return `&{[${check.test.map(quoted).join(' ')}] ${durations.map(quoted).join(' ')} ${quotedRune(check.retries)}}`;
  }
  const [interval, timeout, startPeriod, startInterval] = durations;
  return `{Test:[${check.test.join(' ')}] Interval:${interval} Timeout:${timeout} StartPeriod:${startPeriod} StartInterval:${startInterval} Retries:${check.retries}}`;
}

/** `%q` of a number: the character of that code. */
function quotedRune(code: number): string {
  if (code > 0x10ffff) return "'\ufffd'";
  const inner = quoted(String.fromCodePoint(code)).slice(1, -1);
  return inner === "'" ? "'\\''" : inner === '\\"' ? "'\"'" : `'${inner}'`;
}
