/** A copy in a stage that is only read from: it takes more than its installs and the other stages read. */
import type { Analysis, Stage } from '../build/model';
import { mountOf } from '../build/mounts';
import { joinPath } from '../build/path';
import { contextCopyOf, filesTaken, isFolder, isWide, originOf, type ContextCopy } from '../order/copies';
import { hoistsOf } from '../order/hoist';
import { lineBreakOf, lineEnd } from '../order/lines';
import { isOpaque, runOf } from '../order/runs';
import { headOf } from './place';
import type { Draft, Rule, RuleInput } from './rule';
import { counted, say, type Said } from '../say';
import { listed } from './words';

export const copyWiderThanRead: Rule = {
  name: 'copy-wider-than-read',
  finds: () => say('A stage that is only read from copies more than is read of it'),
  severity: 'information',
  find: (input) => input.analysis.stages.flatMap((stage) => finding(input, stage)),
};

function finding(input: RuleInput, stage: Stage): Draft[] {
  const { analysis, context, project } = input;
  if (!context || stage.replaced || stage.index === analysis.target || analysis.stages.some(({ base }) => base.kind === 'stage' && base.stage === stage.index)) return [];
  const runs = stage.steps.filter(({ command }) => command.kind === 'RUN').map((step) => runOf(analysis, step));
  const read = readPaths(analysis, stage);
  if (!read || stage.base.kind === 'stage' || runs.some((run) => isOpaque(run) || run.binds)) return [];
  const installing = runs.filter(({ commands }) => commands.some(({ reading }) => reading.does === 'install'));
  const hoists = hoistsOf(analysis, stage, context, project);
  const installs = hoists.flatMap((hoist) => hoist.installs);
  // What an install reads is not known in all.
  if (installing.some((run) => !installs.some((one) => one.run === run))) return [];
  return stage.steps.flatMap((step): Draft[] => {
    const copy = step.trigger === undefined ? contextCopyOf(step) : undefined;
    if (!copy?.plain || !isWide(copy, context, new Set())) return [];
    const needed = neededOf(copy, read, installs.flatMap(({ reads }) => reads.filter((one) => one.copy.step === step).map(({ path, origin }) => ({ path, origin }))), input);
    if (!needed || needed.length > 12) return [];
    const taken = filesTaken(copy, context).length;
    const kept = new Set(needed.flatMap(({ origin }) => filesTaken(copy, context).filter((file) => file === origin || file.startsWith(`${origin}/`))));
    if (kept.size >= taken) return [];
    const name = stage.name ?? say('stage {0}', stage.index);
    const { dockerfile } = analysis;
    const lineBreak = lineBreakOf(dockerfile.text);
    const { instruction } = step;
    const lines = copyLines(copy, needed, context, dockerfile.text);
    const end = lineEnd(dockerfile.text, instruction.span.end);
    const text = needed.length === 0 ? '' : lines.join(lineBreak);
    const names = listed(needed.map(({ origin }) => origin), 4);
    const obstacles = [...new Set(installs.filter(({ reads }) => reads.some((one) => one.copy.step === step)).flatMap((one) => one.obstacles))];
    const condition = obstacles.length === 0 ? say('stage {0} itself then holds less', name) : say('stage {0} itself then holds less; not checked: {1}', name, obstacles.slice(0, 2).join('; '));
    return [{
      span: headOf(analysis, instruction),
      message: messageOf(name, needed.length, names, taken),
      related: read.steps.map((one) => ({ span: headOf(analysis, one.instruction), message: say('It takes files from stage {0}.', name) })),
      fixes: [{
        title: needed.length === 0 ? say('Take the copy away ({0})', condition) : say('Copy only {0} ({1})', names, condition),
        safe: false,
        edits: [{ file: null, span: needed.length === 0 ? { start: instruction.span.start, end } : instruction.span, text }],
      }],
    }];
  });
}

function messageOf(stage: string, needed: number, names: Said, taken: number): Said {
  if (needed === 0) return counted(taken, 'Stage {1} is not shipped, and none of it is read of this copy: a change of any other of its {0} file makes the stage run again for nothing.', 'Stage {1} is not shipped, and none of it is read of this copy: a change of any other of its {0} files makes the stage run again for nothing.', stage);
  return needed === 1 ? say('Stage {0} is not shipped, and only {1} is read of this copy: a change of any other of its {2} files makes the stage run again for nothing.', stage, names, taken)
    : say('Stage {0} is not shipped, and only {1} are read of this copy: a change of any other of its {2} files makes the stage run again for nothing.', stage, names, taken);
}

interface Read {
  /** Absolute paths in the stage. */
  readonly paths: readonly string[];
  readonly steps: Stage['steps'];
}

/** What the other stages take of it; undefined where that is not known, or nobody takes anything. */
function readPaths({ stages }: Analysis, stage: Stage): Read | undefined {
  const paths: string[] = [];
  const steps: Stage['steps'][number][] = [];
  for (const other of stages) for (const step of other.steps) {
    const { command, expanded } = step;
    if (command.kind === 'RUN') {
      for (const { text } of command.mounts) {
        const mount = mountOf(text, (value) => value);
        if (!('error' in mount) && mount.from !== '' && (mount.from.toLowerCase() === stage.name || mount.from === String(stage.index))) return undefined;
      }
    } else if (command.kind === 'COPY' && command.flags.from) {
      const from = command.flags.from.text;
      if (from.toLowerCase() !== stage.name && from !== String(stage.index)) continue;
      if (expanded.kind !== 'copy' || expanded.sources.some((source) => source === null || /[*?[]/.test(source)) || command.flags.parents) return undefined;
      for (const source of expanded.sources) paths.push(joinPath('/', source ?? '') || '/');
      steps.push(step);
    }
  }
  return steps.length === 0 ? undefined : { paths, steps };
}

/** The copy's own files and folders that are read; undefined where all of it is. */
function neededOf(copy: ContextCopy, { paths }: Read, installed: readonly { readonly path: string; readonly origin: string }[], { context }: RuleInput): { path: string; origin: string }[] | undefined {
  const needed = new Map(installed.map((one) => [one.path, one]));
  for (const path of paths) {
    if (copy.dest === path || copy.dest.startsWith(path === '/' ? '/' : `${path}/`)) return undefined;
    const origin = originOf(copy, path, context);
    if (origin !== undefined) needed.set(path, { path, origin });
  }
  const all = [...needed.values()];
  return all.some(({ origin }) => /[\s*?[\]$\\"']/.test(origin)) ? undefined : all.filter(({ path }) => !all.some((other) => path.startsWith(`${other.path}/`)));
}

/** One line for the files of a folder, one for each folder and each file that changes its name. */
function copyLines({ step }: ContextCopy, needed: readonly { readonly path: string; readonly origin: string }[], context: RuleInput['context'], text: string): string[] {
  const { instruction } = step;
  const start = text.slice(instruction.keywordSpan.start, instruction.flags.length > 0 ? instruction.flags[instruction.flags.length - 1].span.end : instruction.keywordSpan.end);
  const workdir = joinPath(step.before.workdir ?? '') || '/';
  const shown = (path: string): string => (step.before.workdir !== null && path.startsWith(workdir === '/' ? '/' : `${workdir}/`) ? `./${path.slice(workdir === '/' ? 1 : workdir.length + 1)}` : path === workdir ? './' : path);
  const byFolder = new Map<string, string[]>();
  const lines: string[] = [];
  for (const { origin, path } of needed) {
    const folder = path.slice(0, path.lastIndexOf('/')) || '/';
    if (isFolder(origin, context)) lines.push(`${start} ${origin} ${shown(path)}/`);
    else if (path.endsWith(`/${origin.slice(origin.lastIndexOf('/') + 1)}`)) byFolder.set(folder, [...(byFolder.get(folder) ?? []), origin]);
    else lines.push(`${start} ${origin} ${shown(path)}`);
  }
  return [...[...byFolder].map(([folder, origins]) => `${start} ${origins.join(' ')} ${shown(folder).replace(/\/?$/, '/')}`), ...lines];
}
