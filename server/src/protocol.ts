/** What client and server say to each other beyond the Language Server Protocol. */
import type { Position, Range, WorkspaceEdit } from 'vscode-languageserver';
import type { LayerMap } from './core/map/model';

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
  /** A build would run some of its steps again, compared with the baseline. */
  readonly rebuilds: boolean;
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

/** The families of the workspace, for the view; `familiesChangedNotification` says that there is another answer. Answers `FamiliesAnswer | null`. */
export const familiesRequest = 'strata/families';

export interface FamiliesParams {
  /** Once all Dockerfiles have been read, and not before. */
  readonly whole?: true;
}

/** From the server. */
export const familiesChangedNotification = 'strata/familiesChanged';

export interface FamiliesAnswer {
  /** False: files are still read, there may be more. */
  readonly complete: boolean;
  /** How many Dockerfiles have been looked at. */
  readonly files: number;
  /** The one that a base saves most in first. */
  readonly families: readonly FamilyItem[];
}

export interface FamilyItem {
  readonly id: string;
  /** What it is called in a list: the folder that its files have in common, or the base image. */
  readonly name: string;
  /** As FROM names it; null where the members stand on several. */
  readonly base: string | null;
  readonly members: readonly FamilyMember[];
  /** Steps that members share, those of most members first. */
  readonly shared: readonly { readonly text: string; readonly kind: 'same-layer' | 'same-step' | 'near'; readonly count: number; readonly places: readonly { readonly uri: string; readonly line: number }[] }[];
  readonly candidates: readonly FamilyCandidate[];
}

export interface FamilyMember {
  readonly uri: string;
  /** Of the file from the workspace folder, with slashes. */
  readonly path: string;
  /** As the file names it; null where it has no name. */
  readonly stage: string | null;
  /** Of its FROM, from 1. */
  readonly line: number;
  /** Where it differs from what most others have. */
  readonly drift: readonly { readonly line: number; readonly text: string; readonly majority: string }[];
}

/** Members that could stand on one base. */
export interface FamilyCandidate {
  /** As FROM names it. */
  readonly base: string;
  /** Indexes of members. */
  readonly members: readonly number[];
  readonly steps: number;
  readonly saves: { readonly lines: number; readonly instructions: number; readonly layers: number };
}

/** The ways in which a base can be extracted, those that can be first, in the order of Docker's advice. Answers `WaysAnswer | null`. */
export const waysRequest = 'strata/ways';

export interface WaysParams {
  readonly family: string;
  /** Index in `candidates`. */
  readonly candidate: number;
}

export interface WaysAnswer {
  readonly ways: readonly {
    readonly way: 'file' | 'stage' | 'bake' | 'compose' | 'tag';
    /** `Extract base image by Bake: docker-bake.hcl`. */
    readonly title: string;
    /** What it buys and what it does not, what stays and why. */
    readonly notes: readonly string[];
  }[];
  /** Why the others cannot be. */
  readonly refused: readonly string[];
}

/** The edit, every file's part marked to be confirmed. Answers `ExtractAnswer | null`: null where there is no such family any more. */
export const extractRequest = 'strata/extract';

export interface ExtractParams extends WaysParams {
  readonly way: WaysAnswer['ways'][number]['way'];
}

/** `stays`: what does not move, and why; `next`: what is for a user to do. */
export type ExtractAnswer = { readonly edit: WorkspaceEdit; readonly stays: readonly string[]; readonly next: readonly string[] } | { readonly refused: string };

/** The base's steps back in the file, the build as it was. Answers `ExtractAnswer | null`. */
export const inlineRequest = 'strata/inline';

export interface InlineParams {
  readonly textDocument: { readonly uri: string };
}

/** The kinds of the code actions, under `refactor`. Each has a `data` of ExtractParams or InlineParams, and its edit by `codeAction/resolve`. */
export const extractKind = 'refactor.extract.base';
export const inlineKind = 'refactor.inline.base';

/** Builds the image of the build in use, and measures it: only because a user has asked. Answers `BuildAnswer | null`. */
export const buildRequest = 'strata/build';

/** From the server, while it builds: `BuildProgressParams`. */
export const buildProgressNotification = 'strata/buildProgress';

/** Reads what the layers of the image hold that was built of a document: only because a user has asked. Answers `LookAnswer | null`. */
export const lookRequest = 'strata/look';

export interface LookParams {
  readonly textDocument: { readonly uri: string };
}

export type LookAnswer =
  /** Sizes as people read them; how many of the findings that it makes can be fixed. */
  | { readonly image: string; readonly size: string; readonly wasted: string; readonly fixes: number }
  | { readonly failed: string };

export interface BuildParams {
  readonly textDocument: { readonly uri: string };
}

export type BuildAnswer =
  | { readonly image: string; readonly ran: number; readonly cached: number; readonly seconds: number }
  | { readonly failed: string };

export interface BuildProgressParams {
  readonly uri: string;
  readonly done: number;
  readonly total: number;
  readonly name: string;
}

/**
 * Asks the registries of the image that is built, and of bases that are not known: only because a user has asked. Answers
 * `AskRegistryAnswer | null`.
 */
export const askRegistryRequest = 'strata/askRegistry';

export interface AskRegistryParams {
  readonly textDocument: { readonly uri: string };
}

export interface AskRegistryAnswer {
  /** References that are known now. */
  readonly found: readonly string[];
  /** A sentence for each that is not. */
  readonly failed: readonly string[];
}

/**
 * What a line added to the image that was built of its document: only because a user has asked. The image is looked into for it.
 * Answers `ShowLayerAnswer | null`.
 */
export const showLayerRequest = 'strata/showLayer';

export interface ShowLayerParams {
  readonly textDocument: { readonly uri: string };
  readonly position: Position;
}

/** What a view of files is about. */
export interface ShownFiles {
  readonly document: string;
  /** By name, as long as it has that ID. */
  readonly image: { readonly reference: string; readonly id: string };
  /** From the files after so many layers to those after so many; or what a container, by its ID, has changed. */
  readonly files: { readonly from: number; readonly to: number } | { readonly container: string };
  /** `layer 2 · COPY app /app` */
  readonly title: string;
}

export type ShowLayerAnswer = { readonly shown: ShownFiles } | { readonly failed: string };

/** All layers of that image, to choose two of them. Answers `ImageLayersAnswer | null`. */
export const imageLayersRequest = 'strata/imageLayers';

export interface DocumentParams {
  readonly textDocument: { readonly uri: string };
}

/** Oldest first. */
export type ImageLayersAnswer =
  | { readonly image: ShownFiles['image']; readonly layers: readonly { readonly name: string; readonly title: string; readonly size: string }[] }
  | { readonly failed: string };

/** The names of all images here, to choose the one of a file. Answers `ImageNamesAnswer | null`. */
export const imageNamesRequest = 'strata/imageNames';

export type ImageNamesAnswer = { readonly names: readonly string[] } | { readonly failed: string };

/** The containers of that image. Answers `ContainersAnswer | null`. */
export const containersRequest = 'strata/containers';

export type ContainersAnswer =
  | { readonly image: ShownFiles['image']; readonly containers: readonly { readonly id: string; readonly name: string; readonly isRunning: boolean }[] }
  | { readonly failed: string };

/** What is in a folder of a view of files. Answers `LayerFilesAnswer`. */
export const layerFilesRequest = 'strata/layerFiles';

export interface LayerFilesParams {
  readonly shown: ShownFiles;
  /** From the root, without slashes around; empty: of the root. */
  readonly path: string;
}

export type LayerFilesAnswer = { readonly items: readonly LayerFile[] } | { readonly failed: string };

export interface LayerFile {
  readonly path: string;
  /** Of a folder that holds nothing but one other: both. */
  readonly label: string;
  readonly description: string;
  readonly tooltip: string;
  /** `folder`: only what is in it changes. */
  readonly kind: 'added' | 'changed' | 'copied' | 'removed' | 'folder';
  readonly isFolder: boolean;
  /** Files that can be opened. */
  readonly before?: FilePlace;
  readonly after?: FilePlace;
}

/** `layer`: from 0; `name`: as people count them, `layer 2`, `base layer 1`. */
export interface FilePlace {
  readonly layer: number;
  readonly name: string;
  readonly path: string;
}

/** The texts of files of layers. Answers `LayerTextsAnswer`. */
export const layerTextsRequest = 'strata/layerTexts';

export interface LayerTextsParams {
  readonly image: ShownFiles['image'];
  readonly places: readonly FilePlace[];
}

export type LayerTextsAnswer = { readonly texts: readonly string[] } | { readonly failed: string };

/** The layer map. Answers `MapAnswer | null`. */
export const mapRequest = 'strata/map';

export type MapParams =
  /** Its stages, the last build's image, and with `containers` asked anew who runs it. */
  | { readonly textDocument: { readonly uri: string }; readonly containers?: boolean }
  /** The images of several Dockerfiles. */
  | { readonly files: readonly string[] }
  /** The images of a family; `after`: as they would stand on the base of that candidate. */
  | { readonly family: string; readonly after?: number };

export interface MapAnswer {
  readonly map: LayerMap;
  /** Of the document that it is of. */
  readonly version?: number;
  /** What could be a base, in words, in the order of the candidates. */
  readonly candidates?: readonly string[];
}

/** From a server without a disk to its client. Answers one `FileAnswers[what] | null` for each address. */
export const filesRequest = 'strata/files';

export interface FilesParams {
  readonly what: keyof FileAnswers;
  readonly uris: readonly string[];
}

/** Of a link, wherever it leads, it is `link`. */
export type FileKind = 'file' | 'folder' | 'link';

export interface FileAnswers {
  readonly kind: FileKind;
  readonly list: readonly (readonly [name: string, kind: FileKind])[];
  /** UTF-8, of a file of no more than 4 MiB. */
  readonly text: string;
  /** Bytes, milliseconds since 1970, and the bytes' SHA-256 in hexadecimal; of a very large file only something that is another where those two are. */
  readonly digest: { readonly size: number; readonly time: number; readonly content: string };
}
