/** The builder's cache in the editor: what a change would cost, as a list to choose from, and what counts as built. */
import * as vscode from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import {
  changesRequest, takeAsBuiltRequest, trustNotification, whatIfRequest,
  type ChangesAnswer, type WhatIfAnswer, type WhatIfChange, type WhatIfParams,
} from '../../server/src/protocol';
import { say } from '../../server/src/core/say';
import { buildText, foreseenText, nothingForeseen, stepPlace } from '../../server/src/outcomes';
import { isServed } from '../../server/src/served';
import type { Layers } from './layers';

export const whatIfCommand = 'strata.whatIf';

export function askCache(client: BaseLanguageClient, layers: Layers): vscode.Disposable {
  // Until there has been a Dockerfile, nobody finds our entry in the menu of every file.
  void vscode.commands.executeCommand('setContext', 'strata.active', true);
  return vscode.Disposable.from(
    vscode.commands.registerCommand(whatIfCommand, whatIf),
    vscode.commands.registerCommand('strata.takeAsBuilt', takeAsBuilt),
    vscode.commands.registerCommand('strata.pinBuild', pinBuild),
    vscode.workspace.onDidGrantWorkspaceTrust(() => void client.sendNotification(trustNotification)),
  );

  /** From a lens: a document and a change; from the explorer: a file; from the palette: nothing yet. */
  async function whatIf(from?: string | vscode.Uri, change?: WhatIfChange): Promise<void> {
    const asked = typeof from === 'string' && change ? { textDocument: { uri: from }, change } : await chosen(from instanceof vscode.Uri ? from : undefined);
    if (!asked) return;
    const answer = await client.sendRequest<WhatIfAnswer | null>(whatIfRequest, asked);
    if (!answer) {
      void vscode.window.showInformationMessage(nothingForeseen());
      return;
    }
    const step = await vscode.window.showQuickPick(stepsOf(answer), { title: foreseenText(answer), matchOnDetail: true, placeHolder: say('Go to a step') });
    if (step?.place) await vscode.window.showTextDocument(step.place.uri, { selection: step.place.range });
  }

  /** What changes: a file, or what the Dockerfile in front names. */
  async function chosen(file: vscode.Uri | undefined): Promise<WhatIfParams | undefined> {
    const address = (uri: vscode.Uri): string => client.code2ProtocolConverter.asUri(uri);
    if (file) return { change: { kind: 'file', uri: address(file) } };
    const document = vscode.window.activeTextEditor?.document;
    if (!document) {
      void vscode.window.showInformationMessage(say('Open a file to see what its change would cost.'));
      return undefined;
    }
    const own: WhatIfChange = { kind: 'file', uri: address(document.uri) };
    if (!isServed(document.uri.toString(), document.languageId)) return { change: own };
    const named = await client.sendRequest<ChangesAnswer | null>(changesRequest, { textDocument: { uri: address(document.uri) } });
    const choices: (vscode.QuickPickItem & { readonly change: WhatIfChange })[] = [
      ...(named?.bases ?? []).map((reference) => ({ label: reference, description: say('base image'), change: { kind: 'base', reference } as const })),
      ...(named?.args ?? []).map((name) => ({ label: name, description: say('build argument'), change: { kind: 'arg', name } as const })),
      { label: document.uri.path.slice(document.uri.path.lastIndexOf('/') + 1), description: say('this file, where a build copies it'), change: own },
    ];
    const choice = await vscode.window.showQuickPick(choices, { title: say('What if this changes…') });
    if (!choice) return undefined;
    return vscode.workspace.workspaceFolders ? { change: choice.change } : { textDocument: { uri: address(document.uri) }, change: choice.change };
  }

  async function takeAsBuilt(): Promise<void> {
    const document = vscode.window.activeTextEditor?.document;
    const uri = document && client.code2ProtocolConverter.asUri(document.uri);
    const known = uri && (await client.sendRequest<true | null>(takeAsBuiltRequest, { textDocument: { uri } }));
    if (!known) void vscode.window.showInformationMessage(say('Open the Dockerfile that you have built.'));
  }

  async function pinBuild(): Promise<void> {
    const document = vscode.window.activeTextEditor?.document;
    const builds = (document && layers.of(document)?.builds.filter((title) => title !== '')) ?? [];
    if (builds.length === 0) {
      void vscode.window.showInformationMessage(say('No file of this workspace says how the file in front is built.'));
      return;
    }
    const title = await vscode.window.showQuickPick(builds, { title: say('Show this Dockerfile as it is built by…') });
    if (title === undefined) return;
    const settings = vscode.workspace.getConfiguration('strata', document);
    await settings.update('build', title, vscode.workspace.workspaceFolders ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global);
  }

  function stepsOf({ builds }: WhatIfAnswer): (vscode.QuickPickItem & { readonly place?: vscode.Location })[] {
    return builds.flatMap((build) => {
      const place = client.protocol2CodeConverter.asUri(build.uri);
      return [
        { label: buildText(build, vscode.workspace.asRelativePath(place)), kind: vscode.QuickPickItemKind.Separator },
        ...build.steps.map((step) => ({
          label: `${step.sure ? '$(sync)' : '$(question)'} ${step.instruction}`, description: stepPlace(step), detail: step.reason,
          place: new vscode.Location(place, new vscode.Position(step.line - 1, 0)),
        })),
      ];
    });
  }
}
