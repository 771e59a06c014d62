/** An image's config file (OCI image specification, config.md) → the image. */
import type { BaseImage } from '../build/model';
import { say, type Said } from '../say';
import type { Image, ImageRow, LayerFiles } from './model';
import { contentSize } from './waste';

/** Images have some hundred rows at most. */
export const mostRows = 10_000;

/** The first place where it does not have the form of a config; nothing else is read then. */
export interface NoConfig {
  readonly error: Said;
}

/**
 * `file`: the parsed JSON, of any form. Rows are those of its history, oldest first: the n-th that is not empty has the n-th
 * diff_id. A layer that no row is left for gets one of its own, which says nothing. The names are those of the newest row.
 */
export function imageOf(reference: string, id: string, file: unknown, names: readonly string[]): Image | NoConfig {
  if (!isRecord(file)) return { error: say('the config is no JSON object') };
  // Podman writes null for an image without a layer, or leaves the list out.
  const diffIds = isRecord(file.rootfs) ? file.rootfs.diff_ids ?? [] : undefined;
  if (!isTexts(diffIds)) return { error: say('the config has no list rootfs.diff_ids') };
  if (diffIds.some((one) => !/^sha256:[a-f0-9]{64}$/.test(one))) return { error: say('one of the diff_ids in the config is no sha256 digest') };
  if (Array.isArray(file.history) && file.history.length > mostRows) return { error: say('the config has a history of {0} rows', file.history.length) };
  return { reference, id, platform: platformOf(file), config: fieldsOf(file.config), diffIds, rows: rowsOf(file.history, diffIds, id, names) };
}

/** `linux/arm64/v8`; `unknown` for what it does not say. Whoever is shown it has it from a stranger: words alone. */
export function platformOf({ os, architecture, variant }: Readonly<Record<string, unknown>>): string {
  const isWord = (value: unknown): value is string => typeof value === 'string' && /^[\w.+-]{1,64}$/.test(value);
  return `${isWord(os) ? os : 'unknown'}/${isWord(architecture) ? architecture : 'unknown'}${isWord(variant) ? `/${variant}` : ''}`;
}

/** With the bytes of content of each layer that was read, as `docker image history` counts them. */
export function withSizes(image: Image, layers: readonly LayerFiles[]): Image {
  const sizes = new Map(layers.map((layer) => [layer.diffId, contentSize(layer)]));
  return { ...image, rows: image.rows.map((row) => ({ ...row, size: row.diffId === undefined ? row.size : sizes.get(row.diffId) ?? row.size })) };
}

function rowsOf(history: unknown, diffIds: readonly string[], id: string, names: readonly string[]): readonly ImageRow[] {
  const rows: ImageRow[] = [];
  let layer = 0;
  for (const entry of Array.isArray(history) ? history : []) {
    const { created, created_by: createdBy, comment, empty_layer: empty } = isRecord(entry) ? entry : {};
    const emptyLayer = empty === true;
    rows.push({
      ...silent, created: secondsOf(created), createdBy: textOf(createdBy), comment: textOf(comment), emptyLayer,
      ...(emptyLayer ? { size: 0 } : { diffId: diffIds[layer++] }),
    });
  }
  for (const diffId of diffIds.slice(layer)) rows.push({ ...silent, emptyLayer: false, diffId });
  return rows.map((row, i) => (i === rows.length - 1 ? { ...row, id, tags: names } : row));
}

const silent: ImageRow = { id: null, created: null, createdBy: '', comment: '', emptyLayer: undefined, diffId: undefined, size: undefined, tags: [] };

/** Of RFC 3339; the zero of Go's time says nothing. */
function secondsOf(created: unknown): number | null {
  const time = typeof created === 'string' && !created.startsWith('0001-01-01T00:00:00') ? Date.parse(created) : NaN;
  return Number.isNaN(time) ? null : Math.floor(time / 1000);
}

/** What has not the form that it should have is left out. */
export function fieldsOf(config: unknown): BaseImage['config'] {
  if (!isRecord(config)) return {};
  const isRight = (name: string, value: unknown): boolean => {
    if (name === 'WorkingDir' || name === 'User') return typeof value === 'string';
    if (name === 'Env' || name === 'Shell' || name === 'OnBuild') return isTexts(value);
    return (name !== 'Entrypoint' && name !== 'Cmd') || value === null || isTexts(value);
  };
  return Object.fromEntries(Object.entries(config).filter(([name, value]) => isRight(name, value)));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
