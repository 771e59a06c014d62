/** Ask the registry: the command and its end. Nothing else asks one. */
import * as vscode from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { askRegistryRequest, type AskRegistryAnswer, type AskRegistryParams } from '../../server/src/protocol';
import { say } from '../../server/src/core/say';
import { foundText } from '../../server/src/outcomes';
import { asking, trustedDockerfile } from './active';

export function offerRegistry(client: BaseLanguageClient): vscode.Disposable {
  return vscode.commands.registerCommand('strata.askRegistry', ask);

  async function ask(): Promise<void> {
    const editor = trustedDockerfile(say('Open the Dockerfile whose image a registry is to be asked about.'), say('No registry is asked for a workspace that is not trusted.'));
    if (!editor) return;
    const params: AskRegistryParams = { textDocument: { uri: client.code2ProtocolConverter.asUri(editor.document.uri) } };
    const answer = await asking<AskRegistryAnswer>(client, say('Asking the registry'), askRegistryRequest, params);
    if (answer === undefined) return;
    if (answer === null) return void vscode.window.showInformationMessage(say('Here is no machine to ask from: open the folder in VS Code on a desktop or a remote machine.'));
    if (answer.failed.length > 0) void vscode.window.showWarningMessage(shown(answer.failed.join(' ')));
    if (answer.found.length > 0) void vscode.window.showInformationMessage(shown(foundText(answer)));
  }
}

/** A message is read for links, and a registry is a stranger. */
function shown(text: string): string {
  return text.replaceAll('](', '] (');
}
