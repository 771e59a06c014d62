/** Files that one step writes and a later one deletes: the layer below keeps them. */
import { sizeText } from '../image/size-text';
import type { Loss } from '../image/losses';
import { mountedCopy } from '../order/mounted-copy';
import type { Fix } from './finding';
import { say } from '../say';
import { draftsOf, joinFix, writersText, wroteThem } from './lost';
import type { Rule, RuleInput } from './rule';

export const deletedLater: Rule = {
  name: 'deleted-later',
  finds: () => say('A step writes files that a later one deletes'),
  severity: 'information',
  find: (input) => draftsOf(input, 'deleted-later', (loss, size, paths) => say('{0} of {1} stay in the image: this step only hides them ({2}).', size, writersText(loss), paths), wroteThem, (loss) => [...mountFix(input, loss), ...joinFix(input, loss)]),
};

function mountFix({ analysis, losses }: RuleInput, { by }: Loss): Fix[] {
  const mounted = losses && mountedCopy(analysis, by, losses);
  if (!losses || !mounted) return [];
  const { waste, owners } = losses;
  const saves = waste.items.reduce((sum, item) => sum + (owners[item.layer] === mounted.copy && owners[item.by] === by ? item.bytes : 0), 0);
  return [{ title: say('Mount {0} instead of copying it: saves {1}', mounted.path, sizeText(saves)), safe: mounted.reads, saves, edits: mounted.edits }];
}
