/** What registries have, in the hover: only where a user has asked them. */
import type { Stage, Step } from '../core/build/model';
import { pushOf } from '../core/image/push';
import type { Reading } from '../session';
import { builtImage, rowOf } from './image';
import { counted, say, verbatim, type Said } from '../core/say';
import { plain } from './markdown';
import { sizeText } from '../core/image/size-text';

/** Of the layer that a step wrote into the image; empty where that is not known. */
export function layerRegistryText(reading: Reading, step: Step): Said {
  const image = builtImage(reading)?.image;
  const kept = image && reading.kept.get(image.reference);
  const found = rowOf(reading, step);
  // Of another platform it is another image; and an older text of the line made another layer.
  if (!kept || kept.image.platform !== image.platform || found?.row.diffId === undefined || found.certainty === 'other-text') return verbatim('');
  const layer = kept.layers.find(({ diffId }) => diffId === found.row.diffId);
  if (layer) return say('In the registry already: {0}, compressed.', sizeText(layer.size));
  const { sent, layers, bytes } = pushOf(image, kept.image.diffIds);
  return bytes === undefined ? counted(layers, 'A push sends it: {1} of {0} layer.', 'A push sends it: {1} of {0} layers.', sent)
    : counted(layers, 'A push sends it: {1} of {0} layer, {2} uncompressed.', 'A push sends it: {1} of {0} layers, {2} uncompressed.', sent, sizeText(bytes));
}

const mostPlatforms = 12;

/** The platforms that the base of a stage is there for. */
export function baseRegistryText({ kept }: Reading, { base }: Stage): Said {
  const platforms = base.kind === 'image' && base.reference !== null ? kept.get(base.reference)?.platforms : undefined;
  if (!platforms) return verbatim('');
  const shown = platforms.slice(0, mostPlatforms).map(plain).join(', ');
  return say('In its registry for {0}.', platforms.length > mostPlatforms ? say('{0} and {1} more', shown, platforms.length - mostPlatforms) : shown);
}
