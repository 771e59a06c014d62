/**
 * Instructions → typed commands, and what BuildKit's instruction parser refuses (frontend/dockerfile/instructions/parse.go
 * and bflag.go at 73ed6825). Texts are not expanded yet.
 */
import { headRules, type Rules } from '../builder';
import type { Span } from '../text';
import { byBytes, parseBool, parseDuration } from './go';
import { heredocOf, withoutLeadingTabs } from './heredoc';
import { csvFields } from './csv';
import { withSuggestion } from './suggest';
import type { Dockerfile, Instruction, Keyword, Problem, Word } from './dockerfile';

export interface NameValue {
  readonly name: Word;
  /** Undefined: `ARG name`. */
  readonly value?: Word;
}

export interface CommandLine {
  readonly args: readonly string[];
  /** Shell form: the shell of the image goes in front. */
  readonly prependShell: boolean;
}

export interface Healthcheck {
  readonly test: readonly string[];
  /** Nanoseconds. */
  readonly interval: bigint;
  readonly timeout: bigint;
  readonly startPeriod: bigint;
  readonly startInterval: bigint;
  readonly retries: number;
}

export interface InlineFile {
  readonly name: string;
  /** Leading tabs dropped where `<<-` says so. */
  readonly content: string;
  readonly expand: boolean;
}

export interface CopyFlags {
  readonly from?: Word;
  readonly chown?: Word;
  readonly chmod?: Word;
  readonly checksum?: Word;
  readonly link: boolean;
  readonly parents: boolean;
  readonly exclude: readonly Word[];
  readonly keepGitDir?: boolean;
  readonly unpack?: boolean;
}

export type Command =
  | { readonly kind: 'FROM'; readonly base: Word; readonly name?: Word; readonly platform?: Word }
  | { readonly kind: 'ARG'; readonly pairs: readonly NameValue[] }
  | { readonly kind: 'ENV' | 'LABEL'; readonly pairs: readonly (NameValue & { readonly value: Word })[] }
  | { readonly kind: 'RUN'; readonly command: CommandLine; readonly mounts: readonly Word[]; readonly network: string; readonly security: string }
  | { readonly kind: 'CMD' | 'ENTRYPOINT'; readonly command: CommandLine }
  | { readonly kind: 'COPY' | 'ADD'; readonly sources: readonly Word[]; readonly files: readonly InlineFile[]; readonly dest: Word; readonly flags: CopyFlags }
  | { readonly kind: 'WORKDIR' | 'USER' | 'STOPSIGNAL' | 'MAINTAINER'; readonly value: Word }
  | { readonly kind: 'EXPOSE'; readonly ports: readonly Word[] }
  | { readonly kind: 'VOLUME'; readonly paths: readonly Word[] }
  | { readonly kind: 'SHELL'; readonly shell: readonly string[] }
  | { readonly kind: 'HEALTHCHECK'; readonly check: Healthcheck }
  | { readonly kind: 'ONBUILD'; readonly expression: string; readonly trigger: Instruction };

/** What the instruction parser makes of an instruction, or why it refuses it. */
export function commandOf(instruction: Instruction, rules: Rules = headRules): Command | Refused {
  const reader = Object.hasOwn(readers, instruction.keyword) ? readers[instruction.keyword as Keyword] : undefined;
  if (reader === undefined) {
    const message = withSuggestion(`unknown instruction: ${instruction.keyword}`, instruction.keyword, Object.keys(readers), false);
    return refused(message, instruction.keywordSpan);
  }
  return reader(instruction, rules);
}

export interface Refused {
  readonly kind: 'refused';
  readonly message: string;
  readonly span: Span;
}

function refused(message: string, span: Span): Refused {
  return { kind: 'refused', message, span };
}

/** All that BuildKit's parser and instruction parser refuse, in the order of the text. */
export function refusalsOf(dockerfile: Dockerfile, commands: readonly (Command | Refused)[]): Problem[] {
  const problems = [...dockerfile.problems];
  const saidLines = new Set(problems.map((problem) => problem.line));
  let inStage = false;
  dockerfile.instructions.forEach((instruction, i) => {
    const command = commands[i];
    const at = { line: instruction.firstLine, severity: 'error' as const };
    // What the line parser refused has been said already.
    if (command.kind === 'refused') {
      if (!saidLines.has(at.line)) problems.push({ ...at, message: command.message, span: command.span });
    } else if (command.kind === 'FROM') inStage = true;
    else if (command.kind !== 'ARG' && !inStage) {
      problems.push({ ...at, message: 'no build stage in current context', span: instruction.keywordSpan });
    }
  });
  return problems.sort((a, b) => a.line - b.line);
}

type Reader = (instruction: Instruction, rules: Rules) => Command | Refused;

const readers: Record<Keyword, Reader> = {
  ADD: copyOrAdd, ARG: arg, CMD: cmd, COPY: copyOrAdd, ENTRYPOINT: cmd, ENV: pairs, EXPOSE: expose, FROM: from,
  HEALTHCHECK: healthcheck, LABEL: pairs, MAINTAINER: single, ONBUILD: onbuild, RUN: run, SHELL: shell,
  STOPSIGNAL: single, USER: single, VOLUME: volume, WORKDIR: single,
};

type FlagKind = 'bool' | 'string' | 'strings';
type FlagKinds = Readonly<Record<string, FlagKind>>;

interface Flags {
  readonly strings: Readonly<Record<string, Word | undefined>>;
  readonly lists: Readonly<Record<string, readonly Word[] | undefined>>;
  readonly bools: Readonly<Record<string, boolean | undefined>>;
}

const noFlags: FlagKinds = {};

/** BFlags.Parse */
function flagsOf(instruction: Instruction, kinds: FlagKinds): Flags | Refused {
  const strings: Record<string, Word> = {};
  const lists: Record<string, Word[]> = {};
  const bools: Record<string, boolean> = {};
  const used = new Set<string>();
  for (const flag of instruction.flags) {
    if (!flag.text.startsWith('--')) return refused(`arg should start with -- : ${flag.text}`, flag.span);
    const equals = flag.text.indexOf('=');
    const shown = equals === -1 ? flag.text : flag.text.slice(0, equals);
    const name = shown.slice(2);
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
    if (kind === undefined) return refused(withSuggestion(`unknown flag: ${shown}`, name, Object.keys(kinds)), flag.span);
    if (used.has(name) && kind !== 'strings') return refused(`duplicate flag specified: ${shown}`, flag.span);
    used.add(name);
    const value = equals === -1 ? undefined : flag.text.slice(equals + 1);
    if (kind === 'bool') {
      if (value === '') return refused(`missing a value on flag: ${shown}`, flag.span);
      const lower = (value ?? 'true').toLowerCase();
      if (lower !== 'true' && lower !== 'false') return refused(`expecting boolean value for flag ${shown}, not: ${value}`, flag.span);
      bools[name] = lower === 'true';
      continue;
    }
    if (value === undefined) return refused(`missing a value on flag: ${shown}`, flag.span);
    const word = { text: value, span: { start: Math.min(flag.span.start + equals + 1, flag.span.end), end: flag.span.end } };
    if (kind === 'string') strings[name] = word;
    else (lists[name] ??= []).push(word);
  }
  return { strings, lists, bools };
}

function isRefused(value: object): value is Refused {
  return (value as Refused).kind === 'refused';
}

function from(instruction: Instruction): Command | Refused {
  const { args } = instruction;
  let name: Word | undefined;
  if (args.length === 3 && args[1].text.toLowerCase() === 'as') {
    const lower = args[2].text.toLowerCase();
    if (!/^[a-z][a-z0-9\-_.]*$/.test(lower)) {
      return refused(`invalid name for build stage: ${JSON.stringify(args[2].text)}, name can't start with a number or contain symbols`, args[2].span);
    }
    name = { text: lower, span: args[2].span };
  } else if (args.length !== 1) return refused('FROM requires either one or three arguments', instruction.commandSpan);
  const flags = flagsOf(instruction, { platform: 'string' });
  if (isRefused(flags)) return flags;
  const platform = flags.strings.platform;
  return { kind: 'FROM', base: args[0], name, platform: platform?.text === '' ? undefined : platform };
}

function arg(instruction: Instruction): Command | Refused {
  if (instruction.args.length === 0) return atLeastOne(instruction);
  const found: NameValue[] = [];
  for (const word of instruction.args) {
    const equals = word.text.indexOf('=');
    if (equals === 0) return refused('ARG names can not be blank', word.span);
    found.push(equals === -1 ? { name: word } : splitPair(word, equals));
  }
  return { kind: 'ARG', pairs: found };
}

function splitPair(word: Word, equals: number): NameValue {
  const middle = Math.min(word.span.start + equals, word.span.end);
  return {
    name: { text: word.text.slice(0, equals), span: { start: word.span.start, end: middle } },
    value: { text: word.text.slice(equals + 1), span: { start: Math.min(middle + 1, word.span.end), end: word.span.end } },
  };
}

function pairs(instruction: Instruction): Command | Refused {
  const flags = flagsOf(instruction, noFlags);
  if (isRefused(flags)) return flags;
  if (instruction.args.length === 0) return atLeastOne(instruction);
  const found: { name: Word; value: Word }[] = [];
  for (let i = 0; i + 1 < instruction.args.length; i += 2) {
    if (instruction.args[i].text === '') return refused(`${instruction.keyword} names can not be blank`, instruction.args[i].span);
    found.push({ name: instruction.args[i], value: instruction.args[i + 1] });
  }
  return { kind: instruction.keyword as 'ENV' | 'LABEL', pairs: found };
}

function single(instruction: Instruction): Command | Refused {
  const keyword = instruction.keyword as 'WORKDIR' | 'USER' | 'STOPSIGNAL' | 'MAINTAINER';
  if (instruction.args.length !== 1) return refused(`${keyword} requires exactly one argument`, instruction.commandSpan);
  // The parser of STOPSIGNAL does not look at flags.
  const flags = keyword === 'STOPSIGNAL' ? noFlags : flagsOf(instruction, noFlags);
  if (isRefused(flags)) return flags;
  return { kind: keyword, value: instruction.args[0] };
}

function copyOrAdd(instruction: Instruction, rules: Rules): Command | Refused {
  const kind = instruction.keyword as 'COPY' | 'ADD';
  if (instruction.args.length < 2) {
    return refused(`${kind} requires at least two arguments, but only one was provided. Destination could not be determined`, instruction.commandSpan);
  }
  const kinds: Record<string, FlagKind> = { chown: 'string', chmod: 'string' };
  if (rules.link) kinds.link = 'bool';
  if (rules.exclude) kinds.exclude = 'strings';
  if (kind === 'COPY') {
    kinds.from = 'string';
    if (rules.parents) kinds.parents = 'bool';
  } else {
    if (rules.addChecksum) Object.assign(kinds, { 'keep-git-dir': 'bool', checksum: 'string' });
    if (rules.addUnpack) kinds.unpack = 'bool';
  }
  const flags = flagsOf(instruction, kinds);
  if (isRefused(flags)) return flags;
  const dest = instruction.args[instruction.args.length - 1];
  if (typeof heredocOf(dest.text) === 'object') return refused(`${kind} cannot accept a heredoc as a destination`, dest.span);
  const sources: Word[] = [];
  const files: InlineFile[] = [];
  for (const source of instruction.args.slice(0, -1)) {
    const heredoc = heredocOf(source.text);
    if (typeof heredoc !== 'object') {
      sources.push(source);
      continue;
    }
    const content = instruction.heredocs.findLast((body) => body.name === heredoc.name)?.content ?? '';
    files.push({ name: heredoc.name, content: heredoc.chomp ? withoutLeadingTabs(content) : content, expand: heredoc.expand });
  }
  const { strings, bools, lists } = flags;
  return {
    kind, sources, files, dest,
    flags: {
      from: nonEmpty(strings.from), chown: nonEmpty(strings.chown), chmod: nonEmpty(strings.chmod), checksum: nonEmpty(strings.checksum),
      link: bools.link ?? false, parents: bools.parents ?? false, exclude: lists.exclude ?? [],
      keepGitDir: bools['keep-git-dir'], unpack: bools.unpack,
    },
  };
}

function nonEmpty(word: Word | undefined): Word | undefined {
  return word?.text === '' ? undefined : word;
}

/** handleJSONArgs: exec form as it is, shell form as one text. */
function commandLine(instruction: Instruction, words: readonly Word[]): CommandLine {
  const texts = words.map((word) => word.text);
  if (instruction.form === 'exec') return { args: texts, prependShell: false };
  return { args: texts.length === 0 ? [] : [texts.join(' ')], prependShell: true };
}

function run(instruction: Instruction): Command | Refused {
  const flags = flagsOf(instruction, { mount: 'strings', network: 'string', security: 'string', device: 'strings' });
  if (isRefused(flags)) return flags;
  const mounts = flags.lists.mount ?? [];
  for (const mount of mounts) {
    const fields = csvFields(mount.text);
    if (typeof fields === 'string') return refused(`failed to parse csv mounts: ${fields}`, mount.span);
    for (const field of fields) {
      const [key, value] = cutField(field);
      const dollar = value?.indexOf('$') ?? -1;
      if (key === 'from' && dollar !== -1 && dollar !== (value as string).length - 1) {
        return refused("'from' doesn't support variable expansion, define alias stage instead", mount.span);
      }
    }
  }
  const network = flags.strings.network?.text ?? 'default';
  if (!['default', 'none', 'host'].includes(network)) return refused(`invalid network mode "${network}"`, instruction.commandSpan);
  const security = flags.strings.security?.text ?? 'sandbox';
  if (!['insecure', 'sandbox'].includes(security)) return refused(`security "${security}" is not valid`, instruction.commandSpan);
  for (const device of flags.lists.device ?? []) {
    const refusal = deviceRefusal(device.text);
    if (refusal !== undefined) return refused(refusal, device.span);
  }
  return { kind: 'RUN', command: commandLine(instruction, instruction.args), mounts, network, security };
}

/** The key in small letters, and the value where there is one. */
export function cutField(field: string): readonly [string, string | undefined] {
  const equals = field.indexOf('=');
  return equals === -1 ? [field.toLowerCase(), undefined] : [field.slice(0, equals).toLowerCase(), field.slice(equals + 1)];
}

/** commands_rundevice.go ParseDevice */
function deviceRefusal(text: string): string | undefined {
  const fields = csvFields(text);
  if (typeof fields === 'string') return `failed to parse csv devices: ${fields}`;
  let name = '';
  for (const field of fields) {
    const [key, value] = cutField(field);
    if (value === undefined) {
      if (key === 'required') continue;
      if (name !== '') return `invalid field '${field}' must be a key=value pair`;
      name = field;
    } else if (key === 'name') {
      if (name !== '') return `device name already set to ${name}`;
      name = value;
    } else if (key === 'required') {
      if (parseBool(value) === undefined) return `invalid value for ${key}: ${value}`;
    } else {
      if (name !== '') return withSuggestion(`unexpected key '${key}' in '${field}'`, key, ['name', 'required']);
      name = field;
    }
  }
  return undefined;
}

function cmd(instruction: Instruction): Command | Refused {
  const flags = flagsOf(instruction, noFlags);
  if (isRefused(flags)) return flags;
  return { kind: instruction.keyword as 'CMD' | 'ENTRYPOINT', command: commandLine(instruction, instruction.args) };
}

function expose(instruction: Instruction): Command | Refused {
  if (instruction.args.length === 0) return atLeastOne(instruction);
  const flags = flagsOf(instruction, noFlags);
  if (isRefused(flags)) return flags;
  return { kind: 'EXPOSE', ports: [...instruction.args].sort((a, b) => byBytes(a.text, b.text)) };
}

function volume(instruction: Instruction): Command | Refused {
  if (instruction.args.length === 0) return atLeastOne(instruction);
  const flags = flagsOf(instruction, noFlags);
  if (isRefused(flags)) return flags;
  const paths = instruction.args.map((word) => ({ text: word.text.trim(), span: word.span }));
  const empty = paths.find((path) => path.text === '');
  if (empty) return refused('VOLUME specified can not be an empty string', empty.span);
  return { kind: 'VOLUME', paths };
}

function shell(instruction: Instruction): Command | Refused {
  const flags = flagsOf(instruction, noFlags);
  if (isRefused(flags)) return flags;
  if (instruction.args.length === 0) return atLeastOne(instruction);
  if (instruction.form !== 'exec') return refused(`SHELL requires the arguments to be in JSON form: ${instruction.line}`, instruction.commandSpan);
  return { kind: 'SHELL', shell: instruction.args.map((word) => word.text) };
}

function healthcheck(instruction: Instruction, rules: Rules): Command | Refused {
  const { args } = instruction;
  if (args.length === 0) return atLeastOne(instruction);
  const type = args[0].text.toUpperCase();
  const none = { interval: 0n, timeout: 0n, startPeriod: 0n, startInterval: 0n, retries: 0 };
  if (type === 'NONE') {
    if (args.length > 1) return refused('HEALTHCHECK NONE takes no arguments', instruction.commandSpan);
    return { kind: 'HEALTHCHECK', check: { test: ['NONE'], ...none } };
  }
  const kinds: Record<string, FlagKind> = { interval: 'string', timeout: 'string', 'start-period': 'string', retries: 'string' };
  if (rules.startInterval) kinds['start-interval'] = 'string';
  const flags = flagsOf(instruction, kinds);
  if (isRefused(flags)) return flags;
  if (type !== 'CMD') return refused(`Unknown type ${JSON.stringify(type)} in HEALTHCHECK (try CMD)`, args[0].span);
  const command = commandLine(instruction, args.slice(1)).args;
  if (command.length === 0) return refused('Missing command after HEALTHCHECK CMD', instruction.commandSpan);
  const durations: Record<string, bigint> = {};
  for (const name of ['interval', 'timeout', 'start-period', 'start-interval']) {
    const flag = flags.strings[name];
    const value = flag === undefined || flag.text === '' ? 0n : parseDuration(flag.text);
    if (typeof value === 'string') return refused(value, (flag as Word).span);
    if (value !== 0n && value < 1000000n) return refused(`Interval ${JSON.stringify(name)} cannot be less than 1ms`, (flag as Word).span);
    durations[name] = value;
  }
  let retries = 0;
  const given = flags.strings.retries;
  if (given !== undefined && given.text !== '') {
    retries = Number(given.text);
    const parsing = `strconv.ParseInt: parsing ${JSON.stringify(given.text)}: `;
    if (!/^[+-]?\d+$/.test(given.text)) return refused(`${parsing}invalid syntax`, given.span);
    if (retries > 2147483647 || retries < -2147483648) return refused(`${parsing}value out of range`, given.span);
    if (retries < 0) return refused(`--retries cannot be negative (${retries})`, given.span);
  }
  return {
    kind: 'HEALTHCHECK',
    check: {
      test: [instruction.form === 'exec' ? 'CMD' : 'CMD-SHELL', ...command], interval: durations.interval, timeout: durations.timeout,
      startPeriod: durations['start-period'], startInterval: durations['start-interval'], retries,
    },
  };
}

function onbuild(instruction: Instruction): Command | Refused {
  const { trigger } = instruction;
  if (trigger === undefined) return atLeastOne(instruction);
  const flags = flagsOf(instruction, noFlags);
  if (isRefused(flags)) return flags;
  if (trigger.keyword === 'ONBUILD') return refused("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed", trigger.keywordSpan);
  if (trigger.keyword === 'FROM' || trigger.keyword === 'MAINTAINER') {
    return refused(`${trigger.keyword} isn't allowed as an ONBUILD trigger`, trigger.keywordSpan);
  }
  let expression = instruction.line.replace(/^[\t\n\f\r ]*ONBUILD[\t\n\f\r ]*/i, '');
  for (const heredoc of instruction.heredocs) expression += `\n${heredoc.content}${heredoc.name}`;
  return { kind: 'ONBUILD', expression, trigger };
}

function atLeastOne(instruction: Instruction): Refused {
  return refused(`${instruction.keyword} requires at least one argument`, instruction.commandSpan);
}
