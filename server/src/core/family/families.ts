/** A group of siblings → the family: what its members share step by step, where one has drifted from the rest, what a base would hold. */
import { candidateOf, candidatesOf } from './candidates';
import { groupedBy } from './grouped';
import type { Drift, Family, Member, SharedStep, StepShape } from './model';
import { digest, withoutVersions } from './shape';
import { chainsOf, isCore, isCounted, type Unit } from './siblings';

/** The lines of a file from one to another, both counted from 1; undefined where the file cannot be read. */
export type LinesOf = (file: string, first: number, last: number) => string | undefined;

/** A step of a member, and the chain of core steps that ends with it: equal chains are one and the same layer. */
interface Place {
  readonly unit: Unit;
  readonly step: StepShape;
  /** Undefined: it rests on what is not known. */
  readonly chain: string | undefined;
}

/** `idPath`: the path of a file that its name rests on, from its repository's root. */
export function familyOf(units: readonly Unit[], linesOf: LinesOf, idPath: (file: string) => string = (file) => file): Family {
  const ordered = units.toSorted((a, b) => byPlace(a.member, b.member));
  const places = ordered.flatMap(placesOf);
  const texts = (place: Place): string => linesOf(place.unit.member.file, place.step.firstLine, place.step.lastLine) ?? '';
  const near = nearGroups(places, texts);
  const sharedSteps = [...sharedIn(places, texts), ...near.map((group) => sharedStep('near', group, texts))].toSorted((a, b) => a.members[0].line - b.members[0].line || b.members.length - a.members.length);
  const bases = new Set(ordered.map(({ stage }) => stage.base));
  const members = ordered.map(({ member }) => member);
  const candidates = candidatesOf(ordered).map(candidateOf);
  const total = (field: 'lines' | 'instructions' | 'layers'): number => candidates.reduce((sum, { saves }) => sum + saves[field], 0);
  return {
    id: digest(JSON.stringify([members.map(({ file, stage }) => [idPath(file), stage]).toSorted(), [...new Set(sharedKeys(places))].toSorted()])),
    members, base: bases.size === 1 ? [...bases][0] : null, sharedSteps, candidates,
    drift: [...baseDrift(ordered, linesOf), ...driftIn(near, texts)],
    saves: { lines: total('lines'), instructions: total('instructions'), layers: total('layers') },
  };
}

function placesOf(unit: Unit): Place[] {
  const chains = chainsOf(unit.stage, unit.context);
  return unit.stage.steps.map((step, i) => ({ unit, step, chain: chains[i] }));
}

/** By what two steps can be one layer: what reads a build context can only where that is the same. */
export function stepKey({ step: { key, reads }, unit: { context } }: { readonly step: StepShape; readonly unit: Pick<Unit, 'context'> }): string {
  return reads === 'context' ? `${key} ${context}` : key;
}

/** Steps that stand in two members or more, the same layer first: where some have it already and others could, there are both. */
function sharedIn(places: readonly Place[], textOf: (place: Place) => string): SharedStep[] {
  const shared: SharedStep[] = [];
  for (const same of groupedBy(places.filter(({ step }) => step.kind !== 'other'), stepKey).values()) {
    if (membersIn(same) < 2) continue;
    const chains = [...groupedBy(same.filter(({ chain, step }) => chain !== undefined && isCore(step)), ({ chain }) => chain ?? '').values()].filter((one) => membersIn(one) > 1);
    for (const chain of chains) shared.push(sharedStep('same-layer', chain, textOf));
    if (chains.length !== 1 || chains[0].length < same.length) shared.push(sharedStep('same-step', same, textOf));
  }
  return shared;
}

function sharedKeys(places: readonly Place[]): string[] {
  return [...groupedBy(places, stepKey)].filter(([, same]) => membersIn(same) > 1).map(([key]) => key);
}

/** Steps that differ in a version or in a few words, of those that are at most once in a member: which of two the other is near to would be a guess. */
function nearGroups(places: readonly Place[], textOf: (place: Place) => string): Place[][] {
  const groups = [...groupedBy(places.filter(({ step }) => isCounted(step) || step.kind === 'state'), ({ step }) => step.near).values()]
    .filter((group) => membersIn(group) === group.length && (isCounted(group[0].step) || isVersion(textOf(group[0]))));
  const merged: { places: Place[]; words: ReadonlySet<string> }[] = [];
  for (const group of groups.slice(0, mostNear)) {
    const words = new Set(withoutVersions(textOf(group[0])).split(/\s+/));
    const known = merged.find((other) => likeness(other.words, words) >= nearEnough && apart(other.places, group));
    if (known) known.places.push(...group);
    else merged.push({ places: [...group], words });
  }
  return merged.map((one) => one.places).filter((group) => group.length > 1 && new Set(group.map(({ step }) => step.key)).size > 1);
}

/** A variable that says by its name that its value is a version; a port, say, is each one's own. */
function isVersion(text: string): boolean {
  return /^\s*(?:ENV|ARG)\s/i.test(text) && /version|_ver\b|release|revision|_re[vf]\b|_tag\b|sha(?:1|256|512)|checksum|digest/i.test(text);
}

/** A family with more distinct steps is looked at for its first ones. */
const mostNear = 400;
/** Of the words of both, how many are in each: three of four. */
const nearEnough = 0.75;

function likeness(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  // So few can have no more in common.
  if (Math.min(a.size, b.size) < nearEnough * Math.max(a.size, b.size)) return 0;
  let common = 0;
  for (const word of a) if (b.has(word)) common++;
  return common / (a.size + b.size - common);
}

function apart(a: readonly Place[], b: readonly Place[]): boolean {
  const own = new Set(a.map(({ unit }) => unit));
  return b.every(({ unit }) => !own.has(unit));
}

/** Where three or more, and two thirds, have the same, others have drifted: one or a few. As many as a third of them are a variant of their own. */
function driftIn(near: readonly (readonly Place[])[], textOf: (place: Place) => string): Drift[] {
  return near.flatMap((group) => {
    const [majority, ...others] = [...groupedBy(group, ({ step }) => step.key).values()].toSorted((a, b) => b.length - a.length);
    if (!isMajority(majority.length, group.length)) return [];
    const text = textOf(majority[0]);
    const at = { file: majority[0].unit.member.file, line: majority[0].step.firstLine };
    return odd(others, majority)
      .map((place) => ({ ...place.unit.member, line: place.step.firstLine, text: textOf(place), majority: text, have: majority.length, of: group.length, at }));
  });
}

/** The same of the base image: another tag of it. */
function baseDrift(units: readonly Unit[], linesOf: LinesOf): Drift[] {
  return [...groupedBy(units.filter(({ stage }) => stage.base !== null), ({ stage }) => (stage.base ?? '').replace(/(?::[^/: ]*)?(?:@[^ ]*)?(?= |$)/, '')).values()].flatMap((group) => {
    const [majority, ...others] = [...groupedBy(group, ({ stage }) => stage.base ?? '').values()].toSorted((a, b) => b.length - a.length);
    if (!isMajority(majority.length, group.length)) return [];
    const lineOf = ({ member, stage }: Unit): string => linesOf(member.file, stage.line, stage.line) ?? '';
    return odd(others, majority)
      .map((unit) => ({
        ...unit.member, line: unit.stage.line, text: lineOf(unit), majority: lineOf(majority[0]), have: majority.length, of: group.length,
        at: { file: majority[0].member.file, line: majority[0].stage.line },
      }));
  });
}

function odd<Item>(variants: readonly (readonly Item[])[], majority: readonly Item[]): Item[] {
  return variants.filter((variant) => variant.length * 3 <= majority.length).flat();
}

function isMajority(count: number, of: number): boolean {
  return count >= 3 && count * 3 >= of * 2;
}

function sharedStep(kind: SharedStep['kind'], places: readonly Place[], textOf: (place: Place) => string): SharedStep {
  return { text: textOf(places[0]), kind, members: places.map(({ unit, step }) => ({ file: unit.member.file, line: step.firstLine })) };
}

function membersIn(places: readonly Place[]): number {
  return new Set(places.map(({ unit }) => unit)).size;
}

function byPlace(a: Member, b: Member): number {
  return a.file < b.file ? -1 : a.file > b.file ? 1 : a.stage - b.stage;
}

/** The one that a base saves most in first. */
export function byWorth(a: Family, b: Family): number {
  return b.saves.instructions - a.saves.instructions || b.members.length - a.members.length || (a.id < b.id ? -1 : 1);
}
