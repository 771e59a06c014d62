/** HTML as a template in which every text is escaped: `html` makes markup of it, and only its own results are put in as they are. */
import { escaped } from '../core/map/svg';
import { harmless } from './terminal';

export interface Html {
  readonly markup: string;
}

type Value = string | number | Html | readonly Html[];

export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  return { markup: parts.map((part, i) => (i === 0 ? '' : markupOf(values[i - 1])) + part).join('') };
}

/** What we have made ourselves, and escaped. */
export function trusted(markup: string): Html {
  return { markup };
}

export const nothing: Html = { markup: '' };

function markupOf(value: Value): string {
  if (typeof value === 'string') return escaped(harmless(value));
  if (typeof value === 'number') return value.toLocaleString('en');
  return 'markup' in value ? value.markup : value.map(({ markup }) => markup).join('\n');
}
