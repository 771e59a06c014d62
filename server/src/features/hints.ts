/** `textDocument/inlayHint`: at the end of each instruction's first line, what it becomes. Short; the reasons are in the tooltip. */
import type { InlayHint, Range } from 'vscode-languageserver';
import { rulesOf } from '../core/builder';
import { baseLayers, chainOf } from '../core/build/history';
import { createdBy } from '../core/build/created-by';
import type { Analysis, Stage, Step } from '../core/build/model';
import type { Reading } from '../session';
import { restOfLine, spanOfLines } from './convert';
import { baseSize, sizeLabel } from './image';
import { linesIn, type Line } from './lines';
import { counted, joined, say, verbatim, type Said } from '../core/say';
import { codeBlock, cut } from './markdown';
import { sharedLabel, sharedText, sharingAt } from './siblings';
import { verdictText, verdictWord } from './verdict';
import { assumedOn, fromWhat, notInTarget, paragraphs, sentences, why } from './words';

export function hintsIn(reading: Reading, range: Range): InlayHint[] {
  const { document, analysis } = reading;
  const hints: InlayHint[] = [];
  for (const line of linesIn(analysis, spanOfLines(document, range))) {
    const label = labelOf(reading, line);
    if (label === undefined) continue;
    const { end } = restOfLine(document, line.instruction.keywordSpan.start);
    hints.push({ position: end, label, paddingLeft: true, tooltip: { kind: 'markdown', value: tooltipOf(reading, line) } });
  }
  return hints;
}

function labelOf(reading: Reading, line: Line): Said | undefined {
  const { analysis, settings: { hints: shown } } = reading;
  if (line.kind === 'from') return shown.from ? fromLabel(analysis, line.stage, shown.sizes) : undefined;
  if (line.kind !== 'step') return undefined;
  switch (line.step.row) {
    case 'layer': {
      const sharing = shown.shared ? sharingAt(reading, line.step) : undefined;
      if (sharing) return sharedHint(reading, line, sharedLabel(sharing));
      const verdict = shown.cache ? verdictWord(reading, line.step) : undefined;
      if (verdict !== undefined) return verdictLabel(verdict, shown.layers ? line.step : undefined);
      return shown.layers ? layerLabel(line.step, line.stage, shown.sizes ? sizeLabel(reading, line.step) : undefined) : undefined;
    }
    case 'empty': return shown.metadata ? say('metadata') : undefined;
    case 'none': return undefined;
  }
}

/** What would happen to it, what it is, and who has it too: the name of the stage goes where there is no room. */
function sharedHint(reading: Reading, { step, stage }: Extract<Line, { kind: 'step' }>, shared: Said): Said {
  const { settings: { hints: shown } } = reading;
  const verdict = shown.cache ? verdictWord(reading, step) : undefined;
  const label = verdict !== undefined ? verdictLabel(verdict, undefined) : shown.layers ? layerLabel(step, stage) : undefined;
  const whole = joined([label, shared], ' · ');
  if (whole.length <= longestLabel || !shown.layers || verdict !== undefined) return cut(whole, longestLabel);
  return joined([layerName(step), shared], ' · ');
}

/** The editor cuts all hints of a line together at 43 characters, and other extensions use some of them on FROM. */
const longestLabel = 30;

/** `size`: in the image that was built; the bracket goes where there is no room for both. */
function layerLabel(step: Step, { layers }: Stage, size = verbatim('')): Said {
  const { number } = step;
  const layer = layerName(step);
  if (size !== '') {
    const whole = joined([layer, bracketOf(number), size], ' · ');
    return whole.length > longestLabel ? joined([layer, size], ' · ') : whole;
  }
  if (number === null) return layer;
  // Measured by the stage's last layer, so that its name looks the same on all of its lines.
  return verbatim(`${layer} · ${shortened(number, longestLabel - `${say('layer {0}', layers)} · `.length)}`);
}

/** What would happen to the step, then what it is; the bracket goes where there is no room. */
function verdictLabel(verdict: Said, step: Step | undefined): Said {
  const layer = step && layerName(step);
  const short = joined([cut(verdict, longestLabel - (layer === undefined ? 0 : layer.length + ' · '.length)), layer], ' · ');
  const whole = joined([short, step && bracketOf(step.number)], ' · ');
  return whole.length > longestLabel ? short : whole;
}

function layerName({ layer }: Step): Said {
  return say('layer {0}', layer ?? '?');
}

/** Without the blanks that only align a log. */
function bracketOf(number: string | null): Said | undefined {
  return number === null ? undefined : verbatim(number.replace(/^\[ *(.*?) +(\d+\/\d+\])$/, '[$1 $2'));
}

/** `[build 4/7]`: the middle of a long name left out, and the blanks that only align a log. */
function shortened(number: string, length: number): string {
  const [, name, step, total] = /^\[(.*?) *(\d+)\/(\d+)\]$/.exec(number) ?? [];
  if (name === undefined) return number;
  const room = Math.max(3, length - `[ ${total}/${total}]`.length);
  if (name.length <= room) return `[${name}${name === '' ? '' : ' '}${step}/${total}]`;
  const kept = room - 1;
  return `[${name.slice(0, Math.ceil(kept / 2))}…${name.slice(name.length - Math.floor(kept / 2))} ${step}/${total}]`;
}

/** Undefined where nothing of use is to be said: a base that nobody knows matters once, below what is built. */
function fromLabel(analysis: Analysis, stage: Stage, sizes: boolean): Said | undefined {
  const { base } = stage;
  if (stage.replaced) return say('replaced');
  if (!stage.reachable && analysis.target !== undefined) return say('not built');
  if (base.kind === 'stage') {
    const { layers } = analysis.stages[base.stage];
    return layers === 0 ? undefined : verbatim(`+ ${counted(layers, '{0} layer', '{0} layers')}`);
  }
  if (base.kind === 'scratch') return say('base: empty');
  const layers = baseLayers(base);
  const size = sizes ? baseSize(base) : undefined;
  if (layers !== undefined) return joined([counted(layers, 'base: {0} layer', 'base: {0} layers'), size], ' · ');
  return analysis.target === undefined || chainOf(analysis, analysis.target)[0] === stage.index ? say('base: unknown') : undefined;
}

function tooltipOf(reading: Reading, line: Line): Said {
  const { analysis } = reading;
  if (line.kind === 'from') {
    const { stage } = line;
    return paragraphs(sentences(fromWhat(analysis, stage), notInTarget(analysis, stage)), assumedOn(analysis, stage));
  }
  if (line.kind !== 'step') return verbatim('');
  const { step, stage } = line;
  const text = createdBy(step, rulesOf(analysis.builder));
  const row = text === null ? say('Its text in the history depends on a value that is not known.') : codeBlock(cut(text, 500));
  return paragraphs(verdictText(reading, step), sharedText(reading, step), sentences(why(step), notInTarget(analysis, stage)), row);
}
