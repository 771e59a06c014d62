/** Siblings that are known, since they were made: how many of them are found, how many of the found are none, and their drift. */
import { familyOf } from '../server/src/core/family/families';
import { shapeOf } from '../server/src/core/family/shape';
import { isCounted, openSiblings, type Unit } from '../server/src/core/family/siblings';
import { plantedCorpus, rates, type CorpusFile } from './families-corpus';

/** `strangers`: texts of other people, in place of the made ones that have nothing but habits in common. */
export function measurePlanted(seed = 1, strangers: readonly string[] = []): void {
  const corpus = [
    ...plantedCorpus(seed, 300, strangers.length > 0 ? 0 : 600), ...strangers.map((text, i): CorpusFile => ({ path: `stranger${i}/Dockerfile`, text, family: undefined, lines: [] })),
  ];
  const files = new Map(corpus.map((file) => [file.path, file]));
  const siblings = openSiblings();
  for (const { path, text } of corpus) siblings.set(path, shapeOf(text), `of ${path.slice(0, path.lastIndexOf('/'))}`);
  const groups = siblings.groups();
  const pairs = foundPairs(groups, files);
  const expected = expectedPairs(corpus);
  const hit = expected.filter((pair) => pairs.all.has(pair)).length;
  const shown = (share: number): string => share.toFixed(4);
  console.log(`planted: seed ${seed}, ${new Set(corpus.map(({ family }) => family)).size - 1} families of ${corpus.filter(({ family }) => family !== undefined).length} files, ${corpus.filter(({ family }) => family === undefined).length} unrelated files`);
  console.log(`rates: ${JSON.stringify(rates)}`);
  console.log(`recall, by pairs of stages: ${shown(hit / expected.length)} (${hit} of ${expected.length})`);
  console.log(`precision, by pairs of stages: ${shown(pairs.right / pairs.all.size)} (${pairs.right} of ${pairs.all.size}); of the wrong ones ${pairs.sameLayer} begin with the same layer, ${pairs.strangers} are of two unrelated files; the largest group has ${Math.max(...groups.map(({ length }) => length))} stages`);
  for (const wrong of pairs.examples.slice(0, 5)) console.log(`  wrong: ${wrong}`);
  for (const pair of expected.filter((one) => !pairs.all.has(one)).slice(0, 5)) console.log(`  not found: ${pair}`);
  drift(groups, files);
}

/** Two siblings' stages of one template, where both have two RUN, COPY or ADD steps at least: nothing less says anything. */
function expectedPairs(corpus: readonly CorpusFile[]): string[] {
  const byFamily = new Map<string, string[]>();
  for (const { path, family, text } of corpus) {
    if (family === undefined) continue;
    shapeOf(text).stages.forEach(({ steps }, stage) => {
      if (steps.filter(isCounted).length < 2) return;
      const key = `${family} ${stage}`;
      byFamily.set(key, [...byFamily.get(key) ?? [], `${path} ${stage}`]);
    });
  }
  return [...byFamily.values()].flatMap((members) => members.flatMap((a, i) => members.slice(i + 1).map((b) => pairOf(a, b))));
}

function pairOf(a: string, b: string): string {
  return a < b ? `${a} | ${b}` : `${b} | ${a}`;
}

function foundPairs(groups: readonly (readonly Unit[])[], files: ReadonlyMap<string, CorpusFile>) {
  const all = new Set<string>();
  const examples: string[] = [];
  let right = 0;
  let sameLayer = 0;
  let strangers = 0;
  for (const group of groups) {
    group.forEach((a, i) => group.slice(i + 1).forEach((b) => {
      const pair = pairOf(nameOf(a), nameOf(b));
      all.add(pair);
      const family = files.get(a.member.file)?.family;
      if (family !== undefined && family === files.get(b.member.file)?.family && a.member.stage === b.member.stage) right++;
      else {
        if (a.first !== undefined && a.first === b.first) sameLayer++;
        if (family === undefined && files.get(b.member.file)?.family === undefined) strangers++;
        examples.push(`${pair}${a.first !== undefined && a.first === b.first ? ' (the same layer)' : ''}`);
      }
    }));
  }
  return { all, right, sameLayer, strangers, examples };
}

function nameOf({ member: { file, stage } }: Unit): string {
  return `${file} ${stage}`;
}

/** A FROM by its image: stages are named as anyone likes. */
function plainText(text: string): string {
  return text.startsWith('FROM ') ? text.replace(/ AS .*/, '') : text;
}

/** An edit is to be reported where three siblings or more, and two thirds of those that have the step, have it as the template. */
function drift(groups: readonly (readonly Unit[])[], files: ReadonlyMap<string, CorpusFile>): void {
  const linesOf = (file: string, first: number, last: number): string => (files.get(file)?.text ?? '').split('\n').slice(first - 1, last).join('\n');
  const wanted = new Map<string, Set<string>>();
  const byStep = new Map<string, { file: CorpusFile; line: CorpusFile['lines'][number] }[]>();
  for (const file of files.values()) {
    if (file.family === undefined) continue;
    for (const line of file.lines) if (line.step !== undefined) {
      const key = `${file.family} ${line.stage} ${line.step}`;
      byStep.set(key, [...byStep.get(key) ?? [], { file, line }]);
    }
  }
  for (const same of byStep.values()) {
    const kept = same.filter(({ line }) => line.edit === undefined);
    const isBase = same[0].line.step === -1;
    if (kept.length < 3 || kept.length * 3 < same.length * 2) continue;
    for (const { file, line } of same) {
      if (line.edit === undefined) continue;
      const kind = isBase ? 'base' : /^(?:RUN|COPY|ADD)/.test(line.text) ? line.edit : `${line.edit} of ENV or ARG`;
      wanted.set(kind, (wanted.get(kind) ?? new Set()).add(`${file.path}:${line.line}`));
    }
  }
  const reports = groups.flatMap((group) => familyOf(group, linesOf).drift);
  const reported = new Set(reports.map(({ file, line }) => `${file}:${line}`));
  for (const [kind, places] of [...wanted].toSorted()) console.log(`drift, ${kind}: ${[...places].filter((place) => reported.has(place)).length} of ${places.size} reported`);
  for (const [kind, places] of wanted) for (const place of [...places].filter((one) => !reported.has(one) && /version|base/.test(kind)).slice(0, 4)) console.log(`  not reported: ${kind}: ${place} ${files.get(place.replace(/:\d+$/, ''))?.lines.find(({ line }) => place.endsWith(`:${line}`))?.text ?? ''}`);
  const wrong = reports.filter(({ file, line, majority }) => {
    const own = files.get(file)?.lines.find((one) => one.line === line);
    // Right is what somebody edited, beside what the template says.
    return own?.edit === undefined || !(byStep.get(`${files.get(file)?.family} ${own.stage} ${own.step}`) ?? []).some((one) => one.line.edit === undefined && plainText(one.line.text) === plainText(majority));
  });
  console.log(`drift: ${reports.length} reports, ${wrong.length} of them wrong`);
  for (const { file, line, text, majority } of wrong.slice(0, 5)) console.log(`  wrong: ${file}:${line} ${text.slice(0, 120)} / ${majority.slice(0, 120)}`);
}

