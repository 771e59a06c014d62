/** Which image was built of a file, where a user has said so: remembered for the workspace, and before what the project says. */
import * as vscode from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { imageNamesRequest, type ImageNamesAnswer } from '../../server/src/protocol';
import { say } from '../../server/src/core/say';
import { noImages, trustedDockerfile } from './active';

export interface ChosenImages {
  /** Of a document; undefined: nobody has chosen one. */
  readonly of: (uri: string | undefined) => string | undefined;
  readonly offer: (client: BaseLanguageClient) => vscode.Disposable;
}

const key = 'strata.chosenImages';

export function chosenImages(memory: vscode.Memento): ChosenImages {
  const chosen = (): Readonly<Record<string, string>> => memory.get<Record<string, string>>(key, {});
  return {
    of: (uri) => (uri === undefined || !Object.hasOwn(chosen(), uri) ? undefined : chosen()[uri]),
    offer: (client) => vscode.commands.registerCommand('strata.chooseImage', () => choose(client)),
  };

  async function choose(client: BaseLanguageClient): Promise<void> {
    const editor = trustedDockerfile(say('Open the Dockerfile whose image is to be chosen.'), say('No engine is asked for its images in a workspace that is not trusted.'));
    if (!editor) return;
    const { document } = editor;
    const uri = client.code2ProtocolConverter.asUri(document.uri);
    const answer = await client.sendRequest<ImageNamesAnswer | null>(imageNamesRequest, {});
    if (answer === null) return void vscode.window.showInformationMessage(noImages());
    if ('failed' in answer) return void vscode.window.showWarningMessage(answer.failed);
    const now = chosen()[uri];
    const current = say('now');
    const items: (vscode.QuickPickItem & { readonly image: string | undefined })[] = [
      { label: say('As the project says'), description: now === undefined ? current : '', image: undefined }, ...answer.names.map((image) => ({ label: image, description: image === now ? current : '', image })),
    ];
    const one = await vscode.window.showQuickPick(items, { title: say('The image that was built of {0}', vscode.workspace.asRelativePath(document.uri)) });
    if (!one) return;
    const { [uri]: _, ...others } = chosen();
    await memory.update(key, one.image === undefined ? others : { ...others, [uri]: one.image });
    await client.sendNotification('workspace/didChangeConfiguration', { settings: null });
  }
}
