/** format() of HCL (zclconf/go-cty, stdlib/format.go): the verbs of printf, and `%v` for a value of any type. */
import { say } from '../../core/say';
import { isUnknown, refused, toBool, toJson, toNumber, toText, type Unknown, type Value } from './hcl-values';

export function formatted(format: string, given: readonly Value[]): string | Unknown {
  let next = 0;
  let used = 0;
  let wrong: Unknown | undefined;
  const text = format.replace(/%(?:%|([ #+0-]*)(\d+)?(?:\.(\d*))?(?:\[(\d+)\])?([a-zA-Z])|)/g, (whole: string, flags: string | undefined, width: string | undefined, precision: string | undefined, index: string | undefined, verb: string | undefined) => {
    if (whole === '%%') return '%';
    if (verb === undefined) {
      wrong ??= refused(say('a % in the text of format() has no verb'));
      return '';
    }
    if (index !== undefined) next = Number(index) - 1;
    if (next >= given.length) {
      wrong ??= refused(say('format() has fewer arguments than its text asks for'));
      return '';
    }
    const shown = shownBy(verb, given[next++], flags ?? '', precision === undefined ? undefined : Number(precision));
    used = Math.max(used, next);
    if (typeof shown !== 'string') {
      wrong ??= shown;
      return '';
    }
    const wide = Math.min(1000, Number(width ?? 0));
    const zeros = flags?.includes('0') && !flags.includes('-') && 'bdoxXfFeEgG'.includes(verb);
    if (zeros) return shown.replace(/^([+-]?)(.*)$/s, (_, sign: string, digits: string) => sign + digits.padStart(wide - sign.length, '0'));
    return flags?.includes('-') ? shown.padEnd(wide) : shown.padStart(wide);
  });
  if (wrong) return wrong;
  return used < given.length ? refused(say('format() has more arguments than its text asks for')) : text;
}

function shownBy(verb: string, value: Value, flags: string, precision: number | undefined): string | Unknown {
  switch (verb) {
    case 'v': {
      if (flags.includes('#')) return toJson(value);
      if (value === null) return 'null';
      return typeof value === 'object' ? toJson(value) : (toText(value) as string);
    }
    case 's': case 'q': {
      const text = value === null ? refused(say('an argument of format() is null')) : (toText(value) as string | Unknown);
      if (typeof text !== 'string') return text;
      const cut = precision === undefined ? text : [...text].slice(0, precision).join('');
      return verb === 's' ? cut : JSON.stringify(cut);
    }
    case 't': {
      const bool = toBool(value);
      return isUnknown(bool) ? bool : String(bool);
    }
    case 'd': case 'b': case 'o': case 'x': case 'X': {
      const number = toNumber(value);
      if (isUnknown(number)) return number;
      if (!Number.isInteger(number)) return refused(say('%{0} takes a whole number', verb));
      const digits = number.toString({ d: 10, b: 2, o: 8, x: 16, X: 16 }[verb]);
      return (flags.includes('+') && number >= 0 ? '+' : '') + (verb === 'X' ? digits.toUpperCase() : digits);
    }
    case 'f': case 'F': {
      const number = toNumber(value);
      if (isUnknown(number)) return number;
      return (flags.includes('+') && number >= 0 ? '+' : '') + number.toFixed(Math.min(100, precision ?? 6));
    }
    default: return refused(say('%{0} is not evaluated here', verb));
  }
}
