/** What layers change of the files below them: one layer, or several taken together, as a tree of paths. */
import type { LayerEntry, LayerFiles } from './model';
import { entryAt, indexOf, type Found, type LayerIndex } from './tree';

/** `copied`: it is in the layer again, as it was. Of a folder that is no change, nor is another time. */
export type ChangeKind = (typeof changeKinds)[number];

export const changeKinds = ['added', 'changed', 'copied', 'removed'] as const;

/** In which way a path is another one than below. */
export type Difference = 'kind' | 'content' | 'link' | 'mode' | 'owner' | 'time';

export interface ChangeNode {
  /** From the root, as an entry has it; empty of the root. */
  readonly path: string;
  readonly name: string;
  /** Undefined: only what is below it changes. */
  readonly kind: ChangeKind | undefined;
  readonly before: Found | undefined;
  readonly after: Found | undefined;
  /** Of `changed`. */
  readonly differs: readonly Difference[];
  /** Bytes of files that are added, changed or copied here or below: what the layers take. */
  readonly bytes: number;
  /** Bytes of files that are removed here or below: the layers below keep them. */
  readonly removed: number;
  /** Paths here and below, by what becomes of them. */
  readonly counts: Readonly<Record<ChangeKind, number>>;
  /** What takes most first, then by name. */
  readonly children: readonly ChangeNode[];
}

const trees = new WeakMap<readonly LayerFiles[], Map<string, ChangeNode>>();

/** From the files after `from` layers to those after `to`; 0 is before all of them. Once for an image and two places in it. */
export function changesBetween(layers: readonly LayerFiles[], from: number, to: number): ChangeNode {
  let own = trees.get(layers);
  if (!own) trees.set(layers, (own = new Map()));
  const key = `${from} ${to}`;
  let tree = own.get(key);
  if (!tree) own.set(key, (tree = treeOf(layers, from, to)));
  return tree;
}

/** The node of a path; undefined: nothing changes there. */
export function nodeAt(root: ChangeNode, path: string): ChangeNode | undefined {
  let node: ChangeNode | undefined = root;
  for (const name of path === '' ? [] : path.split('/')) node = node?.children.find((child) => child.name === name);
  return node;
}

/** A node while its tree grows. */
interface Growing {
  readonly path: string;
  readonly name: string;
  children: Map<string, Growing> | undefined;
  /** What was below is not seen any more, but for what comes again. */
  isCovered: boolean;
}

/** Layers below which nothing is seen any more of a path: whiteouts, opaque folders, and what is no folder; -1 where there is none. */
interface Covers {
  readonly from: number;
  readonly to: number;
}

function treeOf(layers: readonly LayerFiles[], from: number, to: number): ChangeNode {
  const root: Growing = { path: '', name: '', children: undefined, isCovered: false };
  for (const { entries } of layers.slice(from, to)) {
    for (const { path, kind } of entries) (path === '' ? root : grow(root, path)).isCovered ||= kind !== 'folder';
  }
  for (const { entries } of layers.slice(0, from)) {
    for (const { path } of entries) if (isBelowCovered(root, path)) grow(root, path);
  }
  return grown(root, { layers, indexes: layers.slice(0, to).map(indexOf), from, to }, { from: -1, to: -1 }) ?? { ...nothing, path: '', name: '' };
}

function grow(root: Growing, path: string): Growing {
  let node = root;
  for (let begin = 0; ; ) {
    const end = path.indexOf('/', begin);
    const name = path.slice(begin, end === -1 ? undefined : end);
    node.children ??= new Map();
    let child = node.children.get(name);
    if (!child) node.children.set(name, (child = { path: end === -1 ? path : path.slice(0, end), name, children: undefined, isCovered: false }));
    node = child;
    if (end === -1) return node;
    begin = end + 1;
  }
}

/** Most paths leave the tree after a name or two. */
function isBelowCovered(root: Growing, path: string): boolean {
  if (root.isCovered) return true;
  let node: Growing | undefined = root;
  for (let begin = 0, end = path.indexOf('/'); end !== -1; begin = end + 1, end = path.indexOf('/', begin)) {
    node = node.children?.get(path.slice(begin, end));
    if (!node) return false;
    if (node.isCovered) return true;
  }
  return false;
}

const nothing = { kind: undefined, before: undefined, after: undefined, differs: [], bytes: 0, removed: 0, counts: { added: 0, changed: 0, copied: 0, removed: 0 }, children: [] };

interface Between {
  readonly layers: readonly LayerFiles[];
  readonly indexes: readonly LayerIndex[];
  readonly from: number;
  readonly to: number;
}

/** Undefined: nothing of it has changed. */
function grown({ path, name, children: below }: Growing, between: Between, above: Covers): ChangeNode | undefined {
  const { layers, indexes, from, to } = between;
  const older = seenAt(indexes, from, path, above.from, below !== undefined);
  const newer = seenAt(indexes, to, path, above.to, below !== undefined);
  const [before, after, covers] = [older.found, newer.found, { from: older.cover, to: newer.cover }];
  const children: ChangeNode[] = [];
  for (const child of below?.values() ?? []) {
    const node = grown(child, between, covers);
    if (node) children.push(node);
  }
  const differs = before && after ? differencesOf(linked(layers, from, before.entry), linked(layers, to, after.entry)) : [];
  const kind = kindOf(before, after, differs, from);
  if (kind === undefined && children.length === 0) return undefined;
  const counts = { ...nothing.counts };
  if (kind) counts[kind]++;
  let bytes = kind === undefined || kind === 'removed' ? 0 : after?.entry.size ?? 0;
  let removed = kind === 'removed' ? before?.entry.size ?? 0 : 0;
  for (const child of children) {
    bytes += child.bytes;
    removed += child.removed;
    for (const one of changeKinds) counts[one] += child.counts[one];
  }
  children.sort((a, b) => b.bytes + b.removed - a.bytes - a.removed || (a.name < b.name ? -1 : 1));
  return { path, name, kind, before, after, differs, bytes, removed, counts, children };
}

/** As `entryAt` finds it after so many layers, given what covers the folders above; and what covers the paths below, where that is asked for. */
function seenAt(indexes: readonly LayerIndex[], count: number, path: string, above: number, hasChildren: boolean): { readonly found: Found | undefined; readonly cover: number } {
  let found: Found | undefined;
  let isGone = false;
  let cover = above;
  for (let layer = count - 1; layer >= Math.max(above, 0); layer--) {
    const { entries, whiteouts, opaque } = indexes[layer];
    const entry = entries.get(path);
    if (entry && !found && !isGone) found = { entry, layer };
    const isWhiteout = whiteouts.size > 0 && whiteouts.has(path);
    isGone ||= isWhiteout;
    // The highest one counts.
    if (cover === above && (isWhiteout || (entry && entry.kind !== 'folder') || (opaque.size > 0 && opaque.has(path)))) cover = layer;
    if ((found || isGone) && (cover !== above || !hasChildren)) break;
  }
  return { found, cover };
}

function kindOf(before: Found | undefined, after: Found | undefined, differs: readonly Difference[], from: number): ChangeKind | undefined {
  if (!after) return before && 'removed';
  if (!before) return 'added';
  // No layer in between has it.
  if (after.layer < from) return undefined;
  // Whatever is made or mounted in a folder is a reason for it to be in the layer, with another time.
  if (before.entry.kind === 'folder' && differs.every((one) => one === 'time')) return undefined;
  return differs.length > 0 ? 'changed' : 'copied';
}

/** A hard link is another name of a file, and has what the file has. */
function linked(layers: readonly LayerFiles[], count: number, entry: LayerEntry): LayerEntry {
  const other = entry.kind === 'hardlink' ? entryAt(layers, count, entry.link ?? '')?.entry : undefined;
  return other?.kind === 'file' ? other : entry;
}

function differencesOf(before: LayerEntry, after: LayerEntry): Difference[] {
  const found: Difference[] = [];
  if (before.kind !== after.kind) found.push('kind');
  else if (before.content !== after.content || before.size !== after.size) found.push('content');
  else if (before.link !== after.link) found.push('link');
  if (before.mode !== after.mode) found.push('mode');
  if (before.uid !== after.uid || before.gid !== after.gid) found.push('owner');
  if (before.mtime !== after.mtime) found.push('time');
  return found;
}

/** A path that `docker diff` tells of (`GET /containers/ID/changes`), from the root without a slash. */
export interface ContainerChange {
  readonly path: string;
  readonly kind: 'added' | 'changed' | 'removed';
}

/** What a container's writable layer changes of an image: of new content nothing is known, its size neither. */
export function containerChanges(layers: readonly LayerFiles[], told: readonly ContainerChange[]): ChangeNode {
  const plain = { size: 0, mode: 0, uid: 0, gid: 0, mtime: 0 };
  const folders = new Set(told.flatMap(({ path }) => [...path.matchAll(/\//g)].map(({ index }) => path.slice(0, index))));
  const entries = told.filter(({ path }) => path !== '').map(({ path, kind }): LayerEntry => {
    const below = kind === 'changed' ? entryAt(layers, layers.length, path)?.entry : undefined;
    return below ?? { ...plain, path, kind: kind === 'removed' ? 'whiteout' : folders.has(path) ? 'folder' : 'file' };
  });
  // Like what is below, as far as anybody knows: that it is in the container's layer says that it is another one.
  return asChanged(changesBetween([...layers, { diffId: '', entries }], layers.length, layers.length + 1));
}

function asChanged({ kind, counts, ...node }: ChangeNode): ChangeNode {
  return { ...node, kind: kind === 'copied' ? 'changed' : kind, bytes: 0, counts: { ...counts, changed: counts.changed + counts.copied, copied: 0 }, children: node.children.map(asChanged) };
}
