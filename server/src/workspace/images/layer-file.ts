/** One file out of a layer's tar; nothing else of it is held. */
import { createHash } from 'node:crypto';
import type { LayerEntry } from '../../core/image/model';
import { uncompressed, type Bounds } from './compression';
import { asLayerError, cleaned } from './layers';
import { tarReader } from './tar';

/** Undefined: the layer has no file of that path and content. `entry`: of a file, as the layer was read. Throws LayerError. */
export async function fileIn(source: AsyncIterable<Buffer>, { path, size, content }: LayerEntry, bounds: Bounds): Promise<Buffer | undefined> {
  let pieces: Buffer[] | undefined;
  let found: Buffer | undefined;
  const reader = tarReader({
    entry: (header) => {
      const isOne = header.size === size && cleaned(header.name).path === path;
      pieces = isOne ? [] : undefined;
    },
    content: (piece) => void pieces?.push(Buffer.from(piece)),
    end: () => {
      const bytes = pieces && Buffer.concat(pieces);
      if (bytes && `sha256:${createHash('sha256').update(bytes).digest('hex')}` === content) found = bytes;
    },
  });
  try {
    for await (const chunk of uncompressed(source, bounds)) {
      reader.push(chunk);
      if (found) return found;
    }
    reader.close();
    return found;
  } catch (error) {
    throw asLayerError(error);
  }
}
