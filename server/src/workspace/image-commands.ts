/** The commands that look at a real image: strata history. An engine is asked, so that they answer later than the others. */
import { analyze } from '../core/analyze';
import { joinImage, type Joined, type JoinedRow } from '../core/image/join';
import type { Image } from '../core/image/model';
import type { Facts } from '../core/build/model';
import { options, Refusal } from './arguments';

export interface ImageMachine {
  /** The text of a file; throws as node:fs does. */
  readonly read: (file: string) => string;
  readonly write: (text: string) => void;
  /** Of an engine, or of an archive at a path. Throws what a user can read. */
  readonly image: (reference: string) => Promise<Image>;
}

/** The rows of an image, newest first, each with its line of the file. */
export async function history(argv: readonly string[], machine: ImageMachine, facts: (values: Readonly<Record<string, unknown>>) => Facts): Promise<void> {
  const { values, positionals } = options(argv, {
    image: { type: 'string' }, target: { type: 'string' }, 'build-arg': { type: 'string', multiple: true }, platform: { type: 'string' }, builder: { type: 'string' }, json: { type: 'boolean' },
  });
  if (positionals.length !== 1) throw new Refusal(positionals.length === 0 ? 'no FILE given' : `one FILE at a time, not ${positionals.length}`);
  if (values.image === undefined) throw new Refusal('which image: --image REFERENCE, or --image PATH of an archive');
  const [file] = positionals;
  const text = machine.read(file);
  const image = await machine.image(values.image as string);
  const analysis = analyze(text, facts(values));
  if (analysis.target === undefined) throw new Refusal(`${file}: there is no such stage`);
  const joined = joinImage(analysis, analysis.target, image);
  machine.write(values.json ? `${JSON.stringify(historyJson(file, image, joined))}\n` : historyText(file, image, joined));
}

function historyJson(file: string, image: Image, { rows, missing, current, doubt }: Joined): unknown {
  return {
    file, image: image.reference, id: image.id, platform: image.platform, current, ...(doubt !== undefined && { doubt }),
    rows: rows.toReversed().map(({ row, owner, step, certainty }) => ({
      id: row.id, created: dateOf(row.created), createdBy: row.createdBy, size: row.size ?? null, comment: row.comment, tags: row.tags,
      emptyLayer: row.emptyLayer ?? null, diffId: row.diffId ?? null, owner, line: step?.line ?? null, certainty: certainty ?? null,
    })),
    missing: missing.map(({ line, instruction }) => ({ line, keyword: instruction.keyword })),
  };
}

function historyText(file: string, image: Image, { rows, missing, doubt }: Joined): string {
  const shown = rows.toReversed().map(({ row, ...joined }) => [
    row.id === null ? '<missing>' : row.id.replace('sha256:', '').slice(0, 12), dateOf(row.created) ?? '', cut(row.createdBy), row.size === undefined ? '?' : `${row.size}`, lineOf(joined),
  ]);
  const head = ['IMAGE', 'CREATED AT', 'CREATED BY', 'SIZE', 'LINE'];
  const widths = head.map((name, i) => Math.max(name.length, ...shown.map((row) => row[i].length)));
  const table = [head, ...shown].map((row) => row.map((text, i) => (i === 3 ? text.padStart(widths[i]) : text.padEnd(widths[i]))).join('  ').trimEnd());
  const rest = missing.map(({ line, instruction }) => `line ${line ?? '?'}: ${instruction.keyword} has no row in this image`);
  return `${[`${image.reference} (${image.platform}), built of ${file}`, '', ...table, ...(doubt === undefined ? [] : ['', doubt]), ...(rest.length === 0 ? [] : ['', ...rest])].join('\n')}\n`;
}

function lineOf({ owner, step, certainty }: Omit<JoinedRow, 'row'>): string {
  if (owner === 'base') return 'base';
  if (owner === 'unknown') return 'no line of today';
  const line = step?.line === null || step === undefined ? 'trigger of the base' : `${step.line}`;
  return certainty === 'other-text' ? `${line} (an older text of it)` : line;
}

/** RFC 3339 in UTC, in whole seconds, as `docker image history --human=false` has it there. */
export function dateOf(created: number | null): string | null {
  return created === null ? null : new Date(created * 1000).toISOString().replace('.000Z', 'Z');
}

/** Nothing that a terminal would act upon. */
function cut(text: string): string {
  // oxlint-disable-next-line no-control-regex
  const line = text.replace(/\s+/g, ' ').replace(/[\u0000-\u001f\u007f-\u009f]/g, '�');
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}
