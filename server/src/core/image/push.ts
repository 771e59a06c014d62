/** What a push of an image would send to a registry that has another build of it. */
import { bytes as bytesOf } from '../rules/words';
import type { Image } from './model';

export interface Push {
  /** Layers that the registry does not have in the image that it has; a layer that is there twice is one. */
  readonly sent: number;
  readonly layers: number;
  /** Of those that are sent, uncompressed; undefined: not known of one of them. */
  readonly bytes: number | undefined;
}

/** `there`: the diff IDs of the registry's image. It may have the others in other images: it is sent no more than that. */
export function pushOf({ diffIds, rows }: Image, there: readonly string[]): Push {
  const all = new Set(diffIds);
  const sent = [...all].filter((diffId) => !there.includes(diffId));
  const sizes = new Map(rows.map(({ diffId, size }) => [diffId, size]));
  const bytes = sent.reduce((sum: number | undefined, diffId) => {
    const size = sizes.get(diffId);
    return sum === undefined || size === undefined ? undefined : sum + size;
  }, 0);
  return { sent: sent.length, layers: all.size, bytes };
}

/** One line for people. */
export function pushText({ sent, layers, bytes }: Push): string {
  if (sent === 0) return `A push sends no layer: the registry has ${layers === 1 ? 'the one' : `all ${layers}`}.`;
  const size = bytes === undefined ? '' : `, ${bytesOf(bytes)} uncompressed`;
  return `A push sends ${sent} of ${layers} layers${size}${sent === layers ? '.' : '; the registry has the others.'}`;
}
