/** An image by what a user writes: a reference, which an engine is asked for. */
import type { Image } from '../../core/image/model';
import { Refusal } from '../arguments';
import { EngineError, findEngine, type Environment } from './engine';

/** Throws Refusal. */
export async function imageNamed(reference: string, environment: Environment): Promise<Image> {
  try {
    const engine = findEngine(environment);
    const image = await engine.image(reference);
    if (!image) throw new Refusal(`${reference}: the engine at ${engine.name} has no such image`);
    return image;
  } catch (error) {
    if (error instanceof EngineError) throw new Refusal(error.message);
    throw error;
  }
}
