/** What a Bake or Compose file has to say for other builds: changes in, the file's new text out. */
import { isBakeFile } from './bake-builds';
import { readBakeFile } from './bake-file';
import { definitionsIn, type Found } from './builds';
import { isComposeFile } from './compose';
import type { BuildDefinition } from './definition';
import { bakeFolder, newBake, wireBake } from './wire-bake';
import { wireCompose } from './wire-compose';
import { newCompose } from './wire-compose-service';
import { differenceOf, lostBeside } from './wire-proof';
import { readYaml } from './yaml';
import { say, type Said } from '../../core/say';

/** A change of what a definition file says. Paths are relative to the workspace root, `.` is the root itself. */
export type Wiring =
  /** A target or service is added that makes an image for others, and that nobody starts or pushes. */
  | { readonly kind: 'add'; readonly build: AddedBuild }
  /** A build gets a named context that another build of the same file makes: Bake `target:`, Compose `service:`. */
  | { readonly kind: 'context'; readonly build: string; readonly name: string; readonly of: string }
  /** A build is made from another Dockerfile, or another target of it; its context stays. */
  | { readonly kind: 'dockerfile'; readonly build: string; readonly dockerfile: string; readonly target: string | undefined }
  /** The named context goes. */
  | { readonly kind: 'drop-context'; readonly build: string; readonly name: string }
  /** The build goes; refused where anything else in the file names it. */
  | { readonly kind: 'remove'; readonly build: string };

export interface AddedBuild {
  readonly name: string;
  readonly context: string;
  readonly dockerfile: string;
  readonly target?: string;
  readonly args: Readonly<Record<string, string>>;
  readonly platforms: readonly string[];
  /** Named contexts of other kinds than `build`, as the definitions that it is made for have them. */
  readonly contexts: BuildDefinition['contexts'];
  /** A Bake file that is made anew builds it by default. */
  readonly isDefault?: boolean;
}

/** `text` undefined: there is no such file yet. The reason of a refusal is one sentence that names what is in the way. */
export type Wired = { readonly text: string } | { readonly refused: Said };

/**
 * The result is proved: read again, every build of it is what it was, but for what the changes say. `exists`: whether the workspace
 * has a file; it decides from where the paths of a Bake file lead.
 */
export function wired(file: string, text: string | undefined, changes: readonly Wiring[], exists?: (path: string) => boolean): Wired {
  if (!isBakeFile(file) && !isComposeFile(file)) return { refused: say('{0} is no Bake file and no Compose file.', file) };
  const there = (path: string): boolean | undefined => changes.some((change) => 'build' in change && dockerfileOf(change) === path) || exists?.(path);
  const before = text === undefined ? nothingFound : found(file, text, there);
  const syntax = text === undefined ? undefined : brokenAt(file, text);
  if (syntax !== undefined) return { refused: say('{0} cannot be read: {1}', file, syntax) };
  const absent = changes.find((change) => change.kind === 'context' && !before.definitions.some(({ name }) => name === change.of) && !changes.some((other) => other.kind === 'add' && other.build.name === change.of));
  if (absent?.kind === 'context') return { refused: say('There is no build "{0}" in {1}.', absent.of, file) };
  const made = text === undefined ? madeAnew(file, changes, there) : edited(file, text, changes, there);
  if ('refused' in made) return made;
  const difference = differenceOf(file, before, found(file, made.text, there), changes) ?? (text === undefined ? undefined : lostBeside(file, text, made.text, changes));
  return difference === undefined ? made : { refused: difference };
}

const nothingFound: Pick<Found, 'definitions' | 'problems'> = { definitions: [], problems: [] };

function found(file: string, text: string, exists: (path: string) => boolean | undefined): Pick<Found, 'definitions' | 'problems'> {
  return definitionsIn(new Map([[file, text]]), undefined, exists);
}

const dockerfileOf = (change: Wiring): string | undefined => (change.kind === 'add' ? change.build.dockerfile : change.kind === 'dockerfile' ? change.dockerfile : undefined);

function brokenAt(file: string, text: string): Said | undefined {
  return (isBakeFile(file) ? readBakeFile(file, text) : readYaml(text)).problems[0]?.message;
}

/** One after the other, each in the text that the last one left. What is refused may go once another is made: a context that two builds share. */
function edited(file: string, text: string, changes: readonly Wiring[], exists: (path: string) => boolean | undefined): Wired {
  let now = text;
  let open = changes;
  const folder = isBakeFile(file) ? bakeFolder(file, text, found(file, text, exists).definitions) : undefined;
  while (open.length > 0) {
    const refused: { readonly change: Wiring; readonly why: Wired }[] = [];
    for (const change of open) {
      const made = folder === undefined ? wireCompose(file, now, change, found(file, now, exists).definitions) : wireBake(file, now, change, changes, folder);
      if ('refused' in made) refused.push({ change, why: made });
      else if (brokenAt(file, made.text) === undefined) now = made.text;
      else return { refused: say('{0} is written in a way that is not edited here.', file) };
    }
    if (refused.length === open.length) return refused[0].why;
    open = refused.map(({ change }) => change);
  }
  return { text: now };
}

function madeAnew(file: string, changes: readonly Wiring[], exists: (path: string) => boolean | undefined): Wired {
  const builds = changes.flatMap((change) => (change.kind === 'add' ? [change.build] : []));
  if (builds.length === 0) return { refused: say('There is no {0}.', file) };
  const twice = builds.find(({ name }, i) => builds.findIndex((other) => other.name === name) < i);
  if (twice) return { refused: say('"{0}" would be in {1} twice.', twice.name, file) };
  const made = isBakeFile(file) ? newBake(file, builds) : newCompose(file, builds);
  return 'refused' in made ? made : edited(file, made.text, changes.filter(({ kind }) => kind !== 'add'), exists);
}
