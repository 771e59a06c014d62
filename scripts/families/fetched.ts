/** Families of fetched repositories, made buildable: what was done to each is in manifests/families.json. */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path/posix';
import { analyze } from '../../server/src/core/analyze';
import type { Way } from '../../server/src/core/family/model';
import { familiesOf } from '../../server/src/workspace/extract';
import { blobsOf, treeOf, type Tree } from '../engine/checkout';
import { digest, git, isDockerfile, repositoryName, withoutLines } from '../engine/repositories';
import { repositoriesUnder } from '../repositories';
import type { Case } from './case';
import { projectOf } from './project';

interface Chosen {
  readonly repository: string;
  readonly commit: string;
  readonly paths: readonly string[];
  readonly ways: readonly Way[];
}

const manifestPath = 'scripts/manifests/families.json';
const how = 'Each entry is a family: Dockerfiles of one commit with the same base image and the same first step. They are built with what they copy of the commit\'s tree (regular files, without their executable bit), '
  + 'the ignore files, and nothing else of the repository; lines of a frontend and digests of images are taken out. Every image is a copy of one stand-in, which has the users, programs and files (for COPY --from) that they name, '
  + 'and whose shell carries nothing out: for each RUN it writes down the command line, the environment, the working directory, the user, the mounts and the files it sees. '
  + 'A Bake or Compose file is written for `ways` that need one; for the way `stage`, the siblings are put into one file, where they are of one stage each. '
  + 'Chosen by npm run test:families -- --repositories DIR --choose: of repositories that hold many Dockerfiles first, at most nine families of a repository and seven siblings of a family, the largest first, then in the order of a digest of their paths, those that build as they are and have a candidate; what comes of the extraction plays no part. `ways` are given in turn.';
/** Those that hold many siblings; all other repositories come after them. */
const first = /^(?:docker-library|dotnet|osrf|jupyter|vimagick|jitsi|GoogleCloudPlatform|open-telemetry|kubeflow|dapr|laradock|zabbix|wazuh|Alfresco|serversideup|bitnami)\//;
const perRepository = 9;
const perFamily = 7;
const mostFiles = 120;
const mostFamilies = 56;
const turns: readonly (readonly Way[])[] = [['stage', 'file'], ['compose', 'tag'], ['stage', 'bake'], ['file', 'bake'], ['stage', 'compose']];

/** Undefined: no repository under the folder has it. */
export async function fetchedCases(directory: string): Promise<{ cases: Case[]; missing: number }> {
  const { repositories } = JSON.parse(readFileSync(manifestPath, 'utf8')) as { repositories: Chosen[] };
  const folders = new Map(repositoriesUnder(directory).map((folder) => [repositoryName(folder), folder]));
  const cases: Case[] = [];
  for (const chosen of repositories) {
    const folder = folders.get(chosen.repository);
    const one = folder === undefined ? undefined : await caseOf(folder, chosen, treeOf(folder, chosen.commit, '.'));
    if (one) cases.push(one);
  }
  return { cases, missing: repositories.length - cases.length };
}

/** `build` answers whether it builds as it is. */
export async function chooseFetched(directory: string, build: (one: Case) => Promise<boolean>): Promise<void> {
  const found: Chosen[] = [];
  const names = repositoriesUnder(directory).map((folder) => ({ folder, repository: repositoryName(folder) }));
  for (const { folder, repository } of names.toSorted((a, b) => Number(first.test(b.repository)) - Number(first.test(a.repository)) || (digest(a.repository) < digest(b.repository) ? -1 : 1))) {
    if (found.length >= mostFamilies) break;
    const commit = git(folder, ['rev-parse', '--verify', '-q', 'HEAD']).trim();
    if (commit === '') continue;
    const tree = treeOf(folder, commit, '.');
    const paths = [...tree].filter(([path, { mode }]) => isDockerfile(path) && mode.startsWith('100') && !/windows|nanoserver/i.test(path)).map(([path]) => path).sort((a, b) => (digest(a) < digest(b) ? -1 : 1)).slice(0, 600);
    const blobs = await blobsOf(folder, paths.map((path) => tree.get(path)?.blob ?? ''));
    console.log(repository);
    let count = 0;
    let tried = 0;
    for (const family of familiesAmong(paths.map((path) => [path, blobs.get(tree.get(path)?.blob ?? '')?.toString() ?? '']))) {
      if (found.length >= mostFamilies || count >= perRepository || tried >= 18) break;
      const chosen: Chosen = { repository, commit, paths: family.slice(0, perFamily).sort(), ways: turns[found.length % turns.length] };
      const one = await caseOf(folder, chosen, tree).catch(() => undefined);
      if (!one || !hasCandidate(one)) continue;
      tried++;
      const fits = await build(one).catch(({ message }: Error) => void console.log(message.split('\n').slice(-3).join(' | ').slice(0, 300)));
      console.log(`${fits ? 'builds' : 'left out'}: ${repository} ${chosen.paths.join(' ')}`);
      if (!fits) continue;
      count++;
      found.push(chosen);
    }
  }
  writeFileSync(manifestPath, `{\n  "how": ${JSON.stringify(how)},\n  "repositories": [\n${found.map((chosen) => `    ${JSON.stringify(chosen)}`).join(',\n')}\n  ]\n}\n`);
  console.log(`families: ${found.length} chosen, with ${found.reduce((sum, { paths }) => sum + paths.length, 0)} siblings`);
}

function hasCandidate(one: Case): boolean {
  const project = projectOf(one.files, one.dockerfiles);
  return familiesOf(project.dockerfiles, project).some(({ candidates }) => candidates.some(({ members }) => members.length > 1));
}

/** By their last stage: at least two of one base and one first step, no two of them the same text; the largest first. */
function familiesAmong(files: readonly (readonly [path: string, text: string])[]): string[][] {
  const groups = new Map<string, Map<string, string>>();
  for (const [path, text] of files) {
    const { stages, problems } = analyze(text);
    const last = stages.at(-1);
    const [first, second] = (last?.steps ?? []).filter(({ command }) => command.kind !== 'LABEL' && command.kind !== 'MAINTAINER');
    if (!last || problems.length > 0 || last.base.kind !== 'image' || !first || !second || /windows|nanoserver/i.test(text)) continue;
    const textOf = ({ span }: { span: { start: number; end: number } }): string => text.slice(span.start, span.end).replaceAll('\r', '');
    const key = `${last.base.reference} ${textOf(first)}`;
    const group = groups.get(key) ?? new Map<string, string>();
    groups.set(key, group.set(text, path));
  }
  return [...groups.values()].map((group) => [...group.values()]).filter((paths) => paths.length >= 2).toSorted((a, b) => b.length - a.length);
}

async function caseOf(folder: string, chosen: Chosen, tree: Tree): Promise<Case | undefined> {
  const { repository, commit, paths, ways } = chosen;
  const all = [...tree].filter(([, { mode }]) => mode.startsWith('100')).map(([path]) => path);
  const blobs = await blobsOf(folder, paths.map((path) => tree.get(path)?.blob ?? ''));
  const wanted = new Set<string>();
  const texts = new Map<string, string>();
  for (const path of paths) {
    const raw = blobs.get(tree.get(path)?.blob ?? '')?.toString();
    if (raw === undefined) return undefined;
    const text = withoutLines(raw, raw.split('\n').slice(0, 5).map((line) => line.trim()).filter((line) => /^#\s*syntax\s*=/i.test(line)));
    texts.set(path, text);
    const sources = sourcesOf(text);
    if (sources === undefined) return undefined;
    const own = dirname(path);
    const below = (context: string): Set<string> => new Set(sources.flatMap((source) => all.filter((file) => isTaken(file, context, source))));
    const isHere = sources.every((source) => all.some((file) => isTaken(file, own, source)));
    const isAtRoot = sources.every((source) => all.some((file) => isTaken(file, '.', source)));
    if (!isHere && !isAtRoot) return undefined;
    const context = isHere ? own : '.';
    for (const file of below(context)) wanted.add(file);
    for (const ignore of [`${context === '.' ? '' : `${context}/`}.dockerignore`, `${path}.dockerignore`]) if (tree.has(ignore)) wanted.add(ignore);
  }
  if (wanted.size > mostFiles) return undefined;
  const contents = await blobsOf(folder, [...wanted].map((path) => tree.get(path)?.blob ?? ''));
  const files: Record<string, string | Buffer> = {};
  for (const path of wanted) files[path] = contents.get(tree.get(path)?.blob ?? '') ?? '';
  if (Object.values(files).reduce((sum, { length }) => sum + length, 0) > 3e6) return undefined;
  for (const [path, text] of texts) files[path] = text;
  return { name: `${repository}@${commit.slice(0, 7)} ${paths[0]}`, files, dockerfiles: paths, ways, fetched: repository };
}

/** What COPY and ADD take of the context; undefined where that cannot be had. */
function sourcesOf(text: string): string[] | undefined {
  const found: string[] = [];
  for (const { steps } of analyze(text).stages) for (const { command, expanded } of steps) {
    if (command.kind === 'RUN' && command.mounts.some(({ text: mount }) => /type=(?:secret|ssh)/.test(mount) || (/type=bind/.test(mount) && !/from=/.test(mount)))) return undefined;
    if ((command.kind !== 'COPY' && command.kind !== 'ADD') || command.flags.from || expanded.kind !== 'copy') continue;
    for (const source of expanded.sources) {
      if (source === null || /^(?:https?|git|ssh):|^git@/.test(source)) return undefined;
      found.push(source.replace(/^\.?\/+/, '').replace(/\/$/, ''));
    }
  }
  return found;
}

function isTaken(file: string, context: string, source: string): boolean {
  const path = context === '.' ? file : file.startsWith(`${context}/`) ? file.slice(context.length + 1) : undefined;
  if (path === undefined) return false;
  if (source === '' || source === '.') return true;
  const fixed = source.replace(/[*?[].*$/, '');
  return fixed === source ? path === source || path.startsWith(`${source}/`) : path.startsWith(fixed);
}
