/** Files whose mode, owner or time a later step changes: its layer holds them a second time, whole. */
import { contentSize } from '../image/waste';
import { sizeText } from '../image/size-text';
import type { Loss } from '../image/losses';
import { ownedCopies } from '../order/owned-copies';
import type { Fix } from './finding';
import { draftsOf, joinFix, writersText } from './lost';
import type { Rule, RuleInput } from './rule';
import { listed } from './words';

export const copiedAgain: Rule = {
  name: 'copied-again',
  finds: 'A step changes the mode, owner or time of files that an earlier one wrote, and so holds all of them again',
  severity: 'information',
  find: (input) => draftsOf(input, 'copied-again', (loss, size, paths) => `${does(loss)} what ${writersText(loss)} wrote: its layer holds it a second time, ${size} (${paths}).`, 'It wrote them', (loss) => [...flagsFix(input, loss), ...joinFix(input, loss)]),
};

/** Where nothing says that rights or times change, the same content was written again. */
function does({ by }: Loss): string {
  return by.command.kind === 'RUN' && /\b(?:chmod|chown|chgrp|touch)\b/.test(by.instruction.line) ? 'This step changes modes, owners or times of' : 'This step writes again, with the same content,';
}

function flagsFix({ analysis, losses }: RuleInput, { by }: Loss): Fix[] {
  const owned = losses && ownedCopies(analysis, by, losses);
  if (!owned) return [];
  const saves = contentSize(losses.contents.layers[losses.owners.indexOf(by)]);
  const lines = listed(owned.copies.map(({ line }) => String(line)));
  const what = owned.flags === '' ? `Leave out what line ${by.line} changes nothing by` : `Put ${owned.flags} on ${owned.copies.length === 1 ? 'the copy of line' : 'the copies of lines'} ${lines}`;
  return [{ title: `${what}: saves ${sizeText(saves)}`, safe: true, saves, edits: owned.edits }];
}
