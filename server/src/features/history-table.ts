/** Rows of a history as a Markdown table, newest first, cut to what fits in a hover. */
import { rulesOf } from '../core/builder';
import { createdBy } from '../core/build/created-by';
import { baseOf } from '../core/build/history';
import type { Analysis, Stage, Step } from '../core/build/model';
import { cell, code, count, cut, table } from './markdown';
import { sizeText } from '../core/image/size-text';
import { nameOfBase } from './words';

const mostRows = 10;
const longestText = 60;

/** `steps` are rows of the stage's chain, oldest first; `marked` is the row of the line that is asked for. Empty where there are none. */
export function historyTable(analysis: Analysis, stage: Stage, steps: readonly Step[], marked: Step | undefined): string {
  const base = baseOf(analysis, stage.index);
  const image = base.kind === 'image' || base.kind === 'context' ? base.image : undefined;
  const fromImage = image?.history ?? [];
  const total = steps.length + fromImage.length;
  if (total === 0) return '';

  const rules = rulesOf(analysis.builder);
  const rows: string[][] = [];
  for (let i = steps.length - 1; i >= 0 && rows.length < mostRows; i--) {
    const step = steps[i];
    const text = createdBy(step, rules);
    const shown = text === null ? `${code(step.instruction.keyword)} *its text depends on a value that is not known*` : rowText(text);
    const layer = step.row === 'layer' ? String(step.layer) : '–';
    rows.push(step === marked ? ['▶', `**${shown}**`, `**${layer}**`] : ['', shown, layer]);
  }
  for (let i = fromImage.length - 1; i >= 0 && rows.length < mostRows; i--) {
    const { createdBy: text, emptyLayer, size } = fromImage[i];
    rows.push(['', rowText(text), emptyLayer ? '–' : size === undefined ? 'base' : `base · ${sizeText(size)}`]);
  }
  if (total > rows.length) rows.push(['', `*… ${count(total - rows.length, 'more row')}*`, '']);
  if (base.kind !== 'scratch' && !image) {
    const name = nameOfBase(base);
    rows.push(['', `*the rows of ${name === undefined ? 'the base' : cell(code(name))}: not known without ${base.kind === 'context' ? 'it' : 'the image'}*`, '?']);
  }
  return table(['', 'CREATED BY', 'LAYER'], rows);
}

/** What a row was created by, as a cell. */
export function rowText(createdBy: string): string {
  return cell(code(cut(createdBy.slice(0, 4 * longestText).replace(/\s+/g, ' '), longestText)));
}
