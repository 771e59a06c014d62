/** Ask the registry: the command and its end. Nothing else asks one. */
import * as vscode from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { askRegistryRequest, type AskRegistryAnswer, type AskRegistryParams } from '../../server/src/protocol';
import { isServed } from '../../server/src/served';

export function offerRegistry(client: BaseLanguageClient): vscode.Disposable {
  return vscode.commands.registerCommand('strata.askRegistry', ask);

  async function ask(): Promise<void> {
    const document = vscode.window.activeTextEditor?.document;
    if (!document || !isServed(document.uri.toString(), document.languageId)) return void vscode.window.showInformationMessage('Open the Dockerfile whose image a registry is to be asked about.');
    if (!vscode.workspace.isTrusted) return void vscode.window.showWarningMessage('No registry is asked for a workspace that is not trusted.');
    const params: AskRegistryParams = { textDocument: { uri: client.code2ProtocolConverter.asUri(document.uri) } };
    const answer = await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title: 'Asking the registry', cancellable: true }, async (_, token) => {
      try {
        return await client.sendRequest<AskRegistryAnswer | null>(askRegistryRequest, params, token);
      } catch (error) {
        if (token.isCancellationRequested) return undefined;
        throw error;
      }
    });
    if (answer === undefined) return;
    if (answer === null) return void vscode.window.showInformationMessage('Here is no machine to ask from: open the folder in VS Code on a desktop or a remote machine.');
    if (answer.failed.length > 0) void vscode.window.showWarningMessage(shown(answer.failed.join(' ')));
    if (answer.found.length > 0) void vscode.window.showInformationMessage(shown(`Known from the registry: ${answer.found.join(', ')}. The hover of each line says more.`));
  }
}

/** A message is read for links, and a registry is a stranger. */
function shown(text: string): string {
  return text.replaceAll('](', '] (');
}
