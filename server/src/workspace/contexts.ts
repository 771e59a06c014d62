/**
 * The build contexts of a workspace on disk: each read once, in slices, and then followed by what the editor says has
 * changed, so that only that is read again. What is below a `.git` counts as unchanged: it never is the same twice.
 */
import { basename, join, sep } from 'node:path';
import { withEntry, type Context } from '../core/build/context';
import type { IgnoreFile } from '../core/build/project';
import { say } from '../core/say';
import type { TellProgress } from '../progress';
import { ignoreOf, ignorePathsOf, readerOf, readingContext, readingNode, TooLarge, type Contents } from './context-files';
import { isThere, reasonOf, type Disk, type Status } from './disk';
import { inSlices, type Work } from './slices';

export interface FollowedContext {
  readonly context: Context;
  readonly ignoreFile: IgnoreFile;
}

export interface Contexts {
  /** As it is now, the same object as long as nothing changes; undefined while it is read first, and where it cannot be read. */
  readonly at: (folder: string, dockerfile: string) => FollowedContext | undefined;
  /** These paths, absolute, may have changed. */
  readonly changed: (paths: readonly string[]) => void;
  /** Until nothing is left to be read. */
  readonly settled: () => Promise<void>;
}

export interface Listener {
  /** There is another context for one of those that were asked for. */
  readonly changed: () => void;
  readonly report: (message: string) => void;
  /** Told as often as there is something to tell. */
  readonly working?: TellProgress;
}

interface Followed {
  readonly folder: string;
  readonly dockerfile: string;
  now: FollowedContext | undefined;
  /** Changed since they were read; by path in the context. */
  readonly pending: Set<string>;
  readAgain: boolean;
  /** It could not be read: another file in it may mean that it can be. */
  gone: boolean;
  busy: Promise<void> | undefined;
}

interface Digest {
  readonly size: number;
  readonly time: number;
  readonly file: number;
  readonly content: string;
}

/** A home directory is no build context: more is not read. */
const largest = 300_000;

export function openContexts(disk: Disk, { changed: tell, report, working }: Listener, room = largest): Contexts {
  const followed = new Map<string, Followed>();
  /** By absolute path: contexts that overlap, and another ignore file, read no file twice. */
  const contents = new Map<string, Digest>();
  const reader = { opaqueGit: true, contents: { known, learn } satisfies Contents };

  return {
    at: (folder, dockerfile) => {
      const key = `${folder}\0${dockerfile}`;
      let one = followed.get(key);
      if (!one) {
        one = { folder, dockerfile, now: undefined, pending: new Set(), readAgain: true, gone: false, busy: undefined };
        followed.set(key, one);
        settle(one);
      }
      return one.now;
    },
    changed,
    settled: async () => {
      for (const one of followed.values()) while (one.busy) await one.busy;
    },
  };

  function changed(paths: readonly string[]): void {
    for (const path of paths) {
      contents.delete(slashed(path));
      for (const one of followed.values()) {
        if (ignorePathsOf(one.folder, one.dockerfile).includes(path)) one.readAgain = true;
        if (!path.startsWith(one.folder.endsWith(sep) ? one.folder : one.folder + sep)) continue;
        const inside = path.slice(one.folder.length).split(sep).filter((part) => part !== '');
        const git = inside.indexOf('.git');
        if (one.gone) one.readAgain = true;
        else if (git === -1 || git === inside.length - 1) one.pending.add(inside.join('/'));
      }
    }
    for (const one of followed.values()) if (one.readAgain || one.pending.size > 0) settle(one);
  }

  function settle(one: Followed): void {
    one.busy ??= follow(one).catch((error) => report(`${one.folder}: ${reasonOf(error)}`)).then(() => {
      one.busy = undefined;
      if (one.readAgain || one.pending.size > 0) settle(one);
    });
  }

  async function follow(one: Followed): Promise<void> {
    // Not in the request that asks for it.
    await Promise.resolve();
    const before = one.now;
    const complaints: string[] = [];
    const work = `context ${one.folder} ${one.dockerfile}`;
    try {
      if (one.readAgain) {
        one.readAgain = false;
        one.gone = false;
        one.pending.clear();
        const ignore = await inSlices(ignoreOf(disk, one.folder, one.dockerfile, complaints));
        const inner = readerOf(disk, one.folder, ignore.patterns, complaints, { ...reader, room });
        const context = await inSlices(readingContext(inner), () => working?.(work, say('reading the build context {0}: {1} files and folders', basename(one.folder), room - inner.room)));
        one.now = { context, ignoreFile: ignore.file };
      } else if (before) {
        const context = await inSlices(applied(one, before.context, complaints));
        if (context !== before.context) one.now = { ...before, context };
      } else one.pending.clear();
    } catch (error) {
      one.now = undefined;
      one.gone = !(error instanceof TooLarge);
      one.pending.clear();
      complaints.push(error instanceof TooLarge ? `more than ${room} files and folders, not looked at` : reasonOf(error));
    }
    working?.(work, undefined);
    for (const complaint of complaints) report(`${one.folder}: ${complaint}`);
    if (one.now !== before) tell();
  }

  function* applied(one: Followed, before: Context, complaints: string[]): Work<Context> {
    let context = before;
    const inner = readerOf(disk, one.folder, before.ignored, complaints, { ...reader, room });
    for (const path of one.pending) {
      one.pending.delete(path);
      if (path === '') continue;
      const node = isThere(disk, join(one.folder, path)) ? yield* readingNode(inner, path) : undefined;
      // A folder that is left out, with something in it that is not.
      if (node?.type === 'folder' && before.ignored?.matches(path)) {
        one.readAgain = true;
        continue;
      }
      const was = context.entries.get(path);
      if (node?.type === 'file' && was?.type === 'file' && node.mode === was.mode && node.content === was.content) continue;
      context = withEntry(context, path, node);
      yield;
    }
    return context;
  }

  function known(place: string, { size, mtimeMs, ino }: Status): string | undefined {
    const found = contents.get(slashed(place));
    return found?.size === size && found.time === mtimeMs && found.file === ino ? found.content : undefined;
  }

  function learn(place: string, { size, mtimeMs, ino }: Status, content: string): void {
    const found = contents.get(slashed(place));
    if (found?.content !== content || found.time !== mtimeMs || found.file !== ino) contents.set(slashed(place), { size, time: mtimeMs, file: ino, content });
  }
}

/** With the slashes of a context's paths. */
export function slashed(path: string): string {
  return sep === '/' ? path : path.replaceAll(sep, '/');
}
