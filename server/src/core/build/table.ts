/** The layer table as text, and as the plain data of `strata layers --json`. */
import { rulesOf } from '../builder';
import { createdBy } from './created-by';
import { assumptionsOf, baseLayers, baseOf, historyOf } from './history';
import type { Analysis, Assumption, Base, Step } from './model';

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
    assumes: assumptionsOf(analysis, stage).map((assumption) => assumptionTexts[assumption]),
    history: rows.map(({ createdBy: text, emptyLayer, step }) => ({
      createdBy: text, emptyLayer, line: step.line, stage: analysis.stages[step.stage].name ?? step.stage, step: step.number,
      ...(step.trigger !== undefined && { trigger: step.trigger }), ...(sizes && { size: emptyLayer ? 0 : sizes.of(step) ?? null }),
    })),
    ...(sizes && { sizesOf: sizes.image }),
    layers: rows.filter((row) => !row.emptyLayer).length,
  };
}

/** What each assumption says, in plain words. */
export const assumptionTexts: Readonly<Record<Assumption, string>> = {
  onbuild: 'no ONBUILD triggers in the base',
  shell: 'the default shell: /bin/sh -c, on Windows cmd /S /C',
  environment: 'no variable of the base for an ARG without a value',
  layers: 'at least one layer in the base',
  workdir: 'a relative WORKDIR that does not lead to /',
  platform: "this machine's platform",
};

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
  if (stage === undefined) return `${file}: no stage to build\n`;
  const base = baseOf(analysis, stage);
  const rows = historyOf(analysis, stage);
  const known = baseLayers(base);
  const layers = rows.filter((row) => !row.emptyLayer).length;
  const name = analysis.stages[stage].name;
  const lines = [
    `${file}${name === null ? '' : `, target ${name}`}: ${count(layers, 'layer')}, ${count(rows.length - layers, 'row')} of metadata only (${analysis.builder.label})${sizes ? `; sizes in bytes, of ${sizes.image}` : ''}`,
    '',
  ];
  const sizeCells = (bytes: number | undefined): string[] => (sizes ? [bytes === undefined ? '?' : String(bytes)] : []);
  const cells: string[][] = [['LAYER', 'STEP', 'LINE', ...(sizes ? ['SIZE'] : []), 'CREATED BY']];
  cells.push([
    known === undefined ? '?' : known === 0 ? '-' : `+${known}`, analysis.stages[stage].base.kind === 'stage' ? '' : analysis.stages[stage].number ?? '', '', ...sizeCells(sizes?.base),
    base.kind === 'scratch' ? 'FROM scratch: no layers below' : `FROM ${baseName(analysis, base) ?? '(not known)'}${known === undefined ? ': its rows are not known without its image' : ''}`,
  ]);
  for (const { createdBy: text, emptyLayer, step } of rows) {
    cells.push([
      emptyLayer ? '-' : String(step.layer), step.number ?? '', step.line === null ? 'base' : String(step.line), ...sizeCells(emptyLayer ? 0 : sizes?.of(step)),
      shown(text ?? `${keywordOf(step)}: ${step.command.kind === 'refused' ? 'not finished' : 'not known without the base image'}`) + (step.trigger === undefined ? '' : '  (ONBUILD)'),
    ]);
  }
  const widths = cells[0].map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  for (const row of cells) lines.push(row.map((cell, column) => (cells[0][column] === 'SIZE' ? cell.padStart(widths[column]) : column < cells[0].length - 1 ? cell.padEnd(widths[column]) : cell)).join('  ').trimEnd());
  const assumes = assumptionsOf(analysis, stage);
  if (assumes.length > 0) lines.push('', 'Assumed:', ...assumes.map((assumption) => `  ${assumptionTexts[assumption]}`));
  const unused = analysis.stages.filter((other) => !other.reachable).map((other) => stageName(analysis, other.index));
  if (unused.length > 0 && stage === analysis.target) lines.push('', `Not built for this target: ${unused.join(', ')}`);
  if (analysis.problems.length > 0) {
    lines.push('', 'BuildKit refuses this file:', ...analysis.problems.map((problem) => `  line ${problem.line}: ${problem.message}${problem.severity === 'build' ? ' (when it is built)' : ''}`));
  }
  return `${lines.join('\n')}\n`;
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

/** One line of it, cut where a terminal would be full. */
function shown(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length <= 100 ? line : `${line.slice(0, 99)}…`;
}
