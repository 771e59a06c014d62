/** Two images held against each other: files, config, and the rows of their history. */
import { isDeepStrictEqual } from 'node:util';
import { docker } from '../engine/docker';
import { tarEntries } from '../engine/tar';
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

/** All of them out of one `docker save`, which has what they share once. */
export async function inspect(tags: readonly string[]): Promise<Inspected[]> {
  const { code, stdout, stderr } = await docker(['image', 'save', ...tags]);
  if (code !== 0) throw new Error(stderr.trim());
  const entries = tarEntries(stdout);
  const manifest = JSON.parse(entries.get('manifest.json')?.toString() ?? '') as { Config: string; RepoTags: string[] | null }[];
  return tags.map((tag) => {
    const one = manifest.find(({ RepoTags }) => RepoTags?.includes(tag));
    if (one === undefined) throw new Error(`${tag} is not among what was saved`);
    const { config = {}, rootfs, history = [] } = JSON.parse(entries.get(one.Config)?.toString() ?? '') as { config?: Record<string, unknown>; rootfs?: { diff_ids?: string[] }; history?: { created_by?: string; empty_layer?: boolean }[] };
    return { config, layers: rootfs?.diff_ids ?? [], rows: history.map((row) => `${row.created_by ?? ''}${row.empty_layer ? ' (empty)' : ''}`) };
  });
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
