import * as vscode from 'vscode';
import * as expected from '../expected';
import { becomes } from '../runner';
import { actionsAt, examples, findingsIn, openExample, openNew, setting, shows } from './editor';
import { test } from './suite';

const host = process.env['STRATA_HOST'] ?? 'node';

// Of a finding of another host than ours nobody is told the address of its page.
const page = (rule: string) => (host === 'node' ? `[${rule}](https://github.com/strata-layers/strata/blob/main/server/src/core/rules/${rule}.md)` : rule);
const early = `COPY . .: A change of any file copied here makes \`npm ci\` (line 4) run again, which reads only package.json and package-lock.json. ${page('copy-before-install')}`;
const unneeded = `COPY . .: It takes in what no step reads: Dockerfile and README.md (2 files, 279 bytes). A change there makes this step and 1 step after it run again. There is no .dockerignore. ${page('context-takes-unneeded')}`;
const found = [unneeded, early];

const source = expected.sourceOf(expected.nodeShop);
const fixed = expected.sourceOf(expected.nodeShopFixed);

const finds = (document: vscode.TextDocument, findings: string[]) => becomes(async () => findingsIn(document), findings);
const reads = (document: vscode.TextDocument, text: string) => becomes(async () => document.getText(), text);

/** Waits until the light bulb on COPY offers it. */
async function offered(document: vscode.TextDocument, is: (action: vscode.CodeAction) => boolean): Promise<vscode.CodeAction> {
  let action: vscode.CodeAction | undefined;
  await becomes(async () => (action = (await actionsAt(document, 'COPY')).find(is)) !== undefined, true);
  return action!;
}

test('what the rules find is underlined, and each has its page', async () => {
  await finds(await openExample('node-shop/Dockerfile'), found);
});

test('a fix is applied and undone', async () => {
  const document = await openExample('node-shop/Dockerfile');
  await finds(document, found);
  // Preferred is what is proved to leave the image as it is.
  const { edit } = await offered(document, ({ title, isPreferred = false }) => title.startsWith('Copy package.json') && isPreferred);
  await vscode.workspace.applyEdit(edit!);
  await shows(document, expected.nodeShopFixed);
  await becomes(async () => findingsIn(document).includes(early), false);
  await vscode.commands.executeCommand('undo');
  await finds(document, found);
  await shows(document, expected.nodeShop);
});

test('a comment silences a finding, and no other', async () => {
  const document = await openExample('node-shop/Dockerfile');
  await finds(document, found);
  const { edit } = await offered(document, ({ title }) => title === 'Silence copy-before-install on this line');
  await vscode.workspace.applyEdit(edit!);
  await reads(document, source.replace('COPY', '# strata: ignore=copy-before-install\nCOPY'));
  await becomes(async () => findingsIn(document).filter((finding) => finding.includes('copy-before-install')), []);
  await vscode.commands.executeCommand('undo');
  await finds(document, found);
});

test('a rule is as severe as the settings say, or silent', async () => {
  const document = await openExample('node-shop/Dockerfile');
  const warnings = () => vscode.languages.getDiagnostics(document.uri).filter(({ severity }) => severity === vscode.DiagnosticSeverity.Warning).length;
  await setting('strata.rules', { 'copy-before-install': 'warning' }, () => becomes(async () => warnings(), 1));
  await setting('strata.rules', { 'copy-before-install': 'off' }, () => finds(document, found.filter((finding) => finding !== early)));
  await finds(document, found);
});

test('what is safe is fixed on saving', async () => {
  for (const file of ['package.json', 'package-lock.json', 'server.js'])
    await vscode.workspace.fs.copy(vscode.Uri.joinPath(examples(), 'node-shop', file), vscode.Uri.joinPath(examples(), 'saved', file));
  const document = await openNew('saved/Dockerfile', source);
  await becomes(async () => (await actionsAt(document, 'FROM', 'source.fixAll.strata')).map(({ title }) => title), ['Fix what is safe']);
  await setting('editor.codeActionsOnSave', { 'source.fixAll.strata': 'explicit' }, async () => {
    await vscode.commands.executeCommand('workbench.action.files.save');
    await reads(document, fixed);
  });
});

test('what no step reads is ignored by a file that the fix makes', async () => {
  await vscode.workspace.fs.copy(vscode.Uri.joinPath(examples(), 'node-shop'), vscode.Uri.joinPath(examples(), 'ignored'));
  const document = await openExample('ignored/Dockerfile');
  await finds(document, found);
  const { edit } = await offered(document, ({ title }) => title.startsWith('Ignore Dockerfile and README.md in .dockerignore'));
  await vscode.workspace.applyEdit(edit!);
  const ignore = await vscode.workspace.openTextDocument(vscode.Uri.joinPath(examples(), 'ignored/.dockerignore'));
  await ignore.save();
  await reads(ignore, 'Dockerfile\nREADME.md\n.dockerignore\n');
  await finds(document, [early]);
});
