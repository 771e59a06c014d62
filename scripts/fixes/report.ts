/** What is printed of proofs: a line for each pair that is not as it should be, and the figures by rule. */
import type { Lane, Pair } from './prove';

/** Something that a fix says is not so. */
export function isWrong({ safe, differences, gain, case: { rule } }: Pair): boolean {
  // What takes files out of the image is never called safe; what leaves is still exactly what its title says.
  const mustBeSame = safe || rule === 'context-takes-unneeded';
  return (mustBeSame && differences.length > 0) || (typeof gain === 'string' && (safe || !differences.some((text) => text.startsWith('it does not build'))));
}

export function print(pair: Pair): void {
  const { case: { name }, title, safe, differences, gain } = pair;
  if (differences.length === 0 && typeof gain !== 'string') return;
  console.log(`${isWrong(pair) ? 'WRONG ' : ''}${name}: ${safe ? 'safe: ' : ''}${title}`);
  for (const text of differences.slice(0, 6)) console.log(`    ${text.split('\n').slice(-4).join(' | ').slice(0, 400)}`);
  if (differences.length > 6) console.log(`    and ${differences.length - 6} more`);
  if (typeof gain === 'string') console.log(`    gain: ${gain}`);
}

export function summary(pairs: readonly Pair[], lanes: readonly Lane[]): void {
  for (const rule of [...new Set(pairs.map((pair) => pair.case.rule))].sort()) {
    const own = pairs.filter((pair) => pair.case.rule === rule);
    const safe = own.filter((pair) => pair.safe);
    const differing = (some: readonly Pair[]): number => some.filter(({ differences }) => differences.length > 0).length;
    const claimed = own.filter(({ gain }) => gain !== undefined);
    console.log(`${rule.padEnd(24)} ${String(own.length).padStart(3)} pairs: ${safe.length} safe, of which ${differing(safe)} differ; ${own.length - safe.length} not called safe, of which ${differing(own.filter((pair) => !pair.safe))} differ; gain shown in ${claimed.filter(({ gain }) => gain === true).length} of ${claimed.length}`);
  }
  const real = pairs.filter((pair) => pair.case.base === 'real').length;
  const noisy = pairs.filter(({ noise }) => noise > 0);
  console.log(`with the real npm and apt-get: ${real} pairs; left out as noise (two builds of the same differ there): ${noisy.reduce((sum, { noise }) => sum + noise, 0)} paths in ${noisy.length} pairs`);
  const equal = lanes.reduce((sum, { predictions }) => sum + predictions.equal, 0);
  const open = lanes.reduce((sum, { predictions }) => sum + predictions.open, 0);
  const different = lanes.flatMap(({ predictions }) => predictions.different);
  for (const text of different.slice(0, 20)) console.log(`verdict: ${text}`);
  console.log(`verdicts of steps: ${equal} equal, ${different.length} different, ${open} left open`);
}
