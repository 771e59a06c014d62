/** Expressions of HCL → values, after hclsyntax. A variable, a function or a block is asked of `Scope`, which may not know it. */
import { say, verbatim } from '../../core/say';
import { splatItem, type Expression, type TemplatePart } from './hcl-model';
import {
  equal, isList, isMap, isSet, isUnknown, longest, mapOf, refused, setOf, toBool, toNumber, toText, typeName, unknown, unknownIn, type Unknown, type Value,
} from './hcl-values';

export interface Scope {
  readonly variable: (name: string) => Value;
  /** What `target.web.args` and the like stand for, from the names behind the block's type; undefined where that is no block's type. */
  readonly block: (type: string, names: readonly string[]) => Value | undefined;
  readonly call: (name: string, given: readonly Value[]) => Value;
  /** What all evaluations of a file may cost together. */
  readonly budget: { steps: number; depth: number };
}

export function evaluate(expression: Expression, scope: Scope): Value {
  const { budget } = scope;
  if (budget.steps-- <= 0 || budget.depth > 1000) return unknown('evaluating this file takes too long');
  budget.depth++;
  const value = evaluated(expression, scope);
  budget.depth--;
  return value;
}

function evaluated(expression: Expression, scope: Scope): Value {
  switch (expression.kind) {
    case 'literal': return expression.value;
    case 'unread': return unknown('it cannot be read');
    case 'parentheses': return evaluate(expression.of, scope);
    case 'variable': return scope.variable(expression.name);
    case 'template': return ofTemplate(expression.parts, scope);
    case 'attribute': return ofAttribute(expression, scope);
    case 'index': return indexed(evaluate(expression.of, scope), evaluate(expression.index, scope));
    case 'splat': {
      const of = evaluate(expression.of, scope);
      if (isUnknown(of)) return of;
      const items = of === null ? [] : isList(of) ? of : [of];
      return items.map((item) => evaluate(expression.each, withVariables(scope, { [splatItem]: item })));
    }
    case 'call': return ofCall(expression, scope);
    case 'unary': {
      const of = evaluate(expression.of, scope);
      if (expression.operator === '!') {
        const bool = toBool(of);
        return isUnknown(bool) ? bool : !bool;
      }
      const number = toNumber(of);
      return isUnknown(number) ? number : -number;
    }
    case 'binary': return ofBinary(expression.operator, evaluate(expression.left, scope), evaluate(expression.right, scope));
    case 'conditional': {
      const condition = toBool(evaluate(expression.condition, scope));
      if (isUnknown(condition)) return condition;
      const yes = evaluate(expression.yes, scope);
      const no = evaluate(expression.no, scope);
      return unified(condition ? yes : no, condition ? no : yes);
    }
    case 'tuple': return expression.items.map((item) => evaluate(item, scope));
    case 'object': {
      const entries: [string, Value][] = [];
      for (const { key, value } of expression.items) {
        const name = key.kind === 'variable' ? key.name : toText(evaluate(key, scope));
        if (name === null) return refused(say('the key of an object is null'));
        if (typeof name !== 'string') return name;
        entries.push([name, evaluate(value, scope)]);
      }
      return mapOf(entries);
    }
    case 'for': return ofFor(expression, scope);
  }
}

export function withVariables(scope: Scope, variables: Readonly<Record<string, Value>>): Scope {
  return { ...scope, variable: (name) => (Object.hasOwn(variables, name) ? variables[name] : scope.variable(name)) };
}

/** `target.web.args.A` is one reference, so that only what it names is evaluated. */
function ofAttribute(expression: Expression & { kind: 'attribute' }, scope: Scope): Value {
  const names: string[] = [];
  let root: Expression = expression;
  while (root.kind === 'attribute' || (root.kind === 'index' && root.index.kind === 'literal')) {
    names.unshift(root.kind === 'attribute' ? root.name : String((root.index as Expression & { kind: 'literal' }).value));
    root = root.of;
  }
  if (root.kind === 'variable') {
    const value = scope.block(root.name, names);
    if (value !== undefined) return value;
  }
  const of = evaluate(expression.of, scope);
  if (isUnknown(of)) return of;
  if (isMap(of)) return of.get(expression.name) ?? (of.has(expression.name) ? null : refused(say('there is no {0} in this object', expression.name)));
  return refused(say('{0} has no {1}', typeName(of), expression.name));
}

export function indexed(of: Value, index: Value): Value {
  if (isUnknown(of)) return of;
  if (isUnknown(index)) return index;
  if (isList(of)) {
    const at = toNumber(index);
    if (isUnknown(at)) return at;
    return at in of ? of[at] : refused(say('there is no element {0} in a list of {1}', at, of.length));
  }
  if (isMap(of)) {
    const key = toText(index);
    if (typeof key !== 'string') return key ?? refused(say('an index is null'));
    return of.has(key) ? (of.get(key) as Value) : refused(say('there is no {0} in this object', key));
  }
  return refused(say('{0} has no elements', typeName(of)));
}

function ofCall({ name, arguments: given, expanded }: Expression & { kind: 'call' }, scope: Scope): Value {
  const values = given.map((argument) => evaluate(argument, scope));
  if (name === 'try') return values.find((value) => !(unknownIn(value)?.refused ?? false)) ?? refused(say('none of what try() is given can be evaluated'));
  if (name === 'can') {
    const inner = unknownIn(values[0] ?? refused(verbatim('')));
    return inner === undefined || (inner.refused ? false : inner);
  }
  if (!expanded) return scope.call(name, values);
  const last = values.pop() ?? null;
  if (isUnknown(last)) return last;
  return isList(last) ? scope.call(name, [...values, ...last]) : refused(say('... takes a list, not {0}', typeName(last)));
}

function ofBinary(operator: string, left: Value, right: Value): Value {
  const unclear = unknownIn(left) ?? unknownIn(right);
  if (operator === '&&' || operator === '||') {
    const a = toBool(left);
    const b = toBool(right);
    // What either side settles alone is settled.
    if (a === (operator === '||') || b === (operator === '||')) return unclear?.refused ? unclear : operator === '||';
    return isUnknown(a) ? a : b;
  }
  if (unclear) return unclear;
  if (operator === '==') return equal(left, right);
  if (operator === '!=') return !equal(left, right);
  const a = toNumber(left);
  const b = toNumber(right);
  if (isUnknown(a)) return a;
  if (isUnknown(b)) return b;
  switch (operator) {
    case '+': return a + b;
    case '-': return a - b;
    case '*': return a * b;
    case '/': return b === 0 ? refused(say('this divides by zero')) : a / b;
    case '%': return b === 0 ? refused(say('this divides by zero')) : a % b;
    case '<': return a < b;
    case '<=': return a <= b;
    case '>': return a > b;
    default: return a >= b;
  }
}

/** Both branches of a condition have one type; of a string and another primitive that is string. */
function unified(value: Value, other: Value): Value {
  if (isUnknown(value)) return value;
  if (isList(value) && isSet(other)) return unknownIn(value) ?? setOf(value);
  if (value === null || other === null || isUnknown(other) || typeof value === typeof other) return value;
  if (typeof value === 'object' || typeof other === 'object') return refused(say('one branch of this condition is {0}, the other {1}', typeName(value), typeName(other)));
  return typeof value === 'string' || typeof other === 'string' ? toText(value) : refused(say('one branch of this condition is {0}, the other {1}', typeName(value), typeName(other)));
}

function ofTemplate(parts: readonly TemplatePart[], scope: Scope): Value {
  // "${x}" alone is x, whatever its type.
  if (parts.length === 1 && parts[0].kind === 'value') return evaluate(parts[0].value, scope);
  let text = '';
  for (const part of parts) {
    const more = textOf(part, scope);
    if (typeof more !== 'string') return more;
    text += more;
    if (text.length > longest) return unknown('this text gets too long');
  }
  return text;
}

function textOf(part: TemplatePart, scope: Scope): string | Unknown {
  switch (part.kind) {
    case 'text': return part.text;
    case 'value': {
      const text = toText(evaluate(part.value, scope));
      return text ?? refused(say('a ${} in this text is null'));
    }
    case 'if': {
      const condition = toBool(evaluate(part.condition, scope));
      if (isUnknown(condition)) return condition;
      return joined(condition ? part.yes : part.no, scope);
    }
    case 'for': {
      const entries = entriesOf(evaluate(part.collection, scope));
      if (isUnknown(entries)) return entries;
      let text = '';
      for (const [index, item] of entries) {
        const more = joined(part.parts, withVariables(scope, { ...(part.index && { [part.index]: index }), [part.item]: item }));
        if (typeof more !== 'string') return more;
        text += more;
        if (text.length > longest) return unknown('this text gets too long');
      }
      return text;
    }
  }
}

function joined(parts: readonly TemplatePart[], scope: Scope): string | Unknown {
  let text = '';
  for (const part of parts) {
    const more = textOf(part, scope);
    if (typeof more !== 'string') return more;
    text += more;
  }
  return text;
}

function entriesOf(collection: Value): (readonly [Value, Value])[] | Unknown {
  if (isUnknown(collection)) return collection;
  if (isList(collection)) return collection.map((item, i) => [i, item]);
  return isMap(collection) ? [...collection] : refused(say('a for goes over a list or an object, not over {0}', typeName(collection)));
}

function ofFor(loop: Expression & { kind: 'for' }, scope: Scope): Value {
  const entries = entriesOf(evaluate(loop.collection, scope));
  if (isUnknown(entries)) return entries;
  const items: Value[] = [];
  const named: [string, Value][] = [];
  const keys = new Set<string>();
  for (const [index, item] of entries) {
    const inner = withVariables(scope, { ...(loop.index && { [loop.index]: index }), [loop.item]: item });
    if (loop.condition) {
      const wanted = toBool(evaluate(loop.condition, inner));
      if (isUnknown(wanted)) return wanted;
      if (!wanted) continue;
    }
    const value = evaluate(loop.value, inner);
    if (loop.key === undefined) items.push(value);
    else {
      const key = toText(evaluate(loop.key, inner));
      if (typeof key !== 'string') return key ?? refused(say('the key of an object is null'));
      if (!loop.grouped && keys.has(key)) return refused(say('two elements of this for have the key {0}', key));
      keys.add(key);
      named.push([key, value]);
    }
  }
  if (loop.key === undefined) return items;
  if (!loop.grouped) return mapOf(named);
  const groups = new Map<string, Value[]>();
  for (const [key, value] of named) {
    const group = groups.get(key);
    if (group) group.push(value);
    else groups.set(key, [value]);
  }
  return mapOf(groups);
}
