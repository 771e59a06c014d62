/**
 * Bake's standard functions (buildx, bake/hclparser/stdlib.go) over values. Those that ask the clock, the machine or chance, and
 * those that nobody was seen to use, end as unknown; a name that Bake does not have is refused.
 */
import { cleanPath } from '../../core/build/path';
import { say, type Said } from '../../core/say';
import {
  distinct, equal, fromJson, isList, isMap, isUnknown, longest, mapOf, refused, setOf, toBool, toJson, toNumber, toText, typeName, unknown, unknownIn, type Unknown, type Value,
} from './hcl-values';
import { indexed } from './hcl-evaluate';
import { formatted } from './hcl-format';
import { md5 } from './hcl-md5';
import { regexAll, regexFirst, regexReplaced } from './hcl-regex';

export function callStandard(name: string, given: readonly Value[]): Value {
  if (!Object.hasOwn(standard, name)) {
    return notEvaluated.has(name) ? unknown(`${name}() is not evaluated here`) : refused(say('there is no function {0}()', name));
  }
  // A list may hold what is not known, where the function only looks at the list.
  const unclear = given.map((value) => (deep.has(name) ? (isUnknown(value) ? value : undefined) : unknownIn(value))).find((value) => value !== undefined);
  if (unclear) return unclear;
  try {
    const value = standard[name](...given);
    return value === undefined ? refused(say('{0}() takes other arguments', name)) : value;
  } catch (error) {
    return isRefusal(error) ? error.refusal : refused(say('{0}() takes other arguments', name));
  }
}

const notEvaluated = new Set([
  'bcrypt', 'cidrhost', 'cidrnetmask', 'cidrsubnet', 'cidrsubnets', 'convert', 'csvdecode', 'formatdate', 'formattimestamp', 'homedir', 'rsadecrypt',
  'semvercmp', 'sha1', 'sha256', 'sha512', 'timeadd', 'timestamp', 'unixtimestampparse', 'uuidv4', 'uuidv5',
]);
const deep = new Set(['length', 'concat', 'merge', 'keys', 'values', 'lookup', 'element', 'hasindex', 'index', 'slice', 'coalesce']);

/** How an argument of the wrong type ends a function: inside of this file, and nowhere else. */
interface Refusal {
  readonly refusal: Unknown;
}

const isRefusal = (error: unknown): error is Refusal => typeof error === 'object' && error !== null && 'refusal' in error;

function required<T extends Value>(value: T | Unknown | null): Exclude<T, Unknown | null> {
  if (value === null) throw { refusal: refused(say('an argument of a function is null')) } satisfies Refusal;
  if (isUnknown(value as Value)) throw { refusal: value as Unknown } satisfies Refusal;
  return value as Exclude<T, Unknown | null>;
}

const text = (value: Value = null): string => required(toText(value)) as string;
const number = (value: Value = null): number => required(value === null ? null : toNumber(value)) as number;
const bool = (value: Value = null): boolean => required(value === null ? null : toBool(value)) as boolean;
const list = (value: Value = null): readonly Value[] => (isList(value) ? value : (required(refused(say('a list is needed here, not {0}', typeName(value))) as Value) as never));
const map = (value: Value = null): ReadonlyMap<string, Value> => (isMap(value) ? value : (required(refused(say('an object is needed here, not {0}', typeName(value))) as Value) as never));
const need = (condition: boolean, why: Said): void => {
  if (!condition) throw { refusal: refused(why) } satisfies Refusal;
};
const bounded = (count: number): void => {
  if (count > longest) throw { refusal: unknown('this list gets too long') } satisfies Refusal;
};

const has = (values: readonly Value[], value: Value): boolean => values.some((item) => equal(item, value));
const whole = (value: Value | undefined): number => {
  const count = number(value);
  need(Number.isInteger(count), say('a whole number is needed here'));
  return count;
};
/** Letters as a reader counts them; a grapheme of several code points counts as several. */
const letters = (value: Value | undefined): string[] => [...text(value)];

function sorted(values: readonly Value[]): string[] {
  return values.map((value) => text(value)).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

function trimmed(value: string, cutset: string, start: boolean, end: boolean): string {
  const cut = new Set(cutset);
  const chars = [...value];
  let from = 0;
  let to = chars.length;
  while (start && from < to && cut.has(chars[from])) from++;
  while (end && to > from && cut.has(chars[to - 1])) to--;
  return chars.slice(from, to).join('');
}

function product(lists: readonly (readonly Value[])[]): Value[] {
  bounded(lists.reduce((count, items) => count * items.length, 1) * lists.length);
  return lists.reduce<Value[][]>((rows, items) => rows.flatMap((row) => items.map((item) => [...row, item])), [[]]);
}

function flat(values: readonly Value[]): Value[] {
  return values.flatMap((value) => (isList(value) ? flat(value) : [value]));
}

function range(...given: number[]): number[] {
  const [start, end] = given.length === 1 ? [0, given[0]] : given;
  const step = given[2] ?? (end < start ? -1 : 1);
  need(step !== 0 && (end < start) === (step < 0), say('the step of range() does not lead to its end'));
  bounded(Math.abs((end - start) / step));
  const values: number[] = [];
  for (let value = start; step > 0 ? value < end : value > end; value += step) values.push(value);
  return values;
}

const bytesOf = (value: string): Uint8Array => new TextEncoder().encode(value);

const standard: Readonly<Record<string, (...given: Value[]) => Value | undefined>> = {
  absolute: (a) => Math.abs(number(a)),
  add: (a, b) => number(a) + number(b),
  and: (a, b) => bool(a) && bool(b),
  base64decode: (a) => new TextDecoder().decode(Uint8Array.from(atob(text(a)), (ch) => ch.charCodeAt(0))),
  base64encode: (a) => btoa(String.fromCharCode(...bytesOf(text(a)))),
  basename: (a) => (text(a) === '' ? '.' : text(a).replace(/\/+$/, '').split('/').at(-1) || '/'),
  byteslen: (a) => bytesOf(text(a)).length,
  ceil: (a) => Math.ceil(number(a)),
  chomp: (a) => text(a).replace(/(\r?\n)+$/, ''),
  chunklist: (a, b) => {
    const items = list(a);
    const size = whole(b) || Math.max(1, items.length);
    need(size > 0, say('the size of chunklist() is negative'));
    return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
  },
  coalesce: (...given) => given.find((value) => value !== null),
  coalescelist: (...given) => given.map((value) => list(value)).find((value) => value.length > 0),
  compact: (a) => list(a).filter((value) => value !== null && value !== '').map((value) => text(value)),
  concat: (...given) => given.flatMap((value) => [...list(value)]),
  contains: (a, b) => has(list(a), b),
  distinct: (a) => distinct(list(a)),
  dirname: (a) => {
    const path = text(a);
    const folder = path.slice(0, path.lastIndexOf('/') + 1);
    return cleanPath(folder);
  },
  divide: (a, b) => (need(number(b) !== 0, say('this divides by zero')), number(a) / number(b)),
  element: (a, b) => {
    const items = list(a);
    need(items.length > 0 && number(b) >= 0, say('element() has no element of this number'));
    return items[whole(b) % items.length];
  },
  equal: (a, b) => equal(a, b),
  flatten: (a) => flat(list(a)),
  floor: (a) => Math.floor(number(a)),
  format: (a, ...rest) => formatted(text(a), rest),
  formatlist: (a, ...rest) => {
    const lengths = rest.filter(isList).map((items) => items.length);
    need(new Set(lengths).size <= 1, say('the lists of formatlist() are not of one length'));
    const count = lengths[0] ?? 1;
    return Array.from({ length: count }, (_, i) => formatted(text(a), rest.map((value) => (isList(value) ? value[i] : value))));
  },
  greaterthan: (a, b) => number(a) > number(b),
  greaterthanorequalto: (a, b) => number(a) >= number(b),
  hasindex: (a, b) => {
    const value = indexed(a, b);
    return !(isUnknown(value) && value.refused);
  },
  indent: (a, b) => text(b).replaceAll('\n', `\n${' '.repeat(Math.min(1000, whole(a)))}`),
  index: (a, b) => indexed(a, b),
  indexof: (a, b) => {
    const at = list(a).findIndex((item) => equal(item, b));
    need(at !== -1, say('indexof() does not find it'));
    return at;
  },
  int: (a) => Math.trunc(number(a)),
  join: (a, ...rest) => rest.flatMap((value) => list(value).map((item) => text(item))).join(text(a)),
  jsondecode: (a) => fromJson(JSON.parse(text(a))),
  jsonencode: (a) => toJson(a),
  keys: (a) => [...map(a).keys()],
  length: (a) => (isMap(a) ? a.size : list(a).length),
  lessthan: (a, b) => number(a) < number(b),
  lessthanorequalto: (a, b) => number(a) <= number(b),
  log: (a, b) => Math.log(number(a)) / Math.log(number(b)),
  lookup: (a, b, c) => map(a).get(text(b)) ?? c,
  lower: (a) => text(a).toLowerCase(),
  max: (...given) => Math.max(...given.map((value) => number(value))),
  md5: (a) => md5(bytesOf(text(a))),
  merge: (...given) => mapOf(given.filter((value) => value !== null).flatMap((value) => [...map(value)])),
  min: (...given) => Math.min(...given.map((value) => number(value))),
  modulo: (a, b) => (need(number(b) !== 0, say('this divides by zero')), number(a) % number(b)),
  multiply: (a, b) => number(a) * number(b),
  negate: (a) => -number(a),
  not: (a) => !bool(a),
  notequal: (a, b) => !equal(a, b),
  or: (a, b) => bool(a) || bool(b),
  parseint: (a, b) => {
    const value = Number.parseInt(text(a), whole(b));
    need(Number.isSafeInteger(value) && value.toString(whole(b)) === text(a).toLowerCase().replace(/^\+/, ''), say('parseint() finds no number'));
    return value;
  },
  pow: (a, b) => number(a) ** number(b),
  range: (...given) => range(...given.map((value) => number(value))),
  regex: (a, b) => regexFirst(text(a), text(b)),
  regexall: (a, b) => regexAll(text(a), text(b)),
  regex_replace: (a, b, c) => regexReplaced(text(a), text(b), text(c)),
  replace: (a, b, c) => text(a).replaceAll(text(b), () => text(c)),
  reverse: (a) => letters(a).reverse().join(''),
  reverselist: (a) => [...list(a)].reverse(),
  sanitize: (a) => [...text(a)].map((ch) => (/[a-zA-Z0-9_-]/.test(ch) ? ch : '_')).join(''),
  sethaselement: (a, b) => has(list(a), b),
  setintersection: (a, ...rest) => setOf(list(a).filter((item) => rest.every((other) => has(list(other), item)))),
  setproduct: (...given) => product(given.map((value) => list(value))),
  setsubtract: (a, b) => setOf(list(a).filter((item) => !has(list(b), item))),
  setsymmetricdifference: (a, b) => setOf([...list(a).filter((item) => !has(list(b), item)), ...list(b).filter((item) => !has(list(a), item))]),
  setunion: (...given) => setOf(given.flatMap((value) => [...list(value)])),
  signum: (a) => Math.sign(number(a)),
  slice: (a, b, c) => {
    const items = list(a);
    const end = c === undefined ? items.length : whole(c);
    need(whole(b) >= 0 && whole(b) <= end && end <= items.length, say('slice() reaches past the list'));
    return items.slice(whole(b), end);
  },
  sort: (a) => sorted(list(a)),
  split: (a, b) => (text(a) === '' ? letters(b) : text(b).split(text(a))),
  strlen: (a) => letters(a).length,
  substr: (a, b, c) => {
    const chars = letters(a);
    const start = whole(b) < 0 ? Math.max(0, chars.length + whole(b)) : whole(b);
    return (whole(c) < 0 ? chars.slice(start) : chars.slice(start, start + whole(c))).join('');
  },
  subtract: (a, b) => number(a) - number(b),
  title: (a) => text(a).replace(/(^|[^\p{L}\p{N}_'])(\p{L})/gu, (_, before: string, letter: string) => before + letter.toUpperCase()),
  trim: (a, b) => trimmed(text(a), text(b), true, true),
  trimprefix: (a, b) => (text(a).startsWith(text(b)) ? text(a).slice(text(b).length) : text(a)),
  trimspace: (a) => text(a).trim(),
  trimsuffix: (a, b) => (text(b) !== '' && text(a).endsWith(text(b)) ? text(a).slice(0, -text(b).length) : text(a)),
  upper: (a) => text(a).toUpperCase(),
  urlencode: (a) => encodeURIComponent(text(a)).replaceAll('%20', '+').replace(/[!'()*]/g, (ch) => `%${ch.charCodeAt(0).toString(16).toUpperCase()}`),
  values: (a) => [...map(a).values()],
  zipmap: (a, b) => {
    need(list(a).length === list(b).length, say('zipmap() takes as many values as keys'));
    return mapOf(list(a).map((key, i) => [text(key), list(b)[i]]));
  },
};
