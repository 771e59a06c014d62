/**
 * Families in fetched repositories: how much of what is written twice one extraction removes, and that each keeps every image.
 *   npm run families -- --repositories DIR [--only REPOSITORY] [--verbose]
 *   npm run families -- --repositories DIR --pairs N [--seed N]    N pairs of siblings side by side, to be read by somebody
 *   npm run families -- --planted [--seed N] [--repositories DIR]   siblings that are known: what of them is found, among made files or a
 *                                                                  collection's of many people
 *   npm run families -- --repositories DIR --choose                makes manifests/siblings.json anew
 * Each repository is a project of its own, with the builds that its own files define.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Extraction, Family, Member } from '../server/src/core/family/model';
import { isCounted } from '../server/src/core/family/siblings';
import { definitionsIn, isDefinitionFile } from '../server/src/workspace/builds/builds';
import { extractionOf, familiesOf, shapedFile, ways } from '../server/src/workspace/extract';
import { treeOf } from '../server/src/workspace/tree';
import { isServed } from '../server/src/served';
import { projectOf, type Project } from '../server/test/families';
import { differences, putBack, type Registry } from '../server/test/families-meaning';
import { digest, git, repositoryName } from './engine/repositories';
import { chosenPairs, templatePairs } from './families-pairs';
import { measurePlanted } from './families-planted';
import { repositoriesUnder } from './repositories';

const manifestPath = 'scripts/manifests/siblings.json';
const how = 'Of every repository\'s newest snapshot (of one, a parent), all Dockerfiles by name. "field": projects that are known for siblings, or that many have written for; the shares are taken over these. '
  + 'Left out is a collection of other people\'s files that is no project. Made by npm run families -- --repositories DIR --choose.';
const field = new Set([
  ...['php', 'python', 'postgres', 'golang', 'ruby', 'openjdk', 'wordpress'].map((name) => `docker-library/${name}`), 'dotnet/dotnet-docker', 'osrf/docker_images', 'jupyter/docker-stacks', 'vimagick/dockerfiles',
  'StefanScherer/dockerfiles-windows', 'jitsi/docker-jitsi-meet', 'GoogleCloudPlatform/microservices-demo', 'GoogleCloudPlatform/bank-of-anthos', 'open-telemetry/opentelemetry-demo', 'kubeflow/pipelines', 'getredash/redash', 'dapr/dapr',
  'dapr/quickstarts', 'docker/awesome-compose', 'instana/robot-shop', 'argoproj/argo-cd',
]);
const pinned: Readonly<Record<string, string>> = { 'dotnet-architecture/eShopOnContainers': '0d329b71^' };
const collection = 'yinyuanzhang/dockerfiles';
const left = new Set([collection]);

interface Manifest {
  readonly how: string;
  readonly repositories: readonly { readonly repository: string; readonly commit: string; readonly paths: 'all Dockerfiles'; readonly field?: true }[];
}

const registries: readonly Registry[] = [
  { env: ['PATH=/bin'], cmd: null, entrypoint: null, user: '', workdir: '/' },
  { env: ['PATH=/bin', 'VERSION=of the image', 'NODE_VERSION=of the image', 'TZ=of the image'], cmd: 'cmd', entrypoint: 'entrypoint', user: 'someone', workdir: '/srv' },
];

const options = new Map<string, string>();
for (let i = 2; i < process.argv.length; i++) options.set(process.argv[i], process.argv[i + 1] ?? '');
const directory = options.get('--repositories');
if (options.has('--planted')) measurePlanted(Number(options.get('--seed') ?? 1), directory === undefined ? [] : strangersIn(directory));
else if (directory === undefined) {
  console.error('usage: npm run families -- --repositories DIR');
  process.exitCode = 2;
} else {
  if (options.has('--choose')) choose(directory);
  measure(directory);
}

function choose(under: string): void {
  const repositories = repositoriesUnder(under).toSorted().flatMap((folder) => {
    const repository = repositoryName(folder);
    if (left.has(repository)) return [];
    const commit = git(folder, ['rev-parse', '--verify', '-q', pinned[repository] ?? 'HEAD']).trim();
    if (commit === '' || !git(folder, ['ls-tree', '-r', '--name-only', commit]).split('\n').some(isDockerfile)) return [];
    return [{ repository, commit, paths: 'all Dockerfiles', ...(field.has(repository) && { field: true }) }];
  });
  writeFileSync(manifestPath, `{\n "how": ${JSON.stringify(how)},\n "repositories": [\n${repositories.map((one) => `  ${JSON.stringify(one)}`).join(',\n')}\n ]\n}\n`);
}

function isDockerfile(path: string): boolean {
  return isServed(`file:///${path.split('/').map(encodeURIComponent).join('/')}`, '') && !/(?:^|\/)node_modules\//.test(path);
}

/** A commit's tree as a project: texts of Dockerfiles, of what defines builds, and of ignore files. */
function projectAt(folder: string, commit: string): Project {
  const tree = treeOf(folder, commit);
  const paths = [...tree.entries.keys()];
  const files = new Map(tree.texts(paths.filter((path) => isDockerfile(path) || isDefinitionFile(path) || path.endsWith('.dockerignore'))));
  for (;;) {
    const { wants } = definitionsIn(new Map([...files].filter(([path]) => isDefinitionFile(path))), undefined, tree.has);
    const missing = wants.filter((path) => !files.has(path) && tree.entries.has(path));
    if (missing.length === 0) break;
    for (const [path, text] of tree.texts(missing)) files.set(path, text);
  }
  return { ...projectOf(files, undefined, tree.has), dockerfiles: paths.filter((path) => isDockerfile(path) && files.has(path)) };
}

/** 600 files of a collection, no two from one folder below its root's folders, in the order of a digest. */
function strangersIn(under: string): string[] {
  const folder = repositoriesUnder(under).find((one) => repositoryName(one) === collection);
  if (folder === undefined) return [];
  const paths = git(folder, ['ls-tree', '-r', '--name-only', 'HEAD']).split('\n').filter(isDockerfile).toSorted((a, b) => (digest(a) < digest(b) ? -1 : 1));
  const tree = treeOf(folder, 'HEAD');
  return [...tree.texts(paths.slice(0, 600)).values()];
}

interface Share {
  readonly repository: string;
  /** Of the instructions that are there more than once, beyond the first of each. */
  readonly duplicated: number;
  readonly removed: number;
  readonly what: string;
}

function measure(under: string): void {
  const { repositories } = JSON.parse(readFileSync(manifestPath, 'utf8')) as Manifest;
  const folders = new Map(repositoriesUnder(under).map((folder) => [repositoryName(folder), folder]));
  const counts = new Map<string, number>();
  const count = (what: string, by = 1): void => void counts.set(what, (counts.get(what) ?? 0) + by);
  const perCandidate: Share[] = [];
  const perFamily: Share[] = [];
  const everything: Share[] = [];
  const wrong: string[] = [];
  const missing: string[] = [];
  const pairs: { repository: string; project: Project; families: readonly Family[] }[] = [];
  let files = 0;
  let familiesFound = 0;
  let proofs = 0;
  for (const { repository, commit, field: isField } of repositories) {
    if (options.has('--only') && options.get('--only') !== repository) continue;
    const folder = folders.get(repository);
    if (folder === undefined) {
      missing.push(repository);
      continue;
    }
    const project = projectAt(folder, commit);
    const families = familiesOf(project.dockerfiles, project);
    files += project.dockerfiles.length;
    familiesFound += families.length;
    if (options.has('--pairs')) {
      pairs.push({ repository, project, families });
      continue;
    }
    for (const family of families) {
      const shares: Share[] = [];
      for (const candidate of family.candidates) {
        count('candidates');
        let removed = -1;
        for (const way of ways) {
          const made = extractionOf(candidate, way, project);
          if ('refused' in made) {
            count(`${way}: refused (${made.rule})`);
            if (options.has('--verbose')) console.log(`${repository} ${candidate.members[0].file} by ${way}: ${made.rule}: ${made.refused}`);
            continue;
          }
          count(`${way}: made`);
          removed = Math.max(removed, made.saves.layers);
          proofs += made.builds.length;
          for (const difference of unlike(project, made)) wrong.push(`${repository} ${difference}`);
        }
        if (removed < 0) continue;
        count('candidates with a way');
        shares.push({ repository, duplicated: duplicatedIn(candidate.members, project), removed, what: `${candidate.members.length} members: ${candidate.members[0].file}` });
      }
      if (isField && shares.length > 0) {
        perCandidate.push(...shares);
        perFamily.push(shares.toSorted((a, b) => b.removed - a.removed)[0]);
      }
      if (isField) everything.push({ repository, duplicated: duplicatedIn(family.members, project), removed: shares.reduce((sum, one) => sum + one.removed, 0), what: '' });
    }
  }
  if (options.has('--pairs')) {
    templatePairs(pairs);
    chosenPairs(pairs, Number(options.get('--pairs')), options.get('--seed') ?? '1');
    return;
  }
  for (const one of wrong) console.log(`DIFFERENT: ${one}`);
  console.log([...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([what, many]) => `${what}: ${many}`).join('\n'));
  report('a family, by its best candidate', perFamily);
  report('a candidate', perCandidate);
  const sum = (shares: readonly Share[], of: 'removed' | 'duplicated'): number => shares.reduce((total, one) => total + one[of], 0);
  console.log(`of all that the field's families have twice: ${percent(sum(everything, 'removed') / sum(everything, 'duplicated'))} (${sum(everything, 'removed')} of ${sum(everything, 'duplicated')})`);
  console.log(`families: ${familiesFound} in ${files} files of ${repositories.length - missing.length} repositories; ${proofs} stages put back, ${wrong.length} different; ${missing.length} repositories not found`);
  if (wrong.length > 0) process.exitCode = 1;
}

function unlike(project: Project, made: Extraction): string[] {
  return [...putBack(project, made), ...registries.flatMap((registry) => differences(project, made, registry))];
}

/** RUN, COPY and ADD that stand in the stages, beyond the first of each key; what a copy reads does not count. */
function duplicatedIn(members: readonly Member[], project: Project): number {
  const seen = new Map<string, number>();
  for (const { file, stage } of members) {
    const { shape } = shapedFile(file, project.text(file) ?? '', project);
    for (const step of shape.stages[stage].steps.filter(isCounted)) seen.set(step.key, (seen.get(step.key) ?? 0) + 1);
  }
  return [...seen.values()].reduce((sum, many) => sum + many - 1, 0);
}

function report(what: string, shares: readonly Share[]): void {
  const sorted = shares.filter(({ duplicated }) => duplicated > 0).map((one) => ({ ...one, share: one.removed / one.duplicated })).toSorted((a, b) => a.share - b.share);
  if (sorted.length === 0) return;
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))].share;
  const best = sorted[sorted.length - 1];
  console.log(`share of the duplicated RUN, COPY and ADD that ${what} removes: median ${percent(at(0.5))}, lower quarter ${percent(at(0.25))}, best ${percent(best.share)} over ${sorted.length}; with 10 or more duplicated: median ${percent(medianOf(sorted.filter(({ duplicated }) => duplicated >= 10)))}`);
  if (options.has('--verbose')) for (const one of sorted) console.log(`  ${percent(one.share)} ${one.removed} of ${one.duplicated} ${one.repository} ${one.what}`);
}

function medianOf(sorted: readonly { readonly share: number }[]): number {
  return sorted[Math.floor(sorted.length / 2)]?.share ?? Number.NaN;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

