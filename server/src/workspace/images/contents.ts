/**
 * What the layers of images hold, of those that somebody has asked to look into: a few are kept. An engine makes an archive of a whole
 * image for it, so that nobody looks where no user has asked.
 */
import type { ImageContents } from '../../core/image/losses';
import type { Image } from '../../core/image/model';
import type { Environment } from './engine';

export interface Contents {
  /** Undefined: nobody has looked into it since it is what it is. The same object every time. */
  readonly of: (image: Image) => ImageContents | undefined;
  /** Throws what a user can read. */
  readonly look: (reference: string) => Promise<ImageContents>;
  /** Another number when something has been looked into. */
  readonly version: () => number;
}

const mostKept = 4;

export function openContents(environment: Environment): Contents {
  /** By the image's ID, the last one asked for last. */
  const kept = new Map<string, ImageContents>();
  let version = 0;
  return {
    of: ({ id }) => kept.get(id),
    version: () => version,
    look: async (reference) => {
      // Nothing of it is loaded before somebody asks.
      const { withContent } = await import('./named');
      const contents = await withContent(reference, environment, async ({ image, layers }) => kept.get(image.id) ?? { image, layers: await layers() });
      const { id } = contents.image;
      kept.delete(id);
      kept.set(id, contents);
      for (const oldest of [...kept.keys()].slice(0, Math.max(0, kept.size - mostKept))) kept.delete(oldest);
      version++;
      return contents;
    },
  };
}
