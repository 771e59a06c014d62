/**
 * Lines of scripts → the builds that they start: `docker build`, `docker buildx build`, as far as a line says it plainly. A context
 * or a file with a variable in it is no plain one, and left out; an argument's value with one is not known.
 */
import { parseTree } from 'jsonc-parser';
import { joinPath } from '../../core/build/path';
import type { Span } from '../../core/text';
import type { BuildDefinition, ContextSource } from './definition';
import { contextAt, dockerfileAt, folderOf, isAbsolute, isRemote, nothingSaid } from './paths';

interface Word {
  readonly text: string;
  /** Something in it is only known when it runs. */
  readonly variable: boolean;
  readonly start: number;
  readonly end: number;
}

export function isScript(path: string): boolean {
  return /(?:^|\/)(?:GNUmakefile|[Mm]akefile|package\.json)$|\.(?:mk|sh|bash)$/.test(path);
}

export function scriptDefinitions(file: string, text: string, exists: (path: string) => boolean | undefined): BuildDefinition[] {
  const folder = folderOf(file);
  if (!/\bdocker\b/.test(text)) return [];
  if (file.endsWith('package.json')) {
    const scripts = parseTree(text)?.children?.find(({ children }) => children?.[0]?.value === 'scripts')?.children?.[1]?.children ?? [];
    return scripts.flatMap(({ children: [key, value] = [] }) =>
      (typeof value?.value === 'string' ? buildsIn(value.value, { file, folder, name: String(key.value), source: 'script', span: { start: key.offset, end: value.offset + value.length } }) : []));
  }
  const make = !/\.(?:sh|bash)$/.test(file);
  const from = (start: string): BuildDefinition[] => buildsIn(text, { file, folder: start, source: 'script', make });
  const here = from(folder);
  if (make || folder === '.' || /cd\s+"?\$\(dirname|cd\s+"?\$\{(?:0|BASH_SOURCE)/.test(text)) return here;
  // Whether a script runs in its folder or in the root is seen from where the Dockerfiles are.
  const found = (builds: readonly BuildDefinition[]): number => builds.filter(({ dockerfile }) => dockerfile !== null && exists(dockerfile) === true).length;
  const root = from('.');
  return found(root) > found(here) ? root : here;
}

export interface Start {
  readonly file: string;
  readonly folder: string;
  readonly source: 'script' | 'workflow';
  readonly name?: string;
  /** For the whole text, where its places are not the file's. */
  readonly span?: Span;
  /** Each line of a Makefile runs in the folder itself. */
  readonly make?: boolean;
}

export function buildsIn(text: string, start: Start): BuildDefinition[] {
  const builds: BuildDefinition[] = [];
  let rule: string | undefined;
  let folder: string | null = start.folder;
  for (const { commands, line } of linesOf(text)) {
    if (start.make) {
      rule = /^([\w./%-]+)(?:\s+[\w./%-]+)*\s*:(?!=)/.exec(text.slice(line, line + 200))?.[1] ?? rule;
      folder = start.folder;
    }
    for (const words of commands) {
      const named = withoutPrefix(words);
      if (named[0]?.text === 'cd' && named[1]) {
        const to = named[1];
        folder = folder === null || to.variable || isAbsolute(to.text) || to.text === '-' ? (/dirname|BASH_SOURCE/.test(to.text) ? folderOf(start.file) : null) : joinPath(folder, to.text);
      } else if (folder !== null) {
        const build = buildOf(named, folder, { ...start, name: start.name ?? rule });
        if (build) builds.push(build);
      }
    }
  }
  return builds;
}

const valued = new Set([
  '--add-host', '--allow', '--annotation', '--attest', '--build-arg', '--build-context', '--builder', '--cache-from', '--cache-to', '--call', '--cgroup-parent', '--cpu-period', '--cpu-quota',
  '--cpu-shares', '-c', '--cpuset-cpus', '--cpuset-mems', '--file', '-f', '--iidfile', '--isolation', '--label', '--memory', '-m', '--memory-swap', '--metadata-file', '--network',
  '--no-cache-filter', '--output', '-o', '--platform', '--policy', '--progress', '--provenance', '--sbom', '--secret', '--security-opt', '--shm-size', '--ssh', '--tag', '-t', '--target', '--ulimit',
]);
const switches = new Set(['--check', '--compress', '--debug', '-D', '--force-rm', '--load', '--no-cache', '--pull', '--push', '--quiet', '-q', '--rm', '--squash']);

function buildOf(words: readonly Word[], folder: string, start: Start): BuildDefinition | undefined {
  if (words[0]?.text !== 'docker') return undefined;
  const command = ['build', 'buildx build', 'buildx b', 'image build', 'builder build'].map((text) => text.split(' ')).find((parts) => parts.every((part, i) => words[i + 1]?.text === part));
  if (command === undefined) return undefined;
  const given = new Map<string, Word[]>();
  const plain: Word[] = [];
  for (let i = command.length + 1; i < words.length; i++) {
    const word = words[i];
    if (/^\d?[<>]/.test(word.text)) break;
    if (!word.text.startsWith('-') || word.text === '-') {
      plain.push(word);
      continue;
    }
    const equals = word.text.indexOf('=');
    const flag = word.text.startsWith('--') ? word.text.slice(0, equals === -1 ? undefined : equals) : word.text.slice(0, 2);
    if (switches.has(word.text) || (equals !== -1 && switches.has(flag))) given.set(flag, [...(given.get(flag) ?? []), { ...word, text: equals === -1 ? 'true' : word.text.slice(equals + 1) }]);
    else if (!valued.has(flag)) return undefined;
    else {
      const value = equals !== -1 && word.text.startsWith('--') ? { ...word, text: word.text.slice(equals + 1) } : word.text.length > 2 && !word.text.startsWith('--') ? { ...word, text: word.text.slice(2) } : words[++i];
      if (value === undefined) return undefined;
      given.set(flag, [...(given.get(flag) ?? []), value]);
    }
  }
  const all = (...flags: string[]): Word[] => flags.flatMap((flag) => given.get(flag) ?? []);
  const file = all('--file', '-f').at(-1);
  if (plain.length !== 1 || plain[0].variable || file?.variable || plain[0].text === '-' || file?.text === '-') return undefined;
  const unknown: string[] = [];
  const context: ContextSource = contextAt(folder, plain[0].text);
  const found = file && context.kind !== 'remote' && !isRemote(file.text) ? dockerfileAt({ kind: 'folder', path: folder }, file.text) : dockerfileAt(context, file?.text ?? 'Dockerfile');
  if (found.path === null && found.why !== undefined) unknown.push(found.why);
  const known = (what: string, words_: readonly Word[]): string[] => words_.flatMap((word) => {
    if (!word.variable) return [word.text];
    unknown.push(`${what} is not known: it has a variable in it.`);
    return [];
  });
  const args: Record<string, string | null> = {};
  for (const word of all('--build-arg')) {
    const equals = word.text.indexOf('=');
    const name = equals === -1 ? word.text : word.text.slice(0, equals);
    if (/[$`]/.test(name)) continue;
    args[name] = equals === -1 || word.variable ? null : word.text.slice(equals + 1);
    if (args[name] === null) unknown.push(`The argument ${name} is not known: ${equals === -1 ? 'it is taken from the environment' : 'it has a variable in it'}.`);
  }
  const contexts: Record<string, ContextSource> = {};
  for (const word of all('--build-context')) {
    const [name, ...value] = word.text.split('=');
    contexts[name] = word.variable ? { kind: 'unknown', reason: 'It has a variable in it.' } : contextAt(folder, value.join('='));
  }
  const target = all('--target').at(-1);
  return {
    ...nothingSaid, source: start.source, file: start.file, name: start.name ?? 'docker build', span: start.span ?? { start: words[0].start, end: words.at(-1)?.end ?? words[0].end },
    context, dockerfile: found.path, ...(target && { target: target.variable ? null : target.text }), args, contexts,
    platforms: known('A platform', all('--platform')).flatMap((text) => text.split(',')), tags: known('A tag', all('--tag', '-t')),
    noCache: all('--no-cache').at(-1)?.text === 'true', unknown: [...new Set(unknown)],
  };
}

/** Without what may stand before a command: assignments, sudo, make's @ and -. */
function withoutPrefix(words: readonly Word[]): Word[] {
  const rest = [...words];
  while (rest[0] && (/^(?:\w+=.*|sudo|exec|time|then|do|else|if|!|\{|\()$/s.test(rest[0].text) || /^[@+-]+$/.test(rest[0].text))) rest.shift();
  if (rest[0] && /^[@+-]+\w/.test(rest[0].text)) rest[0] = { ...rest[0], text: rest[0].text.replace(/^[@+-]+/, '') };
  return rest;
}

/** A script's lines, joined where a backslash says so, as commands of words. */
function linesOf(text: string): { readonly line: number; readonly commands: Word[][] }[] {
  const lines: { line: number; commands: Word[][] }[] = [];
  let at = 0;
  while (at < text.length) {
    const line = at;
    const commands: Word[][] = [];
    let words: Word[] = [];
    const end = (): void => {
      if (words.length > 0) commands.push(words);
      words = [];
    };
    while (at < text.length && text[at] !== '\n') {
      const ch = text[at];
      const two = text.slice(at, at + 2);
      if (ch === ' ' || ch === '\t' || ch === '\r') at++;
      else if (ch === '\\' && /^\\\r?\n/.test(text.slice(at, at + 3))) at = text.indexOf('\n', at) + 1;
      else if (ch === '#') at = text.indexOf('\n', at) === -1 ? text.length : text.indexOf('\n', at);
      else if (two === '&&' || two === '||' || ch === ';' || ch === '|' || ch === '&' || ch === '(' || ch === ')') {
        end();
        at += two === '&&' || two === '||' ? 2 : 1;
      } else {
        const word = wordAt(text, at);
        words.push(word);
        at = Math.max(word.end, at + 1);
      }
    }
    end();
    lines.push({ line, commands });
    at++;
  }
  return lines;
}

function wordAt(text: string, start: number): Word {
  let out = '';
  let variable = false;
  let at = start;
  let quote = '';
  for (; at < text.length; at++) {
    const ch = text[at];
    if (quote === '' && /[\s;&|()]/.test(ch)) break;
    if (ch === quote) quote = '';
    else if (quote === '' && (ch === '"' || ch === "'")) quote = ch;
    else if (ch === '\\' && quote !== "'") {
      const newline = /^\\\r?\n/.exec(text.slice(at, at + 3));
      if (newline && quote === '') break;
      if (newline) at += newline[0].length - 1;
      else out += text[++at] ?? '';
    } else if ((ch === '$' || ch === '`') && quote !== "'") {
      const whole = text.slice(at, substitutionEnd(text, at));
      variable ||= !/^\$[({]?(?:PWD|CURDIR|pwd)[)}]?$/.test(whole);
      out += variable ? whole : '.';
      at += whole.length - 1;
    } else {
      // Of a glob, only the shell knows what it becomes.
      if (quote === '' && ch === '*') variable = true;
      out += ch;
    }
  }
  return { text: out, variable, start, end: at };
}

/** Behind `$x`, `${x}`, `${{ x }}`, `$(x)` and `` `x` ``. */
function substitutionEnd(text: string, at: number): number {
  if (text[at] === '`') return (text.indexOf('`', at + 1) + 1) || text.length;
  const open = text[at + 1];
  const close = open === '(' ? ')' : open === '{' ? '}' : undefined;
  if (close === undefined) return at + (/^\$\$?(?:\w+|[@#?*!])?/.exec(text.slice(at, at + 200))?.[0].length ?? 1);
  let depth = 0;
  for (let end = at + 1; end < text.length; end++) {
    if (text[end] === open) depth++;
    else if (text[end] === close && --depth === 0) return end + 1;
  }
  return text.length;
}
