/** Files that a later step writes with other content: the layer below keeps the old one. */
import { say } from '../say';
import { draftsOf, joinFix, writersText } from './lost';
import type { Rule } from './rule';

export const overwritten: Rule = {
  name: 'overwritten',
  finds: () => say('A step writes files that a later one writes anew'),
  severity: 'information',
  find: (input) => draftsOf(input, 'overwritten', (loss, size, paths) => say('This step writes anew what {0} wrote: {1} of it stay in the image, unseen ({2}).', writersText(loss), size, paths), (size, path) => say('It wrote the first: {0}, {1}.', size, path), (loss) => joinFix(input, loss)),
};
