/** What layers or a container change, folder by folder, as plain values for a tree: labels short, the rest in descriptions and tooltips. */
import { changeKinds, type ChangeKind, type ChangeNode, type Difference } from '../core/image/changes';
import type { LayerEntry, LayerFiles } from '../core/image/model';
import { sizeText } from '../core/image/size-text';
import { entryAt, type Found } from '../core/image/tree';
import { joined, say, verbatim, type Said } from '../core/say';
import type { FilePlace, LayerFile } from '../protocol';

export interface FileTexts {
  readonly layers: readonly LayerFiles[];
  /** Sizes of what is new are not known. */
  readonly isContainer: boolean;
  /** `layer 2` */
  readonly nameOf: (layer: number) => Said;
  /** `layer 2, COPY app /app (line 5)` */
  readonly writerOf: (layer: number) => Said;
}

/** In a folder. */
const mostItems = 1000;

/** What is in a folder, and a last one for those that are too many. */
export function filesIn(folder: ChangeNode, texts: FileTexts): LayerFile[] {
  const items = folder.children.slice(0, mostItems).map((child) => fileOf(child, texts));
  const more = folder.children.slice(mostItems);
  if (more.length === 0) return items;
  const bytes = more.reduce((sum, one) => sum + one.bytes + one.removed, 0);
  return [...items, { path: `${folder.path}/…`, label: say('… {0} more', more.length), description: sizeText(bytes), tooltip: say('They take less than each of these.'), kind: 'folder', isFolder: false }];
}

function fileOf(top: ChangeNode, texts: FileTexts): LayerFile {
  const names = [top.name];
  let node = top;
  while (node.kind === undefined && node.children.length === 1 && isFolder(node.children[0])) {
    node = node.children[0];
    names.push(node.name);
  }
  return {
    path: node.path, label: names.join('/'), description: descriptionOf(node, texts), tooltip: tooltipOf(node, texts), kind: node.kind ?? 'folder', isFolder: isFolder(node),
    ...(node.before && placed('before', placeOf(node.before, texts, node.before.layer))),
    ...(node.after && !texts.isContainer && placed('after', placeOf(node.after, texts, node.after.layer))),
  };
}

function placed(key: 'before' | 'after', place: FilePlace | undefined): Partial<Record<'before' | 'after', FilePlace>> {
  return place ? { [key]: place } : {};
}

function isFolder({ after, before, kind, children }: ChangeNode): boolean {
  return children.length > 0 || (kind === 'removed' ? before : after)?.entry.kind === 'folder';
}

/** Of files alone; a hard link's is the file's. */
function placeOf({ entry, layer }: Found, { layers, nameOf }: FileTexts, at: number): FilePlace | undefined {
  if (entry.kind === 'file') return { layer, name: nameOf(layer), path: entry.path };
  const linked = entry.kind === 'hardlink' ? entryAt(layers, at + 1, entry.link ?? '') : undefined;
  return linked?.entry.kind === 'file' ? { layer: linked.layer, name: nameOf(linked.layer), path: linked.entry.path } : undefined;
}

function descriptionOf(node: ChangeNode, texts: FileTexts): Said {
  const { kind, bytes, removed, differs, after, counts } = node;
  if (isFolder(node)) {
    const own = kind && (kind === 'changed' && !texts.isContainer ? changedText(differs) : kindText(kind));
    const kinds = changeKinds.filter((one) => counts[one] > 0);
    const told = kinds.length === 1 && kinds[0] === kind ? say('{0} in it', counts[kind] - 1) : joined(kinds.map((one) => countText(one, counts[one])), ', ');
    return joined([own, bytes > 0 ? sizeText(bytes) : undefined, node.children.length > 0 ? told : undefined], ' · ');
  }
  if (kind === 'removed') return joined([say('removed'), removed === 0 ? undefined : say('{0} stay in the layers below', sizeText(removed))], ' · ');
  if (texts.isContainer) return kind ? kindText(kind) : verbatim('');
  const link = after?.entry.kind === 'symlink' || after?.entry.kind === 'hardlink' ? verbatim(`→ ${after.entry.link ?? ''}`) : undefined;
  const size = after?.entry.kind === 'file' ? sizeText(bytes) : undefined;
  return joined([link, size, kind === 'copied' ? say('copied as it was') : kind === 'changed' ? changedText(differs) : undefined], ' · ');
}

/** Whatever else is another one has another time, too. */
function changedText(differs: readonly Difference[]): Said {
  return say('changed: {0}', joined((differs.length > 1 ? differs.filter((one) => one !== 'time') : differs).map(differenceText), ', '));
}

function differenceText(difference: Difference): Said {
  switch (difference) {
    case 'kind': return say('kind');
    case 'content': return say('content');
    case 'link': return say('link');
    case 'mode': return say('mode');
    case 'owner': return say('owner');
    case 'time': return say('time');
  }
}

function kindText(kind: ChangeKind): Said {
  switch (kind) {
    case 'added': return say('added');
    case 'changed': return say('changed');
    case 'copied': return say('copied');
    case 'removed': return say('removed');
  }
}

function countText(kind: ChangeKind, count: number): Said {
  switch (kind) {
    case 'added': return say('{0} added', count);
    case 'changed': return say('{0} changed', count);
    case 'copied': return say('{0} copied', count);
    case 'removed': return say('{0} removed', count);
  }
}

function tooltipOf({ path, before, after, kind }: ChangeNode, { isContainer, writerOf }: FileTexts): Said {
  const own = isContainer || kind === 'removed' ? undefined : after;
  const lines = [verbatim(`/${path}`), before && own ? both(about(before.entry), about(own.entry)) : about((own ?? before)?.entry)];
  if (own && kind !== undefined && kind !== 'added') lines.push(say('by {0}', writerOf(own.layer)));
  if (before && kind !== undefined) lines.push(say('written before by {0}', writerOf(before.layer)));
  return joined(lines, '\n');
}

function both(before: Said, after: Said): Said {
  return before === after ? after : joined([before, after], ' → ');
}

function about(entry: LayerEntry | undefined): Said {
  if (!entry) return verbatim('');
  const mode = `0${(entry.mode & 0o7777).toString(8).padStart(3, '0')}`;
  return joined([verbatim(`${mode} ${entry.uid}:${entry.gid}`), entry.kind === 'file' ? sizeText(entry.size) : undefined], ' ');
}
