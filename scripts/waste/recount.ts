/**
 * The same figures, found in another way: layers are unpacked by the system's tar, and each file is looked for in every layer above.
 * Nothing of the code that is tested is used.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readFileSync, type Stats } from 'node:fs';
import { basename, dirname, join } from 'node:path';

export interface Recount {
  /** By `LAYER PATH`; of hard links the first name. */
  readonly lost: ReadonlyMap<string, { readonly bytes: number; readonly by: number; readonly kinds: ReadonlySet<string> }>;
  readonly duplicates: ReadonlyMap<string, number>;
  /** Bytes by `LAYER FOLDER`. */
  readonly leftOver: ReadonlyMap<string, number>;
  readonly total: number;
  /** The first name of the file that has this one. */
  readonly firstName: (layer: number, path: string) => string;
  readonly entries: number;
}

interface File {
  readonly layer: number;
  readonly names: readonly string[];
  readonly bytes: number;
  readonly content: string;
}

export interface Unpacked {
  readonly folder: string;
  readonly tar: string;
}

/** Oldest first. */
export function unpack(archive: string, place: string): readonly Unpacked[] {
  mkdirSync(place);
  run('tar', ['-xf', archive, '-C', place]);
  const [{ Layers }] = JSON.parse(readFileSync(join(place, 'manifest.json'), 'utf8')) as [{ Layers: string[] }];
  return Layers.map((name, i) => {
    const folder = join(place, `layer-${i}`);
    mkdirSync(folder);
    run('tar', ['-xf', join(place, name), '-C', folder]);
    return { folder, tar: join(place, name) };
  });
}

export function recount(layers: readonly Unpacked[], floor: number): Recount {
  const files = layers.flatMap(({ folder }, layer) => filesOf(folder, layer));
  const lost = new Map<string, { bytes: number; by: number; kinds: Set<string> }>();
  const seen: (File & { readonly left: string | undefined })[] = [];
  let total = 0;
  for (const file of files) {
    const ends = file.names.map((name) => ({ name, ...endOf(layers, file, name) }));
    const alive = ends.filter(({ by }) => by === undefined).map(({ name }) => name);
    if (alive.length > 0) {
      const folders = alive.map(leftOver);
      seen.push({ ...file, left: folders.includes(undefined) ? undefined : folders[0] });
    } else if (file.bytes > 0) {
      const by = Math.max(...ends.map((end) => end.by!));
      lost.set(`${file.layer} ${file.names[0]}`, { bytes: file.bytes, by, kinds: new Set(ends.filter((end) => end.by === by).map(({ kind }) => kind)) });
      total += file.bytes;
    }
  }
  const duplicates = new Map<string, number>();
  const left = new Map<string, number>();
  for (const file of seen) {
    if (file.bytes === 0) continue;
    if (file.left !== undefined) left.set(`${file.layer} ${file.left}`, (left.get(`${file.layer} ${file.left}`) ?? 0) + file.bytes);
    else if (file.bytes >= floor && seen.some((one) => one.left === undefined && one.layer < file.layer && one.content === file.content)) duplicates.set(`${file.layer} ${file.names[0]}`, file.bytes);
  }
  for (const bytes of [...duplicates.values(), ...left.values()]) total += bytes;
  const first = new Map(files.flatMap(({ layer, names }) => names.map((name) => [`${layer} ${name}`, names[0]])));
  return { lost, duplicates, leftOver: left, total, entries: files.length, firstName: (layer, path) => first.get(`${layer} ${path}`) ?? path };
}

/** The layer above that ends what this name shows, and how; undefined: none does. */
function endOf(layers: readonly Unpacked[], { layer, content }: File, name: string): { by: number | undefined; kind: string } {
  const gone = 'deleted-later';
  const parents: string[] = [];
  for (let above = dirname(name); above !== '.'; above = dirname(above)) parents.unshift(above);
  for (let by = layer + 1; by < layers.length; by++) {
    const { folder } = layers[by];
    // From the root down: a link in the way must not be followed.
    if (parents.some((parent) => !(statOf(join(folder, parent))?.isDirectory() ?? true))) return { by, kind: gone };
    const there = statOf(join(folder, name));
    if (there?.isFile()) return { by, kind: contentOf(join(folder, name), there) === content ? 'copied-again' : 'overwritten' };
    if (there) return { by, kind: gone };
    const hides = (path: string): boolean => statOf(join(folder, dirname(path), `.wh.${basename(path)}`)) !== undefined || statOf(join(folder, dirname(path), '.wh..wh..opq')) !== undefined;
    if ([...parents, name].some(hides)) return { by, kind: gone };
  }
  return { by: undefined, kind: 'seen' };
}

function filesOf(folder: string, layer: number): readonly File[] {
  const byNumber = new Map<number, { names: string[]; bytes: number; path: string; stats: Stats }>();
  for (const name of namesBelow(folder, '').sort()) {
    const path = join(folder, name);
    const stats = lstatSync(path);
    if (basename(name).startsWith('.wh.')) continue;
    const known = byNumber.get(stats.ino);
    if (known) known.names.push(name);
    else byNumber.set(stats.ino, { names: [name], bytes: stats.size, path, stats });
  }
  return [...byNumber.values()].map(({ names, bytes, path, stats }) => ({ layer, names, bytes, content: contentOf(path, stats) }));
}

/** Of files. Node's own recursion follows links. */
function namesBelow(folder: string, above: string): string[] {
  return readdirSync(join(folder, above), { withFileTypes: true }).flatMap((entry) => {
    const name = join(above, entry.name);
    return entry.isDirectory() ? namesBelow(folder, name) : entry.isFile() ? [name] : [];
  });
}

function leftOver(name: string): string | undefined {
  const folders = ['var/lib/apt/lists', 'var/cache/apk', 'root/.npm/_cacache', 'root/.cache/pip'];
  if (name.startsWith('var/cache/apt/archives/') && name.endsWith('.deb')) return 'var/cache/apt/archives';
  if (name.startsWith('var/cache/apt/') && name.endsWith('.bin')) return 'var/cache/apt';
  return folders.find((folder) => name.startsWith(`${folder}/`));
}

const contents = new Map<string, string>();

function contentOf(path: string, { size }: Stats): string {
  let content = contents.get(path);
  if (content === undefined) contents.set(path, content = `${size} ${createHash('sha1').update(readFileSync(path)).digest('hex')}`);
  return content;
}

function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    throw error;
  }
}

interface DiveNode {
  size: number;
  isFolder: boolean;
  readonly children: Map<string, DiveNode>;
}

/** dive/filetree/efficiency.go of wagoodman/dive, step by step: the tree below is made anew for every layer that has whiteouts. */
export function diveOf(layers: readonly Unpacked[]): { efficiency: number; wastedBytes: number } {
  const trees = layers.map(({ tar }) => diveTree(tar));
  const found = new Map<string, { sizes: number[]; failed: boolean }>();
  trees.forEach((tree, current) => {
    const below = newNode();
    copyInto(below, trees[0]);
    for (let i = 0; i <= current - 1; i++) stackOn(below, trees[i]);
    visitLeaves(tree, '', (path, name, node) => {
      const isWhiteout = name.startsWith('.wh.');
      const key = isWhiteout ? join(dirname(path), name.slice(4)) : path;
      let data = found.get(key);
      if (!data) found.set(key, data = { sizes: [], failed: false });
      let size = node.size;
      if (isWhiteout) {
        const before = nodeAt(below, key);
        if (!before) return false;
        size = before.isFolder ? sumOf(before) : 0;
      }
      data.sizes.push(size);
      return true;
    });
  });
  let least = 0;
  let all = 0;
  let wastedBytes = 0;
  for (const { sizes } of found.values()) {
    const sum = sizes.reduce((a, b) => a + b, 0);
    least += sizes.length === 0 ? -1 : Math.min(...sizes);
    all += sum;
    if (sizes.length >= 2) wastedBytes += sum;
  }
  return { efficiency: all === 0 ? 1 : least / all, wastedBytes };
}

/** By what `tar -tv` prints: type, size, name. */
function diveTree(tar: string): DiveNode {
  const root = newNode();
  for (const line of run('tar', ['-tvf', tar, '--quoting-style=literal', '--full-time', '--numeric-owner']).split('\n')) {
    const [, type, size, rest] = /^(.)\S+ +\S+ +(\d+(?:,\d+)?) +\S+ +\S+ (.*)$/.exec(line) ?? [];
    if (type === undefined) continue;
    const name = (type === 'h' ? rest.slice(0, rest.indexOf(' link to ')) : type === 'l' ? rest.slice(0, rest.lastIndexOf(' -> ')) : rest).replace(/^\.\//, '').replace(/\/$/, '');
    if (name === '' || name === '.') continue;
    add(root, name, type === '-' ? Number(size) : 0, type === 'd');
  }
  return root;
}

function newNode(): DiveNode {
  return { size: 0, isFolder: false, children: new Map() };
}

function add(root: DiveNode, path: string, size: number, isFolder: boolean): void {
  let node = root;
  for (const name of path.split('/')) {
    let child = node.children.get(name);
    if (!child) {
      if (name.startsWith('.wh..wh..')) return;
      node.children.set(name, child = newNode());
    }
    node = child;
  }
  node.size = size;
  node.isFolder = isFolder;
}

function stackOn(below: DiveNode, tree: DiveNode, above = ''): void {
  for (const name of [...tree.children.keys()].sort()) {
    const node = tree.children.get(name)!;
    stackOn(below, node, `${above}${name}/`);
    if (!name.startsWith('.wh.')) add(below, `${above}${name}`, node.size, node.isFolder);
    else nodeAt(below, above)?.children.delete(name.slice(4));
  }
}

function copyInto(target: DiveNode, { children }: DiveNode): void {
  for (const [name, { size, isFolder, children: below }] of children) {
    const copy: DiveNode = { size, isFolder, children: new Map() };
    target.children.set(name, copy);
    copyInto(copy, { size, isFolder, children: below });
  }
}

/** False: an error, which ends the visit. */
function visitLeaves({ children }: DiveNode, above: string, visit: (path: string, name: string, node: DiveNode) => boolean): boolean {
  for (const name of [...children.keys()].sort()) {
    const node = children.get(name)!;
    const path = join(above, name);
    if (!visitLeaves(node, path, visit)) return false;
    if (node.children.size === 0 && !visit(path, name, node)) return false;
  }
  return true;
}

function nodeAt(root: DiveNode, path: string): DiveNode | undefined {
  return path.split('/').filter((name) => name !== '' && name !== '.').reduce<DiveNode | undefined>((node, name) => node?.children.get(name), root);
}

function sumOf({ size, children }: DiveNode): number {
  return [...children.values()].reduce((sum, child) => sum + sumOf(child), size);
}

function run(program: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 2 ** 28, env: { ...process.env, LC_ALL: 'C.UTF-8' } });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
  return stdout;
}
