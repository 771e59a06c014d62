/** Package lists and caches that a RUN leaves: deleted at its end, or kept in a cache mount. Both take them out of the image. */
import type { Analysis, Step } from '../build/model';
import { cleaningOf } from '../image/left-over';
import type { Losses } from '../image/losses';
import type { LayerFiles } from '../image/model';
import { entryAt } from '../image/tree';
import type { FileEdit } from '../rules/finding';
import { appended, shellTextOf } from './appended';

export interface CleanUp {
  readonly how: 'delete' | 'mount';
  readonly edits: readonly FileEdit[];
  /** Paths that leave the image, as a shell would be told. */
  readonly gone: readonly string[];
}

/** `folders`: as leftOverOf gives them. None where a later step needs what is there, or nothing can be put behind. */
export function cleanUps(analysis: Analysis, run: Step, folders: readonly string[], { contents: { layers }, owners }: Losses): CleanUp[] {
  const place = shellTextOf(analysis, run);
  if (!place || !mayDelete(run, folders) || later(analysis, run).some((step) => needs(step, folders))) return [];
  const ways: CleanUp[] = [];
  const edit = appended(analysis, run, `rm -rf ${folders.map(cleaningOf).join(' ')}`);
  if (edit) ways.push({ how: 'delete', edits: [edit], gone: folders.map(cleaningOf) });
  const at = owners.indexOf(run);
  // A mount hides what lies below it, and is root's.
  const isOwn = folders.every((folder) => !entryAt(layers, at, folder));
  if (isOwn && isRoot(run) && folders.every((folder) => !folder.startsWith('var/') && !folder.startsWith('etc/'))) {
    const { keywordSpan, flags } = run.instruction;
    const end = flags.at(-1)?.span.end ?? keywordSpan.end;
    ways.push({ how: 'mount', edits: [{ file: null, span: { start: end, end }, text: folders.map((folder) => ` --mount=type=cache,target=/${folder}`).join('') }], gone: folders.map((folder) => `/${madeFor(folder, layers, at)}`) });
  }
  return ways;
}

/** Root may; another user may in a home folder. */
function mayDelete(run: Step, folders: readonly string[]): boolean {
  return isRoot(run) || folders.every((folder) => folder.startsWith('home/'));
}

/** Or nobody knows: then whoever wrote to the system's folders was. */
function isRoot({ before: { user } }: Step): boolean {
  return user === null || user === '' || /^(?:root|0)(?::|$)/.test(user);
}

/** The uppermost folder on the way to it that the layer makes for it alone: a mount's own way is not kept. */
function madeFor(folder: string, layers: readonly LayerFiles[], at: number): string {
  let top = folder;
  for (let end = folder.lastIndexOf('/'); end > 0; end = folder.lastIndexOf('/', end - 1)) {
    const above = folder.slice(0, end);
    if (entryAt(layers, at, above) || layers[at].entries.some(({ path }) => path.startsWith(`${above}/`) && path !== top && !path.startsWith(`${top}/`))) break;
    top = above;
  }
  return top;
}

function later({ stages }: Analysis, run: Step): Step[] {
  return stages.flatMap(({ steps }) => steps.slice(Math.max(0, steps.indexOf(run) + 1))).filter(({ command }) => command.kind === 'RUN');
}

/** An install from lists that it does not fetch, or of packages that are not to be fetched. */
function needs({ instruction: { line } }: Step, folders: readonly string[]): boolean {
  const isInstall = /\b(?:apt|apt-get|aptitude|apk|dnf|yum|zypper|pacman)\b[^&;|]*\b(?:install|add|-S)\b/.test(line);
  if (folders.some((folder) => /^(?:var|etc)\//.test(folder)) && isInstall && !/\bupdate\b|--no-cache|-U\b|-Sy|refresh/.test(line)) return true;
  return /--offline|--prefer-offline|--no-index/.test(line);
}
