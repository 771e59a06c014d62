/** An image by what a user writes: the path of an archive, or a reference, which an engine is asked for. */
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withSizes } from '../../core/image/config';
import type { Image, LayerFiles } from '../../core/image/model';
import { Refusal } from '../arguments';
import { ArchiveError, openArchive } from './archive';
import { EngineError, findEngine, type Environment } from './engine';

/** An image with what its layers hold. */
export interface Content {
  readonly image: Image;
  /** Oldest first. Throws Refusal. */
  readonly layers: () => Promise<readonly LayerFiles[]>;
}

/** Throws Refusal. An archive does not say how large its layers are: they are read for it. */
export async function imageNamed(name: string, environment: Environment): Promise<Image> {
  return refusing(async () => {
    if (!isArchive(name)) return fromEngine(name, environment);
    const { image, layers } = await openArchive(name);
    return withSizes(image, await all(layers()));
  });
}

/** Throws Refusal. What an engine has is written to a folder for as long as `use` takes: its layers are read out of order. */
export async function withContent<Result>(name: string, environment: Environment, use: (content: Content) => Promise<Result>): Promise<Result> {
  if (isArchive(name)) {
    const { image, layers } = await refusing(() => openArchive(name));
    return use({ image, layers: () => refusing(() => all(layers())) });
  }
  const image = await refusing(() => fromEngine(name, environment));
  const folder = mkdtempSync(join(tmpdir(), 'strata-image-'));
  try {
    const file = join(folder, 'image.tar');
    const layers = (): Promise<readonly LayerFiles[]> => refusing(async () => {
      await findEngine(environment).save(name, file);
      return all((await openArchive(file)).layers());
    });
    return await use({ image, layers });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A file, or a folder that is an OCI layout: another folder of an image's name is none. */
function isArchive(name: string): boolean {
  return statSync(name, { throwIfNoEntry: false })?.isFile() === true || existsSync(join(name, 'oci-layout'));
}

async function fromEngine(reference: string, environment: Environment): Promise<Image> {
  const engine = findEngine(environment);
  const image = await engine.image(reference);
  if (!image) throw new Refusal(`${reference}: the engine at ${engine.name} has no such image`);
  return image;
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
