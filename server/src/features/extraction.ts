/**
 * Extracting a base image, and putting it back, as the editor's own edits: code actions whose edit comes when they are chosen, and the
 * requests of the view. Every file's part says what is done in it and why; a client that can show a preview does.
 */
import { type CodeAction, type Range, type TextDocumentEdit, type WorkspaceEdit } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { commonStages } from '../core/family/inline';
import type { Candidate, Change, Extraction, Family, NoExtraction, Way } from '../core/family/model';
import type { Unit } from '../core/family/siblings';
import { extractKind, inlineKind, type ExtractAnswer, type ExtractParams, type InlineParams, type WaysAnswer, type WaysParams } from '../protocol';
import type { Editor, Reading } from '../session';
import { extractionOf, ways, type FamilyProject } from '../workspace/extract';
import type { FamilyIndex } from '../workspace/family-index';
import { baseOf, inliningOf } from '../workspace/inline';
import type { Project } from '../workspace/project';
import { say, type Said } from '../core/say';
import { rangeOf } from './convert';

/** What a code action of ours is resolved by. */
export type ActionData = { readonly extract: ExtractParams } | { readonly inline: InlineParams };

/** On FROM and on the steps that a base would hold; `thorough`: only the ways that can be, else those that may. */
export function refactorings(reading: Reading, range: Range, thorough: boolean): CodeAction[] {
  return [...extractions(reading, range, thorough), ...inlinings(reading, range)];
}

function extractions({ siblings, analysis }: Reading, range: Range, thorough: boolean): CodeAction[] {
  if (!siblings) return [];
  const { index, file, groups } = siblings;
  const actions: CodeAction[] = [];
  for (const group of groups) {
    const family = index.familyOf(group);
    family.candidates.forEach((candidate, at) => {
      const stages = candidate.members.filter((member) => member.file === file).map(({ stage }) => stage);
      const isHere = stages.some((stage) => placesOf(group, candidate, file, stage, analysis.stages[stage]?.from.firstLine).some(([first, last]) => first - 1 <= range.end.line && range.start.line <= last - 1));
      if (!isHere) return;
      const possible = thorough ? known(group, candidate, at, index.project).flatMap((made) => ('refused' in made.made ? [] : [made.way])) : ways.filter((way) => mayBe(way, candidate, index.project));
      for (const way of possible) actions.push({ title: titleOf(way, candidate, index.project), kind: extractKind, data: { extract: { family: family.id, candidate: at, way } } satisfies ActionData });
    });
  }
  return actions;
}

/** First and last lines: of FROM, and of the steps that all of the candidate share. */
function placesOf(group: readonly Unit[], { members, steps }: Candidate, file: string, stage: number, from: number | undefined): (readonly [number, number])[] {
  const unit = group.find(({ member }) => member.file === file && member.stage === stage);
  if (!unit || from === undefined || !members.some((member) => member.file === file && member.stage === stage)) return [];
  return [[from, from], ...unit.stage.steps.filter(({ kind }) => kind !== 'metadata').slice(0, steps).map(({ firstLine, lastLine }) => [firstLine, lastLine] as const)];
}

function mayBe(way: Way, { members }: Candidate, { definitions }: FamilyProject): boolean {
  const files = new Set(members.map(({ file }) => file));
  if (way === 'stage') return files.size === 1;
  if (way === 'compose') return definitions.some(({ source, dockerfile }) => source === 'compose' && dockerfile !== null && files.has(dockerfile));
  return way !== 'file' || files.size > 1;
}

interface Tried {
  readonly way: Way;
  readonly made: Extraction | NoExtraction;
}

const tried = new WeakMap<readonly Unit[], { readonly definitions: FamilyProject['definitions']; readonly candidates: Map<number, readonly Tried[]> }>();

/** Once for a group, as long as the project's builds stay. */
function known(group: readonly Unit[], candidate: Candidate, at: number, project: FamilyProject): readonly Tried[] {
  let one = tried.get(group);
  if (one?.definitions !== project.definitions) tried.set(group, (one = { definitions: project.definitions, candidates: new Map() }));
  let made = one.candidates.get(at);
  if (!made) one.candidates.set(at, (made = ways.filter((way) => mayBe(way, candidate, project)).map((way) => ({ way, made: extractionOf(candidate, way, project) }))));
  return made;
}

export function titleOf(way: Way, { members }: Candidate, { definitions }: FamilyProject): Said {
  const files = new Set(members.map(({ file }) => file));
  const of = (source: string): string | undefined => definitions.find((one) => one.source === source && one.dockerfile !== null && files.has(one.dockerfile))?.file;
  switch (way) {
    case 'file': return say('Extract base image: one Dockerfile with {0} targets', files.size);
    case 'stage': return say('Extract base image: a stage of this file for {0} stages', members.length);
    case 'bake': return say('Extract base image by Bake: {0}', of('bake') ?? definitions.find(({ source }) => source === 'bake')?.file ?? 'docker-bake.hcl');
    case 'compose': return say('Extract base image by Compose: {0}', of('compose') ?? 'compose.yaml');
    case 'tag': return say('Extract base image as a tagged image');
  }
}

function inlinings({ siblings, analysis, document }: Reading, range: Range): CodeAction[] {
  if (!siblings) return [];
  const { index, file } = siblings;
  const common = new Set(commonStages(analysis, new Set(index.project.definitions.filter(({ dockerfile }) => dockerfile === file).map(({ target }) => target?.toLowerCase() ?? ''))));
  const continued = analysis.stages.filter(({ from }) => from.firstLine - 1 <= range.end.line && range.start.line <= from.lastLine - 1)
    .map((stage) => baseOf(file, stage, index.project)?.path ?? (stage.base.kind === 'stage' && common.has(stage.base.stage) ? analysis.stages[stage.base.stage].name ?? '' : undefined))
    .find((name) => name !== undefined);
  return continued === undefined ? [] : [{ title: say('Inline base image: {0}', continued), kind: inlineKind, data: { inline: { textDocument: { uri: document.uri } } } satisfies ActionData }];
}

const plain = new Set(['several-files', 'one-file', 'no-compose', 'no-bake']);

export async function waysOf(project: Project, { family, candidate: at }: WaysParams): Promise<WaysAnswer | null> {
  const found = await familyNamed(project, family);
  const candidate = found?.family.candidates[at];
  if (!found || !candidate) return null;
  const { index } = found;
  const all = ways.filter((way) => mayBe(way, candidate, index.project)).map((way) => ({ way, made: extractionOf(candidate, way, index.project) }));
  return {
    ways: all.flatMap(({ way, made }) => ('refused' in made ? [] : [{ way, title: titleOf(way, candidate, index.project), notes: made.notes }])),
    // What is plain to see needs no reason.
    refused: [...new Set(all.flatMap(({ made }) => ('refused' in made && !plain.has(made.rule) ? [made.refused] : [])))],
  };
}

export async function extractionEdit(project: Project, { family, candidate: at, way }: ExtractParams, client: Editor): Promise<ExtractAnswer | null> {
  const found = await familyNamed(project, family);
  const candidate = found?.family.candidates[at];
  if (!found || !candidate) return null;
  const made = extractionOf(candidate, way, found.index.project);
  return 'refused' in made ? { refused: made.refused } : editOf(made, found.index, client);
}

export async function inliningEdit(project: Project, { textDocument: { uri } }: InlineParams, client: Editor): Promise<ExtractAnswer | null> {
  const siblings = project.siblings(uri);
  if (!siblings) return null;
  // A base that has just been extracted is known when the build that makes it has been read.
  await project.settled();
  const made = inliningOf([siblings.file], siblings.index.project);
  return 'refused' in made ? { refused: made.refused } : editOf({ ...made, stays: [], next: [] }, siblings.index, client);
}

export async function familyNamed(project: Project, id: string): Promise<{ readonly index: FamilyIndex; readonly family: Family } | undefined> {
  for (const index of project.allSiblings()) {
    const family = (await index.families()).find((one) => one.id === id);
    if (family) return { index, family };
  }
  return undefined;
}

/** Files are made first: where one is there already, nothing else has happened. */
function editOf({ changes, stays, next }: Pick<Extraction, 'changes' | 'stays' | 'next'>, { address, isReadOnly }: FamilyIndex, { capabilities: { workspace }, versionOf }: Editor): ExtractAnswer {
  const fixed = changes.find(({ path, before }) => before !== undefined && isReadOnly(path));
  if (fixed) return { refused: say('{0} cannot be written: it is read-only.', fixed.path) };
  // Operations stand in documentChanges alone: who names them can do those, as Neovim, which does not say so.
  const { documentChanges, resourceOperations = [], changeAnnotationSupport } = workspace?.workspaceEdit ?? {};
  const needed = [...(changes.some(({ before }) => before === undefined) ? ['create'] : []), ...(changes.some(({ after }) => after === undefined) ? ['delete'] : [])];
  if (!(documentChanges || resourceOperations.length > 0) || needed.some((kind) => !resourceOperations.includes(kind as 'create'))) return { refused: say('This editor cannot make or remove files in an edit: strata extract on the command line can.') };
  const annotations: NonNullable<WorkspaceEdit['changeAnnotations']> = {};
  const annotated = ({ path, why }: Change): { readonly annotationId?: string } => {
    if (!changeAnnotationSupport) return {};
    annotations[path] = { label: path, description: why, needsConfirmation: false };
    return { annotationId: path };
  };
  const made = changes.filter(({ before }) => before === undefined);
  const removed = changes.filter(({ after }) => after === undefined);
  const edited = changes.filter(({ before, after }) => after !== undefined && before !== after);
  const edit: WorkspaceEdit = {
    documentChanges: [
      ...made.map((change) => ({ kind: 'create' as const, uri: address(change.path), ...annotated(change) })),
      ...edited.map((change): TextDocumentEdit => ({ textDocument: { uri: address(change.path), version: versionOf(address(change.path)) }, edits: [{ ...difference(address(change.path), change.before ?? '', change.after ?? ''), ...annotated(change) }] as TextDocumentEdit['edits'] })),
      ...removed.map((change) => ({ kind: 'delete' as const, uri: address(change.path), ...annotated(change) })),
    ],
    ...(changeAnnotationSupport && { changeAnnotations: annotations }),
  };
  return { edit, stays, next };
}

/** Only the lines that differ. */
function difference(uri: string, before: string, after: string): { readonly range: Range; readonly newText: string } {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let end = 0;
  while (end < before.length - start && end < after.length - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  start = before.lastIndexOf('\n', start - 1) + 1;
  end = Math.min(end, before.length - start, after.length - start);
  const isWhole = (text: string): boolean => end === text.length - start || text[text.length - end - 1] === '\n';
  if (!isWhole(before) || !isWhole(after)) {
    const tail = before.indexOf('\n', before.length - end);
    end = tail === -1 ? 0 : before.length - tail - 1;
  }
  return { range: rangeOf(TextDocument.create(uri, '', 0, before), { start, end: before.length - end }), newText: after.slice(start, after.length - end) };
}
