/** Medians and ratios of things that are measured by turns, and the table that they are printed in. */

/** One line of the table; `beside` is what others take for the same. */
export interface Row {
  readonly what: string;
  readonly ours: string;
  readonly beside?: string;
  readonly ratio?: number;
  readonly target?: string;
  readonly holds?: boolean;
}

/**
 * Milliseconds of each subject, a round each: all of them by turns, so that what disturbs the machine disturbs all, and
 * another one first each time. Without what the first rounds have to warm up.
 */
export async function byTurns(rounds: number, subjects: readonly (() => void | Promise<void>)[], warmUp = 3): Promise<number[][]> {
  const times: number[][] = subjects.map(() => []);
  for (let round = -warmUp; round < rounds; round++) {
    for (let turn = 0; turn < subjects.length; turn++) {
      const subject = (turn + round + warmUp) % subjects.length;
      globalThis.gc?.();
      const began = performance.now();
      const running = subjects[subject]();
      if (running) await running;
      if (round >= 0) times[subject].push(performance.now() - began);
    }
  }
  return times;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

/** Of the rounds' ratios, not of the medians: what slows one round slows both sides of it. */
export function ratioOf(ours: readonly number[], theirs: readonly number[]): number {
  return median(ours.map((time, round) => time / theirs[round]));
}

export function milliseconds(time: number): string {
  return `${time < 10 ? time.toFixed(2) : time < 100 ? time.toFixed(1) : time.toFixed(0)} ms`;
}

export function printTable(title: string, rows: readonly Row[]): void {
  const cells = rows.map(({ what, ours, beside = '', ratio, target = '', holds }) => [
    what, ours, beside, ratio === undefined ? '' : `× ${ratio.toFixed(ratio < 0.1 ? 3 : 2)}`, target, holds === undefined ? '' : holds ? 'holds' : 'DOES NOT HOLD',
  ]);
  const head = [title, 'ours', 'beside', 'ratio', 'target', ''];
  const widths = head.map((_, column) => Math.max(...[head, ...cells].map((line) => line[column].length)));
  for (const line of [head, ...cells]) console.log(line.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join('  ').trimEnd());
  console.log('');
}
