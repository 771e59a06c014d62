/**
 * Image archives: what `docker image save` writes (Docker before 25: manifest.json and LAYER/layer.tar; since then an OCI layout with
 * a manifest.json), and OCI layouts (image-layout.md of the OCI image specification), as a tar or as a folder.
 */
import { stat } from 'node:fs/promises';
import { imageOf } from '../../core/image/config';
import type { Image, LayerEntry, LayerFiles } from '../../core/image/model';
import { normalReference } from '../../core/image/reference';
import { joined, say, verbatim, type Said } from '../../core/say';
import { ArchiveError, openFiles, type ArchiveFiles } from './archive-files';
import { fileIn } from './layer-file';
import type { Kept } from './layer-store';
import { LayerError, mostEntries, readLayer, type LayerLimits } from './layers';
import { candidatesOf, digestIn, type Candidate } from './manifests';

export { ArchiveError } from './archive-files';

export interface Archive {
  readonly image: Image;
  /** Oldest first, each read when it is asked for, and compared with its digests. Throws ArchiveError. */
  readonly layers: () => AsyncIterable<LayerFiles>;
  /** The content of a file of a layer, from 0, as `layers` had it. Throws ArchiveError. */
  readonly file: (layer: number, entry: LayerEntry) => Promise<Buffer>;
}

export interface ArchiveOptions extends Partial<LayerLimits> {
  /** A name, an image ID or a manifest's digest (or the first 12 digits of one); needed where the archive has several images. */
  readonly reference?: string;
  /** `linux/arm64`; needed where the archive has the image for several platforms. */
  readonly platform?: string;
}

/** Of a compressed archive as a whole. */
const defaults = { bytes: 2 ** 40, ratio: 250, free: 4 * 2 ** 30 };

/**
 * With a store, what it has is not read again, and what is read is kept there: layers by their digests, and what a file has in it for as
 * long as its size, time and inode are the same.
 * Throws ArchiveError: not an archive, not whole, not what its digests say, or no image or several of what is asked for.
 */
export async function openArchive(path: string, { reference, platform, ...limits }: ArchiveOptions = {}, store?: Kept): Promise<Archive> {
  let files: Promise<ArchiveFiles> | undefined;
  const open = (): Promise<ArchiveFiles> => (files ??= openFiles(path, { ...defaults, ratio: limits.ratio ?? defaults.ratio, free: limits.free ?? defaults.free }));
  const chosen = choose(store ? await keptCandidates(path, open, store) : await candidatesOf(await open(), path), path, reference, platform);
  const image = imageOf(reference ?? chosen.names[0] ?? chosen.id, chosen.id, chosen.config, chosen.names);
  if ('error' in image) throw new ArchiveError(say('{0}: {1}', path, image.error));
  const { diffIds } = image;
  if (diffIds.length !== chosen.layers.length) throw new ArchiveError(say('{0}: the manifest has {1} layers, the config {2}', path, chosen.layers.length, diffIds.length));
  return { image, layers: () => layersOf(open, path, chosen, diffIds, limits, store), file: (layer, entry) => fileOf(open, path, chosen, layer, entry) };
}

async function fileOf(open: () => Promise<ArchiveFiles>, path: string, { layers }: Candidate, layer: number, entry: LayerEntry): Promise<Buffer> {
  for await (const [, chunks] of (await open()).each([layers[layer].name])) {
    try {
      const bytes = await fileIn(chunks, entry, defaults);
      if (bytes) return bytes;
    } catch (error) {
      throw new ArchiveError(say('{0}: layer {1} of {2}: {3}', path, layer + 1, layers.length, (error as Error).message), { cause: error });
    }
  }
  throw new ArchiveError(say('{0}: layer {1} of {2} has no file {3} of that content any more', path, layer + 1, layers.length, JSON.stringify(entry.path)));
}

/** Whether what is in the file is kept, and it is as it was. */
export async function isKnown(path: string, store: Kept): Promise<boolean> {
  const stamp = await stampOf(path);
  return stamp !== undefined && (await store.archive?.(path, stamp)) !== undefined;
}

async function keptCandidates(path: string, open: () => Promise<ArchiveFiles>, store: Kept): Promise<readonly Candidate[]> {
  const stamp = await stampOf(path);
  const known = stamp && await store.archive?.(path, stamp);
  if (known) return known;
  const candidates = await candidatesOf(await open(), path);
  // Nobody has written to it meanwhile.
  if (stamp !== undefined && stamp === await stampOf(path)) await store.keepArchive?.(path, stamp, candidates);
  return candidates;
}

/** Undefined of a folder, which is soon read, and of what is not there. */
async function stampOf(path: string): Promise<string | undefined> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  return found?.isFile() ? [found.dev, found.ino, found.size, found.mtimeNs].join(' ') : undefined;
}

/** Each once; those that lie in another order than the image has them wait for their turn. */
async function* layersOf(
  open: () => Promise<ArchiveFiles>, path: string, { layers }: Candidate, diffIds: readonly string[], limits: Partial<LayerLimits>, store: Kept | undefined,
): AsyncGenerator<LayerFiles> {
  const found = new Map<string, LayerFiles>();
  for (const kept of store ? await Promise.all([...new Set(diffIds)].map(store.layer)) : []) if (kept) found.set(kept.diffId, kept);
  // A layer is bounded by itself: an image may have many.
  const most = limits.entries ?? mostEntries;
  let total = [...found.values()].reduce((sum, { entries }) => sum + entries.length, 0);
  const wanted = new Map<string, number>();
  for (const [index, { name, size }] of layers.entries()) {
    if (found.has(diffIds[index])) continue;
    const there = await (await open()).size(name);
    if (there === undefined) throw new ArchiveError(say('{0}: layer {1} of {2} is not in the archive ({3})', path, index + 1, layers.length, JSON.stringify(name)));
    if (size !== undefined && size !== there) throw new ArchiveError(say('{0}: layer {1} of {2} should have {3} bytes, and has {4}', path, index + 1, layers.length, size, there));
    const first = wanted.get(name);
    if (first !== undefined && diffIds[first] !== diffIds[index]) throw new ArchiveError(say('{0}: layer {1} of {2} is the file of layer {3}, and should have another digest', path, index + 1, layers.length, first + 1));
    if (diffIds.indexOf(diffIds[index]) === index) wanted.set(name, index);
  }
  let next = 0;
  // Those at the front that were kept.
  yield* turn();
  if (wanted.size === 0) return;
  for await (const [name, chunks] of (await open()).each([...wanted.keys()])) {
    const index = wanted.get(name)!;
    const layer = await readOne(chunks, index, name);
    total += layer.entries.length;
    if (total > most) throw new ArchiveError(say('{0}: its layers have more than {1} entries together', path, most));
    await store?.keep(layer);
    found.set(diffIds[index], layer);
    yield* turn();
  }

  function* turn(): Generator<LayerFiles> {
    for (let layer = found.get(diffIds[next]); layer; layer = found.get(diffIds[++next])) yield layer;
  }

  async function readOne(chunks: AsyncIterable<Buffer>, index: number, name: string): Promise<LayerFiles> {
    try {
      return await readLayer(chunks, { ...limits, digest: digestIn(name), diffId: diffIds[index] });
    } catch (error) {
      if (error instanceof LayerError) throw new ArchiveError(say('{0}: layer {1} of {2}: {3}', path, index + 1, layers.length, error.message), { cause: error });
      throw error;
    }
  }
}

function choose(candidates: readonly Candidate[], path: string, reference: string | undefined, platform: string | undefined): Candidate {
  if (candidates.length === 0) throw new ArchiveError(say('{0} has no image in it', path));
  const named = candidates.filter((one) => reference === undefined || isCalled(one, reference));
  if (named.length === 0) throw new ArchiveError(say('{0} has no image {1}: it has {2}', path, reference ?? '', listed(candidates)));
  const fit = named.filter((one) => platform === undefined || one.platform === platform || one.platform.startsWith(`${platform}/`));
  if (fit.length === 0) throw new ArchiveError(say('{0} has no image for {1}: it has {2}', path, platform ?? '', listed(named)));
  // `linux/arm` is an image of its own beside `linux/arm/v7`.
  const exact = fit.filter((one) => one.platform === platform);
  const left = exact.length > 0 ? exact : fit;
  if (left.length > 1) throw new ArchiveError(say('{0} has {1} images, and one has to be named: {2}', path, left.length, listed(left)));
  return left[0];
}

function isCalled({ names, id, digest }: Candidate, reference: string): boolean {
  const digits = reference.replace(/^sha256:/, '');
  if (/^[a-f0-9]{12,64}$/.test(digits) && [id, digest].some((one) => one?.startsWith(`sha256:${digits}`))) return true;
  return names.some((name) => name === reference || full(name) === full(reference));
}

function full(name: string): string {
  const normal = normalReference(name);
  return 'error' in normal ? name : normal.reference;
}

function listed(candidates: readonly Candidate[]): Said {
  const shown = candidates.slice(0, 20).map(({ names, id, platform }) => verbatim(`${names.length > 0 ? names.join(', ') : id.slice(0, 19)} (${platform})`));
  return joined([...shown, candidates.length > 20 ? say('and {0} more', candidates.length - 20) : undefined], say('; '));
}
