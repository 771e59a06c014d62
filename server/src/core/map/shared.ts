/** Stacks of several images → one drawing: what is one and the same layer is one block, and images that share the most stand next to each other. */
import type { Block, Column } from './model';

export interface Stack {
  readonly column: Column;
  /** Oldest first. */
  readonly rows: readonly StackRow[];
}

/** `chain`: equal for one and the same layer; undefined where that is not known. Metadata has none. */
export interface StackRow extends Omit<Block, 'id' | 'columns'> {
  readonly chain?: string;
}

/** How blocks are told: one that so many images have, and several layers that are drawn as one. */
export interface Wording {
  readonly shared: (row: StackRow, images: number) => StackRow;
  readonly together: (rows: readonly StackRow[], images: number) => StackRow;
}

/** Stacks with the same layers up to here, and those that come next; no layers: the stacks end here. */
interface Node {
  readonly stacks: readonly Stack[];
  /** Of each stack, the rows of metadata before the layers. */
  readonly marks: readonly (readonly StackRow[])[];
  readonly layers: readonly StackRow[];
  readonly children: readonly Node[];
}

/** `together`: layers that the same images have are one block, and metadata is left out. */
export function sharedBlocks(stacks: readonly Stack[], wording: Wording, together: boolean): { readonly columns: readonly Column[]; readonly blocks: readonly Block[] } {
  const columns: Column[] = [];
  const blocks: Block[] = [];
  for (const node of nodesOf(stacks, stacks.map(() => 0), together)) draw(node, '');
  return { columns, blocks };

  function draw({ stacks: own, marks, layers, children }: Node, parent: string): void {
    const first = columns.length;
    const at = blocks.length;
    // Who comes first among those that share is not a part of the name: the block stays the same where another one is added.
    const id = `${parent}/${layers.map(({ chain, text }) => chain ?? `${own[0].column.id} ${text}`).join(' ')}`;
    if (layers.length === 0) columns.push(...own.map(({ column }) => column));
    for (const child of children) draw(child, id);
    const below: Block[] = together ? [] : marksOf(own, marks, columns, first, id);
    if (layers.length > 0) {
      const row = layers.length > 1 ? wording.together(layers, own.length) : own.length > 1 ? wording.shared(layers[0], own.length) : layers[0];
      below.push({ ...blockOf(row), id, columns: [first, columns.length - 1] });
    }
    blocks.splice(at, 0, ...below);
  }
}

function nodesOf(stacks: readonly Stack[], from: readonly number[], together: boolean): Node[] {
  const groups = new Map<string, number[]>();
  stacks.forEach((stack, i) => {
    const layer = nextLayer(stack, from[i]);
    const key = layer === -1 ? '' : stack.rows[layer].chain ?? ` ${stack.column.id}`;
    groups.set(key, [...(groups.get(key) ?? []), i]);
  });
  // Who has the most in common comes first, who ends last.
  return [...groups].toSorted(([a, some], [b, others]) => Number(a === '') - Number(b === '') || others.length - some.length).map(([key, members]): Node => {
    const own = members.map((i) => stacks[i]);
    const starts = members.map((i) => from[i]);
    if (key === '') return { stacks: own, marks: own.map(({ rows }, i) => rows.slice(starts[i])), layers: [], children: [] };
    const at = own.map((stack, i) => nextLayer(stack, starts[i]));
    const children = nodesOf(own, at.map((layer) => layer + 1), together);
    const [only] = children;
    const merged = together && children.length === 1 && only.layers.length > 0 ? only : undefined;
    return {
      stacks: own, marks: own.map(({ rows }, i) => rows.slice(starts[i], at[i])),
      layers: [withOthers(own.map(({ rows }, i) => rows[at[i]])), ...(merged?.layers ?? [])], children: merged?.children ?? children,
    };
  });
}

function withOthers([row, ...others]: readonly StackRow[]): StackRow {
  const places = others.flatMap(({ place }) => place ?? []);
  return places.length === 0 ? row : { ...row, others: places };
}

function nextLayer({ rows }: Stack, from: number): number {
  return rows.findIndex(({ kind }, i) => i >= from && kind !== 'metadata');
}

/** One mark over all columns that stand side by side and have the same. */
function marksOf(stacks: readonly Stack[], marks: readonly (readonly StackRow[])[], columns: readonly Column[], first: number, id: string): Block[] {
  const byColumn = new Map(stacks.map(({ column }, i) => [column, marks[i]]));
  const own = columns.slice(first, first + stacks.length).map((column) => byColumn.get(column) ?? []);
  const blocks: Block[] = [];
  const most = Math.max(...own.map(({ length }) => length));
  for (let row = 0; row < most; row++) {
    let last: Block | undefined;
    own.forEach(({ [row]: mark }, i) => {
      if (!mark) last = undefined;
      else if (last?.text === mark.text) blocks.splice(-1, 1, (last = { ...last, columns: [last.columns[0], first + i], isShared: true }));
      else blocks.push((last = { ...blockOf(mark), id: `${columns[first + i].id}${id}#${row}`, columns: [first + i, first + i] }));
    });
  }
  return blocks;
}

function blockOf({ chain: _, ...block }: StackRow): Omit<Block, 'id' | 'columns'> {
  return block;
}
