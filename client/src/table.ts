/** The layer table of an image as a read-only document, which follows the Dockerfile as it is typed. */
import * as vscode from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { tableRequest, type TableParams } from '../../server/src/protocol';
import { say } from '../../server/src/core/say';
import { isServed } from '../../server/src/served';
import { stageAt, type Layers } from './layers';
import { hasDone } from './walkthrough';

export const showLayersCommand = 'strata.showLayers';
const scheme = 'strata';

export function openTables(client: BaseLanguageClient, layers: Layers): vscode.Disposable {
  const changed = new vscode.EventEmitter<vscode.Uri>();
  return vscode.Disposable.from(
    changed,
    vscode.workspace.registerTextDocumentContentProvider(scheme, {
      onDidChange: changed.event,
      provideTextDocumentContent: async (uri) => {
        const { source, stage } = partsOf(uri);
        const params: TableParams = { textDocument: { uri: source }, stage };
        return (await client.sendRequest<string | null>(tableRequest, params)) ?? `${say('The Dockerfile is not open any more.')}\n`;
      },
    }),
    vscode.commands.registerCommand(showLayersCommand, show),
    layers.onDidChange((document) => {
      const source = client.code2ProtocolConverter.asUri(document.uri);
      for (const { uri } of vscode.workspace.textDocuments) {
        if (uri.scheme === scheme && partsOf(uri).source === source) changed.fire(uri);
      }
    }),
  );

  async function show(): Promise<void> {
    const { activeTextEditor, visibleTextEditors } = vscode.window;
    // From the walkthrough no text is in front: that beside it is meant.
    const editor = activeTextEditor ?? visibleTextEditors.find(isOurs);
    if (!editor || !isOurs(editor)) {
      void vscode.window.showInformationMessage(say('Open a Dockerfile to see its layers.'));
      return;
    }
    hasDone('sawHistory');
    const { document, selection } = editor;
    const answer = layers.of(document);
    const stage = answer && stageAt(answer, selection.active);
    const parts = { source: client.code2ProtocolConverter.asUri(document.uri), stage: stage && answer.stages.indexOf(stage) };
    const name = document.uri.path.slice(document.uri.path.lastIndexOf('/') + 1);
    // Not a name that would be taken for a Dockerfile's.
    const uri = vscode.Uri.from({ scheme, path: `/${say('Layers ({0})', name)}`, query: JSON.stringify(parts) });
    const table = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(table, { viewColumn: vscode.ViewColumn.Beside, preview: true, preserveFocus: true });
  }
}

function isOurs({ document }: vscode.TextEditor): boolean {
  return isServed(document.uri.toString(), document.languageId);
}

function partsOf(uri: vscode.Uri): { readonly source: string; readonly stage?: number } {
  return JSON.parse(uri.query) as { source: string; stage?: number };
}
