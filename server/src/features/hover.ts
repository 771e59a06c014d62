/**
 * `textDocument/hover`: on the first line of an instruction, the history up to it as `docker image history` would print
 * it, and why it is a layer or not; on a variable, its value there. Silent elsewhere.
 */
import type { Hover, Position } from 'vscode-languageserver';
import { stepsOf } from '../core/build/history';
import type { Analysis, Stage } from '../core/build/model';
import { restOfLine, offsetOf, rangeOf } from './convert';
import { baseSets } from './base';
import { historyTable } from './history-table';
import { changedSince, imageTable } from './image';
import { lineAt, type Line } from './lines';
import { code, plain } from './markdown';
import { baseRegistryText, layerRegistryText } from './registry';
import { sharersText } from './sharers';
import { sharedText } from './siblings';
import { valueAt } from './variable';
import { verdictText } from './verdict';
import { assumedOn, fromWhat, notInTarget, paragraphs, sentences, why } from './words';
import type { Reading } from '../session';

export function hoverAt(reading: Reading, position: Position): Hover | null {
  const { document, analysis } = reading;
  const offset = offsetOf(document, position);
  const line = lineAt(analysis, offset);
  if (!line) return null;
  const variable = valueAt(analysis, line, offset);
  const firstLine = restOfLine(document, line.instruction.keywordSpan.start);
  const isFirst = position.line === firstLine.start.line;
  if (!isFirst && !variable) return null;
  const value = isFirst ? paragraphs(titleOf(analysis, line), variable?.text, ...problemsAt(analysis, line), cacheAt(reading, line), sharedAt(reading, line), bodyOf(reading, line)) : `**Strata** · ${variable?.text}`;
  return { contents: { kind: 'markdown', value }, range: variable ? rangeOf(document, variable.span) : firstLine };
}

function cacheAt(reading: Reading, line: Line): string {
  return line.kind === 'step' ? verdictText(reading, line.step) : '';
}

function sharedAt(reading: Reading, line: Line): string {
  return line.kind === 'step' ? sharedText(reading, line.step) : '';
}

function problemsAt({ problems }: Analysis, { instruction }: Line): string[] {
  return problems
    .filter(({ line }) => line === instruction.firstLine)
    .map(({ message, severity }) => `${severity === 'error' ? 'BuildKit refuses the file' : 'The build stops here'}: ${plain(message)}`);
}

function titleOf(analysis: Analysis, line: Line): string {
  const parts = ['**Strata**'];
  if (line.kind === 'global') parts.push('before the first FROM');
  if (line.kind === 'replaced') parts.push('not built');
  if (line.kind === 'from') parts.push(stageTitle(analysis, line.stage), numberText(line.stage.number));
  if (line.kind === 'step') {
    const { step, stage } = line;
    if (step.row === 'layer') parts.push(`layer ${step.layer} of ${stage.layers}`, numberText(step.number));
    else parts.push(step.row === 'empty' ? 'metadata' : 'no row');
  }
  return parts.filter((part) => part !== '').join(' · ');
}

function stageTitle({ stages, target }: Analysis, stage: Stage): string {
  const named = stage.name === null ? '' : code(stage.name);
  if (stages.length === 1) return named === '' ? 'FROM' : `stage ${named}`;
  const place = `stage ${named}${named === '' ? '' : ', '}${stage.index + 1} of ${stages.length}`;
  return stage.index === target && stages.length > 1 ? `${place} · target` : place;
}

function numberText(number: string | null): string {
  return number === null ? '' : code(number);
}

function bodyOf(reading: Reading, line: Line): string {
  const { analysis } = reading;
  switch (line.kind) {
    case 'global': return line.instruction.keyword === 'ARG' ? 'For the FROM lines, and for stages that declare it again. It writes no row and no layer.' : '';
    case 'replaced': return notInTarget(analysis, line.stage) ?? '';
    case 'from': {
      const { stage } = line;
      const below = stage.base.kind === 'stage' ? stepsOf(analysis, stage.base.stage) : [];
      return paragraphs(
        sentences(fromWhat(analysis, stage), notInTarget(analysis, stage)), historyTable(analysis, stage, below, undefined), baseSets(stage.base), baseRegistryText(reading, stage), assumedOn(analysis, stage),
      );
    }
    case 'step': {
      const { step, stage } = line;
      if (step.command.kind === 'refused') return '';
      if (step.row === 'none') return sentences(why(step), notInTarget(analysis, stage));
      const all = stepsOf(analysis, stage.index);
      const upToHere = all.slice(0, all.lastIndexOf(step) + 1);
      return paragraphs(sentences(why(step), notInTarget(analysis, stage)), changedSince(reading, step), sentences(sharersText(reading, step), layerRegistryText(reading, step)), imageTable(reading, step) || historyTable(analysis, stage, upToHere, step));
    }
  }
}
