/**
 * Predictions against builds that real engines made (server/test/data/engine.json): every row of the history, every number
 * of a step, the layers, the config. Nothing in that file is predicted.
 */
import { describe, expect, test } from 'vitest';
import recorded from './data/engine.json';
import { analyze } from '../src/core/analyze';
import { builderOf } from '../src/core/builder';
import { imageConfigOf } from '../src/core/build/config';
import { historyOf } from '../src/core/build/history';
import type { BaseImage, Facts, NamedContext, Stage } from '../src/core/build/model';

export type Row = [createdBy: string, emptyLayer: boolean];

interface Result {
  rc: number;
  error?: string;
  config?: Record<string, unknown>;
  layers: number;
  history: Row[];
  steps: [stage: string, index: number, total: number, text: string, status: string][];
}

interface Build {
  label: string;
  effective_dockerfile: string;
  build_args?: Record<string, string>;
  target?: string;
  platform?: string;
  labels?: Record<string, string>;
  contexts?: Record<string, string>;
  publish?: string;
  results: Record<string, Result | undefined>;
}

/** What the recorded base image is: its config is empty, one layer, one row without a text. */
const busybox: BaseImage = { config: {}, history: [{ createdBy: '', emptyLayer: false }] };
const engine = 'buildkit-head-73ed6825';

describe('BuildKit head makes what is predicted', () => {
  for (const experiment of (recorded as unknown as { experiments: { id: string; title: string; steps: Build[] }[] }).experiments) {
    // This engine was given every base as a named context, which takes no step number.
    const contexts: Record<string, NamedContext> = { 'busybox:lab': { image: busybox } };
    for (const build of experiment.steps) {
      const result = build.results[engine];
      if (!result) continue;
      const known: Facts = {
        buildArgs: build.build_args, target: build.target,
        platform: { build: 'linux/amd64', target: build.platform ?? 'linux/amd64', assumed: false },
        contexts: { ...contexts, ...Object.fromEntries(Object.keys(build.contexts ?? {}).map((name) => [name, { folder: true }])) },
      };
      test(`${experiment.id} ${build.label}`, () => {
        const analysis = analyze(build.effective_dockerfile, known);
        if (result.rc !== 0) {
          if (result.error === undefined || /failed to compute|did not complete/.test(result.error)) return;
          const wanted = result.error.replace(/^dockerfile parse error on line \d+: /, '');
          expect(analysis.problems.map((problem) => problem.message)).toContain(wanted);
          return;
        }
        expect(analysis.problems.filter((problem) => isBuilt(analysis.stages, problem.line))).toEqual([]);
        const target = analysis.target as number;
        const rows: Row[] = historyOf(analysis, target).map((row) => [row.createdBy ?? '(not known)', row.emptyLayer]);
        const base = baseRowsOf(analysis.stages, target);
        if (base) {
          expect([...base, ...rows]).toEqual(result.history);
          expect(base.filter(([, empty]) => !empty).length + rows.filter(([, empty]) => !empty).length).toBe(result.layers);
        } else {
          // A folder as a base has no history; the exporter puts rows for its layers at the end.
          expect(rows).toEqual(result.history.slice(0, rows.length));
        }
        expect(numbersOf(analysis.stages)).toEqual(
          // ADD of an address prints its number for the download, too.
          [...new Set(result.steps.map(([stage, index, total]) => `[${stage === '' ? '' : `${stage} `}${String(index).padStart(String(total).length)}/${total}]`))].sort(),
        );
        expect(imageConfigOf(analysis, target)).toEqual(configOf(result.config ?? {}, build.labels));
      });
      if (build.publish !== undefined && result.rc === 0) {
        contexts[build.publish] = { image: { config: result.config ?? {}, history: result.history.map(([createdBy, emptyLayer]) => ({ createdBy, emptyLayer })) } };
      }
    }
  }
});

/** What a stage that the target does not reach would refuse, no build says. */
function isBuilt(stages: readonly Stage[], line: number): boolean {
  return stages.findLast((stage) => stage.from.firstLine <= line)?.reachable ?? true;
}

/** The rows below this file's; undefined where the base is a folder. */
export function baseRowsOf(stages: readonly Stage[], target: number): Row[] | undefined {
  const { base } = stages[target];
  if (base.kind === 'stage') return baseRowsOf(stages, base.stage);
  if (base.kind === 'scratch') return [];
  return base.image?.history.map((entry) => [entry.createdBy, entry.emptyLayer]);
}

/** The brackets that a build prints, those of FROM included, each once. */
export function numbersOf(stages: readonly Stage[]): string[] {
  const numbers = stages.filter((stage) => stage.reachable).flatMap((stage) => [stage.number, ...stage.steps.map((step) => step.number)]);
  return numbers.filter((number) => number !== null).sort();
}

/** ArgsEscaped is a mark that BuildKit leaves at CMD and ENTRYPOINT, kept for Windows; OnBuild of the record stays. */
function configOf(config: Record<string, unknown>, given: Record<string, string> = {}): Record<string, unknown> {
  const { ArgsEscaped, ...rest } = config;
  void ArgsEscaped;
  // Labels that the command line gave are no instruction's.
  const labels = Object.entries((rest.Labels ?? {}) as Record<string, string>).filter(([name]) => !Object.hasOwn(given, name));
  if (labels.length === 0) delete rest.Labels;
  return rest;
}

test('a stage starts with the environment of its parent\'s config: an ARG after an ENV of the name is undone (seen on Docker 28.5)', () => {
  const analysis = analyze('FROM scratch AS a\nENV X=1\nARG X=2\nRUN a\nFROM a\nRUN b\nENV Y=$X\n');
  expect(historyOf(analysis, 1).map((row) => row.createdBy)).toEqual([
    'ENV X=1', 'ARG X=2', 'RUN |1 X=2 /bin/sh -c a # buildkit', 'RUN |1 X=1 /bin/sh -c b # buildkit', 'ENV Y=1',
  ]);
});

test('a tabbed #! in <<- is a script since BuildKit v0.27, and a text for the shell before', () => {
  const rowOf = (builder: string): string | null => historyOf(analyze('FROM scratch\nRUN <<-EOF\n\t#!/bin/sh\n\tx\nEOF\n', { builder: builderOf(builder) }), 0)[0].createdBy;
  expect(rowOf('v0.27')).toBe('RUN /bin/sh -c /dev/pipes/EOF # buildkit');
  expect(rowOf('v0.26')).toBe('RUN /bin/sh -c #!/bin/sh\nx\n # buildkit');
});
