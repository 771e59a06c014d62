/**
 * An edit of several files, made ready to be looked at: all of them opened first, as many as the editor keeps, so that the edit knows
 * which text it was made for, and one that changes while the preview is shown is not overwritten.
 */
import * as vscode from 'vscode';
import type { BaseLanguageClient, WorkspaceEdit } from 'vscode-languageclient';
import { say, verbatim, type Said } from '../../server/src/core/say';
import { siblingsChanged } from '../../server/src/outcomes';
import type { ExtractAnswer } from '../../server/src/protocol';
import { hasDone } from './walkthrough';

export interface ReadyEdit {
  readonly edit: vscode.WorkspaceEdit;
  /** What comes next, for a user to do. */
  readonly next: string;
  /** The files that it makes. */
  readonly creates: readonly string[];
}

type Change = NonNullable<WorkspaceEdit['documentChanges']>[number];

/** Undefined where there is none; the user has been told why. */
export async function readyEdit(client: BaseLanguageClient, ask: () => Promise<ExtractAnswer | null>): Promise<ReadyEdit | undefined> {
  const toUri = (uri: string): vscode.Uri => client.protocol2CodeConverter.asUri(uri);
  let answer = await ask();
  // The server reads a file that is open from its document: what comes of the texts as they stand now is asked for again.
  if (answer && 'edit' in answer && (await openAll(answer.edit, toUri))) answer = await ask();
  if (!answer) return refuse(siblingsChanged());
  if ('refused' in answer) return refuse(verbatim(answer.refused));
  const obstacle = await obstacleIn(answer.edit, toUri);
  if (obstacle !== undefined) return refuse(obstacle);
  // The preview shows what moves; beside it is said what does not, and why.
  if (answer.stays.length > 0) void vscode.window.showInformationMessage(answer.stays.join(' '));
  const edit = await client.protocol2CodeConverter.asWorkspaceEdit(previewed(answer.edit));
  const creates = (answer.edit.documentChanges ?? []).flatMap((change) => (isCreation(change) ? [toUri(change.uri).toString()] : []));
  return { edit, creates, next: answer.next.join(' ') };
}

/** The editor shows its preview and says itself what is in the way. Nothing is said where the user thinks better of it. */
export async function applyReady(ready: ReadyEdit): Promise<void> {
  if (await vscode.workspace.applyEdit(ready.edit, { isRefactoring: true })) applied(ready);
}

let waiting: vscode.Disposable | undefined;

/** The same of an edit that the editor applies by itself, or not at all: it has when the files are there that it makes. */
export function sayWhenApplied(ready: ReadyEdit): void {
  waiting?.dispose();
  waiting = vscode.workspace.onDidCreateFiles(({ files }) => {
    if (!files.some((uri) => ready.creates.includes(uri.toString()))) return;
    waiting?.dispose();
    applied(ready);
  });
}

function applied({ creates, next }: ReadyEdit): void {
  // What puts a base back makes no file.
  if (creates.length > 0) hasDone('extracted');
  if (next !== '') void vscode.window.showInformationMessage(next);
}

export function refuse(reason: Said): undefined {
  void vscode.window.showWarningMessage(reason);
}

/** False: all were open. What cannot be opened is an obstacle that is found later. */
async function openAll(edit: WorkspaceEdit, toUri: (uri: string) => vscode.Uri): Promise<boolean> {
  const closed = existing(edit).map(toUri).filter((uri) => !documentOf(uri));
  await Promise.allSettled(closed.map((uri) => vscode.workspace.openTextDocument(uri)));
  return closed.length > 0;
}

async function obstacleIn(edit: WorkspaceEdit, toUri: (uri: string) => vscode.Uri): Promise<Said | undefined> {
  const versions = new Map((edit.documentChanges ?? []).flatMap((change) => ('textDocument' in change ? [[change.textDocument.uri, change.textDocument.version] as const] : [])));
  for (const address of existing(edit)) {
    const uri = toUri(address);
    const path = vscode.workspace.asRelativePath(uri);
    const document = documentOf(uri);
    const version = versions.get(address) ?? null;
    if (document && version !== null && version !== document.version) return say('{0} has changed meanwhile: nothing is changed.', path);
    // Of what is not a Dockerfile the server sees the file only.
    if (document && version === null && document.isDirty) return say('{0} has changes that are not saved: nothing is changed.', path);
    const stat = await vscode.workspace.fs.stat(uri).then((found) => found, () => undefined);
    // The editor keeps some fifty documents open that nobody shows: of more files than that it closes the first again.
    if (!document && !stat) return say('{0} cannot be read: nothing is changed.', path);
    if (stat?.permissions === vscode.FilePermission.Readonly || vscode.workspace.fs.isWritableFileSystem(uri.scheme) === false) return say('{0} is read-only: nothing is changed.', path);
  }
  return undefined;
}

/** The files of an edit that are there before it. */
function existing({ documentChanges = [] }: WorkspaceEdit): readonly string[] {
  const created = new Set(documentChanges.flatMap((change) => (isCreation(change) ? [change.uri] : [])));
  const uris = documentChanges.flatMap((change) => ('textDocument' in change ? [change.textDocument.uri] : change.kind === 'delete' ? [change.uri] : []));
  return [...new Set(uris)].filter((uri) => !created.has(uri));
}

function isCreation(change: Change): change is Extract<Change, { kind: 'create' }> {
  return 'kind' in change && change.kind === 'create' && !change.options?.ignoreIfExists;
}

/**
 * The editor previews an edit only when a part of it needs to be confirmed, and shows such a part unticked: Apply would then do
 * nothing. So that all files come ticked, what needs to be confirmed is the making of a file that is there, which no list shows.
 */
function previewed(edit: WorkspaceEdit): WorkspaceEdit {
  const [uri] = existing(edit);
  if (uri === undefined) return edit;
  const annotations = Object.entries(edit.changeAnnotations ?? {}).map(([id, annotation]) => [id, { ...annotation, needsConfirmation: false }]);
  const preview = 'strata.preview';
  return {
    changeAnnotations: { ...Object.fromEntries(annotations), [preview]: { label: say('Preview'), needsConfirmation: true } },
    documentChanges: [{ kind: 'create', uri, options: { ignoreIfExists: true }, annotationId: preview }, ...inOrder(edit.documentChanges ?? [])],
  };
}

/** Creations first: one that fails has changed nothing then; and what is undone at once has to stand together. */
function inOrder(changes: readonly Change[]): Change[] {
  const rank = (change: Change): number => (!('kind' in change) ? 1 : change.kind === 'create' ? 0 : 2);
  return [...changes].sort((a, b) => rank(a) - rank(b));
}

function documentOf(uri: vscode.Uri): vscode.TextDocument | undefined {
  return vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
}
