/** What only the build of COPY, ADD and STOPSIGNAL refuses: convert_copy.go dispatchCopy, moby/sys/signal. */
import type { Rules } from '../builder';

export interface Checked {
  readonly chmod?: string | null;
  readonly checksum?: string | null;
  readonly sources?: readonly (string | null)[];
  readonly signal?: string;
}

export function commandRefusal(kind: 'COPY' | 'ADD' | 'STOPSIGNAL', checked: Checked, rules: Rules): string | undefined {
  if (kind === 'STOPSIGNAL') return isSignal(checked.signal ?? '') ? undefined : `invalid signal: ${checked.signal}`;
  const { chmod, checksum } = checked;
  const sources = checked.sources ?? [];
  if (chmod && rules.chmodChecked && !isMode(chmod)) {
    return `invalid chmod parameter: '${chmod}'. it should be octal string and between 0 and 07777`;
  }
  if (checksum) {
    if (sources.length !== 1) return "checksum can't be specified for multiple sources";
    const [source] = sources;
    if (typeof source === 'string' && !isHttp(source) && !isGit(source)) return 'checksum requires HTTP(S) or Git sources';
  }
  if (kind === 'COPY') for (const source of sources) {
    if (source === null) continue;
    if (isGit(source)) return "source can't be a git ref for COPY";
    if (isHttp(source)) return "source can't be a URL for COPY";
  }
  return undefined;
}

function isHttp(source: string): boolean {
  return /^https?:\/\//.test(source) && !isGit(source);
}

/** ADD fetches it: no file of the context. */
export function isRemote(source: string): boolean {
  return isHttp(source) || isGit(source);
}

/** dfgitutil.ParseGitRef: `git://`, `ssh://`, `git@host:path`, and http addresses whose path ends in .git. */
export function isGit(source: string): boolean {
  if (/^(git|ssh):\/\//i.test(source)) return true;
  if (/^https?:\/\//i.test(source)) return /^https?:\/\/[^/?#]+[^?#]*\.git(?:[?#]|$)/i.test(source);
  return /^[a-zA-Z0-9-_]+@[a-zA-Z0-9-.]+:(.*?)(\?(.*?))?(#(.*))?$/.test(source) && !source.startsWith('./') && !source.startsWith('../');
}

function isMode(text: string): boolean {
  if (/^[0-7]+$/.test(text)) return Number.parseInt(text, 8) <= 0o7777;
  return text.split(',').every((clause) => /^[ugoa]*([-+=]([rwxXst]*|[ugo]))+$/.test(clause));
}

const signals = new Set([
  'ABRT', 'ALRM', 'BUS', 'CHLD', 'CLD', 'CONT', 'FPE', 'HUP', 'ILL', 'INT', 'IO', 'IOT', 'KILL', 'PIPE', 'POLL', 'PROF', 'PWR', 'QUIT',
  'SEGV', 'STKFLT', 'STOP', 'SYS', 'TERM', 'TRAP', 'TSTP', 'TTIN', 'TTOU', 'URG', 'USR1', 'USR2', 'VTALRM', 'WINCH', 'XCPU', 'XFSZ',
  'RTMIN', 'RTMAX',
]);

function isSignal(text: string): boolean {
  if (/^[+-]?\d+$/.test(text)) return Number(text) !== 0;
  const name = text.toUpperCase().replace(/^SIG/, '');
  const realTime = /^RT(?:MIN\+|MAX-)(\d+)$/.exec(name);
  if (realTime) return Number(realTime[1]) >= 1 && Number(realTime[1]) <= (name.startsWith('RTMIN') ? 15 : 14);
  return signals.has(name);
}
