/** Build and measure: the command, its progress and its end. */
import * as vscode from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { buildProgressNotification, buildRequest, type BuildAnswer, type BuildParams, type BuildProgressParams } from '../../server/src/protocol';
import { isServed } from '../../server/src/served';

export function offerBuild(client: BaseLanguageClient): vscode.Disposable {
  return vscode.commands.registerCommand('strata.build', build);

  async function build(): Promise<void> {
    const document = vscode.window.activeTextEditor?.document;
    if (!document || !isServed(document.uri.toString(), document.languageId)) return void vscode.window.showInformationMessage('Open the Dockerfile that is to be built.');
    if (!vscode.workspace.isTrusted) return void vscode.window.showWarningMessage('Nothing is built in a workspace that is not trusted.');
    // What is built is what is on the disk.
    if (document.isDirty && !(await document.save())) return;
    const params: BuildParams = { textDocument: { uri: client.code2ProtocolConverter.asUri(document.uri) } };
    const title = `Building ${vscode.workspace.asRelativePath(document.uri)}`;
    const answer = await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title, cancellable: true }, async (progress, token) => {
      let reached = 0;
      const heard = client.onNotification(buildProgressNotification, ({ uri, done, total, name }: BuildProgressParams) => {
        if (uri !== params.textDocument.uri) return;
        const now = total === 0 ? 0 : (100 * done) / total;
        progress.report({ message: total === 0 ? undefined : `${done} of ${total} steps${name === '' ? '' : `: ${name}`}`, increment: Math.max(0, now - reached) });
        reached = Math.max(reached, now);
      });
      try {
        return await client.sendRequest<BuildAnswer | null>(buildRequest, params, token);
      } catch (error) {
        if (token.isCancellationRequested) return undefined;
        throw error;
      } finally {
        heard.dispose();
      }
    });
    if (answer === undefined) return;
    if (answer === null) return void vscode.window.showInformationMessage('Here is no machine to build on: open the folder in VS Code on a desktop or a remote machine.');
    if ('failed' in answer) return void vscode.window.showErrorMessage(answer.failed);
    void vscode.window.showInformationMessage(`Built ${answer.image} in ${answer.seconds.toFixed(1)} s: ${answer.ran} steps run, ${answer.cached} from the cache.`);
  }
}
