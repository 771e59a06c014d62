/** Rows of a history as a Markdown table, newest first, cut to what fits in a hover. */
import { rulesOf } from '../core/builder';
import { createdBy } from '../core/build/created-by';
import { baseOf } from '../core/build/history';
import type { Analysis, Stage, Step } from '../core/build/model';
import { counted, joined, say, verbatim, type Said } from '../core/say';
import { cell, code, cut, table } from './markdown';
import { sizeText } from '../core/image/size-text';
import { nameOfBase } from './words';

const mostRows = 10;
const longestText = 60;

/** `steps` are rows of the stage's chain, oldest first; `marked` is the row of the line that is asked for. Empty where there are none. */
export function historyTable(analysis: Analysis, stage: Stage, steps: readonly Step[], marked: Step | undefined): Said {
  const base = baseOf(analysis, stage.index);
  const image = base.kind === 'image' || base.kind === 'context' ? base.image : undefined;
  const fromImage = image?.history ?? [];
  const total = steps.length + fromImage.length;
  if (total === 0) return verbatim('');

  const rules = rulesOf(analysis.builder);
  const nothing = verbatim('');
  const none = verbatim('–');
  const rows: Said[][] = [];
  for (let i = steps.length - 1; i >= 0 && rows.length < mostRows; i--) {
    const step = steps[i];
    const text = createdBy(step, rules);
    const shown = text === null ? say('{0} *its text depends on a value that is not known*', code(step.instruction.keyword)) : rowText(text);
    const layer = step.row === 'layer' ? verbatim(String(step.layer)) : none;
    rows.push(step === marked ? [verbatim('▶'), bold(shown), bold(layer)] : [nothing, shown, layer]);
  }
  for (let i = fromImage.length - 1; i >= 0 && rows.length < mostRows; i--) {
    const { createdBy: text, emptyLayer, size } = fromImage[i];
    rows.push([nothing, rowText(text), emptyLayer ? none : joined([say('base'), size === undefined ? undefined : sizeText(size)], ' · ')]);
  }
  if (total > rows.length) rows.push([nothing, verbatim(`*… ${counted(total - rows.length, '{0} more row', '{0} more rows')}*`), nothing]);
  if (base.kind !== 'scratch' && !image) {
    const name = nameOfBase(base);
    const missing = name === undefined ? say('the rows of the base: not known without the image')
      : base.kind === 'context' ? say('the rows of {0}: not known without it', cell(code(name))) : say('the rows of {0}: not known without the image', cell(code(name)));
    rows.push([nothing, verbatim(`*${missing}*`), verbatim('?')]);
  }
  return table([nothing, verbatim('CREATED BY'), say('LAYER')], rows);
}

function bold(text: Said): Said {
  return verbatim(`**${text}**`);
}

/** What a row was created by, as a cell. */
export function rowText(createdBy: string): Said {
  return cell(code(cut(createdBy.slice(0, 4 * longestText).replace(/\s+/g, ' '), longestText)));
}
