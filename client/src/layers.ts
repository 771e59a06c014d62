/**
 * The layers of the documents on screen, kept fresh: asked for when an editor shows a document, and again a moment after
 * an edit. Views draw what is known; between an edit and its answer they keep the old marks, which move with the text.
 */
import * as vscode from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { changedNotification, layersRequest, type LayersAnswer, type LayersParams, type StageMark } from '../../server/src/protocol';
import { isServed } from '../../server/src/served';
import { hasDone } from './walkthrough';

export interface Layers extends vscode.Disposable {
  readonly of: (document: vscode.TextDocument) => LayersAnswer | undefined;
  /** The document has another answer, or none any more. */
  readonly onDidChange: vscode.Event<vscode.TextDocument>;
}

/** How long typing must rest before marks are drawn anew. */
const pause = 100;

export function followLayers(client: BaseLanguageClient): Layers {
  const answers = new WeakMap<vscode.TextDocument, LayersAnswer>();
  const pending = new Map<vscode.TextDocument, vscode.Disposable>();
  const changed = new vscode.EventEmitter<vscode.TextDocument>();

  const refresh = (): void => {
    for (const document of shown()) if (answers.get(document)?.version !== document.version) ask(document, 0);
  };
  const disposables = [
    changed,
    vscode.window.onDidChangeVisibleTextEditors(refresh),
    vscode.workspace.onDidOpenTextDocument(refresh),
    vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      if (contentChanges.length > 0 && shown().has(document)) ask(document, pause);
    }),
    vscode.workspace.onDidCloseTextDocument((document) => {
      pending.get(document)?.dispose();
      // As when its language is changed: what is drawn goes.
      if (answers.delete(document)) changed.fire(document);
    }),
    client.onNotification(changedNotification, () => shown().forEach((document) => ask(document, 0))),
  ];
  refresh();

  return {
    of: (document) => answers.get(document),
    onDidChange: changed.event,
    dispose: () => {
      for (const disposable of [...disposables, ...pending.values()]) disposable.dispose();
    },
  };

  /** The newest question about a document is the only one. */
  function ask(document: vscode.TextDocument, delay: number): void {
    pending.get(document)?.dispose();
    const source = new vscode.CancellationTokenSource();
    const timer = setTimeout(() => void answer(), delay);
    const question = new vscode.Disposable(() => {
      clearTimeout(timer);
      source.cancel();
      source.dispose();
      if (pending.get(document) === question) pending.delete(document);
    });
    pending.set(document, question);

    async function answer(): Promise<void> {
      const params: LayersParams = { textDocument: { uri: client.code2ProtocolConverter.asUri(document.uri) } };
      try {
        const answered = await client.sendRequest<LayersAnswer | null>(layersRequest, params, source.token);
        if (source.token.isCancellationRequested || answered?.version !== document.version) return;
        answers.set(document, answered);
        // By what the user types now, not by what differs from the last commit anyway.
        if (answered.rebuilds && document.isDirty) hasDone('sawRebuild');
        changed.fire(document);
      } catch {
        // Cancelled, or the server has gone: the client says the latter itself.
      } finally {
        question.dispose();
      }
    }
  }
}

/** Our documents that an editor shows. */
function shown(): Set<vscode.TextDocument> {
  const documents = vscode.window.visibleTextEditors.map(({ document }) => document);
  return new Set(documents.filter((document) => isServed(document.uri.toString(), document.languageId)));
}

/** The stage that holds the cursor; before the first, the one that is built. */
export function stageAt({ stages }: LayersAnswer, cursor: vscode.Position | undefined): StageMark | undefined {
  const at = cursor && stages.findLast((stage) => rangeOf(stage.range).start.line <= cursor.line);
  return at ?? stages.find((stage) => stage.target);
}

export function rangeOf({ start, end }: LayersAnswer['lines'][number]['range']): vscode.Range {
  return new vscode.Range(start.line, start.character, end.line, end.character);
}
