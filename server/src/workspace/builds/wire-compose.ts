/** Changes of a Compose file: what the `build` of a service says, edited in lines and in flow style; what is shared by an alias stays. */
import { isAlias, isMap, isScalar, isSeq, type Node, type YAMLMap } from 'yaml';
import type { BuildDefinition } from './definition';
import { scalarOf, withService, withoutService } from './wire-compose-service';
import { eolOf, indentAt, lineEnd, lineStart, pathFrom, replaced, withItem, withoutItem, withoutLines } from './wire-list';
import { colonBehind, composeOf, contentEnd, listOf, oneLine, pairOf, type ComposeText, type KeyValue } from './wire-yaml';
import type { Wired, Wiring } from './wiring';
import { say, type Said } from '../../core/say';

/** `definitions`: those of this text. */
export function wireCompose(file: string, text: string, change: Wiring, definitions: readonly BuildDefinition[]): Wired {
  const compose = composeOf(file, text);
  if ('refused' in compose) return compose;
  if (change.kind === 'add') return withService(compose, change.build);
  const definition = definitions.find(({ name }) => name === change.build);
  if (definition === undefined) return { refused: say('There is no service "{0}" with a build in {1}.', change.build, file) };
  if (change.kind === 'remove') return withoutService(compose, change.build);
  const present = 'name' in change ? definition.contexts[change.name] : undefined;
  if (change.kind === 'context' && present) {
    if (present.kind === 'build' && present.name === change.of) return { text };
    return { refused: say('Service "{0}" in {1} has a context "{2}" already.', change.build, file, change.name) };
  }
  // Another change may have been made where both take it from.
  if (change.kind === 'drop-context' && !present) return { text };
  const build = buildOf(compose, change.build);
  if ('refused' in build) return build;
  switch (change.kind) {
    case 'context': return profilesOf(compose, change) ?? withContext(compose, build, change);
    case 'drop-context': return withoutContext(compose, build, change);
    case 'dockerfile': return withDockerfile(compose, build, change, definition);
  }
}

function buildOf({ file, text, services }: ComposeText, name: string): KeyValue | { readonly refused: Said } {
  const service = pairOf(services, name);
  if (isAlias(service?.value)) return { refused: say('Service "{0}" in {1} is the alias *{2}.', name, file, service.value.source) };
  const build = pairOf(service?.value, 'build');
  if (build === undefined) return { refused: say('The build of service "{0}" in {1} is written elsewhere: it extends another service, or merges what an alias stands for.', name, file) };
  if (isAlias(build.value)) return { refused: say('The build of service "{0}" in {1} is the alias *{2}.', name, file, build.value.source) };
  const { tag } = build.value as Node & { tag?: string };
  if (tag !== undefined && !tag.startsWith('tag:')) return { refused: say('The build of service "{0}" in {1} has the tag {2}.', name, file, tag) };
  if (isScalar(build.value) && text.slice(build.key.range[0], build.value.range?.[1]).includes('\n')) return { refused: say('The build of service "{0}" in {1} is written over several lines.', name, file) };
  return build;
}

/** Compose loads only the services of the profiles that are on, and then refuses a context of one that is not there (2.40.3). */
function profilesOf({ file, services }: ComposeText, { build, of }: Wiring & { readonly kind: 'context' }): Wired | undefined {
  const profiles = (name: string): string => JSON.stringify(pairOf(pairOf(services, name)?.value, 'profiles')?.value ?? []);
  return profiles(of) === '[]' || profiles(of) === profiles(build) ? undefined : { refused: say('Service "{0}" in {1} has profiles: without them, Compose does not find it for "{2}".', of, file, build) };
}

function isFlow(services: YAMLMap, name: string): boolean {
  const service = pairOf(services, name)?.value;
  return isMap(service) && service.flow === true;
}

/** Short form → mapping, with what it is given behind the context; the text of the context stays as it is, its comment too. */
function asMapping(text: string, build: KeyValue, unit: string, flow: boolean, lines: readonly string[], inline: string): string {
  const end = (build.value as Node).range?.[1] ?? 0;
  const colon = colonBehind(text, build.key);
  if (flow) {
    const start = colon + 1 + (/^\s*/.exec(text.slice(colon + 1))?.[0].length ?? 0);
    return replaced(text, start, end, `{ context: ${text.slice(start, end)}, ${inline} }`);
  }
  const eol = eolOf(text);
  const indent = indentAt(text, build.key.range[0]) + unit;
  const line = lineEnd(text, end);
  return replaced(replaced(text, line, line, lines.map((added) => eol + indent + added).join('')), colon + 1, colon + 1, `${eol}${indent}context:`);
}

/** A field of a build that is a mapping already: behind the context, or first where that is all there is (the short form made one has it last). */
function withField({ text, unit }: ComposeText, build: KeyValue, lines: readonly string[], inline: string): string | undefined {
  const map = build.value as YAMLMap;
  const context = pairOf(map, 'context');
  if (map.flow) {
    if (map.items.length !== 1 || !context) return withItem(text, listOf(map), inline);
    return replaced(text, context.key.range[0], context.key.range[0], `${inline}, `);
  }
  const eol = eolOf(text);
  const indent = indentAt(text, (map.items[0] as KeyValue).key.range[0]);
  const behind = context && map.items.length > 1 && oneLine(text, context) ? (context.value as Node).range?.[1] ?? 0 : colonBehind(text, build.key);
  const at = lineEnd(text, behind);
  if (text.slice(lineStart(text, (map.items[0] as KeyValue).key.range[0]), (map.items[0] as KeyValue).key.range[0]).trim() !== '') return undefined;
  return replaced(text, at, at, lines.map((line) => eol + (line.startsWith(' ') ? indent + unit + line.trimStart() : indent + line)).join(''));
}

function withContext(compose: ComposeText, build: KeyValue, { build: name, name: context, of }: Wiring & { readonly kind: 'context' }): Wired {
  const { file, text, unit, services } = compose;
  const item = `${scalarOf(context)}: ${scalarOf(`service:${of}`)}`;
  const inline = `additional_contexts: { ${item} }`;
  if (isScalar(build.value)) {
    return { text: asMapping(text, build, unit, isFlow(services, name), ['additional_contexts:', `${unit}${item}`], inline) };
  }
  if (!isMap(build.value)) return { refused: say('The build of service "{0}" in {1} is neither a text nor a mapping.', name, file) };
  const contexts = pairOf(build.value, 'additional_contexts')?.value as Node | null | undefined;
  const whole = say('The additional_contexts of service "{0}" in {1}', name, file);
  if (contexts === undefined) {
    const made = withField(compose, build, ['additional_contexts:', ` ${item}`], inline);
    return made === undefined ? { refused: say('The build of service "{0}" in {1} is written in a way that is not edited here.', name, file) } : { text: made };
  }
  if (isAlias(contexts)) return { refused: say('{0} are the alias *{1}.', whole, contexts.source) };
  if (!isMap(contexts) && !isSeq(contexts)) return { refused: say('{0} are empty.', whole) };
  const listed = scalarOf(`${context}=service:${of}`);
  if (contexts.flow) {
    const made = withItem(text, listOf(contexts), isSeq(contexts) ? listed : item);
    return made === undefined ? { refused: say('{0} hold nothing but a comment.', whole) } : { text: made };
  }
  const at = lineEnd(text, contentEnd(text, contexts, 0));
  const last = contexts.items.at(-1);
  const start = isMap(contexts) ? (last as KeyValue).key.range[0] : lineStart(text, (last as Node).range?.[0] ?? 0);
  const indent = isMap(contexts) ? indentAt(text, start) : /^\s*-\s*/.exec(text.slice(start))?.[0] ?? '- ';
  return { text: replaced(text, at, at, `${eolOf(text)}${indent}${isSeq(contexts) ? listed : item}`) };
}

function withoutContext(compose: ComposeText, build: KeyValue, { build: name, name: context }: Wiring & { readonly kind: 'drop-context' }): Wired {
  const { file, text } = compose;
  const pair = pairOf(build.value, 'additional_contexts');
  const contexts = pair?.value;
  const whole = say('The additional_contexts of service "{0}" in {1}', name, file);
  if (isAlias(contexts)) return { refused: say('{0} are the alias *{1}.', whole, contexts.source) };
  const list = isMap(contexts) || isSeq(contexts) ? contexts : undefined;
  const index = list?.items.findIndex((item) => (isMap(list) ? (item as KeyValue).key as unknown as { value: unknown } : item as { value: unknown }).value?.toString().replace(isMap(list) ? /$/ : /=.*$/s, '') === context) ?? -1;
  if (pair === undefined || list === undefined || index === -1) return { refused: say('The context "{0}" of service "{1}" in {2} is written elsewhere.', context, name, file) };
  if (list.flow) {
    const made = withoutItem(text, listOf(list), index);
    if (made !== undefined) return { text: made };
  } else if (list.items.length > 1) {
    const item = list.items[index];
    const start = isMap(list) ? (item as KeyValue).key.range[0] : (item as Node).range?.[0] ?? 0;
    return { text: withoutLines(text, start, contentEnd(text, isMap(list) ? (item as KeyValue).value : item, start)) };
  }
  return { text: withoutField(text, build, pair) };
}

/** A mapping with a context alone that was made from the short form becomes that again. */
function withoutField(text: string, build: KeyValue, pair: KeyValue): string {
  const map = build.value as YAMLMap;
  const [context, second] = map.items as KeyValue[];
  const wasShort = map.items.length === 2 && second === pair && pair === pairOf(map, 'additional_contexts') && context === pairOf(map, 'context') && oneLine(text, context);
  const colon = colonBehind(text, build.key);
  if (map.flow) {
    const value = (context.value as Node | null)?.range;
    if (wasShort && value) return replaced(text, map.range?.[0] ?? 0, map.range?.[1] ?? 0, text.slice(value[0], value[1]));
    return withoutItem(text, listOf(map), map.items.indexOf(pair)) ?? replaced(text, map.range?.[0] ?? 0, map.range?.[1] ?? 0, '{}');
  }
  const rest = withoutLines(text, pair.key.range[0], contentEnd(text, pair.value, pair.key.range[1]));
  return wasShort && /^\r?\n[ \t]*$/.test(text.slice(colon + 1, context.key.range[0])) ? replaced(rest, colon + 1, colonBehind(text, context.key) + 1, '') : rest;
}

function withDockerfile(compose: ComposeText, build: KeyValue, change: Wiring & { readonly kind: 'dockerfile' }, { context, inlineDockerfile, target, dockerfile }: Pick<BuildDefinition, 'context' | 'inlineDockerfile' | 'target' | 'dockerfile'>): Wired {
  const { file, text, unit, services } = compose;
  const whole = say('of service "{0}" in {1}', change.build, file);
  if (inlineDockerfile !== undefined || pairOf(build.value, 'dockerfile_inline')) return { refused: say('The Dockerfile {0} is written inline.', whole) };
  if (context.kind !== 'folder') return { refused: say('The context {0} is no folder of the workspace.', whole) };
  // The stage first: what is put in behind the context stands before it then.
  const field = target !== change.target ? 'target' : dockerfile !== change.dockerfile ? 'dockerfile' : undefined;
  if (field === undefined) return { text };
  const value = field === 'target' ? change.target : pathFrom(context.path, change.dockerfile);
  const again = (made: string): Wired => {
    if (field === 'dockerfile') return { text: made };
    const inner = composeOf(file, made);
    const next = 'refused' in inner ? inner : buildOf(inner, change.build);
    return 'refused' in inner ? inner : 'refused' in next ? next : withDockerfile(inner, next, change, { context, target: change.target, dockerfile });
  };
  const line = `${field}: ${scalarOf(value ?? '')}`;
  if (isScalar(build.value)) return again(asMapping(text, build, unit, isFlow(services, change.build), [line], line));
  const pair = pairOf(build.value, field);
  if (pair === undefined) {
    const made = withField(compose, build, [line], line);
    return made === undefined ? { refused: say('The build {0} is written in a way that is not edited here.', whole) } : again(made);
  }
  if (!isScalar(pair.value) || !oneLine(text, pair)) return { refused: isAlias(pair.value) ? say('The {0} {1} is the alias *{2}.', field, whole, pair.value.source) : say('The {0} {1} is written in a way that is not edited here.', field, whole) };
  if (/\$(?!\$)/.test(String(pair.value.value).replaceAll('$$', ''))) return { refused: say('The {0} {1} depends on a variable.', field, whole) };
  if (value === undefined) return again(withoutField(text, build, pair));
  return again(replaced(text, pair.value.range?.[0] ?? 0, pair.value.range?.[1] ?? 0, scalarOf(value)));
}

