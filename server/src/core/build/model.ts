/** The values of the layer model. All of them are plain and read-only; functions beside this file make them. */
import type { Builder } from '../builder';
import type { Span } from '../text';
import type { Command, Refused } from '../syntax/commands';
import type { Dockerfile, Instruction, Problem } from '../syntax/dockerfile';
import type { MaybeEnv } from './env';
import type { Os } from './path';

/** What is known from outside of the file. Everything may be left out. */
export interface Facts {
  readonly builder?: Builder;
  /** The stage to build; the last one where left out. */
  readonly target?: string;
  /** Null: it is given, and nobody knows which value. */
  readonly buildArgs?: Readonly<Record<string, string | null>>;
  /** `linux/amd64`, of the build; not known where left out. */
  readonly platform?: Platform;
  /** By the reference as it stands in FROM after expansion. */
  readonly images?: Readonly<Record<string, BaseImage>>;
  /** What base images that nobody has looked at are known to be, or to differ by: any texts, by reference. */
  readonly identities?: Readonly<Record<string, string>>;
  /** Named contexts (`--build-context`, Bake `contexts`, Compose `additional_contexts`): names in small letters. */
  readonly contexts?: Readonly<Record<string, NamedContext>>;
}

export interface Platform {
  readonly build: string;
  readonly target: string;
  /** Not said by anyone, but that of this machine. */
  readonly assumed: boolean;
}

/** An image's config and history, in OCI's words. */
export interface BaseImage {
  readonly os?: string;
  readonly config: {
    readonly Env?: readonly string[];
    readonly WorkingDir?: string;
    readonly User?: string;
    readonly Shell?: readonly string[];
    readonly OnBuild?: readonly string[];
    readonly Entrypoint?: readonly string[] | null;
    readonly Cmd?: readonly string[] | null;
    readonly [field: string]: unknown;
  };
  /** Whether it has ONBUILD triggers is not known: the config does not say. */
  readonly hidesTriggers?: true;
  readonly history: readonly HistoryEntry[];
  /** Equal for images with the same layers: their chain ID, or a digest. */
  readonly identity?: string;
  /** How many layers it has; counted from the history where left out. */
  readonly layers?: number;
}

export interface HistoryEntry {
  readonly createdBy: string;
  readonly emptyLayer: boolean;
  /** Bytes of its layer, uncompressed; left out where nobody knows. */
  readonly size?: number;
}

/** A folder has no config and no history; `image` undefined elsewhere: an image that nobody has looked at. */
export interface NamedContext {
  readonly folder?: boolean;
  readonly image?: BaseImage;
}

/** What a statement rests on where the base image is not known. */
export type Assumption =
  /** The base image has no ONBUILD triggers. */
  | 'onbuild'
  /** The base image sets no SHELL, and its system is Linux. */
  | 'shell'
  /** The base image sets none of the variables that the file declares with ARG. */
  | 'environment'
  /** The base image has at least one layer, so that FROM is a step of its own. */
  | 'layers'
  /** A relative WORKDIR does not lead to `/`. */
  | 'workdir'
  /** The build's platform is this machine's. */
  | 'platform';

export type Base =
  | { readonly kind: 'scratch' }
  | { readonly kind: 'stage'; readonly stage: number }
  /** `reference` null: it depends on a value that is not known. `image` undefined: nobody knows it. */
  | { readonly kind: 'image'; readonly reference: string | null; readonly image?: BaseImage }
  | { readonly kind: 'context'; readonly name: string; readonly folder: boolean; readonly image?: BaseImage };

export interface Stage {
  readonly index: number;
  /** In small letters, as BuildKit keeps it. */
  readonly name: string | null;
  readonly from: Instruction;
  readonly base: Base;
  /** `--platform`, expanded. */
  readonly platform: string | null;
  /** A build of the target runs it. */
  readonly reachable: boolean;
  /** The stage as a whole is replaced by a named context of its name. */
  readonly replaced: boolean;
  /** The bracket of FROM's own step: `[build 1/7]`; null where FROM is none. */
  readonly number: string | null;
  /** Triggers of the base first, then the instructions below FROM, all in order. */
  readonly steps: readonly Step[];
  readonly before: State;
  readonly after: State;
  /** Layers of the chain up to here that instructions of this file make. */
  readonly layers: number;
  /** Stages that its COPY --from and mounts read, by index. */
  readonly reads: readonly number[];
}

export type RowKind = 'layer' | 'empty' | 'none';

export interface Step {
  readonly instruction: Instruction;
  readonly command: Command | Refused;
  readonly stage: number;
  /** From 1; null for a trigger that the base image brings. */
  readonly line: number | null;
  /** Where it stands; for a trigger of an image, the FROM. */
  readonly span: Span;
  /** The text of the ONBUILD trigger that it is. */
  readonly trigger?: string;
  /** The row of history it writes: with a layer, with an empty layer, or none. */
  readonly row: RowKind;
  /** The layer's number over the chain of this file's instructions, from 1. */
  readonly layer: number | null;
  /** `[build 4/7]`, as `docker build` prints it; null where the instruction is no step of the build. */
  readonly number: string | null;
  /** Texts after expansion; null where a value is not known. */
  readonly expanded: Expanded;
  readonly before: State;
  readonly after: State;
  readonly assumes: readonly Assumption[];
}

/** What expansion made of an instruction. */
export type Expanded =
  | { readonly kind: 'text'; readonly text: string | null }
  | { readonly kind: 'arg'; readonly pairs: readonly ArgValue[]; readonly text: string | null }
  | { readonly kind: 'pairs'; readonly pairs: readonly { readonly name: string | null; readonly value: string | null }[] }
  | { readonly kind: 'copy'; readonly sources: readonly (string | null)[]; readonly dest: string | null; readonly chown: string | null | undefined; readonly chmod: string | null | undefined }
  | { readonly kind: 'list'; readonly values: readonly (string | null)[] }
  | { readonly kind: 'run'; readonly args: readonly string[] };

export interface ArgValue {
  readonly name: string;
  /** Undefined: no value. Null: not known. */
  readonly value: string | null | undefined;
}

/** ARGs declared so far, newest first. */
export interface ArgList {
  readonly arg: ArgValue;
  readonly earlier: ArgList | undefined;
  /** Stage that declared it. */
  readonly stage: number;
}

/** What an instruction runs in, and leaves behind. */
export interface State {
  readonly env: MaybeEnv;
  /** The environment of the image's config: what a stage built FROM this one starts with. */
  readonly configEnv: MaybeEnv;
  /** Names whose value in `env` is not that of `configEnv`: an ARG came after the ENV. */
  readonly overridden: MaybeEnv;
  /** All of the base's environment is known: a name that is not in `env` is not set. */
  readonly envKnown: boolean;
  /** Null: relative to a working directory that is not known. */
  readonly workdir: string | null;
  /** Undefined: the default of the system. */
  readonly shell: readonly string[] | undefined;
  /** The shell above is what the image has, and not an assumption. */
  readonly shellKnown: boolean;
  /** Null: not known. */
  readonly user: string | null;
  readonly args: ArgList | undefined;
  /** The names of `args`. */
  readonly declared: MaybeEnv;
  /** One of `args` has no value: the base's environment may bring one. */
  readonly unsetArg: boolean;
  readonly os: Os;
}

export interface Analysis {
  readonly dockerfile: Dockerfile;
  readonly commands: readonly (Command | Refused)[];
  readonly builder: Builder;
  readonly stages: readonly Stage[];
  /** Index of the stage that is built; undefined where the file has none, or none of that name. */
  readonly target: number | undefined;
  readonly problems: readonly Problem[];
  /** Images whose config and history would make more known: references. */
  readonly wants: readonly string[];
  /** Global ARGs and their values. */
  readonly globalArgs: readonly ArgValue[];
}
