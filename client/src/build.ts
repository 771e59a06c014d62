/** Build and measure, and look into what was built: the commands, their progress and their end. */
import * as vscode from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { buildProgressNotification, buildRequest, lookRequest, type BuildAnswer, type BuildParams, type BuildProgressParams, type LookAnswer, type LookParams } from '../../server/src/protocol';
import { isServed } from '../../server/src/served';

export function offerBuild(client: BaseLanguageClient): vscode.Disposable {
  return vscode.Disposable.from(vscode.commands.registerCommand('strata.build', build), vscode.commands.registerCommand('strata.look', look));

  /** The document that a command is about; undefined: it has been said why there is none. */
  function ours(done: string): vscode.TextDocument | undefined {
    const document = vscode.window.activeTextEditor?.document;
    if (!document || !isServed(document.uri.toString(), document.languageId)) return void vscode.window.showInformationMessage(`Open the Dockerfile that is to be ${done}.`);
    if (!vscode.workspace.isTrusted) return void vscode.window.showWarningMessage(`Nothing is ${done} in a workspace that is not trusted.`);
    return document;
  }

  async function look(): Promise<void> {
    const document = ours('looked into');
    if (!document) return;
    const params: LookParams = { textDocument: { uri: client.code2ProtocolConverter.asUri(document.uri) } };
    const title = `Looking into the image of ${vscode.workspace.asRelativePath(document.uri)}`;
    const answer = await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title }, () => client.sendRequest<LookAnswer | null>(lookRequest, params));
    if (answer === null) return void vscode.window.showInformationMessage('Here is no machine that has images: open the folder in VS Code on a desktop or a remote machine.');
    if ('failed' in answer) return void vscode.window.showErrorMessage(answer.failed);
    void vscode.window.showInformationMessage(`${answer.image}: ${answer.wasted} of ${answer.size} are wasted${answer.fixes === 0 ? '.' : answer.fixes === 1 ? '; one finding can be fixed.' : `; ${answer.fixes} findings can be fixed.`}`);
  }

  async function build(): Promise<void> {
    const document = ours('built');
    if (!document) return;
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
