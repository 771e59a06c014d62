/**
 * A build context's files, as the builder compares them: type, mode, bytes, link target and relative name (BuildKit's
 * cache/contenthash). Contents are digests, or any text that is equal where the bytes are. A context does not change: one
 * with another entry shares all but the folders above it, and what was found out about the rest.
 */
import { sumOf, added, taken, textOf, type Sum, nothing } from './sum';
import { matcherOf, patternsOf, type Patterns } from './ignore';
import { cleanPath } from './path';

export type ContextEntry =
  /** `size` in bytes, where somebody asked for it. */
  | { readonly type: 'file'; readonly mode: number; readonly content: string; readonly size?: number }
  | { readonly type: 'folder'; readonly mode: number }
  | { readonly type: 'link'; readonly target: string };

/** An entry; a folder with what lies in it. */
export type ContextNode = Exclude<ContextEntry, { readonly type: 'folder' }> | ContextFolder;

export interface ContextFolder {
  readonly type: 'folder';
  readonly mode: number;
  readonly children: ReadonlyMap<string, ContextNode>;
}

export interface Context {
  readonly root: ContextFolder;
  /** Sorted, folders included; slashes, no leading one. */
  readonly paths: readonly string[];
  readonly entries: Entries;
  /** What was left out, and would be if it were there. */
  readonly ignored?: Patterns;
}

/** By path. */
export interface Entries extends Iterable<readonly [path: string, entry: ContextEntry]> {
  readonly get: (path: string) => ContextEntry | undefined;
  readonly has: (path: string) => boolean;
}

/** What is left after ignoring; folders that files lie in are added. */
export function contextOf(all: Iterable<readonly [path: string, entry: ContextEntry]>, ignored?: Patterns): Context {
  const given = new Map(all);
  const root = newFolder(0o755);
  const folders = new Map<string, Growing>([['', root]]);
  for (const [path, entry] of given) {
    if (path === '' || ignored?.matches(path)) continue;
    if (entry.type === 'folder') folderAt(path).mode = entry.mode;
    else folderAt(folderOf(path)).children.set(nameOf(path), entry);
  }
  return contextFrom(root, ignored);

  function folderAt(path: string): Growing {
    let folder = folders.get(path);
    if (folder) return folder;
    const entry = given.get(path);
    folder = newFolder(entry?.type === 'folder' ? entry.mode : 0o755);
    folders.set(path, folder);
    folderAt(folderOf(path)).children.set(nameOf(path), folder);
    return folder;
  }
}

/** Of folders that were made one by one, with nothing in them that is ignored. */
export function contextFrom(root: ContextFolder, ignored?: Patterns): Context {
  let paths: readonly string[] | undefined;
  return {
    root,
    get paths() {
      return (paths ??= [...walk(root, '')].map(([path]) => path).sort());
    },
    entries: { get: (path) => nodeAt(root, path), has: (path) => nodeAt(root, path) !== undefined, [Symbol.iterator]: () => walk(root, '') },
    ...(ignored && { ignored }),
  };
}

/** With another entry at a path, or without it and all below; as it is where the path is ignored. */
export function withEntry(context: Context, path: string, entry: ContextEntry | ContextNode | undefined): Context {
  if (path === '' || context.ignored?.matches(path)) return context;
  const root = replaced(context.root, path.split('/'), 0, entry);
  return root === context.root ? context : contextFrom(root, context.ignored);
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
export function contentOf(context: Context, selection: Selection): string | undefined {
  return remembered(context, `content ${JSON.stringify(selection)}`, () => {
    const { roots, named, counts, parents } = selected(context, selection);
    if (parents) {
      const { sum, some } = sumBelow(roots[0].folder, '', counts);
      return some || named ? textOf(sum) : undefined;
    }
    if (roots.length === 0) return named ? 'nothing' : undefined;
    return roots.map((root) => `${root.name}${treeText(root, counts)}`).join('\n');
  });
}

/** The files that are selected, links and folders aside: what is sent of a context. */
export function filesOf(context: Context, selection: Selection): readonly string[] {
  return remembered(context, `files ${JSON.stringify(selection)}`, () => {
    const { roots, counts } = selected(context, selection);
    return roots.flatMap(({ path, node, folder }) => {
      if (node?.type === 'file') return [path];
      return [...walk(folder, '')].filter(([name, entry]) => entry.type === 'file' && counts(name)).map(([name]) => joined(path, name)).sort();
    });
  });
}

/** A selection of files, for what has to be said about two of them. */
export interface Selected {
  readonly context: Context;
  readonly selections: readonly Selection[];
}

/** The first path, as it is or was in its context, at which the files differ; undefined where none does. */
export function differingPath(before: Selected, now: Selected): string | undefined {
  for (const [i, selection] of now.selections.entries()) {
    const other = before.selections[i];
    if (!other) return cleanPath(selection.source);
    const a = selected(before.context, other);
    const b = selected(now.context, selection);
    const length = Math.max(a.roots.length, b.roots.length);
    for (let at = 0; at < length; at++) {
      const [was, is] = [a.roots[at], b.roots[at]];
      if (!was || !is || was.name !== is.name) return (is ?? was).path;
      const path = differing(was, is, b.counts);
      if (path !== undefined) return path;
    }
  }
  return undefined;
}

interface Root {
  readonly path: string;
  /** How its own name counts, where wildcards found it. */
  readonly name: string;
  /** Undefined: the context itself. */
  readonly node: ContextNode | undefined;
  /** Without children where it is none. */
  readonly folder: ContextFolder;
}

interface Found {
  readonly roots: readonly Root[];
  /** Nothing found is no failure: a pattern may find nothing. */
  readonly named: boolean;
  /** By the name below a root. */
  readonly counts: Counts;
  readonly parents: boolean;
}

/** `key` is equal where the answers are; undefined where all count. */
type Counts = ((name: string) => boolean) & { readonly key?: string; readonly whole?: Patterns };

function selected(context: Context, { source, exclude, parents, wildcards }: Selection): Found {
  if (parents) return selectedParents(context, source, exclude);
  const path = cleanPath(`/${source}`).slice(1);
  const excluded = exclude.length === 0 ? undefined : patternsOf(exclude);
  const counts: Counts = excluded === undefined || 'error' in excluded ? all
    : Object.assign((name: string) => !excluded.matches(name), { key: exclude.join('\n'), whole: excluded });
  const rootAt = (at: string, name: string): Root[] => {
    const node = at === '' ? undefined : nodeAt(context.root, at);
    if (at !== '' && node === undefined) return [];
    return [{ path: at, name, node, folder: at === '' ? context.root : node?.type === 'folder' ? node : empty }];
  };
  if (wildcards && isPattern(path)) {
    const prefix = path.slice(0, path.search(/[*?[\\]/)).replace(/[^/]*$/, '');
    return { roots: matching(context, path).flatMap((one) => rootAt(one, `${one.slice(prefix.length)} `)), named: true, counts, parents };
  }
  return { roots: rootAt(followLinks(context, path), ''), named: false, counts, parents };
}

function selectedParents(context: Context, source: string, exclude: readonly string[]): Found {
  const pivot = source.indexOf('/./');
  const root = pivot === -1 ? '' : cleanPath(`/${source.slice(0, pivot)}`).slice(1);
  const pattern = cleanPath(`/${pivot === -1 ? source : source.slice(pivot + 3)}`).slice(1);
  const included = patternsOf([pattern]);
  const excluded = patternsOf(exclude);
  const node = nodeAt(context.root, root);
  const folder = root === '' ? context.root : node?.type === 'folder' ? node : empty;
  const refused = 'error' in included || 'error' in excluded;
  const counts = (name: string): boolean => !refused && (pattern === '' || included.matches(name)) && !excluded.matches(name);
  return {
    roots: [{ path: root, name: '', node, folder }], named: !refused && /[*?[]/.test(pattern), parents: true,
    counts: Object.assign(counts, { key: `parents\n${pattern}\n${exclude.join('\n')}` }),
  };
}

const all: Counts = () => true;
const empty: ContextFolder = { type: 'folder', mode: 0o755, children: new Map() };

function isPattern(path: string): boolean {
  return /[*?[]/.test(path.replace(/\\./g, ''));
}

/** A file, or all of a folder with the names relative to it. */
function treeText({ node, folder }: Root, counts: Counts): string {
  if (node && node.type !== 'folder') return described(node);
  return `${node ? described(node) : 'folder'} ${textOf(counts.key === undefined ? sumIn(folder) : sumBelow(folder, '', counts).sum)}`;
}

/** Of everything in a folder, each folder in it by its own sum. */
function sumIn(folder: ContextFolder): Sum {
  const known = sums.get(folder);
  if (known) return known;
  let sum = nothing;
  for (const [name, node] of folder.children) sum = added(sum, sumOfChild(name, node));
  sums.set(folder, sum);
  return sum;
}

const sums = new WeakMap<ContextFolder, Sum>();

function sumOfChild(name: string, node: ContextNode): Sum {
  const own = `${name}\0${described(node)}`;
  return sumOf(node.type === 'folder' ? `${own} ${textOf(sumIn(node))}` : own);
}

interface Part {
  readonly sum: Sum;
  /** Anything counts at all. */
  readonly some: boolean;
}

/** Of what counts below a folder, each by its path from where the counting began. */
function sumBelow(folder: ContextFolder, from: string, counts: Counts): Part {
  let known = parts.get(folder);
  if (!known) parts.set(folder, (known = new Map()));
  const key = `${from}\0${counts.key}`;
  let part = known.get(key);
  if (!part) {
    let sum = nothing;
    let some = false;
    for (const [name, node] of folder.children) {
      const path = joined(from, name);
      const own = counts(path);
      if (own) sum = added(sum, sumOf(`${path}\0${described(node)}`));
      some ||= own;
      // Below what is left out, only a `!` can bring something back.
      if (node.type !== 'folder' || (!own && counts.whole?.onlyExcludes)) continue;
      const below = sumBelow(node, path, counts);
      sum = added(sum, below.sum);
      some ||= below.some;
    }
    known.set(key, (part = { sum, some }));
  }
  return part;
}

const parts = new WeakMap<ContextFolder, Map<string, Part>>();

function differing(was: Root, is: Root, counts: Counts): string | undefined {
  const own = (node: ContextNode | undefined): string => (node ? described(node) : 'folder');
  return own(was.node) === own(is.node) ? differingBelow(was.folder, is.folder, '') : is.path;

  function differingBelow(before: ContextFolder, now: ContextFolder, from: string): string | undefined {
    if (before === now || textOf(sumIn(before)) === textOf(sumIn(now))) return undefined;
    const names = new Set([...now.children.keys(), ...before.children.keys()].filter((name) => before.children.get(name) !== now.children.get(name)));
    for (const name of [...names].sort()) {
      const [a, b] = [before.children.get(name), now.children.get(name)];
      const path = joined(from, name);
      if ((!a || !b || described(a) !== described(b)) && counts(path)) return joined(is.path, path);
      const below = differingBelow(a?.type === 'folder' ? a : empty, b?.type === 'folder' ? b : empty, path);
      if (below !== undefined) return below;
    }
    return undefined;
  }
}

function described(entry: ContextEntry): string {
  switch (entry.type) {
    case 'file': return `file ${entry.mode.toString(8)} ${entry.content}`;
    case 'link': return `link ${entry.target}`;
    case 'folder': return `folder ${entry.mode.toString(8)}`;
  }
}

/** filepath.Match: component by component, and the same number of them. */
function matching(context: Context, pattern: string): string[] {
  let found: { readonly path: string; readonly node: ContextNode }[] = [{ path: '', node: context.root }];
  for (const component of pattern.split('/')) {
    const match = isPattern(component) || component.includes('\\') ? matcherOf(component) : undefined;
    found = found.flatMap(({ path, node }) => {
      if (node.type !== 'folder') return [];
      if (!match) return node.children.has(component) ? [{ path: joined(path, component), node: node.children.get(component)! }] : [];
      return [...node.children].filter(([name]) => match(name)).map(([name, child]) => ({ path: joined(path, name), node: child }));
    });
  }
  return found.map(({ path }) => path).sort();
}

/** A link is followed wherever it stands in a path that is named; a circle of them leads nowhere. */
function followLinks(context: Context, path: string): string {
  let parts = path.split('/').filter((part) => part !== '');
  let done: string[] = [];
  for (let hops = 0; parts.length > 0 && hops < 64; ) {
    const [part, ...rest] = parts;
    const here = [...done, part].join('/');
    const entry = nodeAt(context.root, here);
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

interface Growing {
  readonly type: 'folder';
  mode: number;
  readonly children: Map<string, ContextNode>;
}

function newFolder(mode: number): Growing {
  return { type: 'folder', mode, children: new Map() };
}

function nodeAt(root: ContextFolder, path: string): ContextNode | undefined {
  let folder = root;
  let start = 0;
  for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', start)) {
    const next = folder.children.get(path.slice(start, slash));
    if (next?.type !== 'folder') return undefined;
    folder = next;
    start = slash + 1;
  }
  return folder.children.get(start === 0 ? path : path.slice(start));
}

/** All below, in no order that means anything. */
function* walk(folder: ContextFolder, from: string): Generator<readonly [path: string, node: ContextNode]> {
  const pending: (readonly [string, ContextFolder])[] = [[from, folder]];
  for (let at = pending.pop(); at; at = pending.pop()) {
    for (const [name, node] of at[1].children) {
      const path = joined(at[0], name);
      yield [path, node];
      if (node.type === 'folder') pending.push([path, node]);
    }
  }
}

function replaced(folder: ContextFolder, path: readonly string[], depth: number, entry: ContextEntry | ContextNode | undefined): ContextFolder {
  const name = path[depth];
  const child = folder.children.get(name);
  let next: ContextNode | undefined;
  if (depth < path.length - 1) {
    if (entry === undefined && child?.type !== 'folder') return folder;
    next = replaced(child?.type === 'folder' ? child : empty, path, depth + 1, entry);
  } else if (entry?.type === 'folder' && !('children' in entry)) next = { ...entry, children: child?.type === 'folder' ? child.children : new Map() };
  else next = entry as ContextNode | undefined;
  if (next === child) return folder;
  const children = new Map(folder.children);
  if (next) children.set(name, next);
  else children.delete(name);
  const changed = { ...folder, children };
  const known = sums.get(folder);
  if (known) {
    let sum = child ? taken(known, sumOfChild(name, child)) : known;
    if (next) sum = added(sum, sumOfChild(name, next));
    sums.set(changed, sum);
  }
  return changed;
}

const answers = new WeakMap<ContextFolder, Map<string, unknown>>();

/** What was found out about a context: as long as there is one with these files. */
function remembered<Answer>({ root }: Context, key: string, find: () => Answer): Answer {
  let known = answers.get(root);
  if (!known) answers.set(root, (known = new Map()));
  if (!known.has(key)) known.set(key, find());
  return known.get(key) as Answer;
}

function joined(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash === -1 ? '' : path.slice(0, slash);
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
