/** What we read of an image that Buildah or Podman built, against what Podman says of it, and against the steps that the builder said it did. */
import { analyze } from '../../server/src/core/analyze';
import { baseOf, chainOf } from '../../server/src/core/build/history';
import type { Facts, Step } from '../../server/src/core/build/model';
import { joinImage } from '../../server/src/core/image/join';
import type { Image, ImageRow } from '../../server/src/core/image/model';
import { dateOf } from '../../server/src/workspace/image-commands';
import type { Built, Way } from './builders';

/** `podman image history --format json`: newest first. */
export interface Told {
  readonly id: string;
  readonly created: string;
  readonly CreatedBy: string;
  readonly size: number;
  readonly comment?: string;
}

/** `podman image inspect`. */
export interface Inspected {
  readonly Id: string;
  readonly History: readonly { readonly created?: string; readonly created_by?: string; readonly comment?: string; readonly empty_layer?: boolean }[];
  /** Null: none. */
  readonly RootFS: { readonly Layers: readonly string[] | null };
}

export interface Counts {
  rows: number;
  joined: number;
  /** By kind and place. */
  uncertain: number;
  wrong: number;
  unjoined: number;
}

function secondsOf(date: string | undefined): string | null {
  return date === undefined ? null : dateOf(Math.floor(Date.parse(date) / 1000));
}

function firstDifference(ours: readonly (readonly unknown[])[], theirs: readonly (readonly unknown[])[]): string | undefined {
  if (ours.length !== theirs.length) return `ours has ${ours.length} rows, podman's ${theirs.length}`;
  for (const [at, row] of theirs.entries()) {
    const cell = row.findIndex((text, i) => text !== ours[at][i]);
    if (cell !== -1) return `row ${at + 1}: ours ${String(ours[at][cell])}, podman's ${String(row[cell])}`;
  }
  return undefined;
}

/** Of the service: the table, and the layers. */
export function servedDifference({ rows, diffIds, id }: Image, told: readonly Told[], { Id, RootFS, History }: Inspected): string | undefined {
  const layers = RootFS.Layers ?? [];
  if (id !== `sha256:${Id}` || diffIds.join() !== layers.join()) return `${id} of ${diffIds.length} layers, podman's ${Id} of ${layers.length}`;
  return firstDifference(
    rows.map((row) => [row.id ?? '<missing>', dateOf(row.created), row.createdBy, row.size, row.comment]),
    told.toReversed().map(({ id: told, created, CreatedBy, size, comment = '' }) => [told, secondsOf(created), CreatedBy, size, comment]),
  ) ?? layerDifference(rows, diffIds, History);
}

/** An engine does not say which rows have a layer: what we say of it has to be true. */
function layerDifference(rows: readonly ImageRow[], diffIds: readonly string[], history: Inspected['History']): string | undefined {
  let layer = 0;
  for (const [at, { empty_layer = false }] of history.entries()) {
    const diffId = empty_layer ? undefined : diffIds[layer++];
    if (rows[at].emptyLayer !== empty_layer || rows[at].diffId !== diffId) return `row ${at + 1}: its layer is ${rows[at].diffId ?? rows[at].emptyLayer}, podman's ${diffId ?? 'none'}`;
  }
  return undefined;
}

/** Of an archive. */
export function savedDifference({ rows, diffIds }: Image, { History, RootFS }: Inspected): string | undefined {
  if (diffIds.join() !== (RootFS.Layers ?? []).join()) return `${diffIds.length} layers, podman's ${RootFS.Layers?.length ?? 0}, or others`;
  return firstDifference(
    rows.map(({ created, createdBy, comment, emptyLayer }) => [dateOf(created), createdBy, comment, emptyLayer]),
    History.map(({ created, created_by = '', comment = '', empty_layer = false }) => [secondsOf(created), created_by, comment, empty_layer]),
  ) ?? layerDifference(rows, diffIds, History);
}

export interface Asked {
  readonly image: Image;
  readonly text: string;
  readonly facts: Facts;
  readonly built: Built;
  readonly way: Way;
  /** Stages that the image consists of, where they are not those of BuildKit. */
  readonly chain?: readonly number[];
}

/** Each step of the builder is a row, in order, above those of the base. */
export function joinDifference({ image, text, facts, built: { steps: said }, way, chain: other }: Asked, counts: Counts): string | undefined {
  const analysis = analyze(text, facts);
  const target = analysis.target as number;
  const base = baseOf(analysis, target);
  const below = base.kind === 'image' || base.kind === 'context' ? base.image?.history.length ?? 0 : 0;
  const chain = other ?? chainOf(analysis, target);
  const real = chain.flatMap((stage) => (said.get(stage + 1) ?? []).slice(1));
  const plain = (line: string): string => line.replaceAll(/\s+/g, ' ').trim();
  // In OCI's format there are no triggers: our steps that the builder did not do are left out.
  const ours: Step[] = [];
  const left = chain.flatMap((stage) => analysis.stages[stage].steps);
  for (const text of real) {
    const at = left.findIndex(({ instruction, trigger }) => plain(trigger ?? instruction.line) === plain(text));
    if (at === -1 || left.slice(0, at).some(({ trigger }) => trigger === undefined)) return `the builder did a step that is none of ours: ${text}`;
    ours.push(left[at]);
    left.splice(0, at + 1);
  }
  if (image.rows.length - below !== real.length) return `${image.rows.length - below} rows are the file's, and the builder did ${real.length} steps`;
  const { rows, squashed } = joinImage(analysis, target, image);
  const wrong: string[] = [];
  for (const [at, { step, owner, certainty, row }] of rows.entries()) {
    const expected = at < below ? undefined : ours[at - below];
    if (expected) counts.rows++;
    if (step) counts.joined++;
    if (certainty === 'other-text') counts.uncertain++;
    if (step === expected && (owner === 'line') === (expected !== undefined)) continue;
    if (step) counts.wrong++;
    else counts.unjoined++;
    wrong.push(`row ${at + 1} (${row.createdBy}) is joined to ${step?.line ?? owner}, and is of ${expected?.line ?? 'the base'}`);
  }
  // What writes files, by the builder's words; of the last line of a stage the layer is its own.
  const shared = chain.some((stage) => (said.get(stage + 1) ?? []).slice(1, -1).some((line) => /^(?:RUN|COPY|ADD)\b/i.test(line)));
  if (wrong.length === 0 && squashed !== (way === 'buildah' && shared) && (way !== 'buildah' || shared)) return `the image is ${squashed ? '' : 'not '}squashed, we say`;
  return wrong[0];
}
