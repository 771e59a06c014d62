/**
 * What of an image's layers is lost to copy-on-write: bytes that some layer has, and that do not make the image any richer.
 *
 * Layers are applied as the OCI image specification says (layer.md, "Applying Changesets"): whiteouts and opaque whiteouts take
 * away what lower layers had, whatever their place in the tar; an entry replaces what was at its path; a folder on a folder keeps
 * what is below. An entry below something that is no folder makes it one, as overlayfs does with the folder of an upper layer.
 */
import { efficiencyOf, type Efficiency } from './efficiency';
import { leftOverOf } from './left-over';
import type { LayerEntry, LayerFiles } from './model';

export type WasteKind =
  /** A later layer took it away: a whiteout, an opaque folder, or something without content in its place or above it. */
  | 'deleted-later'
  /** A later layer has other content at the path. */
  | 'overwritten'
  /** A later layer has the same content at the path: a change of mode, owner or time copies the whole file. */
  | 'copied-again'
  /** A lower layer has the same content at another path, and both are seen. */
  | 'duplicate'
  /** Package lists and caches that are still there in the end. */
  | 'left-over';

export interface WasteItem {
  readonly kind: WasteKind;
  /** Of the file; of a left-over, the folder. Of hard links, the name that went last. */
  readonly path: string;
  /** Of content, uncompressed. */
  readonly bytes: number;
  /** The layer that has these bytes, from 0. Of a left-over: only there they can be saved. */
  readonly layer: number;
  /** The layer that made them a waste: the same one with duplicates and left-overs. */
  readonly by: number;
  /** Of a duplicate, where the first one lies; of a deleted file, where the layer that deleted it has the same content: it was moved. */
  readonly other?: string;
  /** Of a left-over: how many files. */
  readonly files?: number;
}

/** Another one when the same layers come to another waste: what was kept of them is none then. */
export const wasteVersion = 1;

/** No byte is counted twice: not in the items, and not in the sums. All bytes are of content, uncompressed. */
export interface Waste {
  /** The most bytes first. Files without content are none. */
  readonly items: readonly WasteItem[];
  readonly bytes: Readonly<Record<WasteKind, number>>;
  /** All of the kinds. */
  readonly total: number;
  /** By layer: what it holds, a hard link once, and what of that is waste. */
  readonly layers: readonly { readonly bytes: number; readonly wasted: number }[];
  /** What dive would say. Its wasted bytes count every copy, the one that is seen too, and leave out most of what goes with a folder. */
  readonly dive: Efficiency;
}

/** What a `file` entry brought. It is lost when its last name goes. */
interface Content {
  readonly layer: number;
  readonly size: number;
  readonly digest: string | undefined;
  /** One of its names; undefined: it has none any more. */
  path: string | undefined;
  /** Further names, by hard links. */
  others?: Set<string>;
}

/** Of the tree as far as the layers are applied. */
interface Node {
  readonly path: string;
  content?: Content;
  /** Of a folder. */
  children?: Map<string, Node>;
}

interface Lost {
  readonly path: string;
  readonly content: Content;
}

/** Smaller files are often equal by chance: licences, empty packages. */
const defaultFloor = 4096;

/** Time and room: linear in the entries (and the parts of their paths). `floor`: bytes that a duplicate has at least. */
export function wasteOf(layers: readonly LayerFiles[], { floor = defaultFloor }: { readonly floor?: number } = {}): Waste {
  const root: Node = { path: '', children: new Map() };
  const contents: Content[] = [];
  const items: WasteItem[] = [];
  layers.forEach(({ entries }, layer) => {
    const lost: Lost[] = [];
    for (const entry of entries) if (entry.kind === 'whiteout' || entry.kind === 'opaque') hide(root, entry, lost);
    for (const entry of entries) if (entry.kind !== 'whiteout' && entry.kind !== 'opaque') put(root, entry, layer, contents, lost);
    addLost(root, lost, entries, layer, items);
  });
  const left = addLeftOvers(contents, items);
  addDuplicates(contents, left, floor, items);
  return summed(layers, items.sort((a, b) => b.bytes - a.bytes || a.layer - b.layer || order(a.path, b.path)));
}

/** Takes away what lower layers have: nothing of this layer is there yet. */
function hide(root: Node, { path, kind }: LayerEntry, lost: Lost[]): void {
  const node = find(root, path);
  if (!node) return;
  if (kind === 'opaque') {
    if (!node.children) return;
    takeBelow(node, lost);
    node.children = new Map();
    return;
  }
  if (node === root) return;
  takeBelow(node, lost);
  const [above, name] = cut(path);
  find(root, above)?.children?.delete(name);
}

function put(root: Node, entry: LayerEntry, layer: number, contents: Content[], lost: Lost[]): void {
  if (entry.path === '') return;
  const [above, name] = cut(entry.path);
  const linked = entry.kind === 'hardlink' ? find(root, entry.link ?? '')?.content : undefined;
  const children = folderAt(root, above, lost);
  const before = children.get(name);
  if (entry.kind === 'folder' && before?.children) return;
  // A second link of the same name to the same file changes nothing.
  if (linked !== undefined && before?.content === linked) return;
  if (before) takeBelow(before, lost);
  const node: Node = { path: entry.path };
  children.set(name, node);
  if (entry.kind === 'folder') node.children = new Map();
  else if (entry.kind === 'file') {
    node.content = { layer, size: entry.size, digest: entry.content, path: entry.path };
    contents.push(node.content);
  } else if (linked?.path !== undefined) {
    node.content = linked;
    (linked.others ??= new Set()).add(entry.path);
  }
}

/** What the folder has; what stands in its way, or in the way of those above it, is replaced. */
function folderAt(root: Node, path: string, lost: Lost[]): Map<string, Node> {
  let children = root.children ??= new Map<string, Node>();
  if (path === '') return children;
  for (let from = 0; from <= path.length; ) {
    const slash = path.indexOf('/', from);
    const end = slash === -1 ? path.length : slash;
    const name = path.slice(from, end);
    let node = children.get(name);
    if (!node?.children) {
      if (node) takeBelow(node, lost);
      node = { path: path.slice(0, end), children: new Map() };
      children.set(name, node);
    }
    children = node.children!;
    from = end + 1;
  }
  return children;
}

function find(root: Node, path: string): Node | undefined {
  let node: Node | undefined = root;
  if (path === '') return node;
  for (const name of path.split('/')) {
    node = node.children?.get(name);
    if (!node) return undefined;
  }
  return node;
}

/** All names at the node and below go. */
function takeBelow(node: Node, lost: Lost[]): void {
  const left = [node];
  for (let one = left.pop(); one; one = left.pop()) {
    if (one.content) dropName(one.content, one.path, lost);
    if (one.children) for (const child of one.children.values()) left.push(child);
  }
}

function dropName(content: Content, path: string, lost: Lost[]): void {
  if (content.path !== path) {
    content.others?.delete(path);
    return;
  }
  const next = content.others?.values().next().value;
  content.path = next;
  if (next === undefined) lost.push({ path, content });
  else content.others?.delete(next);
}

/** The kind shows when all of the layer is there: what is at the path now. */
function addLost(root: Node, lost: readonly Lost[], entries: readonly LayerEntry[], by: number, items: WasteItem[]): void {
  const deleted: Lost[] = [];
  for (const one of lost) {
    const { path, content: { layer, size, digest } } = one;
    if (size === 0) continue;
    const now = find(root, path)?.content;
    if (!now) deleted.push(one);
    else items.push({ kind: now.size === size && digest !== undefined && now.digest === digest ? 'copied-again' : 'overwritten', path, bytes: size, layer, by });
  }
  if (deleted.length === 0) return;
  const wanted = new Set(deleted.map(({ content }) => content.digest));
  const moved = new Map<string, string>();
  for (const { content, path } of entries) if (content !== undefined && wanted.has(content) && !moved.has(content)) moved.set(content, path);
  for (const { path, content: { layer, size, digest } } of deleted) {
    const other = digest === undefined ? undefined : moved.get(digest);
    items.push({ kind: 'deleted-later', path, bytes: size, layer, by, ...(other !== undefined && { other }) });
  }
}

/** By folder and layer. Returns what these are made of. */
function addLeftOvers(contents: readonly Content[], items: WasteItem[]): ReadonlySet<Content> {
  const left = new Set<Content>();
  const found = new Map<string, { path: string; layer: number; bytes: number; files: number }>();
  for (const content of contents) {
    if (content.path === undefined || content.size === 0) continue;
    const folder = leftOverOf(content.path);
    // A cache whose files are linked to from elsewhere (conda's) takes no room of its own.
    if (folder === undefined || (content.others && ![...content.others].every((path) => leftOverOf(path) !== undefined))) continue;
    left.add(content);
    const key = `${content.layer} ${folder}`;
    const sum = found.get(key) ?? { path: folder, layer: content.layer, bytes: 0, files: 0 };
    sum.bytes += content.size;
    sum.files++;
    found.set(key, sum);
  }
  for (const { path, layer, bytes, files } of found.values()) items.push({ kind: 'left-over', path, bytes, layer, by: layer, files });
  return left;
}

/** Only of what is seen in the end: the loser of a move is counted already, where it was deleted. */
function addDuplicates(contents: readonly Content[], left: ReadonlySet<Content>, floor: number, items: WasteItem[]): void {
  const firsts = new Map<string, Content & { readonly path: string }>();
  for (const content of contents) {
    const { path, layer, size, digest } = content;
    if (path === undefined || digest === undefined || size === 0 || size < floor || left.has(content)) continue;
    const first = firsts.get(digest);
    if (!first) firsts.set(digest, { ...content, path });
    else if (layer > first.layer) items.push({ kind: 'duplicate', path, bytes: size, layer, by: layer, other: first.path });
  }
}

function summed(layers: readonly LayerFiles[], items: readonly WasteItem[]): Waste {
  const bytes: Record<WasteKind, number> = { 'deleted-later': 0, overwritten: 0, 'copied-again': 0, duplicate: 0, 'left-over': 0 };
  const each = layers.map((layer) => ({ bytes: contentSize(layer), wasted: 0 }));
  let total = 0;
  for (const item of items) {
    bytes[item.kind] += item.bytes;
    each[item.layer].wasted += item.bytes;
    total += item.bytes;
  }
  return { items, bytes, total, layers: each, dive: efficiencyOf(layers) };
}

/**
 * Bytes of content that a layer has, a hard link once: what `docker image history` shows of a layer that the engine built (moby,
 * layer/migration.go, ChecksumForGraphID). Of one that overlay2 unpacked (pulled, loaded, imported) the engine shows the lengths of
 * its symlinks' targets more (daemon/graphdriver/overlay2/overlay.go, ApplyDiff).
 */
export function contentSize({ entries }: LayerFiles): number {
  let size = 0;
  for (const entry of entries) if (entry.kind === 'file') size += entry.size;
  return size;
}

function cut(path: string): [above: string, name: string] {
  const slash = path.lastIndexOf('/');
  return slash === -1 ? ['', path] : [path.slice(0, slash), path.slice(slash + 1)];
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
