/** What a fix is worth, by the cache model: how many steps run again after a change of one file, before it and after. */
import { analyze } from '../analyze';
import { withEntry } from '../build/context';
import { since } from '../build/since';
import type { ContextCopy } from '../order/copies';
import { filesTaken } from '../order/copies';
import { say, type Said } from '../say';
import { edited } from './edited';
import type { FileEdit } from './finding';
import type { RuleInput } from './rule';

export interface Gain {
  readonly before: number;
  readonly after: number;
  readonly steps: number;
}

/** Undefined where the context is not known, or the target does not reach the copy. `read`: files that the fix brings first. */
export function gainOf({ analysis, build, context }: RuleInput, copy: ContextCopy, read: ReadonlySet<string>, edits: readonly FileEdit[]): Gain | undefined {
  const changed = context && filesTaken(copy, context).find((path) => !read.has(path));
  if (!context || changed === undefined || !analysis.stages[copy.step.stage].reachable) return undefined;
  const other = withEntry(context, changed, { type: 'file', mode: 0o644, content: 'changed' });
  const { facts } = build;
  const fixed = analyze(edited(analysis.dockerfile.text, edits.filter(({ file }) => file === null)), facts);
  const again = (one: typeof analysis): number => {
    const { again: lost, open } = since({ analysis: one, facts, context }, { analysis: one, facts, context: other });
    return lost + open;
  };
  const steps = fixed.stages.filter(({ reachable }) => reachable).flatMap((stage) => stage.steps.filter(({ row }) => row === 'layer')).length;
  return { before: again(analysis), after: again(fixed), steps };
}

/** A title with what a change of the rest then costs. */
export function gainText(title: Said, gain: Gain | undefined): Said {
  if (!gain || gain.after >= gain.before) return title;
  return say('{0}: a change of the rest then runs {1} of {2} steps again, not {3}', title, gain.after, gain.steps, gain.before);
}
