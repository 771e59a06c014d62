/** The same mend where the source is copied in the stage below: the installs move down into it, to stand before the copy. */
import type { Context } from '../build/context';
import type { Analysis, Step } from '../build/model';
import type { Hoist } from './hoist';
import { asLines, lineBreakOf, regionOf } from './lines';
import { manifestLines, neededFirst, type Mend } from './mend';
import { say } from '../say';
import { isOpaque } from './runs';

/** Undefined where something stands between that may not be passed. */
export function mendAcross(analysis: Analysis, hoist: Hoist, context: Context | undefined): Mend | undefined {
  const { dockerfile, stages } = analysis;
  const [first] = hoist.copies;
  const { base } = hoist.stage;
  if (base.kind !== 'stage' || hoist.copies.some(({ step }) => step.stage !== base.stage || step.trigger !== undefined) || isOpaque(hoist.last)) return undefined;
  const below = stages[base.stage];
  const own = below.steps.filter((step) => step.trigger === undefined);
  const moved = hoist.stage.steps.slice(0, hoist.stage.steps.indexOf(hoist.last.step) + 1);
  const runs = new Set([...hoist.installs.map(({ run }) => run.step), ...hoist.packages.map(({ step }) => step)]);
  // What is moved, and what it is moved past, must leave each other alone.
  if (moved.some((step) => step.trigger !== undefined || (!runs.has(step) && (step.command.kind === 'RUN' || setsState(step))))) return undefined;
  if (own.slice(own.indexOf(first.step)).some((step) => step.command.kind === 'RUN' || setsState(step))) return undefined;
  const needed = neededFirst(hoist, own, first);
  const lineBreak = lineBreakOf(dockerfile.text);
  const manifests = needed && manifestLines(needed, first, dockerfile.text, context, lineBreak);
  if (needed === undefined || manifests === undefined) return undefined;
  const regions = moved.filter((step) => runs.has(step)).map(({ instruction }) => regionOf(dockerfile, instruction));
  const texts = regions.map(({ start, end }) => asLines(dockerfile.text.slice(start, end), lineBreak)).join('');
  const at = regionOf(dockerfile, first.step.instruction).start;
  return {
    first: needed.map(({ origin }) => origin),
    edits: [{ file: null, span: { start: at, end: at }, text: manifests + texts }, ...regions.map((span) => ({ file: null, span, text: '' }))],
    obstacles: [say('stage {0} has what they install, too', below.name ?? below.index), ...new Set(hoist.installs.flatMap((one) => one.obstacles))],
  };
}

/** A later RUN runs in another state for it, or finds other files. */
function setsState({ command, row }: Step): boolean {
  return ['ENV', 'ARG', 'WORKDIR', 'USER', 'SHELL'].includes(command.kind) || (row === 'layer' && command.kind === 'COPY' && command.flags.from !== undefined);
}
