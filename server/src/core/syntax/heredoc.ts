/** Which words of a line start a heredoc: heredocsFromLine and heredocFromMatch of parser.go at 73ed6825. */
import { headRules, type Rules } from '../builder';
import type { Meter } from '../text';
import { expand, type Lookup } from './expand';

export interface HeredocStart {
  readonly name: string;
  readonly expand: boolean;
  readonly chomp: boolean;
}

const nothingSet: Lookup = () => undefined;

export function heredocsOfLine(line: string, rules: Rules, meter?: Meter): { starts: HeredocStart[]; error?: string } {
  const { words } = expand(line, nothingSet, {
    escape: '\\', rawQuotes: true, rawEscapes: true, skipUnset: true, splitWords: true, heredocBlanks: rules.heredocBlanks, meter,
  });
  const starts: HeredocStart[] = [];
  for (const word of words) {
    const found = heredocOf(word, rules);
    if (found === undefined) continue;
    if (typeof found === 'string') return { starts, error: found };
    starts.push(found);
  }
  return { starts };
}

/** The heredoc that a word starts, if it does; a text is BuildKit's refusal of it. */
export function heredocOf(word: string, rules: Rules = headRules): HeredocStart | string | undefined {
  // ^(\d*)<<(-?)\s*([^<]*)$
  let at = 0;
  while (at < word.length && word[at] >= '0' && word[at] <= '9') at++;
  if (!word.startsWith('<<', at)) return undefined;
  at += 2;
  const chomp = word[at] === '-';
  if (chomp) at++;
  while (at < word.length && '\t\n\f\r '.includes(word[at])) at++;
  const rest = word.slice(at);
  if (rest === '' || rest.includes('<')) return undefined;
  const options = { escape: '\\', skipUnset: true, splitWords: true, heredocBlanks: rules.heredocBlanks } as const;
  const bare = expand(rest, nothingSet, options);
  if (bare.error !== undefined) return bare.error;
  if (bare.words.length !== 1) return undefined;
  const raw = expand(rest, nothingSet, { ...options, rawQuotes: true });
  if (raw.error !== undefined) return raw.error;
  if (raw.words.length !== 1) return `internal lexing of heredoc produced inconsistent results: ${rest}`;
  return { name: bare.words[0], expand: quotes(bare.words[0]) === quotes(raw.words[0]), chomp };
}

function quotes(text: string): number {
  let count = 0;
  for (const ch of text) if (ch === '"' || ch === "'") count++;
  return count;
}

/** parser.ChompHeredocContent */
export function withoutLeadingTabs(content: string): string {
  return content.replace(/(^|\n)\t+/g, '$1');
}
