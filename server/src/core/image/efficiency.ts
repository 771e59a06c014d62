/**
 * What dive says of an image: wagoodman/dive at d6c6919, dive/filetree/efficiency.go (Efficiency), file_tree.go (AddPath, Stack,
 * StackTreeRange) and dive/image/analysis.go (Analyze). Its reading is kept as it is, also where it differs from what an engine does:
 *
 * - Only the leaves of a layer's own tree count, and hard links and folders have 0 bytes.
 * - A path that two layers have is wasted with all of its bytes, also those of the copy that is seen.
 * - A whiteout of a file adds nothing; one of a folder adds all that the layers before have below it, to the least sizes as well.
 *   So a file that is deleted is wasted, and a folder that is deleted is not, unless its path was a leaf before. A folder that no
 *   layer has an entry for is none.
 * - Opaque folders take nothing away, and a file in place of a folder leaves what is below.
 * - A whiteout of what is not there ends the reading of its layer, and counts as -1 byte among the least sizes.
 *
 * dive makes the tree below anew for each whiteout; it is kept here from layer to layer, each node with the bytes below it.
 */
import type { LayerEntry, LayerFiles } from './model';

export interface Efficiency {
  /** 0 to 1: of each path the least size that a layer has of it, over all sizes; 1 where there are no bytes. */
  readonly efficiency: number;
  /** All bytes of the paths that more than one layer has. */
  readonly wastedBytes: number;
}

interface Node {
  readonly name: string;
  readonly parent: Node | undefined;
  /** Made with the first one: most nodes have none. */
  children: Map<string, Node> | undefined;
  /** The path that it speaks of; of a whiteout, that of what it takes away. */
  readonly path: string;
  readonly whiteout: boolean;
  size: number;
  isFolder: boolean;
  /** Bytes of it and of all below: kept for the tree of the layers before only. */
  sum: number;
}

interface Path {
  nodes: number;
  total: number;
  /** -1: of none yet. */
  least: number;
}

export function efficiencyOf(layers: readonly LayerFiles[]): Efficiency {
  const paths = new Map<string, Path>();
  const stacked = nodeOf('', undefined, '');
  layers.forEach((layer, index) => {
    const nodes = childrenFirst(treeOf(layer));
    // Whiteouts of the first layer see the layer itself, which is then put on itself.
    if (index === 0) stack(stacked, nodes.filter(({ whiteout }) => !whiteout));
    for (const node of nodes) if (!node.children?.size && !visit(node, stacked, paths)) break;
    stack(stacked, nodes);
  });
  let least = 0;
  let total = 0;
  let wastedBytes = 0;
  for (const path of paths.values()) {
    least += path.least;
    total += path.total;
    if (path.nodes > 1) wastedBytes += path.total;
  }
  return { efficiency: total === 0 ? 1 : least / total, wastedBytes };
}

/** False: dive gives up on the layer. */
function visit(node: Node, stacked: Node, paths: Map<string, Path>): boolean {
  let path = paths.get(node.path);
  if (!path) paths.set(node.path, path = { nodes: 0, total: 0, least: -1 });
  let size = node.size;
  if (node.whiteout) {
    const before = find(stacked, node.path);
    if (!before) return false;
    size = before.isFolder ? before.sum : 0;
  }
  path.total += size;
  if (path.least < 0 || size < path.least) path.least = size;
  path.nodes++;
  return true;
}

function stack(stacked: Node, nodes: readonly Node[]): void {
  for (const { path, whiteout, size, isFolder } of nodes) {
    if (whiteout) remove(find(stacked, path));
    else {
      const node = nodeAt(stacked, path);
      node.isFolder = isFolder;
      grow(node, size - node.size);
      node.size = size;
    }
  }
}

function remove(node: Node | undefined): void {
  if (!node?.parent) return;
  grow(node.parent, -node.sum);
  node.parent.children?.delete(node.name);
}

function grow(node: Node, bytes: number): void {
  if (bytes !== 0) for (let one: Node | undefined = node; one; one = one.parent) one.sum += bytes;
}

/** A layer by itself, as its tar has it. */
function treeOf({ entries }: LayerFiles): Node {
  const root = nodeOf('', undefined, '');
  for (const entry of entries) {
    if (entry.path === '') continue;
    if (entry.kind === 'opaque') nodeAt(root, entry.path);
    else if (entry.kind === 'whiteout') addWhiteout(root, entry.path);
    else fill(nodeAt(root, entry.path), entry);
  }
  return root;
}

function fill(node: Node, { kind, size }: LayerEntry): void {
  node.size = kind === 'file' ? size : 0;
  node.isFolder = kind === 'folder';
}

function addWhiteout(root: Node, path: string): void {
  const slash = path.lastIndexOf('/');
  const parent = slash === -1 ? root : nodeAt(root, path.slice(0, slash));
  const name = `.wh.${path.slice(slash + 1)}`;
  parent.children ??= new Map();
  if (!parent.children.has(name)) parent.children.set(name, nodeOf(name, parent, path, true));
}

/** Folders on the way to it are no folders to dive, as long as they have no entry. */
function nodeAt(root: Node, path: string): Node {
  let node = root;
  for (let from = 0; from < path.length; ) {
    const slash = path.indexOf('/', from);
    const end = slash === -1 ? path.length : slash;
    const name = path.slice(from, end);
    node.children ??= new Map();
    let child: Node | undefined = node.children.get(name);
    if (!child) node.children.set(name, child = nodeOf(name, node, path.slice(0, end)));
    node = child;
    from = end + 1;
  }
  return node;
}

function nodeOf(name: string, parent: Node | undefined, path: string, whiteout = false): Node {
  return { name, parent, path, whiteout, children: undefined, size: 0, isFolder: false, sum: 0 };
}

function find(root: Node, path: string): Node | undefined {
  let node: Node | undefined = root;
  for (const name of path.split('/')) {
    node = node.children?.get(name);
    if (!node) return undefined;
  }
  return node;
}

/** All nodes but the root, by name, what is below before what is above. */
function childrenFirst(root: Node): readonly Node[] {
  // The other way round, parents come first, and names from the last to the first.
  const nodes: Node[] = [];
  const left = [root];
  for (let node = left.pop(); node; node = left.pop()) {
    nodes.push(node);
    if (node.children) for (const child of byName(node.children)) left.push(child);
  }
  nodes.shift();
  return nodes.reverse();
}

function byName(children: ReadonlyMap<string, Node>): readonly Node[] {
  return [...children.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}
