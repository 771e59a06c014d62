/**
 * The variables in an instruction and where they stand: dockerfile-ast's ranges, asked for one instruction at a time. Over
 * a whole file its own lookups are quadratic, and on a cycle of stages some never return; ours is the reading of texts.
 */
import { DockerfileParser } from 'dockerfile-ast';
import { lineStartsOf, type Span } from '../text';
import type { Dockerfile, Instruction } from './dockerfile';

export interface Variable {
  readonly name: string;
  /** From the `$` to its end. */
  readonly span: Span;
}

/** Longer instructions are left alone: nobody hovers there, and the parser is not linear. */
const longest = 20000;

/** Those that the builder expands: none in RUN, CMD, ENTRYPOINT and the like, whose `$` is the shell's. */
export function variablesIn(dockerfile: Dockerfile, instruction: Instruction): Variable[] {
  const { start, end } = instruction.commandSpan;
  if (end - start > longest || !expands.has(instruction.keyword)) return [];
  const directive = dockerfile.escape === '`' ? '# escape=`\n' : '';
  const text = directive + dockerfile.text.slice(start, end);
  const lineStarts = lineStartsOf(text);
  const offset = ({ line, character }: { line: number; character: number }): number => lineStarts[line] + character - directive.length + start;
  const parsed = DockerfileParser.parse(text).getInstructions()[0];
  return (parsed?.getVariables() ?? []).map((variable) => {
    const range = variable.getRange();
    return { name: variable.getName(), span: { start: offset(range.start), end: offset(range.end) } };
  });
}

/** Dockerfile reference, "Environment replacement". */
const expands = new Set(['ADD', 'ARG', 'COPY', 'ENV', 'EXPOSE', 'FROM', 'LABEL', 'STOPSIGNAL', 'USER', 'VOLUME', 'WORKDIR']);
