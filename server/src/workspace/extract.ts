/**
 * Families of a project, and what extracting a base image makes of its files: the base, each sibling, and the build. Texts in, texts
 * out; nothing is written here. Whatever is answered has been proved by putting the base back and comparing what each stage comes to.
 */
import { analyze } from '../core/analyze';
import type { Analysis, Facts } from '../core/build/model';
import { patternsOf, readIgnoreFile } from '../core/build/ignore';
import { costOf } from '../core/family/cost';
import { familyOf } from '../core/family/families';
import type { Candidate, Change, Extraction, Family, Member, NoExtraction, Way } from '../core/family/model';
import { planOf, type MemberBuild, type Plan, type PlanMember, type PlannedMember } from '../core/family/plan';
import { digest, shapeOfAnalysis } from '../core/family/shape';
import { openSiblings } from '../core/family/siblings';
import { contextCopyOf } from '../core/order/copies';
import { counted, joined, say, type Said } from '../core/say';
import type { BuildDefinition } from './builds/definition';
import { buildsOf } from './builds/builds';
import { factsOf, sourcesOfCommands } from './builds/facts';
import { unlikeContinued, unlikeStages } from './extract-proof';
import { byBuild, byTag, inFile, inFolder, inStage, type Made, type Read } from './extract-ways';

export interface FamilyProject {
  /** Paths from the root, with slashes; undefined where the file cannot be read. */
  readonly text: (path: string) => string | undefined;
  readonly exists: (path: string) => boolean;
  readonly definitions: readonly BuildDefinition[];
}

export const ways: readonly Way[] = ['file', 'stage', 'bake', 'compose', 'tag'];

export function familiesOf(files: readonly string[], project: FamilyProject): readonly Family[] {
  const siblings = openSiblings();
  for (const file of files) {
    const text = project.text(file);
    if (text === undefined) continue;
    const { shape, context } = shapedFile(file, text, project);
    siblings.set(file, shape, context);
  }
  return siblings.groups().map((group) => familyOf(group, linesIn(project)));
}

/** What the siblings of a file are found by: its shape in the first of its builds, and that one's context. */
export function shapedFile(file: string, text: string, project: FamilyProject) {
  const { analysis, facts, context } = analysedFile(file, text, project);
  return { shape: shapeOfAnalysis(analysis, facts), context };
}

/** A file as the first of its builds makes it; `context` is equal where the build context is. */
export function analysedFile(file: string, text: string, project: FamilyProject, images?: Facts['images']): { readonly analysis: Analysis; readonly facts: Facts; readonly context: string; readonly definition: BuildDefinition } {
  const known: Facts = images ? { images } : {};
  const plain = analyze(text, known);
  const [definition] = buildsOf(file, project.definitions, project.exists, sourcesOfCommands(plain.commands));
  const facts = factsOf(definition, known);
  const isPlain = Object.keys(facts.buildArgs ?? {}).length === 0 && facts.contexts === undefined;
  return { analysis: isPlain ? plain : analyze(text, facts), facts, context: contextOf(file, definition, project).identity ?? `of ${file}`, definition };
}

export function linesIn(project: Pick<FamilyProject, 'text'>): (file: string, first: number, last: number) => string | undefined {
  const lines = new Map<string, readonly string[] | undefined>();
  return (file, first, last) => {
    if (!lines.has(file)) lines.set(file, project.text(file)?.split('\n'));
    return lines.get(file)?.slice(first - 1, last).map((line) => line.replace(/\r$/, '')).join('\n');
  };
}

/** The ways that the workspace allows, in the order of Docker's own advice, each with what it would make. */
export function extractionsOf(candidate: Candidate, project: FamilyProject): readonly Extraction[] {
  return ways.flatMap((way) => {
    const made = extractionOf(candidate, way, project);
    return 'refused' in made ? [] : [made];
  });
}

export function extractionOf(candidate: Candidate, way: Way, project: FamilyProject): Extraction | NoExtraction {
  const files = [...new Set(candidate.members.map(({ file }) => file))];
  if (way === 'stage' && files.length > 1) return { refused: say('The members are in several files: a stage is shared within one.'), rule: 'several-files' };
  if (way === 'file' && files.length === 1) return { refused: say('All members are in {0} already.', files[0]), rule: 'one-file' };
  const read = readMembers(candidate.members, project);
  if ('refused' in read) return read;
  const plan = planOf(read.members, { sameFile: way === 'stage' || way === 'file', together: way !== 'tag' });
  if ('refused' in plan) return plan;
  const made: Made | NoExtraction = way === 'stage' ? inStage(plan) : way === 'file' ? inFile(plan, files, read, project) : way === 'tag' ? byTag(plan, files, read, project) : byBuild(plan, files, read, way, project);
  if ('refused' in made) return made;
  const unproved = made.stages ? unlikeStages(read, made) : unlikeContinued(plan, read, made);
  if (unproved) return unproved;
  const notes = [...benefits(plan, way), ...plan.notes, ...made.notes, ...ownTexts(read, made.changes, project)];
  // Where it is looked at file by file, what stays is said at the file that it stays out of.
  const [first, ...others] = made.changes;
  const changes = plan.notes.length === 0 ? made.changes : [{ ...first, why: joined([first.why, ...plan.notes], ' ') }, ...others];
  return { way, members: candidate.members, changes, builds: made.builds, notes: [...new Set(notes)], stays: plan.notes, next: made.next ?? [], saves: savingsOf(plan), ...(made.command !== undefined && { command: made.command }) };
}

function readMembers(members: readonly Member[], project: FamilyProject): Read | NoExtraction {
  const definitions = new Map<string, readonly BuildDefinition[]>();
  const texts = new Map<string, string>();
  const buildsByFile = new Map<string, readonly MemberBuild[]>();
  for (const { file } of members) {
    if (texts.has(file)) continue;
    const text = project.text(file);
    if (text === undefined) return { refused: say('{0} cannot be read.', file), rule: 'errors' };
    texts.set(file, text);
    const own = buildsOf(file, project.definitions, project.exists, sourcesOfCommands(analyze(text).commands));
    definitions.set(file, own);
    const builds = own.map((definition): MemberBuild => {
      const facts: Facts = { ...factsOf(definition, {}), target: undefined };
      const { identity, name } = contextOf(file, definition, project);
      return { analysis: analyze(text, facts), facts, context: identity, contextName: name };
    });
    buildsByFile.set(file, builds);
  }
  return {
    definitions, texts,
    members: members.map((member) => ({ member, builds: (buildsByFile.get(member.file) ?? []) as unknown as PlanMember['builds'] })),
  };
}

/** Equal where the folder is, and the ignore file that counts. */
export function contextOf(file: string, { context }: BuildDefinition, project: FamilyProject): { readonly identity: string | undefined; readonly name: string } {
  if (context.kind !== 'folder') return { identity: undefined, name: context.kind === 'remote' ? context.url : say('a context that is not known') };
  const ignored = project.exists(`${file}.dockerignore`) ? project.text(`${file}.dockerignore`) : undefined;
  const folder = context.path === '.' ? say("the project's folder") : say('the folder {0}', context.path);
  return { identity: `${context.path}${ignored === undefined ? '' : ` without ${digest(ignored)}`}`, name: ignored === undefined ? folder : say('{0} and an ignore file of its own', folder) };
}

function savingsOf({ members, steps }: Plan): Extraction['saves'] {
  const lines = (one: PlannedMember): number => one.moved.reduce((sum, index) => {
    const { firstLine, lastLine } = one.analysis.stages[one.member.stage].steps[index].instruction;
    return sum + lastLine - firstLine + 1;
  }, 0);
  const layers = steps.filter(({ command }) => command.kind === 'RUN' || command.kind === 'COPY' || command.kind === 'ADD').length;
  return { lines: members.slice(1).reduce((sum, one) => sum + lines(one), 0), instructions: steps.length * (members.length - 1), layers: layers * (members.length - 1) };
}

/** What it buys, and what it does not. */
function benefits(plan: Plan, way: Way): Said[] {
  const { members, steps } = plan;
  const layers = steps.filter(({ row }) => row === 'layer').length;
  const buys = say('One place to edit for {0} of {1}, and no drift between them; builders without a shared cache make {2} once instead of {3} times.', counted(steps.length, '{0} step', '{0} steps'), counted(members.length, '{0} stage', '{0} stages'), counted(layers, '{0} layer', '{0} layers'), members.length);
  const nothing = say('On one builder that has built them nothing gets faster: the layers are shared there already.');
  if (way === 'tag') return [buys, nothing, say('Every sibling is built anew once: below an image of a name no step is known from before.')];
  const cost = costOf(plan);
  switch (cost.kind) {
    case 'kept': return [buys, nothing, say('The cache stays as it is.')];
    case 'unless': return [buys, nothing, say('The cache stays as it is, unless the base image sets {0} itself: then each RUN below runs again once.', cost.names.length > 1 ? say('{0} or {1}', cost.names.slice(0, -1).join(', '), cost.names[cost.names.length - 1]) : cost.names[0])];
    case 'lost': return [buys, nothing, counted(cost.names.length, 'Each RUN below the base runs again once: {1} stands at another place of its environment.', 'Each RUN below the base runs again once: {1} stand at another place of its environment.', cost.names.join(', '))];
  }
}

/** A copy that takes the changed files themselves into an image. */
function ownTexts({ definitions, members }: Read, changes: readonly Change[], project: FamilyProject): Said[] {
  const notes: Said[] = [];
  for (const { member, builds: [{ analysis }] } of members) {
    const context = definitions.get(member.file)?.[0].context;
    if (context?.kind !== 'folder') continue;
    const ignored = project.text(`${member.file}.dockerignore`) ?? project.text(inFolder(context.path, '.dockerignore'));
    const patterns = ignored === undefined ? undefined : patternsOf(readIgnoreFile(ignored));
    const prefix = context.path === '.' ? '' : `${context.path}/`;
    const inside = changes.map(({ path }) => path).filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length))
      .filter((path) => !(patterns && !('error' in patterns) && patterns.matches(path)));
    const step = analysis.stages.flatMap(({ steps }) => steps).find((one) => contextCopyOf(one)?.sources.some((source) => inside.some((path) => source === '' || path === source || path.startsWith(`${source}/`) || /[*?[]/.test(source))));
    if (step) notes.push(say('{0} of line {1} of {2} takes in files that change here ({3}): they are in the image as they are then.', step.command.kind, step.line ?? 0, member.file, inside[0]));
  }
  return notes;
}
