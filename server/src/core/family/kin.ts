/** What one Dockerfile shares with its siblings, step by step: for the lines that are being edited, against what the others are. */
import { candidatesOf } from './candidates';
import { stepKey } from './families';
import type { Family, Member, SiblingFacts, StageShape, StepShape } from './model';
import { chainsOf, isCounted, type Unit } from './siblings';

/** A step of another stage. */
export interface Place {
  readonly member: Member;
  readonly line: number;
}

export interface Sharing {
  /** Who has the very same layer. */
  readonly layer: readonly Place[];
  /** Who runs the same in another place, without those. */
  readonly step: readonly Place[];
}

interface Known {
  readonly byChain: ReadonlyMap<string, readonly Place[]>;
  readonly byKey: ReadonlyMap<string, readonly Place[]>;
}

const known = new WeakMap<readonly Unit[], Known>();

/** Of each step of a stage that makes a layer, as it is now; the group is that which it was in. */
export function sharingOf(stage: StageShape, member: Member, context: string, group: readonly Unit[]): readonly (Sharing | undefined)[] {
  const { byChain, byKey } = placesIn(group);
  const chains = chainsOf(stage, context);
  const others = (places: readonly Place[] | undefined): readonly Place[] => (places ?? []).filter((place) => place.member.file !== member.file || place.member.stage !== member.stage);
  return stage.steps.map((step, i) => {
    if (!isCounted(step)) return undefined;
    const layer = others(chains[i] === undefined ? undefined : byChain.get(chains[i]));
    const owners = new Set(layer.map(nameOf));
    const same = others(byKey.get(stepKey({ step, unit: { context } }))).filter((place) => !owners.has(nameOf(place)));
    return layer.length + same.length > 0 ? { layer, step: same } : undefined;
  });
}

function nameOf({ member: { file, stage } }: Place): string {
  return `${file} ${stage}`;
}

/** Made once for a group. */
function placesIn(group: readonly Unit[]): Known {
  let found = known.get(group);
  if (found) return found;
  const byChain = new Map<string, Place[]>();
  const byKey = new Map<string, Place[]>();
  for (const unit of group) {
    const chains = chainsOf(unit.stage, unit.context);
    unit.stage.steps.forEach((step, i) => {
      if (!isCounted(step)) return;
      const place = { member: unit.member, line: step.firstLine };
      const chain = chains[i];
      if (chain !== undefined) add(byChain, chain, place);
      add(byKey, stepKey({ step, unit }), place);
    });
  }
  found = { byChain, byKey };
  known.set(group, found);
  return found;
}

function add(map: Map<string, Place[]>, key: string, place: Place): void {
  const places = map.get(key);
  if (places) places.push(place);
  else map.set(key, [place]);
}

interface Beginning {
  readonly stage: number;
  /** Lines of the steps that it begins with as others do. */
  readonly lines: readonly number[];
  readonly others: readonly Place[];
}

/** What the stages of a file begin with as others do, where a base could be made of it. */
function beginningsOf(file: string, group: readonly Unit[]): readonly Beginning[] {
  return candidatesOf(group).flatMap(({ units, depth }) => units.filter(({ member }) => member.file === file).map((unit): Beginning => ({
    stage: unit.member.stage, lines: coreLines(unit.stage, depth),
    others: units.filter((other) => other !== unit).map(({ member, stage }) => ({ member, line: coreLines(stage, depth)[0] })).toSorted((a, b) => (a.member.file < b.member.file ? -1 : 1)),
  })));
}

function coreLines({ steps }: StageShape, depth: number): readonly number[] {
  return steps.filter(({ kind }: StepShape) => kind !== 'metadata').slice(0, depth).map(({ firstLine }) => firstLine);
}

/** For the rules, of one file; `address` is how the caller calls another. */
export function siblingFactsOf(file: string, groups: readonly { readonly group: readonly Unit[]; readonly family: Family }[], address: (file: string) => string): SiblingFacts {
  const elsewhere = (path: string, line: number): SiblingFacts['drift'][number]['at'] => ({ file: address(path), name: path, line });
  return {
    beginnings: groups.flatMap(({ group }) => beginningsOf(file, group)).map(({ stage, lines, others }) => ({ stage, lines, others: others.map(({ member, line }) => elsewhere(member.file, line)) })),
    drift: groups.flatMap(({ family }) => family.drift).filter((one) => one.file === file)
      .map(({ stage, line, majority, have, of, at }) => ({ stage, line, majority, have, of, at: elsewhere(at.file, at.line) })),
  };
}
