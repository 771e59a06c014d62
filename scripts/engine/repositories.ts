/**
 * Dockerfiles of fetched repositories, made buildable without their bases, their context and a network. The text stays as it
 * is. What it names is stood in for: see `how` in manifests/engine.json, which says file by file what was needed.
 */
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, posix } from 'node:path';
import { analyze } from '../../server/src/core/analyze';
import type { BaseImage, Step } from '../../server/src/core/build/model';
import { mountOf } from '../../server/src/core/build/mounts';
import { catFiles, repositoriesUnder } from '../repositories';
import { tarOver, type TarFile } from './tar';

export interface Chosen {
  readonly repository: string;
  readonly commit: string;
  readonly path: string;
  /** Lines that were taken out. */
  readonly without?: readonly string[];
  /** Names that are tagged onto the stand-in image. */
  readonly images: readonly string[];
  /** Programs of the image that succeed at anything. */
  readonly programs: readonly string[];
  /** Empty files and folders (ending in `/`) of the image, that COPY --from and mounts read. */
  readonly files: readonly string[];
  readonly users: readonly string[];
  /** Empty files and folders of the context. */
  readonly context: readonly string[];
}

interface Manifest {
  readonly how: string;
  readonly files: readonly Chosen[];
}

const manifestPath = 'scripts/manifests/engine.json';
const how = 'Each Dockerfile is built with its text unchanged, except for the lines under `without` (a frontend to be pulled). '
  + 'Every image that it names (`images`) is a tag on one stand-in image: a small shell, with an empty config, in which `programs` succeed at anything, '
  + '`users` exist, and `files` are there, empty, for COPY --from and mounts to read. The context holds `context`, empty. '
  + 'Chosen by npm run test:engine -- --repositories DIR --choose: of every repository\'s newest snapshot, Dockerfiles without a download by ADD, '
  + 'without pinned digests and not for Windows, no two with the same instructions, in the order of a digest of their path, as many as build up to a limit per repository; '
  + 'whether the prediction is right plays no part.';

/** The manifest's files, with their texts; undefined where no repository under the folder has it. */
export async function read(directory: string): Promise<{ chosen: Chosen; text: string | undefined }[]> {
  const { files } = JSON.parse(readFileSync(manifestPath, 'utf8')) as Manifest;
  const texts = new Map<string, string>();
  for (const repository of repositoriesUnder(directory)) {
    const missing = files.map(nameOf).filter((name) => !texts.has(name));
    if (missing.length === 0) break;
    for (const [name, text] of await catFiles(repository, missing)) texts.set(name, text);
  }
  return files.map((chosen) => {
    const text = texts.get(nameOf(chosen));
    return { chosen, text: text === undefined ? undefined : withoutLines(text, chosen.without ?? []) };
  });
}

function nameOf({ commit, path }: { readonly commit: string; readonly path: string }): string {
  return `${commit}:${path}`;
}

export function withoutLines(text: string, lines: readonly string[]): string {
  return text.split('\n').filter((line) => !lines.includes(line.trim())).join('\n');
}

/** What no other build may use at the same time. */
export function keysOf({ images }: Chosen, text = ''): string[] {
  return [...images, ...(/\bscratch\b/.test(text) ? ['scratch'] : [])];
}

export function contextFiles({ context }: Chosen): readonly string[] {
  return ['stand-in', ...context];
}

/** The stand-in image: `files` is a small file system with a shell as /.strata/sh. */
export function rootFiles(files: Buffer, chosen: Chosen): Buffer {
  const script = '#!/.strata/sh\nexit 0\n';
  const over: TarFile[] = [
    // Of its own content, so that BuildKit takes no two of them for the same.
    { path: '.strata/for', text: nameOf(chosen) },
    ...chosen.files.map((path): TarFile => ({ path: path.endsWith('/') ? `${path}stand-in` : path })),
    ...chosen.programs.map((path): TarFile => ({ path, text: script, mode: 0o755 })),
  ];
  if (chosen.users.length > 0) {
    over.push({ path: 'etc/passwd', text: ['root:x:0:0::/:/bin/sh', ...chosen.users.map((user, i) => `${user}:x:${1000 + i}:${1000 + i}::/:/bin/sh`), ''].join('\n') });
    over.push({ path: 'etc/group', text: ['root:x:0:', ...chosen.users.map((user, i) => `${user}:x:${1000 + i}:`), ''].join('\n') });
  }
  return tarOver(files, over);
}

// ---- the choice ----

const perRepository = 4;
const tries = 15;

/** `build` answers why the engine refuses. */
export async function choose(directory: string, build: (chosen: Chosen, text: string) => Promise<string | undefined>): Promise<void> {
  const found: Chosen[] = [];
  const shapes = new Set<string>();
  for (const repository of repositoriesUnder(directory).sort()) {
    const commit = git(repository, ['rev-parse', '--verify', '-q', 'HEAD']).trim();
    if (commit === '') continue;
    const tree = git(repository, ['ls-tree', '-r', '--name-only', 'HEAD']).split('\n');
    const paths = tree.filter(isDockerfile).sort((a, b) => (digest(a) < digest(b) ? -1 : 1)).slice(0, 400);
    const texts = await catFiles(repository, paths.map((path) => nameOf({ commit, path })));
    const folders = new Set(tree.map((path) => posix.dirname(path)).flatMap(parents));
    let built = 0;
    let tried = 0;
    for (const path of paths) {
      const text = texts.get(nameOf({ commit, path }));
      const prepared = text === undefined ? undefined : prepare(text, { repository: repositoryName(repository), commit, path }, new Set(tree), folders);
      if (!prepared || shapes.has(prepared.shape)) continue;
      if (built === perRepository || tried++ === tries) break;
      const error = await build(prepared.chosen, prepared.text);
      console.log(`${error === undefined ? 'builds' : 'left out'}: ${prepared.chosen.repository} ${path}${error === undefined ? '' : `: ${error}`}`);
      if (error !== undefined) continue;
      shapes.add(prepared.shape);
      built++;
      found.push(prepared.chosen);
    }
  }
  writeFileSync(manifestPath, `{\n  "how": ${JSON.stringify(how)},\n  "files": [\n${found.map((chosen) => `    ${JSON.stringify(chosen)}`).join(',\n')}\n  ]\n}\n`);
  console.log(`engine: ${found.length} files chosen`);
}

export function isDockerfile(path: string): boolean {
  const name = basename(path);
  return /^(Dockerfile(\.[\w.-]+)?|[\w.-]+\.Dockerfile)$/i.test(name) && !/\.(template|tpl|tmpl|j2|erb|in|md|sh|dockerignore)$/i.test(name);
}

/** `owner/name` of its remote, or as its folder is named: owner/name or owner+name, bare in a folder of its own or not. */
export function repositoryName(path: string): string {
  const remote = /[/:]([^/:]+\/[^/]+?)(\.git)?\/?\n/.exec(git(path, ['config', '--get', 'remote.origin.url']))?.[1];
  if (remote !== undefined) return remote;
  const parts = path.replace(/\/(repo|\.git)?$/, '').replace(/\.git$/, '').split('/');
  const last = parts.at(-1) === 'repo' ? parts.at(-2) as string : parts.at(-1) as string;
  return last.includes('+') ? last.replace('+', '/') : `${parts.at(-2)}/${last}`;
}

export function git(repository: string, args: readonly string[]): string {
  return spawnSync('git', ['-C', repository, '-c', 'core.quotePath=false', ...args], { maxBuffer: 1 << 30 }).stdout.toString();
}

export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function parents(folder: string): string[] {
  const found: string[] = [];
  for (let at = folder; at !== '.' && at !== '/'; at = posix.dirname(at)) found.push(at);
  return found;
}

/** What a file needs to be built; undefined where it cannot be. */
function prepare(written: string, place: { repository: string; commit: string; path: string }, tree: ReadonlySet<string>, folders: ReadonlySet<string>): { chosen: Chosen; text: string; shape: string } | undefined {
  if (written.length > 20000 || /\{\{|\{%|<%|%%[A-Z]/.test(written)) return undefined;
  const syntax = written.split('\n').slice(0, 5).map((line) => line.trim()).filter((line) => /^#\s*syntax\s*=/i.test(line));
  const text = withoutLines(written, syntax);
  const nothing: BaseImage = { config: {}, history: [{ createdBy: '', emptyLayer: false }] };
  const platform = { build: 'linux/amd64', target: 'linux/amd64', assumed: false };
  const first = analyze(text, { platform });
  const images = new Set<string>();
  for (const stage of first.stages) if (stage.reachable && stage.base.kind === 'image') images.add(stage.base.reference ?? '');
  const analysis = analyze(text, { platform, images: Object.fromEntries([...images].map((name) => [name, nothing])) });
  if (analysis.problems.length > 0 || analysis.target === undefined) return undefined;
  const programs = new Set<string>(['bin/sh']);
  const files = new Set<string>();
  const users = new Set<string>();
  const context = new Set<string>();
  const stageNames = new Set(analysis.stages.flatMap(({ name, index }) => [String(index), ...(name === null ? [] : [name.toLowerCase()])]));
  const kindIn = (path: string): string => {
    for (const root of [posix.dirname(place.path), '.', posix.dirname(posix.dirname(place.path))]) {
      const full = posix.normalize(posix.join(root, path));
      if (folders.has(full)) return `${path}/`;
      if (tree.has(full)) return path;
    }
    return guess(path);
  };
  const source = (written: string | null, from: string | undefined, isFolder = false): void => {
    const path = posix.normalize(`/${written ?? ''}`).slice(1).replace(/\/$/, '').replace(/\[(.)[^\]]*\]/g, '$1').replace(/[*?]/g, 'x');
    if (from !== undefined && !stageNames.has(from.toLowerCase())) images.add(from);
    if (path === '') return;
    if (from === undefined) context.add(isFolder || written?.endsWith('/') ? `${path}/` : kindIn(path));
    else files.add(written?.endsWith('/') ? `${path}/` : guess(path));
  };
  for (const stage of analysis.stages) if (stage.reachable) for (const step of stage.steps) {
    const { command, expanded } = step;
    if (command.kind === 'RUN') {
      const program = programOf(step);
      if (program !== undefined) programs.add(program);
      for (const mount of command.mounts) {
        const read = mountOf(mount.text, (value) => value);
        if ('error' in read) return undefined;
        if (read.from !== '' || read.type === 'bind') source(read.source, read.from === '' ? undefined : read.from);
      }
    } else if ((command.kind === 'COPY' || command.kind === 'ADD') && expanded.kind === 'copy') {
      if (expanded.sources.some((one) => one === null || /^(https?|git|ssh):|^git@/.test(one))) return undefined;
      for (const one of expanded.sources) source(one, command.flags.from?.text);
      for (const owner of (expanded.chown ?? '').split(':')) if (!/^\d*$/.test(owner) && owner !== 'root') users.add(owner);
    } else if (command.kind === 'USER') {
      for (const name of (step.after.user ?? '').split(':')) if (!/^\d*$/.test(name) && name !== 'root') users.add(name);
    }
  }
  images.delete('scratch');
  if ([...images].some((name) => name === '' || name.includes('@') || /windows|nanoserver/i.test(name))) return undefined;
  const shape = digest(JSON.stringify(analysis.stages.map(({ steps }) => steps.map((step) => [step.command.kind, step.expanded]))));
  return {
    text, shape,
    chosen: {
      ...place, ...(syntax.length > 0 && { without: syntax }), images: [...images], programs: [...programs],
      files: withoutParents(files), users: [...users], context: withoutParents(context),
    },
  };
}

/** The program that a RUN starts, where the image has to have it. */
export function programOf({ command, expanded, before }: Step): string | undefined {
  if (command.kind !== 'RUN' || expanded.kind !== 'run') return undefined;
  const program = command.command.prependShell ? before.shell?.[0] : expanded.args[0];
  if (program === undefined) return undefined;
  return program.startsWith('/') ? program.slice(1) : `usr/local/bin/${program}`;
}

/** Folders end in `/`. */
export function guess(path: string): string {
  return /\.[a-z0-9]{1,6}$/i.test(path) || /(^|\/)s?bin\/[^/]+$/.test(path) ? path : `${path}/`;
}

/** What others lie in is there with them, and is a folder. */
export function withoutParents(paths: ReadonlySet<string>): string[] {
  const all = [...paths];
  return all.filter((path) => !all.some((other) => other !== path && other.startsWith(`${path.replace(/\/$/, '')}/`))).sort();
}
