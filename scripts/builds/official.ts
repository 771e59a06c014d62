/** What Docker's own tools make of a definition file: `docker buildx bake --print` and `docker compose config`, in one form. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { posix } from 'node:path';
import type { BuildDefinition, ContextSource } from '../../server/src/workspace/builds/definition';

/** The fields that are compared; a value that is undefined is not given. */
export interface Fields {
  readonly context: string | undefined;
  readonly dockerfile: string | undefined;
  readonly target: string | undefined;
  readonly args: Readonly<Record<string, string | null>>;
  readonly contexts: Readonly<Record<string, string>>;
  readonly platforms: readonly string[];
  readonly tags: readonly string[];
}

/** `shadowed`: groups; a target of the same name cannot be asked for. */
export type Official = { readonly builds: ReadonlyMap<string, Fields>; readonly shadowed: ReadonlySet<string> } | { readonly refused: string };

interface Printed {
  context?: string;
  dockerfile?: string;
  'dockerfile-inline'?: string;
  dockerfile_inline?: string;
  target?: string;
  args?: Record<string, string | null>;
  contexts?: Record<string, string>;
  additional_contexts?: Record<string, string>;
  platforms?: string[];
  tags?: string[];
}

/** `paths` under `root`; bake runs in the folder of the first. */
export function bakePrint(root: string, paths: readonly string[], environment: NodeJS.ProcessEnv): Official {
  const folder = posix.dirname(paths[0]);
  const ran = run(['buildx', 'bake', ...paths.flatMap((path) => ['-f', posix.basename(path)]), '--print', '*'], posix.join(root, folder), environment);
  if ('refused' in ran) return ran;
  const { target = {}, group = {} } = JSON.parse(ran.text) as { target?: Record<string, Printed>; group?: Record<string, unknown> };
  return { builds: new Map(Object.entries(target).map(([name, printed]) => [name, fieldsOf(printed, folder, root, unescaped)])), shadowed: new Set(Object.keys(group)) };
}

export function composeConfig(root: string, paths: readonly string[], environment: NodeJS.ProcessEnv): Official {
  const folder = posix.dirname(paths[0]);
  const compose = (): ReturnType<typeof run> => run(['compose', ...paths.flatMap((path) => ['-f', posix.basename(path)]), '--profile', '*', 'config', '--format', 'json', '--no-env-resolution', '--no-consistency'], posix.join(root, folder), environment);
  let ran = compose();
  // What a service's environment is read from is no part of a build, and often not in the repository.
  for (let turn = 0; turn < 8 && 'refused' in ran; turn++) {
    const missing = /env file (\S+) not found/.exec(ran.refused)?.[1];
    if (missing === undefined || !missing.startsWith(root)) break;
    mkdirSync(posix.dirname(missing), { recursive: true });
    writeFileSync(missing, '');
    ran = compose();
  }
  if ('refused' in ran) return ran;
  const { services = {} } = JSON.parse(ran.text) as { services?: Record<string, { build?: Printed | null }> };
  const builds = Object.entries(services ?? {}).flatMap(([name, { build }]) => (build ? [[name, fieldsOf({ ...build, contexts: build.additional_contexts }, folder, root, dollars)] as const] : []));
  return { builds: new Map(builds), shadowed: new Set() };
}

function run(argv: readonly string[], cwd: string, environment: NodeJS.ProcessEnv): { readonly text: string } | { readonly refused: string } {
  const { status, stdout, stderr, error } = spawnSync('docker', argv, { cwd, env: environment, encoding: 'utf8', maxBuffer: 64 << 20, timeout: 60_000 });
  if (error) throw error;
  return status === 0 ? { text: stdout } : { refused: stderr.trim().split('\n').filter((line) => /\S/.test(line) && !/^#|level=warning/.test(line)).slice(-1)[0] ?? 'without a word' };
}

/** Both print texts so that they can be read again. */
const unescaped = (text: string): string => text.replaceAll('$${', '${').replaceAll('%%{', '%{');
const dollars = (text: string): string => text.replaceAll('$$', '$');

function fieldsOf(printed: Printed, folder: string, root: string, read: (text: string) => string): Fields {
  const at = (text: string): string => {
    if (/^(?:[a-z-]+:\/\/|git@|github\.com\/|target:|service:)/.test(text)) return text.startsWith('cwd://') ? at(text.slice(6)) : text;
    const path = posix.isAbsolute(text) ? text : posix.join(root, folder, text);
    return path === root || path.startsWith(`${root}/..`) || path.startsWith(root) || text === path ? relative(root, path) : path;
  };
  const context = at(read(printed.context ?? '.'));
  const inline = printed['dockerfile-inline'] ?? printed.dockerfile_inline;
  const name = read(printed.dockerfile || 'Dockerfile');
  const local = !/^(?:[a-z-]+:\/\/|git@|github\.com\/)/.test(context);
  return {
    context, dockerfile: inline !== undefined ? `inline ${read(inline)}` : name.startsWith('cwd://') ? at(name) : posix.isAbsolute(name) ? relative(root, name) : local ? posix.join(context, name) : undefined,
    target: printed.target === undefined || printed.target === '' ? undefined : read(printed.target),
    args: Object.fromEntries(Object.entries(printed.args ?? {}).map(([key, value]) => [key, value === null ? null : read(value)])),
    contexts: Object.fromEntries(Object.entries(printed.contexts ?? {}).map(([key, value]) => [key, at(read(value)).replace(/^service:/, 'target:')])),
    platforms: (printed.platforms ?? []).map(read), tags: (printed.tags ?? []).map(read),
  };
}

function relative(root: string, path: string): string {
  return posix.relative(root, path) || '.';
}

/** Our definition in the same form; what it says is not known is left to `unknownFields`. */
export function ours({ context, dockerfile, inlineDockerfile, target, args, contexts, platforms, tags }: BuildDefinition): Fields {
  return {
    context: written(context), dockerfile: inlineDockerfile === undefined ? dockerfile ?? undefined : `inline ${inlineDockerfile}`, target: target ?? undefined, args,
    contexts: Object.fromEntries(Object.entries(contexts).map(([name, source]) => [name, written(source) ?? ''])), platforms, tags,
  };
}

function written(source: ContextSource): string | undefined {
  switch (source.kind) {
    case 'folder': return source.path;
    case 'remote': return source.url;
    case 'image': return `docker-image://${source.reference}`;
    case 'build': return `target:${source.name}`;
    case 'unknown': return undefined;
  }
}
