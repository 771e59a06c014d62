/** Whether an extraction leaves every image as it was: what each stage comes to, before and after, in each of its builds. */
import { analyze } from '../core/analyze';
import { chainOf } from '../core/family/chain';
import { inlined } from '../core/family/inline';
import type { NoExtraction } from '../core/family/model';
import type { Plan } from '../core/family/plan';
import type { Made, Read } from './extract-ways';
import { say } from '../core/say';

/** Puts the base back in place, and compares what every stage of every build comes to. */
export function unlikeContinued(plan: Plan, { members, texts }: Read, { changes, base }: Made): NoExtraction | undefined {
  if (!base) return undefined;
  const after = new Map(changes.map(({ path, after: text }) => [path, text]));
  for (const [file, before] of texts) {
    const [{ builds }] = members.filter(({ member }) => member.file === file);
    const stages = plan.members.filter(({ member }) => member.file === file).map(({ member }) => member.stage);
    const back = inlined(analyze(after.get(file) ?? before), file, stages, analyze(base.text), base.path);
    if ('refused' in back) return { refused: say('It could not be shown that {0} stays the same: {1}', file, back.refused), rule: 'unproved' };
    for (const { analysis, facts } of builds) {
      const again = analyze(back.text, facts);
      const isSame = again.problems.length === analysis.problems.length && again.stages.length === analysis.stages.length
        && analysis.stages.every(({ index }) => JSON.stringify(chainOf(analysis, index)) === JSON.stringify(chainOf(again, index)));
      if (!isSame) return { refused: say('It could not be shown that {0} stays the same.', file), rule: 'unproved' };
    }
  }
  return undefined;
}

/** Every stage of every file is found again, where it is now. */
export function unlikeStages({ members }: Read, { changes, stages }: Made): NoExtraction | undefined {
  if (!stages) return undefined;
  const after = changes.find(({ path }) => path === stages.path)?.after ?? '';
  for (const [file, builds] of new Map(members.map(({ member, builds: own }) => [member.file, own]))) {
    for (const { analysis, facts } of builds) {
      const again = analyze(after, facts);
      const isSame = again.problems.length === 0 && analysis.stages.every(({ index }) => {
        const now = stages.of(file, index);
        const place = typeof now === 'number' ? now : again.stages.findLast(({ name }) => name === now.toLowerCase())?.index;
        return place !== undefined && again.stages[place] !== undefined && JSON.stringify(chainOf(analysis, index)) === JSON.stringify(chainOf(again, place));
      });
      if (!isSame) return { refused: say('It could not be shown that {0} stays the same.', file), rule: 'unproved' };
    }
  }
  return undefined;
}
