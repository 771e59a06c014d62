/** The edit that nobody should make: what siblings share is cut out as it stands, by each of the ways, whatever it is. */
import type { Way } from '../../server/src/core/family/model';

export interface Refusal {
  readonly name: string;
  readonly way: Way;
  /** Before and after: undefined where there is none. */
  readonly files: Readonly<Record<string, string>>;
  readonly after: Readonly<Record<string, string | undefined>>;
  readonly dockerfiles: readonly string[];
  /** Stages of a file that are siblings, where they are in one. */
  readonly stages?: readonly number[];
  readonly command?: string;
  /** Targets of the members afterwards, where it is one file. */
  readonly targets?: readonly string[];
  /** It shows where nothing is in the cache. */
  readonly cold?: true;
  /** What the stand-in of an image sets, where it is not as all others. */
  readonly bases: Readonly<Record<string, readonly string[]>>;
}

export interface Parts {
  readonly way?: Exclude<Way, 'stage' | 'file'>;
  readonly head?: readonly string[];
  readonly image?: string | readonly string[];
  /** Between FROM and the shared lines, by sibling. */
  readonly own?: readonly (readonly string[])[];
  readonly shared: readonly string[];
  readonly rest: readonly (readonly string[])[];
  /** Lines that a child has first, once it stands on the base. */
  readonly again?: readonly string[];
  /** Lines before FROM by sibling, stages before it and directives among them. */
  readonly heads?: readonly (readonly string[])[];
  /** The head goes to the base alone. */
  readonly headLost?: true;
  /** The base gets none of the head. */
  readonly headKept?: true;
  readonly files?: Readonly<Record<string, string>>;
  /** Each in a folder of its own. */
  readonly folders?: true;
  /** What Bake or Compose says of each, in Bake's words or as JSON. */
  readonly build?: readonly Readonly<Record<string, unknown>>[];
  readonly bases?: Readonly<Record<string, readonly string[]>>;
  readonly cold?: true;
}

const siblings = ['web', 'worker', 'cron'];

export function naive(name: string, { way = 'tag', head = [], image = 'debian:bookworm', own = [], shared, rest, again = [], heads = [], headLost, headKept, files = {}, folders, build = [], bases = {}, cold }: Parts): Refusal {
  const before: Record<string, string> = { ...files };
  const after: Record<string, string | undefined> = {};
  const dockerfiles: string[] = [];
  const text = (lines: readonly string[]): string => `${lines.join('\n')}\n`;
  const imageOf = (i: number): string => (typeof image === 'string' ? image : image[i]);
  const definitions = { before: {} as Record<string, Record<string, unknown>>, after: {} as Record<string, Record<string, unknown>> };
  for (const [i, lines] of rest.entries()) {
    const sibling = siblings[i];
    const path = folders ? `${sibling}/Dockerfile` : `Dockerfile.${sibling}`;
    const above = [...head, ...heads[i] ?? []];
    before[path] = text([...above, `FROM ${imageOf(i)}`, ...own[i] ?? [], ...shared, ...lines]);
    after[path] = text([...(headLost ? [] : above), `FROM ${way === 'tag' ? 'name:tag' : 'base'}`, ...again, ...own[i] ?? [], ...lines]);
    dockerfiles.push(path);
    const context = folders ? `./${sibling}` : '.';
    const dockerfile = folders ? 'Dockerfile' : `Dockerfile.${sibling}`;
    definitions.before[sibling] = { context, dockerfile, ...build[i] };
    definitions.after[sibling] = way === 'bake' ? { ...definitions.before[sibling], contexts: { ...build[i]?.contexts as object | undefined, base: 'target:base' } } : { ...definitions.before[sibling], additional_contexts: { base: 'service:base' } };
  }
  const place = folders ? `${siblings[0]}/Dockerfile.base` : 'Dockerfile.base';
  after[place] = text([...(headKept ? [] : [...head, ...heads[0] ?? []]), `FROM ${imageOf(0)}`, ...shared]);
  definitions.after.base = { context: folders ? `./${siblings[0]}` : '.', dockerfile: 'Dockerfile.base' };
  if (way === 'bake') {
    before['docker-bake.json'] = JSON.stringify({ target: definitions.before }, null, 2);
    after['docker-bake.json'] = JSON.stringify({ target: definitions.after }, null, 2);
  } else if (way === 'compose') {
    const services = (all: Record<string, Record<string, unknown>>): string => `services:\n${Object.entries(all).map(([service, one]) => `  ${service}:\n    build: ${JSON.stringify(one)}\n`).join('')}`;
    before['compose.yaml'] = services(definitions.before);
    after['compose.yaml'] = services(definitions.after);
  }
  return { name, way, files: before, after, dockerfiles, bases, ...(cold && { cold }), ...(way === 'tag' && { command: `docker build -t name:tag -f ${place} ${folders ? siblings[0] : '.'}` }) };
}

/** In one file: its text before and after. */
export function inOne(name: string, before: readonly string[], after: readonly string[], stages: readonly number[], targets: readonly string[], files: Readonly<Record<string, string>> = {}): Refusal {
  return { name, way: 'stage', files: { ...files, Dockerfile: `${before.join('\n')}\n` }, after: { Dockerfile: `${after.join('\n')}\n` }, dockerfiles: ['Dockerfile'], stages, targets, bases: {} };
}

/** Several files → one. */
export function intoOne(name: string, before: Readonly<Record<string, readonly string[]>>, after: readonly string[], files: Readonly<Record<string, string>> = {}): Refusal {
  const dockerfiles = Object.keys(before);
  return {
    name, way: 'file', dockerfiles, bases: {}, targets: dockerfiles.map((path) => path.slice(path.indexOf('.') + 1)),
    files: { ...files, ...Object.fromEntries(Object.entries(before).map(([path, lines]) => [path, `${lines.join('\n')}\n`])) },
    after: { ...Object.fromEntries([...dockerfiles, ...Object.keys(files).filter((path) => path.endsWith('.dockerignore'))].map((path) => [path, undefined])), Dockerfile: `${after.join('\n')}\n` },
  };
}
