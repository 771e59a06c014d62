/** What registries have, in the hover: only where a user has asked them. */
import type { Stage, Step } from '../core/build/model';
import { pushOf } from '../core/image/push';
import type { Reading } from '../session';
import { builtImage, rowOf } from './image';
import { count, plain } from './markdown';
import { sizeText } from '../core/image/size-text';

/** Of the layer that a step wrote into the image; empty where that is not known. */
export function layerRegistryText(reading: Reading, step: Step): string {
  const image = builtImage(reading)?.image;
  const kept = image && reading.kept.get(image.reference);
  const found = rowOf(reading, step);
  // Of another platform it is another image; and an older text of the line made another layer.
  if (!kept || kept.image.platform !== image.platform || found?.row.diffId === undefined || found.certainty === 'other-text') return '';
  const layer = kept.layers.find(({ diffId }) => diffId === found.row.diffId);
  if (layer) return `In the registry already: ${sizeText(layer.size)}, compressed.`;
  const { sent, layers, bytes } = pushOf(image, kept.image.diffIds);
  return `A push sends it: ${sent} of ${count(layers, 'layer')}${bytes === undefined ? '' : `, ${sizeText(bytes)} uncompressed`}.`;
}

const mostPlatforms = 12;

/** The platforms that the base of a stage is there for. */
export function baseRegistryText({ kept }: Reading, { base }: Stage): string {
  const platforms = base.kind === 'image' && base.reference !== null ? kept.get(base.reference)?.platforms : undefined;
  if (!platforms) return '';
  const more = platforms.length > mostPlatforms ? ` and ${platforms.length - mostPlatforms} more` : '';
  return `In its registry for ${platforms.slice(0, mostPlatforms).map(plain).join(', ')}${more}.`;
}
