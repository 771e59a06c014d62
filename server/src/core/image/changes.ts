/** What layers change of the files below them: one layer, or several taken together, as a tree of paths. */
import type { LayerEntry, LayerFiles } from './model';
import { entryAt, type Found } from './tree';

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
  readonly children: Map<string, Growing>;
}

function treeOf(layers: readonly LayerFiles[], from: number, to: number): ChangeNode {
  const root: Growing = { path: '', children: new Map() };
  /** Nothing that was below these is seen any more, but for what comes again. */
  const covered = new Set<string>();
  for (const { entries } of layers.slice(from, to)) {
    for (const { path, kind } of entries) {
      if (path === '') continue;
      if (kind !== 'folder') covered.add(path);
      if (kind !== 'opaque') grow(root, path);
    }
  }
  for (const { entries } of layers.slice(0, from)) {
    for (const { path } of entries) if (isBelow(path, covered)) grow(root, path);
  }
  return grown(root, layers, from, to) ?? { ...nothing, path: '', name: '' };
}

function grow(root: Growing, path: string): void {
  let node = root;
  for (let end = path.indexOf('/'); ; end = path.indexOf('/', end + 1)) {
    const part = end === -1 ? path : path.slice(0, end);
    const name = part.slice(node.path === '' ? 0 : node.path.length + 1);
    let child = node.children.get(name);
    if (!child) node.children.set(name, (child = { path: part, children: new Map() }));
    node = child;
    if (end === -1) return;
  }
}

function isBelow(path: string, folders: ReadonlySet<string>): boolean {
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) if (folders.has(path.slice(0, at))) return true;
  return false;
}

const nothing = { kind: undefined, before: undefined, after: undefined, differs: [], bytes: 0, removed: 0, counts: { added: 0, changed: 0, copied: 0, removed: 0 }, children: [] };

/** Undefined: nothing of it has changed. */
function grown({ path, children: below }: Growing, layers: readonly LayerFiles[], from: number, to: number): ChangeNode | undefined {
  const children = [...below.values()].map((child) => grown(child, layers, from, to)).filter((child) => child !== undefined);
  const name = path.slice(path.lastIndexOf('/') + 1);
  const before = path === '' ? undefined : entryAt(layers, from, path);
  const after = path === '' ? undefined : entryAt(layers, to, path);
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
