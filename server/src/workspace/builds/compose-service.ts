/** One service of a Compose file → what it says of its build, paths resolved; and how two of them merge (compose-go, override/). */
import { say, type Said } from '../../core/say';
import type { Span } from '../../core/text';
import type { ContextSource } from './definition';
import { interpolate, type Lookup } from './interpolation';
import { contextAt } from './paths';
import { entry, isYamlList, isYamlMap, scalarText, type YamlMap, type YamlValue } from './yaml';

/** A text; null: not known. */
export type Text = string | null;

export interface Service {
  readonly name: string;
  readonly file: string;
  readonly span: Span | undefined;
  readonly builds: boolean;
  /** It has an image or a build, so that it can stand alone. */
  readonly whole: boolean;
  readonly context?: ContextSource;
  readonly dockerfile?: Text;
  readonly inline?: Text;
  readonly target?: Text;
  readonly args: ReadonlyMap<string, Text>;
  readonly contexts: ReadonlyMap<string, ContextSource>;
  readonly platforms: readonly string[];
  readonly tags: readonly string[];
  /** Its name for the image that it builds; undefined: none; null: one that is not known. */
  readonly image?: string | null;
  readonly noCache?: boolean;
  /** What of an earlier file it takes away: `build`, or fields of it. */
  readonly resets: ReadonlySet<string>;
  readonly unknown: readonly string[];
}

/** Where a service is read from. */
export interface Place {
  readonly file: string;
  /** Whose paths lead from here. */
  readonly folder: string;
  readonly lookup: Lookup;
  readonly problem: (message: Said, span?: Span) => void;
}

const fields = new Set([
  'additional_contexts', 'args', 'cache_from', 'cache_to', 'context', 'dockerfile', 'dockerfile_inline', 'entitlements', 'extra_hosts', 'isolation', 'labels',
  'network', 'no_cache', 'platforms', 'privileged', 'provenance', 'pull', 'sbom', 'secrets', 'shm_size', 'ssh', 'tags', 'target', 'ulimits',
]);

export function serviceOf(name: string, service: YamlMap, span: Span | undefined, place: Place): Service {
  const written = service.entries.get('build');
  const build: YamlMap | undefined = isYamlMap(written) ? written : undefined;
  const unknown: string[] = [];
  const resets = new Set<string>();
  if (service.tags.has('build')) resets.add('build');
  for (const [field, tag] of build?.tags ?? []) if (tag === '!reset' || tag === '!override') resets.add(field);
  for (const field of build?.entries.keys() ?? []) {
    if (!fields.has(field) && !field.startsWith('x-')) place.problem(say('A build of Compose has no {0}.', field), build?.keys.get(field));
  }
  const read = (what: string, value: string): Text => {
    const { text, unknown: variable, problem } = interpolate(value, place.lookup);
    if (problem !== undefined) place.problem(problem, span);
    if (text === null) unknown.push(variable === undefined ? `${what} is not known.` : `${what} is not known: the variable ${variable} is set nowhere in the project.`);
    return text;
  };
  const scalar = (field: string, what: string): Text | undefined => {
    const value = scalarText(entry(build, field));
    return value === undefined ? undefined : read(what, value);
  };
  const source = (what: string, value: string): ContextSource => {
    const text = read(what, value);
    return text === null ? { kind: 'unknown', reason: unknown.at(-1) ?? '' } : contextAt(place.folder, text);
  };
  const list = (field: string, what: string): string[] => {
    const value = entry(build, field);
    return isYamlList(value) ? value.flatMap((item) => read(what, scalarText(item) ?? '') ?? []) : [];
  };

  const args = new Map<string, Text>();
  for (const [argument, value] of pairs(entry(build, 'args'))) {
    const key = read('The name of an argument', argument) ?? argument;
    if (value !== undefined) {
      args.set(key, read(`The argument ${key}`, value));
      continue;
    }
    // Without a value it is the environment's; where that has none, the argument is not given.
    const found = place.lookup(key);
    if (found === null) unknown.push(`The argument ${key} is not known: it is taken from the environment.`);
    if (found !== undefined) args.set(key, found);
  }
  const contexts = new Map<string, ContextSource>();
  for (const [context, value] of pairs(entry(build, 'additional_contexts'))) contexts.set(context, source(`The context ${context}`, value ?? ''));
  const context = typeof written === 'string' ? written : scalarText(entry(build, 'context'));
  const noCache = entry(build, 'no_cache');
  const image = scalarText(service.entries.get('image'));
  return {
    name, file: place.file, span, builds: typeof written === 'string' || build !== undefined, whole: written !== undefined || service.entries.has('image') || service.entries.has('provider'),
    context: context === undefined ? undefined : source('The context', context), dockerfile: scalar('dockerfile', 'The Dockerfile'), inline: scalar('dockerfile_inline', 'The Dockerfile'),
    target: scalar('target', 'The target'), args, contexts, platforms: list('platforms', 'A platform'), tags: list('tags', 'A tag'),
    image: image === undefined ? undefined : interpolate(image, place.lookup).text,
    noCache: noCache === undefined ? undefined : read('Whether it uses the cache', String(noCache)) === 'true', resets, unknown,
  };
}

/** A mapping, or a list of `NAME=value`; undefined: without a value. */
function pairs(value: YamlValue | undefined): [string, string | undefined][] {
  if (isYamlMap(value)) return [...value.entries].map(([name, item]) => [name, scalarText(item)]);
  return (isYamlList(value) ? value : []).flatMap((item): [string, string | undefined][] => {
    const text = scalarText(item);
    if (text === undefined) return [];
    const equals = text.indexOf('=');
    return equals === -1 ? [[text, undefined]] : [[text.slice(0, equals), text.slice(equals + 1)]];
  });
}

export function merged(base: Service, over: Service): Service {
  const { resets } = over;
  const kept = <T>(field: string, value: T, none: T): T => (resets.has(field) || resets.has('build') ? none : value);
  return {
    ...base, name: over.name, file: over.builds || !base.builds ? over.file : base.file, span: over.builds || !base.builds ? over.span : base.span,
    builds: over.builds || kept('build', base.builds, false), whole: base.whole || over.whole,
    context: over.context ?? kept('context', base.context, undefined), dockerfile: over.dockerfile ?? kept('dockerfile', base.dockerfile, undefined),
    inline: over.inline ?? kept('dockerfile_inline', base.inline, undefined), target: over.target ?? kept('target', base.target, undefined),
    args: new Map([...kept('args', base.args, new Map<string, Text>()), ...over.args]),
    contexts: new Map([...kept('additional_contexts', base.contexts, new Map<string, ContextSource>()), ...over.contexts]),
    platforms: [...new Set([...kept('platforms', base.platforms, []), ...over.platforms])], tags: [...new Set([...kept('tags', base.tags, []), ...over.tags])],
    image: over.image === undefined ? base.image : over.image, noCache: over.noCache ?? kept('no_cache', base.noCache, undefined), resets: new Set(), unknown: [...new Set([...base.unknown, ...over.unknown])],
  };
}

export function nothing(name: string, file: string, span: Span | undefined, unknown: readonly string[]): Service {
  return { name, file, span, builds: false, whole: false, args: new Map(), contexts: new Map(), platforms: [], tags: [], resets: new Set(), unknown };
}
