/** `textDocument/codeLens`: above FROM and COPY or ADD from the context, what a change of what they take would cost. Counted when it is seen. */
import type { CodeLens } from 'vscode-languageserver';
import type { Reading } from '../session';
import { say } from '../core/say';
import { restOfLine } from './convert';
import { linesOf } from './lines';
import { countsOf, ifLineChanges, mayChange } from './what-if';

/** What a lens that is not counted yet remembers of where it stands. */
export interface LensData {
  readonly uri: string;
  readonly line: number;
}

export const whatIfCommand = 'strata.whatIf';

export function lensesOf({ document, analysis, settings }: Reading): CodeLens[] {
  if (!settings.codeLens) return [];
  return linesOf(analysis).filter(mayChange).map(({ instruction }) => ({
    range: restOfLine(document, instruction.keywordSpan.start), data: { uri: document.uri, line: instruction.firstLine } satisfies LensData,
  }));
}

/** The text may have moved on: then it says nothing until it is asked for anew. */
export function countedLens(reading: Reading, lens: CodeLens, { uri, line }: LensData): CodeLens {
  const at = linesOf(reading.analysis).find(({ instruction }) => instruction.firstLine === line);
  const found = at && ifLineChanges(reading, at);
  if (!found) return { ...lens, command: { title: say('takes no file that is known'), command: '' } };
  return { ...lens, command: { title: say('if {0} changes: {1}', found.what, countsOf(found.since)), command: whatIfCommand, arguments: [uri, { kind: 'line', line }] } };
}
