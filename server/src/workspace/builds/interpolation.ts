/** `${NAME:-x}` in Compose files (compose-go, template/template.go), and `.env` files (dotenv/parser.go). */
import { say, type Said } from '../../core/say';

/** Undefined: not set. Null: nobody knows. */
export type Lookup = (name: string) => string | undefined | null;

export interface Interpolated {
  /** Null: a variable in it is not known. */
  readonly text: string | null;
  readonly unknown?: string;
  readonly problem?: Said;
}

export function interpolate(template: string, lookup: Lookup, depth = 0): Interpolated {
  let text = '';
  let at = 0;
  while (at < template.length) {
    const dollar = template.indexOf('$', at);
    if (dollar === -1) return { text: text + template.slice(at) };
    text += template.slice(at, dollar);
    const next = template[dollar + 1];
    if (next === '$') {
      text += '$';
      at = dollar + 2;
      continue;
    }
    const name = /^[_a-zA-Z]\w*/.exec(template.slice(dollar + (next === '{' ? 2 : 1)))?.[0];
    if (name === undefined) {
      if (next === '{') return { text: null, problem: say('{0} is no template: behind ${ a name is expected.', short(template)) };
      text += '$';
      at = dollar + 1;
      continue;
    }
    if (next !== '{') {
      const value = lookup(name);
      if (value === null) return { text: null, unknown: name };
      text += value ?? '';
      at = dollar + 1 + name.length;
      continue;
    }
    const close = closing(template, dollar + 1);
    if (close === -1 || depth > 50) return { text: null, problem: say('{0} is no template: its } is missing.', short(template)) };
    const rest = template.slice(dollar + 2 + name.length, close);
    const value = substituted(name, rest, lookup, depth);
    if (value.text === null) return value;
    text += value.text;
    at = close + 1;
  }
  return { text };
}

function substituted(name: string, rest: string, lookup: Lookup, depth: number): Interpolated {
  const operator = /^:?[-+?]/.exec(rest)?.[0] ?? '';
  if (operator === '' && rest !== '') return { text: null, problem: say('{0} is no template.', short(`\${${name}${rest}}`)) };
  const value = lookup(name);
  const word = rest.slice(operator.length);
  // Not known, but with a default: what the project says, where nothing else is said.
  const set = value !== undefined && value !== null && (operator.startsWith(':') ? value !== '' : true);
  switch (operator.at(-1)) {
    case '-': return set ? { text: value } : interpolate(word, lookup, depth + 1);
    case '+': return value === null ? { text: null, unknown: name } : set ? interpolate(word, lookup, depth + 1) : { text: value ?? '' };
    case '?': {
      if (set) return { text: value };
      return value === null ? { text: null, unknown: name } : { text: null, problem: word === '' ? say('The variable {0} is needed.', name) : say('The variable {0} is needed: {1}.', name, word) };
    }
    default: return value === null ? { text: null, unknown: name } : { text: value ?? '' };
  }
}

const short = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}…` : text);

function closing(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    if (text[at] === '{') depth++;
    else if (text[at] === '}' && --depth === 0) return at;
  }
  return -1;
}

/** `lookup`: what the variables in its values stand for where the file does not set them. */
export function readEnvFile(text: string, lookup: Lookup): Record<string, string> {
  const values: Record<string, string> = {};
  const inner: Lookup = (name) => lookup(name) ?? (Object.hasOwn(values, name) ? values[name] : undefined);
  const line = /^[ \t]*(?:export[ \t]+)?([\w.[\]-]+)[ \t]*[=:][ \t]*(?:'((?:[^'\\]|\\[\s\S])*)'|"((?:[^"\\]|\\[\s\S])*)"|([^\r\n]*))/gm;
  const lines = text.replace(/^\ufeff/, '');
  for (let match = line.exec(lines); match; match = line.exec(lines)) {
    const [, name, single, double, bare] = match;
    if (single !== undefined) values[name] = single.replaceAll("\\'", "'");
    else {
      const raw = double === undefined ? bare.replace(/(?:^|\s)#.*$/, '').trimEnd() : double.replaceAll('\\"', '"').replace(/\\([nrt\\$])/g, (_, ch: string) => ({ n: '\n', r: '\r', t: '\t', '\\': '\\', $: '$$' })[ch] ?? ch);
      values[name] = interpolate(raw, inner).text ?? '';
    }
  }
  return values;
}
