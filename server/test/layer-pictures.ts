/**
 * Layers as pictures, a layer a block:
 *   + path 100       a file with content of its own; `+ path 100 X`: with content X
 *   + path/          a folder          + path -> to   a symlink        + path = to   a hard link
 *   ~ path           the whole file again, with the same content and another mode
 *   - path           a whiteout        * path/        an opaque folder
 */
import type { LayerEntry, LayerFiles } from '../src/core/image/model';

export function layersOf(picture: string): LayerFiles[] {
  const last = new Map<string, LayerEntry>();
  let count = 0;
  return picture.trim().split(/\n\s*\n/).map((block, index) => ({
    diffId: `sha256:${index}`,
    entries: block.split('\n').map((line): LayerEntry => {
      const [sign, written = '', second, third] = line.trim().split(/\s+/);
      const path = written.replace(/\/$/, '');
      const plain = { path, size: 0, mode: 0o644, uid: 0, gid: 0, mtime: 0 };
      if (sign === '-') return { ...plain, kind: 'whiteout' };
      if (sign === '*') return { ...plain, kind: 'opaque' };
      if (sign === '~') return { ...last.get(path)!, mode: 0o755 };
      if (path !== written) return { ...plain, kind: 'folder' };
      if (second === '->' || second === '=') return { ...plain, kind: second === '=' ? 'hardlink' : 'symlink', link: third };
      const entry: LayerEntry = { ...plain, kind: 'file', size: Number(second), content: third ?? `own ${count++}` };
      last.set(path, entry);
      return entry;
    }),
  }));
}
