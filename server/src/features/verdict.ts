/** What the builder's cache is predicted to say of a step, in words: a few for the hint, a sentence with its cause for the rest. */
import { rebuildsOf, type Baseline } from '../baseline';
import type { Reason } from '../core/build/cache';
import type { Step } from '../core/build/model';
import type { Reading } from '../session';
import { code, plain } from './markdown';

/** Undefined where nothing would run again: then `cached` is no news. */
export function verdictWord(reading: Reading, step: Step): string | undefined {
  switch (rebuildsOf(reading)?.of(step)?.verdict) {
    case 'rebuilt': return 'rebuilds';
    case 'if-output-differs': {
      const from = sourceOf(step);
      return from === undefined ? 'may rebuild' : `depends on ${from}`;
    }
    case 'cached': return 'cached';
    default: return undefined;
  }
}

/** One or two sentences; empty where nothing would run again. */
export function verdictText(reading: Reading, step: Step): string {
  const found = rebuildsOf(reading)?.of(step);
  if (!found || !reading.baseline) return '';
  const { label } = reading.analysis.builder;
  const compared = `Compared with ${sinceWhat[reading.baseline.since]}, built with ${plain(label)}.`;
  switch (found.verdict) {
    case 'rebuilt': return `**Runs again**: ${reasonText(reading, found.reason)} ${compared}`;
    case 'if-output-differs': return `**May run again**: ${reasonText(reading, found.reason)} ${compared}`;
    case 'cached': return `**Cached**, if the cache of that build is still there. ${compared}`;
    default: return '';
  }
}

/** One sentence, its line or its file a link. */
export function reasonText(reading: Reading, reason: Reason | undefined): string {
  if (!reason) return 'Nothing of it is in the cache.';
  const { text, line, path } = reason;
  const address = path === undefined ? undefined : reading.address(path);
  if (path !== undefined && address !== undefined && text.startsWith(path)) return `${link(path, address)}${plain(text.slice(path.length))}`;
  const [before, after] = line === undefined ? [text] : text.split(`line ${line}`);
  return after === undefined ? plain(text) : `${plain(before)}${link(`line ${line}`, lineAddress(reading, line!))}${plain(after)}`;
}

export function lineAddress({ document }: Reading, line: number): string {
  return `${document.uri}#L${line}`;
}

const sinceWhat: Readonly<Record<Baseline['since'], string>> = {
  commit: 'the last commit', opened: 'the file as it was opened', taken: 'what you took as built',
};

function link(text: string, address: string): string {
  const label = /^line \d+$/.test(text) ? text : code(text);
  return `[${label}](${address.replace(/[()\s<>]/g, (letter) => `%${letter.charCodeAt(0).toString(16).padStart(2, '0')}`)})`;
}

/** The stage, image or named context that it takes files from. */
function sourceOf({ command }: Step): string | undefined {
  return command.kind === 'COPY' || command.kind === 'ADD' ? command.flags.from?.text : undefined;
}
