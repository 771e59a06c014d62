/** Changes of a Bake file, HCL or JSON: which blocks they are made in, and what stands in their way. The two forms write in dialects. */
import type { Span } from '../../core/text';
import { readBake, type BakeReading } from './bake';
import { bakeBuilds } from './bake-builds';
import { readBakeFile } from './bake-file';
import type { BuildDefinition, ContextSource } from './definition';
import type { Attribute, Block, Body, Expression } from './hcl-model';
import { folderOf, isRemote } from './paths';
import { hclDialect, newHcl } from './wire-bake-hcl';
import { jsonDialect, newJson } from './wire-bake-json';
import { pathFrom, replaced, withItem, withoutItem, type List } from './wire-list';
import type { AddedBuild, Wired, Wiring } from './wiring';
import { say, verbatim, type Said } from '../../core/say';

export type Field = string | readonly string[] | Readonly<Record<string, string>>;

/** How one form writes what both say. */
export interface Dialect {
  /** A line break separates the items of an object. */
  readonly newlines: boolean;
  readonly text: (value: string) => string;
  /** An item of an object, aligned with the one before it. */
  readonly item: (text: string, key: string, value: string, before: { readonly key: Span; readonly value: Span } | undefined) => string;
  readonly withField: (text: string, block: Block, name: string, value: Field) => Wired;
  readonly withoutField: (text: string, block: Block, field: Attribute) => Wired;
  readonly withTarget: (text: string, body: Body, name: string, fields: Readonly<Record<string, Field>>) => Wired;
  readonly withoutTarget: (text: string, block: Block) => Wired;
}

interface Editing {
  readonly file: string;
  readonly text: string;
  readonly dialect: Dialect;
  readonly body: Body;
  readonly reading: BakeReading;
  /** From where its paths lead. */
  readonly folder: string;
  readonly definitions: readonly BuildDefinition[];
  readonly changes: readonly Wiring[];
}

/** `changes`: all that will be made, this one among them. `folder`: from where the file's paths lead. */
export function wireBake(file: string, text: string, change: Wiring, changes: readonly Wiring[], folder: string): Wired {
  const reading = readBake([{ file, text }], undefined);
  const definitions = bakeBuilds(reading, folder);
  const editing: Editing = { file, text, dialect: dialectOf(file), body: readBakeFile(file, text).body, reading, folder, definitions, changes };
  switch (change.kind) {
    case 'add': return added(editing, change.build);
    case 'remove': return removed(editing, change.build);
    case 'context': return withContext(editing, change);
    case 'drop-context': return withoutContext(editing, change);
    case 'dockerfile': return withDockerfile(editing, change);
  }
}

/** From where the reader lets the paths lead: where both folders say the same, from the file's. */
export function bakeFolder(file: string, text: string, definitions: readonly BuildDefinition[]): string {
  const reading = readBake([{ file, text }], undefined);
  const wanted = JSON.stringify(definitions);
  return [folderOf(file), '.'].find((folder) => JSON.stringify(bakeBuilds(reading, folder)) === wanted) ?? folderOf(file);
}

export function newBake(file: string, builds: readonly AddedBuild[]): Wired {
  const targets: [string, Record<string, Field>][] = [];
  for (const build of builds) {
    const fields = fieldsOf(file, folderOf(file), build);
    if ('refused' in fields) return fields as { refused: Said };
    targets.push([build.name, fields]);
  }
  const standing = builds.filter(({ isDefault }) => isDefault).map(({ name }) => name);
  return { text: file.endsWith('.json') ? newJson(standing, targets) : newHcl(standing, targets) };
}

const dialectOf = (file: string): Dialect => (file.endsWith('.json') ? jsonDialect : hclDialect);
const called = (build: string, file: string): Said => say('target "{0}" in {1}', build, file);
const capital = (text: Said): Said => verbatim(text[0].toUpperCase() + text.slice(1));

function added({ file, text, dialect, body, reading, folder }: Editing, build: AddedBuild): Wired {
  if (!/^[a-zA-Z0-9_-]+$/.test(build.name)) return { refused: say('"{0}" is no name of a Bake target.', build.name) };
  const taken = body.blocks.find(({ type, labels }) => (type === 'target' || type === 'group') && labels[0] === build.name);
  if (taken || reading.targets.some(({ name }) => name === build.name)) return { refused: say('There is a {0} "{1}" in {2} already.', taken?.type ?? 'target', build.name, file) };
  const fields = fieldsOf(file, folder, build);
  return 'refused' in fields ? (fields as { refused: Said }) : dialect.withTarget(text, body, build.name, fields);
}

function fieldsOf(file: string, folder: string, build: AddedBuild): Record<string, Field> | { readonly refused: Said } {
  const contexts: Record<string, string> = {};
  for (const [name, source] of Object.entries(build.contexts)) {
    const value = contextText(folder, source);
    if (value === undefined) return { refused: say('What the context "{0}" of {1} would be is not known.', name, called(build.name, file)) };
    contexts[name] = value;
  }
  return {
    context: local(pathFrom(folder, build.context)), dockerfile: pathFrom(build.context, build.dockerfile),
    ...(build.target !== undefined && { target: build.target }), ...(build.platforms.length > 0 && { platforms: build.platforms }),
    ...(Object.keys(contexts).length > 0 && { contexts }), ...(Object.keys(build.args).length > 0 && { args: build.args }),
  };
}

function contextText(folder: string, source: ContextSource): string | undefined {
  switch (source.kind) {
    case 'folder': return local(pathFrom(folder, source.path));
    case 'remote': return source.url;
    case 'image': return `docker-image://${source.reference}`;
    case 'build': return `target:${source.name}`;
    case 'unknown': return undefined;
  }
}

/** A folder may be called as an address is. */
const local = (path: string): string => (isRemote(path) || /^[a-z-]+:/.test(path) ? `./${path}` : path);

/** The blocks that make a target: those of its name, or the one whose matrix makes it, if that makes nothing else that stays. */
function blocksOf({ file, body, reading, changes }: Editing, change: Wiring & { readonly build: string }): readonly Block[] | { readonly refused: Said } {
  const targets = body.blocks.filter(({ type }) => type === 'target');
  const field = (block: Block, name: string): Attribute | undefined => block.body.attributes.find((attribute) => attribute.name === name);
  const own = targets.filter((block) => block.labels[0] === change.build && !field(block, 'name') && !field(block, 'matrix'));
  const { span } = reading.targets.find(({ name }) => name === change.build) ?? {};
  const maker = targets.find((block) => block.span.start === span?.start && (field(block, 'matrix') !== undefined || field(block, 'name') !== undefined));
  if (own.length > 0 && maker === undefined) return own;
  if (maker === undefined) return { refused: say('There is no {0}.', called(change.build, file)) };
  const others = reading.targets.filter((target) => target.span.start === maker.span.start && target.name !== change.build);
  const stays = others.find(({ name }) => !changes.some((other) => JSON.stringify(other) === JSON.stringify({ ...change, build: name })));
  if (stays || change.kind === 'remove') return { refused: stays ? say('The matrix that makes {0} makes "{1}" as well.', called(change.build, file), stays.name) : say('The matrix that makes {0} makes it with others.', called(change.build, file)) };
  return [maker];
}

function withContext(editing: Editing, change: Wiring & { readonly kind: 'context' }): Wired {
  const { file, text, dialect, definitions } = editing;
  const blocks = blocksOf(editing, change);
  if ('refused' in blocks) return blocks;
  const present = definitions.find(({ name }) => name === change.build)?.contexts[change.name];
  if (present?.kind === 'build' && present.name === change.of) return { text };
  if (present) return { refused: say('{0} has a context "{1}" already.', capital(called(change.build, file)), change.name) };
  const value = `target:${change.of}`;
  const given = blocks.map((block) => fieldOf(block, 'contexts')).filter((field) => field !== undefined).map((field) => field.value);
  const object = given.find((expression) => expression.kind === 'object');
  if (object?.kind === 'object') {
    const { key, value: last } = object.items.at(-1) ?? {};
    const item = dialect.item(text, change.name, value, key && last && { key: key.span, value: last.span });
    const made = withItem(text, listOf(object), item, dialect.newlines);
    return made === undefined ? { refused: say('The contexts of {0} hold nothing but a comment.', called(change.build, file)) } : { text: made };
  }
  const free = blocks.findLast((block) => fieldOf(block, 'contexts') === undefined);
  if (free === undefined) return { refused: say('The contexts of {0} are an expression.', called(change.build, file)) };
  return dialect.withField(text, free, 'contexts', { [change.name]: value });
}

function withoutContext(editing: Editing, change: Wiring & { readonly kind: 'drop-context' }): Wired {
  const { file, text, dialect, definitions } = editing;
  const present = definitions.find(({ name }) => name === change.build)?.contexts[change.name];
  // Another drop that is asked for may have taken it along: from a parent, or from the block of the same matrix.
  if (present === undefined) return { text };
  const blocks = blocksOf(editing, change);
  if ('refused' in blocks) return blocks;
  for (const block of blocks) {
    const field = fieldOf(block, 'contexts');
    if (field?.value.kind !== 'object') continue;
    const index = field.value.items.findIndex(({ key }) => keyText(key) === change.name);
    if (index === -1) continue;
    const made = withoutItem(text, listOf(field.value), index, dialect.newlines);
    return made === undefined ? dialect.withoutField(text, block, field) : { text: made };
  }
  const expression = blocks.some((block) => fieldOf(block, 'contexts') !== undefined);
  return { refused: expression ? say('The contexts of {0} are an expression.', called(change.build, file)) : say('The context "{0}" of {1} is inherited.', change.name, called(change.build, file)) };
}

function withDockerfile(editing: Editing, change: Wiring & { readonly kind: 'dockerfile' }): Wired {
  const { file, text, reading, folder, definitions } = editing;
  const blocks = blocksOf(editing, change);
  if ('refused' in blocks) return blocks;
  const now = definitions.find(({ name }) => name === change.build);
  if (reading.targets.find(({ name }) => name === change.build)?.dockerfileInline !== undefined) return { refused: say('The Dockerfile of {0} is written inline.', called(change.build, file)) };
  if (now?.context.kind !== 'folder') return { refused: say('The context of {0} is no folder of the workspace.', called(change.build, file)) };
  // One field at a time: the second is placed in the text that has the first.
  if (now.dockerfile !== change.dockerfile) {
    const made = withText(editing, blocks, 'dockerfile', pathFrom(now.context.path, change.dockerfile), change.build);
    if ('refused' in made) return made;
    const again = readBake([{ file, text: made.text }], undefined);
    return withDockerfile({ ...editing, text: made.text, body: readBakeFile(file, made.text).body, reading: again, definitions: bakeBuilds(again, folder).map((definition) => (definition.name === change.build ? { ...definition, dockerfile: change.dockerfile } : definition)) }, change);
  }
  return now.target === change.target ? { text } : withText(editing, blocks, 'target', change.target, change.build);
}

/** Undefined as a value: the field goes; where it is inherited, an empty one is put over it. */
function withText({ file, text, dialect, reading }: Editing, blocks: readonly Block[], name: string, value: string | undefined, build: string): Wired {
  const block = blocks.findLast((candidate) => fieldOf(candidate, name) !== undefined);
  const field = block && fieldOf(block, name);
  if (block === undefined || field === undefined) return dialect.withField(text, blocks[blocks.length - 1], name, value ?? '');
  if (field.value.kind !== 'literal') return { refused: say('The {0} of {1} is an expression.', name, called(build, file)) };
  const inherits = reading.targets.some((target) => target.name === build && target.inherits.length > 0);
  if (value !== undefined || inherits) return { text: replaced(text, field.value.span.start, field.value.span.end, dialect.text(value ?? '')) };
  return dialect.withoutField(text, block, field);
}

function removed(editing: Editing, build: string): Wired {
  const { file, text, dialect, body, reading, definitions } = editing;
  const blocks = blocksOf(editing, { kind: 'remove', build });
  if ('refused' in blocks) return blocks;
  const heir = reading.targets.find(({ name, inherits }) => name !== build && inherits.includes(build));
  if (heir) return { refused: say('{0} inherits from "{1}".', capital(called(heir.name, file)), build) };
  const user = definitions.find(({ name, contexts }) => name !== build && Object.values(contexts).some((source) => source.kind === 'build' && source.name === build));
  if (user) return { refused: say('{0} has "{1}" as a context.', capital(called(user.name, file)), build) };
  for (const group of body.blocks.filter(({ type, labels }) => type === 'group' && reading.groups.get(labels[0])?.includes(build))) {
    const list = fieldOf(group, 'targets')?.value;
    const index = list?.kind === 'tuple' ? list.items.findIndex((item) => item.kind === 'literal' && item.value === build) : -1;
    if (list?.kind !== 'tuple' || index === -1) {
      if (list?.kind === 'tuple' && !list.items.some((item) => item.kind !== 'literal')) continue;
      return { refused: say('The targets of group "{0}" in {1} are an expression.', group.labels[0], file) };
    }
    const made = list.items.length === 1 ? undefined : withoutItem(text, { span: list.span, items: list.items.map(({ span }) => span) }, index);
    if (made === undefined) return { refused: say('Group "{0}" in {1} has no other target than "{2}".', group.labels[0], file, build) };
    // Once more, with the places of the new text.
    const again = readBake([{ file, text: made }], undefined);
    return removed({ ...editing, text: made, body: readBakeFile(file, made).body, reading: again }, build);
  }
  if (blocks.length > 1) {
    const made = dialect.withoutTarget(text, blocks[blocks.length - 1]);
    if ('refused' in made) return made;
    return removed({ ...editing, text: made.text, body: readBakeFile(file, made.text).body, reading: readBake([{ file, text: made.text }], undefined) }, build);
  }
  return dialect.withoutTarget(text, blocks[0]);
}

const fieldOf = (block: Block, name: string): Attribute | undefined => block.body.attributes.find((attribute) => attribute.name === name);

function listOf({ span, items }: Expression & { readonly kind: 'object' }): List {
  return { span, items: items.map(({ key, value }) => ({ start: key.span.start, end: value.span.end })) };
}

/** The key of an object where it is no expression. */
function keyText(key: Expression): string | undefined {
  if (key.kind === 'parentheses') return key.of.kind === 'literal' ? String(key.of.value) : undefined;
  return key.kind === 'variable' ? key.name : key.kind === 'literal' ? String(key.value) : undefined;
}
