/**
 * Values of HCL (zclconf/go-cty) as far as Bake files need them: lists, sets and tuples are arrays, maps and objects are Maps in
 * the order of their keys. What cannot be known is a value too, and says why.
 */
import { say, verbatim, type Said } from '../../core/say';

export type Value = string | number | boolean | null | readonly Value[] | ReadonlyMap<string, Value> | Unknown;

export interface Unknown {
  readonly unknown: string;
  /** Bake refuses the file because of it; otherwise it knows what we do not. */
  readonly refused: boolean;
}

export const unknown = (reason: string): Unknown => ({ unknown: reason, refused: false });
export const refused = (reason: Said): Unknown => ({ unknown: reason, refused: true });

/** Longer texts and lists end as unknown: a few lines of HCL can double a text a hundred times. */
export const longest = 1_000_000;

export const isUnknown = (value: Value): value is Unknown => typeof value === 'object' && value !== null && 'unknown' in value;
export const isList = (value: Value): value is readonly Value[] => Array.isArray(value);
export const isMap = (value: Value): value is ReadonlyMap<string, Value> => value instanceof Map;

/** The first thing in a value that is not known. */
export function unknownIn(value: Value): Unknown | undefined {
  if (isUnknown(value)) return value;
  for (const item of isList(value) ? value : isMap(value) ? value.values() : []) {
    const inner = unknownIn(item);
    if (inner) return inner;
  }
  return undefined;
}

/** The first thing in a value because of which Bake refuses the file. */
export function refusalIn(value: Value): Unknown | undefined {
  if (isUnknown(value)) return value.refused ? value : undefined;
  for (const item of isList(value) ? value : isMap(value) ? value.values() : []) {
    const inner = refusalIn(item);
    if (inner) return inner;
  }
  return undefined;
}

export function mapOf(entries: Iterable<readonly [string, Value]>): ReadonlyMap<string, Value> {
  return new Map([...new Map(entries)].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

const sets = new WeakSet<readonly Value[]>();

/** A set: nothing twice, in the order of its elements. A condition with a set on one side makes one of the other. */
export function setOf(values: readonly Value[]): readonly Value[] {
  const unique = distinct(values);
  const ordered = unique.every((value) => typeof value === 'number')
    ? (unique as number[]).sort((a, b) => a - b)
    : unique.every((value) => typeof value === 'string') ? (unique as string[]).sort((a, b) => (a < b ? -1 : 1)) : unique;
  sets.add(ordered);
  return ordered;
}

export const isSet = (value: Value): boolean => isList(value) && sets.has(value);

export function distinct(values: readonly Value[]): Value[] {
  const seen = new Set<string>();
  return values.filter((value) => {
    const key = toJson(value);
    return !seen.has(key) && seen.add(key);
  });
}

export function typeName(value: Value): Said {
  if (value === null) return verbatim('null');
  if (isUnknown(value)) return say('unknown');
  if (isList(value)) return say('a list');
  if (isMap(value)) return say('an object');
  return typeof value === 'boolean' ? say('a bool') : typeof value === 'number' ? say('a number') : say('a string');
}

/** convert.Convert to a string; null stays null. */
export function toText(value: Value): string | null | Unknown {
  if (typeof value === 'string' || value === null || isUnknown(value)) return value;
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return numberText(value);
  return refused(say('a string is needed here, not {0}', typeName(value)));
}

export function toNumber(value: Value): number | Unknown {
  if (typeof value === 'number' || isUnknown(value)) return value;
  if (typeof value === 'string' && /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(value)) return Number(value);
  return refused(say('a number is needed here, not {0}', typeof value === 'string' ? JSON.stringify(value) : typeName(value)));
}

export function toBool(value: Value): boolean | Unknown {
  if (typeof value === 'boolean' || isUnknown(value)) return value;
  if (value === 'true' || value === '1') return true;
  if (value === 'false' || value === '0') return false;
  return refused(say('a bool is needed here, not {0}', typeof value === 'string' ? JSON.stringify(value) : typeName(value)));
}

/** Without an exponent, as cty writes numbers. */
function numberText(value: number): string {
  if (Number.isInteger(value)) return BigInt(value).toString();
  const text = String(value);
  return text.includes('e') ? value.toFixed(20).replace(/0+$/, '') : text;
}

export function equal(a: Value, b: Value): boolean {
  if (isList(a) && isList(b)) return a.length === b.length && a.every((item, i) => equal(item, b[i]));
  if (isMap(a) && isMap(b)) return a.size === b.size && [...a].every(([key, item]) => b.has(key) && equal(item, b.get(key) as Value));
  return a === b;
}

/** From and to JSON (cty/json). */
export function fromJson(json: unknown): Value {
  if (Array.isArray(json)) return json.map(fromJson);
  if (typeof json === 'object' && json !== null) return mapOf(Object.entries(json).map(([key, item]) => [key, fromJson(item)]));
  return json as string | number | boolean | null;
}

export function toJson(value: Value): string {
  if (isList(value)) return `[${value.map(toJson).join(',')}]`;
  if (isMap(value)) return `{${[...value].map(([key, item]) => `${quoted(key)}:${toJson(item)}`).join(',')}}`;
  return typeof value === 'string' ? quoted(value) : typeof value === 'number' ? numberText(value) : JSON.stringify(value);
}

/** Go's encoding/json escapes what HTML would read. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(/[<>&\u2028\u2029]/g, (ch) => `\\u${ch.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
