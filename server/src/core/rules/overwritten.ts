/** Files that a later step writes with other content: the layer below keeps the old one. */
import { draftsOf, joinFix, writersText } from './lost';
import type { Rule } from './rule';

export const overwritten: Rule = {
  name: 'overwritten',
  finds: 'A step writes files that a later one writes anew',
  severity: 'information',
  find: (input) => draftsOf(input, 'overwritten', (loss, size, paths) => `This step writes anew what ${writersText(loss)} wrote: ${size} of it stay in the image, unseen (${paths}).`, 'It wrote the first', (loss) => joinFix(input, loss)),
};
