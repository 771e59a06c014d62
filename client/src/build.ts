/** Build and measure, and look into what was built: the commands, a task, their progress and their end. */
import * as vscode from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { buildProgressNotification, buildRequest, lookRequest, type BuildAnswer, type BuildParams, type BuildProgressParams, type LookAnswer, type LookParams } from '../../server/src/protocol';
import { isServed } from '../../server/src/served';
import { say, verbatim, type Said } from '../../server/src/core/say';
import { builtText, lookedText, stepsText } from '../../server/src/outcomes';
import { asking, noImages, trustedDockerfile } from './active';

export function offerBuild(client: BaseLanguageClient): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.commands.registerCommand('strata.build', build), vscode.commands.registerCommand('strata.look', look),
    vscode.tasks.registerTaskProvider(buildTaskType, { provideTasks: tasks, resolveTask: ({ definition, scope }) => (typeof definition.dockerfile === 'string' && isFolder(scope) ? taskOf(scope, definition as BuildTask) : undefined) }),
  );

  async function look(): Promise<void> {
    const document = trustedDockerfile(say('Open the Dockerfile that is to be looked into.'), say('Nothing is looked into in a workspace that is not trusted.'))?.document;
    if (!document) return;
    const params: LookParams = { textDocument: { uri: client.code2ProtocolConverter.asUri(document.uri) } };
    const title = say('Looking into the image of {0}', vscode.workspace.asRelativePath(document.uri));
    const answer = await asking<LookAnswer>(client, title, lookRequest, params);
    if (answer === undefined) return;
    if (answer === null) return void vscode.window.showInformationMessage(noImages());
    if ('failed' in answer) return void vscode.window.showErrorMessage(answer.failed);
    void vscode.window.showInformationMessage(lookedText(answer));
  }

  async function build(): Promise<void> {
    const document = trustedDockerfile(say('Open the Dockerfile that is to be built.'), say('Nothing is built in a workspace that is not trusted.'))?.document;
    if (!document) return;
    // What is built is what is on the disk.
    if (document.isDirty && !(await document.save())) return;
    const title = say('Building {0}', vscode.workspace.asRelativePath(document.uri));
    const answer = await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title, cancellable: true }, (progress, token) => {
      let reached = 0;
      return building(document, token, ({ done, total, name }) => {
        const now = total === 0 ? 0 : (100 * done) / total;
        progress.report({ message: total === 0 ? undefined : stepsText(done, total, name), increment: Math.max(0, now - reached) });
        reached = Math.max(reached, now);
      });
    });
    if (answer === undefined) return;
    if (answer === null) return void vscode.window.showInformationMessage(nowhere());
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
    const task = new vscode.Task(definition, folder, say('build and measure {0}', definition.dockerfile), 'Strata', execution);
    task.group = vscode.TaskGroup.Build;
    return task;
  }

  /** Its lines are what a build says: the last is the outcome, and the exit code 1 where it failed. */
  function terminalOf(uri: vscode.Uri): vscode.Pseudoterminal {
    const wrote = new vscode.EventEmitter<string>();
    const ended = new vscode.EventEmitter<number>();
    const stop = new vscode.CancellationTokenSource();
    // What a terminal would act upon is shown, and does nothing.
    const write = (line: string): void => wrote.fire(`${line.replace(/[^\P{Cc}\n]/gu, '\ufffd').replaceAll('\n', '\r\n')}\r\n`);
    const end = (line: string, code: number): void => {
      write(line);
      ended.fire(code);
    };
    const run = async (): Promise<void> => {
      const document = await vscode.workspace.openTextDocument(uri);
      if (document.isDirty && !(await document.save())) return end(say('The document could not be saved.'), 1);
      let last = verbatim('');
      const answer = await building(document, stop.token, ({ done, total, name }) => {
        const line = say('[{0} of {1}] {2}', done, total, name);
        if (name !== '' && line !== last) write((last = line));
      });
      if (answer === undefined) end(say('Cancelled.'), 1);
      else if (answer === null) end(nowhere(), 1);
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

function nowhere(): Said {
  return say('Here is no machine to build on: open the folder in VS Code on a desktop or a remote machine.');
}

function isFolder(scope: vscode.Task['scope']): scope is vscode.WorkspaceFolder {
  return typeof scope === 'object';
}
