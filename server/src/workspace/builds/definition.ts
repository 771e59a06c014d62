/**
 * A build as a project writes it down: in a Compose or Bake file, a devcontainer, a workflow, a script, or nowhere (`folder`).
 * Paths are relative to the workspace root, cleaned, with slashes; `.` is the root itself.
 */
import type { Span } from '../../core/text';

export interface BuildDefinition {
  readonly source: 'compose' | 'bake' | 'devcontainer' | 'workflow' | 'script' | 'folder';
  /** The file that says so; the Dockerfile itself for `folder`. */
  readonly file: string;
  /** Service, target or step as that file names it. */
  readonly name: string;
  /** Where it stands in that file. */
  readonly span?: Span;
  readonly context: ContextSource;
  /**
   * Null: inline, in a remote context, or not known (`unknown` says why). A workflow whose context is the repository itself, as a
   * remote one, has a path here: the file of this name in the workspace is the one that is built, once it is pushed.
   */
  readonly dockerfile: string | null;
  readonly inlineDockerfile?: string;
  /** Undefined: the last stage. Null: not known. */
  readonly target?: string | null;
  /** Null: it is given, and its value is not known. */
  readonly args: Readonly<Record<string, string | null>>;
  /** Named contexts, names as written. */
  readonly contexts: Readonly<Record<string, ContextSource>>;
  /** Empty: those of the builder. */
  readonly platforms: readonly string[];
  readonly tags: readonly string[];
  /** What a Compose file calls the image where it does not name it; `folder`: of the project, which goes by its name where nothing else says one. */
  readonly usualImage?: { readonly project: string | undefined; readonly folder: string };
  readonly noCache: boolean;
  /** A Bake target that others inherit from and no group names: perhaps it is there for them alone. */
  readonly inherited?: true;
  /** One sentence each: what of it cannot be known without running something. */
  readonly unknown: readonly string[];
}

export type ContextSource =
  | { readonly kind: 'folder'; readonly path: string }
  /** A git repository or an address. */
  | { readonly kind: 'remote'; readonly url: string }
  /** `docker-image://` */
  | { readonly kind: 'image'; readonly reference: string }
  /** What another build of the same file makes: Bake `target:`, Compose `service:`. */
  | { readonly kind: 'build'; readonly name: string }
  | { readonly kind: 'unknown'; readonly reason: string };
