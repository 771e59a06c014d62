/** What is at a path once layers are applied, asked for one path at a time: nothing is laid out as a whole. */
import type { LayerEntry, LayerFiles } from './model';

/** A layer by its paths. */
export interface LayerIndex {
  readonly entries: ReadonlyMap<string, LayerEntry>;
  readonly whiteouts: ReadonlySet<string>;
  readonly opaque: ReadonlySet<string>;
}

/** A path as it is after some layer, by the layer that has it, from 0. */
export interface Found {
  readonly entry: LayerEntry;
  readonly layer: number;
}

const indexes = new WeakMap<LayerFiles, LayerIndex>();

/** The entry, and the layer that has it, after the first `count` layers; undefined: nothing is there. */
export function entryAt(layers: readonly LayerFiles[], count: number, path: string): Found | undefined {
  for (let layer = count - 1; layer >= 0; layer--) {
    const { entries, whiteouts, opaque } = indexOf(layers[layer]);
    const entry = entries.get(path);
    if (entry) return { entry, layer };
    if (whiteouts.has(path) || opaque.has('')) return undefined;
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
      const above = path.slice(0, at);
      const kind = entries.get(above)?.kind;
      if (opaque.has(above) || whiteouts.has(above) || (kind !== undefined && kind !== 'folder')) return undefined;
    }
  }
  return undefined;
}

/** Once for a layer. */
export function indexOf(layer: LayerFiles): LayerIndex {
  let index = indexes.get(layer);
  if (!index) {
    const entries = new Map<string, LayerEntry>();
    const whiteouts = new Set<string>();
    const opaque = new Set<string>();
    for (const entry of layer.entries) {
      if (entry.kind === 'whiteout') whiteouts.add(entry.path);
      else if (entry.kind === 'opaque') opaque.add(entry.path);
      else entries.set(entry.path, entry);
    }
    indexes.set(layer, (index = { entries, whiteouts, opaque }));
  }
  return index;
}
