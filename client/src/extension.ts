/** What the extension does on the desktop, on a remote machine and in the browser alike. `createClient` starts the server. */
import * as vscode from 'vscode';
import type { BaseLanguageClient, LanguageClientOptions } from 'vscode-languageclient';
import { speak } from '../../server/src/core/say';
import { servedPattern } from '../../server/src/served';
import { drawsDividers, hasDockerDx, hasOutline } from './beside-others';
import { drawBoundaries } from './boundaries';
import { offerBuild } from './build';
import { askCache } from './cache';
import { chosenImages } from './chosen-image';
import { offerExtraction, resolveExtraction } from './extract';
import { showFamilies } from './families';
import { showLayerFiles } from './layer-files';
import { followLayers } from './layers';
import { showMaps } from './map';
import { offerRegistry } from './registry';
import { showStatus } from './status';
import { openTables } from './table';
import { followSteps, offerExample } from './walkthrough';

export type CreateClient = (options: LanguageClientOptions) => BaseLanguageClient;

export async function activate(context: vscode.ExtensionContext, createClient: CreateClient): Promise<BaseLanguageClient> {
  const { bundle } = vscode.l10n;
  speak(bundle, bundle && vscode.env.language);
  const chosen = chosenImages(context.workspaceState);
  const client: BaseLanguageClient = createClient({
    // Any scheme: an untitled document and one of a virtual file system have layers too.
    documentSelector: [{ language: 'dockerfile' }, { pattern: servedPattern }],
    // Nothing is run in a workspace that is not trusted. The client names the language itself, and has the commands.
    initializationOptions: { commands: true, trusted: vscode.workspace.isTrusted, storage: folderOf(context.storageUri), l10n: bundle },
    middleware: {
      ...followSteps,
      resolveCodeAction: resolveExtraction(() => client),
      workspace: {
        // Where another extension shows something, ours may be quiet: the server has to know. And an image that was chosen counts as set.
        configuration: async (params, token, next) => {
          const sent = await next(params, token);
          if (!Array.isArray(sent)) return sent;
          return sent.map((settings, i) => {
            const image = chosen.of(params.items[i].scopeUri);
            return { ...settings, dockerDx: hasDockerDx(), outlined: hasOutline(), ...(image !== undefined && { image }) };
          });
        },
      },
    },
  });
  const layers = followLayers(client);
  context.subscriptions.push(client, layers, drawBoundaries(layers, drawsDividers), showStatus(layers), openTables(client, layers), showMaps(client, layers, context.extensionUri), askCache(client, layers));
  context.subscriptions.push(showFamilies(client), offerExtraction(client), offerBuild(client), chosen.offer(client), offerRegistry(client), showLayerFiles(client), offerExample(context));
  const others = (): string => `${hasDockerDx()} ${hasOutline()}`;
  let before = others();
  context.subscriptions.push(
    vscode.extensions.onDidChange(() => {
      if (before === others()) return;
      before = others();
      void client.sendNotification('workspace/didChangeConfiguration', { settings: null });
    }),
  );
  await client.start();
  return client;
}

/** Where the server may keep what it has read for the next time; nowhere where it has no disk. */
function folderOf(storage: vscode.Uri | undefined): string | undefined {
  return storage?.scheme === 'file' ? storage.fsPath : undefined;
}
