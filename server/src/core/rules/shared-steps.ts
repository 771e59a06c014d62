/** Stages that begin as those of other Dockerfiles do, on an equal base: one base could hold it. */
import { headOf } from './place';
import type { Rule } from './rule';
import { counted, listed } from './words';

export const sharedSteps: Rule = {
  name: 'shared-steps',
  finds: 'Stages begin as those of other Dockerfiles do',
  severity: 'hint',
  find: ({ analysis, siblings }) => (siblings?.beginnings ?? []).flatMap(({ stage, lines, others }) => {
    const from = analysis.stages[stage]?.from;
    if (!from) return [];
    const files = new Set(others.map(({ name }) => name));
    const what = lines.length === 1 ? `the step of line ${lines[0]}` : `the ${counted(lines.length, 'step')} of lines ${lines[0]} to ${lines[lines.length - 1]}`;
    return [{
      span: headOf(analysis, from),
      message: `${listed([...files])} ${files.size === 1 ? 'begins' : 'begin'} with this base and ${what}, too: one base could hold ${lines.length === 1 ? 'it' : 'them'}.`,
      related: others.slice(0, 20).map(({ file, name, line }) => ({ file, line, message: `${name} has it from here on.` })),
      fixes: [],
    }];
  }),
};
