/**
 * The findings that a project lives with, as a file: `strata check --baseline` leaves them out. A finding is known again by its rule,
 * its file and what the instructions say that it is about, not by its line; so many of the same one are left out as the file counts.
 */
import { createHash } from 'node:crypto';
import { concerned, saying } from '../core/rules/concerned';
import type { Finding } from '../core/rules/finding';
import { readDockerfile } from '../core/syntax/read';
import type { CheckedFile } from './check-files';

/** By fingerprint, how many. */
export type Baseline = ReadonlyMap<string, number>;

interface Entry {
  readonly file: string;
  readonly rule: string;
  /** For who reads it: how the first instruction begins. */
  readonly instruction: string;
  readonly fingerprint: string;
  readonly count: number;
}

const version = 1;

/** `file`: from the root of its repository. One for each finding; two that say the same have the same one. */
export function fingerprintsOf(file: string, text: string, findings: readonly Finding[]): string[] {
  return findings.length === 0 ? [] : identitiesOf(file, text, findings).map(({ fingerprint }) => fingerprint);
}

function identitiesOf(file: string, text: string, findings: readonly Finding[]): { readonly finding: Finding; readonly instruction: string; readonly fingerprint: string }[] {
  const dockerfile = readDockerfile(text);
  return findings.map((finding) => {
    const said = concerned(dockerfile, finding).map(saying);
    const own = concerned(dockerfile, { ...finding, related: [] }).map(saying)[0] ?? '';
    const fingerprint = createHash('sha256').update(JSON.stringify([finding.rule, file, own, said])).digest('hex').slice(0, 32);
    return { finding, instruction: own, fingerprint };
  });
}

/** Those that the baseline does not have; of the same one, the last are the new ones. */
export function notIn(baseline: Baseline, file: string, text: string, findings: readonly Finding[]): readonly Finding[] {
  const left = new Map(baseline);
  const fingerprints = fingerprintsOf(file, text, findings);
  return findings.filter((_, i) => {
    const count = left.get(fingerprints[i]) ?? 0;
    left.set(fingerprints[i], count - 1);
    return count <= 0;
  });
}

/** Sorted, an entry a few lines of its own: two of them can be compared, and merged, as texts. */
export function baselineText(files: readonly CheckedFile[]): string {
  const entries = new Map<string, Entry>();
  for (const { inRepository: file, text, findings } of files) {
    for (const { finding, instruction, fingerprint } of identitiesOf(file, text, findings)) {
      const shown = instruction.length > 80 ? `${instruction.slice(0, 79)}…` : instruction;
      entries.set(fingerprint, { file, rule: finding.rule, instruction: shown, fingerprint, count: (entries.get(fingerprint)?.count ?? 0) + 1 });
    }
  }
  const order = ({ file, rule, instruction, fingerprint }: Entry): string => [file, rule, instruction, fingerprint].join('\0');
  const findings = [...entries.values()].sort((a, b) => (order(a) < order(b) ? -1 : 1));
  return `${JSON.stringify({ version, findings }, undefined, 2)}\n`;
}

/** Throws an error that says what is wrong with it. */
export function baselineIn(text: string): Baseline {
  let read: unknown;
  try {
    read = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    throw new Error('it is no JSON', { cause: error });
  }
  const { version: written, findings } = Object(read) as { version?: unknown; findings?: unknown };
  if (!Array.isArray(findings)) throw new Error('it is no baseline: it has no list of findings');
  if (written !== version) throw new Error(`it is of version ${JSON.stringify(written)}, and only ${version} is known`);
  return new Map(findings.map((one: unknown, i): [string, number] => {
    const { fingerprint, count } = Object(one) as Partial<Entry>;
    if (typeof fingerprint !== 'string' || !Number.isInteger(count) || (count as number) < 1) throw new Error(`its entry ${i + 1} has no fingerprint and count`);
    return [fingerprint, count as number];
  }));
}
