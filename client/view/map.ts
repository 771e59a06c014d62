/**
 * The page of the layer map: draws what the extension sends, and says what the reader points at, opens and saves. It asks nobody but
 * the extension, and all that it shows of a file is text.
 */
import MarkdownIt from 'markdown-it';
import { layoutOf, type Heights } from '../../server/src/core/map/layout';
import type { Place } from '../../server/src/core/map/model';
import { svgOf } from '../../server/src/core/map/svg';
import type { FromPage, MapSource, ToPage } from './messages';
import { pngOf, standalone } from './picture';

declare function acquireVsCodeApi(): { postMessage(message: FromPage): void; getState(): unknown; setState(state: Kept): void };

/** What is there again when the page is: `zoom` undefined: as wide as the page. */
interface Kept {
  readonly source?: MapSource;
  readonly heights: Heights;
  readonly zoom?: number;
}

const editor = acquireVsCodeApi();
const element = <Kind extends HTMLElement>(id: string): Kind => document.getElementById(id) as Kind;
const field = element('field');
const card = element('card');
/** Made when something is pointed at first: the first picture does not wait for it. */
let markdown: InstanceType<typeof MarkdownIt> | undefined;

let kept: Kept = { heights: 'equal', ...(editor.getState() as Partial<Kept> | undefined) };
let shown: Extract<ToPage, { type: 'map' }> | undefined;
let cursor: Extract<ToPage, { type: 'cursor' }> = { type: 'cursor' };
/** The one item that the keyboard comes to: its name. */
let current: string | undefined;

window.addEventListener('message', ({ data }: MessageEvent<ToPage>) => {
  switch (data.type) {
    case 'map': return receive(data);
    case 'nothing': return showNothing(data.text);
    case 'cursor': cursor = data; return light(true);
    case 'hover': return fillCard(data.id, data.markdown);
  }
});

function receive(message: Extract<ToPage, { type: 'map' }>): void {
  shown = message;
  const { source, map, candidates } = message;
  keep({ source });
  element('nothing').hidden = map.columns.length > 0;
  element('nothing').textContent = map.note;
  element('title').textContent = map.title;
  element('heights').hidden = map.kind === 'tree';
  element('family').hidden = candidates.length === 0;
  const choice = element<HTMLSelectElement>('candidate');
  choice.replaceChildren(...candidates.map((text, i) => new Option(text, String(i))));
  choice.hidden = candidates.length < 2;
  const after = source.kind === 'family' ? source.after : undefined;
  if (after !== undefined) choice.value = String(after);
  press('before', after === undefined);
  press('after', after !== undefined);
  draw();
}

function showNothing(text: string): void {
  shown = undefined;
  field.querySelector('svg')?.remove();
  element('title').textContent = '';
  element('nothing').hidden = false;
  element('nothing').textContent = text;
  element('family').hidden = true;
}

function draw(): void {
  press('equal', kept.heights === 'equal');
  press('size', kept.heights === 'size');
  if (!shown) return;
  const { map } = shown;
  // What was focused last stays so in here while somebody types elsewhere: that is not to be taken from them.
  const hadFocus = document.hasFocus() && field.contains(document.activeElement);
  const drawn = new DOMParser().parseFromString(svgOf(map, layoutOf(map, kept.heights)), 'image/svg+xml').documentElement;
  field.querySelector('svg')?.remove();
  field.append(document.importNode(drawn, true));
  zoom();
  const items = itemsOf();
  const at = items.find((item) => nameOf(item) === current) ?? items[0];
  if (at) becomeCurrent(at, hadFocus);
  light(false);
}

function zoom(): void {
  const svg = field.querySelector('svg');
  if (!svg) return;
  const [, , width, height] = (svg.getAttribute('viewBox') ?? '').split(' ').map(Number);
  // Never larger than it is drawn, and never so small that it cannot be read.
  const scale = kept.zoom ?? Math.max(0.6, Math.min(1, (field.clientWidth - 4) / width));
  svg.setAttribute('width', String(width * scale));
  svg.setAttribute('height', String(height * scale));
  element('percent').textContent = `${Math.round(scale * 100)} %`;
}

function zoomBy(factor: number): void {
  const svg = field.querySelector('svg');
  if (!svg) return;
  const now = Number(svg.getAttribute('width')) / Number((svg.getAttribute('viewBox') ?? '').split(' ')[2]);
  keep({ zoom: Math.min(4, Math.max(0.1, now * factor)) });
  zoom();
}

/** The layer of the line, and of whoever shares it. */
function light(scroll: boolean): void {
  if (!shown) return;
  const { map } = shown;
  const isHere = (place: Place | undefined): boolean => place !== undefined && place.uri === cursor.uri && cursor.line !== undefined && place.line <= cursor.line && cursor.line <= place.lastLine;
  const lit = new Set(map.blocks.filter(({ place, others = [] }) => isHere(place) || others.some(isHere)).map(({ id }) => `block ${id}`));
  map.columns.forEach(({ place }, i) => {
    if (isHere(place)) lit.add(`column ${i}`);
  });
  let first: Element | undefined;
  for (const item of itemsOf()) {
    const isLit = lit.has(nameOf(item));
    item.classList.toggle('lit', isLit);
    if (isLit) item.setAttribute('aria-current', 'location');
    else item.removeAttribute('aria-current');
    if (isLit) first ??= item;
  }
  if (scroll) first?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
}

function itemsOf(): SVGGElement[] {
  return [...field.querySelectorAll<SVGGElement>('[role="treeitem"]')];
}

function nameOf(item: Element): string {
  return item.hasAttribute('data-column') ? `column ${item.getAttribute('data-column')}` : `block ${item.getAttribute('data-id')}`;
}

/** The ID of a block, or of a column. */
function idOf(item: Element): string {
  const column = item.getAttribute('data-column');
  return column === null ? (item.getAttribute('data-id') ?? '') : (shown?.map.columns[Number(column)]?.id ?? '');
}

function becomeCurrent(item: SVGGElement, focus: boolean): void {
  for (const other of field.querySelectorAll('[role="treeitem"][tabindex="0"]')) other.setAttribute('tabindex', '-1');
  item.setAttribute('tabindex', '0');
  current = nameOf(item);
  if (focus) {
    item.focus({ preventScroll: true });
    item.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }
}

const directions: Readonly<Record<string, readonly [x: number, y: number]>> = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

/** The nearest in that direction; what lies straight ahead before what lies aside. */
function neighbourOf(item: Element, [dx, dy]: readonly [number, number]): SVGGElement | undefined {
  const own = boxOf(item);
  let best: { item: SVGGElement; cost: number } | undefined;
  for (const other of itemsOf()) {
    const box = boxOf(other);
    const ahead = dx === 0 ? (dy > 0 ? box.top - own.bottom : own.top - box.bottom) : dx > 0 ? box.left - own.right : own.left - box.right;
    if (other === item || ahead < -2) continue;
    const aside = dx === 0 ? Math.max(0, box.left - own.right, own.left - box.right) : Math.max(0, box.top - own.bottom, own.top - box.bottom);
    // Sideways one stays as high as one is, as far as that goes.
    const off = dx === 0 ? 0 : Math.abs(box.top - own.top) / 100;
    const cost = ahead + 4 * aside + off;
    if (!best || cost < best.cost) best = { item: other, cost };
  }
  return best?.item;
}

function boxOf(item: Element): DOMRect {
  return (item.querySelector('.body') ?? item).getBoundingClientRect();
}

field.addEventListener('keydown', (event) => {
  const item = (event.target as Element).closest<SVGGElement>('[role="treeitem"]');
  if (!item || event.ctrlKey || event.metaKey || event.altKey) return;
  const items = itemsOf();
  const direction = directions[event.key];
  const next = direction ? neighbourOf(item, direction) : event.key === 'Home' ? items[0] : event.key === 'End' ? items.at(-1) : undefined;
  if (next) {
    becomeCurrent(next, true);
    askAbout(next);
  } else if (event.key === 'Enter' || event.key === ' ') editor.postMessage({ type: 'open', id: idOf(item), stay: event.key === ' ' });
  else if (event.key === '+' || event.key === '=') zoomBy(1.25);
  else if (event.key === '-') zoomBy(0.8);
  else if (event.key === '0') fit();
  else if (event.key === 'Escape') hideCard();
  else if (!direction) return;
  event.preventDefault();
});

field.addEventListener('click', ({ target }) => {
  const item = (target as Element).closest<SVGGElement>('[role="treeitem"]');
  if (!item) return hideCard();
  becomeCurrent(item, false);
  editor.postMessage({ type: 'open', id: idOf(item), stay: true });
});

/** How long the pointer rests before it asks. */
const rest = 250;
let resting: ReturnType<typeof setTimeout> | undefined;
let asked: { readonly id: string; readonly item: Element } | undefined;

field.addEventListener('pointerover', ({ target }) => {
  clearTimeout(resting);
  const item = (target as Element).closest('[role="treeitem"]');
  if (!item) return hideCard();
  resting = setTimeout(() => askAbout(item), rest);
});
field.addEventListener('pointerleave', () => {
  clearTimeout(resting);
  hideCard();
});
field.addEventListener('scroll', hideCard);

function askAbout(item: Element): void {
  hideCard();
  asked = { id: idOf(item), item };
  editor.postMessage({ type: 'hover', id: asked.id });
}

function fillCard(id: string, text: string): void {
  if (asked?.id !== id || !asked.item.isConnected || text === '') return;
  markdown ??= new MarkdownIt({ html: false, linkify: false }).disable('image');
  card.innerHTML = markdown.render(text);
  // Links of a hover lead to lines: here a click on the block does.
  for (const link of card.querySelectorAll('a')) link.removeAttribute('href');
  card.hidden = false;
  const box = boxOf(asked.item);
  const { width, height } = card.getBoundingClientRect();
  const below = box.bottom + 6 + height <= window.innerHeight;
  card.style.left = `${Math.max(4, Math.min(box.left, window.innerWidth - width - 8))}px`;
  card.style.top = `${Math.max(4, below ? box.bottom + 6 : box.top - height - 6)}px`;
}

function hideCard(): void {
  asked = undefined;
  card.hidden = true;
}

function press(id: string, isPressed: boolean): void {
  element(id).setAttribute('aria-pressed', String(isPressed));
}

function keep(change: Partial<Kept>): void {
  kept = { ...kept, ...change };
  editor.setState(kept);
}

function fit(): void {
  keep({ zoom: undefined });
  zoom();
}

function on(id: string, action: () => void): void {
  element(id).addEventListener('click', action);
}

for (const heights of ['equal', 'size'] as const) {
  on(heights, () => {
    keep({ heights });
    draw();
  });
}
on('in', () => zoomBy(1.25));
on('out', () => zoomBy(0.8));
on('fit', fit);
on('before', () => editor.postMessage({ type: 'after', candidate: null }));
on('after', () => editor.postMessage({ type: 'after', candidate: chosenCandidate() }));
on('extract', () => editor.postMessage({ type: 'extract', candidate: chosenCandidate() }));
element('candidate').addEventListener('change', () => {
  if (shown?.source.kind === 'family' && shown.source.after !== undefined) editor.postMessage({ type: 'after', candidate: chosenCandidate() });
});
on('svg', () => {
  const svg = field.querySelector('svg');
  if (svg) editor.postMessage({ type: 'save', format: 'svg', data: standalone(svg) });
});
on('png', () => {
  const svg = field.querySelector('svg');
  if (svg) void pngOf(svg).then((data) => editor.postMessage({ type: 'save', format: 'png', data }));
});
window.addEventListener('resize', () => {
  if (kept.zoom === undefined) zoom();
});

function chosenCandidate(): number {
  return Number(element<HTMLSelectElement>('candidate').value) || 0;
}

draw();
editor.postMessage({ type: 'ready' });
