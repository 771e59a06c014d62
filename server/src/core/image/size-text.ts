import { decimal, verbatim, type Said } from '../say';

/** As docker prints sizes: decimal units, three digits, `48.2 MB`. */
export function sizeText(bytes: number): Said {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return verbatim(`${decimal(String(unit === 0 ? value : Number(value.toPrecision(3))))} ${units[unit]}`);
}
