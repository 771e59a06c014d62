/** An image by what a user writes: the path of an archive, or a reference, which an engine is asked for. */
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withSizes } from '../../core/image/config';
import { rememberWaste, wasteIn } from '../../core/image/losses';
import type { Image, LayerEntry, LayerFiles } from '../../core/image/model';
import { say } from '../../core/say';
import { Refusal } from '../arguments';
import { ArchiveError, isKnown, openArchive, type Archive } from './archive';
import { EngineError, findEngine, type Environment } from './engine';
import type { Kept, LayerStore } from './layer-store';
import type { RegistryImage } from './registry';

/** `layer`: from 0; `entry`: a file, as the layer was read. */
export interface FileOfLayer {
  readonly layer: number;
  readonly entry: LayerEntry;
}

/** An image with what its layers hold. */
export interface Content {
  readonly image: Image;
  /** Oldest first. Throws Refusal. */
  readonly layers: () => Promise<readonly LayerFiles[]>;
  /** What files of layers have in them. Throws Refusal. */
  readonly files: (files: readonly FileOfLayer[]) => Promise<readonly Buffer[]>;
}

/** Throws Refusal. An archive does not say how large its layers are: they are read for it, or are in the store. */
export async function imageNamed(name: string, environment: Environment, store?: LayerStore): Promise<Image> {
  const { image, layers } = await found(name, environment, store);
  return isArchive(name) ? withSizes(image, await layers()) : image;
}

/** Throws Refusal, and the reason of `stop`. What the store has of the layers is not read, or asked for, again. */
export async function withContent<Result>(name: string, environment: Environment, use: (content: Content) => Promise<Result>, store?: LayerStore, stop?: AbortSignal): Promise<Result> {
  const content = await found(name, environment, store, stop);
  return use({ ...content, layers: async () => withWaste(await content.layers(), store) });
}

/** Both at once. Throws Refusal. Without `ask` nothing of a layer is read or saved: undefined where the store has not all of them. */
export async function contentOf(name: string, environment: Environment, store: LayerStore, { ask }: { readonly ask: boolean }): Promise<{ readonly image: Image; readonly layers: readonly LayerFiles[] } | undefined> {
  if (!ask && isArchive(name) && !(await isKnown(name, store))) return undefined;
  const { image, layers } = await found(name, environment, store);
  const content = ask ? await layers() : await keptLayers(image, store);
  return content && { image: isArchive(name) ? withSizes(image, content) : image, layers: content };
}

/** What they waste is found out once, and kept with them. */
async function withWaste(layers: readonly LayerFiles[], store: LayerStore | undefined): Promise<readonly LayerFiles[]> {
  if (!store) return layers;
  const kept = await store.waste(layers);
  if (kept) rememberWaste(layers, kept);
  else await store.keepWaste(layers, wasteIn(layers));
  return layers;
}

async function found(name: string, environment: Environment, store: LayerStore | undefined, stop?: AbortSignal): Promise<Content> {
  return refusing(async () => {
    if (isArchive(name)) {
      const { image, layers, file } = await openArchive(name, { stop }, store);
      return { image, layers: () => refusing(() => all(layers())), files: (files) => refusing(() => each(files, file)) };
    }
    const image = await fromEngine(name, environment);
    // What is saved is met once: of an archive that is gone nothing is kept but its layers.
    const saved = <Result>(use: (archive: Archive) => Promise<Result>): Promise<Result> => withSaved(name, environment, store && { layer: store.layer, keep: store.keep }, use, stop);
    return {
      image,
      layers: () => refusing(async () => await keptLayers(image, store) ?? saved(({ layers }) => all(layers()))),
      files: (files) => refusing(() => saved(({ file }) => each(files, file))),
    };
  });
}

/** Of its registry, which only this asks: its client is loaded for it. Throws Refusal. */
export async function registryNamed(reference: string, environment: Environment, platform: string | undefined, usual: string | undefined): Promise<RegistryImage> {
  const { registryImage, RegistryError } = await import('./registry');
  try {
    return await registryImage(reference, { environment, platform, usual });
  } catch (error) {
    throw error instanceof RegistryError ? new Refusal(error.message) : error;
  }
}

/** Undefined where no engine answers, too. */
export async function localImage(reference: string, environment: Environment): Promise<Image | undefined> {
  try {
    return await findEngine(environment).image(reference);
  } catch (error) {
    if (error instanceof EngineError) return undefined;
    throw error;
  }
}

/** Undefined where one of them is missing. */
async function keptLayers({ diffIds }: Image, store: LayerStore | undefined): Promise<readonly LayerFiles[] | undefined> {
  if (!store) return undefined;
  const layers = await Promise.all(diffIds.map(store.layer));
  return layers.every((layer) => layer !== undefined) ? layers : undefined;
}

/** An engine writes the image to a file first: its layers are read out of order. Nothing is left of it, however this ends. */
async function withSaved<Result>(name: string, environment: Environment, store: Kept | undefined, use: (archive: Archive) => Promise<Result>, stop: AbortSignal | undefined): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'strata-image-'));
  const done = atEnd(() => rmSync(folder, { recursive: true, force: true }));
  try {
    const file = join(folder, 'image.tar');
    await findEngine(environment).save(name, file, stop);
    return await use(await openArchive(file, { stop }, store));
  } finally {
    done();
  }
}

/** `remove` is called by what is answered, or where the process ends before. */
function atEnd(remove: () => void): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const done = (): void => {
    process.off('exit', done);
    for (const signal of signals) process.off(signal, ended);
    remove();
  };
  const ended = (signal: NodeJS.Signals): void => {
    done();
    process.kill(process.pid, signal);
  };
  process.on('exit', done);
  for (const signal of signals) process.on(signal, ended);
  return done;
}

/** A file, or a folder that is an OCI layout: another folder of an image's name is none. */
function isArchive(name: string): boolean {
  return statSync(name, { throwIfNoEntry: false })?.isFile() === true || existsSync(join(name, 'oci-layout'));
}

async function fromEngine(reference: string, environment: Environment): Promise<Image> {
  const engine = findEngine(environment);
  const image = await engine.image(reference);
  if (!image) throw new Refusal(say('{0}: the engine at {1} has no such image', reference, engine.name));
  return image;
}

async function each(files: readonly FileOfLayer[], read: Archive['file']): Promise<Buffer[]> {
  const found: Buffer[] = [];
  for (const { layer, entry } of files) found.push(await read(layer, entry));
  return found;
}

async function all(layers: AsyncIterable<LayerFiles>): Promise<LayerFiles[]> {
  const found: LayerFiles[] = [];
  for await (const layer of layers) found.push(layer);
  return found;
}

async function refusing<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof EngineError || error instanceof ArchiveError) throw new Refusal(error.message);
    throw error;
  }
}
