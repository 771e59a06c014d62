/**
 * What the rules find in public repositories, to be read by somebody:
 *   npm run findings -- --repositories DIR [--rule NAME] [--sample N] [--seed N] [--only REPOSITORY]
 * over the Dockerfiles of manifests/findings.json, each in its commit's tree, by the builds that the project defines. With
 * --sample, N of each rule, drawn by the seed, are printed with their Dockerfile.
 *   npm run findings -- --repositories DIR --planted    with files beside them that git would not have: which of them are found
 *   npm run findings -- --repositories DIR --choose     makes manifests/findings.json anew
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { analyze } from '../server/src/core/analyze';
import { withEntry } from '../server/src/core/build/context';
import type { ProjectBuild } from '../server/src/core/build/project';
import { contextCopyOf } from '../server/src/core/order/copies';
import { rules } from '../server/src/core/rules/index';
import type { Finding } from '../server/src/core/rules/finding';
import { findingsOf } from '../server/src/workspace/findings';
import { treeOf } from '../server/src/workspace/tree';
import { projectIn, type TreeProject } from '../server/src/workspace/tree-builds';
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

/** What a developer's folder has beside the files of the commit; the pattern that a fix would add for each. */
const strays: readonly (readonly [path: string, pattern: string])[] = [
  ['.git/HEAD', '.git'], ['.git/objects/pack/pack-1.pack', '.git'], ['node_modules/a/index.js', 'node_modules'], ['npm-debug.log', 'npm-debug.log'], ['.env', '.env'], ['.DS_Store', '.DS_Store'],
  ['__pycache__/a.cpython-312.pyc', '__pycache__'], ['.venv/pyvenv.cfg', '.venv'], ['.idea/workspace.xml', '.idea'], ['id_rsa', 'id_rsa'], ['.pytest_cache/README.md', '.pytest_cache'],
];

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
  const planted = { files: 0, taken: 0, found: 0, silent: new Map<string, string[]>(), wrong: [] as string[] };
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
      if (options.has('--planted')) {
        plant(`${repository} ${path}`, text, builds, project, planted);
        continue;
      }
      const findings = findingsOf(text, builds, project, {});
      for (const finding of findings) found.push({ where: `${repository} ${path}`, text, finding, builds });
      if (repository.startsWith('docker-library/')) {
        library.files++;
        library.findings += findings.filter(({ rule }) => /^(?:copy|arg)-/.test(rule)).length;
      }
    }
  }
  if (options.has('--planted')) {
    for (const [name, where] of planted.silent) console.log(`${name}: not named in ${where.length} files, such as ${where.slice(0, 8).join('; ')}`);
    for (const wrong of planted.wrong) console.log(`wrong: ${wrong}`);
    console.log(`planted: ${planted.files} files whose builds copy a whole context, ${planted.taken} planted things that it takes in, ${planted.found} of them named; ${planted.wrong.length} named that are ignored`);
    return;
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

function plant(where: string, text: string, builds: readonly ProjectBuild[], project: TreeProject, planted: { files: number; taken: number; found: number; readonly silent: Map<string, string[]>; readonly wrong: string[] }): void {
  const [build] = builds;
  if (build.context.kind !== 'folder') return;
  const { files, ignoreFile } = build.context;
  const context = strays.reduce((grown, [path]) => (files.entries.has(path) ? grown : withEntry(grown, path, { type: 'file', mode: 0o644, content: '', size: 1 })), files);
  const other: ProjectBuild = { ...build, context: { ...build.context, files: context } };
  const analysis = analyze(text, build.facts);
  const whole = analysis.stages.flatMap(({ steps }) => steps).some((step) => contextCopyOf(step)?.sources.includes(''));
  if (!whole) return;
  planted.files++;
  const texts = { texts: (_: ProjectBuild, paths: readonly string[]) => project.texts(build, paths.filter((path) => !strays.some(([stray]) => stray === path))) };
  const edits = findingsOf(text, [other], texts, {}).filter(({ rule }) => rule === 'context-takes-unneeded').flatMap(({ fixes }) => fixes.flatMap((fix) => fix.edits.filter(({ file }) => file === ignoreFile.path).map((edit) => edit.text)));
  const named = new Set(edits.join('\n').split(/\r?\n/));
  for (const pattern of new Set(strays.map(([, one]) => one))) {
    const taken = strays.some(([path, one]) => one === pattern && context.entries.has(path) && !files.entries.has(path));
    if (!taken) {
      if (named.has(pattern) && !files.entries.has(pattern)) planted.wrong.push(`${where}: ${pattern}`);
      continue;
    }
    planted.taken++;
    if (named.has(pattern)) planted.found++;
    else planted.silent.set(pattern, [...(planted.silent.get(pattern) ?? []), where]);
  }
}
