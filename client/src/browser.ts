/** The extension in the browser: the server runs in a Worker. */
import * as vscode from 'vscode';
import { LanguageClient } from 'vscode-languageclient/browser';
import { activate as activateShared } from './extension';
import { answerFiles } from './files';

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const worker = new Worker(vscode.Uri.joinPath(context.extensionUri, 'dist/server.browser.js').toString(true));
  context.subscriptions.push({ dispose: () => worker.terminate() });
  await activateShared(context, (options) => {
    const client = new LanguageClient('strata', 'Strata', worker, options);
    context.subscriptions.push(answerFiles(client));
    return client;
  });
}
