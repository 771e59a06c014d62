/** A Compose file as its places: the tree of the `yaml` package, and what of its ranges is written in lines. */
import { isAlias, isMap, isScalar, isSeq, parseAllDocuments, type Document, type Node, type Pair, type YAMLMap } from 'yaml';
import { indentAt, type List } from './wire-list';
import { say, type Said } from '../../core/say';

export interface ComposeText {
  readonly file: string;
  readonly text: string;
  readonly services: YAMLMap;
  /** What one level is indented by. */
  readonly unit: string;
}

export function composeOf(file: string, text: string): ComposeText | { readonly refused: Said } {
  const documents = parseAllDocuments(text, { schema: 'failsafe', merge: false, uniqueKeys: false, logLevel: 'silent' });
  if (!Array.isArray(documents) || documents.length !== 1) return { refused: documents.length === 0 ? say('{0} has no services.', file) : say('{0} holds several YAML documents.', file) };
  const services = pairOf((documents[0] as Document.Parsed).contents, 'services')?.value;
  if (!isMap(services) || services.items.length === 0) return { refused: isAlias(services) ? say('The services of {0} are an alias.', file) : say('{0} has no services.', file) };
  return { file, text, services, unit: unitOf(text, services) };
}

export type KeyValue = Pair & { readonly key: Node & { readonly range: [number, number, number] } };

export function pairOf(node: unknown, name: string): KeyValue | undefined {
  if (!isMap(node)) return undefined;
  return node.items.findLast(({ key }) => isScalar(key) && key.value === name) as KeyValue | undefined;
}

/** The end of what is written of a node: without the comments and blank lines behind it. */
export function contentEnd(text: string, node: unknown, otherwise: number): number {
  const range = (node as Node | null)?.range;
  if (!range) return otherwise;
  if ((isMap(node) || isSeq(node)) && !node.flow && node.items.length > 0) {
    const last = node.items.at(-1);
    if (isSeq(node)) return contentEnd(text, last, otherwise);
    const { key, value } = last as KeyValue;
    return contentEnd(text, value, key.range[1] + 1);
  }
  return isScalar(node) && node.type?.startsWith('BLOCK') ? text.slice(0, range[1]).trimEnd().length : range[1];
}

function unitOf(text: string, services: YAMLMap): string {
  const first = services.items[0] as KeyValue;
  const outer = indentAt(text, first.key.range[0]);
  const inner = isMap(first.value) && !first.value.flow && first.value.items.length > 0 ? indentAt(text, (first.value.items[0] as KeyValue).key.range[0]) : '';
  return inner.slice(outer.length) || outer || '  ';
}

export const listOf = (node: Node & { readonly items: readonly unknown[] }): List => ({
  span: { start: node.range?.[0] ?? 0, end: node.range?.[1] ?? 0 },
  items: node.items.map((item) => {
    const { key, value } = item as KeyValue;
    if (!isMap(node)) return { start: (item as Node).range?.[0] ?? 0, end: (item as Node).range?.[1] ?? 0 };
    return { start: key.range[0], end: (value as Node | null)?.range?.[1] ?? key.range[1] };
  }),
});

export const colonBehind = (text: string, key: Node): number => text.indexOf(':', key.range?.[1]);
export const oneLine = (text: string, { key, value }: KeyValue): boolean => isScalar(value) && !text.slice(key.range[0], value.range?.[1]).includes('\n');
