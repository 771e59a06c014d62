/**
 * Which members of a group could stand on a base image of their own: those with an equal base image and equal first steps. Metadata
 * (CMD, LABEL, EXPOSE …) does not count: it changes nothing of what later steps do, and can come after them.
 */
import { groupedBy } from './grouped';
import type { Candidate, Savings, StepShape } from './model';
import { isCore, isCounted, layerKey, type Unit } from './siblings';

/** With how many of the core steps are equal. */
export interface Grouped {
  readonly units: readonly Unit[];
  readonly base: string;
  readonly depth: number;
  readonly saves: Savings;
}

/** Groups that do not overlap and save most together; the one that saves most first. */
export function candidatesOf(units: readonly Unit[]): readonly Grouped[] {
  const byBase = groupedBy(units.filter(({ stage }) => stage.base !== null), ({ stage }) => stage.base ?? '');
  const found = [...byBase].flatMap(([base, own]) => best(base, own.map((unit) => ({ unit, keys: chainOf(unit) })), 0, 0).groups);
  return found.toSorted((a, b) => b.saves.instructions - a.saves.instructions || b.units.length - a.units.length || (nameOf(a) < nameOf(b) ? -1 : 1));
}

export function candidateOf({ units, base, depth, saves }: Grouped): Candidate {
  return { members: units.map(({ member }) => member), base, steps: depth, saves };
}

interface Chain {
  readonly unit: Unit;
  /** Of the core steps, up to the first that nothing can be shared from. */
  readonly keys: readonly { readonly key: string; readonly step: StepShape }[];
}

interface Best {
  readonly groups: readonly Grouped[];
  readonly weight: number;
}

const none: Best = { groups: [], weight: 0 };

/** Chains whose first `depth` keys are equal, `counted` of which are RUN, COPY or ADD: as one group, or as what their parts come to. */
function best(base: string, chains: readonly Chain[], from: number, before: number): Best {
  if (chains.length < 2) return none;
  let depth = from;
  let counted = before;
  let parts: Map<string, Chain[]>;
  for (;;) {
    const at = depth;
    parts = groupedBy(chains, ({ keys }) => keys[at]?.key ?? '');
    if (parts.size !== 1 || parts.has('')) break;
    if (isCounted(chains[0].keys[depth].step)) counted++;
    depth++;
  }
  parts.delete('');
  const apart = [...parts.values()].map((part) => best(base, part, depth, counted));
  const apartWeight = apart.reduce((sum, { weight }) => sum + weight, 0);
  const weight = counted * (chains.length - 1);
  if (weight > 0 && weight >= apartWeight) return { groups: [{ units: chains.map(({ unit }) => unit), base, depth, saves: savingsOf(chains, depth) }], weight };
  return apartWeight > 0 ? { groups: apart.flatMap(({ groups }) => groups), weight: apartWeight } : none;
}

function savingsOf(chains: readonly Chain[], depth: number): Savings {
  const steps = chains[0].keys.slice(0, depth).map(({ step }) => step);
  const others = chains.length - 1;
  return {
    lines: chains.slice(1).reduce((sum, { keys }) => sum + keys.slice(0, depth).reduce((lines, { step }) => lines + step.lastLine - step.firstLine + 1, 0), 0),
    instructions: steps.length * others,
    layers: steps.filter(isCounted).length * others,
  };
}

function chainOf(unit: Unit): Chain['keys'] {
  const keys: { key: string; step: StepShape }[] = [];
  for (const step of unit.stage.steps) {
    if (!isCore(step)) continue;
    const key = layerKey(step, unit.context);
    if (key === null) break;
    keys.push({ key, step });
  }
  return keys;
}

function nameOf({ units: [{ member }] }: Grouped): string {
  return `${member.file}:${member.stage}`;
}
