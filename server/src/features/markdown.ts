/** Texts of a file → Markdown that shows them as they are: nothing in a Dockerfile becomes a link, an image or a column. */
import { verbatim, type Said } from '../core/say';

/** As code, on one line. */
export function code(text: string): Said {
  const line = text.replace(/\s+/g, ' ').trim();
  const fence = '`'.repeat(longestRun(line) + 1);
  const padding = /^`|`$/.test(line) ? ' ' : '';
  return verbatim(line === '' ? '' : `${fence}${padding}${line}${padding}${fence}`);
}

export function codeBlock(text: string, language = 'text'): Said {
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1));
  return verbatim(`${fence}${language}\n${text.replace(/\n+$/, '')}\n${fence}`);
}

/** As prose. */
export function plain(text: string): Said {
  return verbatim(text.replace(/\s+/g, ' ').replace(/[\\`*_{}[\]<>()#+!|~&-]/g, '\\$&'));
}

/** A table reads `|` even within code. */
export function cell(markdown: Said): Said {
  return verbatim(markdown.replace(/\|/g, '\\|'));
}

export function table(head: readonly Said[], rows: readonly (readonly Said[])[]): Said {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return verbatim([line(head), line(head.map(() => ':--')), ...rows.map(line)].join('\n'));
}

/** The first so many characters; a pair of surrogates stays together. */
export function cut<Text extends string>(text: Text, length: number): Text {
  if (text.length <= length) return text;
  return `${text.slice(0, length - 1).replace(/[\ud800-\udbff]$/, '')}…` as Text;
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
}
