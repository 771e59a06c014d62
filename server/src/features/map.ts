/** The layer map of a document: its stages side by side, each as the stack of layers that it is, with what is known of each. */
import { layersOf } from '../core/build/dispatch';
import type { Analysis, BaseImage, Stage, Step } from '../core/build/model';
import { sourceNames, stageNamed } from '../core/family/chain';
import { lossesOf } from '../core/image/losses';
import { sizeText } from '../core/image/size-text';
import type { Arrow, Block, Column, LayerMap, Place } from '../core/map/model';
import type { Reading } from '../session';
import { rangeOf } from './convert';
import { builtImage, layerSize } from './image';
import { code, codeBlock } from './markdown';
import { secondsOf } from './times';
import { sharedLabel, sharingAt } from './siblings';
import { timeText } from './units';
import { verdictWord } from './verdict';
import { fromWhat, nameOfBase, nameOfStage, notInTarget } from './words';
import { nameOf } from '../served';
import { counted, joined, say, type Said } from '../core/say';
import { rebuildsOf } from '../baseline';

/** A base with more layers is drawn as one block. */
const mostBaseLayers = 12;

/** `containers`: the names of those that run the image. */
export function mapOf(reading: Reading, containers: readonly string[] = []): LayerMap {
  const { analysis, document } = reading;
  const { stages, target } = analysis;
  const blocks: Block[] = [];
  const arrows: Arrow[] = [];
  for (const stage of stages) {
    blocks.push(...basesOf(reading, stage), ...stage.steps.flatMap((step, at) => blockOf(reading, stage, step, at)));
    arrows.push(...arrowsInto(analysis, stage));
  }
  if (target !== undefined) for (const name of containers) blocks.push(containerBlock(target, name));
  const file = nameOf(document.uri);
  const targetStage = target === undefined ? undefined : stages[target];
  return {
    kind: 'stages', title: targetStage ? `${file} · ${nameOfStage(targetStage)}` : file,
    note: stages.length === 0 ? say('A FROM begins a stage: there is none yet.') : '',
    columns: stages.map((stage) => columnOf(reading, stage)), blocks, arrows,
  };
}

function columnOf(reading: Reading, stage: Stage): Column {
  const { analysis } = reading;
  const { index, layers, reachable, replaced } = stage;
  const name = nameOfStage(stage);
  const use = index === analysis.target ? 'target' : reachable && !replaced ? 'needed' : 'unused';
  const words = use === 'target' ? say('the target') : use === 'needed' ? say('the target needs it') : say('not built');
  const detail = joined([counted(layers, '{0} layer', '{0} layers'), words], ' · ');
  return { id: `s${index}`, name, detail, label: counted(layers, 'Stage {1}, {0} layer of this file, {2}', 'Stage {1}, {0} layers of this file, {2}', name, words), use, place: placeOf(reading, stage.from.span) };
}

/** What lies below the steps of a stage. */
function basesOf(reading: Reading, stage: Stage): Block[] {
  const { analysis } = reading;
  const { base, index } = stage;
  const about = fromWhat(analysis, stage);
  const common = { columns: [index, index] as const, owner: 'base' as const, place: placeOf(reading, stage.from.span), about };
  if (base.kind === 'scratch') return [];
  if (base.kind === 'stage') {
    const below = analysis.stages[base.stage];
    const detail = counted(below.layers, '{0} layer', '{0} layers');
    const name = nameOfStage(below);
    return [{ ...common, id: `s${index}:below`, kind: 'below', text: say('stage {0}', name), detail, label: counted(below.layers, 'Stands on stage {1}, {0} layer of this file', 'Stands on stage {1}, {0} layers of this file', name) }];
  }
  const name = nameOfBase(base) ?? say('a base that is not known');
  if (!base.image) return [{ ...common, id: `s${index}:base`, kind: 'unknown', text: name, detail: say('layers not known'), label: say('Base {0}: its layers are not known', name) }];
  const rows = base.image.history.filter(({ emptyLayer }) => !emptyLayer);
  const layers = layersOf(base.image);
  if (layers !== rows.length || layers > mostBaseLayers || layers === 0) return layers === 0 ? [] : [{ ...common, id: `s${index}:base`, ...baseLook(name, base.image) }];
  return rows.map((row, i): Block => {
    const size = row.size === undefined ? undefined : sizeText(row.size);
    const detail = joined([say('base layer {0}', i + 1), size], ' · ');
    const text = oneLine(row.createdBy) || name;
    return {
      ...common, id: `s${index}:base${i}`, kind: 'layer', text, detail, label: joined([say('Base layer {0} of {1}, {2}: {3}', i + 1, layers, name, text), size], ', '), size: row.size,
      about: joined([size === undefined ? say('Layer {0} of the base {1}.', i + 1, code(name)) : say('Layer {0} of the base {1}, {2}.', i + 1, code(name), size), codeBlock(row.createdBy)], '\n\n'),
    };
  });
}

/** All layers of a base as one. */
export function baseLook(name: string, image: BaseImage): Pick<Block, 'kind' | 'text' | 'detail' | 'label' | 'size'> {
  const size = image.history.some((row) => row.size === undefined) ? undefined : image.history.reduce((sum, row) => sum + (row.size ?? 0), 0);
  const detail = joined([counted(layersOf(image), '{0} base layer', '{0} base layers'), size === undefined ? undefined : sizeText(size)], ' · ');
  return { kind: 'layers', text: name, detail, label: say('Base {0}: {1}', name, detail), size };
}

/** None for what writes no row. */
function blockOf(reading: Reading, stage: Stage, step: Step, at: number): Block[] {
  if (step.row === 'none') return [];
  const { index } = stage;
  const text = oneLine(step.trigger ?? step.instruction.line);
  const common = { id: `s${index}:${at}`, columns: [index, index] as const, owner: 'ours' as const, text, place: placeOf(reading, step.instruction.span) };
  if (step.row === 'empty') return [{ ...common, kind: 'metadata', detail: say('metadata'), label: say('Metadata: {0}', text) }];
  const size = layerSize(builtImage(reading), step);
  const verdict = rebuildsOf(reading)?.of(step)?.verdict;
  const rebuilds = verdict === 'rebuilt' ? 'sure' : verdict === 'if-output-differs' ? 'open' : undefined;
  const sharing = sharingAt(reading, step);
  const wasted = wasteOf(reading, step);
  const seconds = secondsOf(reading, step);
  const inImage = notInTarget(reading.analysis, stage) === undefined;
  const about: readonly (Said | undefined)[] = [
    size === undefined ? undefined : sizeText(size), seconds === undefined ? undefined : timeText(seconds), verdictWord(reading, step),
    sharing ? sharedLabel(sharing) : undefined, wasted ? say('{0} wasted', sizeText(wasted)) : undefined,
  ];
  const spoken = joined([...about, size === undefined && inImage ? say('size not known') : undefined], ', ');
  const name = say('Layer {0} of {1}: {2}', step.layer ?? '?', stage.layers, text);
  return [{
    ...common, kind: 'layer', detail: joined([say('layer {0}', step.layer ?? '?'), ...about], ' · '),
    label: joined([name, spoken], say('; ')),
    size, wasted, rebuilds, ...(sharing && sharing.layer.length > 0 && { isShared: true }),
  }];
}

function wasteOf(reading: Reading, step: Step): number | undefined {
  const built = builtImage(reading);
  const contents = built && reading.contents(built.image);
  if (!contents) return undefined;
  const { owners, waste } = lossesOf(reading.analysis, contents);
  const at = owners.indexOf(step);
  return at === -1 ? undefined : waste.layers[at].wasted || undefined;
}

function containerBlock(target: number, name: string): Block {
  return {
    id: `s${target}:container ${name}`, columns: [target, target], owner: 'ours', kind: 'container', text: name, detail: say('writable layer of a container'),
    label: say('Container {0}: its writable layer', name), about: say('What the container {0} writes goes into a layer of its own on top. The layers below stay as they are, for all containers.', code(name)),
  };
}

/** FROM of another stage, and what steps take from others. */
function arrowsInto(analysis: Analysis, { index, base, steps }: Stage): Arrow[] {
  const arrows: Arrow[] = base.kind === 'stage' ? [{ from: base.stage, to: `s${index}:below`, kind: 'continues' }] : [];
  steps.forEach((step, at) => {
    if (step.row === 'none') return;
    const sources = new Set(sourceNames(step).map((name) => stageNamed(analysis, name, index)));
    for (const from of sources) if (from !== undefined) arrows.push({ from, to: `s${index}:${at}`, kind: 'takes' });
  });
  return arrows;
}

function placeOf({ document }: Pick<Reading, 'document'>, span: Stage['from']['span']): Place {
  const { start, end } = rangeOf(document, span);
  return { uri: document.uri, line: start.line, lastLine: end.line };
}

export function oneLine(text: string): string {
  return text.slice(0, 400).replace(/\s+/g, ' ').trim();
}
