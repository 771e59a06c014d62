/** Projects of a case, as texts: bases that the engine has, the definitions that a way needs, all siblings in one file. */
import { analyze } from '../../server/src/core/analyze';
import type { Stage } from '../../server/src/core/build/model';
import type { Way } from '../../server/src/core/family/model';
import type { Command, Refused } from '../../server/src/core/syntax/commands';
import type { Word } from '../../server/src/core/syntax/dockerfile';
import type { FamilyProject } from '../../server/src/workspace/extract';
import { buildsOf, definitionsIn, isDefinitionFile } from '../../server/src/workspace/builds/builds';
import type { BuildDefinition } from '../../server/src/workspace/builds/definition';
import { sourcesIn } from '../../server/src/workspace/builds/facts';
import { digest } from '../engine/repositories';
import type { Case } from './case';

export interface Project extends FamilyProject {
  readonly files: Readonly<Record<string, string | Buffer>>;
  readonly dockerfiles: readonly string[];
}

export function projectOf(files: Project['files'], dockerfiles: readonly string[]): Project {
  const folders = new Set(Object.keys(files).flatMap((path) => path.split('/').map((_, i, parts) => parts.slice(0, i).join('/'))));
  const text = (path: string): string | undefined => files[path]?.toString();
  const exists = (path: string): boolean => path in files || folders.has(path) || path === '.';
  const texts = new Map(Object.keys(files).filter(isDefinitionFile).map((path) => [path, text(path) ?? '']));
  return { files, dockerfiles, text, exists, definitions: definitionsIn(texts, {}, exists).definitions };
}

/** How a Dockerfile is built: as the project's files say, or in its folder. */
export function buildsIn(project: Project, dockerfile: string): readonly BuildDefinition[] {
  return buildsOf(dockerfile, project.definitions, project.exists, sourcesIn(project.text(dockerfile) ?? ''));
}

/** The case's project as the way needs it; undefined where it has no such form. */
export function variantOf(one: Case, way: Way, host: string): Project | undefined {
  const project = standingIn(one, host);
  switch (way) {
    case 'file': case 'tag': return project;
    case 'stage': return one.dockerfiles.length === 1 ? project : inOneFile(project);
    case 'bake': return project.definitions.some(({ source }) => source === 'bake') ? project : withBake(project, one.name);
    case 'compose': return project.definitions.some(({ source }) => source === 'compose') ? project : withCompose(project);
  }
}

/** With every base where the stand-in is. */
export function standingIn({ files, dockerfiles }: Pick<Case, 'files' | 'dockerfiles'>, host: string): Project {
  const named = new Set(projectOf(files, dockerfiles).definitions.flatMap(({ contexts }) => Object.keys(contexts)));
  return projectOf({ ...files, ...Object.fromEntries(dockerfiles.map((path) => [path, standing(files[path].toString(), host, named)])) }, dockerfiles);
}

/** Images that the Dockerfiles name, as they name them. */
export function imagesOf(project: Project): Set<string> {
  const images = new Set<string>();
  for (const path of project.dockerfiles) for (const { args, contexts } of buildsIn(project, path)) {
    const buildArgs = Object.fromEntries(Object.entries(args).filter((pair): pair is [string, string] => pair[1] !== null));
    const { stages } = analyze(project.text(path) ?? '', { buildArgs });
    for (const { base, steps } of stages) {
      if (base.kind === 'image' && base.reference !== null && !(base.reference in contexts)) images.add(base.reference);
      for (const { command } of steps) if (isFromImage(command, stages) && !(command.flags.from.text in contexts)) images.add(command.flags.from.text);
    }
  }
  return images;
}

/** Every image's name, but for those of named contexts, is put below the host, where nobody else's images are, and loses its digest. */
function standing(text: string, host: string, named: ReadonlySet<string>): string {
  const { stages, commands } = analyze(text);
  const words: Word[] = [];
  for (const [i, command] of commands.filter(({ kind }) => kind === 'FROM').entries()) if (command.kind === 'FROM' && stages[i]?.base.kind === 'image') words.push(command.base);
  for (const { steps } of stages) for (const { command } of steps) if (isFromImage(command, stages)) words.push(command.flags.from);
  return words.filter((word) => !named.has(word.text)).toSorted((a, b) => b.span.start - a.span.start)
    .reduce((result, { text: name, span }) => `${result.slice(0, span.start)}${host}/${name.replace(/@sha256:[\da-f]+$/, '')}${result.slice(span.end)}`, text);
}

function isFromImage(command: Command | Refused, stages: readonly Stage[]): command is Extract<Command, { kind: 'COPY' | 'ADD' }> & { flags: { from: Word } } {
  if ((command.kind !== 'COPY' && command.kind !== 'ADD') || !command.flags.from) return false;
  const name = command.flags.from.text.toLowerCase();
  return !/^\d+$/.test(name) && !stages.some((stage) => stage.name === name);
}

/** As targets and services are called. */
export function nameOf(path: string): string {
  const words = path.toLowerCase().replace(/\/?dockerfile$/, '').replace(/dockerfile/g, '').split(/[^a-z0-9]+/).filter((word) => word !== '');
  return `app-${words.join('-') || 'main'}`;
}

function contextOf(project: Project, path: string): string {
  const [{ context }] = buildsIn(project, path);
  return context.kind === 'folder' ? context.path : '.';
}

function from(context: string, path: string): string {
  return context === '.' ? path : path.startsWith(`${context}/`) ? path.slice(context.length + 1) : `${'../'.repeat(context.split('/').length)}${path}`;
}

/** Half of them are JSON. */
function withBake(project: Project, name: string): Project {
  const targets = project.dockerfiles.map((path) => ({ name: nameOf(path), context: contextOf(project, path), dockerfile: from(contextOf(project, path), path) }));
  if (Number.parseInt(digest(name).slice(0, 2), 16) % 2 === 0) {
    const json = { group: { default: { targets: targets.map((target) => target.name) } }, target: Object.fromEntries(targets.map((target) => [target.name, { context: target.context, dockerfile: target.dockerfile }])) };
    return projectOf({ ...project.files, 'docker-bake.json': `${JSON.stringify(json, null, 2)}\n` }, project.dockerfiles);
  }
  const blocks = targets.map((target) => `# ${target.name} stands alone\ntarget "${target.name}" {\n  context = "${target.context}"\n  dockerfile = "${target.dockerfile}"\n}\n`);
  return projectOf({ ...project.files, 'docker-bake.hcl': `group "default" {\n  targets = [${targets.map((target) => `"${target.name}"`).join(', ')}]\n}\n\n${blocks.join('\n')}` }, project.dockerfiles);
}

function withCompose(project: Project): Project {
  const services = project.dockerfiles.map((path) => {
    const context = contextOf(project, path);
    return `  ${nameOf(path)}:\n    # built here\n    build:\n      context: ${context === '.' ? '.' : `./${context}`}\n      dockerfile: ${from(context, path)}\n`;
  });
  return projectOf({ ...project.files, 'compose.yaml': `services:\n${services.join('')}` }, project.dockerfiles);
}

/**
 * One file with a stage for each sibling: of those with a context (or none that matters) and directives in common, and without numbers for stages.
 * ARGs before FROM are written once, so that they have to be the same.
 */
function inOneFile(project: Project): Project | undefined {
  const globals = new Map<string, string>();
  const parts: string[] = [];
  const contexts = new Set(project.dockerfiles.map((path) => contextOf(project, path)));
  const heads = new Set<string>();
  // What takes nothing of its context can be built in any.
  if (contexts.size > 1) {
    if (project.dockerfiles.some((path) => sourcesIn(project.text(path) ?? '').length > 0)) return undefined;
    contexts.clear();
    contexts.add('.');
  }
  for (const path of project.dockerfiles) {
    const text = project.text(path) ?? '';
    const { stages, globalArgs, dockerfile: { instructions } } = analyze(text);
    if (stages.length !== 1 || project.exists(`${path}.dockerignore`)) return undefined;
    heads.add(directivesOf(text));
    for (const { name } of globalArgs) {
      const line = instructions.find(({ span }) => span.start < stages[0].from.span.start && new RegExp(`^ARG\\s+${name}\\b`, 'i').test(text.slice(span.start, span.end)));
      const written = line ? text.slice(line.span.start, line.span.end) : '';
      if ((globals.get(name) ?? written) !== written) return undefined;
      globals.set(name, written);
    }
    const { span } = stages[0].from;
    const first = text.slice(span.start, span.end).replace(/\s+AS\s+\S+\s*$/i, '');
    parts.push(`${first} AS ${nameOf(path)}${text.slice(span.end).replace(/(\r?\n)*$/, text.includes('\r\n') ? '\r\n' : '\n')}`);
  }
  if (heads.size > 1) return undefined;
  const lineBreak = parts.join('').includes('\r\n') ? '\r\n' : '\n';
  const place = [...contexts][0] === '.' ? 'Dockerfile' : `${[...contexts][0]}/Dockerfile`;
  const files = Object.fromEntries(Object.entries(project.files).filter(([path]) => !project.dockerfiles.includes(path)));
  return projectOf({ ...files, [place]: [...heads][0] + [...globals.values()].map((line) => `${line}${lineBreak}`).join('') + parts.join(lineBreak) }, [place]);
}

function directivesOf(text: string): string {
  return /^(?:#\s*(?:syntax|escape|check)\s*=.*\n)*/i.exec(text)?.[0] ?? '';
}
