/** Source copied before what installs dependencies. The page beside this file says when, and its examples are the tests. */
import { hoistsOf, type Hoist } from '../order/hoist';
import { mendOf, type Mend } from '../order/mend';
import { mendAcross } from '../order/mend-across';
import { gainOf, gainText } from './gain';
import { headOf } from './place';
import type { Fix } from './finding';
import type { Draft, Rule, RuleInput } from './rule';
import { counted, joined, say, type Said } from '../say';
import { listed } from './words';

export const copyBeforeInstall: Rule = {
  name: 'copy-before-install',
  finds: () => say('Source is copied before dependencies are installed, where the install reads only some of it'),
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
  const titles = hoist.installs.map(({ install, run }) => say('`{0}` (line {1})', install.title, run.step.line ?? '?'));
  const named = new Set(hoist.installs.flatMap(({ reads }) => reads.map(({ origin }) => origin)));
  const read = listed([...named], 4);
  return [{
    span: headOf(analysis, first.step.instruction),
    message: counted(new Set(titles).size, 'A change of any file copied here makes {1} run again, which reads only {2}.', 'A change of any file copied here makes {1} run again, which read only {2}.', listed(titles), read),
    related: steps.map((step) => ({ span: headOf(analysis, step.instruction), message: say('It runs again when any file changes that is copied above.') })),
    fixes,
  }];
}

export function fixesOf(input: RuleInput, hoist: Hoist): Fix[] {
  const { analysis, context } = input;
  const fixes: Fix[] = [];
  const names = listed([...hoist.installs.map(({ install }) => `\`${install.title}\``), ...hoist.packages.map((run) => `\`${run.commands.map(({ reading }) => (reading.does === 'packages' ? reading.title : '')).find((title) => title !== '')}\``)]);
  const copied = mendOf(analysis, hoist, context, 'copy');
  if (copied) {
    const first = listed(copied.first, 4);
    const what = copied.first.length === 0 ? say('Copy after {0}', names) : hoist.copies.length === 1 ? say('Copy {0} first, the rest after {1}', first, names) : say('Copy {0} first, the others after {1}', first, names);
    const read = new Set(hoist.installs.flatMap(({ reads }) => reads.map(({ origin }) => origin)));
    fixes.push({ title: onCondition(gainText(what, gainOf(input, hoist.copies[0], read, copied.edits)), copied), safe: copied.obstacles.length === 0, edits: copied.edits });
  }
  const across = copied ? undefined : mendAcross(analysis, hoist, context);
  if (across) {
    const below = analysis.stages[hoist.copies[0].step.stage];
    fixes.push({ title: onCondition(say('Run {0} in stage {1}, before its copy', names, below.name ?? below.index), across), safe: false, edits: across.edits });
  }
  const mounted = copied && copied.first.length > 0 ? mendOf(analysis, hoist, context, 'mount') : undefined;
  if (mounted) {
    const [first, installs] = [listed(mounted.first, 4), listed(hoist.installs.map(({ install }) => `\`${install.title}\``))];
    const what = hoist.installs.length === 1 && hoist.packages.length === 0 ? say('Mount {0} for {1}, copy after it', first, installs) : say('Mount {0} for {1}, copy after {2}', first, installs, names);
    fixes.push({ title: onCondition(what, { obstacles: [say('they are not in the layer of that step'), ...mounted.obstacles] }), safe: false, edits: mounted.edits });
  }
  return fixes;
}

function onCondition(title: Said, { obstacles }: Pick<Mend, 'obstacles'>): Said {
  const shown = obstacles.length > 3 ? [...obstacles.slice(0, 2), say('{0} more', obstacles.length - 2)] : obstacles;
  return obstacles.length === 0 ? title : say('{0} (not proved the same: {1})', title, joined(shown, say('; ')));
}
