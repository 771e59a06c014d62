/** The values of families: what stages of several Dockerfiles share, and what an extraction makes of it. Plain and read-only. */
import type { Said } from '../say';
import type { Span } from '../text';

/** A Dockerfile as the families see it: its stages in normalised steps. Small, and all of it a function of the text and its build. */
export interface Shape {
  readonly stages: readonly StageShape[];
}

export interface StageShape {
  readonly name: string | null;
  /** Line of FROM, from 1. */
  readonly line: number;
  /** The base image's reference after expansion, with `--platform` where it is given; null where it is not known, scratch or a stage. */
  readonly base: string | null;
  readonly steps: readonly StepShape[];
}

export interface StepShape {
  /** Equal where BuildKit runs the same: keyword, arguments after expansion as far as known, mounts and the like. */
  readonly key: string;
  /** The key without its versions: equal for steps that differ in a version or digest only. */
  readonly near: string;
  /** It says nothing that everybody does not say. */
  readonly habit: boolean;
  /** `state`: what later steps run in (ENV, ARG, WORKDIR, USER, SHELL). `metadata`: the rest of the config. `other`: half written. */
  readonly kind: 'run' | 'copy' | 'state' | 'metadata' | 'other';
  /** What it reads beside the step before it; `unknown`: a value that is given at a build and not known. */
  readonly reads: 'nothing' | 'context' | 'stage' | 'unknown';
  readonly firstLine: number;
  readonly lastLine: number;
}

/** A stage of a file, the file by its path from the root with slashes. */
export interface Member {
  readonly file: string;
  readonly stage: number;
}

export interface Family {
  /** A digest of the members' paths and of the shared steps. */
  readonly id: string;
  readonly members: readonly Member[];
  /** The base image that all members begin with; null where they differ. */
  readonly base: string | null;
  readonly sharedSteps: readonly SharedStep[];
  readonly drift: readonly Drift[];
  /** Groups of members that could stand on one base each, the one that saves most first; groups do not overlap. */
  readonly candidates: readonly Candidate[];
  readonly saves: Savings;
}

export interface SharedStep {
  readonly text: string;
  /** One and the same layer already; could be the same; differs in a version or a package. */
  readonly kind: 'same-layer' | 'same-step' | 'near';
  readonly members: readonly { readonly file: string; readonly line: number }[];
}

export interface Drift {
  readonly file: string;
  readonly stage: number;
  readonly line: number;
  readonly text: string;
  /** What most of the others have there, how many of how many, and where one of them stands. */
  readonly majority: string;
  readonly have: number;
  readonly of: number;
  readonly at: { readonly file: string; readonly line: number };
}

/** Members with an equal base image whose first steps are equal, or can be brought to the front. */
export interface Candidate {
  readonly members: readonly Member[];
  readonly base: string;
  /** How many steps, metadata left aside, all of them begin with. */
  readonly steps: number;
  readonly saves: Savings;
}

export interface Savings {
  readonly lines: number;
  readonly instructions: number;
  readonly layers: number;
}

/** One multi-stage Dockerfile; a stage within one file; Bake; Compose; a tagged image. */
export type Way = 'file' | 'stage' | 'bake' | 'compose' | 'tag';

/** A file before and after: undefined where there is none. */
export interface Change {
  readonly path: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
  /** One sentence: what is done here, and what is not, and why. */
  readonly why: Said;
}

export interface Extraction {
  readonly way: Way;
  readonly members: readonly Member[];
  readonly changes: readonly Change[];
  /** From which file, and target of it, each member's stage is made afterwards. */
  readonly builds: readonly { readonly member: Member; readonly file: string; readonly target: string | undefined }[];
  /** What it buys and what it does not, what stays and why: one sentence each. */
  readonly notes: readonly Said[];
  /** Of these: what stays, and why; and what comes next, for a user to do. */
  readonly stays: readonly Said[];
  readonly next: readonly Said[];
  /** Duplicated instructions that are gone. */
  readonly saves: Savings;
  /** How the base is built, where something beside the project's own builds has to. */
  readonly command?: string;
}

/** The reason is one sentence that names what is in the way; `rule` is short, for counting. */
export interface NoExtraction {
  readonly refused: Said;
  readonly rule: string;
  readonly at?: { readonly file: string; readonly span: Span };
}

/** What other Dockerfiles have in common with this one. Lines are from 1. */
export interface SiblingFacts {
  /** Stages that begin as others do, where these could stand on one base. */
  readonly beginnings: readonly { readonly stage: number; readonly lines: readonly number[]; readonly others: readonly Elsewhere[] }[];
  /** Steps, and FROMs, that differ from what most siblings have. */
  readonly drift: readonly { readonly stage: number; readonly line: number; readonly majority: string; readonly have: number; readonly of: number; readonly at: Elsewhere }[];
}

export interface Elsewhere {
  /** As whoever made the fact calls it. */
  readonly file: string;
  /** For people. */
  readonly name: string;
  readonly line: number;
}
