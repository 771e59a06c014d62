/**
 * What an image wastes, by the steps of its Dockerfile that can do something about it. Only steps whose line still says what the
 * image was built from count, and only of the image that is shipped: other stages waste nothing of it.
 */
import type { Analysis, Step } from '../build/model';
import { joinImage, type Joined, type JoinedRow } from './join';
import type { Image, LayerFiles } from './model';
import { wasteOf, type Waste, type WasteItem, type WasteKind } from './waste';

/** An image with what its layers hold, oldest first. */
export interface ImageContents {
  readonly image: Image;
  readonly layers: readonly LayerFiles[];
}

export interface Loss {
  readonly kind: WasteKind;
  /** Who made the bytes a waste; of left-overs and duplicates, who wrote them. */
  readonly by: Step;
  readonly bytes: number;
  /** The most bytes first. */
  readonly items: readonly WasteItem[];
  /** Who wrote the bytes, the most first; of duplicates, who wrote them first. Undefined: a line that cannot be told. */
  readonly writers: readonly Writer[];
}

export interface Writer {
  readonly owner: Step | 'base' | undefined;
  readonly bytes: number;
  readonly path: string;
}

export interface Losses {
  readonly losses: readonly Loss[];
  readonly contents: ImageContents;
  readonly waste: Waste;
  /** By layer, from 0. */
  readonly owners: readonly Writer['owner'][];
}

/** By layer, from 0: the row that has it, as far as that is known. What one layer of many lines holds is nobody's. */
export function rowsByLayer({ diffIds }: Image, { rows, squashed }: Joined): (JoinedRow | undefined)[] {
  if (squashed) rows = rows.map((row) => (row.owner === 'base' ? row : { ...row, owner: 'unknown', step: undefined, certainty: undefined }));
  const layers = rows.filter(({ row }) => row.diffId !== undefined);
  // A diff ID may be there twice: rows come in the order of the layers, but for those that are not known.
  return diffIds.map((diffId, at) => (layers.length === diffIds.length ? layers[at] : layers.find(({ row }) => row.diffId === diffId)));
}

const wastes = new WeakMap<readonly LayerFiles[], Waste>();
const known = new WeakMap<Analysis, WeakMap<ImageContents, Losses>>();

/** Once for an analysis and an image. */
export function lossesOf(analysis: Analysis, contents: ImageContents): Losses {
  let own = known.get(analysis);
  if (!own) known.set(analysis, (own = new WeakMap()));
  let losses = own.get(contents);
  if (!losses) own.set(contents, (losses = find(analysis, contents)));
  return losses;
}

/** Once for an image. */
export function wasteIn(layers: readonly LayerFiles[]): Waste {
  let waste = wastes.get(layers);
  if (!waste) wastes.set(layers, (waste = wasteOf(layers)));
  return waste;
}

/** It is known of these already. */
export function rememberWaste(layers: readonly LayerFiles[], waste: Waste): void {
  wastes.set(layers, waste);
}

function find(analysis: Analysis, contents: ImageContents): Losses {
  const waste = wasteIn(contents.layers);
  if (analysis.target === undefined) return { losses: [], contents, waste, owners: [] };
  const owners = rowsByLayer(contents.image, joinImage(analysis, analysis.target, contents.image)).map(ownerOf);
  const groups = new Map<string, WasteItem[]>();
  for (const item of waste.items) {
    if (typeof owners[item.by] !== 'object') continue;
    const key = `${item.kind} ${item.by}`;
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  const firsts = new Map<string, number>();
  const losses = [...groups.values()].map((items): Loss => ({
    kind: items[0].kind, by: owners[items[0].by] as Step, items, bytes: items.reduce((sum, { bytes }) => sum + bytes, 0),
    writers: writersOf(items, (item) => owners[item.kind === 'duplicate' ? firstLayer(contents.layers, item, firsts) : item.layer]),
  }));
  return { losses, contents, waste, owners };
}

function ownerOf(row: JoinedRow | undefined): Writer['owner'] {
  if (row?.owner === 'base') return 'base';
  return row?.certainty === 'other-text' ? undefined : row?.step;
}

function writersOf(items: readonly WasteItem[], ownerOfItem: (item: WasteItem) => Writer['owner']): Writer[] {
  const writers = new Map<Writer['owner'], { bytes: number; path: string }>();
  for (const item of items) {
    const owner = ownerOfItem(item);
    const sum = writers.get(owner);
    if (sum) sum.bytes += item.bytes;
    else writers.set(owner, { bytes: item.bytes, path: item.kind === 'duplicate' ? item.other ?? item.path : item.path });
  }
  return [...writers].map(([owner, sum]) => ({ owner, ...sum })).sort((a, b) => b.bytes - a.bytes);
}

/** The last one below that has the path of the first of two. */
function firstLayer(layers: readonly LayerFiles[], { layer, other }: WasteItem, firsts: Map<string, number>): number {
  if (other === undefined) return layer;
  const key = `${layer} ${other}`;
  let first = firsts.get(key);
  if (first === undefined) {
    first = layers.slice(0, layer).findLastIndex(({ entries }) => entries.some(({ path, kind }) => path === other && kind !== 'whiteout'));
    firsts.set(key, first);
  }
  return first === -1 ? layer : first;
}
