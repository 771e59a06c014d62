/** Two images held against each other: files, config, and the rows of their history. */
import { isDeepStrictEqual } from 'node:util';
import { docker } from '../engine/docker';
import { configDiffering, filesDiffering, smallImage } from '../fixes/files';

export interface Inspected {
  readonly config: Readonly<Record<string, unknown>>;
  readonly layers: readonly string[];
  readonly rows: readonly string[];
}

/** `declared`: only rows of ARG are more or fewer; `order`: the same rows in another order. */
export type Rows = 'equal' | 'declared' | 'order' | 'different';

export interface Compared {
  readonly differences: readonly string[];
  /** Paths whose content is a text that the extraction changed: the image holds its own Dockerfile. */
  readonly ownTexts: number;
  readonly rows: Rows;
}

/** What can be asked without saving them: an engine makes a tar of each layer for that. */
export async function inspect(tags: readonly string[]): Promise<Inspected[]> {
  const { code, stdout, stderr } = await docker(['image', 'inspect', '--format', '{{json .Config}}\t{{json .RootFS.Layers}}', ...tags]);
  if (code !== 0) throw new Error(stderr.trim());
  const rows = await Promise.all(tags.map(rowsOf));
  return stdout.toString().trim().split('\n').map((line, i) => {
    const [config, layers] = line.split('\t').map((part) => JSON.parse(part) as unknown);
    return { config: config as Inspected['config'], layers: layers as string[] | null ?? [], rows: rows[i] };
  });
}

async function rowsOf(reference: string): Promise<string[]> {
  const { code, stdout, stderr } = await docker(['image', 'history', '--no-trunc', '--format', '{{json .CreatedBy}}', reference]);
  if (code !== 0) throw new Error(stderr.trim());
  return stdout.toString().split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as string).reverse();
}

/** `changed`: names of the files that the extraction writes or deletes. */
export async function compare(tags: readonly [before: string, after: string], before: Inspected, after: Inspected, changed: ReadonlySet<string>): Promise<Compared> {
  const differences = configDiffering({ files: new Map(), config: before.config }, { files: new Map(), config: after.config }, false);
  let ownTexts = 0;
  // What has the same layers has the same files.
  if (!isDeepStrictEqual(before.layers, after.layers)) {
    const [one, other] = await Promise.all(tags.map(smallImage));
    for (const { path, before: was, after: is } of filesDiffering(one, other)) {
      if ([...changed].some((name) => path === name || path.endsWith(`/${name}`))) ownTexts++;
      else differences.push(`/${path}: ${was ?? 'not there'} → ${is ?? 'not there'}`);
    }
  }
  if (before.layers.length !== after.layers.length) differences.push(`${before.layers.length} layers → ${after.layers.length}`);
  return { differences, ownTexts, rows: rowsDiffering(before.rows, after.rows) };
}

function rowsDiffering(before: readonly string[], after: readonly string[]): Rows {
  if (isDeepStrictEqual(before, after)) return 'equal';
  // A RUN's row begins with the ARGs in scope.
  const plain = (rows: readonly string[]): string[] => rows.filter((row) => !row.startsWith('ARG ')).map((row) => row.replace(/^RUN \|\d+ (?:\S+=.*? )*?(?=\/)/, 'RUN '));
  if (isDeepStrictEqual(plain(before), plain(after))) return 'declared';
  if (isDeepStrictEqual(plain(before).toSorted(), plain(after).toSorted())) return 'order';
  return 'different';
}
