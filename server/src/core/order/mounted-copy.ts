/**
 * COPY of something that the next RUN reads and deletes → a bind mount of it for that RUN: nothing of it is ever in a layer. What the
 * RUN writes into it is gone after it, as it was by the deletion.
 */
import type { Analysis, Step } from '../build/model';
import { joinPath } from '../build/path';
import type { Losses } from '../image/losses';
import { entryAt } from '../image/tree';
import type { FileEdit } from '../rules/finding';
import { shellTextOf } from './appended';
import { withBlank } from './join-runs';
import { lineEnd } from './lines';
import { contextCopyOf } from './copies';

export interface MountedCopy {
  readonly copy: Step;
  /** Absolute. */
  readonly path: string;
  readonly edits: readonly FileEdit[];
  /** The RUN does nothing but unpack or install it. */
  readonly reads: boolean;
}

/** Undefined where the RUN would not find what it finds today, or something else of the image would be another. */
export function mountedCopy(analysis: Analysis, run: Step, { contents: { layers }, owners }: Losses): MountedCopy | undefined {
  const place = shellTextOf(analysis, run);
  const at = owners.indexOf(run);
  const copy = copyBefore(analysis, run);
  const layer = copy ? owners.indexOf(copy) : -1;
  if (!place || !copy || layer === -1 || !place.shell.plain || place.shell.commands.length < 2) return undefined;
  const plain = contextCopyOf(copy);
  const { expanded, command } = copy;
  if (!plain?.plain || command.kind !== 'COPY' || expanded.kind !== 'copy' || expanded.sources.length !== 1 || command.files.length > 0 || command.flags.chown || command.flags.chmod) return undefined;
  const source = expanded.sources[0];
  if (source === null || /[*?[\\$,\s"]/.test(source)) return undefined;
  const made = layers[layer].entries.filter(({ path, kind }) => kind !== 'folder' || !entryAt(layers, layer, path)).map(({ path }) => path).sort((a, b) => a.length - b.length);
  const [top] = made;
  // All that it makes is one file, or one folder and what is below; nothing was there, and nothing of it is left.
  if (top === undefined || /[,\s"\\$]/.test(top) || entryAt(layers, layer, top) || !made.every((path) => path === top || path.startsWith(`${top}/`)) || entryAt(layers, at + 1, top)) return undefined;
  const path = `/${top}`;
  const deletions = place.shell.commands.filter(({ words, nested }) => !nested && words[0]?.text === 'rm' && words.slice(1).some(({ text, literal }) => literal && pathOf(text, run) === path));
  const [deletion] = deletions;
  if (deletions.length !== 1 || deletion.words.filter(({ text }) => !text.startsWith('-')).length !== 2 || deletion === place.shell.commands[0] || deletion.joined !== '&&') return undefined;
  const { text } = analysis.dockerfile;
  const previous = place.shell.commands[place.shell.commands.indexOf(deletion) - 1];
  const { keywordSpan, flags, span } = run.instruction;
  const flagEnd = flags.at(-1)?.span.end ?? keywordSpan.end;
  const start = text.lastIndexOf('\n', copy.instruction.span.start - 1) + 1;
  return {
    copy, path, reads: place.shell.commands.every((one) => one === deletion || isReader(one.words.map((word) => word.text))),
    edits: [
      { file: null, span: withBlank(text, { start, end: lineEnd(text, copy.instruction.span.end) }), text: '' },
      { file: null, span: { start: flagEnd, end: flagEnd }, text: ` --mount=type=bind,rw,source=${source},target=${path}` },
      { file: null, span: { start: previous.end, end: Math.min(deletion.end, span.end) }, text: '' },
    ],
  };
}

function pathOf(text: string, { before }: Step): string | undefined {
  return text.startsWith('/') ? joinPath(text) : before.workdir === null ? undefined : joinPath(before.workdir, text);
}

/** The step right before it, where all between is about how the image starts. */
function copyBefore(analysis: Analysis, step: Step): Step | undefined {
  const { steps } = analysis.stages[step.stage];
  for (const one of steps.slice(0, steps.indexOf(step)).toReversed()) {
    if (one.command.kind === 'COPY') return one.trigger === undefined ? one : undefined;
    if (one.row === 'layer' || one.command.kind === 'ONBUILD') return undefined;
  }
  return undefined;
}

function isReader([name = '', ...args]: readonly string[]): boolean {
  if (['tar', 'unzip', 'cat', 'dpkg', 'sha256sum', 'mkdir', 'cd'].includes(name)) return true;
  return /^pip3?$/.test(name) && args[0] === 'install' && !args.some((arg) => arg === '-e' || arg.startsWith('--editable'));
}
