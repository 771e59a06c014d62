/** The image that a document was built to, joined to its lines: sizes for the hints, rows for the hover. */
import type { Analysis, Base, Step } from '../core/build/model';
import { joinImage, type Joined, type JoinedRow } from '../core/image/join';
import type { Image } from '../core/image/model';
import { sizeText } from '../core/image/size-text';
import type { Reading } from '../session';
import { rowText } from './history-table';
import { counted, joined, say, verbatim, type Said } from '../core/say';
import { cell, code, plain, table } from './markdown';
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
  return imageOf(analysis, settings.image !== undefined ? [settings.image] : [...(measured ? [measured.image] : []), ...tags, ...usualNames], known);
}

/** The first of these names that is known. */
export function imageOf(analysis: Analysis, names: readonly string[], known: Reading['image']): BuiltImage | undefined {
  if (analysis.target === undefined) return undefined;
  for (const name of names) {
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

/** Bytes of a step's layer; undefined where nobody knows, and where it was built of an older text. */
export function layerSize(built: BuiltImage | undefined, step: Step): number | undefined {
  const row = built?.byStep.get(step);
  return row?.certainty === 'other-text' || built?.joined.squashed ? undefined : row?.row.size;
}

/** The row that a step wrote into the image. */
export function rowOf(reading: Reading, step: Step): JoinedRow | undefined {
  return builtImage(reading)?.byStep.get(step);
}

/** Size, and time where a build was measured, of a layer whose line has not changed since; empty where nobody knows. */
export function sizeLabel(reading: Reading, step: Step): Said {
  const size = layerSize(builtImage(reading), step);
  const seconds = secondsOf(reading, step);
  return joined([size === undefined ? undefined : sizeText(size), seconds === undefined ? undefined : timeText(seconds)], ' · ');
}

/** Of all layers of an image below; empty where nobody knows. */
export function baseSize(base: Base): Said {
  const history = base.kind === 'image' || base.kind === 'context' ? base.image?.history : undefined;
  if (!history || history.some(({ size }) => size === undefined)) return nothing;
  return sizeText(history.reduce((sum, { size = 0 }) => sum + size, 0));
}

const mostRows = 12;
const nothing = verbatim('');

/** `docker image history` from a row down, dates and sizes in one piece, that row marked; empty where there is no image, or it has no such row. */
export function imageTable(reading: Reading, step: Step): Said {
  const built = builtImage(reading);
  const at = built?.joined.rows.findIndex((row) => row.step === step) ?? -1;
  if (!built || at === -1) return nothing;
  const { image, joined: { rows, doubt } } = built;
  const below = rows.slice(0, at + 1).toReversed();
  const shown = below.slice(0, mostRows).map(({ row, owner, certainty }, i) => {
    const text = joined([rowText(row.createdBy), certainty === 'other-text' ? say('*(an older text of this line)*') : undefined], ' ');
    const cells = [verbatim(i === 0 ? '▶' : ''), idText(row.id), dayOf(row.created), text === '' ? cell(plain(row.comment)) : text, verbatim(row.size === undefined ? '?' : sizeText(row.size).replace(' ', '\u00a0')), owner === 'base' ? say('base') : layerText(row.diffId, row.emptyLayer)];
    return i === 0 ? cells.map((text, column) => (column > 2 && text !== '' ? verbatim(`**${text}**`) : text)) : cells;
  });
  if (below.length > shown.length) shown.push([nothing, nothing, nothing, verbatim(`*… ${counted(below.length - shown.length, '{0} more row', '{0} more rows')}*`), nothing, nothing]);
  const head = say('In the image {0} ({1}):', code(image.reference), image.platform);
  const why = below.some(({ row }) => row.id === null) ? say('`<missing>`: the image that was this far is not kept under a name of its own; its layer is there.') : undefined;
  return joined([head, table([nothing, verbatim('IMAGE'), say('CREATED'), verbatim('CREATED BY'), say('SIZE'), say('LAYER')], shown), doubt, why], '\n\n');
}

/** What the last build of a line has to say where the line is another one now. */
export function changedSince(reading: Reading, step: Step): Said {
  return rowOf(reading, step)?.certainty === 'other-text' ? say('The image {0} was built from an older text of this line.', code(builtImage(reading)?.image.reference ?? '')) : nothing;
}

function idText(id: string | null): Said {
  return code(id === null ? '<missing>' : id.replace('sha256:', '').slice(0, 12));
}

function dayOf(created: number | null): Said {
  return verbatim(created === null ? '' : new Date(created * 1000).toISOString().slice(0, 16).replace('T', '\u00a0'));
}

function layerText(diffId: string | undefined, emptyLayer: boolean | undefined): Said {
  if (emptyLayer) return verbatim('–');
  return diffId === undefined ? verbatim('?') : code(diffId.replace('sha256:', '').slice(0, 12));
}
