/**
 * Which stages of many Dockerfiles are siblings, kept as files come, change and go. Two stages are siblings where
 *   - they stand on an equal base image and begin with the same steps, up to a RUN, COPY or ADD that not everybody has, or two of any:
 *     layers are shared already, or
 *   - at least two of their RUN, COPY and ADD steps are the same but for versions, and these are half or more of each stage's, where a
 *     step that everybody has (habits.ts) counts for a quarter, and all of them for no less than one.
 * Groups are what siblings of siblings come to. Exact, and without looking at every pair: two stages of which half is equal have one
 * of their rarer half in common (the prefix filter of set similarity joins; Chaudhuri et al., ICDE 2006).
 */
import { digest } from './shape';
import type { Member, Shape, StageShape, StepShape } from './model';

/** A stage with what its siblings are found by. */
export interface Unit {
  readonly member: Member;
  readonly stage: StageShape;
  /** Of the build context: steps that read it are the same only where it is. */
  readonly context: string;
  /** RUN, COPY and ADD steps without their versions, one token each; a second of the same has another. */
  readonly tokens: readonly number[];
  /** Of all tokens, in quarters. */
  readonly weight: number;
  /** Of the first layer that it could share; undefined: none. */
  readonly first: string | undefined;
}

/** What has become of a file: nothing; its lines have moved; its steps are others. */
export type Outcome = 'same' | 'moved' | 'changed';

export interface Siblings {
  /** Undefined: the file is gone. */
  readonly set: (file: string, shape: Shape | undefined, context: string) => Outcome;
  /** All groups of two stages or more; the same array as long as its members do not change. */
  readonly groups: () => readonly (readonly Unit[])[];
  /** A file's stages. */
  readonly unitsOf: (file: string) => readonly Unit[];
  /** In steps, so that the first change does not wait for all of it: what finds siblings of a stage that changes. */
  readonly index: () => Generator<void, void>;
  /** Those with a stage of the file. */
  readonly groupsOf: (file: string) => readonly (readonly Unit[])[];
}

export function openSiblings(): Siblings {
  const units = new Map<string, readonly Unit[]>();
  const tokenIds = new Map<string, number>();
  /** By token: in how many units it is, and what it counts for. */
  const frequency: number[] = [];
  const weights: number[] = [];
  let rank: number[] | undefined;
  const rareOf = new WeakMap<Unit, readonly number[]>();
  /** Units by the tokens of their rarer half, and by their first layer; `left`: those that are not there yet, undefined where it is not begun. */
  let left: Unit[] | undefined;
  const byToken = new Map<number, Set<Unit>>();
  const byFirst = new Map<string, Set<Unit>>();
  const groupOf = new Map<Unit, Unit[]>();

  return { set, groups, index, unitsOf: (file) => units.get(file) ?? [], groupsOf: (file) => [...new Set((units.get(file) ?? []).map(grouped))].filter((group) => group.length > 1) };

  function set(file: string, shape: Shape | undefined, context: string): Outcome {
    const before = units.get(file) ?? [];
    const after = shape ? shape.stages.map((stage, index) => unitOf({ file, stage: index }, stage, context)) : [];
    const isSame = before.length === after.length && before.every((unit, i) => sameSteps(unit, after[i]));
    if (isSame && before.every((unit, i) => sameLines(unit, after[i]))) {
      for (const unit of after) for (const token of unit.tokens) frequency[token]--;
      return 'same';
    }
    if (rank) for (const rest = index(); !rest.next().done;);
    for (const unit of before) remove(unit);
    if (after.length > 0) units.set(file, after);
    else units.delete(file);
    const outcome = isSame ? 'moved' : 'changed';
    if (!rank) return outcome;
    const affected = new Set(before.flatMap((unit) => groupOf.get(unit) ?? []));
    for (const unit of after) add(unit);
    for (const unit of after) for (const other of neighbours(unit)) for (const one of groupOf.get(other) ?? [other]) affected.add(one);
    for (const unit of after) affected.add(unit);
    for (const unit of before) {
      affected.delete(unit);
      groupOf.delete(unit);
    }
    regroup([...affected]);
    return outcome;
  }

  function* index(): Generator<void, void> {
    if (!rank) groups();
    left ??= [...units.values()].flat();
    for (let unit = left.pop(); unit; unit = left.pop()) {
      add(unit);
      yield;
    }
  }

  function unitOf(member: Member, stage: StageShape, context: string): Unit {
    const seen = new Map<string, number>();
    const tokens = stage.steps.filter(isCounted).map(({ near, habit }) => {
      const count = (seen.get(near) ?? 0) + 1;
      seen.set(near, count);
      const key = count === 1 ? near : `${near} ${count}`;
      let id = tokenIds.get(key);
      if (id === undefined) {
        tokenIds.set(key, (id = tokenIds.size));
        frequency.push(0);
        weights.push(habit ? 1 : whole);
      }
      frequency[id]++;
      return id;
    });
    const first = firstShared(stage);
    return { member, stage, context, tokens, weight: weightOf(tokens), first: first === -1 ? undefined : chainsOf(stage, context, first + 1)[first] };
  }

  function groups(): readonly (readonly Unit[])[] {
    if (!rank) {
      rank = rankOf();
      regroup([...units.values()].flat());
    }
    return [...new Set(groupOf.values())].filter((group) => group.length > 1);
  }

  function grouped(unit: Unit): readonly Unit[] {
    if (!rank) groups();
    return groupOf.get(unit) ?? [unit];
  }

  /** Rare tokens first: the fewer stages a token brings together, the less there is to compare. */
  function rankOf(): number[] {
    const order = frequency.map((_, id) => id).sort((a, b) => frequency[a] - frequency[b] || a - b);
    const ranks: number[] = [];
    order.forEach((id, at) => (ranks[id] = at));
    return ranks;
  }

  /** The tokens of which a sibling has at least one. One that came later has the rank of its number, which no other has. */
  function rarer(unit: Unit): readonly number[] {
    const found = rareOf.get(unit);
    if (found) return found;
    const made = rarest(unit);
    rareOf.set(unit, made);
    return made;
  }

  function rarest(unit: Unit): readonly number[] {
    const ranks = rank ?? [];
    const { tokens, weight } = unit;
    if (tokens.length < 2 || weight < whole) return [];
    const ordered = [...tokens].sort((a, b) => weights[b] - weights[a] || (ranks[a] ?? a) - (ranks[b] ?? b));
    // Of what is left out, siblings cannot have enough in common.
    let left = weight;
    const some = ordered.findIndex((token) => (left -= weights[token]) < needed(weight, weight));
    return ordered.slice(0, some + 1);
  }

  function weightOf(tokens: readonly number[]): number {
    return tokens.reduce((sum, token) => sum + weights[token], 0);
  }

  function areAlike(a: Unit, b: Unit): boolean {
    const least = needed(a.weight, b.weight);
    if (Math.min(a.weight, b.weight) < least) return false;
    const own = new Set(a.tokens);
    const common = b.tokens.filter((token) => own.has(token));
    return common.length >= 2 && weightOf(common) >= least;
  }

  function add(unit: Unit): void {
    for (const token of rarer(unit)) within(byToken, token).add(unit);
    if (unit.first !== undefined) within(byFirst, unit.first).add(unit);
  }

  function remove(unit: Unit): void {
    for (const token of unit.tokens) frequency[token]--;
    if (!rank) return;
    for (const token of rarer(unit)) byToken.get(token)?.delete(unit);
    if (unit.first !== undefined) byFirst.get(unit.first)?.delete(unit);
  }

  function* neighbours(unit: Unit): Iterable<Unit> {
    if (unit.first !== undefined) yield* byFirst.get(unit.first) ?? [];
    const seen = new Set<Unit>([unit]);
    for (const token of rarer(unit)) {
      for (const other of byToken.get(token) ?? []) {
        if (seen.has(other)) continue;
        seen.add(other);
        if (areAlike(unit, other)) yield other;
      }
    }
  }

  /** Finds the groups of these anew: all siblings of theirs are among them. */
  function regroup(some: readonly Unit[]): void {
    const parent = some.map((_, i) => i);
    const find = (at: number): number => {
      let root = at;
      while (parent[root] !== root) root = parent[root];
      for (let i = at; parent[i] !== root;) {
        const up = parent[i];
        parent[i] = root;
        i = up;
      }
      return root;
    };
    const join = (a: number, b: number): void => {
      parent[find(a)] = find(b);
    };
    const firsts = new Map<string, number>();
    /** Stages with the same tokens are siblings of the same: one stands for all. */
    const alike = new Map<string, number>();
    const postings = new Map<number, number[]>();
    some.forEach((unit, i) => {
      if (unit.first !== undefined) {
        const one = firsts.get(unit.first);
        if (one !== undefined) join(i, one);
        else firsts.set(unit.first, i);
      }
      if (unit.tokens.length < 2 || unit.weight < whole) return;
      const key = unit.tokens.toSorted((a, b) => a - b).join();
      const one = alike.get(key);
      if (one !== undefined) {
        join(i, one);
        return;
      }
      alike.set(key, i);
      for (const token of rarer(unit)) {
        const others = postings.get(token);
        if (!others) {
          postings.set(token, [i]);
          continue;
        }
        for (const other of others) if (find(i) !== find(other) && areAlike(unit, some[other])) join(i, other);
        others.push(i);
      }
    });
    const found = new Map<number, Unit[]>();
    some.forEach((unit, i) => {
      const root = find(i);
      const group = found.get(root);
      if (group) group.push(unit);
      else found.set(root, [unit]);
    });
    for (const group of found.values()) for (const unit of group) groupOf.set(unit, group);
  }
}

/** What a step counts for, in quarters. */
const whole = 4;

/** What two stages of these weights have in common at least. */
function needed(a: number, b: number): number {
  return Math.max(whole, Math.ceil(Math.max(a, b) / 2));
}

export function isCounted({ kind }: StepShape): boolean {
  return kind === 'run' || kind === 'copy';
}

/** What a step does to the layers below later ones: metadata does nothing to them. */
export function isCore({ kind }: StepShape): boolean {
  return kind !== 'metadata';
}

/** By what two steps are the same layer, where the steps before them are: null where that is not known. */
export function layerKey({ key, reads, kind }: StepShape, context: string): string | null {
  if (reads === 'stage' || reads === 'unknown' || kind === 'other') return null;
  return reads === 'context' ? `${key} ${context}` : key;
}

/** The place of the step up to which two stages have to be equal. */
function firstShared({ steps }: StageShape): number {
  let counted = 0;
  return steps.findIndex((step) => isCounted(step) && (!step.habit || ++counted === 2));
}

/** By step, the base and all core steps up to it: equal chains are one and the same layer. Undefined: it rests on what is not known. */
export function chainsOf({ base, steps }: StageShape, context: string, count = steps.length): (string | undefined)[] {
  let chain = base ?? undefined;
  return steps.slice(0, count).map((step) => {
    if (chain !== undefined && isCore(step)) {
      const key = layerKey(step, context);
      chain = key === null ? undefined : digest(`${chain} ${key}`);
    }
    return chain;
  });
}

function sameSteps(a: Unit, b: Unit): boolean {
  return a.context === b.context && a.stage.base === b.stage.base && a.stage.name === b.stage.name && a.stage.steps.length === b.stage.steps.length
    && a.stage.steps.every((step, i) => step.key === b.stage.steps[i].key && step.reads === b.stage.steps[i].reads);
}

function sameLines(a: Unit, b: Unit): boolean {
  return a.stage.line === b.stage.line && a.stage.steps.every((step, i) => step.firstLine === b.stage.steps[i].firstLine && step.lastLine === b.stage.steps[i].lastLine);
}

function within<Key>(map: Map<Key, Set<Unit>>, key: Key): Set<Unit> {
  let found = map.get(key);
  if (!found) map.set(key, (found = new Set()));
  return found;
}
