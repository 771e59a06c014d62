/**
 * RUN chown and chmod of what was copied → flags of the copies themselves. What they come to is known from the layers of an image that
 * was built: with `--chown` and an octal `--chmod` every file and folder that a copy makes has these (also the folders on the way to its
 * destination), and a folder that was there keeps its own (seen on BuildKit v0.25, `npm run test:saves`).
 */
import type { Analysis, Step } from '../build/model';
import { joinPath } from '../build/path';
import type { Losses } from '../image/losses';
import type { LayerEntry } from '../image/model';
import { entryAt } from '../image/tree';
import type { FileEdit } from '../rules/finding';
import type { ShellCommand } from '../syntax/shell';
import { shellTextOf } from './appended';
import { withBlank } from './join-runs';
import { lineEnd } from './lines';
import { baseFolder } from './runs';

export interface OwnedCopies {
  readonly copies: readonly Step[];
  /** `--chown=1000:1000`, `--chmod=755`, both. */
  readonly flags: string;
  readonly edits: readonly FileEdit[];
  /** Folders that were there before keep a RUN of their own. */
  readonly narrowed: boolean;
}

interface Copied {
  readonly step: Step;
  readonly layer: number;
}

/** `run`: changes modes and owners, and nothing else. Undefined where flags of copies do not come to the same. */
export function ownedCopies(analysis: Analysis, run: Step, { contents: { layers }, owners }: Losses): OwnedCopies | undefined {
  const place = shellTextOf(analysis, run);
  const at = owners.indexOf(run);
  if (!place || at === -1 || !place.shell.plain || !place.shell.commands.every(isChange)) return undefined;
  const copied = new Map<number, Copied>();
  const rest: LayerEntry[] = [];
  for (const entry of layers[at].entries) {
    const before = entryAt(layers, at, entry.path);
    if (!before || before.entry.kind !== entry.kind || before.entry.content !== entry.content || entry.kind === 'hardlink') return undefined;
    const step = owners[before.layer];
    if (typeof step === 'object' && isPlainCopy(step) && isMade(layers, before.layer, entry.path)) copied.set(before.layer, { step, layer: before.layer });
    else if (entry.kind !== 'folder') return undefined;
    else if (!sameRights(entry, before.entry)) rest.push(entry);
  }
  if (copied.size === 0) return undefined;
  const { steps } = analysis.stages[run.stage];
  const first = Math.min(...[...copied.values()].map(({ step }) => steps.indexOf(step)));
  // What runs in between would see other owners.
  if (first === -1 || steps.slice(first, steps.indexOf(run)).some((step) => step.command.kind === 'RUN')) return undefined;

  const edits: FileEdit[] = [];
  const flags = new Set<string>();
  for (const one of copied.values()) {
    const flag = flagsFor(one, at, layers, place.shell.commands);
    if (flag === undefined) return undefined;
    if (flag === '') continue;
    flags.add(flag);
    const { keywordSpan, flags: own } = one.step.instruction;
    const end = own.at(-1)?.span.end ?? keywordSpan.end;
    edits.push({ file: null, span: { start: end, end }, text: ` ${flag}` });
  }
  if (flags.size > 1) return undefined;
  const narrowed = rest.length === 0 ? removed(analysis, run) : narrow(analysis, run, place.shell.commands, rest, layers, at);
  if (!narrowed) return undefined;
  return { copies: [...copied.values()].map(({ step }) => step), flags: [...flags].join(''), edits: [...edits, ...narrowed], narrowed: rest.length > 0 };
}

/** Undefined: not all that it makes comes to the same. Empty: it is that way already. */
function flagsFor({ layer }: Copied, at: number, layers: Losses['contents']['layers'], commands: readonly ShellCommand[]): string | undefined {
  const owners = new Set<string>();
  const modes = new Set<number>();
  let owned = true;
  let moded = true;
  for (const entry of layers[layer].entries) {
    if (!isMade(layers, layer, entry.path)) continue;
    const now = entryAt(layers, at + 1, entry.path);
    // A later copy has it, and answers for it.
    if (!now || (now.layer !== at && now.layer !== layer)) continue;
    owners.add(`${now.entry.uid}:${now.entry.gid}`);
    owned &&= now.entry.uid === entry.uid && now.entry.gid === entry.gid;
    if (entry.kind === 'symlink') continue;
    modes.add(now.entry.mode & 0o7777);
    moded &&= (now.entry.mode & 0o7777) === (entry.mode & 0o7777);
  }
  if ((!owned && owners.size > 1) || (!moded && modes.size > 1)) return undefined;
  const flags = [...(owned ? [] : [`--chown=${namesIn(commands) ?? [...owners][0]}`]), ...(moded ? [] : [`--chmod=${[...modes][0].toString(8).padStart(3, '0')}`])];
  return flags.join(' ');
}

/** As all of them write it, user and group; a name alone means another group to COPY. */
function namesIn(commands: readonly ShellCommand[]): string | undefined {
  const owners = commands.filter(({ words }) => words[0].text === 'chown').map(({ words }) => words.slice(1).find(({ text }) => !text.startsWith('-')));
  const [first] = owners;
  return first?.literal && /^[\w.-]+:[\w.-]+$/.test(first.text) && owners.every((one) => one?.text === first.text) ? first.text : undefined;
}

function isChange({ words, redirects, nested }: ShellCommand): boolean {
  return !nested && redirects.length === 0 && /^(?:chown|chmod|chgrp)$/.test(words[0]?.text ?? '') && words.slice(1).every(({ text }) => !text.startsWith('-') || /^-[Rfvch]+$|^--(?:recursive|quiet|silent|verbose|changes)$/.test(text));
}

function isPlainCopy({ command, trigger, instruction }: Step): boolean {
  if ((command.kind !== 'COPY' && command.kind !== 'ADD') || trigger !== undefined) return false;
  const { chown, chmod, link, parents } = command.flags;
  return !chown && !chmod && !link && !parents && instruction.heredocs.length === 0;
}

/** A folder that was there is not made, and keeps what it is. */
function isMade(layers: Losses['contents']['layers'], layer: number, path: string): boolean {
  return entryAt(layers, layer, path)?.entry.kind !== 'folder' || entryAt(layers, layer + 1, path)?.entry.kind !== 'folder';
}

function sameRights(a: LayerEntry, b: LayerEntry): boolean {
  return a.mode === b.mode && a.uid === b.uid && a.gid === b.gid;
}

function removed({ dockerfile: { text } }: Analysis, { instruction: { span } }: Step): FileEdit[] {
  const start = text.lastIndexOf('\n', span.start - 1) + 1;
  return [{ file: null, span: withBlank(text, { start, end: lineEnd(text, span.end) }), text: '' }];
}

/** Without -R, where the folders that are left are just those that it names. */
function narrow({ dockerfile: { text } }: Analysis, run: Step, commands: readonly ShellCommand[], rest: readonly LayerEntry[], layers: Losses['contents']['layers'], at: number): FileEdit[] | undefined {
  const edits: FileEdit[] = [];
  const named = new Set<string>();
  for (const { words, start, end } of commands) {
    const paths = words.slice(1).filter(({ text: word }) => !word.startsWith('-')).slice(1);
    const flag = /\s(?:-[Rfvch]*R[fvch]*|--recursive)(?=\s)/.exec(text.slice(start, end));
    if (paths.some(({ literal, text: path }) => !literal || /[*?[{]/.test(path)) || !flag) return undefined;
    for (const { text: path } of paths) named.add((path.startsWith('/') ? joinPath(path) : joinPath(run.before.workdir ?? baseFolder, path)).replace(/^\//, ''));
    const left = flag[0].replace('--recursive', '').replace('R', '').trimEnd();
    edits.push({ file: null, span: { start: start + flag.index, end: start + flag.index + flag[0].length }, text: left === ' -' || left === '' ? '' : left });
  }
  const isFolder = (path: string): boolean => entryAt(layers, at, path)?.entry.kind === 'folder';
  return rest.every(({ path }) => named.has(path)) && [...named].every(isFolder) ? edits : undefined;
}
