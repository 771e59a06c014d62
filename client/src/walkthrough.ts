/**
 * The walkthrough for newcomers: its example, copied to where a user wants it and opened there, and the context keys by which
 * package.json says that a step of it was done.
 */
import * as vscode from 'vscode';
import type { Middleware } from 'vscode-languageclient';
import { say, verbatim } from '../../server/src/core/say';

export const openExampleCommand = 'strata.openExample';
const walkthrough = 'strata-layers.strata#layers';
const fixedCommand = 'strata.fixApplied';

/** Where the example was put that the next window opens. */
const pending = 'strata.example';

/** Tells a folder that is the example from others. */
const readme = 'strata-example.md';
const first = 'flask/Dockerfile';

/** Named, since an extension in the browser cannot list its own files. */
const files = [
  readme, first, 'flask/app.py', 'flask-admin/Dockerfile', 'flask-admin/admin.py', 'flask-worker/Dockerfile', 'flask-worker/worker.py',
  'flask-api/Dockerfile', 'flask-api/.dockerignore', 'flask-api/api.py', 'flask-api/requirements.txt',
];

type Step = 'sawMap' | 'sawRebuild' | 'fixed' | 'extracted' | 'sawHistory';

const done = new Set<Step>();

/** The walkthrough checks the step off, now or when it is opened. */
export function hasDone(step: Step): void {
  if (done.has(step)) return;
  done.add(step);
  void vscode.commands.executeCommand('setContext', `strata.${step}`, true);
}

/** Hovers that were shown, and fixes of ours that were applied: the command of an action runs after its edit. */
export const followSteps = {
  provideHover: async (document, position, token, next) => {
    const hover = await next(document, position, token);
    // The head of the history, in every language; the hover of a variable has none.
    if (hover?.contents.some((part) => (typeof part === 'string' ? part : part.value).includes('CREATED BY'))) hasDone('sawHistory');
    return hover;
  },
  provideCodeActions: async (document, range, context, token, next) => {
    const actions = await next(document, range, context, token);
    for (const action of actions ?? []) if (action instanceof vscode.CodeAction && isFix(action)) action.command ??= { command: fixedCommand, title: verbatim('') };
    return actions;
  },
} satisfies Middleware;

/** Not what silences a finding: that mends no diagnostic. */
function isFix({ kind, diagnostics, edit }: vscode.CodeAction): boolean {
  if (!kind || !edit) return false;
  return vscode.CodeActionKind.SourceFixAll.contains(kind) || (vscode.CodeActionKind.QuickFix.contains(kind) && (diagnostics?.length ?? 0) > 0);
}

export function offerExample({ extensionUri, globalState }: vscode.ExtensionContext): vscode.Disposable {
  void welcome();
  return vscode.Disposable.from(
    vscode.commands.registerCommand(openExampleCommand, (file?: string) => open(files.find((one) => one === file) ?? first)),
    vscode.commands.registerCommand(fixedCommand, () => hasDone('fixed')),
  );

  async function open(file: string): Promise<void> {
    const here = await exampleHere();
    if (here) return show(vscode.Uri.joinPath(here, file));
    const picked = await vscode.window.showOpenDialog({ canSelectFiles: false, canSelectFolders: true, canSelectMany: false, title: say('Where to Put the Example'), openLabel: say('Put the Example Here') });
    if (!picked?.[0]) return;
    const folder = await copyTo(picked[0]);
    if (!folder) return;
    await globalState.update(pending, folder.toString());
    const isEmpty = vscode.workspace.workspaceFolders === undefined;
    await vscode.commands.executeCommand('vscode.openFolder', folder, { forceReuseWindow: isEmpty, forceNewWindow: !isEmpty });
  }

  /** A folder of its own: nothing that is there is written over. */
  async function copyTo(parent: vscode.Uri): Promise<vscode.Uri | undefined> {
    try {
      let folder = vscode.Uri.joinPath(parent, 'strata-example');
      for (let n = 2; await exists(folder); n++) folder = vscode.Uri.joinPath(parent, `strata-example-${n}`);
      for (const file of files) await vscode.workspace.fs.writeFile(vscode.Uri.joinPath(folder, file), await vscode.workspace.fs.readFile(vscode.Uri.joinPath(extensionUri, 'examples', file)));
      return folder;
    } catch (error) {
      return void vscode.window.showErrorMessage(say('The example was not written: {0}. Choose a folder that you may write to.', error instanceof Error ? error.message : String(error)));
    }
  }

  /** In the window that was opened for the example: its Dockerfile, and the walkthrough beside it, as it was left. */
  async function welcome(): Promise<void> {
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
    if (!folder || globalState.get(pending) !== folder.toString()) return;
    await globalState.update(pending, undefined);
    await show(vscode.Uri.joinPath(folder, first));
    await vscode.commands.executeCommand('workbench.action.openWalkthrough', walkthrough, true);
  }
}

async function exampleHere(): Promise<vscode.Uri | undefined> {
  for (const { uri } of vscode.workspace.workspaceFolders ?? []) if (await exists(vscode.Uri.joinPath(uri, readme))) return uri;
  return undefined;
}

/** Beside the walkthrough, not over it. */
async function show(uri: vscode.Uri): Promise<void> {
  const { activeTabGroup, all } = vscode.window.tabGroups;
  const tab = activeTabGroup.activeTab;
  const isFree = tab === undefined || tab.input instanceof vscode.TabInputText;
  const other = all.find((group) => group !== activeTabGroup)?.viewColumn ?? vscode.ViewColumn.Beside;
  await vscode.window.showTextDocument(uri, { viewColumn: isFree ? activeTabGroup.viewColumn : other, preview: false });
}

function exists(uri: vscode.Uri): Promise<boolean> {
  return Promise.resolve(vscode.workspace.fs.stat(uri).then(() => true, () => false));
}
