/**
 * A build context's files, as the builder compares them: type, mode, bytes, link target and relative name (BuildKit's
 * cache/contenthash). Contents are digests, or any text that is equal where the bytes are.
 */
import { patternsOf, type Patterns } from './ignore';
import { cleanPath } from './path';

export type ContextEntry =
  /** `size` in bytes, where somebody asked for it. */
  | { readonly type: 'file'; readonly mode: number; readonly content: string; readonly size?: number }
  | { readonly type: 'folder'; readonly mode: number }
  | { readonly type: 'link'; readonly target: string };

export interface Context {
  /** Sorted, folders included; slashes, no leading one. */
  readonly paths: readonly string[];
  readonly entries: ReadonlyMap<string, ContextEntry>;
  /** What was left out, and would be if it were there. */
  readonly ignored?: Patterns;
}

/** What is left after ignoring; folders that files lie in are added. */
export function contextOf(all: Iterable<readonly [path: string, entry: ContextEntry]>, ignored?: Patterns): Context {
  const entries = new Map<string, ContextEntry>();
  const given = new Map(all);
  for (const [path, entry] of given) {
    if (ignored?.matches(path)) continue;
    entries.set(path, entry);
    for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
      const folder = path.slice(0, slash);
      if (entries.has(folder)) break;
      entries.set(folder, given.get(folder) ?? { type: 'folder', mode: 0o755 });
    }
  }
  return { entries, paths: [...entries.keys()].sort(), ...(ignored && { ignored }) };
}

export interface Selection {
  /** As COPY, ADD and mounts name it, after expansion. */
  readonly source: string;
  readonly exclude: readonly string[];
  /** COPY --parents. */
  readonly parents: boolean;
  /** `*`, `?` and `[` mean something: not in mounts. */
  readonly wildcards: boolean;
}

/** Equal texts where the builder finds the selected files equal; undefined where a file that is named does not exist. */
export function contentOf(context: Context, { source, exclude, parents, wildcards }: Selection): string | undefined {
  if (parents) return contentOfParents(context, source, exclude);
  const path = cleanPath(`/${source}`).slice(1);
  const excluded = exclude.length === 0 ? undefined : patternsOf(exclude);
  const leaves = excluded && !('error' in excluded) ? excluded : undefined;
  if (wildcards && isPattern(path)) {
    const matched = matching(context, path);
    if (matched.length === 0) return 'nothing';
    const prefix = path.slice(0, path.search(/[*?[\\]/)).replace(/[^/]*$/, '');
    return matched.map((one) => `${one.slice(prefix.length)} ${treeOf(context, one, leaves)}`).join('\n');
  }
  const followed = followLinks(context, path);
  if (followed !== '' && !context.entries.has(followed)) return undefined;
  return treeOf(context, followed, leaves);
}

function contentOfParents(context: Context, source: string, exclude: readonly string[]): string | undefined {
  const pivot = source.indexOf('/./');
  const root = pivot === -1 ? '' : cleanPath(`/${source.slice(0, pivot)}`).slice(1);
  const pattern = cleanPath(`/${pivot === -1 ? source : source.slice(pivot + 3)}`).slice(1);
  const included = patternsOf([pattern]);
  const excluded = patternsOf(exclude);
  if ('error' in included || 'error' in excluded) return undefined;
  const below = root === '' ? '' : `${root}/`;
  const found = context.paths
    .filter((path) => path.startsWith(below))
    .map((path) => ({ path, name: path.slice(below.length) }))
    .filter(({ name }) => (pattern === '' || included.matches(name)) && !excluded.matches(name));
  if (found.length === 0 && !/[*?[]/.test(pattern)) return undefined;
  return found.map(({ path, name }) => `${name} ${described(context.entries.get(path))}`).join('\n');
}

/** The files that are selected, links and folders aside: what is sent of a context. */
export function filesOf(context: Context, { source, exclude, parents, wildcards }: Selection): string[] {
  const excluded = patternsOf(exclude);
  const isFile = (path: string): boolean => context.entries.get(path)?.type === 'file';
  if (parents) {
    const pattern = patternsOf([cleanPath(`/${source.replace('/./', '/')}`).slice(1)]);
    return 'error' in pattern ? [] : context.paths.filter((path) => isFile(path) && pattern.matches(path));
  }
  const path = cleanPath(`/${source}`).slice(1);
  const roots = wildcards && isPattern(path) ? matching(context, path) : [followLinks(context, path)];
  return roots.flatMap((root) => {
    if (isFile(root)) return [root];
    const relative = (one: string): string => (root === '' ? one : one.slice(root.length + 1));
    return below(context, root).filter((one) => isFile(one) && ('error' in excluded || !excluded.matches(relative(one))));
  });
}

function isPattern(path: string): boolean {
  return /[*?[]/.test(path.replace(/\\./g, ''));
}

/** A file, or all of a folder with the names relative to it. */
function treeOf(context: Context, path: string, leaves: Patterns | undefined): string {
  const own = path === '' ? 'folder' : described(context.entries.get(path));
  const entry = context.entries.get(path);
  if (path !== '' && entry?.type !== 'folder') return own;
  const lines = [own];
  for (const name of below(context, path)) {
    const relative = path === '' ? name : name.slice(path.length + 1);
    if (!leaves?.matches(relative)) lines.push(`${relative} ${described(context.entries.get(name))}`);
  }
  return lines.join('\n');
}

function described(entry: ContextEntry | undefined): string {
  switch (entry?.type) {
    case 'file': return `file ${entry.mode.toString(8)} ${entry.content}`;
    case 'link': return `link ${entry.target}`;
    default: return `folder ${(entry?.mode ?? 0o755).toString(8)}`;
  }
}

function below(context: Context, path: string): readonly string[] {
  if (path === '') return context.paths;
  const prefix = `${path}/`;
  let low = 0;
  let high = context.paths.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (context.paths[middle] < prefix) low = middle + 1;
    else high = middle;
  }
  let end = low;
  while (end < context.paths.length && context.paths[end].startsWith(prefix)) end++;
  return context.paths.slice(low, end);
}

/** filepath.Match: component by component, and the same number of them. */
function matching(context: Context, pattern: string): string[] {
  const depth = pattern.split('/').length;
  const matcher = patternsOf([pattern]);
  if ('error' in matcher) return [];
  return context.paths.filter((path) => path.split('/').length === depth && matcher.matches(path));
}

/** A link is followed wherever it stands in a path that is named; a circle of them leads nowhere. */
function followLinks(context: Context, path: string): string {
  let parts = path.split('/').filter((part) => part !== '');
  let done: string[] = [];
  for (let hops = 0; parts.length > 0 && hops < 64; ) {
    const [part, ...rest] = parts;
    const here = [...done, part].join('/');
    const entry = context.entries.get(here);
    if (entry?.type === 'link') {
      hops++;
      const target = cleanPath(entry.target.startsWith('/') ? entry.target : `/${[...done, entry.target].join('/')}`);
      parts = [...target.split('/').filter((one) => one !== ''), ...rest];
      done = [];
    } else {
      done = [...done, part];
      parts = rest;
    }
  }
  return done.join('/');
}
