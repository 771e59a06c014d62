/** Families as pictures: a project's files in, what an extraction makes of them out. */
import { buildsOf, definitionsIn, isDefinitionFile } from '../src/workspace/builds/builds';
import type { BuildDefinition } from '../src/workspace/builds/definition';
import { sourcesIn } from '../src/workspace/builds/facts';
import { extractionOf, familiesOf, type FamilyProject } from '../src/workspace/extract';
import type { Change, Family, Way } from '../src/core/family/model';
import { isServed } from '../src/served';
import { filesIn, type Files } from './rules';

export interface Project extends FamilyProject {
  readonly files: Files;
  readonly dockerfiles: readonly string[];
  /** Of the shell that a build is started in; undefined: not known. */
  readonly environment: Readonly<Record<string, string>> | undefined;
}

/** `others`: whether there is a file of another path. */
export function projectOf(files: Files, environment: Project['environment'] = {}, others: (path: string) => boolean = () => false): Project {
  const folders = new Set(['.', '']);
  for (const path of files.keys()) for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) folders.add(path.slice(0, slash));
  const exists = (path: string): boolean => files.has(path) || folders.has(path) || others(path);
  const texts = new Map([...files].filter(([path]) => isDefinitionFile(path)));
  return {
    files, exists, text: (path) => files.get(path), definitions: definitionsIn(texts, environment, exists).definitions, environment,
    dockerfiles: [...files.keys()].filter((path) => isServed(`file:///${path}`, '')),
  };
}

/** How a Dockerfile is built: as the project's files say, or in its folder. */
export function buildsIn(project: Project, dockerfile: string): readonly BuildDefinition[] {
  return buildsOf(dockerfile, project.definitions, project.exists, sourcesIn(project.text(dockerfile) ?? ''));
}

export function afterwards({ files, environment, exists }: Project, changes: readonly Change[]): Project {
  const after = new Map(files);
  for (const { path, after: text } of changes) {
    if (text === undefined) after.delete(path);
    else after.set(path, text);
  }
  return projectOf(after, environment, (path) => !files.has(path) && exists(path));
}

/** The first candidate's extraction: notes of its own, and each file that changes. */
export function extracted(text: string, way: Way, isShown: (path: string) => boolean = () => true): string {
  const project = projectOf(filesIn(text));
  const candidate = familiesOf(project.dockerfiles, project).flatMap(({ candidates }) => candidates)[0];
  if (!candidate) return 'no candidate';
  const made = extractionOf(candidate, way, project);
  if ('refused' in made) return `refused (${made.rule}): ${made.refused}`;
  const { notes, changes, builds, command } = made;
  return [
    ...notes.filter((note) => !always.test(note)).map((note) => `- ${note}`),
    ...builds.map(({ member, file, target }) => `${member.file} ${member.stage} = ${file}${target === undefined ? '' : ` ${target}`}`),
    ...(command === undefined ? [] : [`$ ${command}`]),
    ...changes.filter(({ path }) => isShown(path)).flatMap(({ path, before, after }) => (after === undefined ? [`//- ${path} is deleted`] : [`//- ${path}${before === undefined ? ' is new' : ''}`, shown(after)])),
  ].join('\n');
}

/** The same without the files that say how it is built. */
export function moved(text: string, way: Way): string {
  return extracted(text, way, (path) => !isDefinitionFile(path));
}

/** What every extraction of a way says. */
const always = /^One place to edit|^The cache stays|^It costs one build|^On one builder|^Every sibling is built anew|^From now on|^Before them, and after each change/;

function shown(text: string): string {
  return `${text.replace(/\r/g, '␍').replace(/\n$/, '')}${text.endsWith('\n') ? '' : ' (no line break at the end)'}`;
}

/** Members, shared steps and drift, one line each. */
export function familiesIn(text: string): string {
  const project = projectOf(filesIn(text));
  return familiesOf(project.dockerfiles, project).map(familyText).join('\n\n');
}

function familyText({ members, base, sharedSteps, drift, candidates, saves }: Family): string {
  return [
    `${members.map(({ file, stage }) => `${file} ${stage}`).join(', ')} on ${base ?? 'several bases'}`,
    ...sharedSteps.map((step) => `${step.kind}: ${step.text} (${step.members.map(({ file, line }) => `${file}:${line}`).join(', ')})`),
    ...drift.map((one) => `drift: ${one.file}:${one.line} ${one.text}, others ${one.majority}`),
    ...candidates.map((one) => `candidate: ${one.members.map(({ file, stage }) => `${file} ${stage}`).join(', ')} saves ${one.saves.instructions} instructions, ${one.saves.lines} lines`),
    `saves ${saves.instructions} instructions, ${saves.layers} layers`,
  ].join('\n');
}
