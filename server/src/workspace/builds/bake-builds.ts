/** The Bake files of a workspace → definitions: which files go together, and from which folder their paths lead. */
import { joinPath } from '../../core/build/path';
import { readBake, type BakeProblem, type BakeReading, type BakeTarget, type Environment, type Text } from './bake';
import type { BuildDefinition, ContextSource } from './definition';
import type { Found } from './builds';
import { isUnknown } from './hcl-values';
import { contextAt, dockerfileAt, folderOf } from './paths';

/** As `docker buildx bake` looks for them without `-f`; later ones win. */
const standardNames = ['docker-bake.json', 'docker-bake.hcl', 'docker-bake.override.json', 'docker-bake.override.hcl'];

export function isBakeFile(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return standardNames.includes(name) || /bake.*\.hcl$/.test(name) || /^docker-bake.*\.json$/.test(name) || name === 'bake.json';
}

export function bakeDefinitions(files: ReadonlyMap<string, string>, environment: Environment | undefined, exists: (path: string) => boolean | undefined): Found {
  const definitions: BuildDefinition[] = [];
  const problems: BakeProblem[] = [];
  const folders = new Map<string, string[]>();
  for (const path of files.keys()) if (isBakeFile(path)) folders.set(folderOf(path), [...(folders.get(folderOf(path)) ?? []), path]);
  for (const [folder, paths] of folders) {
    const given = (names: readonly string[]): { file: string; text: string }[] => names.map((file) => ({ file, text: files.get(file) ?? '' }));
    const standard = standardNames.map((name) => joinPath(folder, name)).filter((path) => paths.includes(path));
    const readings: BakeReading[] = standard.length > 0 ? [readBake(given(standard), environment)] : [];
    for (const path of paths) {
      if (standard.includes(path)) continue;
      const alone = readBake(given([path]), environment);
      // A file that cannot stand alone is one more `-f` behind the others.
      const together = alone.problems.length > 0 && standard.length > 0 ? readBake(given([...standard, path]), environment) : undefined;
      readings.push(together && together.problems.length < alone.problems.length ? only(together, path) : alone);
    }
    for (const reading of readings) {
      problems.push(...reading.problems);
      const from = startFolder(folder, reading, exists);
      definitions.push(...bakeBuilds(reading, from));
    }
  }
  return { definitions, problems };
}

function only(reading: BakeReading, file: string): BakeReading {
  return { ...reading, targets: reading.targets.filter((target) => target.file === file) };
}

/** Bake's paths lead from where it is run: the folder of the file, unless the Dockerfiles are only there from the root. */
function startFolder(folder: string, reading: BakeReading, exists: (path: string) => boolean | undefined): string {
  const count = (from: string): number => bakeBuilds(reading, from).filter(({ dockerfile }) => dockerfile !== null && exists(dockerfile) === true).length;
  return folder !== '.' && count('.') > count(folder) ? '.' : folder;
}

export function bakeBuilds({ targets, groups }: BakeReading, folder: string): BuildDefinition[] {
  const grouped = new Set([...groups.values()].flat());
  const parents = new Set(targets.flatMap(({ inherits }) => inherits.filter((name) => typeof name === 'string')));
  const linked = new Set(targets.flatMap(({ contexts }) => [...contexts.values()].flatMap((value) => (typeof value === 'string' && value.startsWith('target:') ? [value.slice('target:'.length)] : []))));
  return targets.map((target) => {
    const inherited = target.name !== 'default' && parents.has(target.name) && !grouped.has(target.name) && !linked.has(target.name);
    return { ...definitionOf(target, folder), ...(inherited && { inherited }) };
  });
}

function definitionOf(target: BakeTarget, folder: string): BuildDefinition {
  const reasons = [...target.unclear];
  const note = (what: string, value: Text): null | string => {
    if (!isUnknown(value)) return value as string;
    reasons.push(`${what} is not known: ${value.unknown}.`);
    return null;
  };
  const source = (what: string, value: Text): ContextSource => {
    const text = note(what, value);
    if (text === null) return { kind: 'unknown', reason: `${isUnknown(value) ? value.unknown : 'It is not known'}.` };
    return contextAt(folder, text.startsWith('cwd://') ? text.slice('cwd://'.length) : text);
  };
  // What a parent that is not known may set is not known either.
  const lost = target.unclear.some((reason) => reason.startsWith('What it inherits'));
  const context: ContextSource = target.context === undefined && lost ? { kind: 'unknown', reason: 'What it inherits from is not known.' } : source('The context', target.context ?? '.');
  let dockerfile: string | null = null;
  if (target.dockerfileInline === undefined && !(lost && target.dockerfile === undefined)) {
    const name = note('The Dockerfile', target.dockerfile ?? 'Dockerfile');
    if (name !== null) {
      const found = name.startsWith('cwd://') ? dockerfileAt({ kind: 'folder', path: folder }, name.slice('cwd://'.length)) : dockerfileAt(context, name || 'Dockerfile');
      dockerfile = found.path;
      if (found.path === null && found.why !== undefined) reasons.push(found.why);
    }
  }
  const inline = target.dockerfileInline === undefined ? null : note('The Dockerfile', target.dockerfileInline);
  const list = (what: string, values: readonly Text[] | undefined): string[] =>
    [...new Set((values ?? []).map((value) => note(what, value)).filter((value): value is string => value !== null && value !== ''))];
  return {
    source: 'bake', file: target.file, name: target.name, span: target.span, context, dockerfile, ...(inline !== null && { inlineDockerfile: inline }),
    ...(target.target !== undefined && { target: note('The target stage', target.target) || (isUnknown(target.target) ? null : undefined) }),
    args: Object.fromEntries([...target.args].map(([name, value]) => [name, note(`The argument ${name}`, value)])),
    contexts: Object.fromEntries([...target.contexts].filter(([, value]) => value !== '').map(([name, value]) => [name, source(`The context ${name}`, value)])),
    platforms: list('A platform', target.platforms), tags: list('A tag', target.tags), noCache: target.noCache ?? false, unknown: [...new Set(reasons)],
  };
}
