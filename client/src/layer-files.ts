/**
 * What a line added to the image, what lies between two of its layers, or what a container has changed, as a tree of files; a click opens
 * a text read-only, beside the one that it replaced. Everything is asked for by a command, and nothing before.
 */
import * as vscode from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import {
  containersRequest, imageLayersRequest, layerFilesRequest, layerTextsRequest, showLayerRequest,
  type ContainersAnswer, type DocumentParams, type FilePlace, type ImageLayersAnswer, type LayerFile, type LayerFilesAnswer, type LayerFilesParams, type LayerTextsAnswer, type LayerTextsParams,
  type ShowLayerAnswer, type ShowLayerParams, type ShownFiles,
} from '../../server/src/protocol';
import { joined, say, verbatim, type Said } from '../../server/src/core/say';
import { asking, noImages, trustedDockerfile } from './active';

const viewId = 'strata.layerFiles';
const scheme = 'strata-layer';
const mostTexts = 8;

export function showLayerFiles(client: BaseLanguageClient): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  const texts = new Map<string, string>();
  let shown: ShownFiles | undefined;
  const view = vscode.window.createTreeView<LayerFile>(viewId, {
    showCollapseAll: true,
    treeDataProvider: {
      onDidChangeTreeData: changed.event,
      getChildren: (folder) => childrenOf(folder),
      getTreeItem: itemOf,
    },
  });
  return vscode.Disposable.from(
    view,
    changed,
    vscode.workspace.registerTextDocumentContentProvider(scheme, { provideTextDocumentContent: textOf }),
    vscode.commands.registerCommand('strata.showLayerFiles', showLayer),
    vscode.commands.registerCommand('strata.compareLayers', compare),
    vscode.commands.registerCommand('strata.showContainerFiles', showContainer),
    vscode.commands.registerCommand('strata.openLayerFile', openFile),
  );

  async function showLayer(): Promise<void> {
    const editor = ours();
    if (!editor) return;
    const params: ShowLayerParams = { textDocument: addressOf(editor), position: client.code2ProtocolConverter.asPosition(editor.selection.active) };
    const answer = await answered<ShowLayerAnswer>(showLayerRequest, params);
    if (answer) await show(answer.shown);
  }

  async function compare(): Promise<void> {
    const editor = ours();
    if (!editor) return;
    const params: DocumentParams = { textDocument: addressOf(editor) };
    const answer = await answered<ImageLayersAnswer>(imageLayersRequest, params);
    if (!answer) return;
    const { image, layers } = answer;
    const items = layers.map(({ title, size }, at) => ({ label: title, description: size, at }));
    const below = await vscode.window.showQuickPick([{ label: say('nothing: before the first layer'), description: '', at: -1 }, ...items.slice(0, -1)], { title: say('Compare Two Layers (1 of 2)'), placeHolder: say('The files after which layer are the older ones?') });
    if (!below) return;
    const above = await vscode.window.showQuickPick(items.slice(below.at + 1).toReversed(), { title: say('Compare Two Layers (2 of 2)'), placeHolder: say('The files after which layer are the newer ones?') });
    if (!above) return;
    const newer = layers[above.at].name;
    const title = below.at === -1 ? say('from nothing to {0}', newer) : say('from {0} to {1}', layers[below.at].name, newer);
    await show({ document: params.textDocument.uri, image, files: { from: below.at + 1, to: above.at + 1 }, title });
  }

  async function showContainer(): Promise<void> {
    const editor = ours();
    if (!editor) return;
    const params: DocumentParams = { textDocument: addressOf(editor) };
    const answer = await answered<ContainersAnswer>(containersRequest, params);
    if (!answer) return;
    const { image, containers } = answer;
    if (containers.length === 0) return void vscode.window.showInformationMessage(say('{0} has no container: one that is started from it can be looked into here.', image.reference));
    const items = containers.map(({ id, name, isRunning }) => ({ label: name, description: isRunning ? say('running') : say('stopped'), id }));
    const one = items.length === 1 ? items[0] : await vscode.window.showQuickPick(items, { title: say('Containers of {0}', image.reference) });
    if (one) await show({ document: params.textDocument.uri, image, files: { container: one.id }, title: say('container {0}', one.label) });
  }

  function ours(): vscode.TextEditor | undefined {
    return trustedDockerfile(say('Open the Dockerfile whose image is to be looked into.'), say('Nothing is looked into in a workspace that is not trusted.'));
  }

  function addressOf({ document }: vscode.TextEditor): { readonly uri: string } {
    return { uri: client.code2ProtocolConverter.asUri(document.uri) };
  }

  /** Undefined: it has been said why there is no answer. */
  async function answered<Answer extends object>(request: string, params: object): Promise<Exclude<Answer, { readonly failed: string }> | undefined> {
    const answer = await asking<Answer | { readonly failed: string }>(client, say('Looking into the image'), request, params);
    if (answer === undefined) return undefined;
    if (answer === null) return void vscode.window.showInformationMessage(noImages());
    if ('failed' in answer) return void vscode.window.showWarningMessage(answer.failed);
    return answer as Exclude<Answer, { readonly failed: string }>;
  }

  async function show(next: ShownFiles): Promise<void> {
    shown = next;
    view.message = undefined;
    await vscode.commands.executeCommand('setContext', viewId, true);
    changed.fire();
    await vscode.commands.executeCommand(`${viewId}.focus`);
  }

  async function childrenOf(folder: LayerFile | undefined): Promise<LayerFile[]> {
    if (!shown) return [];
    const about = shown;
    const params: LayerFilesParams = { shown: about, path: folder?.path ?? '' };
    const answer = await client.sendRequest<LayerFilesAnswer | null>(layerFilesRequest, params);
    // Another one is shown by now.
    if (about !== shown) return [];
    if (answer === null || 'failed' in answer) {
      view.message = answer?.failed ?? noImages();
      return [];
    }
    if (!folder) view.message = answer.items.length === 0 ? say('No file is changed ({0}).', about.title) : `${about.image.reference}, ${about.title}`;
    return [...answer.items];
  }

  function itemOf(file: LayerFile): vscode.TreeItem {
    const { label, description, tooltip, kind, isFolder, before, after } = file;
    const { None, Collapsed } = vscode.TreeItemCollapsibleState;
    const item = new vscode.TreeItem(label, isFolder ? Collapsed : None);
    item.description = description;
    item.tooltip = tooltip;
    const { icon, color } = icons[kind];
    item.iconPath = new vscode.ThemeIcon(icon, color === undefined ? undefined : new vscode.ThemeColor(color));
    item.accessibilityInformation = { label: joined([verbatim(label), kindText(kind), verbatim(description)], ', ') };
    if (before || after) item.command = { command: 'strata.openLayerFile', title: say('Open'), arguments: [shown, file] };
    return item;
  }

  async function openFile({ image }: ShownFiles, { kind, before, after, label }: LayerFile): Promise<void> {
    const isDiff = kind === 'changed' && before !== undefined && after !== undefined;
    const places = isDiff ? [before, after] : [after ?? before].filter((place) => place !== undefined);
    // Said here, and not by an empty editor.
    const answer = await vscode.window.withProgress({ location: { viewId } }, () => textsOf({ image, places }));
    if ('failed' in answer) return void vscode.window.showWarningMessage(answer.failed);
    const uris = places.map((place) => uriOf(image, place));
    uris.forEach((uri, i) => keep(uri, answer.texts[i]));
    if (isDiff) await vscode.commands.executeCommand('vscode.diff', uris[0], uris[1], `${label} (${before.name} ↔ ${after.name})`, { preview: true });
    else await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uris[0]), { preview: true });
  }

  /** Until the editor asks for it. */
  function keep(uri: vscode.Uri, text: string): void {
    texts.set(uri.toString(), text);
    for (const oldest of [...texts.keys()].slice(0, Math.max(0, texts.size - mostTexts))) texts.delete(oldest);
  }

  async function textOf(uri: vscode.Uri): Promise<string> {
    const known = texts.get(uri.toString());
    if (known !== undefined) return known;
    const answer = await textsOf(JSON.parse(uri.query) as LayerTextsParams);
    if ('failed' in answer) throw new Error(answer.failed);
    return answer.texts[0];
  }

  async function textsOf(params: LayerTextsParams): Promise<LayerTextsAnswer> {
    return (await client.sendRequest<LayerTextsAnswer | null>(layerTextsRequest, params)) ?? { failed: noImages() };
  }
}

/** The last part is what the editor finds the language by. */
function uriOf(image: ShownFiles['image'], { layer, name, path }: FilePlace): vscode.Uri {
  return vscode.Uri.from({ scheme, path: `/${name}/${path}`, query: JSON.stringify({ image, places: [{ layer, name, path }] } satisfies LayerTextsParams) });
}

function kindText(kind: LayerFile['kind']): Said | undefined {
  switch (kind) {
    case 'added': return say('added');
    case 'changed': return say('changed');
    case 'copied': return say('copied');
    case 'removed': return say('removed');
    case 'folder': return undefined;
  }
}

const icons: Readonly<Record<LayerFile['kind'], { readonly icon: string; readonly color?: string }>> = {
  added: { icon: 'diff-added', color: 'gitDecoration.addedResourceForeground' },
  changed: { icon: 'diff-modified', color: 'gitDecoration.modifiedResourceForeground' },
  copied: { icon: 'diff-renamed', color: 'gitDecoration.modifiedResourceForeground' },
  removed: { icon: 'diff-removed', color: 'gitDecoration.deletedResourceForeground' },
  folder: { icon: 'folder' },
};
