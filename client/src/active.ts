/** What a command that asks an engine or a registry begins with, and ends with where there is none. */
import * as vscode from 'vscode';
import { isServed } from '../../server/src/served';

/** The editor of the Dockerfile in front; undefined: it has been said why nothing can be asked about one. */
export function trustedDockerfile(open: string, untrusted: string): vscode.TextEditor | undefined {
  const editor = vscode.window.activeTextEditor;
  if (!editor || !isServed(editor.document.uri.toString(), editor.document.languageId)) return void vscode.window.showInformationMessage(open);
  if (!vscode.workspace.isTrusted) return void vscode.window.showWarningMessage(untrusted);
  return editor;
}

/** Of a web editor: the server there runs in a Worker. */
export function noMachine(what: string): string {
  return `Here is no machine ${what}: open the folder in VS Code on a desktop or a remote machine.`;
}
