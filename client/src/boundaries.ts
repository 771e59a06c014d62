/**
 * Marks at the left edge: a bar beside each instruction that writes a layer, its ends rounded so that one layer is told
 * from the next; dots beside metadata; a line above each further stage. What is not built has none.
 */
import * as vscode from 'vscode';
import type { LineMark } from '../../server/src/protocol';
import { rangeOf, type Layers } from './layers';

type Mark = 'layerFirst' | 'layerMiddle' | 'layerLast' | 'layerOnly' | 'metadata' | 'stage';

export function drawBoundaries(layers: Layers, stagesAreDrawn: () => boolean): vscode.Disposable {
  const types = new Map<Mark, vscode.TextEditorDecorationType>();
  const disposables = [
    layers.onDidChange((document) => drawAll(document)),
    vscode.window.onDidChangeVisibleTextEditors(() => drawAll()),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('strata.boundaries')) drawAll();
    }),
  ];
  return new vscode.Disposable(() => {
    for (const disposable of [...disposables, ...types.values()]) disposable.dispose();
  });

  function drawAll(document?: vscode.TextDocument): void {
    for (const editor of vscode.window.visibleTextEditors) if (!document || editor.document === document) draw(editor);
  }

  function draw(editor: vscode.TextEditor): void {
    const { document } = editor;
    const answer = layers.of(document);
    // An older answer would set marks where the text has moved on; those that are drawn have moved with it.
    if (answer && answer.version !== document.version) return;
    const places = Object.fromEntries(marks.map((mark) => [mark, [] as vscode.Range[]])) as Record<Mark, vscode.Range[]>;
    if (answer && vscode.workspace.getConfiguration('strata', document).get('boundaries', true)) {
      for (const line of answer.lines) if (answer.stages[line.stage].reachable) markLines(line, places);
      if (!stagesAreDrawn()) for (const { range } of answer.stages.slice(1)) places.stage.push(firstLine(rangeOf(range)));
    }
    for (const mark of marks) {
      if (places[mark].length > 0 || types.has(mark)) editor.setDecorations(typeOf(mark), places[mark]);
    }
  }

  function typeOf(mark: Mark): vscode.TextEditorDecorationType {
    let type = types.get(mark);
    if (!type) types.set(mark, (type = vscode.window.createTextEditorDecorationType({ isWholeLine: true, ...looks[mark] })));
    return type;
  }
}

function markLines({ kind, range }: LineMark, places: Record<Mark, vscode.Range[]>): void {
  if (kind === 'none') return;
  const lines = rangeOf(range);
  if (kind === 'metadata') places.metadata.push(lines);
  else if (lines.isSingleLine) places.layerOnly.push(lines);
  else {
    const { start, end } = lines;
    places.layerFirst.push(firstLine(lines));
    if (end.line - start.line > 1) places.layerMiddle.push(new vscode.Range(start.line + 1, 0, end.line - 1, 0));
    places.layerLast.push(new vscode.Range(end.line, 0, end.line, end.character));
  }
}

function firstLine({ start }: vscode.Range): vscode.Range {
  return new vscode.Range(start, start);
}

const bar = { borderStyle: 'solid', borderWidth: '0 0 0 3px', borderColor: new vscode.ThemeColor('strata.layerBorder') };
const looks: Readonly<Record<Mark, vscode.DecorationRenderOptions>> = {
  layerFirst: { ...bar, borderRadius: '5px 0 0 0' },
  layerMiddle: bar,
  layerLast: { ...bar, borderRadius: '0 0 0 5px' },
  layerOnly: { ...bar, borderRadius: '5px 0 0 5px' },
  metadata: { borderStyle: 'dotted', borderWidth: '0 0 0 2px', borderColor: new vscode.ThemeColor('strata.metadataBorder') },
  stage: { borderStyle: 'solid', borderWidth: '1px 0 0 0', borderColor: new vscode.ThemeColor('strata.stageBorder') },
};
const marks = Object.keys(looks) as Mark[];
