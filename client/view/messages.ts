/** What the extension and the page of the layer map say to each other. Whatever comes from the page is looked at before it is believed. */
import type { LayerMap } from '../../server/src/core/map/model';

/** What a map is of: kept by the page, so that it is there again after the window was closed. */
export type MapSource =
  | { readonly kind: 'document'; readonly uri: string }
  | { readonly kind: 'files'; readonly uris: readonly string[] }
  /** `members`: addresses of files; a family that has changed is found by them. */
  | { readonly kind: 'family'; readonly family: string; readonly members: readonly string[]; readonly after?: number };

export type ToPage =
  | { readonly type: 'map'; readonly source: MapSource; readonly map: LayerMap; readonly candidates: readonly string[] }
  /** Instead of a map. */
  | { readonly type: 'nothing'; readonly text: string }
  /** The line of the cursor, from 0; undefined: in no file that matters. */
  | { readonly type: 'cursor'; readonly uri?: string; readonly line?: number }
  | { readonly type: 'hover'; readonly id: string; readonly markdown: string };

export type FromPage =
  | { readonly type: 'ready' }
  /** Of a block or of a column, by their IDs; `stay`: the page keeps the keyboard. */
  | { readonly type: 'open'; readonly id: string; readonly stay: boolean }
  | { readonly type: 'hover'; readonly id: string }
  | { readonly type: 'after'; readonly candidate: number | null }
  | { readonly type: 'extract'; readonly candidate: number }
  /** `data`: the text of an SVG, or a PNG in base64. */
  | { readonly type: 'save'; readonly format: 'svg' | 'png'; readonly data: string };

/** Undefined: it has not the form of a message. */
export function fromPage(value: unknown): FromPage | undefined {
  const { type, id, stay, candidate, format, data } = (value ?? {}) as Readonly<Record<string, unknown>>;
  const isIndex = (number: unknown): number is number => typeof number === 'number' && Number.isInteger(number) && number >= 0;
  switch (type) {
    case 'ready': return { type };
    case 'open': return typeof id === 'string' && typeof stay === 'boolean' ? { type, id, stay } : undefined;
    case 'hover': return typeof id === 'string' ? { type, id } : undefined;
    case 'after': return candidate === null || isIndex(candidate) ? { type, candidate } : undefined;
    case 'extract': return isIndex(candidate) ? { type, candidate } : undefined;
    case 'save': return (format === 'svg' || format === 'png') && typeof data === 'string' ? { type, format, data } : undefined;
    default: return undefined;
  }
}

/** What a page kept, as far as it is still to be understood. */
export function sourceOf(kept: unknown): MapSource | undefined {
  const { kind, uri, uris, family, members, after } = ((kept ?? {}) as { readonly source?: unknown }).source as Readonly<Record<string, unknown>> ?? {};
  const areTexts = (list: unknown): list is string[] => Array.isArray(list) && list.every((one) => typeof one === 'string');
  if (kind === 'document' && typeof uri === 'string') return { kind, uri };
  if (kind === 'files' && areTexts(uris)) return { kind, uris };
  if (kind === 'family' && typeof family === 'string' && areTexts(members)) return { kind, family, members, ...(typeof after === 'number' && { after }) };
  return undefined;
}
