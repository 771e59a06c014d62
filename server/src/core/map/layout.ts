/**
 * Where everything of a layer map goes, in pixels: stacks grow from the ground up, in columns that are as wide as a block that stands in
 * several; a tree lies on its side and grows to the right. One pass over the blocks.
 */
import type { Arrow, Block, Column, LayerMap } from './model';

export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Box[];
  readonly heads: readonly Head[];
  readonly lines: readonly ArrowLine[];
}

export interface Box {
  readonly block: Block;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** What there is room for: the first is the instruction. Places are of the base line. */
  readonly texts: readonly Text[];
  /** Of its size, how much is wasted: pixels of its right edge. */
  readonly waste: number;
}

export interface Text {
  readonly text: string;
  readonly x: number;
  readonly y: number;
}

export interface Head {
  readonly column: Column;
  readonly index: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly texts: readonly Text[];
}

export interface ArrowLine {
  readonly arrow: Arrow;
  /** Corners, from the source to the block. */
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** `equal`: every layer is as high as the next. `size`: as high as it is large; one whose size is not known is as low as can be. */
export type Heights = 'equal' | 'size';

const margin = 16;
const padding = 8;
const lineHeight = 16;
/** Of a letter of each text, at the size that the styles give it. */
const letter = { instruction: 7.3, detail: 6.4, head: 7.6 };

export function layoutOf(map: LayerMap, heights: Heights): Drawing {
  return map.kind === 'tree' ? lying(map) : standing(map, heights);
}

const columnWidth = { stages: 236, images: 216 } as const;
const thick: Readonly<Record<Block['kind'], number>> = { layer: 42, layers: 46, metadata: 7, below: 30, unknown: 42, container: 34 };
const thinnest = 14;
/** The largest stack by size is about so high. */
const highest = 520;
const gap = 3;
const laneGap = 10;
const headHeight = 44;

function standing({ kind, columns, blocks, arrows }: LayerMap, heights: Heights): Drawing {
  const width = columnWidth[kind === 'stages' ? 'stages' : 'images'];
  const gutters = guttersOf(columns.length, blocks, arrows, kind === 'stages' ? 28 : 14);
  const left: number[] = [];
  let right = margin;
  columns.forEach((_, i) => {
    left.push(right + gutters[i]);
    right = left[i] + width;
  });
  const scale = heights === 'size' ? scaleOf(columns.length, blocks) : undefined;
  const tops = columns.map(() => 0);
  const placed = blocks.map((block) => {
    const [first, last] = block.columns;
    const height = extentOf(block, scale);
    const at = Math.max(...tops.slice(first, last + 1)) + (block.kind === 'container' ? 10 : gap);
    tops.fill(at + height, first, last + 1);
    return { block, at, height };
  });
  // Lanes for arrows lie above all stacks.
  const lanes = arrows.length * laneGap;
  const ground = margin + lanes + (lanes > 0 ? 12 : 0) + Math.max(0, ...tops);
  const boxes = placed.map(({ block, at, height }): Box => {
    const [first, last] = block.columns;
    return boxOf(block, left[first], ground - at - height, left[last] + width - left[first], height);
  });
  const heads = columns.map((column, index): Head => ({
    column, index, x: left[index], y: ground + 6, width, height: headHeight,
    texts: [
      { text: ending(column.name, Math.floor(width / letter.head)), x: left[index] + width / 2, y: ground + 6 + 16 },
      { text: cut(column.detail, width / letter.detail), x: left[index] + width / 2, y: ground + 6 + 34 },
    ],
  }));
  const byId = new Map(boxes.map((box) => [box.block.id, box]));
  const taken = columns.map(() => 0);
  const lines = arrows.flatMap((arrow, i): ArrowLine[] => {
    const to = byId.get(arrow.to);
    if (!to) return [];
    const column = to.block.columns[0];
    const lane = margin + i * laneGap;
    const down = left[column] - 12 - laneGap * taken[column]++;
    const up = left[arrow.from] + width / 2 + arrowOffset(arrows, i);
    const middle = to.y + to.height / 2;
    return [{ arrow, points: [[up, ground - tops[arrow.from] - 2], [up, lane], [down, lane], [down, middle], [to.x - 2, middle]] }];
  });
  return { width: right + margin, height: ground + headHeight + margin, boxes, heads, lines };
}

/** Arrows of one stage leave it side by side. */
function arrowOffset(arrows: readonly Arrow[], at: number): number {
  const own = arrows.flatMap(({ from }, i) => (from === arrows[at].from ? [i] : []));
  return (own.indexOf(at) - (own.length - 1) / 2) * laneGap;
}

/** Room left of each column: for the arrows that come down there. */
function guttersOf(columns: number, blocks: readonly Block[], arrows: readonly Arrow[], least: number): number[] {
  const columnOf = new Map(blocks.map(({ id, columns: [first] }) => [id, first]));
  return Array.from({ length: columns }, (_, i) => {
    const own = arrows.filter(({ to }) => columnOf.get(to) === i).length;
    return own > 0 ? 16 + laneGap * own + 8 : i === 0 ? 0 : least;
  });
}

function scaleOf(columns: number, blocks: readonly Block[]): number {
  const sums = Array.from({ length: columns }, (_, i) => blocks.reduce((sum, { size = 0, columns: [first, last] }) => (first <= i && i <= last ? sum + size : sum), 0));
  return highest / Math.max(1, ...sums);
}

function extentOf(block: Block, scale: number | undefined): number {
  if (scale === undefined || block.kind === 'metadata' || block.kind === 'container' || block.kind === 'below') return thick[block.kind];
  return block.size === undefined ? thinnest : Math.max(thinnest, Math.round(block.size * scale));
}

const rowHeight = 26;
const nodeWidth = 190;

/** The base at the left; who shares what stands one below the other; names at the right ends. */
function lying({ columns, blocks }: LayerMap): Drawing {
  const ends = columns.map(() => margin);
  const boxes = blocks.map((block): Box => {
    const [first, last] = block.columns;
    const x = Math.max(...ends.slice(first, last + 1));
    ends.fill(x + nodeWidth + gap, first, last + 1);
    return boxOf(block, x, margin + first * rowHeight, nodeWidth, (last - first + 1) * rowHeight - gap);
  });
  const nameWidth = 8 + Math.min(60, Math.max(0, ...columns.map(({ name, detail }) => name.length + detail.length + 2))) * letter.head;
  const heads = columns.map((column, index): Head => {
    const x = ends[index] + 5;
    const y = margin + index * rowHeight;
    return { column, index, x, y, width: nameWidth, height: rowHeight - gap, texts: [{ text: column.detail === '' ? ending(column.name, 60) : `${ending(column.name, 58 - column.detail.length)} · ${column.detail}`, x: x + 4, y: y + 15.5 }] };
  });
  return { width: Math.max(0, ...ends) + nameWidth + margin, height: 2 * margin + columns.length * rowHeight, boxes, heads, lines: [] };
}

function boxOf(block: Block, x: number, y: number, width: number, height: number): Box {
  const letters = (of: number): number => (width - 2 * padding) / of;
  const texts: Text[] = [];
  if (block.kind !== 'metadata' && height >= thinnest) {
    const both = height >= 2 * lineHeight + 6 && block.detail !== '';
    // High ones are read where they begin, so that the words of a wide family stay in sight.
    const top = height > 90 ? y + 6 : y + (height - (both ? 2 : 1) * lineHeight) / 2;
    const room = both ? letters(letter.instruction) : letters(letter.instruction) - (block.detail === '' ? 0 : block.detail.length * (letter.detail / letter.instruction) + 1);
    const alone = both || block.detail === '' || room < 12;
    const left = x + padding + (block.isShared ? 5 : 0);
    texts.push({ text: cut(block.text, alone ? letters(letter.instruction) : room), x: left, y: top + 12 });
    if (both) texts.push({ text: cut(block.detail, letters(letter.detail)), x: left, y: top + lineHeight + 12 });
    else if (!alone) texts.push({ text: block.detail, x: x + width - padding - block.detail.length * letter.detail, y: top + 12 });
  }
  const waste = block.wasted && block.size ? Math.max(4, Math.round((width * Math.min(block.wasted, block.size)) / block.size)) : 0;
  return { block, x, y, width, height, texts, waste: Math.min(waste, width) };
}

/** Paths differ where they end. */
function ending(text: string, letters: number): string {
  return text.length <= letters ? text : `…${text.slice(1 - Math.max(12, letters))}`;
}

function cut(text: string, letters: number): string {
  const room = Math.max(1, Math.floor(letters));
  return text.length <= room ? text : `${text.slice(0, room - 1)}…`;
}
