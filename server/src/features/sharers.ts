/** Which other images of the engine have a layer, in the hover. */
import { rowsByLayer } from '../core/image/losses';
import type { Step } from '../core/build/model';
import type { Reading } from '../session';
import { builtImage } from './image';
import { code, count } from './markdown';

const mostNames = 5;

/** Of the layer that a step wrote; empty where that is not known, or the line is another one now. */
export function sharersText(reading: Reading, step: Step): string {
  const built = builtImage(reading);
  const sharers = built && reading.sharers(built.image);
  if (!sharers) return '';
  const layer = rowsByLayer(built.image, built.joined).findIndex((row) => row?.step === step);
  if (layer === -1 || built.byStep.get(step)?.certainty === 'other-text') return '';
  const { names, nameless } = sharers[layer];
  const all = names.length + nameless;
  if (all === 0) return 'In no other image here.';
  const shown = names.slice(0, mostNames).map(code);
  const more = all - shown.length;
  const who = shown.length === 0 ? '' : `: ${shown.join(', ')}${more === 0 ? '' : ` and ${more} more`}`;
  return `In ${count(all, 'other image')} here, and there once for all${who}${who === '' && nameless > 0 ? ', without a name' : ''}.`;
}
