/** Extracting a base image, and putting one back: from the tree, the palette and the Refactor menu, by one way through. */
import * as vscode from 'vscode';
import type { BaseLanguageClient, Middleware } from 'vscode-languageclient';
import {
  extractRequest, familiesRequest, inlineRequest, waysRequest,
  type ExtractAnswer, type ExtractParams, type FamiliesAnswer, type FamiliesParams, type InlineParams, type WaysAnswer, type WaysParams,
} from '../../server/src/protocol';
import { counted, joined, say, verbatim, type Said } from '../../server/src/core/say';
import { noSiblings, noWay, siblingsChanged, stillReading } from '../../server/src/outcomes';
import { isServed } from '../../server/src/served';
import { applyReady, readyEdit, refuse, sayWhenApplied } from './family-edits';
import { nameOf, type Node } from './family-nodes';

export function offerExtraction(client: BaseLanguageClient): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.commands.registerCommand('strata.extractBase', extract),
    vscode.commands.registerCommand('strata.inlineBase', inline),
  );

  /** From the tree: a row; from the palette: nothing yet. */
  /** Of a row of the view; `all`: whatever is in front. */
  async function extract(from: Partial<Pick<Node, 'extracts'>> & { readonly all?: boolean } = {}): Promise<void> {
    const chosen = from.extracts ?? (await chosenCandidate(from.all ? undefined : dockerfileInFront()));
    if (!chosen) return;
    const answer = await client.sendRequest<WaysAnswer | null>(waysRequest, chosen);
    if (!answer) return refuse(siblingsChanged());
    if (answer.ways.length === 0) return refuse(noWay(answer.refused));
    const way = await chosenWay(answer);
    if (!way) return;
    const params: ExtractParams = { ...chosen, way };
    const ready = await readyEdit(client, () => client.sendRequest<ExtractAnswer | null>(extractRequest, params));
    if (ready) await applyReady(ready);
  }

  async function inline(): Promise<void> {
    const document = dockerfileInFront();
    if (!document) return inform(say('Open the Dockerfile whose base is to be put back into it.'));
    const params: InlineParams = { textDocument: { uri: client.code2ProtocolConverter.asUri(document.uri) } };
    const ready = await readyEdit(client, () => client.sendRequest<ExtractAnswer | null>(inlineRequest, params));
    if (ready) await applyReady(ready);
  }

  /** Of the families of a document; of all where none is given. */
  async function chosenCandidate(document: vscode.TextDocument | undefined): Promise<WaysParams | undefined> {
    const answer = await client.sendRequest<FamiliesAnswer | null>(familiesRequest, { whole: true } satisfies FamiliesParams);
    const uri = document && client.code2ProtocolConverter.asUri(document.uri);
    const choices = (answer?.families ?? []).flatMap(({ id, name, members, candidates }) =>
      candidates.flatMap((candidate, i) => {
        const stands = candidate.members.map((index) => members[index]);
        if (uri !== undefined && !stands.some((member) => member.uri === uri)) return [];
        return [{
          label: `$(layers) ${counted(candidate.steps, '{1} + {0} step', '{1} + {0} steps', candidate.base)}`,
          description: say('{0}: {1}', name, joined([counted(stands.length, '{0} sibling', '{0} siblings'), counted(candidate.saves.instructions, 'saves {0} instruction', 'saves {0} instructions')], ', ')),
          detail: stands.length > 4 ? say('{0} and {1} more', stands.slice(0, 4).map(nameOf).join(', '), stands.length - 4) : stands.map(nameOf).join(', '),
          chosen: { family: id, candidate: i },
        }];
      }),
    );
    if (choices.length === 0) {
      if (!answer?.complete) return inform(stillReading());
      return inform(uri === undefined ? say('No two Dockerfiles here begin with the same steps.') : noSiblings());
    }
    if (choices.length === 1) return choices[0].chosen;
    return (await vscode.window.showQuickPick(choices, { title: say('Extract Base Image'), placeHolder: say('What the base would hold'), matchOnDetail: true, ignoreFocusOut: true }))?.chosen;
  }

  async function chosenWay({ ways, refused }: WaysAnswer): Promise<ExtractParams['way'] | undefined> {
    const isCommon = (note: string): boolean => ways.length > 1 && ways.every(({ notes }) => notes.includes(note));
    const choices: (vscode.QuickPickItem & { readonly way?: ExtractParams['way']; readonly reason?: string })[] = [
      ...ways.map(({ way, title, notes }) => ({ label: title, detail: notes.filter((note) => !isCommon(note)).slice(0, 2).join(' '), way })),
      ...(refused.length === 0 ? [] : [{ label: say('not here'), kind: vscode.QuickPickItemKind.Separator }]),
      ...refused.map((reason) => ({ label: `$(circle-slash) ${reason}`, reason })),
    ];
    const choice = await vscode.window.showQuickPick(choices, { title: say('Extract Base Image'), placeHolder: say('How the siblings come to the base'), matchOnDetail: true, ignoreFocusOut: true });
    return choice?.reason === undefined ? choice?.way : refuse(verbatim(choice.reason));
  }
}

/** What a code action of the server says of itself. */
type ActionData = { readonly extract?: ExtractParams; readonly inline?: InlineParams };

/** The Refactor menu asks here for the edit of an action, and gets what the commands apply. */
export function resolveExtraction(client: () => BaseLanguageClient): Middleware['resolveCodeAction'] {
  return async (action, token, resolve) => {
    const { extract, inline } = (action as { readonly data?: ActionData }).data ?? {};
    if (!extract && !inline) return resolve(action, token);
    const [request, params] = extract ? [extractRequest, extract] : [inlineRequest, inline];
    const ready = await readyEdit(client(), () => client().sendRequest<ExtractAnswer | null>(request, params, token));
    if (ready) {
      action.edit = ready.edit;
      // Not by a command of the action: the editor drops that where its list of actions has gone meanwhile.
      sayWhenApplied(ready);
    }
    return action;
  };
}

function dockerfileInFront(): vscode.TextDocument | undefined {
  const document = vscode.window.activeTextEditor?.document;
  return document && isServed(document.uri.toString(), document.languageId) ? document : undefined;
}

function inform(text: Said): undefined {
  void vscode.window.showInformationMessage(text);
}
