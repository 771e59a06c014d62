/** The same content in two layers, under two names. */
import { draftsOf, writersText } from './lost';
import type { Rule } from './rule';

export const duplicate: Rule = {
  name: 'duplicate',
  finds: 'Two layers hold the same content under two names',
  severity: 'information',
  find: (input) => draftsOf(input, 'duplicate', (loss, size, paths) => `${size} of this layer are in the image already, under another name, from ${writersText(loss)} (${paths}).`, 'The same content', () => []),
};
