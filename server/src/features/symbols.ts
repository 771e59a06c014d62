/** `textDocument/documentSymbol`: a tree of stages and their steps. */
import { SymbolKind, type DocumentSymbol } from 'vscode-languageserver';
import type { Stage } from '../core/build/model';
import type { Instruction } from '../core/syntax/dockerfile';
import type { Reading } from '../session';
import { rangeOf } from './convert';
import { linesOf, type Line } from './lines';
import { counted, joined, say, verbatim, type Said } from '../core/say';
import { cut } from './markdown';
import { nameOfBase, nameOfStage } from './words';

const longestName = 60;

interface Look extends Pick<DocumentSymbol, 'name' | 'kind'> {
  readonly detail: Said;
}

export function symbolsOf({ document, analysis, settings }: Reading): DocumentSymbol[] {
  if (!settings.outline) return [];
  const roots: DocumentSymbol[] = [];
  let stage: DocumentSymbol | undefined;
  for (const line of linesOf(analysis)) {
    const { instruction } = line;
    const symbol: DocumentSymbol = {
      ...(line.kind === 'from' ? stageLook(line.stage) : stepLook(line)),
      range: rangeOf(document, instruction.span),
      selectionRange: rangeOf(document, instruction.keywordSpan),
    };
    if (line.kind === 'from') {
      stage = { ...symbol, children: [] };
      roots.push(stage);
    } else if (stage) {
      stage.children?.push(symbol);
      stage.range = { start: stage.range.start, end: symbol.range.end };
    } else roots.push(symbol);
  }
  return roots;

  function stageLook(of: Stage): Look {
    const below = of.base.kind === 'stage' ? nameOfStage(analysis.stages[of.base.stage]) : nameOfBase(of.base);
    const parts = of.name === null || below === undefined ? [] : [verbatim(below)];
    if (!of.reachable && analysis.target !== undefined) parts.push(say('not built'));
    else parts.push(counted(of.layers, '{0} layer', '{0} layers'));
    return { name: nameOfStage(of), detail: joined(parts, ' · '), kind: SymbolKind.Namespace };
  }
}

function stepLook(line: Line): Look {
  const name = nameOf(line.instruction);
  const row = line.kind === 'step' ? line.step.row : 'none';
  if (line.kind === 'step' && row === 'layer') return { name, detail: say('layer {0}', line.step.layer ?? '?'), kind: SymbolKind.Object };
  if (row === 'empty') return { name, detail: say('metadata'), kind: SymbolKind.Property };
  return { name, detail: verbatim(''), kind: line.instruction.keyword === 'ARG' ? SymbolKind.Constant : SymbolKind.Event };
}

/** The instruction on one line; what an editor shows may not be empty. */
function nameOf({ line, keyword }: Instruction): string {
  return cut(line.slice(0, 4 * longestName).replace(/\s+/g, ' ').trim(), longestName) || keyword || '?';
}
