/**
 * Replays histories of real Dockerfiles on the engine's warm builder, build after build, and holds every step that it prints
 * as cached or run against the verdict of a cache that saw the same builds.
 */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { analyze } from '../../server/src/core/analyze';
import { emptyCache, verdictsOf, type StepVerdict } from '../../server/src/core/build/cache';
import type { BaseImage, Facts } from '../../server/src/core/build/model';
import { readContext } from '../../server/src/workspace/context-files';
import { machineDisk } from '../../server/src/workspace/machine-disk';
import { blobsOf, changedBetween, checkOut, treeOf, type Tree, type TreeEntry } from './checkout';
import { build, importImage, removeImages, type Engine } from './docker';
import { factsOf, type History } from './histories';
import { digest, withoutLines } from './repositories';
import { standInFiles } from './stand-in';
import { variationsOf, type Variation } from './variations';

export interface Difference {
  readonly where: string;
  readonly step: string;
  readonly engine: string;
  readonly ours: string;
  readonly reason?: string;
}

/** Sums over builds; plain counters. */
export interface Counts {
  builds: number;
  verdicts: number;
  /** Of them, what the engine ran. */
  ran: number;
  equal: number;
  /** Left open, and what came of them. */
  openHit: number;
  openMiss: number;
  /** Steps that another stage has in common: printed once. */
  unprinted: number;
  /** Steps that run again and are said to for a file's sake: whether the file is one that changed since the build before, since an earlier one, or never. */
  pathChanged: number;
  pathEarlier: number;
  pathWrong: number;
}

export const none: Counts = { builds: 0, verdicts: 0, ran: 0, equal: 0, openHit: 0, openMiss: 0, unprinted: 0, pathChanged: 0, pathEarlier: 0, pathWrong: 0 };

export interface Replayed {
  readonly commits: Counts;
  readonly variations: Counts;
  readonly differences: readonly Difference[];
  readonly wrongPaths: readonly string[];
  /** Variations that the engine refuses; with a commit's error, there is no more to replay. */
  readonly refused: readonly { readonly label: string; readonly error: string }[];
}

export interface Place {
  /** Empty, and nobody else's. */
  readonly folder: string;
  /** Of the run: a part of every image's name and content. */
  readonly host: string;
  /** Names that have to go at the end, whatever happens. */
  readonly made: Set<string>;
}

/** `probe`: tries all, and goes on where one is refused. */
export async function replay(engine: Engine, files: Buffer, history: History, repository: string, { folder, host, made }: Place, probe = false): Promise<Replayed> {
  const commits = history.commits.map((commit) => treeOf(repository, commit, history.context));
  const blobs = await blobsOf(repository, [...new Set(commits.flatMap((tree) => [...tree.values()].flatMap(({ mode, blob }) => (mode === '160000' || blob === undefined ? [] : [blob]))))]);
  const text = (entry: TreeEntry): string => entry.text ?? blobs.get(entry.blob ?? '')?.toString() ?? '';
  const trees = commits.map((tree) => prepared(tree, history, text));
  const images = new Map<string, { name: string; image: BaseImage }>();
  const salt = `${host} ${history.repository} ${join(history.context, history.path)}`;
  for (const [i, reference] of history.images.entries()) {
    const name = `${host}/base:${digest(salt).slice(0, 12)}-${i}`;
    made.add(name);
    await importImage(standInFiles(files, history, salt, reference), name);
    images.set(reference, { name, image: { config: {}, history: [{ createdBy: '', emptyLayer: false }], identity: name, layers: 1 } });
  }
  const contexts = Object.fromEntries([...images].map(([reference, { name }]) => [reference, `docker-image://${name}`]));

  const cache = emptyCache();
  const counts = { commits: { ...none }, variations: { ...none } };
  const differences: Difference[] = [];
  const wrongPaths: string[] = [];
  const refused: { label: string; error: string }[] = [];
  const file = join(folder, history.path);
  const built: Tree[] = [];
  const factsFor = ({ buildArgs, target }: Pick<Variation, 'buildArgs' | 'target'>): Facts => ({
    builder: engine.builder, platform: { build: engine.platform, target: engine.platform, assumed: false }, buildArgs, target,
    ...factsOf(history, (reference) => images.get(reference)?.image as BaseImage),
  });

  const run = async (variation: Variation, sums: Counts): Promise<boolean> => {
    checkOut(folder, built.at(-1) ?? new Map(), variation.tree, blobs, new Set(variation.touched));
    const facts = factsFor(variation);
    const { context } = readContext(machineDisk, folder, file);
    const made = await build(engine, { tag: '', file, context: folder, contexts, stepsOnly: true, buildArgs: variation.buildArgs, target: variation.target, noCache: variation.noCache });
    const before = built.at(-1);
    built.push(variation.tree);
    if (made.error !== undefined) {
      refused.push({ label: variation.label, error: made.error });
      return probe;
    }
    const analysis = analyze(text(variation.tree.get(history.path) as TreeEntry), facts);
    const verdicts = verdictsOf(cache, { analysis, facts, context, network: 'none', noCache: variation.noCache, merges: engine.merges });
    sums.builds++;
    compare(sums, verdicts, made.steps, `${history.repository} ${join(history.context, history.path)}, ${variation.label}`, differences);
    for (const { verdict, reason } of verdicts) {
      if (verdict !== 'rebuilt' || reason?.kind !== 'content' || reason.path === undefined) continue;
      const { path } = reason;
      if (before && isChanged(before, variation.tree, path)) sums.pathChanged++;
      else if (built.some((tree) => isChanged(tree, variation.tree, path))) sums.pathEarlier++;
      else {
        sums.pathWrong++;
        wrongPaths.push(`${history.repository} ${history.path}, ${variation.label}: ${reason.text}`);
      }
    }
    return true;
  };

  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true });
  try {
    for (const [i, tree] of trees.entries()) {
      const label = history.commits[i].slice(0, 9);
      if (!(await run({ label, tree }, counts.commits)) || (probe && refused.length > 0)) return { ...counts, differences, wrongPaths, refused };
    }
    const last = trees.at(-1) as Tree;
    const { context: sent } = readContext(machineDisk, folder, file);
    const analysis = analyze(text(last.get(history.path) as TreeEntry), factsFor({}));
    for (const variation of variationsOf(trees[0], last, history.path, text, analysis, (path) => sent.entries.has(path))) {
      if (history.refused?.includes(variation.label)) continue;
      if (!(await run(variation, counts.variations))) break;
    }
  } finally {
    removeImages([...images.values()].map(({ name }) => name));
    for (const { name } of images.values()) made.delete(name);
    rmSync(folder, { recursive: true, force: true });
  }
  return { ...counts, differences, wrongPaths, refused };
}

/** A file, or a folder that came or went with what lies in it. */
function isChanged(before: Tree, now: Tree, path: string): boolean {
  const changed = changedBetween(before, now);
  const isFolder = (tree: Tree): boolean => [...tree.keys()].some((other) => other.startsWith(`${path}/`));
  return changed.has(path) || isFolder(before) !== isFolder(now);
}

/** A commit's files, with the lines taken out and the files put in that the manifest says. */
function prepared(tree: Tree, { path, without = [], added = [] }: History, text: (entry: TreeEntry) => string): Tree {
  const now = new Map(tree);
  const dockerfile = now.get(path);
  if (dockerfile && without.length > 0) now.set(path, { mode: dockerfile.mode, text: withoutLines(text(dockerfile), without) });
  const folders = [...tree.keys()];
  for (const one of added) {
    const name = one.endsWith('/') ? `${one}stand-in` : one;
    if (!tree.has(name) && !folders.some((other) => other.startsWith(one.endsWith('/') ? one : `${one}/`))) now.set(name, { mode: '100644', text: '' });
  }
  return now;
}

function compare(sums: Counts, verdicts: readonly StepVerdict[], theirs: ReadonlyMap<string, 'cached' | 'rebuilt'>, where: string, differences: Difference[]): void {
  const seen = new Set<string>();
  for (const { step, verdict, reason } of verdicts) {
    if (step.row !== 'layer' || step.number === null || verdict === 'not-built') continue;
    seen.add(step.number);
    const engine = theirs.get(step.number);
    if (engine === undefined) {
      sums.unprinted++;
      continue;
    }
    sums.verdicts++;
    if (engine === 'rebuilt') sums.ran++;
    if (verdict === 'if-output-differs') sums[engine === 'cached' ? 'openHit' : 'openMiss']++;
    else if (verdict === engine) sums.equal++;
    else differences.push({ where, step: `${step.number} ${step.instruction.line}`, engine, ours: verdict, reason: reason?.text });
  }
  for (const [number, engine] of theirs) if (!seen.has(number)) differences.push({ where, step: number, engine, ours: 'no such step' });
}
