/** The layer map of several images: each as a stack, what they share drawn once; many of them as a tree. */
import { chainOf } from '../core/build/history';
import type { Analysis, Base, Facts, Step } from '../core/build/model';
import { shapeOfAnalysis } from '../core/family/shape';
import { chainsOf } from '../core/family/siblings';
import type { Family, Member, StepShape } from '../core/family/model';
import { sizeText } from '../core/image/size-text';
import type { Block, LayerMap } from '../core/map/model';
import { sharedBlocks, type Stack, type StackRow, type Wording } from '../core/map/shared';
import { baseLook, oneLine } from './map';
import { counted, joined, say, verbatim } from '../core/say';
import { nameOfBase, nameOfStage } from './words';

/** What a stack is made of: a stage of a file, as one of its builds makes it. */
export interface MapMember {
  readonly uri: string;
  readonly name: string;
  readonly analysis: Analysis;
  readonly facts: Facts;
  readonly stage: number;
  /** Equal where the build context is. */
  readonly context: string;
  /** What it stands on in its own file counts as its base. */
  readonly isContinued?: true;
  /** A base of its own below, made of another file: its last stage. */
  readonly below?: { readonly uri: string; readonly analysis: Analysis; readonly facts: Facts };
  /** Bytes of a step's layer, where somebody knows. */
  readonly sizeOf?: (step: Step) => number | undefined;
  /** Lines from 1 that differ from what most siblings have. */
  readonly drift?: readonly number[];
}

/** More of them lie on their side. */
export const mostStacks = 8;

/** `candidates`: what could be a base, by the chain of its last layer. */
export function mapOfImages(members: readonly MapMember[], title: string, candidates: readonly Candidate[] = []): LayerMap {
  const together = members.length > mostStacks;
  const extracts = new Map(candidates.flatMap(({ member, steps, at }) => {
    const chain = chainAfter(members[member], steps);
    return chain === undefined ? [] : [[chain, at] as const];
  }));
  const { columns, blocks } = sharedBlocks(members.map((member, i) => stackOf(member, i, extracts)), wording, together);
  return { kind: together ? 'tree' : 'images', title, note: '', columns, blocks, arrows: [] };
}

export interface Candidate {
  /** One of those who could stand on it. */
  readonly member: number;
  /** How many steps, metadata left aside, it would hold. */
  readonly steps: number;
  readonly at: NonNullable<Block['extracts']>;
}

/** The members of a family, and what could be a base of them. `made`: a file as the first of its builds makes it, with its address. */
export function imagesOf({ id, members, drift, candidates }: Family, made: (file: string) => Pick<MapMember, 'uri' | 'analysis' | 'facts' | 'context'> | undefined): { readonly images: readonly MapMember[]; readonly candidates: readonly Candidate[] } {
  const key = ({ file, stage }: Member): string => `${file} ${stage}`;
  const drifted = new Map<string, number[]>();
  for (const one of drift) drifted.set(key(one), [...(drifted.get(key(one)) ?? []), one.line]);
  const images: MapMember[] = [];
  const at = new Map<string, number>();
  for (const member of members) {
    const one = made(member.file);
    const own = one?.analysis.stages[member.stage];
    if (!one || !own) continue;
    at.set(key(member), images.length);
    images.push({ ...one, name: one.analysis.stages.length > 1 ? `${member.file} · ${nameOfStage(own)}` : member.file, stage: member.stage, drift: drifted.get(key(member)) });
  }
  return {
    images,
    candidates: candidates.flatMap(({ members: [first], steps }, candidate) => {
      const member = at.get(key(first));
      return member === undefined ? [] : [{ member, steps, at: { family: id, candidate } }];
    }),
  };
}

interface Laid {
  readonly step: Step;
  readonly shape: StepShape;
  readonly uri: string;
  readonly isOwn: boolean;
}

const laid = new WeakMap<MapMember, { readonly base: Base; readonly steps: readonly Laid[]; readonly chains: readonly (string | undefined)[] }>();

/** All steps of an image, its parent stages' first, with their chains. */
function stepsOf(member: MapMember): { readonly base: Base; readonly steps: readonly Laid[]; readonly chains: readonly (string | undefined)[] } {
  let found = laid.get(member);
  if (!found) {
    const { analysis, facts, stage, below, uri, context, isContinued = false } = member;
    const own = laidOf(analysis, facts, stage, uri, (index) => index === stage || !isContinued);
    const under = below ? laidOf(below.analysis, below.facts, below.analysis.stages.length - 1, below.uri, () => false) : undefined;
    const steps = [...(under?.steps ?? []), ...own.steps];
    const { base, name } = under ?? own;
    laid.set(member, (found = { base, steps, chains: chainsOf({ name: null, line: 1, base: base.kind === 'scratch' ? 'scratch' : name, steps: steps.map(({ shape }) => shape) }, context) }));
  }
  return found;
}

function laidOf(analysis: Analysis, facts: Facts, stage: number, uri: string, isOwn: (stage: number) => boolean): { readonly base: Base; readonly name: string | null; readonly steps: readonly Laid[] } {
  const shape = shapeOfAnalysis(analysis, facts);
  const stages = chainOf(analysis, stage);
  const steps = stages.flatMap((index) => analysis.stages[index].steps.filter(({ trigger }) => trigger === undefined).map((step, i): Laid => ({ step, shape: shape.stages[index].steps[i], uri, isOwn: isOwn(index) })));
  return { base: analysis.stages[stages[0]].base, name: shape.stages[stages[0]].base, steps };
}

/** The chain with which a base of so many steps ends. */
function chainAfter(member: MapMember, count: number): string | undefined {
  const { steps, chains } = stepsOf(member);
  let left = count;
  const end = steps.findIndex(({ shape }) => shape.kind !== 'metadata' && --left === 0);
  return chains[steps.findLastIndex(({ step }, i) => i <= end && step.row === 'layer')];
}

function stackOf(member: MapMember, index: number, extracts: ReadonlyMap<string, Candidate['at']>): Stack {
  const { analysis, stage, name, uri, drift = [] } = member;
  const { base, steps, chains } = stepsOf(member);
  const rows: StackRow[] = [...baseRows(base)];
  let layer = 0;
  steps.forEach(({ step, uri: file, isOwn }, i) => {
    if (step.row === 'none') return;
    const text = oneLine(step.instruction.line);
    const { firstLine, lastLine } = step.instruction;
    const common = { owner: isOwn ? 'ours' as const : 'base' as const, text, place: { uri: file, line: firstLine - 1, lastLine: lastLine - 1 } };
    if (step.row === 'empty') {
      rows.push({ ...common, kind: 'metadata', detail: say('metadata'), label: say('Metadata: {0}', text) });
      return;
    }
    const size = isOwn ? member.sizeOf?.(step) : undefined;
    const drifts = isOwn && drift.some((line) => firstLine <= line && line <= lastLine);
    const known = size === undefined ? undefined : sizeText(size);
    const detail = joined([say('layer {0}', ++layer), known, drifts ? say('drifted') : undefined], ' · ');
    const at = chains[i] === undefined ? undefined : extracts.get(chains[i]);
    rows.push({ ...common, kind: 'layer', detail, label: joined([say('Layer {0}: {1}', layer, text), known, drifts ? say('differs from most siblings') : undefined], ', '), size, chain: chains[i], ...(drifts && { drifts: true }), ...(at && { extracts: at }) });
  });
  const from = analysis.stages[stage].from;
  const layers = counted(layer, '{0} layer', '{0} layers');
  const drifted = drift.length > 0 ? say('drifted') : undefined;
  return {
    column: {
      id: `i${index}`, name, detail: joined([layers, drifted], ' · '), label: joined([say('Image {0}', name), layers, drifted], ', '), use: 'target',
      place: { uri, line: from.firstLine - 1, lastLine: from.lastLine - 1 }, ...(drift.length > 0 && { drifts: true }),
    },
    rows,
  };
}

function baseRows(base: Base): StackRow[] {
  if (base.kind === 'scratch' || base.kind === 'stage') return [];
  const name = nameOfBase(base);
  const common = { owner: 'base' as const, chain: name === undefined ? undefined : `base ${name}` };
  if (!base.image) return [{ ...common, kind: 'unknown', text: name ?? say('a base that is not known'), detail: say('layers not known'), label: name === undefined ? say('Base that is not known: its layers are not known') : say('Base {0}: its layers are not known', name), about: say('Which layers it has is not known without the image.') }];
  const look = baseLook(name ?? '', base.image);
  return [{ ...common, ...look, about: `${look.label}.` }];
}

const wording: Wording = {
  shared: (row, images) => ({ ...row, isShared: true, detail: joined([verbatim(row.detail), say('shared by {0}', images)], ' · '), label: joined([verbatim(row.label), say('shared by {0} images', images)], ', ') }),
  together: (rows, images) => {
    const layers = rows.filter(({ kind }) => kind === 'layer').length;
    const [first] = rows;
    const base = rows.find(({ owner, kind }) => owner === 'base' && kind !== 'layer');
    const size = rows.some((row) => row.size === undefined) ? undefined : rows.reduce((sum, row) => sum + (row.size ?? 0), 0);
    const what = joined([base ? say('base') : undefined, layers === 0 ? undefined : counted(layers, '{0} layer', '{0} layers')], ' + ');
    const shared = images > 1 ? say('shared by {0}', images) : undefined;
    const drifts = rows.some((row) => row.drifts);
    const detail = joined([what, size === undefined ? undefined : sizeText(size), shared, drifts ? say('drifted') : undefined], ' · ');
    return {
      kind: 'layers', owner: rows.every(({ owner }) => owner === 'base') ? 'base' : 'ours', chain: rows.at(-1)?.chain,
      text: first.text, detail, label: say('{0}: {1}', joined([what, shared, drifts ? say('differs from most siblings') : undefined], ', '), rows.map(({ text }) => text).join('; ')),
      size, place: rows.find(({ drifts: one }) => one)?.place ?? first.place ?? rows.find(({ place }) => place)?.place,
      others: rows.flatMap(({ place, others = [] }) => [...(place ? [place] : []), ...others]),
      about: rows.map(({ text }) => `- \`${text.replaceAll('`', "'")}\``).join('\n'), ...(images > 1 && { isShared: true }), ...(drifts && { drifts: true }),
      extracts: rows.find(({ extracts }) => extracts)?.extracts,
    };
  },
};
