/**
 * What the rules find in public repositories, to be read by somebody:
 *   npm run findings -- --repositories DIR [--rule NAME] [--sample N] [--seed N] [--only REPOSITORY]
 * over the Dockerfiles of manifests/findings.json, each in its commit's tree, by the builds that the project defines. With
 * --sample, N of each rule, drawn by the seed, are printed with their Dockerfile.
 *   npm run findings -- --repositories DIR --choose     makes manifests/findings.json anew
 */
import { readFileSync, writeFileSync } from 'node:fs';
import type { ProjectBuild } from '../server/src/core/build/project';
import { rules } from '../server/src/core/rules/index';
import type { Finding } from '../server/src/core/rules/finding';
import { findingsOf } from '../server/src/workspace/check-files';
import { treeOf } from '../server/src/workspace/tree';
import { projectIn } from '../server/src/workspace/tree-builds';
import { digest, git, isDockerfile, repositoryName } from './engine/repositories';
import { catFiles, repositoriesUnder } from './repositories';

const manifestPath = 'scripts/manifests/findings.json';
const most = 200;
const how = `Of every repository's newest snapshot (of one, a parent): files named Dockerfile, Dockerfile.* or *.Dockerfile that are no templates and have a FROM, no text twice, at most ${most} of a repository in the order of a digest of their path. Made by npm run findings -- --repositories DIR --choose.`;
/** The newest commit has none. */
const pinned: Readonly<Record<string, string>> = { 'dotnet-architecture/eShopOnContainers': '0d329b71^' };
/** A collection of other people's old files, not one project. */
const left = new Set(['yinyuanzhang/dockerfiles']);

interface Manifest {
  readonly how: string;
  readonly repositories: readonly { readonly repository: string; readonly commit: string; readonly paths: readonly string[] }[];
}

const options = new Map<string, string>();
for (let i = 2; i < process.argv.length; i++) options.set(process.argv[i], process.argv[i + 1] ?? '');
const directory = options.get('--repositories');
if (directory === undefined) {
  console.error('usage: npm run findings -- --repositories DIR');
  process.exit(2);
}
if (options.has('--choose')) await choose(directory);
await measure(directory);

async function choose(under: string): Promise<void> {
  const seen = new Set<string>();
  const repositories: { repository: string; commit: string; paths: string[] }[] = [];
  for (const folder of repositoriesUnder(under).toSorted()) {
    const repository = repositoryName(folder);
    if (left.has(repository)) continue;
    const commit = git(folder, ['rev-parse', '--verify', '-q', pinned[repository] ?? 'HEAD']).trim();
    if (commit === '') continue;
    const paths = git(folder, ['ls-tree', '-r', '--name-only', commit]).split('\n').filter(isDockerfile).toSorted((a, b) => (digest(a) < digest(b) ? -1 : 1));
    const texts = await catFiles(folder, paths.map((path) => `${commit}:${path}`));
    const chosen = paths.filter((path) => {
      const text = texts.get(`${commit}:${path}`);
      if (text === undefined || seen.has(digest(text)) || !/^\s*from\s/im.test(text) || /\{\{|\{%|<%|%%[A-Z]/.test(text)) return false;
      seen.add(digest(text));
      return true;
    }).slice(0, most);
    if (chosen.length > 0) repositories.push({ repository, commit, paths: chosen.toSorted() });
  }
  writeFileSync(manifestPath, `${JSON.stringify({ how, repositories }, null, 1)}\n`);
}

interface Found {
  readonly where: string;
  readonly text: string;
  readonly finding: Finding;
  readonly builds: readonly ProjectBuild[];
}

async function measure(under: string): Promise<void> {
  const { repositories } = JSON.parse(readFileSync(manifestPath, 'utf8')) as Manifest;
  const folders = new Map(repositoriesUnder(under).map((folder) => [repositoryName(folder), folder]));
  const found: Found[] = [];
  let files = 0;
  let defined = 0;
  const missing: string[] = [];
  const library = { files: 0, findings: 0 };
  for (const { repository, commit, paths } of repositories) {
    if (options.has('--only') && options.get('--only') !== repository) continue;
    const folder = folders.get(repository);
    if (folder === undefined) {
      missing.push(repository);
      continue;
    }
    const tree = treeOf(folder, commit);
    const project = projectIn(tree);
    for (const path of paths) {
      const own = project.buildsOf(path, {});
      if (own.length === 0) continue;
      const { text } = own[0];
      const builds = own.map(({ build }) => build);
      files++;
      if (builds.some(({ title }) => title !== '')) defined++;
      const findings = findingsOf(text, builds, project, {});
      for (const finding of findings) found.push({ where: `${repository} ${path}`, text, finding, builds });
      if (repository.startsWith('docker-library/')) {
        library.files++;
        library.findings += findings.filter(({ rule }) => /^(?:copy|arg)-/.test(rule)).length;
      }
    }
  }
  for (const { name } of rules) {
    const own = found.filter(({ finding }) => finding.rule === name);
    console.log(`${name.padEnd(26)} ${String(own.length).padStart(5)} findings in ${new Set(own.map(({ where }) => where)).size} files of ${new Set(own.map(({ where }) => where.split(' ')[0])).size} repositories; ${own.filter(({ finding }) => finding.fixes.some(({ safe }) => safe)).length} with a safe fix`);
  }
  console.log(`docker-library: ${library.findings} findings of the copy and arg rules in ${library.files} files`);
  console.log(`findings: ${files} files of ${repositories.length - missing.length} repositories, ${defined} of them with a build that the project defines; ${missing.length} repositories not found under ${under}`);
  if (options.has('--sample')) for (const { name } of rules) if (!options.has('--rule') || options.get('--rule') === name) sample(name, found.filter(({ finding }) => finding.rule === name));
  if (missing.length > 0) process.exitCode = 1;
}

/** Drawn by a digest of the seed and the place: the same for all who run it. */
function sample(name: string, found: readonly Found[]): void {
  const seed = options.get('--seed') ?? '1';
  const drawn = found.toSorted((a, b) => (digest(`${seed} ${a.where} ${a.finding.line}`) < digest(`${seed} ${b.where} ${b.finding.line}`) ? -1 : 1)).slice(0, Number(options.get('--sample')));
  for (const { where, text, finding, builds } of drawn) {
    console.log(`\n######## ${name}: ${where}:${finding.line} [${builds.map(({ title, context }) => `${title === '' ? 'folder' : title}: ${context.kind}`).join('; ')}]`);
    const lines = text.split('\n');
    const first = Math.max(0, finding.line - 15);
    console.log(lines.slice(first, finding.line + 25).map((line, i) => `${String(first + i + 1).padStart(4)}${first + i + 1 === finding.line ? '>' : ' '} ${line.slice(0, 200)}`).join('\n'));
    console.log(`  ${finding.message}`);
    for (const { title, safe } of finding.fixes) console.log(`  ${safe ? 'safe fix' : 'fix'}: ${title}`);
  }
}
