/** What a rule finds, and how it can be mended. */
import type { Said } from '../say';
import type { Span } from '../text';

export interface Finding {
  /** The rule's name, as in docs and suppressions. */
  readonly rule: string;
  /** In the Dockerfile, on one line. */
  readonly span: Span;
  /** From 1. */
  readonly line: number;
  readonly message: Said;
  readonly severity: Severity;
  /** Other places that it is about: of the Dockerfile, or lines of other files, from 1. */
  readonly related: readonly ({ readonly message: Said } & ({ readonly span: Span } | { readonly file: string; readonly line: number }))[];
  readonly fixes: readonly Fix[];
}

export type Severity = 'hint' | 'information' | 'warning' | 'error';

export interface Fix {
  readonly title: Said;
  /** The image stays the same, under conditions that were all checked on the project's files. */
  readonly safe: boolean;
  /** Bytes that an image takes less, as far as its layers say so. */
  readonly saves?: number;
  readonly edits: readonly FileEdit[];
}

export interface FileEdit {
  /** Null: the Dockerfile. Else the path of an ignore file as the facts have it; it is made where there is none. */
  readonly file: string | null;
  /** Replaced by `text`; offsets of the old text. */
  readonly span: Span;
  readonly text: string;
}
