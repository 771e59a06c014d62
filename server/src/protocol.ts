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
  /** What the project calls the file's builds, the one in use first; empty where it says nothing of one. */
  readonly builds: readonly string[];
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

/** From the client: the user trusts the workspace now. Before, nothing of it is run; `initializationOptions.trusted` says how it begins. */
export const trustNotification = 'strata/trust';

/** What is written now, with the files of now, is what is compared with from here on. Answers `true | null`. */
export const takeAsBuiltRequest = 'strata/takeAsBuilt';

/** Which steps would run again after a change, in every build that it reaches. Answers `WhatIfAnswer | null`. */
export const whatIfRequest = 'strata/whatIf';

export interface WhatIfParams {
  /** Of this document only; left out: of all Dockerfiles of the workspace. */
  readonly textDocument?: { readonly uri: string };
  readonly change: WhatIfChange;
}

export type WhatIfChange =
  /** What the instruction of a line takes: a file of the context, or the base of FROM. Lines from 1. */
  | { readonly kind: 'line'; readonly line: number }
  | { readonly kind: 'file'; readonly uri: string }
  | { readonly kind: 'arg'; readonly name: string }
  | { readonly kind: 'base'; readonly reference: string };

export interface WhatIfAnswer {
  /** What changes, in words. */
  readonly change: string;
  readonly builds: readonly WhatIfBuild[];
}

export interface WhatIfBuild {
  /** Of the Dockerfile. */
  readonly uri: string;
  /** What the project calls the build; empty where it says nothing of one. */
  readonly title: string;
  readonly again: number;
  /** More of them, if files differ that only a build can make. */
  readonly open: number;
  readonly total: number;
  /** Those that run again, or may. */
  readonly steps: readonly WhatIfStep[];
}

export interface WhatIfStep {
  /** From 1. */
  readonly line: number;
  readonly instruction: string;
  /** `[build 4/7]` */
  readonly step: string | null;
  readonly sure: boolean;
  readonly reason: string;
}

/** What a change can be of, for a user to choose. Answers `ChangesAnswer | null`. */
export const changesRequest = 'strata/changes';

export interface ChangesParams {
  readonly textDocument: { readonly uri: string };
}

export interface ChangesAnswer {
  readonly args: readonly string[];
  readonly bases: readonly string[];
}
