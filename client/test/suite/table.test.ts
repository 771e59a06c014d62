import * as vscode from 'vscode';
import { becomes } from '../runner';
import { openExample } from './editor';
import { test } from './suite';

test('the command opens the layer table, which names both layers', async () => {
  await openExample('flask/Dockerfile');
  await vscode.commands.executeCommand('strata.showLayers');
  const table = () => vscode.workspace.textDocuments.find(({ uri }) => uri.scheme === 'strata')?.getText() ?? '';
  await becomes(async () => table().match(/^[12] .*(?:pip|COPY)/gm)?.length, 2);
});
