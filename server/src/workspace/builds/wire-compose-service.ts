/**
 * A service that is there for its image alone. `scale: 0` says so: with it (and with `deploy.replicas: 0`), Compose 2.40.3 on Docker
 * 28.5.2 builds the service in `build`, `build CHILD` and `up --build` and starts no container of it, also with `up --wait`, where
 * another service has `additional_contexts: {base: service:base}`; Buildx 0.29.1 bakes it. With `profiles: [build]`, every command
 * stops: `service "child" declares unknown service "base" as additional contexts base`.
 */
import { isMap, isScalar, isSeq, type Node, type YAMLMap } from 'yaml';
import type { ContextSource } from './definition';
import { folderOf, isRemote } from './paths';
import { eolOf, indentAt, lineEnd, lineStart, pathFrom, replaced, withoutLines } from './wire-list';
import { contentEnd, pairOf, type ComposeText } from './wire-yaml';
import type { AddedBuild, Wired } from './wiring';
import { say, type Said } from '../../core/say';

/** Those that nobody asked to be built by default are not started. */
export function newCompose(file: string, builds: readonly AddedBuild[]): Wired {
  const parts: string[] = [];
  for (const build of builds) {
    const lines = serviceLines(file, build, '  ');
    if ('refused' in lines) return lines;
    parts.push((build.isDefault ? lines.slice(0, -1) : lines).map((line) => `  ${line}\n`).join(''));
  }
  return { text: `services:\n${parts.join('\n')}` };
}

/** First of all: the place behind `services:` is sure, whatever comments and blank lines the last service has behind it. */
export function withService({ file, text, services, unit }: ComposeText, build: AddedBuild): Wired {
  if (!/^[a-zA-Z0-9._-]+$/.test(build.name)) return { refused: say('"{0}" is no name of a Compose service.', build.name) };
  if (pairOf(services, build.name)) return { refused: say('There is a service "{0}" in {1} already.', build.name, file) };
  const first = (services.items[0] as { key: Node }).key.range?.[0] ?? 0;
  const indent = indentAt(text, first);
  if (services.flow || indent === '') return { refused: say('The services of {0} are written in one line.', file) };
  const lines = serviceLines(file, build, unit);
  if ('refused' in lines) return lines;
  const eol = eolOf(text);
  const at = lineEnd(text, keyEnd(text, first));
  return { text: replaced(text, at, at, lines.map((line) => eol + indent + line).join('') + (isSpaced(text, services) ? eol : '')) };
}

export function withoutService({ file, text, services }: ComposeText, name: string): Wired {
  const pair = pairOf(services, name);
  if (pair === undefined) return { refused: say('Service "{0}" in {1} is not written there.', name, file) };
  if (services.flow) return { refused: say('The services of {0} are written in one line.', file) };
  if (services.items.length === 1) return { refused: say('Service "{0}" is the only one in {1}.', name, file) };
  for (const { key, value } of services.items) {
    const user = isScalar(key) ? String(key.value) : '';
    const field = user === name ? undefined : namingField(value, name);
    if (field !== undefined) return { refused: say('Service "{0}" in {1} names "{2}" in its {3}.', user, file, name, field) };
  }
  const spaced = isSpaced(text, { items: services.items.filter((item) => item !== pair) });
  const end = contentEnd(text, pair.value, pair.key.range[1]);
  const behind = lineEnd(text, end);
  const blank = /^\r?\n[ \t]*(?=\r?\n)/.exec(text.slice(behind))?.[0].length ?? 0;
  return { text: withoutLines(text, pair.key.range[0], spaced && blank > 0 ? behind + blank : end) };
}

/** Whether the services have blank lines between them. */
function isSpaced(text: string, { items }: Pick<YAMLMap, 'items'>): boolean {
  const [first, second] = items as { key: Node; value: Node | null }[];
  if (second === undefined) return false;
  return /\n[ \t]*\r?\n/.test(text.slice(contentEnd(text, first.value, first.key.range?.[1] ?? 0), second.key.range?.[0]));
}

/** The line of `services:` ends somewhere before its first service, with comments between them. */
function keyEnd(text: string, first: number): number {
  let line = lineStart(text, first);
  while (line > 0) {
    const before = lineStart(text, line - 1);
    if (!/^[ \t]*(?:#.*)?$/.test(text.slice(before, lineEnd(text, before)))) return before;
    line = before;
  }
  return 0;
}

function serviceLines(file: string, build: AddedBuild, unit: string): readonly string[] | { readonly refused: Said } {
  const folder = folderOf(file);
  const contexts: [string, string][] = [];
  for (const [name, source] of Object.entries(build.contexts)) {
    const value = contextText(folder, source);
    if (value === undefined) return { refused: say('What the context "{0}" of service "{1}" in {2} would be is not known.', name, build.name, file) };
    contexts.push([name, value]);
  }
  const map = (name: string, entries: readonly (readonly [string, string])[]): string[] =>
    (entries.length === 0 ? [] : [`${name}:`, ...entries.map(([key, value]) => `${unit}${scalarOf(key, false)}: ${scalarOf(value)}`)]);
  const inner = [
    `context: ${scalarOf(composePath(folder, build.context))}`, `dockerfile: ${scalarOf(pathFrom(build.context, build.dockerfile))}`,
    ...(build.target === undefined ? [] : [`target: ${scalarOf(build.target)}`]), ...map('args', Object.entries(build.args)),
    ...(build.platforms.length === 0 ? [] : ['platforms:', ...build.platforms.map((platform) => `${unit}- ${scalarOf(platform)}`)]), ...map('additional_contexts', contexts),
  ];
  return [`${build.name}:`, `${unit}build:`, ...inner.map((line) => unit + unit + line), `${unit}scale: 0`];
}

function contextText(folder: string, source: ContextSource): string | undefined {
  switch (source.kind) {
    case 'folder': return composePath(folder, source.path);
    case 'remote': return source.url;
    case 'image': return `docker-image://${source.reference}`;
    case 'build': return `service:${source.name}`;
    case 'unknown': return undefined;
  }
}

/** With a dot, as Compose files have them. */
function composePath(folder: string, path: string): string {
  const written = pathFrom(folder, path);
  return written.startsWith('.') && !isRemote(written) ? written : `./${written}`;
}

/** A text that is read as this text: in quotes where it could be anything else. Keys are not interpolated. */
export function scalarOf(text: string, interpolated = true): string {
  const escaped = interpolated ? text.replaceAll('$', '$$$$') : text;
  const isPlain = /^[A-Za-z./_][A-Za-z0-9._/@+=:-]*$/.test(escaped) && !escaped.endsWith(':') && !/^(?:true|false|null|yes|no|on|off|y|n|\.nan|[-+]?\.inf|\.[0-9].*)$/i.test(escaped);
  return isPlain ? escaped : JSON.stringify(escaped);
}

/** The field in which a service names another. */
function namingField(service: unknown, name: string): string | undefined {
  if (!isMap(service)) return undefined;
  const texts = (node: unknown): string[] => {
    if (isMap(node)) return node.items.flatMap(({ key, value }) => [...texts(key), ...texts(value)]);
    return isSeq(node) ? node.items.flatMap(texts) : isScalar(node) ? [String(node.value)] : [];
  };
  for (const { key, value } of service.items) {
    const field = isScalar(key) ? String(key.value) : '';
    const named = texts(field === 'build' ? pairOf(value, 'additional_contexts')?.value : value);
    const isNamed = ['depends_on', 'extends', 'links', 'volumes_from'].includes(field)
      ? named.some((text) => text === name || text.startsWith(`${name}:`)) : named.some((text) => text === `service:${name}` || text.endsWith(`=service:${name}`));
    if (isNamed) return field;
  }
  return undefined;
}
