/** Stages of one file that begin alike → a stage that they all continue, in the same file. */
import type { FileEdit } from '../rules/finding';
import { asLines, lineBreakOf, regionOf } from '../order/lines';
import type { NoExtraction } from './model';
import type { Plan } from './plan';
import { freeName, namesIn, renamed } from './stage-names';
import { continued, stageText, textOf } from './write';

export function withStage({ members }: Plan): { readonly text: string; readonly name: string; readonly redeclared: number } | NoExtraction {
  const first = members.toSorted((a, b) => a.member.stage - b.member.stage)[0];
  const { analysis } = first;
  const taken = namesIn([analysis]);
  const name = freeName(['base', 'common'], (one) => taken.has(one));
  const made = continued(members, name, members, true);
  if ('refused' in made) return made;
  const { dockerfile, stages } = analysis;
  const lineBreak = lineBreakOf(dockerfile.text);
  const at = regionOf(dockerfile, stages[first.member.stage].from).start;
  const inserted: FileEdit = { file: null, span: { start: at, end: at }, text: `${asLines(stageText(first, members, name), lineBreak)}${lineBreak}` };
  // Numbers count the new stage; names stay.
  const renumbered = renamed(analysis, first.member.file, {
    nameOf: () => undefined, readAs: (stage) => (stage >= first.member.stage ? String(stage + 1) : undefined),
  }, new Set(stages.map(({ index }) => index))).filter(({ span }) => /^\d+$/.test(dockerfile.text.slice(span.start, span.end)));
  return { text: textOf(dockerfile, [...made.edits, inserted, ...renumbered]), name, redeclared: made.redeclared };
}
