/** What is printed of proofs and of refusals. */
import type { Way } from '../../server/src/core/family/model';
import { allWays, type Case } from './case';
import type { Proof } from './prove';

export interface Proved {
  readonly case: Case;
  readonly proof: Proof;
}

export interface Refused {
  readonly case: Case;
  readonly way: Way;
  readonly rule: string;
  readonly text: string;
}

/** A refused edit that was made all the same. */
export interface Needed {
  readonly name: string;
  readonly way: Way;
  /** What is answered when one asks for it; undefined: nothing is refused. */
  readonly rule: string | undefined;
  /** Empty: the edit would have been right. */
  readonly differences: readonly string[];
}

export function isWrong({ proof: { differences, rebuilt = [] } }: Proved): boolean {
  return differences.length > 0 || rebuilt.length > 0;
}

export function print(one: Proved): void {
  if (!isWrong(one)) return;
  const { case: { name }, proof: { way, differences, rebuilt = [] } } = one;
  console.log(`DIFFERENT ${name}, by ${way}`);
  for (const text of differences.slice(0, 5)) console.log(`    ${text.split('\n').slice(-8).join('\n      ').slice(0, 1200)}`);
  if (differences.length > 5) console.log(`    and ${differences.length - 5} more`);
  for (const step of rebuilt.slice(0, 5)) console.log(`    ran again: ${step.slice(0, 160)}`);
}

export function summary(proved: readonly Proved[], refused: readonly Refused[], needed: readonly Needed[]): void {
  const families = new Set(proved.map((one) => one.case));
  const fetched = [...families].filter((one) => one.fetched !== undefined);
  console.log(`families: ${families.size} (${fetched.length} of fetched repositories), siblings: ${siblingsOf(proved)} (${siblingsOf(proved.filter((one) => one.case.fetched !== undefined))} of fetched repositories)`);
  for (const way of allWays) {
    const own = proved.filter(({ proof }) => proof.way === way);
    if (own.length === 0) continue;
    const kept = own.filter(({ proof }) => proof.rebuilt !== undefined);
    const cache = way === 'tag' ? 'a tagged base keeps no cache' : `cache kept in ${kept.filter(({ proof }) => proof.rebuilt?.length === 0).length} of ${kept.length}${kept.length < own.length ? `; ${own.length - kept.length} cannot keep it (a variable is set again, or a text that changes is copied)` : ''}`;
    console.log(`${way.padEnd(8)} ${String(own.length).padStart(3)} extractions, ${own.reduce((sum, { proof }) => sum + proof.members.length, 0)} members, ${own.filter(({ proof }) => proof.differences.length > 0).length} differ; ${cache}`);
  }
  const rows = proved.flatMap(({ proof }) => proof.rows);
  const count = (kind: string): number => rows.filter((row) => row === kind).length;
  console.log(`rows of the history: ${count('equal')} equal, ${count('declared')} with an ARG declared again, ${count('order')} in another order, ${count('different')} different`);
  const differences = proved.reduce((sum, { proof }) => sum + proof.differences.length, 0);
  console.log(`differences of files and config: ${differences}`);
  const rules = [...new Set([...refused.map(({ rule }) => rule), ...needed.flatMap(({ rule }) => (rule === undefined ? [] : [rule]))])].sort();
  for (const rule of rules) {
    const made = needed.filter((one) => one.rule === rule);
    console.log(`refused: ${rule.padEnd(24)} ${String(refused.filter((one) => one.rule === rule).length).padStart(3)} times; needed in ${made.filter((one) => one.differences.length > 0).length} of ${made.length} that were built all the same`);
  }
  const unasked = needed.filter(({ rule }) => rule === undefined);
  console.log(`refused edits that were built: ${needed.length}, of which ${needed.filter(({ differences: found }) => found.length > 0).length} differ or fail${unasked.length > 0 ? `; ${unasked.length} are not refused` : ''}`);
}

/** A family that was put into one file for a way has its siblings once all the same. */
export function siblingsOf(proved: readonly Proved[]): number {
  const count = (some: readonly Proved[]): number => new Set(some.flatMap(({ proof }) => proof.members.map(({ file, stage }) => `${file} ${stage}`))).size;
  return [...new Set(proved.map((one) => one.case))].map((one) => proved.filter((other) => other.case === one))
    .reduce((sum, own) => sum + Math.max(count(own.filter(({ proof }) => proof.way === 'stage')), count(own.filter(({ proof }) => proof.way !== 'stage'))), 0);
}
