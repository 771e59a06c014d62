/** `strata/layers`: the stages and lines of a document, for marks in the editor and the status bar. */
import { rebuildsOf } from '../baseline';
import { baseLayers, baseOf } from '../core/build/history';
import type { LayersAnswer, LineMark, StageMark } from '../protocol';
import type { Reading } from '../session';
import { rangeOf } from './convert';
import { linesOf } from './lines';
import { baseText, nameOfStage } from './words';

export function marksOf(reading: Reading): LayersAnswer {
  const { document, analysis, builds } = reading;
  const lines: LineMark[] = [];
  const ends: number[] = [];
  for (const line of linesOf(analysis)) {
    if (line.kind === 'global') continue;
    const { stage, instruction } = line;
    ends[stage.index] = instruction.span.end;
    const row = line.kind === 'step' ? line.step.row : 'none';
    lines.push({
      range: rangeOf(document, instruction.span),
      kind: row === 'empty' ? 'metadata' : row,
      stage: stage.index,
      layer: line.kind === 'step' ? line.step.layer : null,
    });
  }
  const metadata: number[] = [];
  const stages = analysis.stages.map((stage): StageMark => {
    const below = stage.base.kind === 'stage' ? metadata[stage.base.stage] : 0;
    metadata[stage.index] = below + stage.steps.filter((step) => step.row === 'empty').length;
    return {
      name: nameOfStage(stage),
      range: rangeOf(document, { start: stage.from.span.start, end: ends[stage.index] }),
      target: stage.index === analysis.target,
      reachable: stage.reachable && !stage.replaced,
      layers: stage.layers,
      metadata: metadata[stage.index],
      base: baseText(analysis, stage),
      baseLayers: baseLayers(baseOf(analysis, stage.index)) ?? null,
    };
  });
  return { version: document.version, stages, lines, builds: builds.map(({ title }) => title), rebuilds: (rebuildsOf(reading)?.again ?? 0) > 0 };
}
