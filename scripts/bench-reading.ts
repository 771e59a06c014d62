/** Our reading beside dockerfile-ast's, on the same texts by turns. */
import { DockerfileParser } from 'dockerfile-ast';
import { analyze } from '../server/src/core/analyze';
import { commandOf } from '../server/src/core/syntax/commands';
import { readDockerfile } from '../server/src/core/syntax/read';
import { byTurns, median, milliseconds, printTable, ratioOf, type Row } from './bench-measure';
import { growing } from './bench-texts';

const reading = {
  'readDockerfile': (text: string) => void readDockerfile(text),
  'reading: readDockerfile and its commands': (text: string) => void readDockerfile(text).instructions.forEach((instruction) => commandOf(instruction)),
  'analyze: reading, stages, steps, layers': (text: string) => void analyze(text),
};
const theirs = (text: string): void => void DockerfileParser.parse(text);

/** `passes`: how often the texts are read for one measurement. */
export async function benchReading(title: string, texts: readonly string[], rounds: number, passes: number): Promise<Row[]> {
  const all = (read: (text: string) => void) => () => {
    for (let pass = 0; pass < passes; pass++) for (const text of texts) read(text);
  };
  const [beside, ...ours] = await byTurns(rounds, [theirs, ...Object.values(reading)].map(all));
  const rows = Object.keys(reading).map((what, i): Row => {
    const ratio = ratioOf(ours[i], beside);
    return { what: `  ${what}`, ours: milliseconds(median(ours[i]) / passes), beside: milliseconds(median(beside) / passes), ratio, ...(i < 2 && { target: '≤ × 1.5', holds: ratio <= 1.5 }) };
  });
  printTable(`${title} (beside: dockerfile-ast's parse)`, rows);
  return rows;
}

/** Four times the text takes four times as long, sixteen times where reading is quadratic: between the two. */
const linear = 8;

export async function benchGrowth(n: number, rounds: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [what, make] of Object.entries(growing)) {
    const texts = [1, 2, 4].map((factor) => make(factor * n));
    const times = await byTurns(rounds, [...texts.map((text) => () => void analyze(text)), ...texts.map((text) => () => theirs(text))], 2);
    const [ours, others] = [times.slice(0, 3), times.slice(3)];
    const growth = ratioOf(ours[2], ours[0]);
    rows.push({
      what: `  ${what}`, ours: grown(ours), beside: grown(others), ratio: ratioOf(ours[2], others[2]),
      target: `n → 4n: < × ${linear}`, holds: growth < linear,
    });
  }
  printTable(`analyze at n = ${n / 1000} KB, 2n, 4n (beside: dockerfile-ast's parse)`, rows);
  return rows;
}

function grown(times: readonly number[][]): string {
  return `${times.map((time) => milliseconds(median(time))).join(', ')} (× ${ratioOf(times[2], times[0]).toFixed(1)})`;
}
