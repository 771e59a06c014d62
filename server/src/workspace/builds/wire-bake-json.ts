/** What JSON writes of a Bake file: properties of its objects, in the file's own layout. */
import { parseTree, type Node } from 'jsonc-parser';
import type { Span } from '../../core/text';
import type { Attribute, Block, Body } from './hcl-model';
import type { Dialect, Field } from './wire-bake';
import { eolOf, indentAt, lineStart, replaced, withItem, withoutItem, type List } from './wire-list';
import type { Wired } from './wiring';
import { say } from '../../core/say';

export const jsonDialect: Dialect = { newlines: false, text: quoted, item: (_text, key, value) => `${JSON.stringify(key)}: ${quoted(value)}`, withField, withoutField, withTarget, withoutTarget };

export function newJson(standing: readonly string[], targets: readonly (readonly [string, Readonly<Record<string, Field>>])[]): string {
  const value = { ...(standing.length > 0 && { group: { default: { targets: standing } } }), target: Object.fromEntries(targets) };
  return `${valueText(value, { unit: '  ', indent: '', eol: '\n' })}\n`;
}

/** Undefined: all on one line. */
type Layout = { readonly unit: string; readonly indent: string; readonly eol: string } | undefined;
type Json = Field | { readonly [key: string]: Json };

/** The strings of a Bake file are templates. */
function quoted(value: string): string {
  return JSON.stringify(value.replace(/([$%])\{/g, '$1$1{'));
}

function valueText(value: Json, layout: Layout): string {
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value)) return `[${value.map((item: string) => quoted(item)).join(', ')}]`;
  const inner = layout && { ...layout, indent: layout.indent + layout.unit };
  const items = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${valueText(item as Json, inner)}`);
  return layout && inner ? `{${layout.eol}${items.map((item) => inner.indent + item).join(`,${layout.eol}`)}${layout.eol}${layout.indent}}` : `{ ${items.join(', ')} }`;
}

const spanOf = ({ offset, length }: Node): Span => ({ start: offset, end: offset + length });
const listOf = (node: Node): List => ({ span: spanOf(node), items: (node.children ?? []).map(spanOf) });
const property = (node: Node | undefined, name: string): Node | undefined => node?.children?.findLast(({ children }) => children?.[0].value === name)?.children?.[1];

function withProperty(text: string, object: Node, name: string, value: Json): Wired {
  const { items } = listOf(object);
  const last = items.at(-1);
  const isLines = last !== undefined && text.slice(lineStart(text, last.start), last.start).trim() === '';
  const unit = /^\{\r?\n?([ \t]+)/.exec(text.slice(text.indexOf('{')))?.[1] ?? '  ';
  const layout = isLines ? { unit: /^ $/.test(unit) ? '  ' : unit, indent: indentAt(text, last.start), eol: eolOf(text) } : undefined;
  const made = withItem(text, listOf(object), `${JSON.stringify(name)}: ${valueText(value, layout)}`);
  return made === undefined ? { refused: say('An object of this file holds nothing but a comment.') } : { text: made };
}

/** `keep`: the object stays where nothing is left in it; else undefined is the answer. */
function withoutProperty(text: string, object: Node, index: number, keep: boolean): string | undefined {
  const list = listOf(object);
  return withoutItem(text, list, index) ?? (keep ? replaced(text, list.span.start, list.span.end, '{}') : undefined);
}

/** The object that a block was read from. */
function objectOf(text: string, { span, body }: Block): { readonly object: Node; readonly property: Node } | undefined {
  let found: { object: Node; property: Node } | undefined;
  const [first] = body.attributes;
  const visit = (node: Node): void => {
    const [key, value] = node.type === 'property' ? node.children ?? [] : [];
    if (key?.offset === span.start && value) {
      const objects = value.type === 'array' ? value.children ?? [] : [value];
      const object = objects.find(({ type, offset, length }) => type === 'object' && (first === undefined || (offset < first.nameSpan.start && first.nameSpan.end < offset + length)));
      if (object) found = { object, property: node };
    } else node.children?.forEach(visit);
  };
  const tree = parseTree(text);
  if (tree) visit(tree);
  return found;
}

const strange = ({ type, labels: [name] }: Block): Wired => ({ refused: say('The object of {0} "{1}" is written in a way that is not edited here.', type, name) });

function withField(text: string, block: Block, name: string, value: Field): Wired {
  const found = objectOf(text, block);
  return found ? withProperty(text, found.object, name, value) : strange(block);
}

function withoutField(text: string, block: Block, field: Attribute): Wired {
  const object = objectOf(text, block)?.object;
  const index = object?.children?.findIndex(({ offset }) => offset === field.nameSpan.start) ?? -1;
  const made = object && index !== -1 ? withoutProperty(text, object, index, true) : undefined;
  return made === undefined ? strange(block) : { text: made };
}

function withTarget(text: string, _body: Body, name: string, fields: Readonly<Record<string, Field>>): Wired {
  const root = parseTree(text);
  if (root?.type !== 'object') return { refused: say('A Bake file is an object.') };
  const targets = property(root, 'target');
  if (targets === undefined) return withProperty(text, root, 'target', { [name]: fields });
  const object = targets.type === 'array' ? targets.children?.findLast(({ type }) => type === 'object') : targets;
  return object?.type === 'object' ? withProperty(text, object, name, fields) : { refused: say('The targets of this file are no object.') };
}

function withoutTarget(text: string, block: Block): Wired {
  const found = objectOf(text, block);
  const targets = found?.property.parent;
  if (found === undefined || targets?.type !== 'object') return strange(block);
  const several = found.property.children?.[1];
  if (several?.type === 'array' && (several.children?.length ?? 0) > 1) {
    const made = withoutItem(text, listOf(several), several.children?.indexOf(found.object) ?? 0);
    return made === undefined ? strange(block) : { text: made };
  }
  const made = withoutProperty(text, targets, targets.children?.indexOf(found.property) ?? -1, false);
  if (made !== undefined) return { text: made };
  // Nothing is left of `target`: the property goes too, where it is one of the file's.
  const holder = targets.parent?.type === 'property' ? targets.parent : undefined;
  const root = holder?.parent;
  const rest = root && holder ? withoutProperty(text, root, root.children?.indexOf(holder) ?? -1, true) : replaced(text, targets.offset, targets.offset + targets.length, '{}');
  return rest === undefined ? strange(block) : { text: rest };
}
