/** Files whose mode, owner or time a later step changes: its layer holds them a second time, whole. */
import { contentSize } from '../image/waste';
import { sizeText } from '../image/size-text';
import type { Loss } from '../image/losses';
import { ownedCopies } from '../order/owned-copies';
import type { Fix } from './finding';
import { say, type Said } from '../say';
import { draftsOf, joinFix, writersText, wroteThem } from './lost';
import type { Rule, RuleInput } from './rule';
import { listed } from './words';

export const copiedAgain: Rule = {
  name: 'copied-again',
  finds: () => say('A step changes the mode, owner or time of files that an earlier one wrote, and so holds all of them again'),
  severity: 'information',
  find: (input) => draftsOf(input, 'copied-again', messageOf, wroteThem, (loss) => [...flagsFix(input, loss), ...joinFix(input, loss)]),
};

/** Where nothing says that rights or times change, the same content was written again. */
function messageOf(loss: Loss, size: Said, paths: Said): Said {
  const { command, instruction } = loss.by;
  return command.kind === 'RUN' && /\b(?:chmod|chown|chgrp|touch)\b/.test(instruction.line)
    ? say('This step changes modes, owners or times of what {0} wrote: its layer holds it a second time, {1} ({2}).', writersText(loss), size, paths)
    : say('This step writes again, with the same content, what {0} wrote: its layer holds it a second time, {1} ({2}).', writersText(loss), size, paths);
}

function flagsFix({ analysis, losses }: RuleInput, { by }: Loss): Fix[] {
  const owned = losses && ownedCopies(analysis, by, losses);
  if (!owned) return [];
  const saves = contentSize(losses.contents.layers[losses.owners.indexOf(by)]);
  const lines = listed(owned.copies.map(({ line }) => String(line)));
  const size = sizeText(saves);
  const title = owned.flags === '' ? say('Leave out what line {0} changes nothing by: saves {1}', by.line ?? '?', size)
    : owned.copies.length === 1 ? say('Put {0} on the copy of line {1}: saves {2}', owned.flags, lines, size) : say('Put {0} on the copies of lines {1}: saves {2}', owned.flags, lines, size);
  return [{ title, safe: true, saves, edits: owned.edits }];
}
