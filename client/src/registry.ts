/** Ask the registry: the command and its end. Nothing else asks one. */
import * as vscode from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { askRegistryRequest, type AskRegistryAnswer, type AskRegistryParams } from '../../server/src/protocol';
import { asking, noMachine, trustedDockerfile } from './active';

export function offerRegistry(client: BaseLanguageClient): vscode.Disposable {
  return vscode.commands.registerCommand('strata.askRegistry', ask);

  async function ask(): Promise<void> {
    const editor = trustedDockerfile('Open the Dockerfile whose image a registry is to be asked about.', 'No registry is asked for a workspace that is not trusted.');
    if (!editor) return;
    const params: AskRegistryParams = { textDocument: { uri: client.code2ProtocolConverter.asUri(editor.document.uri) } };
    const answer = await asking<AskRegistryAnswer>(client, 'Asking the registry', askRegistryRequest, params);
    if (answer === undefined) return;
    if (answer === null) return void vscode.window.showInformationMessage(noMachine('to ask from'));
    if (answer.failed.length > 0) void vscode.window.showWarningMessage(shown(answer.failed.join(' ')));
    if (answer.found.length > 0) void vscode.window.showInformationMessage(shown(`Known from the registry: ${answer.found.join(', ')}. The hover of each line says more.`));
  }
}

/** A message is read for links, and a registry is a stranger. */
function shown(text: string): string {
  return text.replaceAll('](', '] (');
}
