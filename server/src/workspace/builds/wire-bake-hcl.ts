/** What HCL writes of a Bake file: attributes in blocks, blocks at the end, aligned as `hclfmt` does where the file is. */
import type { Span } from '../../core/text';
import type { Attribute, Block, Body } from './hcl-model';
import { skip } from './hcl-syntax';
import type { Dialect, Field } from './wire-bake';
import { eolOf, indentAt, lineEnd, lineStart, replaced, withoutLines } from './wire-list';
import type { Wired } from './wiring';
import { say } from '../../core/say';

export const hclDialect: Dialect = { newlines: true, text: quoted, item: itemOf, withField, withoutField, withTarget, withoutTarget };

export function newHcl(standing: readonly string[], targets: readonly (readonly [string, Readonly<Record<string, Field>>])[]): string {
  const group = standing.length > 0 ? [`group "default" {\n  targets = [${standing.map(quoted).join(', ')}]\n}\n`] : [];
  return [...group, ...targets.map(([name, fields]) => `${targetText(name, fields, '  ', '\n')}\n`)].join('\n');
}

function targetText(name: string, fields: Readonly<Record<string, Field>>, unit: string, eol: string): string {
  const entries = Object.entries(fields);
  const isLine = ([, value]: [string, Field]): boolean => typeof value === 'string' || Array.isArray(value);
  const width = Math.max(...entries.filter(isLine).map(([key]) => key.length));
  return [
    `target ${quoted(name)} {`,
    ...entries.filter(isLine).map(([key, value]) => `${unit}${key.padEnd(width)} = ${typeof value === 'string' ? quoted(value) : `[${(value as readonly string[]).map(quoted).join(', ')}]`}`),
    ...entries.filter((entry) => !isLine(entry)).flatMap(([key, value]) => {
      const items = Object.entries(value).map(([inner, text]): [string, string] => [keyOf(inner), quoted(text as string)]);
      const innerWidth = Math.max(...items.map(([inner]) => inner.length));
      return [`${unit}${key} = {`, ...items.map(([inner, text]) => `${unit}${unit}${inner.padEnd(innerWidth)} = ${text}`), `${unit}}`];
    }),
    '}',
  ].join(eol);
}

function quoted(value: string): string {
  // JSON's escapes but for two that HCL does not have.
  const escaped = JSON.stringify(value).replace(/\\(.)/g, (all, ch) => (ch === 'b' ? '\\u0008' : ch === 'f' ? '\\u000c' : all));
  return escaped.replace(/([$%])\{/g, '$1$1{');
}

/** A name that means something else in an expression is quoted too. */
function keyOf(name: string): string {
  return /^[\p{ID_Start}_][\p{ID_Continue}-]*$/u.test(name) && !/^(?:true|false|null|for|if|in|else|endif|endfor)$/.test(name) ? name : quoted(name);
}

function itemOf(text: string, key: string, value: string, before: { readonly key: Span; readonly value: Span } | undefined): string {
  return `${assigned(text, keyOf(key), before)}${quoted(value)}`;
}

/** `name = ` with the sign below that of the line before. */
function assigned(text: string, name: string, before: { readonly key: Span; readonly value: Span } | undefined): string {
  const sign = before && text.slice(before.value.start, before.value.end).includes('\n') ? null : before && /^([ \t]*)([=:])([ \t]*)$/.exec(text.slice(before.key.end, before.value.start));
  if (!before || !sign) return `${name} = `;
  const [, blanks, character, behind] = sign;
  return blanks === '' ? `${name}${character}${behind}` : `${name.padEnd(before.key.end - before.key.start + blanks.length - 1)} ${character}${behind}`;
}

/** Between the braces. */
function innerOf(text: string, block: Block): Span | undefined {
  const open = past(text, block.span.end, false);
  if (text[open] !== '{') return undefined;
  const last = block.body.attributes.reduce((end, { value }) => Math.max(end, value.span.end), open + 1);
  const close = past(text, last, true);
  return text[close] === '}' ? { start: open + 1, end: close } : undefined;
}

function past(text: string, at: number, newlines: boolean): number {
  const reader = { text, at, depth: 0, mistake: undefined };
  skip(reader, newlines);
  return reader.at;
}

const strange = (block: Block): Wired => ({ refused: say('The block of {0} "{1}" is written in a way that is not edited here.', block.type, block.labels[0]) });

function unitOf(text: string): string {
  return /\{[ \t]*\r?\n([ \t]+)\S/.exec(text)?.[1] ?? '  ';
}

function fieldText(name: string, value: Field, before: Attribute | undefined, text: string): string {
  const start = assigned(text, name, before && { key: before.nameSpan, value: before.value.span });
  if (typeof value === 'string') return start + quoted(value);
  return start + (Array.isArray(value) ? `[${value.map(quoted).join(', ')}]` : `{ ${Object.entries(value).map(([key, item]) => `${keyOf(key)} = ${quoted(item as string)}`).join(', ')} }`);
}

function withField(text: string, block: Block, name: string, value: Field): Wired {
  const inner = innerOf(text, block);
  if (inner === undefined) return strange(block);
  const eol = eolOf(text);
  const indent = indentAt(text, block.span.start);
  const deeper = indent + unitOf(text);
  const between = text.slice(inner.start, inner.end);
  const [first] = block.body.attributes;
  if (first === undefined) {
    if (/^ *$/.test(between)) return { text: replaced(text, inner.start, inner.end, `${between} ${fieldText(name, value, undefined, text)} ${between}`) };
    const line = lineStart(text, inner.end);
    if (text.slice(line, inner.end).trim() !== '') return strange(block);
    return { text: replaced(text, line, line, `${deeper}${fieldText(name, value, undefined, text)}${eol}`) };
  }
  if (!text.slice(inner.start, first.nameSpan.start).includes('\n')) {
    // A block on one line has one attribute. That the new one comes first says that there was one line.
    const field = text.slice(first.nameSpan.start, first.value.span.end);
    if (between.trim() !== field) return strange(block);
    return { text: replaced(text, inner.start, inner.end, [`${eol}${deeper}${fieldText(name, value, undefined, text)}`, `${deeper}${field}`, indent].join(eol)) };
  }
  const last = block.body.attributes.reduce((latest, attribute) => (attribute.value.span.end > latest.value.span.end ? attribute : latest));
  const next = past(text, last.value.span.end, false);
  if (text[next] !== '\n') return strange(block);
  const end = text[next - 1] === '\r' ? next - 1 : next;
  return { text: replaced(text, end, end, `${eol}${indentAt(text, last.nameSpan.start)}${fieldText(name, value, last, text)}`) };
}

function withoutField(text: string, block: Block, field: Attribute): Wired {
  const inner = innerOf(text, block);
  if (inner === undefined) return strange(block);
  const { nameSpan: { start }, value: { span: { end } } } = field;
  const [before, after] = [text.slice(inner.start, start), text.slice(end, inner.end)];
  if (!before.includes('\n') && block.body.attributes.length === 1) {
    if (before.trim() !== '' || after.trim() !== '') return strange(block);
    return { text: replaced(text, inner.start, inner.end, before.slice(1)) };
  }
  const [first, other] = block.body.attributes;
  // Made out of a block on one line, as `withField` does.
  const lines = block.body.attributes.length === 2 && first === field && field.name === 'contexts' && !text.slice(start, end).includes('\n') ? text.slice(inner.start, inner.end).split('\n') : [];
  const rest = other && text.slice(other.nameSpan.start, other.value.span.end);
  if (rest !== undefined && lines.length > 0 && before.trim() === '' && text.slice(end, inner.end).trim() === rest && !rest.includes('\n') && lines.length === 4) {
    return { text: replaced(text, inner.start, inner.end, ` ${rest} `) };
  }
  if (text.slice(lineStart(text, start), start).trim() !== '') return strange(block);
  return { text: withoutLines(text, start, end) };
}

function withTarget(text: string, _body: Body, name: string, fields: Readonly<Record<string, Field>>): Wired {
  const eol = eolOf(text);
  const block = targetText(name, fields, unitOf(text), eol);
  if (text === '') return { text: block + eol };
  return { text: text.endsWith('\n') ? `${text}${eol}${block}${eol}` : `${text}${eol}${eol}${block}` };
}

function withoutTarget(text: string, block: Block): Wired {
  const inner = innerOf(text, block);
  if (inner === undefined) return strange(block);
  const eol = eolOf(text);
  const from = lineStart(text, block.span.start);
  const end = lineEnd(text, inner.end + 1);
  if (text.slice(from, block.span.start).trim() !== '') return strange(block);
  const before = text.slice(0, from);
  if (end === text.length) return { text: before.endsWith(eol + eol) ? before.slice(0, -2 * eol.length) : before.replace(/\r?\n$/, '') };
  const after = text.slice(text.indexOf('\n', end) + 1);
  // The blank line that set it off goes along.
  return { text: (before === eol || before.endsWith(eol + eol) ? before.slice(0, -eol.length) : before) + after };
}
