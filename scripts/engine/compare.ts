/** What is predicted for a Dockerfile, against the image that an engine made of it. */
import { isDeepStrictEqual } from 'node:util';
import { analyze } from '../../server/src/core/analyze';
import { imageConfigOf } from '../../server/src/core/build/config';
import { baseOf, historyOf, type HistoryRow } from '../../server/src/core/build/history';
import type { Analysis, BaseImage, Facts, Stage, Step } from '../../server/src/core/build/model';
import type { Made } from './docker';

export interface Outcome {
  readonly brackets: readonly string[];
  /** Undefined: the engine refused, with `error`. */
  readonly image?: Made;
  readonly error?: string;
}

/** Rows predicted without any fact about the base, over all cases. */
export interface Without {
  equal: number;
  /** The text is not known. */
  unknown: number;
  /** They rest on an assumption that this base breaks. */
  broken: number;
}

/** The first cell that differs. */
export function differenceOf(text: string, facts: Facts, outcome: Outcome, without: Without): string | undefined {
  const analysis = analyze(text, facts);
  if (!outcome.image) return refusalDifference(analysis, outcome.error ?? '');
  const problem = analysis.problems.find(({ line }) => builtAt(analysis.stages, line));
  if (problem) return `ours: line ${problem.line} is refused: ${problem.message}; the engine builds it`;
  const target = analysis.target as number;
  return rowsDifference(analysis, target, outcome.image)
    ?? bracketsDifference(analysis, outcome.brackets, facts.platform?.target)
    ?? configDifference(imageConfigOf(analysis, target), outcome.image.config)
    ?? withoutFactsDifference(text, facts, analysis, outcome, without);
}

function refusalDifference(analysis: Analysis, error: string): string | undefined {
  const wanted = error.replace(/^dockerfile parse error on line \d+: /, '');
  const ours = analysis.problems.map(({ message }) => message);
  return ours.includes(wanted) ? undefined : `the engine refuses it: ${error}; ours: ${ours.length === 0 ? 'nothing' : ours.join(' | ')}`;
}

/** What a stage that the target does not reach would refuse, no build says. */
function builtAt(stages: readonly Stage[], line: number): boolean {
  return stages.findLast((stage) => stage.from.firstLine <= line)?.reachable ?? true;
}

type Row = readonly [createdBy: string | null, emptyLayer: boolean];

function cell([createdBy, emptyLayer]: Row): string {
  return `${createdBy === null ? 'not known' : JSON.stringify(createdBy)}${emptyLayer ? ' (empty)' : ''}`;
}

function rowsDifference(analysis: Analysis, target: number, image: Made): string | undefined {
  const base = baseOf(analysis, target);
  const own = historyOf(analysis, target);
  const below = base.kind === 'image' || base.kind === 'context' ? base.image?.history ?? [] : [];
  const ours: Row[] = [...below.map(({ createdBy, emptyLayer }) => [createdBy, emptyLayer] as const), ...own.map((row) => [row.createdBy, row.emptyLayer] as const)];
  const isFolder = base.kind === 'context' && base.folder;
  // A folder as a base has no history; the exporter puts rows for its layers at the end.
  const theirs: Row[] = image.history.slice(0, isFolder ? ours.length : undefined).map(({ createdBy, emptyLayer }) => [createdBy, emptyLayer]);
  for (let i = 0; i < Math.max(ours.length, theirs.length); i++) {
    if (ours[i]?.[0] === theirs[i]?.[0] && ours[i]?.[1] === theirs[i]?.[1]) continue;
    const line = own[i - below.length]?.step.line;
    return `row ${i + 1}${line ? ` (line ${line})` : ''}: ours ${ours[i] ? cell(ours[i]) : 'none'}, engine ${theirs[i] ? cell(theirs[i]) : 'none'}`;
  }
  const layers = ours.filter(([, empty]) => !empty).length;
  return isFolder || layers === image.layers ? undefined : `layers: ours ${layers}, engine ${image.layers}`;
}

/**
 * BuildKit runs what two stages have in common once, and prints one of the two numbers; every other number is printed, and
 * nothing else is.
 */
function bracketsDifference(analysis: Analysis, printed: readonly string[], platform: string | undefined): string | undefined {
  const keys = new Map<string, string>();
  const ours = new Map<string, string>();
  for (const stage of analysis.stages) {
    const parent = stage.base.kind === 'stage' ? keys.get(`end ${stage.base.stage}`) : JSON.stringify([stage.base.kind, 'reference' in stage.base ? stage.base.reference : '', stage.platform ?? platform]);
    let key = parent ?? '';
    if (stage.reachable && stage.number !== null) ours.set(stage.number, key);
    for (const step of stage.steps) {
      if (step.row !== 'layer') continue;
      key = JSON.stringify([key, operationOf(step)]);
      if (stage.reachable && step.number !== null) ours.set(step.number, key);
    }
    keys.set(`end ${stage.index}`, key);
  }
  const shown = new Set(printed.map((bracket) => ours.get(bracket)));
  for (const bracket of printed) if (!ours.has(bracket)) return `numbers: the engine prints ${bracket}, ours are ${[...ours.keys()].join(' ')}`;
  for (const [bracket, key] of ours) if (!printed.includes(bracket) && !shown.has(key)) return `numbers: ours has ${bracket}, the engine prints ${printed.join(' ')}`;
  return undefined;
}

/** What makes two steps one: the text, and what it runs in. */
function operationOf({ command, expanded, before, after, instruction }: Step): unknown {
  if (command.kind === 'WORKDIR') return ['WORKDIR', after.workdir];
  return [command.kind, expanded, instruction.heredocs, before.workdir, command.kind === 'RUN' ? [before.env, before.user, before.shell] : []];
}

function configDifference(ours: Record<string, unknown>, made: Record<string, unknown>): string | undefined {
  // ArgsEscaped is a mark that BuildKit leaves at CMD and ENTRYPOINT, kept for Windows.
  const theirs = Object.fromEntries(Object.entries(made).filter(([field, value]) => field !== 'ArgsEscaped' && !isEmpty(value)));
  for (const field of new Set([...Object.keys(ours), ...Object.keys(theirs)])) {
    if (!isDeepStrictEqual(ours[field], theirs[field])) return `config ${field}: ours ${JSON.stringify(ours[field])}, engine ${JSON.stringify(theirs[field])}`;
  }
  return undefined;
}

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || value === '' || (typeof value === 'object' && Object.keys(value).length === 0);
}

/** Whatever is said without the base's config has to be true, unless the base breaks what it is said to rest on. */
function withoutFactsDifference(text: string, facts: Facts, informed: Analysis, outcome: Outcome, without: Without): string | undefined {
  const { contexts } = facts;
  const blind = analyze(text, {
    ...facts, images: undefined, platform: facts.platform && { ...facts.platform, assumed: true },
    contexts: contexts && Object.fromEntries(Object.entries(contexts).map(([name, { folder }]) => [name, { folder }])),
  });
  const target = informed.target as number;
  const base = baseOf(informed, target);
  const image = base.kind === 'image' || base.kind === 'context' ? base.image : undefined;
  const engineRows = historyOf(informed, target);
  const rows = historyOf(blind, target);
  // Triggers of the base come first; without its config nobody knows of them.
  const triggers = engineRows.length - rows.length;
  if (triggers > 0 && !image?.config.OnBuild?.length) return `without facts: ${rows.length} rows, the engine has ${engineRows.length}`;
  const real = (outcome.image as Made).history.slice((image?.history.length ?? 0) + triggers);
  for (const [i, row] of rows.entries()) {
    if (row.createdBy === null && (row.emptyLayer === real[i]?.emptyLayer || row.assumes.includes('workdir'))) without.unknown++;
    else if (row.createdBy === real[i]?.createdBy && row.emptyLayer === real[i].emptyLayer) without.equal++;
    else if (image && isBroken(row, image, blind, triggers)) without.broken++;
    else return `without facts, line ${row.step.line}: ours ${cell([row.createdBy, row.emptyLayer])}, engine ${real[i] ? cell([real[i].createdBy, real[i].emptyLayer]) : 'none'}, assumed: ${row.assumes.join(', ') || 'nothing'}`;
  }
  return undefined;
}

function isBroken(row: HistoryRow, image: BaseImage, blind: Analysis, triggers: number): boolean {
  if (triggers > 0) return true;
  if (row.assumes.includes('shell') && (image.config.Shell?.length ?? 0) > 0) return true;
  if (!row.assumes.includes('environment')) return false;
  const names = new Set((image.config.Env ?? []).map((pair) => pair.split('=')[0]));
  return blind.stages.some((stage) => stage.steps.some(({ expanded }) => expanded.kind === 'arg' && expanded.pairs.some(({ name }) => names.has(name))));
}
