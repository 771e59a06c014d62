/** Build and measure, and look into what was built: the commands, a task, their progress and their end. */
import * as vscode from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { buildProgressNotification, buildRequest, lookRequest, type BuildAnswer, type BuildParams, type BuildProgressParams, type LookAnswer, type LookParams } from '../../server/src/protocol';
import { isServed } from '../../server/src/served';
import { asking, noMachine, trustedDockerfile } from './active';

export function offerBuild(client: BaseLanguageClient): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.commands.registerCommand('strata.build', build), vscode.commands.registerCommand('strata.look', look),
    vscode.tasks.registerTaskProvider(buildTaskType, { provideTasks: tasks, resolveTask: ({ definition, scope }) => (typeof definition.dockerfile === 'string' && isFolder(scope) ? taskOf(scope, definition as BuildTask) : undefined) }),
  );

  function ours(done: string): vscode.TextDocument | undefined {
    return trustedDockerfile(`Open the Dockerfile that is to be ${done}.`, `Nothing is ${done} in a workspace that is not trusted.`)?.document;
  }

  async function look(): Promise<void> {
    const document = ours('looked into');
    if (!document) return;
    const params: LookParams = { textDocument: { uri: client.code2ProtocolConverter.asUri(document.uri) } };
    const title = `Looking into the image of ${vscode.workspace.asRelativePath(document.uri)}`;
    const answer = await asking<LookAnswer>(client, title, lookRequest, params);
    if (answer === undefined) return;
    if (answer === null) return void vscode.window.showInformationMessage(noMachine('that has images'));
    if ('failed' in answer) return void vscode.window.showErrorMessage(answer.failed);
    void vscode.window.showInformationMessage(`${answer.image}: ${answer.wasted} of ${answer.size} are wasted${answer.fixes === 0 ? '.' : answer.fixes === 1 ? '; one finding can be fixed.' : `; ${answer.fixes} findings can be fixed.`}`);
  }

  async function build(): Promise<void> {
    const document = ours('built');
    if (!document) return;
    // What is built is what is on the disk.
    if (document.isDirty && !(await document.save())) return;
    const title = `Building ${vscode.workspace.asRelativePath(document.uri)}`;
    const answer = await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title, cancellable: true }, (progress, token) => {
      let reached = 0;
      return building(document, token, ({ done, total, name }) => {
        const now = total === 0 ? 0 : (100 * done) / total;
        progress.report({ message: total === 0 ? undefined : `${done} of ${total} steps${name === '' ? '' : `: ${name}`}`, increment: Math.max(0, now - reached) });
        reached = Math.max(reached, now);
      });
    });
    if (answer === undefined) return;
    if (answer === null) return void vscode.window.showInformationMessage(nowhere);
    if ('failed' in answer) return void vscode.window.showErrorMessage(answer.failed);
    void vscode.window.showInformationMessage(builtText(answer));
  }

  /** Undefined: cancelled. */
  async function building(document: vscode.TextDocument, token: vscode.CancellationToken, report: (now: BuildProgressParams) => void): Promise<BuildAnswer | null | undefined> {
    const params: BuildParams = { textDocument: { uri: client.code2ProtocolConverter.asUri(document.uri) } };
    const heard = client.onNotification(buildProgressNotification, (now: BuildProgressParams) => {
      if (now.uri === params.textDocument.uri) report(now);
    });
    try {
      return await client.sendRequest<BuildAnswer | null>(buildRequest, params, token);
    } catch (error) {
      if (token.isCancellationRequested) return undefined;
      throw error;
    } finally {
      heard.dispose();
    }
  }

  /** Of the Dockerfiles that are open. */
  function tasks(): vscode.Task[] {
    if (!vscode.workspace.isTrusted) return [];
    return vscode.workspace.textDocuments.filter(({ uri, languageId, isUntitled }) => !isUntitled && isServed(uri.toString(), languageId)).flatMap(({ uri }) => {
      const folder = vscode.workspace.getWorkspaceFolder(uri);
      return folder ? [taskOf(folder, { type: buildTaskType, dockerfile: uri.path.slice(folder.uri.path.length + 1) })] : [];
    });
  }

  function taskOf(folder: vscode.WorkspaceFolder, definition: BuildTask): vscode.Task {
    const execution = new vscode.CustomExecution(async () => terminalOf(vscode.Uri.joinPath(folder.uri, definition.dockerfile)));
    const task = new vscode.Task(definition, folder, `build and measure ${definition.dockerfile}`, 'Strata', execution);
    task.group = vscode.TaskGroup.Build;
    return task;
  }

  /** Its lines are what a build says: the last is the outcome, and the exit code 1 where it failed. */
  function terminalOf(uri: vscode.Uri): vscode.Pseudoterminal {
    const wrote = new vscode.EventEmitter<string>();
    const ended = new vscode.EventEmitter<number>();
    const stop = new vscode.CancellationTokenSource();
    // What a terminal would act upon is shown, and does nothing.
    const say = (line: string): void => wrote.fire(`${line.replace(/[^\P{Cc}\n]/gu, '\ufffd').replaceAll('\n', '\r\n')}\r\n`);
    const end = (line: string, code: number): void => {
      say(line);
      ended.fire(code);
    };
    const run = async (): Promise<void> => {
      const document = await vscode.workspace.openTextDocument(uri);
      if (document.isDirty && !(await document.save())) return end('The document could not be saved.', 1);
      let last = '';
      const answer = await building(document, stop.token, ({ done, total, name }) => {
        const line = `[${done} of ${total}] ${name}`;
        if (name !== '' && line !== last) say((last = line));
      });
      if (answer === undefined) end('Cancelled.', 1);
      else if (answer === null) end(nowhere, 1);
      else if ('failed' in answer) end(answer.failed, 1);
      else end(builtText(answer), 0);
    };
    return {
      onDidWrite: wrote.event, onDidClose: ended.event, close: () => stop.cancel(),
      open: () => void run().catch((error: unknown) => end(error instanceof Error ? error.message : String(error), 1)),
    };
  }
}

const buildTaskType = 'strata';

interface BuildTask extends vscode.TaskDefinition {
  /** From the folder, with slashes. */
  readonly dockerfile: string;
}

const nowhere = noMachine('to build on');

function builtText({ image, seconds, ran, cached }: Exclude<BuildAnswer, { readonly failed: string }>): string {
  return `Built ${image} in ${seconds.toFixed(1)} s: ${ran} ${ran === 1 ? 'step' : 'steps'} run, ${cached} from the cache.`;
}

function isFolder(scope: vscode.Task['scope']): scope is vscode.WorkspaceFolder {
  return typeof scope === 'object';
}
