/** What the tree of families says, row by row, as plain values: labels short, the rest in descriptions and tooltips. */
import type { FamiliesAnswer, FamilyCandidate, FamilyItem, FamilyMember, WaysParams } from '../../server/src/protocol';

export interface Node {
  readonly id: string;
  readonly kind: 'family' | 'candidate' | 'members' | 'member' | 'drift' | 'steps' | 'step' | 'place';
  readonly label: string;
  readonly description?: string;
  readonly tooltip?: string;
  /** The name of one of the editor's own icons. */
  readonly icon: string;
  readonly warns?: boolean;
  /** For who listens. */
  readonly spoken: string;
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
  const about = [`${members.length} siblings`, ...(base === null || base === name ? [] : [`on ${base}`]), ...(drifted === 0 ? [] : [`${drifted} drifted`])];
  return {
    id, kind: 'family', label: name, description: about.join(' · '), icon: 'type-hierarchy', open: isFirst, family: id, members: members.map(({ uri }) => uri),
    tooltip: [`${members.length} siblings${base === null ? '' : ` on ${base}`}:`, ...listed(members)].join('\n'),
    spoken: `Family ${name}, ${about.join(', ')}`,
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
  const label = `Base: ${base} + ${count(steps, 'step')}`;
  const of = members.map((i) => family.members[i]);
  const less = [count(saves.lines, 'line'), count(saves.instructions, 'instruction'), ...(saves.layers === 0 ? [] : [`up to ${count(saves.layers, 'layer')} to make`])];
  return {
    id, kind: 'candidate', label, description: `saves ${count(saves.instructions, 'instruction')}`, icon: 'layers', open,
    tooltip: [`What ${count(of.length, 'sibling')} begin with, as a base image of their own: ${less.join(', ')} less.`, ...listed(of)].join('\n'),
    spoken: `${label}, for ${count(of.length, 'sibling')}, saves ${count(saves.instructions, 'instruction')}`,
    extracts: { family: family.id, candidate: index },
    children: () => of.map((member) => memberNode(id, member)),
  };
}

function othersNode(family: FamilyItem, members: readonly FamilyMember[], hasBases: boolean): Node {
  const id = `${family.id}/others`;
  const label = hasBases ? 'Other siblings' : 'Siblings';
  return {
    id, kind: 'members', label, description: String(members.length), icon: 'files', open: !hasBases || members.some(({ drift }) => drift.length > 0),
    tooltip: hasBases ? 'They share steps with the others, and do not begin with the same ones.' : 'They share steps, and no two of them begin with the same ones.',
    spoken: `${label}, ${members.length}`,
    children: () => members.map((member) => memberNode(id, member)),
  };
}

function memberNode(parent: string, member: FamilyMember): Node {
  const { uri, path, stage, line, drift } = member;
  const id = `${parent}/${uri} ${line}`;
  const [first] = drift;
  const more = drift.length > 1 ? ` and ${drift.length - 1} more` : '';
  const about = [...(stage === null ? [] : [stage]), ...(first ? [`drifted: ${wordsOf(first.text)}${more}`] : [])];
  return {
    id, kind: 'member', label: path, description: about.join(' · '), icon: first ? 'warning' : 'file', warns: first !== undefined,
    tooltip: [nameOf(member), ...drift.flatMap(({ line, text, majority }) => ['', `Line ${line}: ${text}`, `Most siblings: ${majority}`])].join('\n'),
    spoken: first ? `${nameOf(member)}, drifted: ${first.text}, most siblings have ${first.majority}` : nameOf(member),
    opens: { uri, line }, leaf: !first,
    children: () => drift.map(({ line, text, majority }, i): Node => ({
      id: `${id}/drift ${i}`, kind: 'drift', label: text, description: `most: ${wordsOf(majority)}`, icon: 'diff-modified', warns: true, leaf: true,
      tooltip: `Line ${line}: ${text}\nMost siblings: ${majority}`,
      spoken: `Line ${line}: ${text}, most siblings have ${majority}`,
      opens: { uri, line }, children: () => [],
    })),
  };
}

const kinds: Readonly<Record<Shared['kind'], { readonly words: string; readonly icon: string; readonly about: string }>> = {
  'same-layer': { words: 'one layer already', icon: 'layers-active', about: 'A builder makes this layer once for all of them: everything before it is the same, too.' },
  'same-step': { words: 'could be one', icon: 'layers-dot', about: 'The same step after different ones: layers of their own, which could be one.' },
  near: { words: 'differs in a version', icon: 'diff', about: 'The same step but for a version: layers of their own.' },
};

const sameRow = { ...kinds['same-layer'], words: 'the same already', about: 'It writes no layer, and everything before it is the same, too.' };

function writesLayer(step: string): boolean {
  return /^(?:RUN|COPY|ADD|WORKDIR)\b/i.test(step);
}

function stepsNode(family: FamilyItem): Node {
  const { shared } = family;
  return {
    id: `${family.id}/steps`, kind: 'steps', label: 'Shared steps', description: String(shared.length), icon: 'list-ordered',
    tooltip: 'Steps that siblings have in common, those of most siblings first.',
    spoken: `Shared steps, ${shared.length}`,
    children: () => shared.map((step, i) => stepNode(family, step, i)),
  };
}

function stepNode(family: FamilyItem, { text, kind, count: siblings, places }: Shared, index: number): Node {
  const { words, icon, about } = kind === 'same-layer' && !writesLayer(text) ? sameRow : kinds[kind];
  const id = `${family.id}/step ${index}`;
  return {
    id, kind: 'step', label: text, description: `${words} · ${siblings} siblings`, icon, tooltip: `${text}\n\nIn ${siblings} siblings. ${about}`,
    spoken: `${text}, in ${siblings} siblings, ${words}`,
    children: () => places.map(({ uri, line }, i): Node => {
      const path = family.members.find((member) => member.uri === uri)?.path ?? decodeURIComponent(uri.slice(uri.lastIndexOf('/') + 1));
      const place = { label: path, description: `line ${line}`, tooltip: `${path}, line ${line}`, spoken: `${path}, line ${line}` };
      return { id: `${id}/${i}`, kind: 'place', ...place, icon: 'file', leaf: true, opens: { uri, line }, children: () => [] };
    }),
  };
}

/** A tooltip of two hundred lines would be no help. */
function listed(members: readonly FamilyMember[]): readonly string[] {
  const shown = members.slice(0, 12).map((member) => `· ${nameOf(member)}`);
  return members.length > shown.length ? [...shown, `and ${members.length - shown.length} more`] : shown;
}

export function nameOf({ path, stage }: FamilyMember): string {
  return stage === null ? path : `${path}, stage ${stage}`;
}

/** Without its keyword, which a row has no room for. */
function wordsOf(step: string): string {
  return step.replace(/^[A-Z]+\s+/, '');
}

export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
