/**
 * `textDocument/codeAction`: a fix for what the rules find, preferred only where the image stays the same; a comment that
 * silences a finding; and all that is safe at once, `source.fixAll.strata`.
 */
import { CodeActionKind, CodeActionTriggerKind, type CodeAction, type CodeActionParams, type Range, type TextDocumentEdit, type WorkspaceEdit } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { analyze } from '../core/analyze';
import type { ProjectBuild } from '../core/build/project';
import { edited } from '../core/rules/edited';
import type { FileEdit, Finding, Fix } from '../core/rules/finding';
import { say, type Said } from '../core/say';
import { lineAt } from '../core/text';
import { extractKind, inlineKind } from '../protocol';
import type { Reading } from '../session';
import { rangeOf } from './convert';
import { contentsOf, diagnosticOf, findWith, findingsOf } from './diagnostics';
import { refactorings } from './extraction';

export const fixAllKind = `${CodeActionKind.SourceFixAll}.strata`;

export async function actionsOf(reading: Reading, { range, context: { only, triggerKind } }: CodeActionParams): Promise<CodeAction[]> {
  const wanted = (kind: string): boolean => only === undefined || only.some((one) => kind === one || kind.startsWith(`${one}.`));
  const actions: CodeAction[] = [];
  if (wanted(CodeActionKind.QuickFix)) {
    const findings = (await findingsOf(reading)).filter(({ span }) => touches(rangeOf(reading.document, span), range));
    for (const finding of findings) for (const fix of finding.fixes) actions.push(fixAction(reading, finding, fix));
    for (const finding of findings) actions.push(...silences(reading, finding));
  }
  if (wanted(extractKind) || wanted(inlineKind)) {
    // When the cursor moves, the editor only wants to know whether there is anything.
    actions.push(...refactorings(reading, range, triggerKind === CodeActionTriggerKind.Invoked || only !== undefined).filter(({ kind }) => kind === undefined || wanted(kind)));
  }
  // Only where it is asked for: on saving, or from the menu of sources.
  if (only?.some((one) => fixAllKind === one || fixAllKind.startsWith(`${one}.`))) {
    const all = await allSafe(reading);
    if (all) actions.push(all);
  }
  return actions;
}

function touches(a: Range, b: Range): boolean {
  return a.start.line <= b.end.line && b.start.line <= a.end.line;
}

function fixAction(reading: Reading, finding: Finding, fix: Fix): CodeAction {
  return {
    title: fix.title, kind: CodeActionKind.QuickFix, diagnostics: [diagnosticOf(reading, finding)], edit: editOf(reading, fix.edits),
    ...(fix.safe && { isPreferred: true }),
  };
}

function editOf({ document, builds }: Reading, edits: readonly FileEdit[]): WorkspaceEdit {
  const changes: WorkspaceEdit['documentChanges'] = [];
  const own = edits.filter(({ file }) => file === null);
  if (own.length > 0) changes.push(textEdit(document.uri, document.version, document, own));
  for (const file of new Set(edits.flatMap((edit) => edit.file ?? []))) {
    const text = ignoreText(builds, file);
    if (text === undefined) changes.push({ kind: 'create', uri: file, options: { ignoreIfExists: true } });
    changes.push(textEdit(file, null, TextDocument.create(file, '', 0, text ?? ''), edits.filter((edit) => edit.file === file)));
  }
  return { documentChanges: changes };
}

function textEdit(uri: string, version: number | null, document: TextDocument, edits: readonly FileEdit[]): TextDocumentEdit {
  return { textDocument: { uri, version }, edits: edits.map(({ span, text }) => ({ range: rangeOf(document, span), newText: text })) };
}

function ignoreText(builds: readonly ProjectBuild[], file: string): string | undefined {
  for (const { context } of builds) if (context.kind === 'folder' && context.ignoreFile.path === file) return context.ignoreFile.text;
  return undefined;
}

/** For the instruction, its stage, and the file; each is a comment line above, so that nothing of the file is another. */
function silences(reading: Reading, { rule, line }: Finding): CodeAction[] {
  const { analysis } = reading;
  const { dockerfile, stages } = analysis;
  const { lineStarts, text, directives } = dockerfile;
  const lineBreak = text.includes('\r\n') ? '\r\n' : '\n';
  const stage = stages.findLast(({ from }) => from.firstLine <= line);
  // Below the directives: a comment above one would end them.
  const top = directives.length === 0 ? 0 : lineStarts[lineAt(lineStarts, directives[directives.length - 1].span.end) + 1] ?? text.length;
  const comment = `# strata: ignore=${rule}${lineBreak}`;
  const places: [title: Said, at: number, text: string][] = [[say('Silence {0} on this line', rule), lineStarts[line - 1], comment]];
  if (stage && stages.length > 1) places.push([say('Silence {0} in this stage', rule), lineStarts[stage.from.firstLine - 1], comment]);
  places.push([say('Silence {0} in this file', rule), top, /^\r?\n/.test(text.slice(top)) ? comment : `${comment}${lineBreak}`]);
  return places.map(([title, at, inserted]) => ({
    title, kind: CodeActionKind.QuickFix, edit: editOf(reading, [{ file: null, span: { start: at, end: at }, text: inserted }]),
  }));
}

/** One after the other, each on the text that the one before made. */
async function allSafe(reading: Reading): Promise<CodeAction | undefined> {
  const { document, builds } = reading;
  const before = document.getText();
  let text = before;
  const contents = contentsOf(reading);
  let findings = await findingsOf(reading);
  for (let rounds = 0; rounds < 50; rounds++) {
    const fix = findings.flatMap(({ fixes }) => fixes).find(({ safe, edits }) => safe && edits.every(({ file }) => file === null));
    if (!fix) break;
    text = edited(text, fix.edits);
    const now = text;
    findings = await findWith(reading, builds.map((build, i) => ({ analysis: analyze(now, build.facts), build, texts: new Map(), ...(i === 0 && contents && { contents }) })));
  }
  if (text === before) return undefined;
  const span = { start: 0, end: before.length };
  return { title: say('Fix what is safe'), kind: fixAllKind, edit: editOf(reading, [{ file: null, span, text }]) };
}
