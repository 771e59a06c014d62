/** Stages of one file that begin alike → a stage that they all continue, in the same file. */
import type { FileEdit } from '../rules/finding';
import { asLines, lineBreakOf, regionOf } from '../order/lines';
import type { NoExtraction } from './model';
import type { Plan } from './plan';
import { freeName, namesIn, renumbered } from './stage-names';
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
  const counted = renumbered(analysis, first.member.file, (stage) => (stage >= first.member.stage ? stage + 1 : undefined));
  return { text: textOf(dockerfile, [...made.edits, inserted, ...counted]), name, redeclared: made.redeclared };
}
