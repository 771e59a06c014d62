/** Types of Bake's variables (HCL's ext/typeexpr): a value, or a variable's text in the environment, as the type says. */
import { say } from '../../core/say';
import type { Expression } from './hcl-model';
import { fromJson, isList, isMap, isUnknown, mapOf, refused, setOf, toBool, toNumber, toText, typeName, unknown, unknownIn, type Value } from './hcl-values';

export function convertTo(type: Expression, value: Value): Value {
  if (value === null || isUnknown(value)) return value;
  if (type.kind === 'variable') {
    switch (type.name) {
      case 'string': return toText(value);
      case 'number': return toNumber(value);
      case 'bool': return toBool(value);
      case 'any': return value;
      case 'list': case 'set': case 'tuple': case 'map': case 'object': return value;
      default: return refused(say('there is no type {0}', type.name));
    }
  }
  if (type.kind !== 'call' || type.arguments.length === 0) return refused(say('this is no type'));
  const [of] = type.arguments;
  switch (type.name) {
    case 'optional': return convertTo(of, value);
    case 'list': case 'set': {
      if (!isList(value)) return refused(say('the type is a {0}, the value {1}', type.name, typeName(value)));
      const items = value.map((item) => convertTo(of, item));
      if (type.name === 'list') return items;
      return items.map(unknownIn).find((item) => item !== undefined) ?? setOf(items);
    }
    case 'tuple': {
      if (of.kind !== 'tuple') return refused(say('tuple() takes a list of types'));
      if (!isList(value) || value.length !== of.items.length) return refused(say('the type is a tuple of {0}, the value {1}', of.items.length, typeName(value)));
      return value.map((item, i) => convertTo(of.items[i], item));
    }
    case 'map': return isMap(value) ? mapOf([...value].map(([key, item]) => [key, convertTo(of, item)])) : refused(say('the type is a map, the value {0}', typeName(value)));
    case 'object': {
      if (of.kind !== 'object') return refused(say('object() takes an object of types'));
      if (!isMap(value)) return refused(say('the type is an object, the value {0}', typeName(value)));
      const entries: [string, Value][] = [];
      for (const { key, value: inner } of of.items) {
        const name = key.kind === 'variable' ? key.name : key.kind === 'literal' ? String(key.value) : '';
        if (value.has(name)) entries.push([name, convertTo(inner, value.get(name) as Value)]);
        else if (inner.kind !== 'call' || inner.name !== 'optional') return refused(say('the type wants {0} in this object', name));
        else entries.push([name, inner.arguments[1]?.kind === 'literal' ? inner.arguments[1].value : inner.arguments[1] === undefined ? null : unknown(`the default of ${name} is not evaluated here`)]);
      }
      return mapOf(entries);
    }
    default: return refused(say('there is no type {0}()', type.name));
  }
}

/** What `NAME=text` in the environment makes of a variable with this type, or with a default of this value. */
export function fromEnvironment(type: Expression | undefined, standard: Value | undefined, text: string): Value {
  if (type === undefined) {
    if (typeof standard === 'boolean') return toBool(text.toLowerCase());
    if (typeof standard === 'number') return toNumber(text);
    if (standard === undefined || standard === null || typeof standard === 'string') return text;
    return isUnknown(standard) ? text : refused(say('the environment cannot set {0}', typeName(standard)));
  }
  if (type.kind === 'variable') return type.name === 'bool' ? toBool(text.toLowerCase()) : convertTo(type, text);
  if (type.kind === 'call' && ['list', 'set', 'tuple'].includes(type.name)) {
    if (text.includes('"')) return unknown('a quoted list in the environment is not evaluated here');
    return convertTo(type, text === '' ? [] : text.split(','));
  }
  return refused(say('the environment cannot set a variable of this type'));
}

/** `NAME_JSON=text` */
export function fromJsonEnvironment(type: Expression, text: string): Value {
  try {
    return convertTo(type, fromJson(JSON.parse(text)));
  } catch {
    return refused(say('this is no JSON'));
  }
}
