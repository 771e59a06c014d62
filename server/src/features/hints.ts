/** `textDocument/inlayHint`: at the end of each instruction's first line, what it becomes. Short; the reasons are in the tooltip. */
import type { InlayHint, Range } from 'vscode-languageserver';
import { rulesOf } from '../core/builder';
import { assumptionsOf, baseLayers } from '../core/build/history';
import { createdBy } from '../core/build/created-by';
import type { Analysis, Stage, Step } from '../core/build/model';
import type { Reading } from '../session';
import { restOfLine, spanOfLines } from './convert';
import { linesIn, type Line } from './lines';
import { codeBlock, count, cut } from './markdown';
import { assumed, fromWhat, notInTarget, paragraphs, why } from './words';

export function hintsIn({ document, analysis, settings }: Reading, range: Range): InlayHint[] {
  const hints: InlayHint[] = [];
  for (const line of linesIn(analysis, spanOfLines(document, range))) {
    const label = labelOf(analysis, line, settings.hints);
    if (label === undefined) continue;
    const { end } = restOfLine(document, line.instruction.keywordSpan.start);
    hints.push({ position: end, label, paddingLeft: true, tooltip: { kind: 'markdown', value: tooltipOf(analysis, line) } });
  }
  return hints;
}

function labelOf(analysis: Analysis, line: Line, shown: Reading['settings']['hints']): string | undefined {
  if (line.kind === 'from') return shown.from ? fromLabel(analysis, line.stage) : undefined;
  if (line.kind !== 'step') return undefined;
  switch (line.step.row) {
    case 'layer': return shown.layers ? layerLabel(line.step) : undefined;
    case 'empty': return shown.metadata ? 'metadata' : undefined;
    case 'none': return undefined;
  }
}

/** The editor cuts all hints of a line together at 43 characters, and other extensions use some of them on FROM. */
const longestLabel = 30;

function layerLabel({ layer, number }: Step): string {
  const start = `layer ${layer}`;
  return number === null ? start : `${start} · ${shortened(number, longestLabel - start.length - 3)}`;
}

/** `[build 4/7]` with the middle of the stage's name left out, if that is what it takes. */
function shortened(number: string, length: number): string {
  const [, name, step] = /^\[(.*?)( +\d+\/\d+)\]$/.exec(number) ?? [];
  if (number.length <= length || name === undefined) return number;
  const room = Math.max(3, length - step.length - 2) - 1;
  return `[${name.slice(0, Math.ceil(room / 2))}…${name.slice(name.length - Math.floor(room / 2))}${step}]`;
}

function fromLabel(analysis: Analysis, stage: Stage): string {
  const { base } = stage;
  if (stage.replaced) return 'replaced';
  if (!stage.reachable && analysis.target !== undefined) return 'not built';
  if (base.kind === 'stage') return `+ ${count(analysis.stages[base.stage].layers, 'layer')}`;
  if (base.kind === 'scratch') return 'base: empty';
  const layers = baseLayers(base);
  return layers === undefined ? 'base: unknown' : `base: ${count(layers, 'layer')}`;
}

function tooltipOf(analysis: Analysis, line: Line): string {
  if (line.kind === 'from') {
    const { stage } = line;
    return paragraphs(fromWhat(analysis, stage), notInTarget(analysis, stage), assumed(assumptionsOf(analysis, stage.index)));
  }
  if (line.kind !== 'step') return '';
  const { step, stage } = line;
  const text = createdBy(step, rulesOf(analysis.builder));
  const row = text === null ? 'Its text in the history depends on a value that is not known.' : codeBlock(cut(text, 500));
  return paragraphs(why(step), row, notInTarget(analysis, stage), assumed(step.assumes));
}
