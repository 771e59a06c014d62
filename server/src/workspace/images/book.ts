/**
 * The images of the local engine, as far as somebody has asked for them: answered at once with what is known, and told when there is
 * more. The engine says itself when its images change; nothing is asked again until then.
 */
import type { BaseImage } from '../../core/build/model';
import type { Image } from '../../core/image/model';
import type { Engine, Environment } from './engine';

export interface ImageBook {
  /** By reference; undefined: not known, or not there. Asks for what nobody has asked for. */
  readonly image: (reference: string) => Image | undefined;
  /** Of those that are known, as facts: the same object as long as there are no more. Asks for the others. */
  readonly bases: (references: readonly string[]) => void;
  readonly known: () => Readonly<Record<string, BaseImage>>;
  /** A base that a registry has: a fact as long as the engine has none of that name. */
  readonly learn: (reference: string, image: Image) => void;
  /** Those alone. */
  readonly learned: () => Readonly<Record<string, BaseImage>>;
  /** The one that is listened to. Rejects with what a user can read. */
  readonly engine: () => Promise<Engine>;
  readonly settled: () => Promise<void>;
  readonly close: () => void;
}

export interface BookListener {
  readonly changed: () => void;
  /** The engine's images are others now. */
  readonly forgot?: () => void;
  /** Said once. */
  readonly report: (message: string) => void;
}

/** After an engine did not answer, in milliseconds. */
const pause = 30_000;

/** `find` may throw. */
export function openImageBook(environment: Environment, listener: BookListener): ImageBook {
  /** Null: there is none. */
  let images = new Map<string, Image | null>();
  let learned: Readonly<Record<string, BaseImage>> = {};
  /** With those of the engine over them. */
  let facts = learned;
  const asking = new Map<string, Promise<void>>();
  let engine: Engine | undefined;
  let following: (() => void) | undefined;
  let quietUntil = 0;
  let isClosed = false;
  return {
    image: (reference) => {
      ask(reference);
      return images.get(reference) ?? undefined;
    },
    bases: (references) => references.forEach(ask),
    known: () => facts,
    learn: (reference, image) => {
      learned = { ...learned, [reference]: baseFacts(image) };
      facts = { ...facts, ...(images.get(reference) ? {} : { [reference]: learned[reference] }) };
      listener.changed();
    },
    learned: () => learned,
    engine: found,
    settled: async () => {
      while (asking.size > 0) await Promise.all(asking.values());
    },
    close: () => {
      isClosed = true;
      following?.();
    },
  };

  function ask(reference: string): void {
    if (isClosed || images.has(reference) || asking.has(reference) || reference === '' || Date.now() < quietUntil) return;
    asking.set(reference, find(reference).finally(() => asking.delete(reference)));
  }

  async function find(reference: string): Promise<void> {
    try {
      const image = await (await found()).image(reference);
      images.set(reference, image ?? null);
      if (!image) return;
      facts = { ...facts, [reference]: baseFacts(image) };
      listener.changed();
    } catch (error) {
      quietUntil = Date.now() + pause;
      engine = undefined;
      listener.report(error instanceof Error ? error.message : String(error));
    }
  }

  async function found(): Promise<Engine> {
    // Nothing of it is loaded before somebody asks.
    const { findEngine } = await import('./engine');
    engine ??= findEngine(environment);
    following ??= engine.follow(forget, ended);
    return engine;
  }

  /** Some image has come, gone or got another name. */
  function forget(): void {
    listener.forgot?.();
    if (images.size === 0) return;
    images = new Map();
    facts = learned;
    // Nobody wants to know what is a fact already.
    Object.keys(learned).forEach(ask);
    listener.changed();
  }

  function ended(): void {
    following = undefined;
    engine = undefined;
    forget();
  }
}

/** What a Dockerfile is built on. Without an identity: which of two images is the newer one is not what the cache is asked about. */
function baseFacts({ platform, config, hidesTriggers, rows, diffIds }: Image): BaseImage {
  return {
    os: platform.split('/')[0], config, ...(hidesTriggers && { hidesTriggers }), layers: diffIds.length,
    history: rows.map(({ createdBy, emptyLayer, size }) => ({ createdBy, emptyLayer: emptyLayer ?? (size ?? 0) === 0, ...(size !== undefined && { size }) })),
  };
}
