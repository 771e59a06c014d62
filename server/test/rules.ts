/** Rules as pictures: several files in one text, findings as `^^^` lines under the source, fixes as the file that they make. */
import { analyze } from '../src/core/analyze';
import { contextOf, type Context, type ContextEntry } from '../src/core/build/context';
import { patternsOf, readIgnoreFile } from '../src/core/build/ignore';
import type { BuildContext } from '../src/core/build/project';
import { familyOf } from '../src/core/family/families';
import { stepsOf, rowOf } from '../src/core/build/history';
import { siblingFactsOf } from '../src/core/family/kin';
import type { SiblingFacts } from '../src/core/family/model';
import { shapeOf } from '../src/core/family/shape';
import { openSiblings } from '../src/core/family/siblings';
import type { ImageContents } from '../src/core/image/losses';
import type { ImageRow, LayerEntry } from '../src/core/image/model';
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
  const entries = [...files].filter(([path]) => !isImage(path)).map(([path, content]): [string, ContextEntry] => [path, { type: 'file', mode: 0o644, content, size: content.length }]);
  return contextOf(entries, ignored && !('error' in ignored) ? ignored : undefined);
}

/** With `unknown`, as where nobody knows the context. */
export function findingsIn(files: Files, kind: BuildContext['kind'] = 'folder', settings: RuleSettings = {}): readonly Finding[] {
  const text = files.get('Dockerfile') ?? '';
  const context: BuildContext = kind === 'folder'
    ? { kind, files: contextIn(files), ignoreFile: { path: '.dockerignore', ...(files.has('.dockerignore') && { text: files.get('.dockerignore') }) }, dockerfile: 'Dockerfile' }
    : { kind };
  return check([{ analysis: analyze(text), build: { title: '', facts: {}, context }, texts: files, siblings: siblingsIn(files), contents: contentsIn(files) }], settings).findings;
}

/** `//- image` says what the layers hold that the lines of the Dockerfile made; a fix is not built. */
export function isImage(path: string): boolean {
  return path === 'image' || path === 'image of';
}

/** A line for each file: `LINE: PATH BYTES [MODE] [UID:GID] [=CONTENT]`; `PATH/`: a folder; `-PATH`: a whiteout; LINE may be `base`. */
function contentsIn(files: Files): ImageContents | undefined {
  const picture = files.get('image');
  if (picture === undefined) return undefined;
  const analysis = analyze(files.get('image of') ?? files.get('Dockerfile') ?? '');
  const byLine = new Map<string, LayerEntry[]>();
  for (const line of picture.trim().split('\n')) {
    const [, at, written, rest] = /^(\w+): (\S+)(.*)$/.exec(line)!;
    const path = written.replace(/^-?\/|\/$/g, '');
    const size = Number(/^ (\d+)/.exec(rest)?.[1] ?? 0);
    const [uid, gid] = (/ (\d+:\d+)/.exec(rest)?.[1] ?? '0:0').split(':').map(Number);
    const kind = written.startsWith('-') ? 'whiteout' : written.endsWith('/') ? 'folder' : 'file';
    const mode = Number.parseInt(/ (0?[0-7]{3})(?= |$)/.exec(rest.replace(/^ \d+/, ''))?.[1] ?? (kind === 'folder' ? '755' : '644'), 8);
    const entry: LayerEntry = { path, kind, size, mode, uid, gid, mtime: 0, ...(kind === 'file' && { content: / =(\S+)/.exec(rest)?.[1] ?? `${path} ${size}` }) };
    byLine.set(at, [...(byLine.get(at) ?? []), entry]);
  }
  const plain = { id: null, created: null, comment: '', size: undefined, tags: [] };
  const rows: ImageRow[] = byLine.has('base') ? [{ ...plain, createdBy: 'base', emptyLayer: false, diffId: 'sha256:base' }] : [];
  for (const step of stepsOf(analysis, analysis.target!)) {
    const { createdBy } = rowOf(analysis, step);
    rows.push({ ...plain, createdBy: createdBy ?? '', emptyLayer: step.row === 'empty', diffId: step.row === 'layer' ? `sha256:${step.line}` : undefined });
  }
  const diffIds = rows.flatMap(({ diffId }) => diffId ?? []);
  return { image: { reference: 'app', id: 'sha256:app', platform: 'linux/amd64', config: {}, rows, diffIds }, layers: diffIds.map((diffId) => ({ diffId, entries: byLine.get(diffId.slice(7)) ?? [] })) };
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
  if (files.has('image')) result.set('image of', files.get('image of') ?? files.get('Dockerfile') ?? '');
  for (const { file, span, text } of [...edits].toSorted((a, b) => b.span.start - a.span.start || b.span.end - a.span.end)) {
    const path = file ?? 'Dockerfile';
    const old = result.get(path) ?? '';
    result.set(path, old.slice(0, span.start) + text + old.slice(span.end));
  }
  return result;
}
