/** The commands that look at a real image: strata history, strata waste. An engine is asked, so that they answer later than the others. */
import { analyze } from '../core/analyze';
import { joinImage, type Joined, type JoinedRow } from '../core/image/join';
import { rowsByLayer, wasteIn, type ImageContents } from '../core/image/losses';
import type { Image } from '../core/image/model';
import { pushOf, pushText, type Push } from '../core/image/push';
import type { Waste } from '../core/image/waste';
import { check } from '../core/rules/check';
import type { Analysis, Facts } from '../core/build/model';
import { layersJson, layerTable, type Sizes } from '../core/build/table';
import { onlyFile, options, Refusal } from './arguments';
import type { Content } from './images/named';
import type { RegistryImage, RegistryLayer } from './images/registry';
import { cut, harmless, jsonLine } from './terminal';

export interface ImageMachine {
  /** The text of a file; throws as node:fs does. */
  readonly read: (file: string) => string;
  readonly write: (text: string) => void;
  /** Of an engine, or of an archive at a path. Throws what a user can read. */
  readonly image: (reference: string) => Promise<Image>;
  /** Of its registry. `platform`: asked for; `usual`: which one of several else. Throws what a user can read. */
  readonly registry: (reference: string, platform: string | undefined, usual: string | undefined) => Promise<RegistryImage>;
  /** The same reference of the local engine; undefined where that has none, or there is no engine. Throws nothing. */
  readonly local: (reference: string) => Promise<Image | undefined>;
  /** The same, with what its layers hold for as long as `use` takes. */
  readonly content: <Result>(reference: string, use: (content: Content) => Promise<Result>) => Promise<Result>;
}

type FactsOf = (values: Readonly<Record<string, unknown>>) => Facts;

/** What both are told. */
function asked(argv: readonly string[], machine: ImageMachine, facts: FactsOf, more: Parameters<typeof options>[1] = {}) {
  const { values, positionals } = options(argv, {
    ...more, image: { type: 'string' }, target: { type: 'string' }, 'build-arg': { type: 'string', multiple: true }, platform: { type: 'string' }, builder: { type: 'string' }, json: { type: 'boolean' },
  });
  const file = onlyFile(positionals);
  if (values.image === undefined) throw new Refusal('which image: --image REFERENCE, or --image PATH of an archive');
  const given = facts(values);
  const analysis = analyze(machine.read(file), given);
  if (analysis.target === undefined) throw new Refusal(`${file}: there is no such stage`);
  const platform = { asked: values.platform as string | undefined, usual: given.platform?.target };
  return { file, analysis, facts: given, reference: values.image as string, json: values.json === true, registry: values.registry === true, platform, join: (image: Image) => joinImage(analysis, analysis.target as number, image) };
}

/** The layer table of the file, with the sizes that its layers have in an image. */
export async function sizedLayers(argv: readonly string[], machine: ImageMachine, facts: FactsOf): Promise<void> {
  const { file, analysis, reference, json, join } = asked(argv, machine, facts);
  const image = await machine.image(reference);
  const sizes = sizesOf(image, join(image));
  machine.write(json ? jsonLine(layersJson(analysis, file, analysis.target, sizes)) : harmless(layerTable(analysis, file, analysis.target, sizes)));
}

/** Of lines that say what the image was built from, and have a layer of their own. */
function sizesOf({ reference }: Image, { rows, squashed }: Joined): Sizes {
  const steps = new Map(rows.flatMap(({ step, row, certainty }) => (step && certainty !== 'other-text' && !squashed ? [[step, row.size] as const] : [])));
  const below = rows.filter(({ owner }) => owner === 'base').map(({ row }) => row.size);
  return { image: reference, base: below.includes(undefined) ? undefined : below.reduce<number>((sum, size = 0) => sum + size, 0), of: (step) => steps.get(step) };
}

/** The rows of an image, newest first, each with its line of the file. */
export async function history(argv: readonly string[], machine: ImageMachine, facts: FactsOf): Promise<void> {
  const { file, reference, json, registry, platform, join } = asked(argv, machine, facts, { registry: { type: 'boolean' } });
  const [kept, local] = registry ? await Promise.all([machine.registry(reference, platform.asked, platform.usual), machine.local(reference)]) : [];
  const image = kept?.image ?? await machine.image(reference);
  // Of another platform it is another image.
  const push = kept && local?.platform === image.platform ? pushOf(local, image.diffIds) : undefined;
  machine.write(json ? jsonLine(historyJson(file, image, join(image), kept, push)) : harmless(historyText(file, image, join(image), kept, push)));
}

/** By row: the layer as the registry keeps it; undefined of a row without one. */
function keptLayers({ rows }: Image, { layers }: RegistryImage): readonly (RegistryLayer | undefined)[] {
  let layer = 0;
  return rows.map((row) => (row.emptyLayer === false ? layers[layer++] : undefined));
}

/** What of an image's layers is lost to copy-on-write, by the lines that wrote it and that wasted it. */
export async function waste(argv: readonly string[], machine: ImageMachine, facts: FactsOf): Promise<void> {
  const { file, analysis, facts: own, reference, json, join } = asked(argv, machine, facts);
  await machine.content(reference, async ({ image, layers }) => {
    const contents = { image, layers: await layers() };
    const found = wasteIn(contents.layers);
    const fixes = fixesOf(analysis, own, contents);
    const lines = linesOf(image, join(image));
    machine.write(json ? jsonLine(wasteJson(file, image, found, lines, fixes)) : harmless(wasteText(file, image, found, lines, fixes)));
  });
}

/** By layer, from 0: the line that wrote it, `base`, or null where that is not known. */
export function linesOf(image: Image, joined: Joined): (number | 'base' | null)[] {
  return rowsByLayer(image, joined).map((row) => (row?.owner === 'base' ? 'base' : row?.step?.line ?? null));
}

function wasteJson(file: string, image: Image, { items, bytes, total, layers, dive }: Waste, lines: readonly (number | 'base' | null)[], fixes: readonly WasteFix[]): unknown {
  return {
    file, image: image.reference, id: image.id, platform: image.platform, size: layers.reduce((sum, layer) => sum + layer.bytes, 0), wasted: total, kinds: bytes, dive,
    items: items.map((item) => ({ ...item, line: lines[item.layer] ?? null, byLine: lines[item.by] ?? null })), fixes,
  };
}

interface WasteFix {
  readonly line: number;
  readonly rule: string;
  readonly title: string;
  /** Bytes. */
  readonly saves: number;
  readonly safe: boolean;
}

/** As the editor offers them. */
export function fixesOf(analysis: Analysis, facts: Facts, contents: ImageContents): WasteFix[] {
  const { findings } = check([{ analysis, build: { title: '', facts, context: { kind: 'unknown' } }, texts: new Map(), contents }]);
  return findings.flatMap(({ rule, line, fixes }) => fixes.flatMap(({ title, saves, safe }) => (saves === undefined ? [] : [{ line, rule, title, saves, safe }])));
}

const mostItems = 40;
/** Of a text in a table. */
const longest = 60;

function wasteText(file: string, image: Image, { items, total, layers, dive }: Waste, lines: readonly (number | 'base' | null)[], fixes: readonly WasteFix[]): string {
  const size = layers.reduce((sum, layer) => sum + layer.bytes, 0);
  const head = `${image.reference} (${image.platform}), built of ${file}: ${total} of ${size} bytes are wasted (as dive counts: ${dive.wastedBytes}, efficiency ${(100 * dive.efficiency).toFixed(1)} %)`;
  if (items.length === 0) return `${head}\n`;
  const rows = items.slice(0, mostItems).map(({ kind, path, bytes, layer, by, files }) => [
    `${bytes}`, kind, `${lines[layer] ?? '?'}`, layer === by ? '' : `${lines[by] ?? '?'}`, cut(`/${path}${files === undefined ? '' : ` (${files} files)`}`, longest),
  ]);
  const rest = items.length > mostItems ? ['', `and ${items.length - mostItems} more`] : [];
  if (fixes.length > 0) rest.push('', ...fixes.map(({ line, title, safe }) => `line ${line}: ${cut(title, 200)}${safe ? ' (the image stays the same)' : ''}`));
  return `${[head, '', ...tableOf(['BYTES', 'WASTE', 'LINE', 'BY LINE', 'PATH'], rows, 0), ...rest].join('\n')}\n`;
}

/** `right`: the column that holds numbers. */
function tableOf(head: readonly string[], rows: readonly (readonly string[])[], right: number): string[] {
  const widths = head.map((name, i) => Math.max(name.length, ...rows.map((row) => row[i].length)));
  return [head, ...rows].map((row) => row.map((text, i) => (i === right ? text.padStart(widths[i]) : text.padEnd(widths[i]))).join('  ').trimEnd());
}

function historyJson(file: string, image: Image, { rows, missing, current, doubt }: Joined, kept: RegistryImage | undefined, push: Push | undefined): unknown {
  const layers = kept && keptLayers(image, kept);
  return {
    file, image: image.reference, id: image.id, platform: image.platform, ...(kept && { digest: kept.digest, platforms: kept.platforms, push: push ?? null }), current, ...(doubt !== undefined && { doubt }),
    rows: rows.map(({ row, owner, step, certainty }, i) => ({
      id: row.id, created: dateOf(row.created), createdBy: row.createdBy, size: row.size ?? null, comment: row.comment, tags: row.tags,
      emptyLayer: row.emptyLayer ?? null, diffId: row.diffId ?? null, ...(layers && { digest: layers[i]?.digest ?? null, compressedSize: layers[i]?.size ?? null, mediaType: layers[i]?.mediaType ?? null }),
      owner, line: step?.line ?? null, certainty: certainty ?? null,
    })).toReversed(),
    missing: missing.map(({ line, instruction }) => ({ line, keyword: instruction.keyword })),
  };
}

function historyText(file: string, image: Image, { rows, missing, doubt }: Joined, kept: RegistryImage | undefined, push: Push | undefined): string {
  const sizes = kept ? keptLayers(image, kept).map((layer) => layer?.size ?? 0) : rows.map(({ row }) => row.size);
  const shown = rows.map(({ row, ...joined }, i) => [
    row.id === null ? '<missing>' : row.id.replace('sha256:', '').slice(0, 12), dateOf(row.created) ?? '', cut(row.createdBy, longest), `${sizes[i] ?? '?'}`, lineOf(joined),
  ]).toReversed();
  const table = tableOf(['IMAGE', 'CREATED AT', 'CREATED BY', kept ? 'COMPRESSED' : 'SIZE', 'LINE'], shown, 3);
  const rest = [
    ...(kept ? [[`platforms: ${kept.platforms.join(', ')}`, ...(push ? [pushText(push)] : [])]] : []), ...(doubt === undefined ? [] : [[doubt]]),
    missing.map(({ line, instruction }) => `line ${line ?? '?'}: ${instruction.keyword} has no row in this image`),
  ].filter((lines) => lines.length > 0);
  return `${[`${image.reference} (${image.platform}), built of ${file}`, '', ...table, ...rest.flatMap((lines) => ['', ...lines])].join('\n')}\n`;
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
