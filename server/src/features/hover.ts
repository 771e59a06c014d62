/**
 * `textDocument/hover`: on the first line of an instruction, the history up to it as `docker image history` would print
 * it, and why it is a layer or not; on a variable, its value there; on a rule's name in a comment, what it finds. Silent elsewhere.
 */
import type { Hover, Position } from 'vscode-languageserver';
import { stepsOf } from '../core/build/history';
import type { Analysis, Stage } from '../core/build/model';
import { restOfLine, offsetOf, rangeOf } from './convert';
import { baseSets } from './base';
import { historyTable } from './history-table';
import { changedSince, imageTable } from './image';
import { lineAt, type Line } from './lines';
import { pageOf, rules } from '../core/rules/index';
import { ruleNamedAt } from '../core/rules/suppress';
import { joined, say, verbatim, type Said } from '../core/say';
import type { Span } from '../core/text';
import { code, plain } from './markdown';
import { baseRegistryText, layerRegistryText } from './registry';
import { sharersText } from './sharers';
import { sharedText } from './siblings';
import { valueAt } from './variable';
import { verdictText } from './verdict';
import { assumedOn, fromWhat, notInTarget, paragraphs, sentences, why } from './words';
import type { Reading } from '../session';

const strata = verbatim('**Strata**');

export function hoverAt(reading: Reading, position: Position): Hover | null {
  const { document, analysis } = reading;
  const offset = offsetOf(document, position);
  const named = ruleNamedAt(analysis.dockerfile, offset);
  if (named) return ruleHover(reading, named);
  const line = lineAt(analysis, offset);
  if (!line) return null;
  const variable = valueAt(analysis, line, offset);
  const firstLine = restOfLine(document, line.instruction.keywordSpan.start);
  const isFirst = position.line === firstLine.start.line;
  if (!isFirst && !variable) return null;
  const value = isFirst ? paragraphs(titleOf(analysis, line), variable?.text, ...problemsAt(analysis, line), cacheAt(reading, line), sharedAt(reading, line), bodyOf(reading, line)) : joined([strata, variable?.text], ' · ');
  return { contents: { kind: 'markdown', value }, range: variable ? rangeOf(document, variable.span) : firstLine };
}

function ruleHover({ document, analysis }: Reading, span: Span): Hover | null {
  const name = analysis.dockerfile.text.slice(span.start, span.end);
  const rule = rules.find((one) => one.name === name);
  if (!rule) return null;
  const page = verbatim(`[${say('When the rule speaks, and what its fixes change')}](${pageOf(name)})`);
  return { contents: { kind: 'markdown', value: paragraphs(joined([strata, code(name)], ' · '), verbatim(`${rule.finds()}.`), page) }, range: rangeOf(document, span) };
}

function cacheAt(reading: Reading, line: Line): Said {
  return line.kind === 'step' ? verdictText(reading, line.step) : verbatim('');
}

function sharedAt(reading: Reading, line: Line): Said {
  return line.kind === 'step' ? sharedText(reading, line.step) : verbatim('');
}

function problemsAt({ problems }: Analysis, { instruction }: Line): Said[] {
  return problems
    .filter(({ line }) => line === instruction.firstLine)
    .map(({ message, severity }) => (severity === 'error' ? say('BuildKit refuses the file: {0}', plain(message)) : say('The build stops here: {0}', plain(message))));
}

function titleOf(analysis: Analysis, line: Line): Said {
  const parts = [strata];
  if (line.kind === 'global') parts.push(say('before the first FROM'));
  if (line.kind === 'replaced') parts.push(say('not built'));
  if (line.kind === 'from') parts.push(stageTitle(analysis, line.stage), numberText(line.stage.number));
  if (line.kind === 'step') {
    const { step, stage } = line;
    if (step.row === 'layer') parts.push(say('layer {0} of {1}', step.layer ?? '?', stage.layers), numberText(step.number));
    else parts.push(step.row === 'empty' ? say('metadata') : say('no row'));
  }
  return joined(parts, ' · ');
}

function stageTitle({ stages, target }: Analysis, { index, name }: Stage): Said {
  if (stages.length === 1) return name === null ? verbatim('FROM') : say('stage {0}', code(name));
  const place = name === null ? say('stage {0} of {1}', index + 1, stages.length) : say('stage {0}, {1} of {2}', code(name), index + 1, stages.length);
  return index === target ? joined([place, say('target')], ' · ') : place;
}

function numberText(number: string | null): Said {
  return verbatim(number === null ? '' : code(number));
}

function bodyOf(reading: Reading, line: Line): Said {
  const { analysis } = reading;
  switch (line.kind) {
    case 'global': return line.instruction.keyword === 'ARG' ? say('For the FROM lines, and for stages that declare it again. It writes no row and no layer.') : verbatim('');
    case 'replaced': return notInTarget(analysis, line.stage) ?? verbatim('');
    case 'from': {
      const { stage } = line;
      const below = stage.base.kind === 'stage' ? stepsOf(analysis, stage.base.stage) : [];
      return paragraphs(
        sentences(fromWhat(analysis, stage), notInTarget(analysis, stage)), historyTable(analysis, stage, below, undefined), baseSets(stage.base), baseRegistryText(reading, stage), assumedOn(analysis, stage),
      );
    }
    case 'step': {
      const { step, stage } = line;
      if (step.command.kind === 'refused') return verbatim('');
      if (step.row === 'none') return sentences(why(step), notInTarget(analysis, stage));
      const all = stepsOf(analysis, stage.index);
      const upToHere = all.slice(0, all.lastIndexOf(step) + 1);
      return paragraphs(sentences(why(step), notInTarget(analysis, stage)), changedSince(reading, step), sentences(sharersText(reading, step), layerRegistryText(reading, step)), imageTable(reading, step) || historyTable(analysis, stage, upToHere, step));
    }
  }
}
