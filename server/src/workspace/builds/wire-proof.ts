/** Whether an edit of a definition file did what was asked for and nothing else: both texts are read, and what they say is compared. */
import { cleanPath } from '../../core/build/path';
import { readBake } from './bake';
import { isBakeFile } from './bake-builds';
import { readBakeFile } from './bake-file';
import type { Found } from './builds';
import type { BuildDefinition } from './definition';
import type { Body } from './hcl-model';
import type { AddedBuild, Wiring } from './wiring';
import { isYamlList, isYamlMap, readYaml, type YamlMap, type YamlValue } from './yaml';
import { say, type Said } from '../../core/say';

type Builds = Pick<Found, 'definitions' | 'problems'>;

/** The sentence for the first thing that is not as asked. */
export function differenceOf(file: string, before: Builds, after: Builds, changes: readonly Wiring[]): Said | undefined {
  const source = isBakeFile(file) ? 'bake' : 'compose';
  const noun = source === 'bake' ? 'target' : 'service';
  const expected = new Map(before.definitions.map((definition) => [definition.name, definition]));
  for (const change of changes) {
    if (change.kind === 'remove') expected.delete(change.build);
    else if (change.kind === 'add') expected.set(change.build.name, addedDefinition(source, file, change.build));
    else {
      const definition = expected.get(change.build);
      if (definition === undefined) return say('There is no {0} "{1}" with a build in {2}.', noun, change.build, file);
      const contexts = { ...definition.contexts };
      if (change.kind === 'context') contexts[change.name] = { kind: 'build', name: change.of };
      else if (change.kind === 'drop-context') delete contexts[change.name];
      expected.set(change.build, { ...definition, contexts, ...(change.kind === 'dockerfile' && { dockerfile: change.dockerfile, target: change.target }) });
    }
  }
  const changed = new Set(changes.map((change) => (change.kind === 'add' ? change.build.name : change.build)));
  const now = new Map(after.definitions.map((definition) => [definition.name, definition]));
  for (const name of new Set([...expected.keys(), ...now.keys()])) {
    const [wanted, is] = [expected.get(name), now.get(name)];
    if (wanted && is && said(wanted) === said(is)) continue;
    if (changed.has(name)) return say('The {0} "{1}" in {2} is written in a way that is not edited here.', noun, name, file);
    return say('The {0} "{1}" in {2} would change as well: it shares what is written there.', noun, name, file);
  }
  const problem = after.problems.find(({ message }) => !before.problems.some((other) => other.message === message));
  return problem && say('{0} would no longer be right: {1}', file, problem.message);
}

/** Undefined: beside the builds, all of it says what it said. */
export function lostBeside(file: string, before: string, after: string, changes: readonly Wiring[]): Said | undefined {
  const rest = isBakeFile(file) ? bakeRest : composeRest;
  return rest(file, before, changes) === rest(file, after, changes) ? undefined : say('What {0} says beside its builds would change.', file);
}

/** What a build says, without the place where it stands. */
function said({ source, context, dockerfile, inlineDockerfile, target, args, contexts, platforms, tags, noCache, unknown }: BuildDefinition): string {
  const sorted = (record: object): [string, unknown][] => Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([source, context, dockerfile, inlineDockerfile, target, sorted(args), sorted(contexts), platforms, tags, noCache, unknown]);
}

function addedDefinition(source: 'bake' | 'compose', file: string, { name, context, dockerfile, target, args, contexts, platforms }: AddedBuild): BuildDefinition {
  return { source, file, name, context: { kind: 'folder', path: cleanPath(context) }, dockerfile: cleanPath(dockerfile), target, args, contexts, platforms, tags: [], noCache: false, unknown: [] };
}

/** Attributes as they are written, of all blocks that stay; a group without what goes. */
function bakeRest(file: string, text: string, changes: readonly Wiring[]): string {
  const gone = new Set(changes.flatMap((change) => (change.kind === 'add' ? [change.build.name] : change.kind === 'remove' ? [change.build] : [])));
  const { body } = readBakeFile(file, text);
  const groups = [...readBake([{ file, text }], undefined).groups].map(([name, targets]) => [name, targets.filter((target) => !gone.has(target))]);
  const written = ({ attributes }: Body, edited: readonly string[]): string[][] =>
    attributes.filter(({ name }) => !edited.includes(name)).map(({ name, value: { span } }) => [name, text.slice(span.start, span.end)]);
  const blocks = body.blocks.filter(({ type, labels }) => !(type === 'target' && gone.has(labels[0])));
  return JSON.stringify([groups, written(body, []), blocks.map((block) => [block.type, block.labels, written(block.body, block.type === 'target' ? ['contexts', 'dockerfile', 'target'] : block.type === 'group' ? ['targets'] : [])])]);
}

function composeRest(_file: string, text: string, changes: readonly Wiring[]): string {
  const gone = new Set(changes.flatMap((change) => (change.kind === 'add' ? [change.build.name] : change.kind === 'remove' ? [change.build] : [])));
  const plain = (value: YamlValue | undefined): unknown => (isYamlMap(value) ? Object.fromEntries([...value.entries].map(([key, inner]) => [`:${key}`, plain(inner)])) : isYamlList(value) ? value.map(plain) : value ?? null);
  const documents = readYaml(text).documents.map((document) => {
    const top = new Map(isYamlMap(document) ? document.entries : []);
    const services = [...(isYamlMap(top.get('services')) ? (top.get('services') as YamlMap).entries : [])].filter(([name]) => !gone.has(name));
    top.delete('services');
    return [[...top].map(([key, value]) => [key, plain(value)]), services.map(([name, service]) => [name, isYamlMap(service) ? [...service.entries].filter(([key]) => key !== 'build').map(([key, value]) => [key, plain(value)]) : plain(service)])];
  });
  return JSON.stringify(documents);
}
