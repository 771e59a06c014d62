import * as vscode from 'vscode';
import { becomes } from '../runner';
import { examples, lensesOf, openNew, pictureOf, shows } from './editor';
import { test } from './suite';

const built = `\
FROM scratch ‹base: empty›
COPY one /one ‹layer 1 · [1/3]›
COPY two /two ‹layer 2 · [2/3]›
ADD three /three ‹layer 3 · [3/3]›
`;
const source = built.replace(/ ‹.*?›/g, '');

async function edit(document: vscode.TextDocument, from: string, to: string): Promise<void> {
  const at = document.getText().indexOf(from);
  const change = new vscode.WorkspaceEdit();
  change.replace(document.uri, new vscode.Range(document.positionAt(at), document.positionAt(at + from.length)), to);
  await vscode.workspace.applyEdit(change);
}

test('an edit marks the steps that run again, and those that do not', async () => {
  const document = await openNew('cache/edited.Dockerfile', source);
  await shows(document, built);
  await edit(document, '/two', '/2');
  const marked = built.replace('/two', '/2').replace('layer 1', 'cached · layer 1').replace('layer 2', 'rebuilds · layer 2').replace('layer 3', 'rebuilds · layer 3');
  await shows(document, marked);
  await vscode.commands.executeCommand('strata.takeAsBuilt');
  await shows(document, built.replace('/two', '/2'));
  await edit(document, '/2', '/two');
  await shows(document, marked.replace('/2', '/two'));
  await edit(document, '/two', '/2');
  await shows(document, built.replace('/two', '/2'));
});

// Where the server has the disk.
if (process.env['STRATA_HOST'] === 'node')
  test('a file that changes marks the steps that take it', async () => {
    const file = vscode.Uri.joinPath(examples(), 'changed/two');
    await vscode.workspace.fs.writeFile(file, Buffer.from('1'));
    const document = await openNew('changed/files.Dockerfile', source);
    await shows(document, built);
    // The first reading of the folder may come after the hints: until it has, a change is none.
    await becomes(async () => {
      await vscode.workspace.fs.writeFile(file, Buffer.from(String(Math.random())));
      return (await pictureOf(document)).match(/cached|rebuilds/g)?.join(' ');
    }, 'cached rebuilds rebuilds');
  });

test('a lens says what a change would cost, and lists the steps', async () => {
  const document = await openNew('cache/lens.Dockerfile', source);
  const lenses = [
    'COPY one /one: if one changes: 3 of 3 steps run again',
    'COPY two /two: if two changes: 2 of 3 steps run again',
    'ADD three /three: if three changes: 1 of 3 steps runs again',
  ];
  await becomes(() => lensesOf(document), process.env['STRATA_HOST'] === 'node' ? lenses : lenses.map((lens) => lens.replace(/:.*/, '')));
  // In a page the lens itself is clicked.
  if (process.env['STRATA_HOST'] !== 'node') return;
  // What it lists is chosen from by the first that is offered: the step that is lost first.
  void vscode.commands.executeCommand('strata.whatIf', document.uri.toString(), { kind: 'line', line: 3 });
  const line = () => vscode.window.activeTextEditor?.selection.active.line;
  await becomes(async () => {
    await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
    return line();
  }, 2);
});
