/** Two RUNs that follow each other → one step that does both, so that nothing of the first is kept below the second. */
import type { Analysis, Step } from '../build/model';
import type { FileEdit } from '../rules/finding';
import type { ShellCommand } from '../syntax/shell';
import { appended, shellTextOf } from './appended';
import { lineEnd, regionOf } from './lines';

export interface JoinedRuns {
  readonly into: Step;
  readonly edits: readonly FileEdit[];
  /** The second does nothing but tidy: it deletes, or changes modes and owners. */
  readonly tidies: boolean;
}

/** Commands of a shell that what comes after them feels. */
const lasting = new Set(['cd', 'export', 'unset', 'set', 'shopt', 'umask', 'trap', 'exec', 'exit', 'return', '.', 'source', 'alias', 'eval', 'pushd', 'popd', 'readonly', 'declare', 'typeset', 'local', 'shift', 'ulimit', 'function']);
const tidying = new Set(['rm', 'rmdir', 'chmod', 'chown', 'chgrp', 'true', ':']);

/** Undefined where they cannot be one, or one of both would do something else. */
export function joinRuns(analysis: Analysis, second: Step): JoinedRuns | undefined {
  const into = runBefore(analysis, second);
  const [a, b] = [into && shellTextOf(analysis, into), shellTextOf(analysis, second)];
  if (!into || !a || !b || b.shell.commands.some(({ joined }) => joined !== 'first' && joined !== '&&') || !b.shell.plain) return undefined;
  if (flagsOf(into) !== flagsOf(second) || into.before.shell?.join('\0') !== second.before.shell?.join('\0')) return undefined;
  const isTidying = b.shell.commands.every(isTidy);
  // A shell that was told to go on after errors, or elsewhere, would tell the second.
  const lasts = a.shell.commands.filter((command) => isLasting(command));
  if (lasts.some(({ words }) => !(isTidying && ['cd', 'export'].includes(words[0]?.text ?? '')) && !isStrict(words.map(({ text }) => text)))) return undefined;
  if (a.shell.commands.some(({ joined }) => joined === '&')) return undefined;
  const { text } = analysis.dockerfile;
  const region = regionOf(analysis.dockerfile, second.instruction);
  const comments = text.slice(region.start, second.instruction.span.start);
  const edit = appended(analysis, into, text.slice(b.start, b.end), comments);
  if (!edit) return undefined;
  return { into, tidies: isTidying, edits: [edit, { file: null, span: withBlank(text, region), text: '' }] };
}

/** The step before it that changes files, where all between is about how the image starts. */
function runBefore(analysis: Analysis, step: Step): Step | undefined {
  const { steps } = analysis.stages[step.stage];
  for (const one of steps.slice(0, steps.indexOf(step)).toReversed()) {
    const { kind } = one.command;
    if (kind === 'RUN') return one.trigger === undefined ? one : undefined;
    if (!['CMD', 'ENTRYPOINT', 'LABEL', 'EXPOSE', 'HEALTHCHECK', 'STOPSIGNAL', 'ONBUILD', 'MAINTAINER'].includes(kind)) return undefined;
  }
  return undefined;
}

function flagsOf({ instruction }: Step): string {
  return instruction.flags.map(({ text }) => text).join('\0');
}

function isLasting({ words, assignments }: ShellCommand): boolean {
  return words.length === 0 ? assignments.length > 0 : lasting.has(words[0].text);
}

/** `set -e` and the like, also after `&&`: the second ends where one of its commands fails all the same. */
function isStrict(words: readonly string[]): boolean {
  return words[0] === 'set' && words.slice(1).every((word, i, all) => /^-[eux]+o?$/.test(word) || (word === 'pipefail' && all[i - 1]?.endsWith('o') === true));
}

/** It names all that it touches from the root. */
function isTidy({ words, redirects, assignments, nested }: ShellCommand): boolean {
  if (nested || redirects.length > 0 || assignments.length > 0 || !tidying.has(words[0]?.text ?? '')) return false;
  const args = words.slice(1).filter(({ text }) => !text.startsWith('-'));
  const paths = /^ch(?:mod|own|grp)$/.test(words[0].text) ? args.slice(1) : args;
  return paths.every(({ text, literal }) => literal && text.startsWith('/'));
}

/** No two blank lines where one block of lines is gone. */
export function withBlank(text: string, { start, end }: { readonly start: number; readonly end: number }): { readonly start: number; readonly end: number } {
  const before = text.slice(0, start);
  const isBlankBefore = before === '' || /\n[ \t]*\r?\n$/.test(before);
  return { start, end: isBlankBefore && /^[ \t]*\r?\n/.test(text.slice(end, end + 200)) ? lineEnd(text, end) : end };
}
