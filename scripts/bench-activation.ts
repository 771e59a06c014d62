/**
 * Runs inside the editor's extension host, which has just started: the time from activate() to the first hints, once.
 * The document is opened and not shown: drawing its first text takes the editor longer than all of ours.
 */
import { writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import * as vscode from 'vscode';

export async function run(): Promise<void> {
  const extension = vscode.extensions.getExtension('strata-layers.strata');
  if (!extension || extension.isActive) throw new Error('the extension has to be there, and not active yet');
  // An editor that is still busy with its own start would be measured with it.
  await pause(3000);
  const uri = vscode.Uri.joinPath(vscode.workspace.workspaceFolders![0].uri, 'Dockerfile');
  const began = performance.now();
  // Loading its code is in it. The document's language would activate it as well: this is the same, with a known beginning.
  const activation = extension.activate();
  const document = await vscode.workspace.openTextDocument(uri);
  await activation;
  const activated = performance.now() - began;
  const whole = new vscode.Range(0, 0, document.lineCount, 0);
  for (;;) {
    const hints = await vscode.commands.executeCommand<vscode.InlayHint[] | undefined>('vscode.executeInlayHintProvider', uri, whole);
    if (hints && hints.length > 0) break;
    await pause(1);
  }
  const hinted = performance.now() - began;
  writeFileSync(process.env['STRATA_BENCH']!, JSON.stringify({ activated, hinted }));
}
