/** The status bar: how many layers and metadata rows an image of the stage under the cursor has from this file. */
import * as vscode from 'vscode';
import type { StageMark } from '../../server/src/protocol';
import { isServed } from '../../server/src/served';
import { stageAt, type Layers } from './layers';
import { showMapCommand } from './map';

export function showStatus(layers: Layers): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('strata.layers', vscode.StatusBarAlignment.Right, 100);
  item.name = 'Dockerfile layers';
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
    item.text = `$(layers) ${count(stage.layers, 'layer')} · ${stage.metadata} metadata`;
    item.tooltip = tooltipOf(stage, answer.builds);
    item.accessibilityInformation = { label: `${count(stage.layers, 'layer')}, ${count(stage.metadata, 'metadata row')}` };
    item.show();
  }
}

function tooltipOf({ name, layers, metadata, base, reachable, target }: StageMark, [build, ...others]: readonly string[]): vscode.MarkdownString {
  const is = target ? ' (the target)' : reachable ? '' : ' (not built for the target)';
  const tooltip = new vscode.MarkdownString();
  tooltip.appendText(`${name}${is}\n`);
  tooltip.appendText(`${count(layers, 'layer')} and ${count(metadata, 'metadata row')} from this file\n`);
  tooltip.appendText(`on ${base}`);
  if (build) tooltip.appendText(`\nas ${build} builds it${others.length === 0 ? '' : `, ${count(others.length, 'other build')} of this file`}`);
  return tooltip;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
