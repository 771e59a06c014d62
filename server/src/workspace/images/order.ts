/** A build that the project writes down → what buildx is told, or why it cannot be. */
import { basename, dirname, resolve } from 'node:path';
import type { Settings } from '../../settings';
import type { BuildDefinition, ContextSource } from '../builds/definition';
import type { BuildOrder } from './build';
import { say } from '../../core/say';

/** `root`: the workspace folder; all of what the definition names lies in it or is refused. */
export function orderOf(definition: BuildDefinition, dockerfile: string, root: string, { image, facts }: Settings): BuildOrder | string {
  const { context, target, args, contexts, tags } = definition;
  if (context.kind !== 'folder') return say('The build context is no folder of this workspace.');
  const given = Object.entries(contexts).map(([name, source]) => [name, valueOf(source, root)] as const);
  const linked = given.find(([, value]) => value === undefined);
  if (linked) return say('The context {0} is what another build makes: build them together, with docker buildx bake or docker compose build.', linked[0]);
  const chosen = facts.target ?? target;
  if (chosen === null) return say('Which target is built is not known.');
  return {
    dockerfile, context: resolve(root, context.path), tag: image ?? tags.at(0) ?? nameOf(dockerfile), ...(chosen !== undefined && { target: chosen }),
    args: { ...args, ...facts.buildArgs }, contexts: Object.fromEntries(given.map(([name, value]) => [name, value ?? ''])),
  };
}

/** What the image is called where nobody names it: by Compose, and by what is built here. */
export function usualNames({ name, usualImage }: BuildDefinition, dockerfile: string, root: string): string[] {
  // compose-go, loader/normalize.go and loader.go: NormalizeProjectName; compose, pkg/utils: project-service.
  const project = usualImage && (usualImage.project ?? basename(resolve(root, usualImage.folder))).toLowerCase().replace(/[^-_a-z0-9]/g, '').replace(/^[-_]+/, '');
  return [...(project ? [`${project}-${name}`] : []), nameOf(dockerfile)];
}

/** Undefined: another build. */
function valueOf(source: ContextSource, root: string): string | undefined {
  switch (source.kind) {
    case 'folder': return resolve(root, source.path);
    case 'remote': return source.url;
    case 'image': return `docker-image://${source.reference}`;
    case 'build': case 'unknown': return undefined;
  }
}

/** Where nobody names the image: after the folder, and the file where that has a name of its own. */
export function nameOf(dockerfile: string): string {
  const own = basename(dockerfile).replace(/^(?:Docker|Container)file\.?|\.?(?:docker|container)file$/gi, '');
  const name = [basename(dirname(dockerfile)), own].filter((part) => part !== '').join('-').toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '');
  return `strata/${name === '' ? 'image' : name}`;
}
