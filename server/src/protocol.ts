/** What client and server say to each other beyond the Language Server Protocol. */
import type { Range } from 'vscode-languageserver';

/** Stages and lines of a document: for the marks in the editor and the status bar. Answers `LayersAnswer | null`. */
export const layersRequest = 'strata/layers';

export interface LayersParams {
  readonly textDocument: { readonly uri: string };
}

export interface LayersAnswer {
  /** Of the document that this says it of. */
  readonly version: number;
  readonly stages: readonly StageMark[];
  readonly lines: readonly LineMark[];
}

export interface StageMark {
  /** As the file names it, or what it is built from. */
  readonly name: string;
  readonly range: Range;
  /** It is the one that is built. */
  readonly target: boolean;
  readonly reachable: boolean;
  /** Layers and rows without one that this file's instructions write for an image of the stage. */
  readonly layers: number;
  readonly metadata: number;
  /** What lies below, in words: `python:3.8-alpine`, `scratch`. */
  readonly base: string;
  /** How many layers lie below; null where nobody knows. */
  readonly baseLayers: number | null;
}

export interface LineMark {
  /** All lines of the instruction. */
  readonly range: Range;
  readonly kind: 'layer' | 'metadata' | 'none';
  /** Index in `stages`. */
  readonly stage: number;
  readonly layer: number | null;
}

/** The layer table as text. Answers `string | null`. */
export const tableRequest = 'strata/table';

export interface TableParams {
  readonly textDocument: { readonly uri: string };
  /** Index of the stage; the target where left out. */
  readonly stage?: number;
}

/** From the server: settings have changed, what was answered before may be out of date. */
export const changedNotification = 'strata/changed';
