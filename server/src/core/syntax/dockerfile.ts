/** What reading a Dockerfile gives: never invalid, every text with its place. */
import type { Span } from '../text';

export type Escape = '\\' | '`';

export type Keyword =
  | 'ADD' | 'ARG' | 'CMD' | 'COPY' | 'ENTRYPOINT' | 'ENV' | 'EXPOSE' | 'FROM' | 'HEALTHCHECK' | 'LABEL'
  | 'MAINTAINER' | 'ONBUILD' | 'RUN' | 'SHELL' | 'STOPSIGNAL' | 'USER' | 'VOLUME' | 'WORKDIR';

/**
 * `error`: BuildKit's parser or instruction parser refuses the file for it.
 * `build`: only a build that reaches the instruction refuses it.
 */
export interface Problem {
  readonly message: string;
  readonly span: Span;
  /** From 1, as BuildKit reports it. */
  readonly line: number;
  readonly severity: 'error' | 'build';
}

/** A text as BuildKit reads it (escapes and quotes as its parser leaves them), and where it stands. */
export interface Word {
  readonly text: string;
  readonly span: Span;
}

export interface Heredoc {
  readonly name: string;
  /** False where the delimiter is quoted. Only COPY and ADD expand. */
  readonly expand: boolean;
  /** `<<-`: leading tabs of the body are dropped where it is used, not here. */
  readonly chomp: boolean;
  /** The body, every line with its line ending, the terminator not included. */
  readonly content: string;
  readonly span: Span;
}

export interface Instruction {
  /** In capitals; as it is written where it is none of the keywords. */
  readonly keyword: Keyword | (string & {});
  readonly keywordSpan: Span;
  /** From the keyword to the end of the last line, heredocs and their terminators included. */
  readonly span: Span;
  /** From the keyword to the end of the command itself, without heredoc bodies. */
  readonly commandSpan: Span;
  /** Lines from 1. */
  readonly firstLine: number;
  readonly lastLine: number;
  /** The text after continuation lines are joined and comment lines dropped: what BuildKit shows of it. */
  readonly line: string;
  readonly flags: readonly Word[];
  readonly form: 'shell' | 'exec';
  /** As the official parser gives them; ENV and LABEL: name, value, name, value … */
  readonly args: readonly Word[];
  /** ENV and LABEL in the old form `ENV name value`. */
  readonly legacyForm: boolean;
  readonly heredocs: readonly Heredoc[];
  /** What ONBUILD holds. */
  readonly trigger?: Instruction;
}

export interface Directive {
  readonly name: 'syntax' | 'escape' | 'check';
  readonly value: string;
  readonly span: Span;
}

export interface Dockerfile {
  readonly text: string;
  readonly lineStarts: readonly number[];
  readonly escape: Escape;
  readonly directives: readonly Directive[];
  /** Whole-line comments, also those inside a continued instruction; directives are not among them. */
  readonly comments: readonly Span[];
  readonly instructions: readonly Instruction[];
  /** What the parser itself refuses, in the order of the text. */
  readonly problems: readonly Problem[];
}
