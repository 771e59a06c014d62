/** A step, or a base image, that differs in a version or a few words from what most siblings have at its place. */
import { readDockerfile } from '../syntax/read';
import type { Instruction } from '../syntax/dockerfile';
import type { Span } from '../text';
import type { Analysis } from '../build/model';
import { lineBreakOf } from '../order/lines';
import { say } from '../say';
import { headOf } from './place';
import type { Rule } from './rule';

export const driftedStep: Rule = {
  name: 'drifted-step',
  finds: () => say('A step, or a base image, differs from what most sibling Dockerfiles have'),
  severity: 'information',
  find: ({ analysis, siblings }) => (siblings?.drift ?? []).flatMap(({ stage, line, majority, have, of, at }) => {
    const instruction = placeOf(analysis, stage, line);
    if (!instruction) return [];
    const shown = shortened(majority);
    const edit = editFor(analysis, instruction, majority);
    return [{
      span: headOf(analysis, instruction),
      message: say('{0} of {1} siblings have “{2}” here.', have, of, shown),
      related: [{ file: at.file, line: at.line, message: say('As {0} has it.', at.name) }],
      fixes: edit === undefined ? [] : [{ title: say('Do as {0} of {1} siblings do: {2}', have, of, shown), safe: false, edits: [{ file: null, ...edit }] }],
    }];
  }),
};

/** Undefined: the text is another by now. */
function placeOf({ stages }: Analysis, stage: number, line: number): Instruction | undefined {
  const own = stages[stage];
  if (!own) return undefined;
  return [own.from, ...own.steps.map(({ instruction }) => instruction)].find(({ firstLine }) => firstLine === line);
}

/** Of a FROM the base alone: its name and platform are this file's own. */
function editFor({ dockerfile }: Analysis, instruction: Instruction, majority: string): { readonly span: Span; readonly text: string } | undefined {
  if (instruction.keyword !== 'FROM') return { span: instruction.span, text: majority.replaceAll('\n', lineBreakOf(dockerfile.text)) };
  const [theirs] = readDockerfile(majority).instructions;
  const [word] = instruction.args;
  return word && theirs?.args[0] ? { span: word.span, text: theirs.args[0].text } : undefined;
}

function shortened(text: string): string {
  const line = text.replace(/\\\s*\n/g, ' ').replace(/\s+/g, ' ').trim();
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
}
