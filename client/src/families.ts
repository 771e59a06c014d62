/**
 * The families of the workspace as a tree: what a base could hold and who would stand on it, the steps that siblings share, and
 * where one of them has drifted. It follows the server; nothing is asked while nobody sees it.
 */
import * as vscode from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { familiesChangedNotification, familiesRequest, type FamiliesAnswer } from '../../server/src/protocol';
import { say } from '../../server/src/core/say';
import { nodesOf, type Node } from './family-nodes';

const viewId = 'strata.families';

/** How long changes must rest before the tree is drawn anew. */
const pause = 200;

/** What an empty view is about, for its welcome: package.json has the words. */
type State = 'some' | 'none' | 'reading';

export function showFamilies(client: BaseLanguageClient): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const view = vscode.window.createTreeView<Node>(viewId, {
    showCollapseAll: true,
    treeDataProvider: {
      onDidChangeTreeData: changed.event,
      getChildren: async (node) => (node ? [...node.children()] : roots()),
      getTreeItem: (node) => itemOf(node, client),
    },
  });
  return vscode.Disposable.from(
    view,
    changed,
    new vscode.Disposable(() => clearTimeout(timer)),
    client.onNotification(familiesChangedNotification, () => {
      clearTimeout(timer);
      timer = setTimeout(() => changed.fire(), pause);
    }),
    // Nobody says that a view of no folder has one now.
    vscode.workspace.onDidChangeWorkspaceFolders(() => changed.fire()),
  );

  async function roots(): Promise<Node[]> {
    // Where the server has gone, the client says so itself.
    const answer = await client.sendRequest<FamiliesAnswer | null>(familiesRequest, {}).catch(() => undefined);
    const state = stateOf(answer);
    view.message = answer?.complete === false ? say('Reading Dockerfiles…') : undefined;
    await vscode.commands.executeCommand('setContext', viewId, state);
    return answer ? [...nodesOf(answer)] : [];
  }
}

function stateOf(answer: FamiliesAnswer | null | undefined): State {
  if (!answer) return 'none';
  return answer.families.length > 0 ? 'some' : answer.complete ? 'none' : 'reading';
}

function itemOf({ id, label, description, tooltip, icon, warns, spoken, opens, extracts, kind, open, leaf }: Node, client: BaseLanguageClient): vscode.TreeItem {
  const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(label, leaf ? None : open ? Expanded : Collapsed);
  item.id = id;
  item.description = description;
  item.tooltip = tooltip;
  item.iconPath = new vscode.ThemeIcon(icon, warns ? new vscode.ThemeColor('list.warningForeground') : undefined);
  item.accessibilityInformation = { label: spoken };
  item.contextValue = extracts ? `${kind}.extracts` : kind;
  if (opens) {
    const at = new vscode.Position(opens.line - 1, 0);
    const options: vscode.TextDocumentShowOptions = { selection: new vscode.Range(at, at) };
    item.command = { command: 'vscode.open', title: say('Open'), arguments: [client.protocol2CodeConverter.asUri(opens.uri), options] };
  }
  return item;
}
