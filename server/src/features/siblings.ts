/** What the lines of a document share with its siblings: for hints, the hover, and the rules. */
import type { Analysis, Step } from '../core/build/model';
import { sharingOf, siblingFactsOf, type Place, type Sharing } from '../core/family/kin';
import { shapeOfAnalysis } from '../core/family/shape';
import type { SiblingFacts } from '../core/family/model';
import type { Reading } from '../session';
import { counted, joined, say, verbatim, type Said } from '../core/say';
import { code } from './markdown';

const known = new WeakMap<Reading, ReadonlyMap<Step, Sharing>>();

/** Undefined: with nobody, or it makes no layer. */
export function sharingAt(reading: Reading, step: Step): Sharing | undefined {
  let steps = known.get(reading);
  if (!steps) known.set(reading, (steps = shared(reading)));
  return steps.get(step);
}

function shared({ analysis, builds, siblings }: Reading): ReadonlyMap<Step, Sharing> {
  const found = new Map<Step, Sharing>();
  if (!siblings || siblings.groups.length === 0) return found;
  const { index, file, groups } = siblings;
  const shape = shapeOfAnalysis(analysis, builds[0].facts);
  for (const group of groups) {
    for (const stage of new Set(group.flatMap(({ member }) => (member.file === file ? [member.stage] : [])))) {
      if (!shape.stages[stage]) continue;
      const own = ownSteps(analysis, stage);
      sharingOf(shape.stages[stage], { file, stage }, index.contextOf(file), group).forEach((sharing, i) => {
        if (sharing) found.set(own[i], sharing);
      });
    }
  }
  return found;
}

function ownSteps({ stages }: Analysis, stage: number): readonly Step[] {
  return stages[stage].steps.filter(({ trigger }) => trigger === undefined);
}

/** `shared with 4`; `same in 4` where it could be one layer and is not. */
export function sharedLabel({ layer, step }: Sharing): Said {
  return layer.length > 0 ? say('shared with {0}', layer.length) : say('same in {0}', step.length);
}

/** Whether it is one layer already, and with whom. */
export function sharedText(reading: Reading, step: Step): Said {
  const sharing = sharingAt(reading, step);
  if (!sharing) return verbatim('');
  const { layer, step: same } = sharing;
  return joined([
    layer.length === 0 ? undefined : counted(layer.length, 'One layer with {0} sibling already, on a builder that makes both: {1}.', 'One layer with {0} siblings already, on a builder that makes both: {1}.', links(reading, layer)),
    same.length === 0 ? undefined : layer.length > 0 ? say('The same step stands in {0} more, after others or on another base: it could be one layer, and is not. {1}.', same.length, links(reading, same))
      : counted(same.length, 'The same step stands in {0} sibling, after others or on another base: it could be one layer, and is not. {1}.', 'The same step stands in {0} siblings, after others or on another base: it could be one layer, and is not. {1}.', links(reading, same)),
  ], ' ');
}

/** The first few, each a link to its line. */
function links({ siblings }: Reading, places: readonly Place[]): Said {
  const shown = places.slice(0, 5).map(({ member: { file }, line }) => `[${code(file)}](${siblings?.index.address(file) ?? ''}#L${line})`);
  return places.length > shown.length ? say('{0} and {1} more', shown.join(', '), places.length - shown.length) : verbatim(shown.join(', '));
}

/** For the rules: what the stages begin with as others do, and where they have drifted. */
export function siblingFacts({ siblings }: Reading): SiblingFacts | undefined {
  if (!siblings || siblings.groups.length === 0) return undefined;
  const { index, file, groups } = siblings;
  return siblingFactsOf(file, groups.map((group) => ({ group, family: index.familyOf(group) })), index.address);
}
