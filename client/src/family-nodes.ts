/** What the tree of families says, row by row, as plain values: labels short, the rest in descriptions and tooltips. */
import { counted, joined, say, verbatim, type Said } from '../../server/src/core/say';
import type { FamiliesAnswer, FamilyCandidate, FamilyItem, FamilyMember, WaysParams } from '../../server/src/protocol';

export interface Node {
  readonly id: string;
  readonly kind: 'family' | 'candidate' | 'members' | 'member' | 'drift' | 'steps' | 'step' | 'place';
  readonly label: Said;
  readonly description?: Said;
  readonly tooltip?: Said;
  /** The name of one of the editor's own icons. */
  readonly icon: string;
  readonly warns?: boolean;
  /** For who listens. */
  readonly spoken: Said;
  /** `line` from 1. */
  readonly opens?: { readonly uri: string; readonly line: number };
  /** Of a row that stands for a family: its ID, and its files. */
  readonly family?: string;
  readonly members?: readonly string[];
  /** A base can be extracted from here. */
  readonly extracts?: WaysParams;
  readonly open?: boolean;
  readonly leaf?: boolean;
  readonly children: () => readonly Node[];
}

type Shared = FamilyItem['shared'][number];

export function nodesOf({ families }: FamiliesAnswer): readonly Node[] {
  return families.map((family, i) => familyNode(family, i === 0));
}

function familyNode(family: FamilyItem, isFirst: boolean): Node {
  const { id, name, base, members, candidates } = family;
  const drifted = members.filter(({ drift }) => drift.length > 0).length;
  const size = counted(members.length, '{0} sibling', '{0} siblings');
  const about = [size, base === null || base === name ? undefined : say('on {0}', base), drifted === 0 ? undefined : say('{0} drifted', drifted)];
  return {
    id, kind: 'family', label: verbatim(name), description: joined(about, ' · '), icon: 'type-hierarchy', open: isFirst, family: id, members: members.map(({ uri }) => uri),
    tooltip: joined([base === null ? say('{0}:', size) : say('{0} on {1}:', size, base), ...listed(members)], '\n'),
    spoken: joined([say('Family {0}', name), ...about], ', '),
    ...(candidates.length > 0 && { extracts: { family: id, candidate: 0 } }),
    children: () => {
      const stands = new Set(candidates.flatMap((candidate) => candidate.members));
      const others = members.filter((_, i) => !stands.has(i));
      return [
        ...candidates.map((candidate, i) => candidateNode(family, candidate, i, isFirst)),
        ...(others.length === 0 ? [] : [othersNode(family, others, candidates.length > 0)]),
        ...(family.shared.length === 0 ? [] : [stepsNode(family)]),
      ];
    },
  };
}

function candidateNode(family: FamilyItem, { base, members, steps, saves }: FamilyCandidate, index: number, open: boolean): Node {
  const id = `${family.id}/base ${index}`;
  const label = counted(steps, 'Base: {1} + {0} step', 'Base: {1} + {0} steps', base);
  const saved = counted(saves.instructions, 'saves {0} instruction', 'saves {0} instructions');
  const of = members.map((i) => family.members[i]);
  const less = joined([
    counted(saves.lines, '{0} line', '{0} lines'), counted(saves.instructions, '{0} instruction', '{0} instructions'), saves.layers === 0 ? undefined : counted(saves.layers, 'up to {0} layer to make', 'up to {0} layers to make'),
  ], ', ');
  return {
    id, kind: 'candidate', label, description: saved, icon: 'layers', open,
    tooltip: joined([counted(of.length, 'What {0} sibling begins with, as a base image of its own: {1} less.', 'What {0} siblings begin with, as a base image of their own: {1} less.', less), ...listed(of)], '\n'),
    spoken: joined([label, counted(of.length, 'for {0} sibling', 'for {0} siblings'), saved], ', '),
    extracts: { family: family.id, candidate: index },
    children: () => of.map((member) => memberNode(id, member)),
  };
}

function othersNode(family: FamilyItem, members: readonly FamilyMember[], hasBases: boolean): Node {
  const id = `${family.id}/others`;
  const label = hasBases ? say('Other siblings') : say('Siblings');
  return {
    id, kind: 'members', label, description: verbatim(String(members.length)), icon: 'files', open: !hasBases || members.some(({ drift }) => drift.length > 0),
    tooltip: hasBases ? say('They share steps with the others, and do not begin with the same ones.') : say('They share steps, and no two of them begin with the same ones.'),
    spoken: verbatim(`${label}, ${members.length}`),
    children: () => members.map((member) => memberNode(id, member)),
  };
}

function memberNode(parent: string, member: FamilyMember): Node {
  const { uri, path, stage, line, drift } = member;
  const id = `${parent}/${uri} ${line}`;
  const [first] = drift;
  const drifted = first && (drift.length > 1 ? say('{0} and {1} more', wordsOf(first.text), drift.length - 1) : wordsOf(first.text));
  const about = [stage === null ? undefined : verbatim(stage), drifted === undefined ? undefined : say('drifted: {0}', drifted)];
  return {
    id, kind: 'member', label: verbatim(path), description: joined(about, ' · '), icon: first ? 'warning' : 'file', warns: first !== undefined,
    tooltip: joined([nameOf(member), ...drift.map(driftText)], '\n\n'),
    spoken: first ? say('{0}, drifted: {1}, most siblings have {2}', nameOf(member), first.text, first.majority) : nameOf(member),
    opens: { uri, line }, leaf: !first,
    children: () => drift.map((one, i): Node => ({
      id: `${id}/drift ${i}`, kind: 'drift', label: verbatim(one.text), description: say('most: {0}', wordsOf(one.majority)), icon: 'diff-modified', warns: true, leaf: true,
      tooltip: driftText(one),
      spoken: say('Line {0}: {1}, most siblings have {2}', one.line, one.text, one.majority),
      opens: { uri, line: one.line }, children: () => [],
    })),
  };
}

function driftText({ line, text, majority }: FamilyMember['drift'][number]): Said {
  return joined([say('Line {0}: {1}', line, text), say('Most siblings: {0}', majority)], '\n');
}

function kindOf({ kind, text }: Shared): { readonly words: Said; readonly icon: string; readonly about: Said } {
  switch (kind) {
    case 'same-layer': {
      const icon = 'layers-active';
      if (!writesLayer(text)) return { icon, words: say('the same already'), about: say('It writes no layer, and everything before it is the same, too.') };
      return { icon, words: say('one layer already'), about: say('A builder makes this layer once for all of them: everything before it is the same, too.') };
    }
    case 'same-step': return { icon: 'layers-dot', words: say('could be one'), about: say('The same step after different ones: layers of their own, which could be one.') };
    case 'near': return { icon: 'diff', words: say('differs in a version'), about: say('The same step but for a version: layers of their own.') };
  }
}

function writesLayer(step: string): boolean {
  return /^(?:RUN|COPY|ADD|WORKDIR)\b/i.test(step);
}

function stepsNode(family: FamilyItem): Node {
  const { shared } = family;
  const label = say('Shared steps');
  return {
    id: `${family.id}/steps`, kind: 'steps', label, description: verbatim(String(shared.length)), icon: 'list-ordered',
    tooltip: say('Steps that siblings have in common, those of most siblings first.'),
    spoken: verbatim(`${label}, ${shared.length}`),
    children: () => shared.map((step, i) => stepNode(family, step, i)),
  };
}

function stepNode(family: FamilyItem, shared: Shared, index: number): Node {
  const { text, count, places } = shared;
  const { words, icon, about } = kindOf(shared);
  const siblings = counted(count, '{0} sibling', '{0} siblings');
  const id = `${family.id}/step ${index}`;
  return {
    id, kind: 'step', label: verbatim(text), description: joined([words, siblings], ' · '), icon, tooltip: joined([verbatim(text), joined([say('In {0}.', siblings), about], ' ')], '\n\n'),
    spoken: joined([verbatim(text), say('in {0}', siblings), words], ', '),
    children: () => places.map(({ uri, line }, i): Node => {
      const path = family.members.find((member) => member.uri === uri)?.path ?? decodeURIComponent(uri.slice(uri.lastIndexOf('/') + 1));
      const place = say('{0}, line {1}', path, line);
      return { id: `${id}/${i}`, kind: 'place', label: verbatim(path), description: say('line {0}', line), tooltip: place, spoken: place, icon: 'file', leaf: true, opens: { uri, line }, children: () => [] };
    }),
  };
}

/** A tooltip of two hundred lines would be no help. */
function listed(members: readonly FamilyMember[]): readonly Said[] {
  const shown = members.slice(0, 12).map((member) => verbatim(`· ${nameOf(member)}`));
  return members.length > shown.length ? [...shown, say('and {0} more', members.length - shown.length)] : shown;
}

export function nameOf({ path, stage }: FamilyMember): Said {
  return stage === null ? verbatim(path) : say('{0}, stage {1}', path, stage);
}

/** Without its keyword, which a row has no room for. */
function wordsOf(step: string): string {
  return step.replace(/^[A-Z]+\s+/, '');
}
