/** What the rules on an image's waste share: where a finding stands, what it says of the files, and the fix that several of them have. */
import { sizeText } from '../image/size-text';
import type { Loss } from '../image/losses';
import type { WasteKind } from '../image/waste';
import { joinRuns } from '../order/join-runs';
import type { Fix } from './finding';
import { headOf } from './place';
import type { Draft, RuleInput } from './rule';
import { counted, listed } from './words';

/** Of one kind, above the floor, by steps of this file. `say`: one sentence. */
export function draftsOf(input: RuleInput, kind: WasteKind, say: (loss: Loss, size: string, paths: string) => string, wrote: string, fixes: (loss: Loss) => readonly Fix[], isShown: (loss: Loss) => boolean = () => true): Draft[] {
  const { analysis, losses, floor } = input;
  if (!losses) return [];
  return losses.losses.filter((loss) => loss.kind === kind && loss.bytes >= floor && loss.by.trigger === undefined && isShown(loss)).map((loss): Draft => {
    const isBase = loss.writers.every(({ owner }) => owner === 'base');
    return {
      span: headOf(analysis, loss.by.instruction),
      message: `${say(loss, sizeText(loss.bytes), pathsOf(loss))} Seen in ${losses.contents.image.reference}.`,
      // Nothing that this file could do about it but another base.
      ...(isBase && kind !== 'left-over' && { severity: 'hint' as const }),
      related: loss.writers.flatMap(({ owner, bytes, path }) => (typeof owner === 'object' && owner !== loss.by && owner.trigger === undefined ? [{ span: headOf(analysis, owner.instruction), message: `${wrote}: ${sizeText(bytes)}, /${path}.` }] : [])),
      fixes: fixes(loss),
    };
  });
}

/** `/a, /b and 3 more files` */
function pathsOf({ items }: Loss): string {
  const shown = items.slice(0, 2).map(({ path }) => `/${path}`);
  return items.length > shown.length ? `${shown.join(', ')} and ${counted(items.length - shown.length, 'more file')}` : listed(shown);
}

/** `line 3`, `the base image`, `lines 3 and 5` */
export function writersText({ writers }: Loss): string {
  const lines = writers.flatMap(({ owner }) => (typeof owner === 'object' && owner.line !== null ? [owner.line] : []));
  const named = lines.length === 0 ? [] : [`${lines.length === 1 ? 'line' : 'lines'} ${listed(lines.map(String))}`];
  if (writers.some(({ owner }) => owner === 'base')) named.push('the base image');
  if (writers.some(({ owner }) => owner === undefined) || named.length === 0) named.push('lines that have changed since');
  return listed(named);
}

/** One step for both: what the second deletes or writes anew is never in a layer. */
export function joinFix({ analysis, losses }: RuleInput, { by }: Loss): Fix[] {
  const joined = joinRuns(analysis, by);
  if (!joined || !losses) return [];
  const { waste, owners } = losses;
  const saves = waste.items.reduce((sum, item) => sum + (owners[item.layer] === joined.into && owners[item.by] === by && item.layer !== item.by ? item.bytes : 0), 0);
  if (saves === 0) return [];
  return [{ title: `Run it in the step of line ${joined.into.line}: saves ${sizeText(saves)}${joined.tidies ? '' : ' (both then run when either changes)'}`, safe: joined.tidies, saves, edits: joined.edits }];
}
