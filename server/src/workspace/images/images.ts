/** Images, for a session in an editor: what is known of them, and what is found out because a user has asked. Nothing of a workspace that is not trusted. */
import type { BaseImage } from '../../core/build/model';
import type { ContainerChange } from '../../core/image/changes';
import type { ImageContents } from '../../core/image/losses';
import type { Image } from '../../core/image/model';
import type { Settings } from '../../settings';
import { openImageBook, type BookListener } from './book';
import { buildImage, type BuildOrder, type BuildProgress, type Measured } from './build';
import { openContents, type Contents } from './contents';
import type { Environment, ListedContainer } from './engine';
import { openNeighbours, type Sharers } from './neighbours';
import type { RegistryImage } from './registry';
import { say, type Said } from '../../core/say';

export interface Images {
  /** Of the local engine, as far as it is known by now; undefined where nobody may ask. */
  readonly image: (reference: string, settings: Settings) => Image | undefined;
  /** Base images that somebody would like to know: told when they are. */
  readonly want: (references: readonly string[], settings: Settings) => void;
  /** Those that are known, as facts: the same object as long as there are no more. */
  readonly bases: (settings: Settings) => Readonly<Record<string, BaseImage>>;
  /** What its layers hold, where somebody has looked into it. */
  readonly contents: (image: Image) => ImageContents | undefined;
  /** By ID: of one that was looked into a short while ago. */
  readonly seen: (id: string) => ImageContents | undefined;
  /** Which other images of the engine have its layers, by layer from 0; undefined: not known, or not yet. */
  readonly sharers: (image: Image) => readonly Sharers[] | undefined;
  /** Why no image can be looked into; undefined: it may be. */
  readonly refusal: () => Said | undefined;
  /** Another number when something has been looked into. */
  readonly looked: () => number;
  /** Looks into an image of the local engine: because a user has asked. Throws what a user can read. */
  readonly look: Contents['look'];
  /** What files have in them of an image that was looked into: because a user has asked. Throws what a user can read. */
  readonly files: Contents['files'];
  /** Names of all images of the engine: because a user has asked. Throws what a user can read. */
  readonly names: () => Promise<readonly string[]>;
  /** Of an image, by its ID: because a user has asked. Throws what a user can read. */
  readonly containers: (id: string) => Promise<readonly ListedContainer[]>;
  /** What a container has changed of its image; undefined: it is gone. Because a user has asked. Throws what a user can read. */
  readonly containerChanges: (container: string) => Promise<readonly ContainerChange[] | undefined>;
  /** Builds one: because a user has asked. Throws what a user can read. */
  readonly build: (order: BuildOrder, progress: (now: BuildProgress) => void, stop: AbortSignal) => Promise<Measured>;
  /** An image as its registry has it, for the `usual` platform where there are several: because a user has asked. Throws what a user can read. */
  readonly registry: (reference: string, usual: string | undefined, stop: AbortSignal) => Promise<RegistryImage>;
  /** What a registry has of a base is a fact from now on, where no engine has it. */
  readonly learn: (reference: string, image: Image) => void;
  readonly settled: () => Promise<void>;
  /** No engine is listened to any more. */
  readonly close: () => void;
}

const none: Readonly<Record<string, BaseImage>> = {};

export interface ImagesPlace {
  readonly trusted: () => boolean;
  /** A folder of the extension's own, where there is one. */
  readonly storage: () => string | undefined;
}

/** `environment`: says where the engine is; undefined: none is asked. */
export function openImages(environment: Environment | undefined, { trusted, storage }: ImagesPlace, listener: BookListener): Images {
  const book = environment && openImageBook(environment, { ...listener, forgot: () => neighbours?.forget() });
  const neighbours = book && openNeighbours(book.engine);
  const contents = environment && openContents(environment, storage, listener.changed);
  const asks = ({ engine }: Settings): boolean => trusted() && engine === 'auto';
  return {
    image: (reference, settings) => {
      const found = asks(settings) ? book?.image(reference) : undefined;
      // Where there is one of this file, its neighbours will be asked for.
      if (found) neighbours?.list();
      return found;
    },
    sharers: (image) => neighbours?.of(image),
    seen: (id) => contents?.seen(id),
    want: (references, settings) => {
      if (asks(settings)) book?.bases(references);
    },
    bases: ({ engine }) => (engine === 'auto' ? book?.known() : book?.learned()) ?? none,
    contents: (image) => contents?.of(image),
    refusal,
    looked: () => contents?.version() ?? 0,
    look: async (...asked) => opened(contents).look(...asked),
    files: async (...asked) => opened(contents).files(...asked),
    names: async () => (await (await opened(book).engine()).images()).flatMap(({ names }) => names).toSorted(),
    containers: async (id) => (await opened(book).engine()).containers(id),
    containerChanges: async (container) => (await opened(book).engine()).changes(container),
    build: async (order, progress, stop) => {
      if (!environment || !trusted()) throw new Error(say('Nothing is built in a workspace that is not trusted.'));
      return buildImage(order, environment, progress, stop);
    },
    registry: async (reference, usual, stop) => {
      if (!environment || !trusted()) throw new Error(say('No registry is asked for a workspace that is not trusted.'));
      const { registryImage } = await import('./registry');
      return registryImage(reference, { environment, usual, stop });
    },
    learn: (reference, image) => book?.learn(reference, image),
    settled: async () => {
      await book?.settled();
      await contents?.settled();
      await neighbours?.settled();
    },
    close: () => book?.close(),
  };

  function refusal(): Said | undefined {
    return environment && trusted() ? undefined : say('No image is looked into in a workspace that is not trusted.');
  }

  function opened<Part>(part: Part | undefined): Part {
    const refused = refusal();
    if (!part || refused) throw new Error(refused);
    return part;
  }
}
