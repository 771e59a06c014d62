/** A Bake file, HCL or JSON → blocks and attributes with expressions: the same for both. */
import { parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser';
import { say } from '../../core/say';
import type { Attribute, Block, Body, Expression, SyntaxProblem } from './hcl-model';
import { readHcl, readTemplateText } from './hcl-syntax';

export function readBakeFile(file: string, text: string): { readonly body: Body; readonly problems: readonly SyntaxProblem[] } {
  return file.endsWith('.json') ? readJson(text) : readHcl(text);
}

const blockTypes = new Set(['target', 'group', 'variable', 'function']);

/** HCL's JSON form (json/spec.md): blocks by their labels, one or a list; strings are templates; keys that start with // are comments. */
function readJson(text: string): { readonly body: Body; readonly problems: readonly SyntaxProblem[] } {
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { disallowComments: true });
  const problems: SyntaxProblem[] = errors.slice(0, 1).map(({ error, offset, length }) => ({
    message: say('This is no JSON: {0}.', printParseErrorCode(error)), span: { start: offset, end: Math.min(text.length, offset + length) },
  }));
  const attributes: Attribute[] = [];
  const blocks: Block[] = [];
  if (tree !== undefined && tree.type !== 'object' && problems.length === 0) problems.push({ message: say('A Bake file is an object.'), span: spanOf(tree) });
  for (const { name, key, value } of properties(tree)) {
    if (!blockTypes.has(name)) attributes.push({ name, nameSpan: spanOf(key), value: expressionOf(value, problems) });
    else for (const labels of value.type === 'array' ? value.children ?? [] : [value]) {
      for (const block of properties(labels)) {
        for (const inner of block.value.type === 'array' ? block.value.children ?? [] : [block.value]) {
          blocks.push({ type: name, labels: [block.name], span: spanOf(block.key), body: bodyOf(inner, problems, name) });
        }
      }
    }
  }
  return { body: { attributes, blocks }, problems };
}

function bodyOf(node: Node, problems: SyntaxProblem[], type: string): Body {
  const attributes: Attribute[] = [];
  const blocks: Block[] = [];
  for (const { name, key, value } of properties(node)) {
    if (type === 'variable' && name === 'validation') {
      for (const inner of value.type === 'array' ? value.children ?? [] : [value]) blocks.push({ type: name, labels: [], span: spanOf(key), body: bodyOf(inner, problems, name) });
    } else attributes.push({ name, nameSpan: spanOf(key), value: expressionOf(value, problems) });
  }
  return { attributes, blocks };
}

function properties(node: Node | undefined): { readonly name: string; readonly key: Node; readonly value: Node }[] {
  if (node?.type !== 'object') return [];
  return (node.children ?? []).flatMap(({ children: [key, value] = [] }) =>
    (key !== undefined && value !== undefined && key.value !== '//' ? [{ name: String(key.value), key, value }] : []));
}

function expressionOf(node: Node, problems: SyntaxProblem[]): Expression {
  const span = spanOf(node);
  switch (node.type) {
    case 'string': return templateOf(String(node.value), span, problems);
    case 'array': return { kind: 'tuple', items: (node.children ?? []).map((child) => expressionOf(child, problems)), span };
    case 'object': return {
      kind: 'object', span, items: properties(node).map(({ name, key, value }) => ({
        // In parentheses: the key of an object of HCL would take a bare name as it is written.
        key: { kind: 'parentheses', of: templateOf(name, spanOf(key), problems), span: spanOf(key) }, value: expressionOf(value, problems),
      })),
    };
    default: return { kind: 'literal', value: (node.value ?? null) as number | boolean | null, span };
  }
}

function templateOf(text: string, span: Expression['span'], problems: SyntaxProblem[]): Expression {
  const read = readTemplateText(text, span);
  if ('expression' in read) return read.expression;
  problems.push(read.problem);
  return { kind: 'literal', value: text, span };
}

const spanOf = ({ offset, length }: Node): Expression['span'] => ({ start: offset, end: offset + length });
