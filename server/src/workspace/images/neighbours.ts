/** Which other images of the engine stand on the same layers: listed once, and again when the engine says that its images have changed. */
import type { Image } from '../../core/image/model';
import type { Engine } from './engine';

/** Other images that have a layer on the same ones below: there it is one and the same. */
export interface Sharers {
  readonly names: readonly string[];
  /** Of images that have no name. */
  readonly nameless: number;
}

export interface Neighbours {
  /** By layer of the image, from 0; undefined: not known yet. */
  readonly of: (image: Image) => readonly Sharers[] | undefined;
  /** Begins to list them, where nobody has. */
  readonly list: () => void;
  /** They are others now. */
  readonly forget: () => void;
  readonly settled: () => Promise<void>;
}

/** Images that are looked at. */
const most = 2000;

interface Neighbour {
  readonly id: string;
  readonly names: readonly string[];
  readonly diffIds: readonly string[];
}

/** `engine` may reject: nothing is known then until `forget`. */
export function openNeighbours(engine: () => Promise<Engine>): Neighbours {
  /** Of an ID for good: it is a digest of what it stands for. */
  const layers = new Map<string, readonly string[]>();
  let neighbours: readonly Neighbour[] | undefined;
  let listing: Promise<void> | undefined;
  let isOld = true;
  const known = new WeakMap<Image, { readonly from: readonly Neighbour[]; readonly sharers: readonly Sharers[] }>();
  return {
    of: (image) => {
      if (!neighbours) return undefined;
      let own = known.get(image);
      if (own?.from !== neighbours) known.set(image, (own = { from: neighbours, sharers: sharersOf(image, neighbours) }));
      return own.sharers;
    },
    list,
    forget: () => {
      isOld = true;
    },
    settled: async () => {
      while (listing) await listing;
    },
  };

  function list(): void {
    if (!isOld || listing) return;
    isOld = false;
    listing = ask().catch(() => undefined).finally(() => {
      listing = undefined;
    });
  }

  async function ask(): Promise<void> {
    const asked = await engine();
    const listed = (await asked.images()).slice(0, most);
    // One after the other: what somebody waits for goes between.
    for (const { id } of listed) if (!layers.has(id)) layers.set(id, await asked.diffIds(id) ?? []);
    neighbours = listed.map(({ id, names }) => ({ id, names, diffIds: layers.get(id) ?? [] }));
  }
}

function sharersOf({ id, diffIds }: Image, neighbours: readonly Neighbour[]): Sharers[] {
  const others = neighbours.filter((one) => one.id !== id).map((one) => ({ ...one, common: commonLength(one.diffIds, diffIds) }));
  return diffIds.map((_, layer) => {
    const sharing = others.filter(({ common }) => common > layer);
    return { names: sharing.flatMap(({ names }) => names.slice(0, 1)).toSorted(), nameless: sharing.filter(({ names }) => names.length === 0).length };
  });
}

function commonLength(one: readonly string[], other: readonly string[]): number {
  const first = one.findIndex((diffId, i) => diffId !== other[i]);
  return first === -1 ? one.length : first;
}
