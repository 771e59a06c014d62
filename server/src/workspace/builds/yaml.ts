/**
 * YAML → plain values, scalars as Go's yaml reads them (yaml.in/yaml/v3: 1.2 with the octals and the merge keys of 1.1), and where
 * the keys stand. Aliases are followed as far as a bound on all of them together, so that a small file stays a small value.
 */
import { isAlias, isMap, isScalar, isSeq, parseAllDocuments, type Document, type Node } from 'yaml';
import { say, type Said } from '../../core/say';
import type { Span } from '../../core/text';

export type YamlValue = string | number | boolean | null | readonly YamlValue[] | YamlMap;

export interface YamlMap {
  readonly entries: ReadonlyMap<string, YamlValue>;
  readonly keys: ReadonlyMap<string, Span>;
  /** `!reset` and `!override` of Compose, by key. */
  readonly tags: ReadonlyMap<string, string>;
}

export interface YamlReading {
  readonly documents: readonly YamlValue[];
  readonly problems: readonly { readonly message: Said; readonly span?: Span }[];
}

const mostNodes = 200_000;

export function readYaml(text: string): YamlReading {
  if (tooDeep(text)) return { documents: [], problems: [{ message: say('This is no YAML: it is too deep.') }] };
  try {
    const documents = parseAllDocuments(text, { schema: 'failsafe', merge: false, uniqueKeys: false, logLevel: 'silent', strict: true });
    const list = (Array.isArray(documents) ? documents : []) as Document.Parsed[];
    const mistakes = list.flatMap(({ errors }) => errors).slice(0, 1);
    const problems: { message: Said; span?: Span }[] = mistakes.map(({ message, pos }) => ({
      message: say('This is no YAML: {0}.', message.split('\n')[0].replace(/ at line \d+, column \d+:?$/, '').replace(/\.$/, '')), span: { start: Math.min(pos[0], text.length), end: Math.min(pos[1], text.length) },
    }));
    const walk: Walk = { nodes: mostNodes, anchors: new Map() };
    const values = list.map((document) => {
      walk.anchors.clear();
      return valueOf(document.contents, walk, 0);
    });
    if (walk.nodes <= 0) return { documents: [], problems: [{ message: say('This file is too large, once its aliases are followed.') }] };
    return { documents: problems.length > 0 ? [] : values, problems };
  } catch (error) {
    // The library throws at some nestings; what it says is the best that can be said.
    return { documents: [], problems: [{ message: error instanceof RangeError ? say('This is no YAML: it is too deep.') : say('This is no YAML: {0}.', (error as Error).message.split('\n')[0]) }] };
  }
}

export const isYamlMap = (value: YamlValue | undefined): value is YamlMap => typeof value === 'object' && value !== null && !Array.isArray(value);
export const isYamlList = (value: YamlValue | undefined): value is readonly YamlValue[] => Array.isArray(value);

export function entry(value: YamlValue | undefined, key: string): YamlValue | undefined {
  return isYamlMap(value) ? value.entries.get(key) : undefined;
}

/** A scalar as Go prints it. */
export function scalarText(value: YamlValue | undefined): string | undefined {
  return typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

/** One entry or many, as texts. */
export function texts(value: YamlValue | undefined): string[] {
  return (isYamlList(value) ? value : [value]).flatMap((item) => scalarText(item) ?? []);
}

/** The library's work grows with the square of the depth. */
function tooDeep(text: string): boolean {
  let depth = 0;
  for (const ch of text) {
    if (ch === '[' || ch === '{') depth++;
    else if (ch === ']' || ch === '}') depth = Math.max(0, depth - 1);
    if (depth > 500) return true;
  }
  return /(?:[-?:][ \t]+){200}/.test(text);
}

interface Walk {
  /** How many more there may be. */
  nodes: number;
  readonly anchors: Map<string, { readonly value: YamlValue; readonly size: number }>;
}

/** An alias is what its anchor was, and counts as much again. */
function valueOf(node: Node | null | undefined, walk: Walk, depth: number): YamlValue {
  if (node === null || node === undefined || walk.nodes-- <= 0 || depth > 100) return null;
  if (isAlias(node)) {
    const anchored = walk.anchors.get(node.source);
    walk.nodes -= anchored?.size ?? 0;
    return anchored?.value ?? null;
  }
  const before = walk.nodes;
  const value = contentOf(node, walk, depth);
  const { anchor } = node as { anchor?: string };
  if (anchor !== undefined) walk.anchors.set(anchor, { value, size: before - walk.nodes });
  return value;
}

function contentOf(node: Node, walk: Walk, depth: number): YamlValue {
  if (isScalar(node)) {
    const text = typeof node.value === 'string' ? node.value : '';
    return node.type === 'PLAIN' || node.type === undefined ? plain(text, node.tag) : text;
  }
  if (isSeq(node)) return node.items.map((item) => valueOf(item as Node, walk, depth + 1));
  if (!isMap(node)) return null;
  const entries = new Map<string, YamlValue>();
  const keys = new Map<string, Span>();
  const tags = new Map<string, string>();
  const merged: YamlMap[] = [];
  for (const { key, value } of node.items) {
    const name = scalarText(valueOf(key as Node, walk, depth + 1) ?? 'null');
    if (name === undefined) continue;
    const given = valueOf(value as Node | null, walk, depth + 1);
    if (name === '<<' && isScalar(key) && key.type === 'PLAIN') {
      merged.push(...(isYamlList(given) ? given : [given]).filter(isYamlMap));
      continue;
    }
    entries.set(name, given);
    const range = (key as Node).range;
    if (range) keys.set(name, { start: range[0], end: range[1] });
    const tag = (value as Node | null)?.tag;
    if (tag !== undefined && !tag.startsWith('tag:')) tags.set(name, tag);
  }
  // What is written here wins; of several that are merged, the first.
  for (const other of merged) {
    for (const [name, value] of other.entries) {
      if (entries.has(name)) continue;
      entries.set(name, value);
      const span = other.keys.get(name);
      if (span) keys.set(name, span);
    }
  }
  return { entries, keys, tags };
}

function plain(text: string, tag: string | undefined): YamlValue {
  if (tag === '!!str' || tag === 'tag:yaml.org,2002:str' || tag === '!') return text;
  if (/^(?:|~|null|Null|NULL)$/.test(text)) return null;
  if (/^(?:true|True|TRUE)$/.test(text)) return true;
  if (/^(?:false|False|FALSE)$/.test(text)) return false;
  const digits = text.replaceAll('_', '');
  const whole = /^([-+]?)(?:0b([01]+)|0o?([0-7]+)|0x([\da-fA-F]+)|(0|[1-9]\d*))$/.exec(digits);
  if (whole && /^[-+]?\d/.test(text)) {
    const [, sign, two, eight, sixteen, ten] = whole;
    const value = two ? Number.parseInt(two, 2) : eight ? Number.parseInt(eight, 8) : sixteen ? Number.parseInt(sixteen, 16) : Number(ten);
    return Number.isSafeInteger(value) ? (sign === '-' ? -value : value) : digits;
  }
  if (/^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/.test(digits) && /^[-+]?[\d.]/.test(text)) return Number(digits);
  return text;
}
