/** An image as an engine, an archive or a registry has it, in OCI's words. Plain and read-only. */
import type { BaseImage } from '../build/model';

export interface Image {
  /** As it was asked for. */
  readonly reference: string;
  /** `sha256:…`, of its config. */
  readonly id: string;
  /** `linux/amd64`; with a variant where it has one. */
  readonly platform: string;
  readonly config: BaseImage['config'];
  /** Whoever was asked does not say whether it has ONBUILD triggers: Podman's API leaves them out. */
  readonly hidesTriggers?: true;
  /** Oldest first. */
  readonly rows: readonly ImageRow[];
  /** Uncompressed layers, oldest first, as `sha256:…`: equal for a layer that is one and the same. */
  readonly diffIds: readonly string[];
}

export interface ImageRow {
  /** Of the image that was this far, where it is kept; null: `<missing>`. */
  readonly id: string | null;
  /** Seconds since 1970; null where nobody says. */
  readonly created: number | null;
  readonly createdBy: string;
  readonly comment: string;
  /** Undefined where whoever was asked does not say, and it cannot be told from the rest. */
  readonly emptyLayer: boolean | undefined;
  /** Of the layer, where it is known which one is the row's. */
  readonly diffId: string | undefined;
  /** Bytes that the layer takes, uncompressed, as `docker image history` counts them; undefined: not known. */
  readonly size: number | undefined;
  /** Names of the image that was this far. */
  readonly tags: readonly string[];
}

/** What a layer holds, by the entries of its tar. */
export interface LayerFiles {
  readonly diffId: string;
  readonly entries: readonly LayerEntry[];
}

export interface LayerEntry {
  /** From the root, without a slash in front or at the end, with nothing of `.` and `..` in it; of a whiteout, of what it takes away. */
  readonly path: string;
  /** `whiteout` (`.wh.NAME`): gone. `opaque` (`.wh..wh..opq`): all that the folder had below is gone. */
  readonly kind: 'file' | 'folder' | 'symlink' | 'hardlink' | 'device' | 'whiteout' | 'opaque';
  /** Bytes of the content; 0 but for files. */
  readonly size: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  /** Of symlinks and hard links: where they point to; a hard link's from the root as `path`. */
  readonly link?: string;
  /** Of files: a digest of the content. */
  readonly content?: string;
}
