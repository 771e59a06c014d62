/**
 * How much of a Dockerfile is known without any fact about its base images:
 *   npm run known -- --repositories DIR
 * over the Dockerfiles of manifests/known.json, out of the git repositories under DIR (bare or not).
 *   npm run known -- --repositories DIR --choose     makes manifests/known.json anew
 */
import { writeFileSync } from 'node:fs';
import { analyze } from '../server/src/core/analyze';
import { rulesOf } from '../server/src/core/builder';
import { createdBy } from '../server/src/core/build/created-by';
import { assumptionsOf, historyOf } from '../server/src/core/build/history';
import type { Analysis, Assumption, Step } from '../server/src/core/build/model';
import { digest, git, isDockerfile, repositoryName } from './engine/repositories';
import { catFiles, fetchedFiles, repositoriesUnder, type FetchedFile } from './repositories';

const manifestPath = 'scripts/manifests/known.json';
const wanted = 1000;
const how = 'Of every repository\'s newest snapshot: files named Dockerfile, Dockerfile.* or *.Dockerfile that are no templates and have a FROM, '
  + 'no text twice; in the order of a digest of their path, one from each repository in turn until there are enough. '
  + 'Made by npm run known -- --repositories DIR --choose.';

class Counts {
  total = 0;
  known = 0;
  assumed = 0;
  unknown = 0;
  readonly assumptions = new Map<string, number>();
  readonly causes = new Map<string, number>();
}

const meanings: Readonly<Record<Assumption, string>> = {
  onbuild: 'the base has no ONBUILD',
  shell: 'the base sets no SHELL and is Linux',
  environment: 'the base sets none of the variables of an ARG',
  layers: 'the base has a layer',
  workdir: 'a relative WORKDIR does not lead to /',
  platform: 'the platform is this machine\'s',
};

const options = new Map<string, string>();
for (let i = 2; i < process.argv.length; i++) options.set(process.argv[i], process.argv[i + 1] ?? '');
const directory = options.get('--repositories');
if (directory === undefined) {
  console.error('usage: npm run known -- --repositories DIR');
  process.exit(2);
}
if (options.has('--choose')) await choose(directory);
await measure(directory);

async function choose(under: string): Promise<void> {
  const seen = new Set<string>();
  const queues: FetchedFile[][] = [];
  for (const repository of repositoriesUnder(under).sort()) {
    const commit = git(repository, ['rev-parse', '--verify', '-q', 'HEAD']).trim();
    if (commit === '') continue;
    const paths = git(repository, ['ls-tree', '-r', '--name-only', 'HEAD']).split('\n').filter(isDockerfile).sort((a, b) => (digest(a) < digest(b) ? -1 : 1)).slice(0, wanted * 2);
    const texts = await catFiles(repository, paths.map((path) => `${commit}:${path}`));
    queues.push(paths.filter((path) => {
      const text = texts.get(`${commit}:${path}`);
      if (text === undefined || seen.has(digest(text)) || !/^\s*from\s/im.test(text) || /\{\{|\{%|<%|%%[A-Z]/.test(text)) return false;
      seen.add(digest(text));
      return true;
    }).map((path) => ({ repository: repositoryName(repository), commit, path })));
  }
  const files: FetchedFile[] = [];
  for (let turn = 0; files.length < wanted && queues.some((queue) => queue.length > turn); turn++) {
    for (const queue of queues) if (queue.length > turn && files.length < wanted) files.push(queue[turn]);
  }
  files.sort((a, b) => (`${a.repository} ${a.path}` < `${b.repository} ${b.path}` ? -1 : 1));
  // Paths by repository and commit: half as long.
  const groups = new Map<string, { repository: string; commit: string; paths: string[] }>();
  for (const { repository, commit, path } of files) {
    const group = groups.get(repository) ?? { repository, commit, paths: [] };
    group.paths.push(path);
    groups.set(repository, group);
  }
  writeFileSync(manifestPath, `${JSON.stringify({ how, repositories: [...groups.values()] }, null, 1)}\n`);
}

async function measure(under: string): Promise<void> {
  const { found, missing } = await fetchedFiles(manifestPath, under);
  const rows = new Counts();
  const lines = new Counts();
  const files = new Map<Assumption, number>();
  let whole = 0;
  for (const { text } of found) {
    const analysis = analyze(text, { platform: { build: 'linux/amd64', target: 'linux/amd64', assumed: true } });
    for (const stage of analysis.stages) for (const step of stage.steps) {
      if (step.row !== 'none') tally(lines, step, createdBy(step, rulesOf(analysis.builder)), analysis);
    }
    if (analysis.target === undefined) continue;
    const history = historyOf(analysis, analysis.target);
    for (const row of history) tally(rows, row.step, row.createdBy, analysis);
    if (history.every((row) => row.createdBy !== null)) whole++;
    for (const assumption of assumptionsOf(analysis, analysis.target)) files.set(assumption, (files.get(assumption) ?? 0) + 1);
  }

  const share = (count: number, total: number): string => `${String(count).padStart(6)} ${(100 * count / Math.max(1, total)).toFixed(1).padStart(5)} %`;
  const line = (name: string, a: number, b: number): void => console.log(`${name.padEnd(52)} ${share(a, rows.total)}   ${share(b, lines.total)}`);
  console.log(`${''.padEnd(52)} ${'rows of the image'.padStart(14)}   lines of all stages`);
  line('known', rows.known, lines.known);
  line('assumed', rows.assumed, lines.assumed);
  for (const key of keysOf(rows.assumptions, lines.assumptions)) line(`  ${meanings[key as Assumption]}`, rows.assumptions.get(key) ?? 0, lines.assumptions.get(key) ?? 0);
  line('unknown', rows.unknown, lines.unknown);
  for (const key of keysOf(rows.causes, lines.causes)) line(`  ${key}`, rows.causes.get(key) ?? 0, lines.causes.get(key) ?? 0);
  line('all', rows.total, lines.total);
  console.log(`known: ${found.length} files, ${whole} with no unknown row; ${files.get('onbuild') ?? 0} whose base is taken to have no ONBUILD; ${missing.length} not found under ${under}`);
  if (missing.length > 0) process.exitCode = 1;
}

function tally(counts: Counts, step: Step, text: string | null, analysis: Analysis): void {
  counts.total++;
  if (text === null) {
    counts.unknown++;
    add(counts.causes, causeOf(step, analysis));
  } else if (step.assumes.length === 0) counts.known++;
  else {
    counts.assumed++;
    for (const assumption of step.assumes) add(counts.assumptions, assumption);
  }
}

function add(to: Map<string, number>, key: string): void {
  to.set(key, (to.get(key) ?? 0) + 1);
}

function keysOf(...maps: readonly Map<string, number>[]): string[] {
  return [...new Set(maps.flatMap((map) => [...map].sort((a, b) => b[1] - a[1]).map(([key]) => key)))];
}

function causeOf({ command, expanded, before, instruction }: Step, analysis: Analysis): string {
  if (command.kind === 'refused') return 'no instruction that BuildKit takes';
  if (analysis.problems.some(({ line }) => line >= instruction.firstLine && line <= instruction.lastLine)) return 'the build refuses it';
  if (command.kind === 'WORKDIR' && before.workdir === null && !command.value.text.includes('$')) return 'WORKDIR relative to the base\'s';
  if (command.kind === 'RUN') return 'RUN after an ARG that reads a variable of the base';
  if (expanded.kind === 'pairs' && command.kind === 'ENV' && command.pairs.some(({ value }) => /\$\{?PATH\b/.test(value.text))) return 'ENV that reads the base\'s PATH';
  return `${command.kind} that reads a variable of the base`;
}
