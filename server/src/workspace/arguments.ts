/** What the commands' arguments are read with, and how a command says that it cannot go on. */
import { parseArgs } from 'node:util';

/** One line for stderr. */
export class Refusal extends Error {
  constructor(message: string, readonly exitCode: 2 | 3 | 4 = 2) {
    super(message);
  }
}

type OptionKinds = NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>['options']>;

export interface Options {
  readonly values: Record<string, unknown>;
  readonly positionals: string[];
  readonly tokens: readonly { readonly kind: string; readonly name: string; readonly value?: string }[];
}

export function options(argv: readonly string[], kinds: OptionKinds): Options {
  try {
    return parseArgs({ args: [...argv], options: kinds, allowPositionals: true, strict: true, tokens: true }) as Options;
  } catch (error) {
    throw new Refusal(firstLine(error));
  }
}

export function onlyFile(positionals: readonly string[]): string {
  if (positionals.length !== 1) throw new Refusal(positionals.length === 0 ? 'no FILE given' : `one FILE at a time, not ${positionals.length}`);
  return positionals[0];
}

export function oneOf<Choice extends string>(flag: string, given: string | undefined, choices: readonly Choice[], otherwise: Choice): Choice {
  if (given === undefined) return otherwise;
  const choice = choices.find((one) => one === given);
  if (choice === undefined) throw new Refusal(`${flag}: ${given} is none of ${choices.join(', ')}`);
  return choice;
}

export function firstLine(error: unknown): string {
  return String((error as Error).message ?? error).split('\n')[0];
}
