/**
 * The Compose files of a workspace → definitions, after compose-go: which files make a project, `include`, `extends`, and the
 * variables of `.env` and of the environment. Profiles are ignored: every service counts.
 */
import { joinPath } from '../../core/build/path';
import { say, type Said } from '../../core/say';
import type { Span } from '../../core/text';
import type { Found, Problem } from './builds';
import { merged, nothing, serviceOf, type Place, type Service, type Text } from './compose-service';
import type { BuildDefinition } from './definition';
import { interpolate, readEnvFile, type Lookup } from './interpolation';
import { dockerfileAt, folderOf, isAbsolute, isRemote } from './paths';
import { entry, isYamlList, isYamlMap, readYaml, scalarText, texts, type YamlMap, type YamlReading, type YamlValue } from './yaml';

type Environment = Readonly<Record<string, string | undefined>>;

const baseNames = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'];
const overrideNames = ['compose.override.yml', 'compose.override.yaml', 'docker-compose.override.yml', 'docker-compose.override.yaml'];
const topLevel = new Set(['configs', 'include', 'models', 'name', 'networks', 'secrets', 'services', 'version', 'volumes']);

export function isComposeFile(path: string): boolean {
  return /(?:^|\/)(?:docker-)?compose(?:[.-][^/]*)?\.ya?ml$/.test(path) && !/(?:^|\/)\.github\/workflows\//.test(path);
}

/** A project while it is read. */
interface Project {
  readonly files: ReadonlyMap<string, string>;
  readonly readings: Map<string, YamlReading>;
  readonly environment: Environment | undefined;
  readonly problems: Problem[];
  readonly wants: Set<string>;
  /** Files that are part of another project: their paths may lead from elsewhere. */
  readonly included: Set<string>;
}

export function composeDefinitions(files: ReadonlyMap<string, string>, environment: Environment | undefined): Found {
  const found: { readonly from: string | undefined; readonly definitions: BuildDefinition[] }[] = [];
  const project: Project = { files, readings: new Map(), environment, problems: [], wants: new Set(), included: new Set() };
  const folders = new Map<string, string[]>();
  for (const path of files.keys()) if (isComposeFile(path)) folders.set(folderOf(path), [...(folders.get(folderOf(path)) ?? []), path]);
  for (const [folder, paths] of folders) {
    const first = (names: readonly string[]): string[] => names.map((name) => joinPath(folder, name)).filter((path) => paths.includes(path)).slice(0, 1);
    const base = first(baseNames);
    const together = base.length === 0 ? [] : [...base, ...first(overrideNames)];
    const lookup = lookupOf(project, [joinPath(folder, '.env')], folder);
    const standard = servicesOf(project, together, folder, lookup, []);
    const name = projectName(project, together, lookup);
    found.push({ from: together[0], definitions: [...standard.values()].filter(({ builds }) => builds).map((service) => definitionOf(service, { project: name, folder })) });
    for (const path of paths) {
      if (together.includes(path)) continue;
      const alone = servicesOf(project, [path], folder, lookup, []);
      const definitions: BuildDefinition[] = [];
      for (const service of alone.values()) {
        // Without a context or an image of its own it stands on the project's, as one more -f.
        const under = standard.get(service.name);
        const all = under && (!service.whole || (service.builds && service.context === undefined)) ? merged(under, service) : service;
        if (service.builds) definitions.push(definitionOf(all, { project: projectName(project, [...together, path], lookup), folder }));
      }
      found.push({ from: path, definitions });
    }
  }
  const seen = new Set<string>();
  return {
    definitions: found.filter(({ from }) => from === undefined || !project.included.has(from)).flatMap(({ definitions }) => definitions).filter((definition) => {
      const key = JSON.stringify(definition);
      return !seen.has(key) && seen.add(key);
    }),
    problems: project.problems, wants: [...project.wants].filter((path) => !files.has(path)),
  };
}

/** The environment wins over the files; where it is not known, what they do not set is not known either. */
function lookupOf({ files, environment, wants }: Project, paths: readonly string[], folder: string, outer?: Lookup): Lookup {
  const given: Lookup = outer ?? ((name) => (environment === undefined ? null : environment[name]));
  const values: Record<string, string> = {};
  for (const path of paths) {
    const text = files.get(path);
    if (text === undefined) {
      if (path !== joinPath(folder, '.env')) wants.add(path);
    } else Object.assign(values, readEnvFile(text, (name) => given(name) ?? (Object.hasOwn(values, name) ? values[name] : undefined)));
  }
  return (name) => {
    const value = given(name);
    return value ?? (Object.hasOwn(values, name) ? values[name] : value);
  };
}

/** `paths`: as given to -f. `including`: the files that led here. */
function servicesOf(project: Project, paths: readonly string[], folder: string, lookup: Lookup, including: readonly string[]): Map<string, Service> {
  const services = new Map<string, Service>();
  for (const path of paths) {
    for (const document of documentsOf(project, path)) {
      checkTop(project, path, document, lookup);
      const own = new Map<string, Service>();
      const listed = entry(document, 'services');
      if (isYamlMap(listed)) {
        for (const [name, tag] of listed.tags) if (tag === '!reset' || tag === '!override') services.delete(name);
        const place = placeOf(project, path, folder, lookup);
        for (const name of listed.entries.keys()) {
          const service = extended(project, listed, name, place, []);
          if (service) own.set(name, service);
        }
      }
      for (const [name, included] of includedIn(project, path, document, folder, lookup, [...including, path])) {
        const over = own.get(name);
        own.set(name, over ? merged(included, over) : included);
      }
      for (const [name, service] of own) {
        const under = services.get(name);
        services.set(name, under ? merged(under, service) : service);
      }
    }
  }
  return services;
}

/** Undefined: that of the folder. compose-go, cli/options.go; what -p says nobody knows. */
function projectName(project: Project, paths: readonly string[], lookup: Lookup): string | undefined {
  const given = lookup('COMPOSE_PROJECT_NAME');
  if (given) return given;
  const written = paths.flatMap((path) => documentsOf(project, path)).map((document) => scalarText(entry(document, 'name'))).findLast((name) => name !== undefined && name !== '');
  return written === undefined ? undefined : interpolate(written, lookup).text ?? undefined;
}

function placeOf(project: Project, file: string, folder: string, lookup: Lookup): Place {
  return { file, folder, lookup, problem: (message, span) => project.problems.push({ file, message, span }) };
}

function documentsOf(project: Project, path: string): readonly YamlMap[] {
  const text = project.files.get(path);
  if (text === undefined) return [];
  let reading = project.readings.get(path);
  if (reading === undefined) {
    reading = readYaml(text);
    project.readings.set(path, reading);
    project.problems.push(...reading.problems.map((problem) => ({ file: path, ...problem })));
  }
  return reading.documents.filter(isYamlMap);
}

function checkTop(project: Project, file: string, document: YamlMap, lookup: Lookup): void {
  const problem = (message: Said, span?: Span): void => void project.problems.push({ file, message, span });
  const services = document.entries.get('services');
  if (services === undefined && !document.entries.has('include')) {
    const old = [...document.entries].find(([, value]) => isYamlMap(value) && (value.entries.has('build') || value.entries.has('image')));
    if (old) return problem(say('This is a Compose file of version 1, without "services": Compose no longer reads it.'), document.keys.get(old[0]));
  }
  if (services !== undefined && services !== null && !isYamlMap(services)) problem(say('"services" is an object of services.'), document.keys.get('services'));
  for (const key of document.entries.keys()) if (!topLevel.has(key) && !key.startsWith('x-')) problem(say('A Compose file has no {0}.', key), document.keys.get(key));
  const visit = (value: YamlValue): void => {
    if (typeof value === 'string') {
      const { problem: message } = value.includes('${') ? interpolate(value, lookup) : { problem: undefined };
      if (message !== undefined) problem(message);
    } else if (isYamlList(value)) value.forEach(visit);
    // What a build says is read with the service, and complains there.
    else if (isYamlMap(value)) value.entries.forEach((inner, key) => (key === 'build' ? undefined : visit(inner)));
  };
  // A variable that must be set stops Compose wherever it is named.
  document.entries.forEach(visit);
}

/** A service over the one that it extends; `via`: who led here. */
function extended(project: Project, services: YamlMap, name: string, place: Place, via: readonly string[]): Service | undefined {
  const value = services.entries.get(name);
  const span = services.keys.get(name);
  if (!isYamlMap(value)) {
    if (value !== null && value !== undefined) place.problem(say('The service {0} is an object.', name), span);
    return undefined;
  }
  const own = serviceOf(name, value, span, place);
  const from = value.entries.get('extends');
  if (from === undefined || from === null) return own;
  const key = `${place.file} ${name}`;
  const lost = (why: string): Service => merged(nothing(name, place.file, span, [why]), own);
  if (via.includes(key)) {
    place.problem(say('The service {0} extends itself.', name), span);
    return lost(`What ${name} extends is not known: it extends itself.`);
  }
  const named = typeof from === 'string' ? from : scalarText(entry(from, 'service'));
  const file = typeof from === 'string' ? undefined : scalarText(entry(from, 'file'));
  if (named === undefined) {
    place.problem(say('What the service {0} extends has no name.', name), span);
    return lost(`What ${name} extends is not known.`);
  }
  if (file === undefined) {
    const base = services.entries.has(named) ? extended(project, services, named, place, [...via, key]) : undefined;
    if (base === undefined) place.problem(say('The service {0} extends {1}, which is not there.', name, named), span);
    return base ? placedAt(merged(base, own), name, place.file, span) : lost(`What ${name} extends is not known.`);
  }
  const path = interpolate(file, place.lookup).text;
  const at = path === null || isAbsolute(path) || isRemote(path) ? undefined : joinPath(place.folder, path);
  const there = at === undefined ? undefined : documentsOf(project, at).map((document) => entry(document, 'services')).filter(isYamlMap).find((listed) => listed.entries.has(named));
  if (at === undefined || there === undefined) {
    if (at !== undefined && !project.files.has(at)) project.wants.add(at);
    else place.problem(say('The service {0} extends {1} of {2}, which is not there.', name, named, file), span);
    return lost(`What ${name} extends is not known: ${file} is not there.`);
  }
  const base = extended(project, there, named, { ...placeOf(project, at, folderOf(at), place.lookup) }, [...via, key]);
  return base ? placedAt(merged(base, own), name, place.file, span) : lost(`What ${name} extends is not known.`);
}

/** The service stands where it is named, not where its build is written. */
function placedAt(service: Service, name: string, file: string, span: Span | undefined): Service {
  return { ...service, name, file, span };
}

function includedIn(project: Project, path: string, document: YamlMap, folder: string, lookup: Lookup, including: readonly string[]): Map<string, Service> {
  const services = new Map<string, Service>();
  const include = document.entries.get('include');
  const span = document.keys.get('include');
  for (const item of isYamlList(include) ? include : []) {
    const read = (text: string): string => interpolate(text, lookup).text ?? text;
    const given = (typeof item === 'string' ? [item] : texts(entry(item, 'path'))).map(read);
    const paths = given.filter((name) => !isRemote(name) && !isAbsolute(name)).map((name) => joinPath(folder, name));
    if (paths.length === 0 || paths.length < given.length) continue;
    if (including.length > 50 || paths.some((name) => including.includes(name))) {
      project.problems.push({ file: path, message: say('{0} is included from within itself.', paths[0]), span });
      continue;
    }
    const missing = paths.filter((name) => !project.files.has(name));
    missing.forEach((name) => project.wants.add(name));
    if (missing.length > 0) continue;
    // Where two files include each other, the first of them stays.
    if (!project.included.has(including[0])) paths.forEach((name) => project.included.add(name));
    const directory = scalarText(entry(item, 'project_directory'));
    const inner = directory === undefined ? folderOf(paths[0]) : joinPath(folder, read(directory));
    const envFiles = texts(entry(item, 'env_file')).filter((name) => name !== '/dev/null').map((name) => joinPath(folder, read(name)));
    const innerLookup = lookupOf(project, envFiles.length > 0 ? envFiles : [joinPath(inner, '.env')], inner, lookup);
    for (const [name, service] of servicesOf(project, paths, inner, innerLookup, including)) services.set(name, service);
  }
  return services;
}

function definitionOf(service: Service, usualImage: BuildDefinition['usualImage']): BuildDefinition {
  const unknown = [...service.unknown];
  const lost = unknown.some((reason) => reason.startsWith('What ') && reason.includes(' extends '));
  const context = service.context ?? (lost ? { kind: 'unknown' as const, reason: 'What it extends is not known.' } : { kind: 'folder' as const, path: folderOf(service.file) });
  const name: Text | undefined = service.dockerfile ?? (service.dockerfile === null || lost ? null : 'Dockerfile');
  let dockerfile: string | null = null;
  if (service.inline === undefined && name !== null) {
    const found = dockerfileAt(context, name || 'Dockerfile');
    dockerfile = found.path;
    if (found.path === null && found.why !== undefined) unknown.push(found.why);
  }
  return {
    source: 'compose', file: service.file, name: service.name, span: service.span, context, dockerfile,
    ...(service.inline !== undefined && service.inline !== null && { inlineDockerfile: service.inline }),
    ...(service.target !== undefined && service.target !== '' && { target: service.target }),
    args: Object.fromEntries(service.args), contexts: Object.fromEntries(service.contexts), platforms: service.platforms,
    tags: [...(service.image ? [service.image] : []), ...service.tags],
    ...((service.image === undefined || service.image === '') && { usualImage }), noCache: service.noCache ?? false, unknown: [...new Set(unknown)],
  };
}
