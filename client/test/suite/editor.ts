// What the suites do in the editor, and the pictures they take of what it answers.
import * as vscode from 'vscode';
import { becomes } from '../runner';

export const examples = () => vscode.workspace.workspaceFolders![0]!.uri;

export async function openExample(path: string): Promise<vscode.TextDocument> {
  return show(await vscode.workspace.openTextDocument(vscode.Uri.joinPath(examples(), path)));
}

export async function openUntitled(content: string, language = 'dockerfile'): Promise<vscode.TextDocument> {
  return show(await vscode.workspace.openTextDocument({ language, content }));
}

/** A new file of the folder, opened. */
export async function openNew(path: string, content: string): Promise<vscode.TextDocument> {
  const uri = vscode.Uri.joinPath(examples(), path);
  await vscode.workspace.fs.writeFile(uri, Buffer.from(content));
  return show(await vscode.workspace.openTextDocument(uri));
}

async function show(document: vscode.TextDocument): Promise<vscode.TextDocument> {
  await vscode.window.showTextDocument(document);
  return document;
}

/** Waits until the hints, drawn into the text as ‹hint›, are these. */
export function shows(document: vscode.TextDocument, picture: string): Promise<void> {
  return becomes(() => pictureOf(document), picture);
}

export async function pictureOf(document: vscode.TextDocument): Promise<string> {
  const whole = new vscode.Range(0, 0, document.lineCount, 0);
  const hints = await execute<vscode.InlayHint[]>('vscode.executeInlayHintProvider', document.uri, whole);
  let text = document.getText();
  for (const hint of [...hints].sort((a, b) => b.position.compareTo(a.position))) {
    const at = document.offsetAt(hint.position);
    const label = typeof hint.label === 'string' ? hint.label : hint.label.map(({ value }) => value).join('');
    text = `${text.slice(0, at)}${hint.paddingLeft ? ' ' : ''}‹${label}›${text.slice(at)}`;
  }
  return text;
}

/** The Markdown of the hovers over the first such words of the document. */
export async function hoverOver(document: vscode.TextDocument, words: string): Promise<string> {
  const position = document.positionAt(document.getText().indexOf(words));
  const hovers = await execute<vscode.Hover[]>('vscode.executeHoverProvider', document.uri, position);
  return hovers.flatMap(({ contents }) => contents.map((part) => (typeof part === 'string' ? part : part.value))).join('\n---\n');
}

/** The outline, one name a line, indented. */
export async function outlineOf(document: vscode.TextDocument): Promise<string> {
  const symbols = await execute<vscode.DocumentSymbol[]>('vscode.executeDocumentSymbolProvider', document.uri);
  const lines = (found: vscode.DocumentSymbol[], indent: string): string[] =>
    found.flatMap(({ name, children }) => [`${indent}${name}\n`, ...lines(children, `${indent}  `)]);
  return lines(symbols, '').join('');
}

/** What the lenses say, each after the line that it stands over; of those of another host than ours nobody is told the words. */
export async function lensesOf(document: vscode.TextDocument): Promise<string[]> {
  const lenses = await execute<vscode.CodeLens[]>('vscode.executeCodeLensProvider', document.uri, 100);
  return lenses.map(({ range, command }) => document.lineAt(range.start.line).text + (command ? `: ${command.title}` : ''));
}

/** What is underlined, and what is said of it, with the rule that a click on its name explains. */
export function findingsIn(document: vscode.TextDocument): string[] {
  const ours = vscode.languages.getDiagnostics(document.uri).filter(({ source }) => source === 'Strata');
  return ours.map(({ range, message, code }) => {
    const rule = typeof code === 'object' ? `[${code.value}](${code.target.toString()})` : code;
    return `${document.getText(range)}: ${message} ${rule}`;
  });
}

/** What the light bulb offers where these words are; of a kind only, where one is asked for. */
export function actionsAt(document: vscode.TextDocument, words: string, kind?: string): Promise<vscode.CodeAction[]> {
  const at = document.positionAt(document.getText().indexOf(words));
  return execute<vscode.CodeAction[]>('vscode.executeCodeActionProvider', document.uri, new vscode.Range(at, at), kind);
}

/** Sets it for as long as the body runs. */
export async function setting(name: string, value: unknown, body: () => Promise<void>): Promise<void> {
  const set = (to: unknown) => vscode.workspace.getConfiguration().update(name, to, vscode.ConfigurationTarget.Global);
  await set(value);
  try {
    await body();
  } finally {
    await set(undefined);
  }
}

async function execute<Answer extends unknown[]>(command: string, ...args: unknown[]): Promise<Answer> {
  return (await vscode.commands.executeCommand<Answer | undefined>(command, ...args)) ?? ([] as unknown[] as Answer);
}
