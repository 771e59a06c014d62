/** What the features answer, as pictures: text in, text out. `<|>` is the cursor. */
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { DocumentSymbol } from 'vscode-languageserver';
import type { Baseline } from '../src/baseline';
import { contextOf } from '../src/core/build/context';
import type { Facts } from '../src/core/build/model';
import type { ProjectBuild } from '../src/core/build/project';
import { hintsIn } from '../src/features/hints';
import { hoverAt } from '../src/features/hover';
import { marksOf } from '../src/features/marks';
import { symbolsOf } from '../src/features/symbols';
import { settingsOf } from '../src/settings';
import { readingOf, type Reading } from '../src/session';

export const cursor = '<|>';

/** `sent`: settings, as a client sends them. */
export function reading(text: string, given: Facts = {}, sent: unknown = {}): Reading {
  const settings = settingsOf(sent, undefined);
  const document = TextDocument.create('file:///Dockerfile', 'dockerfile', 1, text);
  return readingOf(document, { ...settings, facts: { ...settings.facts, ...given } });
}

/** As a document is read after a build of something else: another text, other files (`path: content`). */
export interface Compared {
  readonly text?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly since?: Baseline['since'];
}

/** A reading with files of a context, compared with another build. */
export function readingAfter(before: Compared, text: string, files: Compared['files'] = before.files, facts: Facts = {}, sent: unknown = {}): Reading {
  const [was, is] = [before.files ?? {}, files ?? {}].map((given) => contextOf(Object.entries(given).map(([path, content]) => [path, { type: 'file', mode: 0o644, content }])));
  const bare = reading(text, facts, sent);
  const build: ProjectBuild = { title: '', facts: bare.settings.facts, context: { kind: 'folder', files: is, ignoreFile: { path: 'file:///.dockerignore' }, dockerfile: 'Dockerfile' } };
  return {
    ...bare, builds: [build], address: (path) => `file:///${path}`,
    baseline: { since: before.since ?? 'opened', text: before.text ?? text, context: files === before.files ? is : was },
  };
}

/** The source with its hints in ‹›, and their tooltips below where asked for. */
export function hinted(text: string, facts?: Facts, sent?: unknown): string {
  return drawn(reading(text, facts, sent));
}

export function drawn(read: Reading): string {
  let picture = read.document.getText();
  for (const hint of allHints(read).toReversed()) {
    const at = read.document.offsetAt(hint.position);
    picture = `${picture.slice(0, at)}${hint.paddingLeft ? ' ' : ''}‹${String(hint.label)}›${picture.slice(at)}`;
  }
  return picture;
}

/** Line by line: what the tooltips say. */
export function tooltips(text: string, facts?: Facts): string {
  return tooltipsOf(reading(text, facts));
}

export function tooltipsOf(read: Reading): string {
  return allHints(read).map(({ tooltip, label }) => `‹${String(label)}›\n${typeof tooltip === 'object' ? tooltip.value : tooltip}\n`).join('\n');
}

function allHints(read: Reading) {
  return hintsIn(read, { start: { line: 0, character: 0 }, end: { line: read.document.lineCount, character: 0 } });
}

/** The Markdown at the cursor, below the text that it is about; `nothing` where it is silent. */
export function hovered(text: string, facts?: Facts): string {
  const at = text.indexOf(cursor);
  const read = reading(text.replace(cursor, ''), facts);
  const hover = hoverAt(read, read.document.positionAt(at));
  if (!hover) return 'nothing';
  const { contents, range } = hover;
  return `« ${read.document.getText(range)} »\n\n${(contents as { value: string }).value}`;
}

/** Indented by depth. */
export function outlined(text: string, facts?: Facts): string {
  const lines = (symbols: readonly DocumentSymbol[], indent: string): string[] =>
    symbols.flatMap(({ name, detail, children }) => [`${indent}${name}${detail ? `  (${detail})` : ''}`, ...lines(children ?? [], `${indent}  `)]);
  return lines(symbolsOf(reading(text, facts)), '').join('\n');
}

/** Every line of the text with the marks that it gets. */
export function marked(text: string, facts?: Facts): string {
  const { lines, stages } = marksOf(reading(text, facts));
  const sign = { layer: '▌', metadata: '┊', none: ' ' };
  const drawn = text.split('\n').map((source, i) => {
    const mark = lines.find(({ range }) => range.start.line <= i && i <= range.end.line);
    return `${mark ? sign[mark.kind] : ' '} ${source}`.trimEnd();
  });
  const heads = stages.map(({ name, layers, metadata, base, target, reachable }) =>
    `${name}: ${layers} layers, ${metadata} metadata, on ${base}${target ? ', target' : ''}${reachable ? '' : ', not built'}`);
  return [...drawn, ...heads].join('\n');
}
