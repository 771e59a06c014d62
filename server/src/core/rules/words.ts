/** Words that messages and titles of several rules share. */
import { decimal, say, verbatim, type Said } from '../say';

/** `a`, `a and b`, `a, b and 3 more` */
export function listed(names: readonly string[], most = 3): Said {
  const unique = [...new Set(names)];
  if (unique.length <= 1) return verbatim(unique.join(''));
  if (unique.length <= most) return say('{0} and {1}', unique.slice(0, -1).join(', '), unique[unique.length - 1]);
  return say('{0} and {1} more', unique.slice(0, most - 1).join(', '), unique.length - most + 1);
}

/** `800 bytes`, `12 kB`, `1.2 MB`: powers of ten, as the builder prints what it sends. */
export function bytes(count: number): Said {
  if (count < 1000) return say('{0} bytes', count);
  const units = ['kB', 'MB', 'GB'];
  let value = count / 1000;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return verbatim(`${value < 10 ? decimal(value.toFixed(1)) : Math.round(value)} ${units[unit]}`);
}

/** For the command line, which is English. */
export function plural(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
