/** The rows of images that BuildKit of three generations and the classic builder wrote, joined to their lines. */
import { describe, expect, test } from 'vitest';
import recorded from './data/engine.json';
import { analyze } from '../src/core/analyze';
import { builderOf } from '../src/core/builder';
import { chainOf, historyOf, stepsOf } from '../src/core/build/history';
import type { Analysis, BaseImage, Facts, Step } from '../src/core/build/model';
import { matchHistory } from '../src/core/image/match';

interface Build {
  label: string;
  effective_dockerfile: string;
  build_args?: Record<string, string>;
  target?: string;
  platform?: string;
  contexts?: Record<string, string>;
  publish?: string;
  results: Record<string, { rc: number; history: [string, boolean][]; config?: Record<string, unknown> } | undefined>;
}

const busybox: BaseImage = { config: {}, history: [{ createdBy: '', emptyLayer: false }] };
const engines = ['buildkit-head-73ed6825', 'docker-20.10.24-buildkit', 'docker-20.10.24-legacy'];

/** Images that were not built from the text beside them: what the row says is another text of the line. */
const builtFromOtherText: [id: string, engine: string, label: RegExp][] = [
  // Docker 20.10 did not see a Dockerfile of the same size and time.
  ['C29', 'docker-20.10.24-buildkit', /^Dockerfile changed, same size/],
  // The server of the other engine's run had another port.
  ['H02', 'docker-20.10.24-buildkit', /./],
  // The classic builder does not hand ARGs on to FROM <stage>.
  ['R03', 'docker-20.10.24-legacy', /^child FROM stage/],
];

function isOtherText(id: string, engine: string, label: string): boolean {
  return builtFromOtherText.some(([otherId, otherEngine, otherLabel]) => otherId === id && otherEngine === engine && otherLabel.test(label));
}

const counted = { rows: 0, joined: 0, same: 0, loose: 0, otherText: 0 };

describe('every row finds its line', () => {
  for (const engine of engines) for (const experiment of (recorded as unknown as { experiments: { id: string; steps: Build[] }[] }).experiments) {
    const images: Record<string, BaseImage> = { 'busybox:lab': busybox };
    for (const build of experiment.steps) {
      const result = build.results[engine];
      if (!result || result.rc !== 0) continue;
      const known: Facts = {
        images: { ...images }, buildArgs: build.build_args, target: build.target,
        platform: { build: 'linux/amd64', target: build.platform ?? 'linux/amd64', assumed: false },
        contexts: Object.fromEntries(Object.keys(build.contexts ?? {}).map((name) => [name, { folder: true }])),
      };
      test(`${experiment.id} ${build.label} (${engine})`, () => {
        const analysis = analyze(build.effective_dockerfile, known);
        const steps = writtenBy(engine, analysis);
        const history = result.history.map(([createdBy, emptyLayer]) => ({ createdBy, emptyLayer }));
        const matches = matchHistory(history, steps);
        // The rows of this file are the last ones, a row for a step, in order; rows for a folder as a base come after them.
        const own = history.length - history.filter((entry) => entry.createdBy.startsWith('local source for ')).length;
        expect(matches.map(({ row, step }) => `${row} ${step.instruction.keyword}`)).toEqual(steps.map((step, i) => `${own - steps.length + i} ${step.instruction.keyword}`));
        const others = matches.filter(({ certainty }) => certainty === 'other-text').length;
        expect(others > 0).toBe(isOtherText(experiment.id, engine, build.label));
        counted.rows += steps.length;
        counted.joined += matches.length;
        for (const { certainty } of matches) counted[certainty === 'other-text' ? 'otherText' : certainty]++;
      });
      if (build.publish !== undefined) {
        images[build.publish] = { config: result.config ?? {}, history: result.history.map(([createdBy, emptyLayer]) => ({ createdBy, emptyLayer })) };
      }
    }
  }

  test('and none is lost', () => {
    expect(counted).toMatchInlineSnapshot(`
      {
        "joined": 1864,
        "loose": 77,
        "otherText": 6,
        "rows": 1864,
        "same": 1781,
      }
    `);
  });
});

test('the texts of Docker 20.10 are predicted, too', () => {
  const builder = builderOf('docker-20.10');
  const different: string[] = [];
  let rows = 0;
  for (const experiment of (recorded as unknown as { experiments: { id: string; steps: Build[] }[] }).experiments) {
    const images: Record<string, BaseImage> = { 'busybox:lab': busybox };
    for (const build of experiment.steps) {
      const result = build.results['docker-20.10.24-buildkit'];
      if (!result || result.rc !== 0 || build.contexts || isOtherText(experiment.id, 'docker-20.10.24-buildkit', build.label)) continue;
      const analysis = analyze(build.effective_dockerfile, {
        builder, images: { ...images }, buildArgs: build.build_args, target: build.target,
        platform: { build: 'linux/amd64', target: 'linux/amd64', assumed: false },
      });
      const ours = historyOf(analysis, analysis.target as number).map((row) => row.createdBy);
      const theirs = result.history.slice(result.history.length - ours.length).map(([createdBy]) => createdBy);
      rows += theirs.length;
      ours.forEach((text, i) => {
        if (text !== theirs[i]) different.push(`${experiment.id} ${build.label}: ${text} ≠ ${theirs[i]}`);
      });
      if (build.publish !== undefined) {
        images[build.publish] = { config: result.config ?? {}, history: result.history.map(([createdBy, emptyLayer]) => ({ createdBy, emptyLayer })) };
      }
    }
  }
  expect(different).toEqual([]);
  expect(rows).toBeGreaterThan(700);
});

test('a line that was edited since is told from one that was not', () => {
  const analysis = analyze('FROM scratch\nRUN new\nCOPY a /\nCMD ["x"]\n');
  const history = [
    { createdBy: 'RUN /bin/sh -c base # buildkit', emptyLayer: false },
    { createdBy: 'RUN /bin/sh -c old # buildkit', emptyLayer: false },
    { createdBy: 'COPY a / # buildkit', emptyLayer: false },
    { createdBy: 'CMD ["x"]', emptyLayer: true },
  ];
  expect(matchHistory(history, stepsOf(analysis, 0)).map(({ row, step, certainty }) => `row ${row} ← line ${step.line}: ${certainty}`)).toEqual([
    'row 1 ← line 2: other-text', 'row 2 ← line 3: same', 'row 3 ← line 4: same',
  ]);
});

/** The classic builder writes a row for ONBUILD, too; the others none. */
function writtenBy(engine: string, analysis: Analysis): Step[] {
  const all = chainOf(analysis, analysis.target as number).flatMap((stage) => analysis.stages[stage].steps);
  return all.filter((step) => step.row !== 'none' || (engine.endsWith('legacy') && step.command.kind === 'ONBUILD'));
}
