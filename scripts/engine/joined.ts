/** The history that we show of an image, against `docker image history`, and against the file that it was built from. */
import { analyze } from '../../server/src/core/analyze';
import { baseOf, stepsOf } from '../../server/src/core/build/history';
import type { Facts } from '../../server/src/core/build/model';
import { joinImage } from '../../server/src/core/image/join';
import type { Image } from '../../server/src/core/image/model';
import { findEngine } from '../../server/src/workspace/images/engine';
import { dateOf } from '../../server/src/workspace/image-commands';
import { docker } from './docker';

/** Over all images. */
export interface JoinedCounts {
  images: number;
  rows: number;
  joined: number;
  uncertain: number;
  /** Rows of which nobody can say whether they have a layer. */
  open: number;
}

interface Told {
  readonly ID: string;
  readonly CreatedAt: string;
  readonly CreatedBy: string;
  readonly Size: string;
  readonly Comment: string;
}

/** The first cell that differs, or the first row that is not joined to its own line. */
export async function historyDifference(reference: string, text: string, facts: Facts, counts: JoinedCounts): Promise<string | undefined> {
  const image = await findEngine(process.env).image(reference);
  if (!image) return `${reference}: our engine has no such image`;
  const { stdout } = await docker(['image', 'history', '--no-trunc', '--human=false', '--format', '{{json .}}', reference]);
  const told = stdout.toString().trim().split('\n').map((line) => JSON.parse(line) as Told).toReversed();
  counts.images++;
  counts.rows += told.length;
  return cellDifference(image, told) ?? layerDifference(image, counts) ?? joinDifference(image, text, facts, counts);
}

function cellDifference({ rows }: Image, told: readonly Told[]): string | undefined {
  if (rows.length !== told.length) return `history: ours has ${rows.length} rows, docker's ${told.length}`;
  for (const [at, { ID, CreatedAt, CreatedBy, Size, Comment }] of told.entries()) {
    const { id, created, createdBy, size, comment } = rows[at];
    // The table of docker has a blank for a tab (cli/command/formatter/history.go CreatedBy).
    const ours = [id ?? '<missing>', dateOf(created), createdBy.replaceAll('\t', ' '), String(size), comment];
    const theirs = [ID, dateOf(Date.parse(CreatedAt) / 1000), CreatedBy, Size, Comment];
    const differing = ours.findIndex((cell, i) => cell !== theirs[i]);
    if (differing !== -1) return `history, row ${at + 1}: ours ${ours[differing]}, docker's ${theirs[differing]}`;
  }
  return undefined;
}

/** What has a layer, the engine does not say: every layer has to have its row. */
function layerDifference({ rows, diffIds }: Image, counts: JoinedCounts): string | undefined {
  counts.open += rows.filter(({ emptyLayer }) => emptyLayer === undefined).length;
  const known = rows.flatMap(({ diffId }) => diffId ?? []);
  if (rows.every(({ emptyLayer }) => emptyLayer !== undefined) && known.join() !== diffIds.join()) return `layers: ours ${known.length}, docker's ${diffIds.length}`;
  return undefined;
}

function joinDifference(image: Image, text: string, facts: Facts, counts: JoinedCounts): string | undefined {
  const analysis = analyze(text, facts);
  const target = analysis.target as number;
  const steps = stepsOf(analysis, target);
  const { rows } = joinImage(analysis, target, image);
  const base = baseOf(analysis, target);
  const behind = base.kind === 'context' && base.folder ? image.rows.filter(({ createdBy }) => createdBy.startsWith('local source for ')).length : 0;
  const first = rows.length - behind - steps.length;
  for (const [at, { step, owner, certainty, row }] of rows.entries()) {
    const expected = at >= first && at < rows.length - behind ? steps[at - first] : undefined;
    if (step !== expected || (owner === 'line') !== (expected !== undefined)) return `row ${at + 1} (${row.createdBy}) is joined to ${step?.line ?? owner}, and is of ${expected?.line ?? 'the base'}`;
    if (step) counts.joined++;
    if (certainty === 'other-text') counts.uncertain++;
  }
  return undefined;
}
