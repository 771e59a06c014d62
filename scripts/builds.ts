/**
 * What we resolve of Bake and Compose files against Docker's own tools, field by field:
 *   npm run builds -- --repositories DIR [--show N]
 * over the files of manifests/builds.json, out of the git repositories under DIR (bare or not); needs docker with buildx and compose.
 *   npm run builds -- --repositories DIR --choose     makes manifests/builds.json anew
 */
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { definitionsIn, isDefinitionFile } from '../server/src/workspace/builds/builds';
import type { BuildDefinition } from '../server/src/workspace/builds/definition';
import { bakePrint, composeConfig, ours, type Fields, type Official } from './builds/official';
import { digest, git, repositoryName } from './engine/repositories';
import { catFiles, repositoriesUnder } from './repositories';

const manifestPath = 'scripts/manifests/builds.json';
const how = 'Of every repository\'s newest snapshot: Bake files and Compose files that have a build, up to four of each kind from a repository, no text twice, '
  + 'in the order of a digest of their path; whether they are read right plays no part. Of files that the tools refuse, '
  + 'no more than one in ten. Made by npm run builds -- --repositories DIR --choose.';
const perRepository = 4;
const most = { bake: 110, compose: 110 };

interface Entry {
  readonly repository: string;
  readonly commit: string;
  readonly path: string;
}

interface Judged {
  readonly official: Official;
  readonly definitions: readonly BuildDefinition[];
  readonly problems: readonly string[];
}

const options = new Map<string, string>();
for (let i = 2; i < process.argv.length; i++) options.set(process.argv[i], process.argv[i + 1] ?? '');
const directory = options.get('--repositories');
if (directory === undefined) {
  console.error('usage: npm run builds -- --repositories DIR [--choose] [--show N]');
  process.exit(2);
}
// What both sides are told of the environment: nothing that a definition would name.
const environment = Object.fromEntries(['PATH', 'HOME', 'DOCKER_HOST', 'DOCKER_CONFIG', 'XDG_RUNTIME_DIR'].flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
const gitDirectories = new Map(repositoriesUnder(directory).map((path) => [repositoryName(path), path]));
if (options.has('--choose')) await choose();
await measure();

function kindOf(path: string): 'bake' | 'compose' | undefined {
  if (!isDefinitionFile(path) || /(^|\/)(node_modules|vendor)\//.test(path)) return undefined;
  const name = posix.basename(path);
  return /bake/.test(name) && /\.(hcl|json)$/.test(name) ? 'bake' : /^(docker-)?compose.*\.ya?ml$/.test(name) ? 'compose' : undefined;
}

async function choose(): Promise<void> {
  const chosen: Entry[] = [];
  const counts = { bake: 0, compose: 0 };
  const refusals = { bake: 0, compose: 0 };
  const seen = new Set<string>();
  for (const [repository, path] of [...gitDirectories].sort(([a], [b]) => (digest(a) < digest(b) ? -1 : 1))) {
    const commit = git(path, ['rev-parse', '--verify', '-q', 'HEAD']).trim();
    if (commit === '') continue;
    const candidates = git(path, ['ls-tree', '-r', '--name-only', 'HEAD']).split('\n').filter((name) => kindOf(name) !== undefined).sort((a, b) => (digest(a) < digest(b) ? -1 : 1));
    for (const kind of ['bake', 'compose'] as const) {
      let taken = 0;
      for (const name of candidates.filter((candidate) => kindOf(candidate) === kind).slice(0, 40)) {
        if (taken >= perRepository || counts[kind] >= most[kind]) break;
        const text = (await catFiles(path, [`${commit}:${name}`])).get(`${commit}:${name}`);
        if (text === undefined || seen.has(digest(text)) || (kind === 'compose' && !/^\s+["']?build["']?\s*:/m.test(text))) continue;
        seen.add(digest(text));
        const { official } = await judge({ repository, commit, path: name });
        if ('refused' in official) {
          if (refusals[kind] + 1 > counts[kind] / 10) continue;
          refusals[kind]++;
        }
        if ('builds' in official && official.builds.size === 0) continue;
        chosen.push({ repository, commit, path: name });
        counts[kind]++;
        taken++;
      }
    }
  }
  const groups = new Map<string, { repository: string; commit: string; paths: string[] }>();
  for (const { repository, commit, path } of chosen.sort((a, b) => (`${a.repository} ${a.path}` < `${b.repository} ${b.path}` ? -1 : 1))) {
    const group = groups.get(repository) ?? { repository, commit, paths: [] };
    group.paths.push(path);
    groups.set(repository, group);
  }
  writeFileSync(manifestPath, `${JSON.stringify({ how, repositories: [...groups.values()] }, null, 1)}\n`);
}

async function measure(): Promise<void> {
  const { repositories } = JSON.parse(readFileSync(manifestPath, 'utf8')) as { repositories: { repository: string; commit: string; paths: string[] }[] };
  const entries = repositories.flatMap(({ paths, ...where }) => paths.map((path): Entry => ({ ...where, path })));
  const differences: string[] = [];
  let missing = 0;
  const rows = new Map<string, { files: number; builds: number; bothRefuse: number; elsewhere: number; equal: number; unknown: number; different: number }>();
  for (const entry of entries) {
    if (!gitDirectories.has(entry.repository)) {
      missing++;
      continue;
    }
    const kind = kindOf(entry.path) ?? 'compose';
    const row = rows.get(kind) ?? { files: 0, builds: 0, bothRefuse: 0, elsewhere: 0, equal: 0, unknown: 0, different: 0 };
    rows.set(kind, row);
    row.files++;
    const { official, definitions, problems } = await judge(entry);
    const name = `${entry.repository} ${entry.path}`;
    if ('refused' in official) {
      if (problems.length > 0) row.bothRefuse++;
      else if (kind === 'compose' && !/build|extends|include|yaml/.test(official.refused)) {
        row.elsewhere++;
        console.log(`${name}: refused for what is no part of a build (${official.refused})`);
      } else {
        row.different++;
        differences.push(`${name}: refused (${official.refused}), ours finds ${definitions.length} builds`);
      }
      continue;
    }
    const found = new Map(definitions.map((definition) => [definition.name, definition]));
    for (const extra of [...found.keys()].filter((key) => !official.builds.has(key) && !official.shadowed.has(key))) {
      row.different++;
      differences.push(`${name}: ours has ${extra}, which is not there`);
    }
    for (const [build, theirs] of official.builds) {
      row.builds++;
      const definition = found.get(build);
      if (definition === undefined) {
        row.different++;
        differences.push(`${name} ${build}: ours does not have it ${problems[0] ?? ''}`);
        continue;
      }
      const mine = ours(definition);
      for (const field of Object.keys(theirs) as (keyof Fields)[]) {
        const verdict = verdictOf(field, theirs, mine, definition);
        row[verdict]++;
        if (verdict === 'different') differences.push(`${name} ${build} ${field}\n  official ${JSON.stringify(theirs[field])}\n  ours     ${JSON.stringify(mine[field])} ${definition.unknown.join(' ')}`);
        if (verdict === 'unknown' && options.has('--unknown')) console.log(`${name} ${build} ${field}: ${definition.unknown.join(' ')}`);
      }
    }
    if (problems.length > 0) {
      row.different++;
      differences.push(`${name}: taken, ours says ${problems[0]}`);
    }
  }
  for (const difference of differences.slice(0, Number(options.get('--show') ?? 60))) console.log(difference);
  for (const [kind, { files, builds, bothRefuse, elsewhere, equal, unknown, different }] of rows) {
    console.log(`${kind}: ${files} files (${bothRefuse} refused by both, ${elsewhere} for what is no part of a build), ${builds} builds; fields: ${equal} equal, ${unknown} not known to ours, ${different} different`);
  }
  console.log(`builds: ${missing} files not found under ${directory}`);
  if (differences.length > 0 || missing > 0) process.exitCode = 1;
}

/** Equal, or ours says that it cannot know it: as a whole, or the entries that differ. */
function verdictOf(field: keyof Fields, theirs: Fields, mine: Fields, definition: BuildDefinition): 'equal' | 'unknown' | 'different' {
  if (field === 'args' || field === 'contexts') {
    let verdict: 'equal' | 'unknown' = 'equal';
    for (const key of new Set([...Object.keys(theirs[field]), ...Object.keys(mine[field])])) {
      const known = mine[field][key];
      // Compose prints an argument that the environment does not have as null; it is not given then.
      if ((theirs[field][key] ?? undefined) === known) continue;
      if ((known === null || (field === 'contexts' && definition.contexts[key]?.kind === 'unknown')) && key in theirs[field]) verdict = 'unknown';
      else return 'different';
    }
    return verdict;
  }
  if (JSON.stringify(theirs[field]) === JSON.stringify(mine[field])) return 'equal';
  if (field === 'context') return definition.context.kind === 'unknown' ? 'unknown' : 'different';
  if (field === 'dockerfile') return definition.dockerfile === null && definition.unknown.length > 0 ? 'unknown' : 'different';
  if (field === 'target') return definition.target === null ? 'unknown' : 'different';
  const values = mine[field];
  return definition.unknown.some((reason) => reason.toLowerCase().includes(field.slice(0, -1))) && values.every((value) => theirs[field].includes(value)) ? 'unknown' : 'different';
}

/** The file, and all that it names, in a folder of their own: for us as texts, for the tools on disk. */
async function judge({ repository, commit, path }: Entry): Promise<Judged> {
  const gitDirectory = gitDirectories.get(repository) as string;
  const files = new Map<string, string>();
  const read = async (paths: readonly string[]): Promise<void> => {
    for (const [name, text] of await catFiles(gitDirectory, paths.map((file) => `${commit}:${file}`))) files.set(name.slice(commit.length + 1), text);
  };
  const folder = posix.dirname(path);
  const beside = (name: string): string => posix.join(folder, name);
  const extra = overridesOf(posix.basename(path)).map(beside);
  await read([path, beside('.env'), ...extra]);
  let found = definitionsIn(files, environment);
  for (let turn = 0; turn < 5 && (found.wants ?? []).some((want) => !files.has(want)); turn++) {
    const size = files.size;
    await read((found.wants ?? []).filter((want) => !files.has(want)));
    if (files.size === size) break;
    found = definitionsIn(files, environment);
  }
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'strata-builds-')));
  try {
    mkdirSync(join(root, folder), { recursive: true });
    for (const [name, text] of files) {
      if (name.startsWith('..')) continue;
      mkdirSync(join(root, posix.dirname(name)), { recursive: true });
      writeFileSync(join(root, name), text);
    }
    const kind = kindOf(path) ?? 'compose';
    const given = [path, ...extra.filter((name) => files.has(name)).slice(0, 1)];
    const official = kind === 'bake' ? bakePrint(root, given, environment) : composeConfig(root, given, environment);
    return { official, definitions: found.definitions.filter(({ source, file }) => source === kind && (kind === 'compose' || given.includes(file))), problems: found.problems.map(({ file, message }) => `${file}: ${message}`) };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** What the tools read behind a file of a name that they look for. */
function overridesOf(name: string): string[] {
  if (/^(?:docker-)?compose\.ya?ml$/.test(name)) return ['compose.override.yml', 'compose.override.yaml', 'docker-compose.override.yml', 'docker-compose.override.yaml'];
  return name === 'docker-bake.hcl' ? ['docker-bake.override.hcl'] : name === 'docker-bake.json' ? ['docker-bake.override.json'] : [];
}
