/** What `strata parse --json` prints: the file as BuildKit's parser reads it, in plain data. */
import { headRules, type Rules } from '../builder';
import { commandOf, refusalsOf } from './commands';
import type { Dockerfile, Instruction, Problem } from './dockerfile';

export interface ParsedInstruction {
  readonly keyword: string;
  readonly firstLine: number;
  readonly lastLine: number;
  readonly flags: readonly string[];
  readonly form: 'shell' | 'exec';
  readonly args: readonly string[];
  readonly heredocs: readonly { readonly name: string; readonly expand: boolean; readonly content: string }[];
  readonly trigger?: ParsedInstruction;
}

export interface Parsed {
  readonly escape: string;
  readonly instructions: readonly ParsedInstruction[];
  readonly problems: readonly { readonly message: string; readonly line: number; readonly severity: 'error' | 'build' }[];
}

/** `buildProblems`: what only a build refuses (see build/). */
export function parsed(dockerfile: Dockerfile, rules: Rules = headRules, buildProblems: readonly Problem[] = []): Parsed {
  const refusals = refusalsOf(dockerfile, dockerfile.instructions.map((instruction) => commandOf(instruction, rules)));
  const problems = [...refusals, ...buildProblems].sort((a, b) => a.line - b.line);
  return {
    escape: dockerfile.escape,
    instructions: dockerfile.instructions.map((instruction) => instructionOf(instruction)),
    problems: problems.map(({ message, line, severity }) => ({ message, line, severity })),
  };
}

/** A trigger stands on the lines of its ONBUILD. */
function instructionOf(instruction: Instruction, lines = instruction): ParsedInstruction {
  const { keyword, flags, form, args, heredocs, trigger } = instruction;
  const { firstLine, lastLine } = lines;
  return {
    keyword: keyword.toUpperCase(), firstLine, lastLine, flags: flags.map((flag) => flag.text), form, args: args.map((arg) => arg.text),
    heredocs: heredocs.map(({ name, expand, content }) => ({ name, expand, content })),
    ...(trigger && { trigger: instructionOf(trigger, lines) }),
  };
}
