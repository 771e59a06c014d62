/** A RUN with a command more at its end, and what has to hold for that: a shell's text, not a list of words, not a heredoc. */
import type { Analysis, Step } from '../build/model';
import type { FileEdit } from '../rules/finding';
import { shellOfRun, type Shell } from '../syntax/shell';
import { lineBreakOf } from './lines';

/** Undefined where nothing can be put behind: then it is no plain text for a POSIX shell. */
export function shellTextOf({ dockerfile }: Analysis, step: Step): { readonly shell: Shell; readonly start: number; readonly end: number } | undefined {
  const { instruction, command, before } = step;
  if (command.kind !== 'RUN' || step.trigger !== undefined || instruction.form === 'exec' || instruction.heredocs.length > 0 || dockerfile.escape !== '\\') return undefined;
  if (before.os !== 'linux' || (before.shell !== undefined && !/(?:^|\/)(?:ba|da|a|z|k)?sh$/.test(before.shell[0] ?? ''))) return undefined;
  const shell = shellOfRun(instruction, dockerfile.text);
  const last = shell?.commands.at(-1);
  const end = instruction.commandSpan.start + dockerfile.text.slice(instruction.commandSpan.start, instruction.commandSpan.end).trimEnd().length;
  // What is behind the last command (a bracket, a comment, an operator) would be in the way.
  if (!shell || !last || last.end !== end) return undefined;
  return { shell, start: shell.commands[0].start, end };
}

/** `text` as the last command, on a line of its own where the others are. */
export function appended(analysis: Analysis, step: Step, text: string, comments = ''): FileEdit | undefined {
  const place = shellTextOf(analysis, step);
  if (!place) return undefined;
  const { text: source } = analysis.dockerfile;
  const written = source.slice(step.instruction.span.start, place.end);
  const lineBreak = lineBreakOf(source);
  const lastLine = written.slice(written.lastIndexOf('\n') + 1);
  const isOne = !written.includes('\n');
  const indent = isOne ? '    ' : (/^\s*/.exec(lastLine)?.[0] ?? '');
  const trailing = /&&\s*\\\r?\n\s*\S[^\n]*$/.test(written) && !/^\s*&&/.test(lastLine);
  if (isOne && comments === '' && written.length + text.length < 120) return { file: null, span: { start: place.end, end: place.end }, text: ` && ${text}` };
  const joint = trailing ? ` && \\${lineBreak}${comments}${indent}${text}` : ` \\${lineBreak}${comments}${indent}&& ${text}`;
  return { file: null, span: { start: place.end, end: place.end }, text: joint };
}
