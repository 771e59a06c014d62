/** What HCL's text becomes: blocks, attributes and expressions, each with its place. */
import type { Said } from '../../core/say';
import type { Span } from '../../core/text';

export interface Body {
  readonly attributes: readonly Attribute[];
  readonly blocks: readonly Block[];
}

export interface Attribute {
  readonly name: string;
  readonly nameSpan: Span;
  readonly value: Expression;
}

export interface Block {
  readonly type: string;
  readonly labels: readonly string[];
  /** Type and labels. */
  readonly span: Span;
  readonly body: Body;
}

export type Expression = { readonly span: Span } & (
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
  | { readonly kind: 'template'; readonly parts: readonly TemplatePart[] }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'attribute'; readonly of: Expression; readonly name: string }
  | { readonly kind: 'index'; readonly of: Expression; readonly index: Expression }
  /** `of[*].a.b`: `each` is applied to every element, which it calls by a name that no text can have. */
  | { readonly kind: 'splat'; readonly of: Expression; readonly each: Expression }
  | { readonly kind: 'call'; readonly name: string; readonly arguments: readonly Expression[]; readonly expanded: boolean }
  | { readonly kind: 'unary'; readonly operator: '-' | '!'; readonly of: Expression }
  | { readonly kind: 'binary'; readonly operator: string; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'conditional'; readonly condition: Expression; readonly yes: Expression; readonly no: Expression }
  | { readonly kind: 'tuple'; readonly items: readonly Expression[] }
  | { readonly kind: 'object'; readonly items: readonly { readonly key: Expression; readonly value: Expression }[] }
  | { readonly kind: 'for'; readonly index: string | undefined; readonly item: string; readonly collection: Expression; readonly key: Expression | undefined; readonly value: Expression; readonly grouped: boolean; readonly condition: Expression | undefined }
  /** What could not be read, and has its problem. */
  | { readonly kind: 'unread' }
  /** `( … )`: as the key of an object, a name in parentheses is a variable. */
  | { readonly kind: 'parentheses'; readonly of: Expression }
);

export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'value'; readonly value: Expression }
  | { readonly kind: 'if'; readonly condition: Expression; readonly yes: readonly TemplatePart[]; readonly no: readonly TemplatePart[] }
  | { readonly kind: 'for'; readonly index: string | undefined; readonly item: string; readonly collection: Expression; readonly parts: readonly TemplatePart[] };

export interface SyntaxProblem {
  readonly message: Said;
  readonly span: Span;
}

/** The name by which the `each` of a splat calls its element. */
export const splatItem = '*';

/** The variables that an expression reads from around it. */
export function variablesIn(expression: Expression | TemplatePart, bound: readonly string[] = []): string[] {
  if (expression.kind === 'variable') return bound.includes(expression.name) ? [] : [expression.name];
  const inner = expression.kind === 'for' ? [...bound, expression.item, expression.index ?? expression.item] : bound;
  const children = Object.entries(expression).flatMap(([field, value]: [string, unknown]): [string, unknown][] => (Array.isArray(value) ? value.map((item): [string, unknown] => [field, item]) : [[field, value]]));
  return children.flatMap(([field, child]) => {
    if (typeof child !== 'object' || child === null) return [];
    if ('kind' in child) return variablesIn(child as Expression | TemplatePart, field === 'collection' ? bound : inner);
    // An item of an object: a bare name as its key is a text.
    if ('key' in child && 'value' in child) {
      const { key, value } = child as { key: Expression; value: Expression };
      return [...(key.kind === 'variable' ? [] : variablesIn(key, inner)), ...variablesIn(value, inner)];
    }
    return [];
  });
}
