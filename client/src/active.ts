/** What a command that asks an engine or a registry begins with, and ends with where there is none. */
import * as vscode from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { say, type Said } from '../../server/src/core/say';
import { isServed } from '../../server/src/served';

/** The editor of the Dockerfile in front; undefined: it has been said why nothing can be asked about one. */
export function trustedDockerfile(open: Said, untrusted: Said): vscode.TextEditor | undefined {
  const editor = vscode.window.activeTextEditor;
  if (!editor || !isServed(editor.document.uri.toString(), editor.document.languageId)) return void vscode.window.showInformationMessage(open);
  if (!vscode.workspace.isTrusted) return void vscode.window.showWarningMessage(untrusted);
  return editor;
}

/** Of a web editor: the server there runs in a Worker. */
export function noImages(): Said {
  return say('Here is no machine that has images: open the folder in VS Code on a desktop or a remote machine.');
}

/** With progress that can be cancelled: undefined then. */
export async function asking<Answer>(client: BaseLanguageClient, title: Said, request: string, params: object): Promise<Answer | null | undefined> {
  return vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title, cancellable: true }, async (_, token) => {
    try {
      const answer = await client.sendRequest<Answer | null>(request, params, token);
      return token.isCancellationRequested ? undefined : answer;
    } catch (error) {
      if (token.isCancellationRequested) return undefined;
      throw error;
    }
  });
}
