/** The values of the layer map: images as stacks of layers, in words that a reader sees, before anything has a place on a screen. */

export interface LayerMap {
  /** `stages`: those of one Dockerfile, side by side. `images`: several, what they share drawn once. `tree`: so many that they lie on their side. */
  readonly kind: 'stages' | 'images' | 'tree';
  readonly title: string;
  /** One sentence; empty where there is nothing to add. */
  readonly note: string;
  readonly columns: readonly Column[];
  /** From the bottom up: what a block stands on comes before it. */
  readonly blocks: readonly Block[];
  readonly arrows: readonly Arrow[];
}

/** A stage, or an image. */
export interface Column {
  /** Stays the same while its file is typed in. */
  readonly id: string;
  readonly name: string;
  /** A few words below it. */
  readonly detail: string;
  /** For who listens. */
  readonly label: string;
  /** `target`: the one that is built; `unused`: not built for it. */
  readonly use: 'target' | 'needed' | 'unused';
  readonly drifts?: true;
  readonly place?: Place;
}

export interface Place {
  readonly uri: string;
  /** Both from 0, both included. */
  readonly line: number;
  readonly lastLine: number;
}

export interface Block {
  /** Stays the same while its file is typed in. */
  readonly id: string;
  /** Index of the first and of the last column that it stands in. */
  readonly columns: readonly [number, number];
  /**
   * `layers`: several in one. `metadata`: a row without a layer. `below`: the layers of another stage, drawn there. `unknown`: layers that
   * nobody knows. `container`: what a container writes.
   */
  readonly kind: 'layer' | 'layers' | 'metadata' | 'below' | 'unknown' | 'container';
  readonly owner: 'ours' | 'base';
  /** An instruction, or a name. */
  readonly text: string;
  /** Everything that its looks say, in a few words. */
  readonly detail: string;
  /** For who listens: all of it. */
  readonly label: string;
  /** Bytes; left out where nobody knows. */
  readonly size?: number;
  /** Of the size. */
  readonly wasted?: number;
  /** It runs again after what has changed; `open`: if files differ that only a build can make. */
  readonly rebuilds?: 'sure' | 'open';
  /** With siblings, or between the images of the map. */
  readonly isShared?: true;
  /** It differs from what most siblings have. */
  readonly drifts?: true;
  /** Where it is written; of one that is shared, in the first column. */
  readonly place?: Place;
  /** Of one that is shared: where each of the others has it. */
  readonly others?: readonly Place[];
  /** Said of it where no line of a document has a hover of its own: Markdown. */
  readonly about?: string;
  /** A base image could end here: how a client asks for it. */
  readonly extracts?: { readonly family: string; readonly candidate: number };
}

export interface Arrow {
  /** Index of a column: all of its layers, or files of it. */
  readonly from: number;
  /** ID of a block. */
  readonly to: string;
  /** FROM continues a stage; COPY --from and mounts take files of it. */
  readonly kind: 'continues' | 'takes';
}
