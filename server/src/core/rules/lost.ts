/** What the rules on an image's waste share: where a finding stands, what it says of the files, and the fix that several of them have. */
import { sizeText } from '../image/size-text';
import type { Loss } from '../image/losses';
import type { WasteKind } from '../image/waste';
import { joinRuns } from '../order/join-runs';
import type { Fix } from './finding';
import { headOf } from './place';
import type { Draft, RuleInput } from './rule';
import { counted, joined, say, type Said } from '../say';
import { listed } from './words';

/** Of one kind, above the floor, by steps of this file. `message`: one sentence. `wrote`: of another step that the files are of. */
export function draftsOf(input: RuleInput, kind: WasteKind, message: (loss: Loss, size: Said, paths: Said) => Said, wrote: (size: Said, path: string) => Said, fixes: (loss: Loss) => readonly Fix[], isShown: (loss: Loss) => boolean = () => true): Draft[] {
  const { analysis, losses, floor } = input;
  if (!losses) return [];
  return losses.losses.filter((loss) => loss.kind === kind && loss.bytes >= floor && loss.by.trigger === undefined && isShown(loss)).map((loss): Draft => {
    const isBase = loss.writers.every(({ owner }) => owner === 'base');
    return {
      span: headOf(analysis, loss.by.instruction),
      message: joined([message(loss, sizeText(loss.bytes), pathsOf(loss)), say('Seen in {0}.', losses.contents.image.reference)], ' '),
      // Nothing that this file could do about it but another base.
      ...(isBase && kind !== 'left-over' && { severity: 'hint' as const }),
      related: loss.writers.flatMap(({ owner, bytes, path }) => (typeof owner === 'object' && owner !== loss.by && owner.trigger === undefined ? [{ span: headOf(analysis, owner.instruction), message: wrote(sizeText(bytes), `/${path}`) }] : [])),
      fixes: fixes(loss),
    };
  });
}

/** `/a, /b and 3 more files` */
function pathsOf({ items }: Loss): Said {
  const shown = items.slice(0, 2).map(({ path }) => `/${path}`);
  return items.length > shown.length ? counted(items.length - shown.length, '{1} and {0} more file', '{1} and {0} more files', shown.join(', ')) : listed(shown);
}

export function wroteThem(size: Said, path: string): Said {
  return say('It wrote them: {0}, {1}.', size, path);
}

/** `line 3`, `the base image`, `lines 3 and 5` */
export function writersText({ writers }: Loss): Said {
  const lines = writers.flatMap(({ owner }) => (typeof owner === 'object' && owner.line !== null ? [owner.line] : []));
  const named = lines.length === 0 ? [] : [lines.length === 1 ? say('line {0}', lines[0]) : say('lines {0}', listed(lines.map(String)))];
  if (writers.some(({ owner }) => owner === 'base')) named.push(say('the base image'));
  if (writers.some(({ owner }) => owner === undefined) || named.length === 0) named.push(say('lines that have changed since'));
  return listed(named);
}

/** One step for both: what the second deletes or writes anew is never in a layer. */
export function joinFix({ analysis, losses }: RuleInput, { by }: Loss): Fix[] {
  const both = joinRuns(analysis, by);
  if (!both || !losses) return [];
  const { waste, owners } = losses;
  const saves = waste.items.reduce((sum, item) => sum + (owners[item.layer] === both.into && owners[item.by] === by && item.layer !== item.by ? item.bytes : 0), 0);
  if (saves === 0) return [];
  return [{ title: both.tidies ? say('Run it in the step of line {0}: saves {1}', both.into.line ?? '?', sizeText(saves)) : say('Run it in the step of line {0}: saves {1} (both then run when either changes)', both.into.line ?? '?', sizeText(saves)), safe: both.tidies, saves, edits: both.edits }];
}
