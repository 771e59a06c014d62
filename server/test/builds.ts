/** Files in, builds out, as text: one line a build, what it is given below it, and what cannot be known. */
import { buildsOf, definitionsIn } from '../src/workspace/builds/builds';
import type { BuildDefinition, ContextSource } from '../src/workspace/builds/definition';

/** `//- path` starts a file. */
export function filesOf(text: string): Map<string, string> {
  const files = new Map<string, string>();
  for (const part of text.replace(/^\n/, '').split(/^\/\/- /m).slice(1)) {
    const end = part.indexOf('\n');
    files.set(part.slice(0, end).trim(), part.slice(end + 1));
  }
  return files;
}

export function builds(text: string, environment?: Record<string, string>): string {
  const files = filesOf(text);
  const { definitions, problems, wants } = definitionsIn(files, environment, (path) => files.has(path));
  return [
    ...definitions.map((definition) => shown(definition, files)),
    ...problems.map(({ file, message, span }) => `! ${file}${span ? ` ‹${line(files.get(file)?.slice(span.start, span.end) ?? '')}›` : ''}: ${message}`),
    ...wants.map((path) => `? ${path}`),
  ].join('\n');
}

/** The builds of one Dockerfile among those of the files, which are all that the workspace has. */
export function buildsFor(dockerfile: string, text: string, sources: readonly string[] = []): string {
  const files = filesOf(text);
  const exists = (path: string): boolean => [...files.keys()].some((file) => file === path || file.startsWith(`${path}/`));
  return buildsOf(dockerfile, definitionsIn(files, {}, exists).definitions, exists, sources).map((definition) => shown(definition, files)).join('\n');
}

function shown(definition: BuildDefinition, files: ReadonlyMap<string, string>): string {
  const { source, file, name, span, context, dockerfile, inlineDockerfile, target, args, contexts, platforms, tags, noCache, inherited, unknown } = definition;
  const at = span === undefined ? '' : ` ‹${line(files.get(file)?.slice(span.start, span.end) ?? '')}›`;
  const what = inlineDockerfile === undefined ? dockerfile ?? 'no Dockerfile' : 'a Dockerfile inline';
  return [
    `${source} ${name}${at}: ${what} in ${sourceText(context)}${target === undefined ? '' : `, target ${target ?? 'not known'}`}${noCache ? ', no cache' : ''}${inherited ? ', inherited' : ''}`,
    ...Object.entries(args).map(([key, value]) => `  ${key} = ${value === null ? 'not known' : JSON.stringify(value)}`),
    ...Object.entries(contexts).map(([key, value]) => `  context ${key}: ${sourceText(value)}`),
    ...(platforms.length > 0 ? [`  for ${platforms.join(', ')}`] : []),
    ...(tags.length > 0 ? [`  tagged ${tags.join(', ')}`] : []),
    ...unknown.map((reason) => `  ~ ${reason}`),
  ].join('\n');
}

const line = (text: string): string => (text.includes('\n') ? `${text.slice(0, text.indexOf('\n'))} …` : text);

function sourceText(source: ContextSource): string {
  switch (source.kind) {
    case 'folder': return source.path;
    case 'remote': return source.url;
    case 'image': return `image ${source.reference}`;
    case 'build': return `build ${source.name}`;
    case 'unknown': return `? (${source.reason})`;
  }
}
