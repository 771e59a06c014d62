/**
 * Findings in fetched repositories, made buildable: every base is the stand-in, and the programs that it lacks are there to
 * succeed, with a digest of the files around them for their output. What was done to each is in manifests/fixes.json.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path/posix';
import { analyze } from '../../server/src/core/analyze';
import { contextOf, type ContextEntry } from '../../server/src/core/build/context';
import { patternsOf, readIgnoreFile } from '../../server/src/core/build/ignore';
import { contextCopyOf, filesTaken } from '../../server/src/core/order/copies';
import { shellOfRun } from '../../server/src/core/syntax/shell';
import { findingsOf } from '../../server/src/workspace/findings';
import { blobsOf, treeOf } from '../engine/checkout';
import { digest, guess, repositoryName, withoutLines } from '../engine/repositories';
import { repositoriesUnder } from '../repositories';
import type { Case } from './case';

interface Chosen {
  readonly repository: string;
  readonly commit: string;
  /** The folder that is the build context. */
  readonly context: string;
  /** From there. */
  readonly path: string;
  readonly rule: string;
  readonly change: Case['change'];
  /** Programs of its steps that the stand-in lacks; with `=`, files and folders that other stages take. */
  readonly programs: readonly string[];
}

const manifestPath = 'scripts/manifests/fixes.json';
const how = 'Findings with a fix in the Dockerfiles of manifests/findings.json. Each Dockerfile is built in its commit\'s tree (regular files, without their executable bit) with every image after FROM replaced by the stand-in, '
  + 'the lines of a frontend taken out, and after each of those FROM a step that puts `programs` there: they succeed, and write a digest of the files around them (with `=`: a file or folder that is made there, since other stages take it). `change` is what is changed to see what runs again. '
  + 'Chosen by npm run test:fixes -- --repositories DIR --choose: in the order of a digest of their path, at most three of a repository for a rule, trees of at most 1500 files, those that build before the fix; what comes of the fix plays no part.';
const perRule = 3;
const mostFiles = 1500;
const rules = ['copy-before-install', 'copy-before-packages', 'arg-changes-early'];

/** Undefined: no repository under the folder has it. */
export async function fetchedCases(directory: string): Promise<{ cases: Case[]; missing: number }> {
  const { files } = JSON.parse(readFileSync(manifestPath, 'utf8')) as { files: Chosen[] };
  const folders = new Map(repositoriesUnder(directory).map((folder) => [repositoryName(folder), folder]));
  const cases: Case[] = [];
  for (const chosen of files) {
    const repository = folders.get(chosen.repository);
    const one = repository === undefined ? undefined : await caseOf(repository, chosen);
    if (one) cases.push(one);
  }
  return { cases, missing: files.length - cases.length };
}

/** `build` answers whether it builds before the fix, and a fix is offered. */
export async function chooseFetched(directory: string, most: number, build: (one: Case) => Promise<boolean>): Promise<void> {
  const { repositories } = JSON.parse(readFileSync('scripts/manifests/findings.json', 'utf8')) as { repositories: { repository: string; commit: string; paths: string[] }[] };
  const folders = new Map(repositoriesUnder(directory).map((folder) => [repositoryName(folder), folder]));
  const found: Chosen[] = [];
  for (const { repository, commit, paths } of repositories.toSorted((a, b) => (digest(a.repository) < digest(b.repository) ? -1 : 1))) {
    const folder = folders.get(repository);
    if (folder === undefined) continue;
    const counts = new Map<string, number>();
    for (const path of paths.toSorted((a, b) => (digest(a) < digest(b) ? -1 : 1)).slice(0, 40)) {
      if (found.length >= most) break;
      for (const chosen of await candidates(folder, { repository, commit, context: dirname(path), path: path.slice(dirname(path) === '.' ? 0 : dirname(path).length + 1) })) {
        if ((counts.get(chosen.rule) ?? 0) >= perRule) continue;
        const one = await caseOf(folder, chosen);
        const fits = one !== undefined && await build(one);
        console.log(`${fits ? 'builds' : 'left out'}: ${repository} ${path} ${chosen.rule}`);
        if (!fits) continue;
        counts.set(chosen.rule, (counts.get(chosen.rule) ?? 0) + 1);
        found.push(chosen);
      }
    }
  }
  writeFileSync(manifestPath, `{\n  "how": ${JSON.stringify(how)},\n  "files": [\n${found.map((chosen) => `    ${JSON.stringify(chosen)}`).join(',\n')}\n  ]\n}\n`);
  console.log(`fixes: ${found.length} findings chosen`);
}

async function filesOf(repository: string, { commit, context }: Pick<Chosen, 'commit' | 'context'>): Promise<Map<string, Buffer> | undefined> {
  const tree = [...treeOf(repository, commit, context)].filter(([path, { mode }]) => mode.startsWith('1006') || mode.startsWith('1007') ? path.length < 200 : false);
  if (tree.length === 0 || tree.length > mostFiles) return undefined;
  const blobs = await blobsOf(repository, [...new Set(tree.map(([, { blob }]) => blob ?? ''))]);
  const files = new Map(tree.flatMap(([path, { blob }]): [string, Buffer][] => (blobs.has(blob ?? '') ? [[path, blobs.get(blob ?? '') as Buffer]] : [])));
  return [...files.values()].reduce((sum, { length }) => sum + length, 0) > 20e6 ? undefined : files;
}

async function candidates(repository: string, place: Pick<Chosen, 'repository' | 'commit' | 'context' | 'path'>): Promise<Chosen[]> {
  const files = await filesOf(repository, place);
  const written = files?.get(place.path)?.toString();
  if (files === undefined || written === undefined) return [];
  const programs = programsOf(written);
  const text = programs === undefined ? undefined : standing(written, programs);
  if (text === undefined || programs === undefined) return [];
  const ignoreText = (files.get(`${place.path}.dockerignore`) ?? files.get('.dockerignore'))?.toString();
  const ignored = ignoreText === undefined ? undefined : patternsOf(readIgnoreFile(ignoreText));
  const entries = [...files].map(([path, bytes]): [string, ContextEntry] => [path, { type: 'file', mode: 0o644, content: digest(bytes.toString()), size: bytes.length }]);
  const context = contextOf(entries, ignored && !('error' in ignored) ? ignored : undefined);
  const build = { title: '', facts: {}, context: { kind: 'folder' as const, files: context, ignoreFile: { path: '.dockerignore', ...(ignoreText !== undefined && { text: ignoreText }) }, dockerfile: place.path } };
  const texts = (_: unknown, asked: readonly string[]): Map<string, string> => new Map(asked.flatMap((path) => (files.has(path) ? [[path, (files.get(path) as Buffer).toString()] as [string, string]] : [])));
  return rules.flatMap((rule): Chosen[] => {
    const finding = findingsOf(text, [build], { texts }, {}).find((one) => one.rule === rule && one.fixes.length > 0);
    if (!finding) return [];
    const arg = /^Each new value of (\w+)/.exec(finding.message)?.[1];
    // A file of the source that no install reads, and that the copy takes.
    const lines = new Set([finding.span, ...finding.related.flatMap((one) => ('span' in one ? [one.span] : []))].map(({ start }) => text.slice(0, start).split('\n').length));
    const copies = analyze(text).stages.flatMap(({ steps }) => steps).filter(({ line }) => line !== null && lines.has(line)).map(contextCopyOf).filter((copy) => copy !== undefined);
    const source = copies.flatMap((copy) => filesTaken(copy, context)).find((path) => /\.(?:py|[cm]?[jt]sx?|go|rb|php|java|cs|rs|html|md)$/.test(path) && !/(?:config|setup|gulpfile|Dockerfile)/i.test(path) && !written.includes(path.slice(path.lastIndexOf('/') + 1)));
    const change = rule === 'arg-changes-early' ? arg === undefined ? undefined : { arg } : source === undefined ? undefined : { file: source };
    return change === undefined ? [] : [{ ...place, rule, change, programs }];
  });
}

async function caseOf(repository: string, chosen: Chosen): Promise<Case | undefined> {
  const files = await filesOf(repository, chosen);
  const written = files?.get(chosen.path)?.toString();
  const text = written === undefined ? undefined : standing(written, chosen.programs);
  if (files === undefined || text === undefined) return undefined;
  // The Dockerfile lies beside the context; within, it stays as it was.
  return { name: `${chosen.repository} ${chosen.context}/${chosen.path}`, base: 'stand-in', rule: chosen.rule, dockerfile: text, files: Object.fromEntries(files), change: chosen.change, fetched: true };
}

/** With the stand-in for every image; undefined where it takes files of another one. */
function standing(written: string, programs: readonly string[]): string | undefined {
  const syntax = written.split('\n').slice(0, 5).map((line) => line.trim()).filter((line) => /^#\s*syntax\s*=/i.test(line));
  const text = withoutLines(written, syntax);
  const { stages, problems, dockerfile: { lineStarts } } = analyze(text);
  if (problems.length > 0 || stages.some(({ base }) => base.kind !== 'image' && base.kind !== 'stage' && base.kind !== 'scratch')) return undefined;
  const names = new Set(stages.flatMap(({ name, index }) => [String(index), ...(name === null ? [] : [name.toLowerCase()])]));
  if (stages.some(({ steps }) => steps.some(({ command }) => (command.kind === 'COPY' || command.kind === 'ADD') && command.flags.from !== undefined && !names.has(command.flags.from.text.toLowerCase())))) return undefined;
  const lineBreak = text.includes('\r\n') ? '\r\n' : '\n';
  let result = text;
  for (const { from, base } of stages.toReversed()) {
    if (base.kind !== 'image') continue;
    const line = result.slice(from.span.start, from.span.end);
    const made = line.replace(/^(\S+\s+)(?:--\S+\s+)*(?:"[^"]*"|\S+)/, '$1base');
    const end = lineStarts[from.lastLine] ?? text.length;
    const step = programs.length === 0 ? '' : `RUN stand-in ${programs.join(' ')}${lineBreak}`;
    const rest = result.slice(end);
    result = `${result.slice(0, from.span.start)}${made}${lineBreak}${step}${rest}`;
  }
  return result;
}

/** What the steps call; undefined where one cannot be read. */
function programsOf(text: string): string[] | undefined {
  const { stages } = analyze(text);
  const found = new Set<string>();
  for (const { steps } of stages) for (const { command, instruction } of steps) {
    // What another stage takes of this one is there from the start, as a compiler would have made it.
    if ((command.kind === 'COPY' || command.kind === 'ADD') && command.flags.from) for (const { text: path } of command.sources) if (/^\/[\w./-]+$/.test(path)) found.add(`=${path.endsWith('/') ? path : `/${guess(path.slice(1))}`}`);
    if (command.kind !== 'RUN') continue;
    const shell = shellOfRun(instruction, text);
    if (!shell) return undefined;
    for (const { words } of shell.commands) for (const word of words.slice(0, words[0]?.text === 'sudo' || words[0]?.text === 'env' ? 3 : 1)) if (/^[\w./+-]+$/.test(word.text) && /[a-z]/.test(word.text)) found.add(word.text);
  }
  return [...found].sort();
}
