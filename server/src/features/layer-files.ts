/** What layers or a container change, folder by folder, as plain values for a tree: labels short, the rest in descriptions and tooltips. */
import { changeKinds, type ChangeNode, type Difference } from '../core/image/changes';
import type { LayerEntry, LayerFiles } from '../core/image/model';
import { sizeText } from '../core/image/size-text';
import { entryAt, type Found } from '../core/image/tree';
import type { FilePlace, LayerFile } from '../protocol';

export interface FileTexts {
  readonly layers: readonly LayerFiles[];
  /** Sizes of what is new are not known. */
  readonly isContainer: boolean;
  /** `layer 2` */
  readonly nameOf: (layer: number) => string;
  /** `layer 2, COPY app /app (line 5)` */
  readonly writerOf: (layer: number) => string;
}

/** In a folder. */
const mostItems = 1000;

/** What is in a folder, and a last one for those that are too many. */
export function filesIn(folder: ChangeNode, texts: FileTexts): LayerFile[] {
  const items = folder.children.slice(0, mostItems).map((child) => fileOf(child, texts));
  const more = folder.children.slice(mostItems);
  if (more.length === 0) return items;
  const bytes = more.reduce((sum, one) => sum + one.bytes + one.removed, 0);
  return [...items, { path: `${folder.path}/…`, label: `… ${more.length} more`, description: sizeText(bytes), tooltip: 'They take less than each of these.', kind: 'folder', isFolder: false }];
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

function descriptionOf(node: ChangeNode, texts: FileTexts): string {
  const { kind, bytes, removed, differs, after, counts } = node;
  if (isFolder(node)) {
    const own = kind === undefined ? [] : [kind === 'changed' && !texts.isContainer ? changedText(differs) : kind];
    const kinds = changeKinds.filter((one) => counts[one] > 0);
    const told = kinds.length === 1 && kinds[0] === kind ? `${counts[kind] - 1} in it` : kinds.map((one) => `${counts[one]} ${one}`).join(', ');
    return [...own, ...(bytes > 0 ? [sizeText(bytes)] : []), ...(node.children.length > 0 ? [told] : [])].join(' · ');
  }
  if (kind === 'removed') return removed === 0 ? 'removed' : `removed · ${sizeText(removed)} stay in the layers below`;
  if (texts.isContainer) return kind ?? '';
  const link = after?.entry.kind === 'symlink' || after?.entry.kind === 'hardlink' ? [`→ ${after.entry.link ?? ''}`] : [];
  const size = after?.entry.kind === 'file' ? [sizeText(bytes)] : [];
  return [...link, ...size, ...(kind === 'copied' ? ['copied as it was'] : kind === 'changed' ? [changedText(differs)] : [])].join(' · ');
}

/** Whatever else is another one has another time, too. */
function changedText(differs: readonly Difference[]): string {
  return `changed: ${(differs.length > 1 ? differs.filter((one) => one !== 'time') : differs).join(', ')}`;
}

function tooltipOf({ path, before, after, kind }: ChangeNode, { isContainer, writerOf }: FileTexts): string {
  const own = isContainer || kind === 'removed' ? undefined : after;
  const lines = [`/${path}`, before && own ? both(about(before.entry), about(own.entry)) : about((own ?? before)?.entry)];
  if (own && kind !== undefined && kind !== 'added') lines.push(`by ${writerOf(own.layer)}`);
  if (before && kind !== undefined) lines.push(`written before by ${writerOf(before.layer)}`);
  return lines.filter((line) => line !== '').join('\n');
}

function both(before: string, after: string): string {
  return before === after ? after : `${before} → ${after}`;
}

function about(entry: LayerEntry | undefined): string {
  if (!entry) return '';
  const mode = `0${(entry.mode & 0o7777).toString(8).padStart(3, '0')}`;
  return `${mode} ${entry.uid}:${entry.gid}${entry.kind === 'file' ? ` ${sizeText(entry.size)}` : ''}`;
}
