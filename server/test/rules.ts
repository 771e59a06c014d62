/** Rules as pictures: several files in one text, findings as `^^^` lines under the source, fixes as the file that they make. */
import { analyze } from '../src/core/analyze';
import { contextOf, type Context, type ContextEntry } from '../src/core/build/context';
import { patternsOf, readIgnoreFile } from '../src/core/build/ignore';
import type { BuildContext } from '../src/core/build/project';
import { familyOf } from '../src/core/family/families';
import { siblingFactsOf } from '../src/core/family/kin';
import type { SiblingFacts } from '../src/core/family/model';
import { shapeOf } from '../src/core/family/shape';
import { openSiblings } from '../src/core/family/siblings';
import { check, type RuleSettings } from '../src/core/rules/check';
import type { Finding, Fix } from '../src/core/rules/finding';
import { lineAt } from '../src/core/text';

export type Files = ReadonlyMap<string, string>;

/** `//- path` begins a file; the text before the first is the Dockerfile. */
export function filesIn(text: string): Files {
  const files = new Map<string, string>();
  let path = 'Dockerfile';
  let lines: string[] = [];
  let declared = false;
  const add = (): void => {
    if (lines.length > 0 || declared) files.set(path, lines.length === 0 ? '' : `${lines.join('\n')}\n`);
    lines = [];
  };
  for (const line of text.replace(/\n$/, '').split('\n')) {
    if (line.startsWith('//- ')) {
      add();
      path = line.slice(4).trim();
      declared = true;
    } else lines.push(line);
  }
  add();
  return files;
}

export function contextIn(files: Files): Context {
  const ignored = files.has('.dockerignore') ? patternsOf(readIgnoreFile(files.get('.dockerignore') ?? '')) : undefined;
  const entries = [...files].map(([path, content]): [string, ContextEntry] => [path, { type: 'file', mode: 0o644, content, size: content.length }]);
  return contextOf(entries, ignored && !('error' in ignored) ? ignored : undefined);
}

/** With `unknown`, as where nobody knows the context. */
export function findingsIn(files: Files, kind: BuildContext['kind'] = 'folder', settings: RuleSettings = {}): readonly Finding[] {
  const text = files.get('Dockerfile') ?? '';
  const context: BuildContext = kind === 'folder'
    ? { kind, files: contextIn(files), ignoreFile: { path: '.dockerignore', ...(files.has('.dockerignore') && { text: files.get('.dockerignore') }) }, dockerfile: 'Dockerfile' }
    : { kind };
  return check([{ analysis: analyze(text), build: { title: '', facts: {}, context }, texts: files, siblings: siblingsIn(files) }], settings).findings;
}

/** Of the Dockerfiles among them, each with its folder for its context. */
function siblingsIn(files: Files): SiblingFacts {
  const siblings = openSiblings();
  const dockerfiles = [...files].filter(([path]) => /(?:^|\/)Dockerfile$/.test(path));
  for (const [path, text] of dockerfiles) siblings.set(path, shapeOf(text), path);
  const linesOf = (path: string, first: number, last: number): string | undefined => files.get(path)?.split('\n').slice(first - 1, last).join('\n');
  return siblingFactsOf('Dockerfile', siblings.groupsOf('Dockerfile').map((group) => ({ group, family: familyOf(group, linesOf) })), (path) => path);
}

/** The Dockerfile with what is found under its lines. */
export function pictured(files: Files, findings: readonly Finding[]): string {
  const text = files.get('Dockerfile') ?? '';
  const lineStarts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  const lines = text.replace(/\n$/, '').split('\n');
  for (const { span, message } of [...findings].toReversed()) {
    const line = lineAt(lineStarts, span.start);
    lines.splice(line + 1, 0, `${' '.repeat(span.start - lineStarts[line])}${'^'.repeat(span.end - span.start)} ${message}`);
  }
  return lines.join('\n');
}

export function applied(files: Files, { edits }: Fix): Files {
  const result = new Map(files);
  for (const { file, span, text } of [...edits].toSorted((a, b) => b.span.start - a.span.start || b.span.end - a.span.end)) {
    const path = file ?? 'Dockerfile';
    const old = result.get(path) ?? '';
    result.set(path, old.slice(0, span.start) + text + old.slice(span.end));
  }
  return result;
}
