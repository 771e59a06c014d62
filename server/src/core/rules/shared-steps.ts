/** Stages that begin as those of other Dockerfiles do, on an equal base: one base could hold it. */
import { headOf } from './place';
import type { Rule } from './rule';
import { counted, say, type Said } from '../say';
import { listed } from './words';

export const sharedSteps: Rule = {
  name: 'shared-steps',
  finds: () => say('Stages begin as those of other Dockerfiles do'),
  severity: 'hint',
  find: ({ analysis, siblings }) => (siblings?.beginnings ?? []).flatMap(({ stage, lines, others }) => {
    const from = analysis.stages[stage]?.from;
    if (!from) return [];
    const files = new Set(others.map(({ name }) => name));
    return [{
      span: headOf(analysis, from),
      message: messageOf([...files], lines),
      related: others.slice(0, 20).map(({ file, name, line }) => ({ file, line, message: say('{0} has it from here on.', name) })),
      fixes: [],
    }];
  }),
};

function messageOf(files: readonly string[], lines: readonly number[]): Said {
  const names = listed(files);
  if (lines.length === 1) return counted(files.length, '{1} begins with this base and the step of line {2}, too: one base could hold it.', '{1} begin with this base and the step of line {2}, too: one base could hold it.', names, lines[0]);
  return counted(files.length, '{1} begins with this base and the {2} steps of lines {3} to {4}, too: one base could hold them.', '{1} begin with this base and the {2} steps of lines {3} to {4}, too: one base could hold them.', names, lines.length, lines[0], lines[lines.length - 1]);
}
