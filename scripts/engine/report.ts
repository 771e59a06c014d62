/**
 * All histories of manifests/replay.json, two at a time, and what is printed of them. The builder keeps their records, some
 * 60 MB, until it cleans up: to prune by record takes longer than the replay, and all of them are not ours.
 */
import { join } from 'node:path';
import type { Engine } from './docker';
import { chooseHistories, readHistories, repositoriesByName, type History } from './histories';
import { none, replay, type Counts, type Difference, type Place, type Replayed } from './replay';
import { sideBySide } from './run';

/** Whether enough of them are equal. */
export async function replayAll(engine: Engine, files: Buffer, directory: string, place: Place, only: string | undefined): Promise<boolean> {
  const repositories = repositoriesByName(directory);
  const chosen = readHistories().filter(({ repository, context, path }) => only === undefined || `${repository} ${join(context, path)}`.includes(only));
  const there = chosen.filter(({ repository }) => repositories.has(repository));
  const done: { history: History; replayed: Replayed }[] = [];
  await sideBySide(there.map((history, i) => ({ history, index: i, keys: [] as string[] })), 2, async ({ history, index }) => {
    const replayed = await replay(engine, files, history, repositories.get(history.repository) as string, { ...place, folder: join(place.folder, `history-${index}`) });
    done.push({ history, replayed });
    const { builds, verdicts, equal } = sum([replayed.commits, replayed.variations]);
    console.log(`${history.repository} ${join(history.context, history.path)}: ${builds} builds, ${verdicts} verdicts, ${equal} equal${replayed.differences.length > 0 ? `, ${replayed.differences.length} different` : ''}`);
    for (const { label, error } of replayed.refused) console.log(`  the engine refuses ${label}: ${error}`);
  });
  if (chosen.length > there.length) console.log(`${chosen.length - there.length} histories are of repositories that are not under ${directory}`);
  const differences = done.flatMap(({ replayed }) => replayed.differences);
  printDifferences(differences);
  const commits = sum(done.map(({ replayed }) => replayed.commits));
  const variations = sum(done.map(({ replayed }) => replayed.variations));
  const all = sum([commits, variations]);
  console.log(`${done.length} Dockerfiles of ${new Set(done.map(({ history }) => history.repository)).size} repositories`);
  console.log(`commits in their order: ${figures(commits)}`);
  console.log(`changes of our own: ${figures(variations)}`);
  console.log(`together: ${figures(all)}`);
  console.log(`reasons that name a file: ${all.pathChanged} name one that changed since the build before, ${all.pathEarlier} one that changed since an earlier build, ${all.pathWrong} one that did not`);
  for (const wrong of done.flatMap(({ replayed }) => replayed.wrongPaths).slice(0, 20)) console.log(`  ${wrong}`);
  const open = all.openHit + all.openMiss;
  const share = all.equal / Math.max(1, all.verdicts - open);
  console.log(`replay: ${all.verdicts} verdicts, ${percent(share)} of those given are equal, ${percent(open / Math.max(1, all.verdicts))} left open`);
  return share >= 0.999;
}

export async function chooseReplay(engine: Engine, files: Buffer, directory: string, place: Place, named: readonly string[]): Promise<void> {
  let count = 0;
  await chooseHistories(directory, named, async (history, repository) => {
    try {
      const { commits, refused } = await replay(engine, files, history, repository, { ...place, folder: join(place.folder, `choice-${count++}`) }, true);
      if (commits.builds < history.commits.length) return refused[0]?.error ?? 'it does not build';
      return refused.map(({ label }) => label);
    } catch (error) {
      return (error as Error).message;
    }
  });
}

function sum(all: readonly Counts[]): Counts {
  const total = { ...none };
  for (const one of all) for (const name of Object.keys(total) as (keyof Counts)[]) total[name] += one[name];
  return total;
}

function figures({ builds, verdicts, ran, equal, openHit, openMiss, unprinted }: Counts): string {
  const open = openHit + openMiss;
  return `${builds} builds, ${verdicts} verdicts (${ran} ran, ${verdicts - ran} cached), ${equal} equal, ${verdicts - equal - open} different, ${open} left open (${openHit} hit, ${openMiss} missed)${unprinted > 0 ? `; ${unprinted} steps were one with another stage's` : ''}`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}

function printDifferences(differences: readonly Difference[]): void {
  for (const { where, step, engine, ours, reason } of differences) console.log(`different: ${where}: ${step}: engine ${engine}, ours ${ours}${reason === undefined ? '' : ` (${reason})`}`);
}
