/** The layer table as text, and as the plain data of `strata layers --json`. */
import { rulesOf } from '../builder';
import { createdBy } from './created-by';
import { assumptionsOf, baseLayers, baseOf, historyOf } from './history';
import type { Analysis, Assumption, Base, Step } from './model';
import { counted, say, type Said } from '../say';

/** Bytes in an image that was built of the file; undefined: not known. */
export interface Sizes {
  readonly image: string;
  /** Of the base's layers together. */
  readonly base: number | undefined;
  readonly of: (step: Step) => number | undefined;
}

export interface LayersJson {
  readonly file: string;
  /** The stage's name, or its index where it has none; null where the file has no stage. */
  readonly target: string | number | null;
  readonly image: {
    readonly base: { readonly reference: string | null; readonly known: boolean; readonly rows?: readonly { readonly createdBy: string; readonly emptyLayer: boolean }[]; readonly size?: number | null };
    readonly assumes: readonly string[];
    readonly history: readonly RowJson[];
    readonly layers: number;
    /** The image that the sizes are of, where they were asked for. */
    readonly sizesOf?: string;
  } | null;
  readonly stages: readonly StageJson[];
}

interface RowJson {
  readonly createdBy: string | null;
  readonly emptyLayer: boolean;
  readonly line: number | null;
  /** The stage's name, or its index where it has none. */
  readonly stage: string | number;
  readonly step: string | null;
  readonly trigger?: string;
  /** Bytes; null: not known. */
  readonly size?: number | null;
}

interface StageJson {
  readonly name: string | null;
  readonly index: number;
  readonly line: number;
  readonly base: string | null;
  readonly reachable: boolean;
  readonly steps: readonly { readonly line: number | null; readonly keyword: string; readonly row: 'layer' | 'empty' | 'none'; readonly step: string | null; readonly createdBy: string | null; readonly trigger?: string }[];
}

export function layersJson(analysis: Analysis, file: string, stage: number | undefined = analysis.target, sizes?: Sizes): LayersJson {
  const rules = rulesOf(analysis.builder);
  return {
    file, target: stage === undefined ? null : analysis.stages[stage].name ?? stage,
    image: stage === undefined ? null : imageJson(analysis, stage, sizes),
    stages: analysis.stages.map(({ name, index, from, base, reachable, steps }) => ({
      name, index, line: from.firstLine, base: baseName(analysis, base), reachable,
      steps: steps.map((step) => ({
        line: step.line, keyword: keywordOf(step), row: step.row, step: step.number, createdBy: createdBy(step, rules),
        ...(step.trigger !== undefined && { trigger: step.trigger }),
      })),
    })),
  };
}

function imageJson(analysis: Analysis, stage: number, sizes: Sizes | undefined): NonNullable<LayersJson['image']> {
  const base = baseOf(analysis, stage);
  const rows = historyOf(analysis, stage);
  const baseRows = base.kind === 'scratch' ? [] : base.kind === 'stage' ? undefined : base.image?.history;
  return {
    base: { reference: baseName(analysis, base), known: baseRows !== undefined, ...(baseRows && { rows: baseRows }), ...(sizes && { size: sizes.base ?? null }) },
    assumes: assumptionsOf(analysis, stage).map(assumptionText),
    history: rows.map(({ createdBy: text, emptyLayer, step }) => ({
      createdBy: text, emptyLayer, line: step.line, stage: analysis.stages[step.stage].name ?? step.stage, step: step.number,
      ...(step.trigger !== undefined && { trigger: step.trigger }), ...(sizes && { size: emptyLayer ? 0 : sizes.of(step) ?? null }),
    })),
    ...(sizes && { sizesOf: sizes.image }),
    layers: rows.filter((row) => !row.emptyLayer).length,
  };
}

/** What each assumption says, in plain words. */
export function assumptionText(assumption: Assumption): Said {
  switch (assumption) {
    case 'onbuild': return say('no ONBUILD triggers in the base');
    case 'shell': return say('the default shell: /bin/sh -c, on Windows cmd /S /C');
    case 'environment': return say('no variable of the base for an ARG without a value');
    case 'layers': return say('at least one layer in the base');
    case 'workdir': return say('a relative WORKDIR that does not lead to /');
    case 'platform': return say("this machine's platform");
  }
}

/** A stage without a name is called as BuildKit's output calls it. */
export function stageName(analysis: Analysis, stage: number): string {
  return analysis.stages[stage].name ?? `stage-${stage}`;
}

/** What FROM names, after expansion; null where that is not known. */
export function baseName(analysis: Analysis, base: Base): string | null {
  switch (base.kind) {
    case 'scratch': return 'scratch';
    case 'stage': return stageName(analysis, base.stage);
    case 'context': return base.name;
    case 'image': return base.reference;
  }
}

function keywordOf(step: { readonly command: { readonly kind: string }; readonly instruction: { readonly keyword: string } }): string {
  return step.command.kind === 'refused' ? step.instruction.keyword.toUpperCase() : step.command.kind;
}

/** The table that people read: newest row last, as the file runs. */
export function layerTable(analysis: Analysis, file: string, stage: number | undefined = analysis.target, sizes?: Sizes): string {
  if (stage === undefined) return `${say('{0}: no stage to build', file)}\n`;
  const base = baseOf(analysis, stage);
  const rows = historyOf(analysis, stage);
  const known = baseLayers(base);
  const layers = rows.filter((row) => !row.emptyLayer).length;
  const name = analysis.stages[stage].name;
  const lines = [
    say('{0}: {1}, {2} ({3})', name === null ? file : say('{0}, target {1}', file, name), counted(layers, '{0} layer', '{0} layers'), counted(rows.length - layers, '{0} row of metadata only', '{0} rows of metadata only'), analysis.builder.label)
      + (sizes ? `; ${say('sizes in bytes, of {0}', sizes.image)}` : ''),
    '',
  ];
  const sizeCells = (bytes: number | undefined): string[] => (sizes ? [bytes === undefined ? '?' : String(bytes)] : []);
  const sizeHead = say('SIZE');
  const cells: string[][] = [[say('LAYER'), say('STEP'), say('LINE'), ...(sizes ? [sizeHead] : []), 'CREATED BY']];
  cells.push([
    known === undefined ? '?' : known === 0 ? '-' : `+${known}`, analysis.stages[stage].base.kind === 'stage' ? '' : analysis.stages[stage].number ?? '', '', ...sizeCells(sizes?.base),
    base.kind === 'scratch' ? say('FROM scratch: no layers below') : fromText(baseName(analysis, base), known !== undefined),
  ]);
  for (const { createdBy: text, emptyLayer, step } of rows) {
    cells.push([
      emptyLayer ? '-' : String(step.layer), step.number ?? '', step.line === null ? say('base') : String(step.line), ...sizeCells(emptyLayer ? 0 : sizes?.of(step)),
      shown(text ?? (step.command.kind === 'refused' ? say('{0}: not finished', keywordOf(step)) : say('{0}: not known without the base image', keywordOf(step)))) + (step.trigger === undefined ? '' : '  (ONBUILD)'),
    ]);
  }
  const widths = cells[0].map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  for (const row of cells) lines.push(row.map((cell, column) => (cells[0][column] === sizeHead ? cell.padStart(widths[column]) : column < cells[0].length - 1 ? cell.padEnd(widths[column]) : cell)).join('  ').trimEnd());
  const assumes = assumptionsOf(analysis, stage);
  if (assumes.length > 0) lines.push('', say('Assumed:'), ...assumes.map((assumption) => `  ${assumptionText(assumption)}`));
  const unused = analysis.stages.filter((other) => !other.reachable).map((other) => stageName(analysis, other.index));
  if (unused.length > 0 && stage === analysis.target) lines.push('', say('Not built for this target: {0}', unused.join(', ')));
  if (analysis.problems.length > 0) {
    lines.push('', say('BuildKit refuses this file:'), ...analysis.problems.map(({ line, message, severity }) => `  ${severity === 'build' ? say('line {0}: {1} (when it is built)', line, message) : say('line {0}: {1}', line, message)}`));
  }
  return `${lines.join('\n')}\n`;
}

function fromText(name: string | null, isKnown: boolean): Said {
  const named = name ?? say('(not known)');
  return isKnown ? say('FROM {0}', named) : say('FROM {0}: its rows are not known without its image', named);
}

/** One line of it, cut where a terminal would be full. */
function shown(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length <= 100 ? line : `${line.slice(0, 99)}…`;
}
