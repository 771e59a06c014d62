/**
 * The layer map beside the editor: one that follows the Dockerfile in front, and one each of images side by side and of families. Pages
 * are there again when the window is; what they send is looked at first, and leads only to what was drawn for them.
 */
import * as vscode from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import type { LayerMap, Place } from '../../server/src/core/map/model';
import { changedNotification, familiesChangedNotification, familiesRequest, mapRequest, type FamiliesAnswer, type MapAnswer, type MapParams } from '../../server/src/protocol';
import { counted, say, type Said } from '../../server/src/core/say';
import { isServed } from '../../server/src/served';
import { fromPage, sourceOf, type FromPage, type MapSource, type ToPage } from '../view/messages';
import type { Node } from './family-nodes';
import type { Layers } from './layers';
import { pageOf } from '../view/page';
import { hasDone } from './walkthrough';

const viewType = 'strata.map';
export const showMapCommand = 'strata.showMap';

/** How long changes of families must rest before a map of them is drawn anew. */
const pause = 200;

export function showMaps(client: BaseLanguageClient, layers: Layers, extensionUri: vscode.Uri): vscode.Disposable {
  const panels = new Set<MapPanel>();
  let last = vscode.window.activeTextEditor;
  const ofDocument = (): MapPanel | undefined => [...panels].find(({ source }) => source()?.kind === 'document');
  return vscode.Disposable.from(
    vscode.commands.registerCommand(showMapCommand, showDocument),
    vscode.commands.registerCommand('strata.showSideBySide', showSideBySide),
    vscode.commands.registerCommand('strata.showFamilyMap', (row?: Node) => (row?.family ? showFamily(row.family, row.members ?? []) : chooseFamily())),
    vscode.window.registerWebviewPanelSerializer(viewType, {
      deserializeWebviewPanel: async (panel, kept) => {
        const source = sourceOf(kept);
        if (source) open(source, panel);
        else panel.dispose();
      },
    }),
    vscode.window.onDidChangeActiveTextEditor((editor) => {
      if (!editor || !isOurs(editor)) return;
      last = editor;
      const panel = ofDocument();
      const uri = addressOf(editor.document);
      const now = panel?.source();
      if (now?.kind === 'document' && now.uri !== uri) panel?.show({ kind: 'document', uri });
      else for (const one of panels) one.follow(editor);
    }),
    vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => {
      if (isOurs(textEditor)) for (const panel of panels) panel.follow(textEditor);
    }),
    layers.onDidChange((document) => {
      const uri = addressOf(document);
      for (const panel of panels) if (panel.isOf(uri)) panel.refresh();
    }),
    client.onNotification(changedNotification, () => {
      for (const panel of panels) if (panel.source()?.kind === 'files') panel.refresh();
    }),
    client.onNotification(familiesChangedNotification, () => {
      for (const panel of panels) if (panel.source()?.kind === 'family') panel.refreshSoon();
    }),
    new vscode.Disposable(() => [...panels].forEach((panel) => panel.dispose())),
  );

  function showDocument(): void {
    const editor = vscode.window.activeTextEditor ?? last;
    if (!editor || !isOurs(editor)) return void vscode.window.showInformationMessage(say('Open a Dockerfile to see its layers.'));
    last = editor;
    hasDone('sawMap');
    const source: MapSource = { kind: 'document', uri: addressOf(editor.document) };
    const panel = ofDocument();
    if (!panel) return open(source);
    panel.show(source);
    panel.reveal();
  }

  async function showSideBySide(): Promise<void> {
    const [families, files] = await Promise.all([client.sendRequest<FamiliesAnswer | null>(familiesRequest, {}), vscode.workspace.findFiles('**/*{Dockerfile,Containerfile}*', undefined, 2000)]);
    const inFront = last && addressOf(last.document);
    const members = families?.families.find((family) => family.members.some(({ uri }) => uri === inFront))?.members ?? [];
    const kin = new Set(members.map(({ uri }) => uri));
    const open = vscode.workspace.textDocuments.filter((document) => isServed(document.uri.toString(), document.languageId));
    const uris = new Map([...open.map(({ uri }) => uri), ...files.filter((uri) => isServed(uri.toString(), ''))].map((uri) => [client.code2ProtocolConverter.asUri(uri), uri]));
    if (uris.size < 2) return void vscode.window.showInformationMessage(say('There is only one Dockerfile here: two are needed to stand side by side.'));
    const items = [...uris].map(([address, uri]) => ({ label: vscode.workspace.asRelativePath(uri), description: kin.has(address) ? say('sibling') : '', picked: address === inFront, address }))
      .toSorted((a, b) => Number(b.picked) - Number(a.picked) || Number(b.description !== '') - Number(a.description !== '') || a.label.localeCompare(b.label));
    const chosen = await vscode.window.showQuickPick(items, { title: say('Show Images Side by Side'), placeHolder: say('Which Dockerfiles?'), canPickMany: true });
    if (chosen && chosen.length > 0) show({ kind: 'files', uris: chosen.map(({ address }) => address) });
  }

  async function chooseFamily(): Promise<void> {
    const answer = await client.sendRequest<FamiliesAnswer | null>(familiesRequest, {});
    if (!answer?.families.length) return void vscode.window.showInformationMessage(answer?.complete ? say('No two Dockerfiles here are siblings.') : say('Dockerfiles are still being read: try again in a moment.'));
    const items = answer.families.map(({ id, name, members }) => ({ label: name, description: counted(members.length, '{0} sibling', '{0} siblings'), id, members: members.map(({ uri }) => uri) }));
    const chosen = items.length === 1 ? items[0] : await vscode.window.showQuickPick(items, { title: say('Show the Map of a Family') });
    if (chosen) showFamily(chosen.id, chosen.members);
  }

  function showFamily(family: string, members: readonly string[]): void {
    show({ kind: 'family', family, members });
  }

  /** In a page of its own, or in that which shows the same. */
  function show(source: MapSource): void {
    const known = [...panels].find((panel) => JSON.stringify(panel.source()) === JSON.stringify(source));
    if (known) known.reveal();
    else open(source);
  }

  function open(source: MapSource, restored?: vscode.WebviewPanel): void {
    const resources = { enableScripts: true, localResourceRoots: [vscode.Uri.joinPath(extensionUri, 'dist')] };
    const panel = restored ?? vscode.window.createWebviewPanel(viewType, say('Layer Map'), { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true }, { ...resources, enableFindWidget: true });
    panel.webview.options = resources;
  
    const map = openPanel(client, panel, source, extensionUri, () => last);
    panels.add(map);
    panel.onDidDispose(() => panels.delete(map));
  }

  function isOurs({ document }: vscode.TextEditor): boolean {
    return isServed(document.uri.toString(), document.languageId);
  }

  function addressOf({ uri }: vscode.TextDocument): string {
    return client.code2ProtocolConverter.asUri(uri);
  }
}

interface MapPanel extends vscode.Disposable {
  readonly source: () => MapSource | undefined;
  readonly show: (source: MapSource) => void;
  readonly reveal: () => void;
  readonly refresh: () => void;
  readonly refreshSoon: () => void;
  /** Something of the document is on the map. */
  readonly isOf: (uri: string) => boolean;
  readonly follow: (editor: vscode.TextEditor) => void;
}

function openPanel(client: BaseLanguageClient, panel: vscode.WebviewPanel, first: MapSource, extensionUri: vscode.Uri, inFront: () => vscode.TextEditor | undefined): MapPanel {
  let source = first;
  let map: LayerMap | undefined;
  let question: vscode.CancellationTokenSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** The page listens; who runs the image is asked each time that somebody comes to look. */
  let isReady = false;
  let asksContainers = true;
  const disposables = [
    panel.webview.onDidReceiveMessage((value: unknown) => {
      const message = fromPage(value);
      if (message) void heard(message);
    }),
    panel.onDidChangeViewState(() => {
      if (!panel.visible) return;
      asksContainers = true;
      void refresh();
    }),
    panel.onDidDispose(() => {
      clearTimeout(timer);
      question?.cancel();
      disposables.forEach((one) => one.dispose());
    }),
  ];
  const file = (name: string): string => panel.webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, 'dist', name)).toString();
  panel.webview.html = pageOf({ script: file('map.js'), style: file('map.css'), source: panel.webview.cspSource, language: vscode.l10n.bundle && vscode.env.language });
  return {
    source: () => source,
    show: (other) => {
      source = other;
      asksContainers = true;
      void refresh();
    },
    reveal: () => panel.reveal(undefined, true),
    refresh: () => void refresh(),
    refreshSoon: () => {
      clearTimeout(timer);
      timer = setTimeout(() => void refresh(), pause);
    },
    isOf: (uri) => (source.kind === 'document' ? source.uri === uri : source.kind === 'files' && source.uris.includes(uri)),
    follow,
    dispose: () => panel.dispose(),
  };

  async function refresh(): Promise<void> {
    if (!isReady || !panel.visible) return;
    question?.cancel();
    const own = (question = new vscode.CancellationTokenSource());
    const answer = await answered(own.token);
    if (own.token.isCancellationRequested) return;
    if (!answer) return nothing();
    panel.title = answer.map.title;
    map = answer.map;
    send({ type: 'map', source, map, candidates: answer.candidates ?? [] });
    const editor = inFront();
    if (editor) follow(editor);
    if (source.kind !== 'document' || !asksContainers) return;
    asksContainers = false;
    const again = await ask({ textDocument: { uri: source.uri }, containers: true }, own.token);
    if (!again || own.token.isCancellationRequested || JSON.stringify(again.map) === JSON.stringify(map)) return;
    map = again.map;
    send({ type: 'map', source, map, candidates: [] });
  }

  async function answered(token: vscode.CancellationToken): Promise<MapAnswer | null> {
    switch (source.kind) {
      case 'document': return ask({ textDocument: { uri: source.uri } }, token);
      case 'files': return ask({ files: source.uris }, token);
      case 'family': {
        const answer = await ask({ family: source.family, after: source.after }, token);
        if (answer) return answer;
        if (source.after !== undefined) void vscode.window.showInformationMessage(say('This base cannot be extracted: Extract Base Image… says why.'));
        const found = await familyNow(source.members, source.family);
        if (!found) return null;
        source = found;
        return ask({ family: found.family }, token);
      }
    }
  }

  /** A family has another name when its steps are others: the one with most of the files counts. */
  async function familyNow(members: readonly string[], before: string): Promise<Extract<MapSource, { kind: 'family' }> | undefined> {
    const families = (await client.sendRequest<FamiliesAnswer | null>(familiesRequest, {}).catch(() => null))?.families ?? [];
    const common = (family: (typeof families)[number]): number => (family.id === before ? Infinity : family.members.filter(({ uri }) => members.includes(uri)).length);
    const [best] = families.toSorted((a, b) => common(b) - common(a));
    return best && common(best) > 0 ? { kind: 'family', family: best.id, members: best.members.map(({ uri }) => uri) } : undefined;
  }

  async function ask(params: MapParams, token: vscode.CancellationToken): Promise<MapAnswer | null> {
    try {
      return await client.sendRequest<MapAnswer | null>(mapRequest, params, token);
    } catch {
      // Cancelled, or the server has gone: the client says the latter itself.
      return null;
    }
  }

  function nothing(): void {
    map = undefined;
    const texts: Readonly<Record<MapSource['kind'], Said>> = {
      document: say('The Dockerfile of this map is not open any more. Open one, and it is drawn here.'),
      files: say('None of these Dockerfiles is there any more, or none has a stage. Show Images Side by Side… draws others.'),
      family: say('These Dockerfiles are no siblings any more: they have no steps in common. The view Dockerfile Families lists those who have.'),
    };
    send({ type: 'nothing', text: texts[source.kind] });
  }

  function follow({ document, selection }: vscode.TextEditor): void {
    send({ type: 'cursor', uri: client.code2ProtocolConverter.asUri(document.uri), line: selection.active.line });
  }

  async function heard(message: FromPage): Promise<void> {
    switch (message.type) {
      case 'ready':
        isReady = true;
        return refresh();
      case 'open': {
        const place = placeOf(message.id);
        if (place) await openPlace(place, message.stay);
        return;
      }
      case 'hover': return send({ type: 'hover', id: message.id, markdown: await hoverOf(message.id) });
      case 'after':
        if (source.kind !== 'family') return;
        source = { kind: 'family', family: source.family, members: source.members, ...(message.candidate !== null && { after: message.candidate }) };
        return refresh();
      case 'extract':
        if (source.kind === 'family') await vscode.commands.executeCommand('strata.extractBase', { extracts: { family: source.family, candidate: message.candidate } });
        return;
      case 'save': return save(message.format, message.data);
    }
  }

  function placeOf(id: string): Place | undefined {
    return (map?.blocks.find((block) => block.id === id) ?? map?.columns.find((column) => column.id === id))?.place;
  }

  async function openPlace({ uri, line }: Place, stay: boolean): Promise<void> {
    const address = client.protocol2CodeConverter.asUri(uri);
    const shown = vscode.window.visibleTextEditors.find(({ document }) => document.uri.toString() === address.toString());
    const at = new vscode.Position(line, 0);
    try {
      await vscode.window.showTextDocument(address, { viewColumn: shown?.viewColumn ?? vscode.ViewColumn.One, selection: new vscode.Range(at, at), preserveFocus: stay, preview: true });
    } catch (error) {
      void vscode.window.showWarningMessage(say('{0} cannot be opened: {1}', vscode.workspace.asRelativePath(address), error instanceof Error ? error.message : String(error)));
    }
  }

  /** What the hover of the line says, where it has one. */
  async function hoverOf(id: string): Promise<string> {
    const block = map?.blocks.find((one) => one.id === id);
    if (!block) return map?.columns.find((column) => column.id === id)?.label ?? '';
    if (block.about !== undefined || !block.place) return block.about ?? block.label;
    const { uri, line } = block.place;
    const address = client.protocol2CodeConverter.asUri(uri);
    const document = vscode.workspace.textDocuments.find((one) => one.uri.toString() === address.toString());
    if (!document) return block.label.replace(/[\\`*_{}[\]<>()#+!|~&-]/g, '\\$&');
    const character = document.lineAt(Math.min(line, document.lineCount - 1)).firstNonWhitespaceCharacterIndex;
    const hover = await client.sendRequest<{ contents?: { value?: string } } | null>('textDocument/hover', { textDocument: { uri }, position: { line, character } }).catch(() => null);
    return hover?.contents?.value ?? '';
  }

  async function save(format: 'svg' | 'png', data: string): Promise<void> {
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
    const name = `${(map?.title ?? 'layers').replace(/[^\w.-]+/g, '-').slice(0, 80)}.${format}`;
    const place = await vscode.window.showSaveDialog({ defaultUri: folder && vscode.Uri.joinPath(folder, name), filters: format === 'svg' ? { SVG: ['svg'] } : { PNG: ['png'] } });
    if (!place) return;
    const bytes = format === 'svg' ? new TextEncoder().encode(data) : Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    try {
      await vscode.workspace.fs.writeFile(place, bytes);
    } catch (error) {
      void vscode.window.showErrorMessage(say('The picture was not saved: {0}', error instanceof Error ? error.message : String(error)));
    }
  }

  function send(message: ToPage): void {
    void panel.webview.postMessage(message);
  }
}
