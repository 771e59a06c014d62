/** The command strata report: a folder in, one HTML page out. */
import { basename, relative, resolve } from 'node:path';
import { analyze } from '../core/analyze';
import type { Facts } from '../core/build/model';
import { joinImage } from '../core/image/join';
import { wasteIn } from '../core/image/losses';
import { bytes, plural } from '../core/rules/words';
import { options, Refusal } from './arguments';
import { reasonOf } from './disk';
import { slashed } from './contexts';
import { fixesOf, linesOf, type ImageMachine } from './image-commands';
import type { Report } from './report';
import { reportPage, type ReportedWaste } from './report-page';

export interface ReportMachine {
  /** Throws as node:fs does where the path is not there. */
  readonly report: (path: string, facts: Facts) => Report;
  readonly content: ImageMachine['content'];
  readonly write: (text: string) => void;
  readonly warn: (line: string) => void;
  readonly save: (file: string, text: string) => void;
}

export async function report(argv: readonly string[], machine: ReportMachine, facts: (values: Readonly<Record<string, unknown>>) => Facts): Promise<void> {
  const { values, positionals } = options(argv, { output: { type: 'string', short: 'o' }, image: { type: 'string', multiple: true }, builder: { type: 'string' } });
  const { output } = values as { output?: string };
  if (positionals.length !== 1) throw new Refusal(positionals.length === 0 ? 'no PATH given' : `one PATH at a time, not ${positionals.length}`);
  if (output === undefined) throw new Refusal('where to: -o FILE');
  const [path] = positionals;
  const told = facts(values);
  const found = refusing(path, () => machine.report(path, told));
  for (const complaint of found.complaints) machine.warn(complaint);
  const waste: ReportedWaste[] = [];
  for (const given of (values.image as string[] | undefined) ?? []) waste.push(await wasteOf(given, path, found, told, machine));
  const page = reportPage(basename(resolve(path)), found, waste);
  refusing(output, () => machine.save(output, page));
  machine.write(`${output}: ${plural(found.files.length, 'Dockerfile')}, ${bytes(Buffer.byteLength(page))}\n`);
}

function refusing<Result>(path: string, body: () => Result): Result {
  try {
    return body();
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === undefined) throw error;
    throw new Refusal(`${path}: ${reasonOf(error)}`);
  }
}

/** `given`: FILE=IMAGE, an image that was built of the file. */
function wasteOf(given: string, path: string, { checked }: Report, facts: Facts, { content }: ReportMachine): Promise<ReportedWaste> {
  const equals = given.indexOf('=');
  const name = given.slice(0, equals);
  const file = checked.find((one) => resolve(one.path) === resolve(name) || slashed(relative(resolve(path), resolve(one.path))) === name);
  if (equals < 1 || equals === given.length - 1 || !file) throw new Refusal(`--image ${given}: FILE=IMAGE, with a FILE of ${path}`);
  return content(given.slice(equals + 1), async ({ image, layers }) => {
    const contents = { image, layers: await layers() };
    const { items, total, layers: sizes } = wasteIn(contents.layers);
    const analysis = analyze(file.text, facts);
    const joined = analysis.target === undefined ? undefined : joinImage(analysis, analysis.target, image);
    const lines = joined ? linesOf(image, joined) : [];
    return {
      file: file.inRepository, image: image.reference, size: sizes.reduce((sum, layer) => sum + layer.bytes, 0), wasted: total, ...(joined && !joined.current && { doubt: joined.doubt ?? 'The file has changed since it was built.' }),
      items: items.toSorted((a, b) => b.bytes - a.bytes).map(({ kind, path: at, files, bytes: count, layer, by }) => (
        { kind, path: at, bytes: count, line: lines[layer] ?? null, ...(files !== undefined && { files }), ...(by !== layer && { byLine: lines[by] ?? null }) }
      )),
      fixes: fixesOf(analysis, facts, contents),
    };
  });
}
