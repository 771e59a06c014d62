/** What the builder's cache is predicted to say of a step, in words: a few for the hint, a sentence with its cause for the rest. */
import { rebuildsOf, type Baseline } from '../baseline';
import type { Reason } from '../core/build/cache';
import type { Step } from '../core/build/model';
import type { Reading } from '../session';
import { joined, say, verbatim, type Said } from '../core/say';
import { code, plain } from './markdown';

/** Undefined where nothing would run again: then `cached` is no news. */
export function verdictWord(reading: Reading, step: Step): Said | undefined {
  switch (rebuildsOf(reading)?.of(step)?.verdict) {
    case 'rebuilt': return say('rebuilds');
    case 'if-output-differs': {
      const from = sourceOf(step);
      return from === undefined ? say('may rebuild') : say('depends on {0}', from);
    }
    case 'cached': return say('cached');
    default: return undefined;
  }
}

/** One or two sentences; empty where nothing would run again. */
export function verdictText(reading: Reading, step: Step): Said {
  const found = rebuildsOf(reading)?.of(step);
  if (!found || !reading.baseline) return verbatim('');
  const compared = comparedWith(reading.baseline.since, plain(reading.analysis.builder.label));
  switch (found.verdict) {
    case 'rebuilt': return joined([say('**Runs again**: {0}', reasonText(reading, found.reason)), compared], ' ');
    case 'if-output-differs': return joined([say('**May run again**: {0}', reasonText(reading, found.reason)), compared], ' ');
    case 'cached': return joined([say('**Cached**, if the cache of that build is still there.'), compared], ' ');
    default: return verbatim('');
  }
}

/** One sentence, its line or its file a link. */
export function reasonText(reading: Reading, reason: Reason | undefined): Said {
  if (!reason) return say('Nothing of it is in the cache.');
  const { text, line, path } = reason;
  const address = path === undefined ? undefined : reading.address(path);
  if (path !== undefined && address !== undefined) return linked(text, path, code(path), address);
  return line === undefined ? plain(text) : linked(text, say('line {0}', line), say('line {0}', line), lineAddress(reading, line));
}

/** Where the sentence has these words. */
function linked(text: Said, words: string, label: Said, address: string): Said {
  const at = text.indexOf(words);
  return at === -1 ? plain(text) : verbatim(`${plain(text.slice(0, at))}${link(label, address)}${plain(text.slice(at + words.length))}`);
}

export function lineAddress({ document }: Reading, line: number): string {
  return `${document.uri}#L${line}`;
}

function comparedWith(since: Baseline['since'], builder: Said): Said {
  switch (since) {
    case 'commit': return say('Compared with the last commit, built with {0}.', builder);
    case 'opened': return say('Compared with the file as it was opened, built with {0}.', builder);
    case 'taken': return say('Compared with what you took as built, built with {0}.', builder);
  }
}

function link(label: Said, address: string): string {
  return `[${label}](${address.replace(/[()\s<>]/g, (letter) => `%${letter.charCodeAt(0).toString(16).padStart(2, '0')}`)})`;
}

/** The stage, image or named context that it takes files from. */
function sourceOf({ command }: Step): string | undefined {
  return command.kind === 'COPY' || command.kind === 'ADD' ? command.flags.from?.text : undefined;
}
