/** What a project says of one Dockerfile's builds, as facts: which context, with which arguments and target. */
import type { Context } from './context';
import type { Facts } from './model';

export interface ProjectBuild {
  /** In words, `service web of compose.yaml`; empty where nothing in the project says so and the file's folder is assumed. */
  readonly title: string;
  /** With which it is analysed. */
  readonly facts: Facts;
  readonly context: BuildContext;
  /** The names of the image that it makes, where the project says so. */
  readonly tags?: readonly string[];
  /** What it is called otherwise, where it has been built. */
  readonly usualNames?: readonly string[];
}

export type BuildContext =
  | {
    readonly kind: 'folder';
    /** What is left after ignoring. */
    readonly files: Context;
    readonly ignoreFile: IgnoreFile;
    /** The Dockerfile's path in the context; undefined where it lies elsewhere. */
    readonly dockerfile?: string;
  }
  /** A git repository or an address: no untracked files, no `.git`. */
  | { readonly kind: 'remote' }
  | { readonly kind: 'unknown' };

export interface IgnoreFile {
  /** As whoever made the fact calls it: where an edit goes. The one that would be read if it were there, if it is not. */
  readonly path: string;
  /** Undefined: there is none. */
  readonly text?: string;
}
