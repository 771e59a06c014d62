/** A Dockerfile → its stages in normalised steps: what BuildKit would run, and not how it is written. */
import { analyze } from '../analyze';
import { sumOf } from '../build/sum';
import type { Analysis, Facts, Stage, Step } from '../build/model';
import { mountFrom } from '../build/mounts';
import { isRemote } from '../build/refusals';
import { normalReference } from '../image/reference';
import { isHabit } from './habits';
import type { Shape, StageShape, StepShape } from './model';

export function shapeOf(text: string, facts: Facts = {}): Shape {
  return shapeOfAnalysis(analyze(text, facts), facts);
}

export function shapeOfAnalysis(analysis: Analysis, facts: Facts = {}): Shape {
  return { stages: analysis.stages.map((stage) => stageShape(analysis, stage, facts)) };
}

function stageShape(analysis: Analysis, stage: Stage, facts: Facts): StageShape {
  return { name: stage.name, line: stage.from.firstLine, base: baseText(stage), steps: stage.steps.filter(({ trigger }) => trigger === undefined).map((step) => stepShape(analysis, step, facts)) };
}

/** Null for what is no image, or not known. */
function baseText({ base, platform, from }: Stage): string | null {
  if (base.kind !== 'image' || base.reference === null) return null;
  const normal = normalReference(base.reference);
  const isPinned = from.flags.some(({ text }) => text.startsWith('--platform'));
  return 'error' in normal ? null : `${normal.reference}${isPinned ? ` ${platform ?? '?'}` : ''}`;
}

function stepShape(analysis: Analysis, step: Step, facts: Facts): StepShape {
  const text = stepText(step);
  const near = withoutVersions(text);
  const key = digest(text);
  return {
    key, near: near === text ? key : digest(near), habit: isHabit(near), kind: kindOf(step), reads: readsOf(analysis, step, facts),
    firstLine: step.instruction.firstLine, lastLine: step.instruction.lastLine,
  };
}

export function kindOf({ command }: Step): StepShape['kind'] {
  switch (command.kind) {
    case 'RUN': return 'run';
    case 'COPY': case 'ADD': return 'copy';
    case 'ENV': case 'ARG': case 'WORKDIR': case 'USER': case 'SHELL': return 'state';
    case 'refused': case 'FROM': return 'other';
    default: return 'metadata';
  }
}

export function readsOf(analysis: Analysis, { command, instruction, expanded }: Step, facts: Facts = {}): StepShape['reads'] {
  const isStage = (name: string): boolean => /^\d+$/.test(name) || analysis.stages.some((stage) => stage.name === name.toLowerCase());
  switch (command.kind) {
    case 'RUN': {
      const mounts = command.mounts.map(({ text }) => ({ text, from: mountFrom(text) }));
      if (mounts.some(({ from }) => from !== '' && isStage(from))) return 'stage';
      return mounts.some(({ text, from }) => from === '' && !/(?:^|,)type=(?:cache|tmpfs|secret|ssh)(?:,|$)/.test(text)) ? 'context' : 'nothing';
    }
    case 'COPY': case 'ADD': {
      if (command.flags.from) return isStage(command.flags.from.text) ? 'stage' : 'nothing';
      if (command.sources.length === 0) return 'nothing';
      const sources = expanded.kind === 'copy' ? expanded.sources : [];
      return command.kind === 'ADD' && sources.every((source) => source !== null && isRemote(source)) ? 'nothing' : 'context';
    }
    // Given, and nobody knows which value.
    case 'ARG': return command.pairs.some(({ name }) => facts.buildArgs?.[name.text] === null) ? 'unknown' : 'nothing';
    default: return command.kind === 'refused' || instruction.keyword === 'FROM' ? 'unknown' : 'nothing';
  }
}

/** What a step is, in one text: equal texts in equal states run the same. Where a value is not known, as it is written. */
export function stepText(step: Step): string {
  const { command, expanded, instruction } = step;
  const flags = (): string[] => instruction.flags.map(({ text }) => text).toSorted();
  switch (command.kind) {
    case 'RUN': return textOf('RUN', [command.command.prependShell ? 'shell' : 'exec', ...(expanded.kind === 'run' ? expanded.args : []), ...flags()]);
    case 'CMD': case 'ENTRYPOINT': return textOf(command.kind, [command.command.prependShell ? 'shell' : 'exec', ...command.command.args]);
    case 'COPY': case 'ADD': {
      const { sources, dest, chown, chmod } = expanded.kind === 'copy' ? expanded : { sources: [], dest: null, chown: undefined, chmod: undefined };
      const { from, checksum, link, parents, exclude, keepGitDir, unpack } = command.flags;
      return textOf(command.kind, [
        ...command.sources.map((word, i) => sources[i] ?? word.text), dest ?? command.dest.text, ...command.files.map(({ name, content, expand }) => `${name} ${expand} ${content}`),
        ['from', from?.text], ['chown', chown ?? command.flags.chown?.text], ['chmod', chmod ?? command.flags.chmod?.text], ['checksum', checksum?.text],
        ['exclude', exclude.map(({ text }) => text).join(' ') || undefined], ['link', link || undefined], ['parents', parents || undefined], ['keep-git-dir', keepGitDir], ['unpack', unpack],
      ].flatMap((part) => (typeof part === 'string' ? [part] : part[1] === undefined ? [] : [`--${part[0]}=${part[1]}`])));
    }
    case 'ENV': case 'LABEL': {
      const pairs = expanded.kind === 'pairs' ? expanded.pairs : [];
      return textOf(command.kind, command.pairs.map(({ name, value }, i) => `${pairs[i]?.name ?? name.text}=${pairs[i]?.value ?? `?${value.text}`}`));
    }
    // The default as it is written tells two apart that a build argument makes equal.
    case 'ARG': {
      const values = expanded.kind === 'arg' ? expanded.pairs : [];
      return textOf('ARG', command.pairs.map(({ name, value }, i) => `${name.text}=${values[i]?.value ?? ''} ${value?.text ?? ''}`));
    }
    case 'WORKDIR': return textOf('WORKDIR', [(expanded.kind === 'text' ? expanded.text : null) ?? command.value.text]);
    case 'USER': case 'STOPSIGNAL': case 'MAINTAINER': return textOf(command.kind, [(expanded.kind === 'text' ? expanded.text : null) ?? command.value.text]);
    case 'EXPOSE': return textOf('EXPOSE', expanded.kind === 'list' ? expanded.values.map((value, i) => value ?? command.ports[i]?.text ?? '') : []);
    case 'VOLUME': return textOf('VOLUME', expanded.kind === 'list' ? expanded.values.map((value, i) => value ?? command.paths[i]?.text ?? '') : []);
    case 'SHELL': return textOf('SHELL', command.shell);
    case 'HEALTHCHECK': return textOf('HEALTHCHECK', [...flags(), ...command.check.test]);
    case 'ONBUILD': return textOf('ONBUILD', [command.expression]);
    case 'FROM': case 'refused': return textOf(instruction.keyword, [instruction.line]);
  }
}

function textOf(keyword: string, parts: readonly string[]): string {
  return `${keyword}\0${parts.join('\0')}`;
}

/** Versions, digests and numbers: what of two steps may differ so that they still do the same thing. */
export function withoutVersions(text: string): string {
  return text.replace(/\b[0-9a-f]{32,}\b/gi, '#').replace(/\d+(?:[.]\d+)*(?:[-.]?(?:alpha|beta|rc|r|p)\d+)?/g, '#');
}

/** 64 bits of a text, short. */
export function digest(text: string): string {
  const [a, b] = sumOf(text);
  return (a >>> 0).toString(36) + (b >>> 0).toString(36).padStart(7, '0');
}
