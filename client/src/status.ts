/** The status bar: how many layers and metadata rows an image of the stage under the cursor has from this file. */
import * as vscode from 'vscode';
import type { StageMark } from '../../server/src/protocol';
import { counted, joined, say, verbatim, type Said } from '../../server/src/core/say';
import { isServed } from '../../server/src/served';
import { stageAt, type Layers } from './layers';
import { showMapCommand } from './map';

export function showStatus(layers: Layers): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('strata.layers', vscode.StatusBarAlignment.Right, 100);
  item.name = say('Dockerfile layers');
  item.command = showMapCommand;
  const disposables = [
    item,
    layers.onDidChange((document) => {
      if (document === vscode.window.activeTextEditor?.document) update();
    }),
    vscode.window.onDidChangeActiveTextEditor(update),
    vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => {
      if (textEditor === vscode.window.activeTextEditor) update();
    }),
  ];
  update();
  return vscode.Disposable.from(...disposables);

  function update(): void {
    const editor = vscode.window.activeTextEditor;
    const ours = editor && isServed(editor.document.uri.toString(), editor.document.languageId);
    const answer = ours ? layers.of(editor.document) : undefined;
    const stage = answer && stageAt(answer, editor?.selection.active);
    if (!stage) return item.hide();
    const layerCount = counted(stage.layers, '{0} layer', '{0} layers');
    item.text = `$(layers) ${layerCount} · ${say('{0} metadata', stage.metadata)}`;
    item.tooltip = tooltipOf(stage, answer.builds);
    item.accessibilityInformation = { label: joined([layerCount, counted(stage.metadata, '{0} metadata row', '{0} metadata rows')], ', ') };
    item.show();
  }
}

function tooltipOf({ name, layers, metadata, base, reachable, target }: StageMark, [build, ...others]: readonly string[]): vscode.MarkdownString {
  const lines = [
    target ? say('{0} (the target)', name) : reachable ? verbatim(name) : say('{0} (not built for the target)', name),
    say('{0} and {1} from this file', counted(layers, '{0} layer', '{0} layers'), counted(metadata, '{0} metadata row', '{0} metadata rows')),
    say('on {0}', base), build ? asBuilt(build, others.length) : undefined,
  ];
  return new vscode.MarkdownString().appendText(joined(lines, '\n'));
}

function asBuilt(build: string, others: number): Said {
  return others === 0 ? say('as {0} builds it', build) : counted(others, 'as {1} builds it, {0} other build of this file', 'as {1} builds it, {0} other builds of this file', build);
}
