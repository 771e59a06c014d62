/**
 * What the layers of images hold, of those that somebody has asked to look into: a few are kept, and all are remembered on disk. An engine
 * makes an archive of a whole image for it, so that nobody looks where no user has asked.
 */
import { join } from 'node:path';
import { rememberWaste, type ImageContents } from '../../core/image/losses';
import type { Image } from '../../core/image/model';
import type { Environment } from './engine';
import type { LayerStore } from './layer-store';
import type { FileOfLayer } from './named';
import { say } from '../../core/say';

export interface Contents {
  /** Undefined: nobody has looked into it yet, or what was seen is still read from the disk. The same object every time. */
  readonly of: (image: Image) => ImageContents | undefined;
  /** By ID: of an image that was looked into a short while ago. */
  readonly seen: (id: string) => ImageContents | undefined;
  /** Throws what a user can read, and the reason of `stop`. */
  readonly look: (reference: string, stop?: AbortSignal) => Promise<ImageContents>;
  /** What files have in them of the image of that name, as long as it has that ID. Throws what a user can read. */
  readonly files: (reference: string, id: string, files: readonly FileOfLayer[]) => Promise<readonly Buffer[]>;
  /** Another number when something has been looked into. */
  readonly version: () => number;
  readonly settled: () => Promise<void>;
}

const mostKept = 4;

/** `storage`: a folder of the extension's own, where there is one. `changed`: more is known. */
export function openContents(environment: Environment, storage: () => string | undefined, changed: () => void): Contents {
  /** By the image's ID, the last one asked for last. */
  const kept = new Map<string, ImageContents>();
  /** Of images that are looked for on the disk, or have been. */
  const remembered = new Map<string, Promise<void>>();
  let store: LayerStore | undefined;
  let version = 0;
  return {
    of: (image) => {
      const { id } = image;
      if (!kept.has(id) && !remembered.has(id)) remembered.set(id, remember(image).catch(() => undefined));
      return kept.get(id);
    },
    version: () => version,
    look: async (reference, stop) => {
      // Nothing of it is loaded before somebody asks.
      const { withContent } = await import('./named');
      const contents = await withContent(reference, environment, async ({ image, layers }) => kept.get(image.id) ?? { image, layers: await layers() }, await storeOf(), stop);
      keep(contents);
      return contents;
    },
    seen: (id) => kept.get(id),
    files: async (reference, id, files) => {
      const { withContent } = await import('./named');
      return withContent(reference, environment, async ({ image, files: read }) => {
        if (image.id !== id) throw new Error(say('{0} is another image by now.', reference));
        return read(files);
      });
    },
    settled: async () => void (await Promise.all(remembered.values())),
  };

  async function storeOf(): Promise<LayerStore | undefined> {
    const folder = storage();
    if (folder === undefined) return undefined;
    const { openLayerStore } = await import('./layer-store');
    return (store ??= openLayerStore(join(folder, 'images')));
  }

  async function remember(image: Image): Promise<void> {
    const own = await storeOf();
    if (!own) return;
    const layers = [];
    for (const diffId of image.diffIds) {
      const layer = await own.layer(diffId);
      if (!layer) return;
      layers.push(layer);
    }
    if (kept.has(image.id)) return;
    const waste = await own.waste(layers);
    if (waste) rememberWaste(layers, waste);
    keep({ image, layers });
  }

  function keep(contents: ImageContents): void {
    const { id } = contents.image;
    kept.delete(id);
    kept.set(id, contents);
    for (const oldest of [...kept.keys()].slice(0, Math.max(0, kept.size - mostKept))) {
      kept.delete(oldest);
      remembered.delete(oldest);
    }
    version++;
    changed();
  }
}
