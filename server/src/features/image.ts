/** The image that a document was built to, joined to its lines: sizes for the hints, rows for the hover. */
import type { Base, Step } from '../core/build/model';
import { joinImage, type Joined, type JoinedRow } from '../core/image/join';
import type { Image } from '../core/image/model';
import { sizeText } from '../core/image/size-text';
import type { Reading } from '../session';
import { rowText } from './history-table';
import { cell, code, count, plain, table } from './markdown';
import { secondsOf } from './times';
import { timeText } from './units';

export interface BuiltImage {
  readonly image: Image;
  readonly joined: Joined;
  readonly byStep: ReadonlyMap<Step, JoinedRow>;
}

const joins = new WeakMap<Reading['analysis'], Map<string, BuiltImage>>();

/** Undefined where the project names none, or nobody has it. */
export function builtImage({ analysis, builds: [{ tags = [], usualNames = [] }], settings, measured, image: known }: Reading): BuiltImage | undefined {
  if (analysis.target === undefined) return undefined;
  for (const name of settings.image !== undefined ? [settings.image] : [...(measured ? [measured.image] : []), ...tags, ...usualNames]) {
    const image = known(name);
    if (!image) continue;
    let own = joins.get(analysis);
    if (!own) joins.set(analysis, (own = new Map()));
    let one = own.get(image.id);
    if (!one) {
      const joined = joinImage(analysis, analysis.target, image);
      own.set(image.id, (one = { image, joined, byStep: new Map(joined.rows.flatMap((row) => (row.step ? [[row.step, row] as const] : []))) }));
    }
    return one;
  }
  return undefined;
}

/** The row that a step wrote into the image. */
export function rowOf(reading: Reading, step: Step): JoinedRow | undefined {
  return builtImage(reading)?.byStep.get(step);
}

/** Size, and time where a build was measured, of a layer whose line has not changed since; empty where nobody knows. */
export function sizeLabel(reading: Reading, step: Step): string {
  const found = rowOf(reading, step);
  const size = found?.row.size === undefined || found.certainty === 'other-text' || builtImage(reading)?.joined.squashed ? '' : sizeText(found.row.size);
  const seconds = secondsOf(reading, step);
  return [size, seconds === undefined ? '' : timeText(seconds)].filter((part) => part !== '').join(' · ');
}

/** Of all layers of an image below; empty where nobody knows. */
export function baseSize(base: Base): string {
  const history = base.kind === 'image' || base.kind === 'context' ? base.image?.history : undefined;
  if (!history || history.some(({ size }) => size === undefined)) return '';
  return sizeText(history.reduce((sum, { size = 0 }) => sum + size, 0));
}

const mostRows = 12;

/** `docker image history` from a row down, dates and sizes in one piece, that row marked; empty where there is no image, or it has no such row. */
export function imageTable(reading: Reading, step: Step): string {
  const built = builtImage(reading);
  const at = built?.joined.rows.findIndex((row) => row.step === step) ?? -1;
  if (!built || at === -1) return '';
  const { image, joined: { rows, doubt } } = built;
  const below = rows.slice(0, at + 1).toReversed();
  const shown = below.slice(0, mostRows).map(({ row, owner, certainty }, i) => {
    const text = `${rowText(row.createdBy)}${certainty === 'other-text' ? ' *(an older text of this line)*' : ''}`;
    const cells = [i === 0 ? '▶' : '', idText(row.id), dayOf(row.created), text === '' ? cell(plain(row.comment)) : text, row.size === undefined ? '?' : sizeText(row.size).replace(' ', '\u00a0'), owner === 'base' ? 'base' : layerText(row.diffId, row.emptyLayer)];
    return i === 0 ? cells.map((text, column) => (column > 2 && text !== '' ? `**${text}**` : text)) : cells;
  });
  if (below.length > shown.length) shown.push(['', '', '', `*… ${count(below.length - shown.length, 'more row')}*`, '', '']);
  const head = `In the image ${code(image.reference)} (${image.platform}):`;
  const why = below.some(({ row }) => row.id === null) ? '`<missing>`: the image that was this far is not kept under a name of its own; its layer is there.' : '';
  return [head, '', table(['', 'IMAGE', 'CREATED', 'CREATED BY', 'SIZE', 'LAYER'], shown), ...[doubt ?? '', why].filter((text) => text !== '').flatMap((text) => ['', text])].join('\n');
}

/** What the last build of a line has to say where the line is another one now. */
export function changedSince(reading: Reading, step: Step): string {
  return rowOf(reading, step)?.certainty === 'other-text' ? `The image ${code(builtImage(reading)?.image.reference ?? '')} was built from an older text of this line.` : '';
}

function idText(id: string | null): string {
  return code(id === null ? '<missing>' : id.replace('sha256:', '').slice(0, 12));
}

function dayOf(created: number | null): string {
  return created === null ? '' : new Date(created * 1000).toISOString().slice(0, 16).replace('T', '\u00a0');
}

function layerText(diffId: string | undefined, emptyLayer: boolean | undefined): string {
  if (emptyLayer) return '–';
  return diffId === undefined ? '?' : code(diffId.replace('sha256:', '').slice(0, 12));
}
