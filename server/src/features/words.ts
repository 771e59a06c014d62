/** The layer model in words: why a line is a layer or not, what its statement rests on, what a stage is called. */
import { assumptionsOf, baseLayers, baseOf, chainOf, stepsOf } from '../core/build/history';
import type { Analysis, Base, Stage, Step } from '../core/build/model';
import { assumptionTexts } from '../core/build/table';
import { code, count } from './markdown';

/** One sentence. */
export function why(step: Step): string {
  const { keyword } = step.instruction;
  if (step.row === 'none') {
    return keyword === 'ONBUILD' ? 'ONBUILD writes no row here: it runs in images that are built FROM this one.' : 'It writes no row.';
  }
  if (keyword === 'WORKDIR') {
    return step.row === 'empty' ? '`WORKDIR /` is metadata: an empty row in the history, no layer.'
      : 'WORKDIR writes a layer: the directory, even where it exists already.';
  }
  if (step.row === 'empty') return `${keyword} is metadata: an empty row in the history, no layer.`;
  if (keyword === 'RUN') return 'RUN writes a layer: the files that the command changes.';
  return `${keyword} writes a layer: the files that it copies.`;
}

/** What the statements about a stage's image rest on, said on its FROM: what the FROM of a parent stage says is not said again. */
export function assumedOn(analysis: Analysis, { index, base }: Stage): string {
  const said = base.kind === 'stage' ? assumptionsOf(analysis, base.stage) : [];
  const assumptions = assumptionsOf(analysis, index).filter((assumption) => !said.includes(assumption));
  return assumptions.length === 0 ? '' : `Assumed: ${assumptions.map((assumption) => assumptionTexts[assumption]).join('; ')}.`;
}

/** As the file names it, else by what it is built from. */
export function nameOfStage(stage: Stage): string {
  return stage.name ?? nameOfBase(stage.base) ?? `stage ${stage.index}`;
}

/** What `docker build --target` takes. */
export function targetName(stage: Stage): string {
  return stage.name ?? String(stage.index);
}

/** Undefined: it depends on a value that is not known, or is a stage. */
export function nameOfBase(base: Base): string | undefined {
  switch (base.kind) {
    case 'scratch': return 'scratch';
    case 'image': return base.reference ?? undefined;
    case 'context': return base.name;
    case 'stage': return undefined;
  }
}

/** What FROM brings, and what the stage adds to it. */
export function fromWhat(analysis: Analysis, stage: Stage): string {
  const rows = stage.steps.filter((step) => step.row !== 'none');
  const layers = rows.filter((step) => step.row === 'layer').length;
  return `${belowText(analysis, stage)}; this stage adds ${rowsText(layers, rows.length - layers)}.`;
}

function belowText(analysis: Analysis, { base }: Stage): string {
  if (base.kind === 'scratch') return '`scratch` is empty';
  if (base.kind === 'stage') {
    const below = stepsOf(analysis, base.stage);
    const layers = below.filter((step) => step.row === 'layer').length;
    return `FROM continues stage ${code(nameOfStage(analysis.stages[base.stage]))}, which has ${rowsText(layers, below.length - layers)}`;
  }
  const name = nameOfBase(base);
  const named = name === undefined ? 'The base image' : `The ${base.kind === 'context' ? 'named context' : 'base image'} ${code(name)}`;
  if (base.image) return `${named} brings ${count(base.image.history.length, 'row')}, ${count(baseLayers(base) ?? 0, 'layer')}`;
  if (name === undefined) return `${named} depends on a value that is not known`;
  return `${named} brings rows and layers of its own, not known without ${base.kind === 'context' ? 'it' : 'the image'}`;
}

function rowsText(layers: number, metadata: number): string {
  const parts = [layers === 0 ? '' : count(layers, 'layer'), metadata === 0 ? '' : count(metadata, 'metadata row')];
  return parts.filter((part) => part !== '').join(' and ') || 'nothing';
}

/** What lies at the bottom of a stage's chain. */
export function baseText(analysis: Analysis, stage: Stage): string {
  const base = baseOf(analysis, stage.index);
  const layers = baseLayers(base);
  const name = nameOfBase(base);
  if (base.kind === 'scratch') return 'scratch, which is empty';
  return `${name ?? 'a base that is not known'}${layers === undefined ? '' : `, ${count(layers, 'layer')}`}`;
}

/** Why the layers of a stage are not in the image that is built; undefined where they are. */
export function notInTarget(analysis: Analysis, stage: Stage): string | undefined {
  if (stage.replaced) return `Not built: the named context ${code(stage.name ?? '')} stands in its place.`;
  if (analysis.target === undefined || targetChain(analysis).has(stage.index)) return undefined;
  const { name } = analysis.stages[analysis.target];
  const target = name === null ? 'the target' : `the target ${code(name)}`;
  if (stage.reachable) return `The layers of this stage stay in the build cache: ${target} takes files from them, and does not inherit them.`;
  return `Not built: ${target} needs nothing of it. ${code(`docker build --target ${targetName(stage)}`)} builds it.`;
}

const targetChains = new WeakMap<Analysis, ReadonlySet<number>>();

/** Once for an analysis: every hint asks. */
function targetChain(analysis: Analysis): ReadonlySet<number> {
  let chain = targetChains.get(analysis);
  if (!chain) {
    chain = new Set(analysis.target === undefined ? [] : chainOf(analysis, analysis.target));
    targetChains.set(analysis, chain);
  }
  return chain;
}

export function paragraphs(...parts: readonly (string | undefined)[]): string {
  return joined(parts, '\n\n');
}

export function sentences(...parts: readonly (string | undefined)[]): string {
  return joined(parts, ' ');
}

function joined(parts: readonly (string | undefined)[], by: string): string {
  return parts.filter((part) => part !== undefined && part !== '').join(by);
}
