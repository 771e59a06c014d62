/**
 * Marks beside the text: a bar for each instruction that writes a layer, with an end of its own so that one layer is told
 * from the next; a dot for metadata; a line above each further stage. What is not built has none. In the gutter, since a
 * border in the text would touch its first letter; there the editor takes pictures only, one for dark and one for light.
 */
import * as vscode from 'vscode';
import type { LineMark } from '../../server/src/protocol';
import { dividersOfDockerDx } from './beside-others';
import { rangeOf, type Layers } from './layers';

type Mark = 'layerFirst' | 'layerMiddle' | 'layerLast' | 'layerOnly' | 'metadata' | 'stage';

export function drawBoundaries(layers: Layers, stagesAreDrawn: (document: vscode.TextDocument) => boolean): vscode.Disposable {
  const types = new Map<Mark, vscode.TextEditorDecorationType>();
  const disposables = [
    layers.onDidChange((document) => drawAll(document)),
    vscode.window.onDidChangeVisibleTextEditors(() => drawAll()),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('strata.boundaries') || event.affectsConfiguration(dividersOfDockerDx)) drawAll();
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
      if (!stagesAreDrawn(document)) for (const { range } of answer.stages.slice(1)) places.stage.push(firstLine(rangeOf(range)));
    }
    for (const mark of marks) {
      if (places[mark].length > 0 || types.has(mark)) editor.setDecorations(typeOf(mark), places[mark]);
    }
  }

  function typeOf(mark: Mark): vscode.TextEditorDecorationType {
    let type = types.get(mark);
    if (!type) types.set(mark, (type = vscode.window.createTextEditorDecorationType(looks[mark])));
    return type;
  }
}

function markLines({ kind, range }: LineMark, places: Record<Mark, vscode.Range[]>): void {
  if (kind === 'none') return;
  const lines = rangeOf(range);
  if (kind === 'metadata') places.metadata.push(firstLine(lines));
  else if (lines.isSingleLine) places.layerOnly.push(lines);
  else {
    const { start, end } = lines;
    places.layerFirst.push(firstLine(lines));
    if (end.line - start.line > 1) places.layerMiddle.push(new vscode.Range(start.line + 1, 0, end.line - 1, 0));
    places.layerLast.push(new vscode.Range(end.line, 0, end.line, 0));
  }
}

function firstLine({ start }: vscode.Range): vscode.Range {
  return new vscode.Range(start, start);
}

const looks: Readonly<Record<Mark, vscode.DecorationRenderOptions>> = {
  layerFirst: inGutter('layer', 'M9 16V4a2 2 0 0 1 4 0v12z'),
  layerMiddle: inGutter('layer', 'M9 0h4v16H9z'),
  layerLast: inGutter('layer', 'M9 0v12a2 2 0 0 0 4 0V0z'),
  layerOnly: inGutter('layer', 'M9 12V4a2 2 0 0 1 4 0v8a2 2 0 0 1-4 0z'),
  metadata: inGutter('metadata', 'M9.5 8a1.5 1.5 0 0 1 3 0a1.5 1.5 0 0 1-3 0z'),
  stage: { isWholeLine: true, borderStyle: 'solid', borderWidth: '1px 0 0 0', borderColor: new vscode.ThemeColor('strata.stageBorder') },
};
const marks = Object.keys(looks) as Mark[];

/** A shape in a square of 16, as high as the line so that the parts of a bar meet. */
function inGutter(kind: LineMark['kind'], shape: string): vscode.DecorationRenderOptions {
  const colours = kind === 'layer' ? { dark: '#3794ff', light: '#0065c9' } : { dark: '#8b8b8b', light: '#767676' };
  const picture = (colour: string): vscode.Uri => {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" preserveAspectRatio="none"><title>${kind}</title><path fill="${colour}" d="${shape}"/></svg>`;
    return vscode.Uri.parse(`data:image/svg+xml;base64,${btoa(svg)}`);
  };
  return {
    gutterIconSize: '100% 100%',
    dark: { gutterIconPath: picture(colours.dark) },
    light: { gutterIconPath: picture(colours.light) },
  };
}
