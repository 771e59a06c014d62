/** Source copied before what installs dependencies. The page beside this file says when, and its examples are the tests. */
import { hoistsOf, type Hoist } from '../order/hoist';
import { mendOf, type Mend } from '../order/mend';
import { mendAcross } from '../order/mend-across';
import { gainOf, gainText } from './gain';
import { headOf } from './place';
import type { Fix } from './finding';
import type { Draft, Rule, RuleInput } from './rule';
import { listed } from './words';

export const copyBeforeInstall: Rule = {
  name: 'copy-before-install',
  finds: 'Source is copied before dependencies are installed, where the install reads only some of it',
  severity: 'information',
  find: (input) => input.analysis.stages.flatMap((stage) => (stage.replaced ? [] : hoistsOf(input.analysis, stage, input.context, input.project).flatMap((hoist) => finding(input, hoist)))),
};

function finding(input: RuleInput, hoist: Hoist): Draft[] {
  if (hoist.installs.length === 0) return [];
  const fixes = fixesOf(input, hoist);
  if (fixes.length === 0) return [];
  const { analysis } = input;
  const first = hoist.copies[0];
  const steps = [...new Set([...hoist.installs.map(({ run }) => run), ...hoist.packages])].map(({ step }) => step).sort((a, b) => a.span.start - b.span.start);
  const titles = hoist.installs.map(({ install, run }) => `\`${install.title}\` (line ${run.step.line})`);
  const named = new Set(hoist.installs.flatMap(({ reads }) => reads.map(({ origin }) => origin)));
  const read = listed([...named], 4);
  const verb = new Set(titles).size === 1 ? 'reads' : 'read';
  return [{
    span: headOf(analysis, first.step.instruction),
    message: `A change of any file copied here makes ${listed(titles)} run again, which ${verb} only ${read}.`,
    related: steps.map((step) => ({ span: headOf(analysis, step.instruction), message: 'It runs again when any file changes that is copied above.' })),
    fixes,
  }];
}

export function fixesOf(input: RuleInput, hoist: Hoist): Fix[] {
  const { analysis, context } = input;
  const fixes: Fix[] = [];
  const names = listed([...hoist.installs.map(({ install }) => `\`${install.title}\``), ...hoist.packages.map((run) => `\`${run.commands.map(({ reading }) => (reading.does === 'packages' ? reading.title : '')).find((title) => title !== '')}\``)]);
  const copied = mendOf(analysis, hoist, context, 'copy');
  const split = hoist.copies.length === 1 ? 'the rest' : 'the others';
  if (copied) {
    const what = copied.first.length === 0 ? `Copy after ${names}` : `Copy ${listed(copied.first, 4)} first, ${split} after ${names}`;
    const read = new Set(hoist.installs.flatMap(({ reads }) => reads.map(({ origin }) => origin)));
    fixes.push({ title: `${what}${gainText(gainOf(input, hoist.copies[0], read, copied.edits))}${conditionOf(copied)}`, safe: copied.obstacles.length === 0, edits: copied.edits });
  }
  const across = copied ? undefined : mendAcross(analysis, hoist, context);
  if (across) {
    const below = analysis.stages[hoist.copies[0].step.stage];
    fixes.push({ title: `Run ${names} in stage ${below.name ?? below.index}, before its copy${conditionOf(across)}`, safe: false, edits: across.edits });
  }
  const mounted = copied && copied.first.length > 0 ? mendOf(analysis, hoist, context, 'mount') : undefined;
  if (mounted) fixes.push({ title: `Mount ${listed(mounted.first, 4)} for ${listed(hoist.installs.map(({ install }) => `\`${install.title}\``))}, copy after ${hoist.installs.length === 1 && hoist.packages.length === 0 ? 'it' : names}${conditionOf({ ...mounted, obstacles: ['they are not in the layer of that step', ...mounted.obstacles] })}`, safe: false, edits: mounted.edits });
  return fixes;
}

function conditionOf({ obstacles }: Pick<Mend, 'obstacles'>): string {
  const shown = obstacles.length > 3 ? [...obstacles.slice(0, 2), `${obstacles.length - 2} more`] : obstacles;
  return obstacles.length === 0 ? '' : ` (not proved the same: ${shown.join('; ')})`;
}

