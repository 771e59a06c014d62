/** The layer model in words: why a line is a layer or not, what its statement rests on, what a stage is called. */
import { assumptionsOf, baseLayers, baseOf, chainOf, stepsOf } from '../core/build/history';
import type { Analysis, Base, Stage, Step } from '../core/build/model';
import { assumptionText } from '../core/build/table';
import { counted, joined, say, verbatim, type Said } from '../core/say';
import { code } from './markdown';

/** One sentence. */
export function why(step: Step): Said {
  const { keyword } = step.instruction;
  if (step.row === 'none') {
    return keyword === 'ONBUILD' ? say('ONBUILD writes no row here: it runs in images that are built FROM this one.') : say('It writes no row.');
  }
  if (keyword === 'WORKDIR') {
    return step.row === 'empty' ? say('`WORKDIR /` is metadata: an empty row in the history, no layer.')
      : say('WORKDIR writes a layer: the directory, even where it exists already.');
  }
  if (step.row === 'empty') return say('{0} is metadata: an empty row in the history, no layer.', keyword);
  if (keyword === 'RUN') return say('RUN writes a layer: the files that the command changes.');
  return say('{0} writes a layer: the files that it copies.', keyword);
}

/** What the statements about a stage's image rest on, said on its FROM: what the FROM of a parent stage says is not said again. */
export function assumedOn(analysis: Analysis, { index, base }: Stage): Said {
  const said = base.kind === 'stage' ? assumptionsOf(analysis, base.stage) : [];
  const assumptions = assumptionsOf(analysis, index).filter((assumption) => !said.includes(assumption));
  return assumptions.length === 0 ? verbatim('') : say('Assumed: {0}.', joined(assumptions.map(assumptionText), say('; ')));
}

/** As the file names it, else by what it is built from. */
export function nameOfStage(stage: Stage): Said {
  const name = stage.name ?? nameOfBase(stage.base);
  return name === undefined ? say('stage {0}', stage.index) : verbatim(name);
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
export function fromWhat(analysis: Analysis, stage: Stage): Said {
  const rows = stage.steps.filter((step) => step.row !== 'none');
  const layers = rows.filter((step) => step.row === 'layer').length;
  const below = belowText(analysis, stage);
  return rows.length === 0 ? say('{0}; this stage adds nothing.', below) : say('{0}; this stage adds {1}.', below, rowsText(layers, rows.length - layers));
}

/** Without its full stop. */
function belowText(analysis: Analysis, { base }: Stage): Said {
  if (base.kind === 'scratch') return say('`scratch` is empty');
  if (base.kind === 'stage') {
    const below = stepsOf(analysis, base.stage);
    const layers = below.filter((step) => step.row === 'layer').length;
    const name = code(nameOfStage(analysis.stages[base.stage]));
    return below.length === 0 ? say('FROM continues stage {0}, which has nothing', name) : say('FROM continues stage {0}, which has {1}', name, rowsText(layers, below.length - layers));
  }
  const name = nameOfBase(base);
  const brings = base.image && [counted(base.image.history.length, '{0} row', '{0} rows'), counted(baseLayers(base) ?? 0, '{0} layer', '{0} layers')];
  if (base.kind === 'context') {
    return brings ? say('The named context {0} brings {1}', code(base.name), joined(brings, ', ')) : say('The named context {0} brings rows and layers of its own, not known without it', code(base.name));
  }
  if (name === undefined) return brings ? say('The base image brings {0}', joined(brings, ', ')) : say('The base image depends on a value that is not known');
  return brings ? say('The base image {0} brings {1}', code(name), joined(brings, ', ')) : say('The base image {0} brings rows and layers of its own, not known without the image', code(name));
}

/** Not of nothing. */
function rowsText(layers: number, metadata: number): Said {
  const [of, and] = [counted(layers, '{0} layer', '{0} layers'), counted(metadata, '{0} metadata row', '{0} metadata rows')];
  return layers === 0 ? and : metadata === 0 ? of : say('{0} and {1}', of, and);
}

/** What lies at the bottom of a stage's chain. */
export function baseText(analysis: Analysis, stage: Stage): Said {
  const base = baseOf(analysis, stage.index);
  const layers = baseLayers(base);
  const name = nameOfBase(base);
  if (base.kind === 'scratch') return say('scratch, which is empty');
  return joined([name === undefined ? say('a base that is not known') : verbatim(name), layers === undefined ? undefined : counted(layers, '{0} layer', '{0} layers')], ', ');
}

/** Why the layers of a stage are not in the image that is built; undefined where they are. */
export function notInTarget(analysis: Analysis, stage: Stage): Said | undefined {
  if (stage.replaced) return say('Not built: the named context {0} stands in its place.', code(stage.name ?? ''));
  if (analysis.target === undefined || targetChain(analysis).has(stage.index)) return undefined;
  const { name } = analysis.stages[analysis.target];
  const target = name === null ? say('the target') : say('the target {0}', code(name));
  if (stage.reachable) return say('The layers of this stage stay in the build cache: {0} takes files from them, and does not inherit them.', target);
  return say('Not built: {0} needs nothing of it. {1} builds it.', target, code(`docker build --target ${targetName(stage)}`));
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

export function paragraphs(...parts: readonly (Said | undefined)[]): Said {
  return joined(parts, '\n\n');
}

export function sentences(...parts: readonly (Said | undefined)[]): Said {
  return joined(parts, ' ');
}
