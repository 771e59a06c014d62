/** Which other images of the engine have a layer, in the hover. */
import { rowsByLayer } from '../core/image/losses';
import type { Step } from '../core/build/model';
import type { Reading } from '../session';
import { builtImage } from './image';
import { counted, say, verbatim, type Said } from '../core/say';
import { code } from './markdown';

const mostNames = 5;

/** Of the layer that a step wrote; empty where that is not known, or the line is another one now. */
export function sharersText(reading: Reading, step: Step): Said {
  const built = builtImage(reading);
  const sharers = built && reading.sharers(built.image);
  if (!sharers) return verbatim('');
  const layer = rowsByLayer(built.image, built.joined).findIndex((row) => row?.step === step);
  if (layer === -1 || built.byStep.get(step)?.certainty === 'other-text') return verbatim('');
  const { names, nameless } = sharers[layer];
  const all = names.length + nameless;
  if (all === 0) return say('In no other image here.');
  const shown = names.slice(0, mostNames).map(code);
  const more = all - shown.length;
  if (shown.length === 0) return counted(all, 'In {0} other image here, and there once for all, without a name.', 'In {0} other images here, and there once for all, without a name.');
  const who = more === 0 ? shown.join(', ') : say('{0} and {1} more', shown.join(', '), more);
  return counted(all, 'In {0} other image here, and there once for all: {1}.', 'In {0} other images here, and there once for all: {1}.', who);
}
