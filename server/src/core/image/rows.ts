/** Rows of a history as an engine tells them, without saying which of them have a layer → rows with their layers. */
import { recognise } from './match';
import type { ImageRow } from './model';

/** `rows`, `diffIds`: oldest first. A row keeps `undefined` where two readings agree with the number of layers. */
export function withLayers(rows: readonly Omit<ImageRow, 'emptyLayer' | 'diffId'>[], diffIds: readonly string[]): ImageRow[] {
  const sized = rows.filter(({ size }) => (size ?? 0) > 0).length;
  // Where those with bytes have all the layers, no other row has one: Buildah makes one layer of all lines.
  const kinds = rows.map((row) => (sized === diffIds.length && (row.size ?? 0) === 0 ? 'empty' : kindOf(row)));
  const layers = kinds.filter((kind) => kind === 'layer').length;
  const open = kinds.filter((kind) => kind === 'open').length;
  // WORKDIR has a layer where it makes the folder; a row of no builder of Dockerfiles mostly has one.
  const settled = layers === diffIds.length ? 'empty' : layers + open === diffIds.length ? 'layer' : 'open';
  const known = kinds.map((kind) => (kind === 'open' ? settled : kind));
  const fits = known.includes('open') || known.filter((kind) => kind === 'layer').length === diffIds.length;
  const first = known.indexOf('open');
  const last = known.lastIndexOf('open');
  const below: number[] = [];
  for (const kind of known) below.push((below.at(-1) ?? 0) + (kind === 'layer' ? 1 : 0));
  const before = (at: number): number => below[at - 1] ?? 0;
  return rows.map((row, at) => {
    const kind = known[at];
    // From the oldest up to the first that is not known, and from the newest down to the last: its layer can be counted.
    const index = first === -1 || at < first ? before(at) : at > last ? diffIds.length - (below.at(-1)! - before(at)) : undefined;
    return { ...row, emptyLayer: !fits || kind === 'open' ? undefined : kind === 'empty', diffId: fits && kind === 'layer' && index !== undefined ? diffIds[index] : undefined };
  });
}

function kindOf({ createdBy, size }: { readonly createdBy: string; readonly size: number | undefined }): 'layer' | 'empty' | 'open' {
  if ((size ?? 0) > 0) return 'layer';
  const { keyword } = recognise(createdBy);
  if (keyword === null || keyword === 'WORKDIR') return 'open';
  return keyword === 'RUN' || keyword === 'COPY' || keyword === 'ADD' ? 'layer' : 'empty';
}
