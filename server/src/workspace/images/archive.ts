/**
 * Image archives: what `docker image save` writes (Docker before 25: manifest.json and LAYER/layer.tar; since then an OCI layout with
 * a manifest.json), and OCI layouts (image-layout.md of the OCI image specification), as a tar or as a folder.
 */
import { stat } from 'node:fs/promises';
import { imageOf } from '../../core/image/config';
import type { Image, LayerEntry, LayerFiles } from '../../core/image/model';
import { normalReference } from '../../core/image/reference';
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
  if ('error' in image) throw new ArchiveError(`${path}: ${image.error}`);
  const { diffIds } = image;
  if (diffIds.length !== chosen.layers.length) throw new ArchiveError(`${path}: the manifest has ${chosen.layers.length} layers, the config ${diffIds.length}`);
  return { image, layers: () => layersOf(open, path, chosen, diffIds, limits, store), file: (layer, entry) => fileOf(open, path, chosen, layer, entry) };
}

async function fileOf(open: () => Promise<ArchiveFiles>, path: string, { layers }: Candidate, layer: number, entry: LayerEntry): Promise<Buffer> {
  for await (const [, chunks] of (await open()).each([layers[layer].name])) {
    try {
      const bytes = await fileIn(chunks, entry, defaults);
      if (bytes) return bytes;
    } catch (error) {
      throw new ArchiveError(`${path}: layer ${layer + 1} of ${layers.length}: the layer ${(error as Error).message}`, { cause: error });
    }
  }
  throw new ArchiveError(`${path}: layer ${layer + 1} of ${layers.length} has no file ${JSON.stringify(entry.path)} of that content any more`);
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
    const where = whereOf(index);
    const there = await (await open()).size(name);
    if (there === undefined) throw new ArchiveError(`${where} is not in the archive (${JSON.stringify(name)})`);
    if (size !== undefined && size !== there) throw new ArchiveError(`${where} should have ${size} bytes, and has ${there}`);
    const first = wanted.get(name);
    if (first !== undefined && diffIds[first] !== diffIds[index]) throw new ArchiveError(`${where} is the file of layer ${first + 1}, and should have another digest`);
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
    if (total > most) throw new ArchiveError(`${path}: its layers have more than ${most} entries together`);
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
      if (error instanceof LayerError) throw new ArchiveError(`${whereOf(index)}: ${error.message}`, { cause: error });
      throw error;
    }
  }

  function whereOf(index: number): string {
    return `${path}: layer ${index + 1} of ${layers.length}`;
  }
}

function choose(candidates: readonly Candidate[], path: string, reference: string | undefined, platform: string | undefined): Candidate {
  if (candidates.length === 0) throw new ArchiveError(`${path} has no image in it`);
  const named = candidates.filter((one) => reference === undefined || isCalled(one, reference));
  if (named.length === 0) throw new ArchiveError(`${path} has no image ${reference}: it has ${listed(candidates)}`);
  const fit = named.filter((one) => platform === undefined || one.platform === platform || one.platform.startsWith(`${platform}/`));
  if (fit.length === 0) throw new ArchiveError(`${path} has no image for ${platform}: it has ${listed(named)}`);
  // `linux/arm` is an image of its own beside `linux/arm/v7`.
  const exact = fit.filter((one) => one.platform === platform);
  const left = exact.length > 0 ? exact : fit;
  if (left.length > 1) throw new ArchiveError(`${path} has ${left.length} images, and one has to be named: ${listed(left)}`);
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

function listed(candidates: readonly Candidate[]): string {
  const shown = candidates.slice(0, 20).map(({ names, id, platform }) => `${names.length > 0 ? names.join(', ') : id.slice(0, 19)} (${platform})`);
  return shown.join('; ') + (candidates.length > 20 ? `; and ${candidates.length - 20} more` : '');
}
