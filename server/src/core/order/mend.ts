/**
 * The edit that lets source be copied after what does not need it: the files that the installs read are copied (or mounted)
 * first, the copies of source come after the last of them. What keeps it from being the same image for sure is said.
 */
import type { Context } from '../build/context';
import type { Analysis, Step } from '../build/model';
import { joinPath } from '../build/path';
import { inOrder, valueIn } from '../build/env';
import { chainOf } from '../build/history';
import type { FileEdit } from '../rules/finding';
import type { Instruction } from '../syntax/dockerfile';
import { contextCopyOf, filesTaken, originOf, placeOf, type ContextCopy } from './copies';
import type { Hoist, ReadFile } from './hoist';
import { asLines, lineBreakOf, lineEnd, regionOf } from './lines';
import { baseFolder, isOpaque, runOf, type Run } from './runs';
import { say, type Said } from '../say';

export interface Mend {
  /** Context paths that come first. */
  readonly first: readonly string[];
  readonly edits: readonly FileEdit[];
  /** Empty: the image is the same. */
  readonly obstacles: readonly Said[];
}

/** Undefined where the copies cannot be moved. `mount`: the files are mounted where they are read, not copied. */
export function mendOf(analysis: Analysis, hoist: Hoist, context: Context | undefined, how: 'copy' | 'mount'): Mend | undefined {
  const { dockerfile } = analysis;
  const { text } = dockerfile;
  const first = hoist.copies[0];
  const last = hoist.last;
  if (hoist.copies.some(({ step }) => step.stage !== hoist.stage.index || step.trigger !== undefined)) return undefined;
  const own = hoist.stage.steps.filter((step) => step.trigger === undefined);
  const between = own.slice(own.indexOf(first.step), own.indexOf(last.step) + 1);
  const obstacles = hoist.installs.flatMap((one) => one.obstacles);
  if (!context) obstacles.push(say('the build context is not known'));

  const providers = new Set(hoist.installs.flatMap(({ reads }) => reads.map(({ copy }) => copy.step)));
  const moved = between.filter((step) => hoist.copies.some((copy) => copy.step === step) || (isContextOnly(step) && !providers.has(step) && !isForPrograms(destOf(step))));
  const kept = between.filter((step) => !moved.includes(step));
  const needed = neededFirst(hoist, own, first);
  if (needed === undefined) return undefined;
  const rewritten = new Map<Step, string>();
  for (const step of moved) {
    const after = kept.slice(kept.findIndex((one) => one.instruction.span.start > step.instruction.span.start));
    const verdict = movePast(analysis, step, after, context, how === 'copy' ? needed : [], obstacles);
    if (verdict === undefined) return undefined;
    rewritten.set(step, verdict);
  }
  // Whichever comes first makes the folder.
  const owners = hoist.copies.filter(({ dest }, i) => hoist.copies.some((other, j) => j < i && overlap(dest, other.dest) && ownerOf(other.step, text) !== ownerOf(hoist.copies[i].step, text)));
  for (const { step } of owners) obstacles.push(say('line {0} gives the folder another owner', step.line ?? '?'));
  for (const { step } of hoist.copies) if (!contextCopyOf(step)?.plain) obstacles.push(say('line {0} has flags that were not checked', step.line ?? '?'));
  obstacles.push(...environmentObstacles(analysis, hoist));

  const lineBreak = lineBreakOf(text);
  const manifests = how === 'copy' ? manifestLines(needed, first, text, context, lineBreak) : '';
  if (manifests === undefined || (how === 'mount' && (needed.length === 0 || needed.length > 6))) return undefined;

  const edits: FileEdit[] = [];
  for (const step of moved) {
    const region = regionOf(dockerfile, step.instruction);
    let { end } = region;
    const replacement = step === first.step ? manifests : '';
    // No two blank lines where one block of lines is gone.
    if (replacement === '' && isBlankBefore(text, region.start) && isBlankAt(text, end)) end = lineEnd(text, end);
    edits.push({ file: null, span: { start: region.start, end }, text: replacement });
  }
  if (how === 'mount') for (const run of new Set(hoist.installs.map((one) => one.run))) {
    const flags = mountFlags(hoist, run, needed);
    const at = run.step.instruction.keywordSpan.end;
    if (flags === undefined) return undefined;
    edits.push({ file: null, span: { start: at, end: at }, text: flags });
  }
  const movedText = moved.map((step) => asLines(rewritten.get(step) ?? '', lineBreak)).join('');
  const tail = isOpaque(last) ? tailOf(text, last) : undefined;
  if (isOpaque(last)) {
    if (!tail || (how === 'mount')) return undefined;
    obstacles.push(say('line {0} becomes two steps', last.step.line ?? '?'));
    const { instruction } = last.step;
    edits.push({ file: null, span: { start: tail.cut, end: instruction.span.end }, text: `${lineBreak}${movedText}${tail.text}` });
  } else {
    const end = lineEnd(text, last.step.instruction.span.end);
    const gap = isBlankBefore(text, regionOf(dockerfile, last.step.instruction).start) ? lineBreak : '';
    const open = end === text.length && !text.endsWith('\n');
    edits.push({ file: null, span: { start: end, end }, text: `${open ? lineBreak : ''}${gap}${open ? movedText.replace(/\r?\n$/, '') : movedText}` });
  }
  return { first: needed.map(({ origin }) => origin), edits: edits.sort((a, b) => a.span.start - b.span.start), obstacles: [...new Set(obstacles)] };
}

/** A copy of files of the context or of a heredoc, which no RUN here is known to read. */
function isContextOnly({ command }: Step): boolean {
  return (command.kind === 'COPY' || command.kind === 'ADD') && !command.flags.from;
}

/** The text of a copy, to stand after the steps; undefined where it cannot. */
function movePast(analysis: Analysis, step: Step, after: readonly Step[], context: Context | undefined, first: readonly ReadFile[], obstacles: Said[]): string | undefined {
  const { dockerfile } = analysis;
  const region = regionOf(dockerfile, step.instruction);
  const source = dockerfile.text.slice(region.start, region.end);
  const copy = contextCopyOf(step);
  const { expanded, command } = step;
  const written = expanded.kind === 'copy' ? expanded.dest ?? '' : '';
  let result = source;
  for (const passed of after) {
    switch (passed.command.kind) {
      case 'ENV': case 'ARG':
        if (dockerfile.text.slice(step.instruction.commandSpan.start, step.instruction.commandSpan.end).includes('$')) return undefined;
        break;
      case 'WORKDIR': {
        // The folder is made as before where the files that come first make it, and where the copy does not go there.
        const made = passed.after.workdir ?? baseFolder;
        const isMade = copy && joinPath(made) === copy.dest && first.some(({ path }) => path.startsWith(`${copy.dest}/`));
        if (!isMade && (!copy || overlap(copy.dest, joinPath(made) || '/'))) obstacles.push(say('line {0} makes a folder in between', passed.line ?? '?'));
        if (written.startsWith('/') || result !== source) break;
        if (!copy || copy.dest.startsWith(baseFolder) || (command.kind !== 'COPY' && command.kind !== 'ADD') || step.instruction.form === 'exec') return undefined;
        const { span } = command.dest;
        result = `${source.slice(0, span.start - region.start)}${copy.dest}${copy.intoFolder && copy.dest !== '/' ? '/' : ''}${source.slice(span.end - region.start)}`;
        break;
      }
      case 'COPY': case 'ADD': {
        const other = contextCopyOf(passed);
        const otherDest = other?.dest ?? destOf(passed);
        const dest = copy?.dest ?? destOf(step);
        if (!overlap(dest, otherDest)) break;
        const same = copy && other && context && ownerOf(step, dockerfile.text) === ownerOf(passed, dockerfile.text) && filesTaken(other, context).every((file) => {
          const path = placeOf(other, file, context);
          const origin = path === undefined ? null : originOf(copy, path, context);
          return origin === undefined || origin === file;
        });
        if (!same) obstacles.push(say('line {0} writes to the same folder', passed.line ?? '?'));
        break;
      }
      case 'RUN': {
        const run = runOf(analysis, passed);
        const names = run.commands.filter(({ reading }) => reading.does === 'packages' || reading.does === 'update');
        const dest = copy?.dest ?? destOf(step);
        const isThere = first.some(({ path }) => path.startsWith(`${dest}/`)) || (step.before.workdir !== undefined && step.before.workdir !== null && overlap(dest, joinPath(step.before.workdir) || '/') && dest.length <= step.before.workdir.length);
        for (const { command: { words }, folder } of run.commands.slice(0, run.known)) {
          const name = words[0]?.text ?? '';
          // What is removed would be there again.
          if (name === 'rm' && pathsOf(words.map(({ text }) => text), folder).some((path) => overlap(dest, path))) return undefined;
          if (!isThere && /^(?:mkdir|useradd|adduser)$/.test(name) && pathsOf(words.map(({ text }) => text), folder).some((path) => overlap(dest, path))) obstacles.push(say('line {0} makes a folder in between', passed.line ?? '?'));
          if (name === 'update-ca-certificates' && overlap(dest, '/usr/local/share/ca-certificates')) return undefined;
        }
        if (isForPrograms(dest)) obstacles.push(say('programs of line {0} may look into {1}', passed.line ?? '?', dest));
        if (names.some(({ reading }) => !('system' in reading) || reading.system) && !isProjectFolder(dest)) obstacles.push(say('packages may write to {0} as line {1} does', dest, step.line ?? '?'));
        if (names.some(({ reading }) => reading.does === 'packages' && !reading.system)) obstacles.push(say('{0} was not checked', names.map(({ reading }) => (reading.does === 'packages' ? `\`${reading.title}\`` : '')).find((title) => title !== '') ?? ''));
        break;
      }
      default:
    }
  }
  return result;
}

function destOf({ expanded, before }: Step): string {
  if (expanded.kind !== 'copy' || expanded.dest === null) return '/';
  return joinPath(expanded.dest.startsWith('/') ? '/' : before.workdir ?? baseFolder, expanded.dest) || '/';
}

function overlap(a: string, b: string): boolean {
  const below = (one: string, other: string): boolean => other === '/' || one === other || one.startsWith(`${other}/`);
  return below(a, b) || below(b, a);
}

/** No package of a distribution writes there: outside of the Filesystem Hierarchy Standard, or where images keep their application. */
function isProjectFolder(path: string): boolean {
  return /^\/usr\/src\/(?:app|myapp)(?:\/|$)/.test(path) || (path !== '/' && !path.startsWith(baseFolder) && !/^\/(?:bin|boot|dev|etc|lib|lib32|lib64|libx32|media|mnt|opt|proc|root|run|sbin|srv|sys|tmp|usr|var|home)(?:\/|$)/.test(path));
}

/** Where programs, their settings and their libraries lie (Filesystem Hierarchy Standard); a folder of one's own below /opt, /srv, /var or a home is none. */
function isForPrograms(path: string): boolean {
  return path === '/' || /^\/(?:root|home(?:\/[^/]+)?|opt|srv|var|usr)$|^\/root\/\.|^\/home\/[^/]+\/\.|^\/(?:bin|boot|dev|etc|lib|lib32|lib64|libx32|proc|run|sbin|sys)(?:\/|$)|^\/usr\/(?!src(?:\/|$))|^\/var\/(?:lib|cache|spool|run)(?:\/|$)/.test(path);
}

/** Absolute paths among the words of a command that makes or removes folders, a home that is not named included. */
function pathsOf([name, ...args]: readonly string[], folder: string): string[] {
  const named = args.filter((arg) => !arg.startsWith('-') || arg.includes('=/')).map((arg) => arg.replace(/^-[^=]*=/, '').replace(/\/?\*+$/, ''));
  const paths = named.flatMap((path) => (path.startsWith('~') || path.includes('$') ? ['/root', '/home'] : path.startsWith('/') || name !== 'useradd' && name !== 'adduser' ? [joinPath(path.startsWith('/') ? '/' : folder, path) || '/'] : []));
  return name === 'useradd' || name === 'adduser' ? [...paths, '/home'] : paths;
}

const harmlessNpm = /^npm_config_(?:loglevel|registry|fund|audit|update_notifier|progress|cache|yes)$/i;
const harmlessPip = /^PIP_(?:NO_CACHE_DIR|DISABLE_PIP_VERSION_CHECK|DEFAULT_TIMEOUT|TIMEOUT|INDEX_URL|EXTRA_INDEX_URL|TRUSTED_HOST|ROOT_USER_ACTION|BREAK_SYSTEM_PACKAGES|NO_INPUT|PROGRESS_BAR|CACHE_DIR|VERSION|DISABLE_ROOT_WARNING)$/;

/** Variables that make an install read what its arguments do not name, and programs that the source brings. */
function environmentObstacles(analysis: Analysis, { stage, installs, copies }: Hoist): Said[] {
  const found: Said[] = [];
  const open = chainOf(analysis, stage.index).flatMap((index) => analysis.stages[index].steps).flatMap(partlyKnown);
  const isInSource = (path: string): boolean => copies.some(({ dest }) => path === dest || path.startsWith(dest === '/' ? '/' : `${dest}/`));
  for (const { install, run } of installs) {
    const values = [...inOrder(run.step.before.env).map(({ name, value }) => ({ name, value: value ?? '' })), ...open, ...assignedIn(run)];
    for (const { name } of values) {
      if (name === 'NODE_OPTIONS' || name === 'BASH_ENV' || name === 'ENV' || name === 'LD_PRELOAD' || name === 'PYTHONPATH' || name === 'PYTHONSTARTUP') found.push(say('{0} is set', name));
      else if (install.tool === 'npm' && /^npm_config_/i.test(name) && !harmlessNpm.test(name)) found.push(say('{0} is set', name));
      else if (install.tool === 'pip' && name.startsWith('PIP_') && !harmlessPip.test(name)) found.push(say('{0} is set', name));
    }
    const folders = values.filter(({ name }) => name === 'VIRTUAL_ENV' || name === 'PATH').flatMap(({ name, value }) => value.split(':').filter((path) => name === 'PATH' ? !path.endsWith('/node_modules/.bin') : true)).filter(isInSource);
    const program = install.words[0];
    if (folders.length > 0) found.push(install.tool === 'pip' ? say('the environment of Python lies where the source is copied to') : say('PATH names a folder of the source'));
    else if (program.includes('/') && !program.includes('$') && run.commands.some(({ reading, folder }) => reading === install && isInSource(joinPath(program.startsWith('/') ? '/' : folder, program)))) found.push(say('{0} lies where the source is copied to', program));
  }
  return found;
}

/** `ENV PATH=/app/bin:$PATH` where nobody knows the base's: what is written. */
function partlyKnown({ command, expanded, before }: Step): { name: string; value: string }[] {
  if (command.kind !== 'ENV' || expanded.kind !== 'pairs') return [];
  return expanded.pairs.flatMap(({ name, value }, i) => {
    if (value !== null || (name !== 'PATH' && name !== 'VIRTUAL_ENV')) return [];
    const written = command.pairs[i].value.text.replace(/["']/g, '');
    return [{ name, value: written.replace(/\$(?:\{(\w+)\}|(\w+))/g, (_, braced: string | undefined, bare: string | undefined) => valueIn(before.env, braced ?? bare ?? '')?.value ?? '') }];
  });
}

/** In the RUN itself: before a command, by `export`, by `env`. */
function assignedIn({ commands }: Run): { name: string; value: string }[] {
  return commands.flatMap(({ command: { assignments, words } }) => [...assignments, ...words]).flatMap(({ text }) => {
    const [, name, value] = /^(\w+)\+?=(.*)$/s.exec(text) ?? [];
    return name === undefined ? [] : [{ name, value }];
  });
}

/** The files that the wide copies bring and installs read, but for those that are there before; undefined: they cannot be named. */
export function neededFirst({ installs, copies }: Hoist, own: readonly Step[], first: ContextCopy): ReadFile[] | undefined {
  const earlier = own.slice(0, own.indexOf(first.step)).map(contextCopyOf).filter((copy) => copy !== undefined);
  const wide = new Set(copies.map(({ step }) => step));
  const needed = new Map<string, ReadFile>();
  for (const read of installs.flatMap(({ reads }) => reads)) {
    const isThere = earlier.some((copy) => originOf(copy, read.path, undefined) === read.origin && !copy.sources.includes(''));
    if (wide.has(read.copy.step) && !isThere) needed.set(read.path, read);
  }
  // In the order in which the tools name them.
  const all = [...needed.values()];
  return all.some(({ origin }) => /[\s*?[\]$\\"']/.test(origin)) ? undefined : all;
}

/** `COPY a b ./`, one line for a folder. */
export function manifestLines(needed: readonly ReadFile[], first: ContextCopy, text: string, context: Context | undefined, lineBreak: string): string | undefined {
  const groups = new Map<string, ReadFile[]>();
  for (const read of needed) {
    const folder = read.path.slice(0, read.path.lastIndexOf('/')) || '/';
    const name = read.origin.slice(read.origin.lastIndexOf('/') + 1);
    // A file that changes its name goes alone.
    const key = read.path.endsWith(`/${name}`) ? folder : read.path;
    groups.set(key, [...(groups.get(key) ?? []), read]);
  }
  if (groups.size > 30) return undefined;
  const workdir = joinPath(first.step.before.workdir ?? baseFolder) || '/';
  const { instruction } = first.step;
  const keyword = text.slice(instruction.keywordSpan.start, instruction.keywordSpan.end).replace(/^add$/i, (add) => (add === add.toLowerCase() ? 'copy' : 'COPY'));
  const lines: string[] = [];
  for (const [key, reads] of groups) {
    const flags = flagTexts(reads[0].copy.step.instruction, text);
    const isFile = reads[0].path === key;
    const inside = key === workdir ? './' : key.startsWith(workdir === '/' ? '/' : `${workdir}/`) ? `${key.slice(workdir === '/' ? 1 : workdir.length + 1)}${isFile ? '' : '/'}` : `${key}${isFile || key === '/' ? '' : '/'}`;
    if (inside.startsWith(baseFolder)) return undefined;
    const names = reads.map(({ origin }) => (context || isRequired(origin) ? origin : `${origin}*`));
    lines.push([keyword, ...flags, ...names, inside].join(' '));
  }
  return lines.map((line) => `${line}${lineBreak}`).join('');
}

/** Without the context: what every project of the tool has. */
function isRequired(origin: string): boolean {
  return /(?:^|\/)(?:package\.json|requirements[^/]*\.txt|pyproject\.toml|go\.mod|Gemfile|composer\.json|Pipfile|pom\.xml|mix\.exs)$/.test(origin);
}

function flagTexts({ flags }: Instruction, text: string): string[] {
  return flags.map(({ span }) => text.slice(span.start, span.end)).filter((flag) => /^--(?:chown|chmod|link)\b/.test(flag));
}

function ownerOf({ instruction }: Step, text: string): string {
  return flagTexts(instruction, text).filter((flag) => flag !== '--link').toSorted().join(' ');
}

function mountFlags({ installs }: Hoist, run: Run, needed: readonly ReadFile[]): string | undefined {
  if (run.step.instruction.form === 'exec' && run.step.instruction.flags.length > 0) return undefined;
  const own = new Set(installs.filter((one) => one.run === run).flatMap(({ reads }) => reads.map(({ path }) => path)));
  const workdir = joinPath(run.step.before.workdir ?? baseFolder) || '/';
  const flags = needed.filter(({ path }) => own.has(path)).map(({ origin, path }) => {
    const target = path.startsWith(workdir === '/' ? '/' : `${workdir}/`) ? path.slice(workdir === '/' ? 1 : workdir.length + 1) : path;
    return ` --mount=type=bind,source=${origin},target=${target}`;
  });
  return flags.some((flag) => flag.includes(baseFolder)) ? undefined : flags.join('');
}

/** The commands that need the source, in a RUN of their own; `cut`: where the first RUN ends. */
function tailOf(text: string, { commands, known, step }: Run): { readonly cut: number; readonly text: string } | undefined {
  const { instruction } = step;
  if (instruction.form === 'exec' || instruction.heredocs.length > 0 || known === 0 || known >= commands.length) return undefined;
  const state = commands.slice(0, known).filter(({ command, reading }) => reading.does === 'cd' || command.words.length === 0 || /^(?:set|unset|export|umask)$/.test(command.words[0].text));
  const start = text.slice(instruction.keywordSpan.start, instruction.flags.length > 0 ? instruction.flags[instruction.flags.length - 1].span.end : instruction.keywordSpan.end);
  const again = state.map(({ command }) => `${text.slice(command.start, command.end)} && `).join('');
  const cut = commands[known - 1].command.end;
  const comments = text.slice(cut, commands[known].command.start).split(/\r?\n/).filter((line) => line.trim().startsWith('#')).map((line) => `${line.trim()}\n`);
  return { cut, text: `${comments.join('')}${start} ${again}${text.slice(commands[known].command.start, instruction.span.end)}` };
}

function isBlankBefore(text: string, start: number): boolean {
  return start > 0 && /(?:^|\n)[ \t]*\r?\n$/.test(text.slice(Math.max(0, start - 200), start));
}

function isBlankAt(text: string, start: number): boolean {
  return /^[ \t]*\r?(?:\n|$)/.test(text.slice(start, start + 200));
}
