/** The same content in two layers, under two names. */
import { say } from '../say';
import { draftsOf, writersText } from './lost';
import type { Rule } from './rule';

export const duplicate: Rule = {
  name: 'duplicate',
  finds: () => say('Two layers hold the same content under two names'),
  severity: 'information',
  find: (input) => draftsOf(input, 'duplicate', (loss, size, paths) => say('{0} of this layer are in the image already, under another name, from {1} ({2}).', size, writersText(loss), paths), (size, path) => say('The same content: {0}, {1}.', size, path), () => []),
};
