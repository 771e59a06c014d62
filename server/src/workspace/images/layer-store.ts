/** What was read of images before, on disk: layers by their diff ID, which is that of their content, what they waste together, and what archives have in them. */
import { createHash } from 'node:crypto';
import { endianness } from 'node:os';
import { resolve } from 'node:path';
import type { LayerFiles } from '../../core/image/model';
import { wasteVersion, type Waste } from '../../core/image/waste';
import { bytesOf, entriesIn } from './layer-form';
import type { Candidate } from './manifests';
import { openRecordFolder, type RecordLimits } from './record-folder';

export interface LayerStore {
  /** Equal to what was kept; undefined: nothing was, or it is gone. */
  readonly layer: (diffId: string) => Promise<LayerFiles | undefined>;
  /** Only of a layer whose content was seen to have this diff ID. Never rejects, here and below: where there is no place nothing is kept. */
  readonly keep: (layer: LayerFiles) => Promise<void>;
  /** What layers waste, oldest first; undefined: nobody has kept it. */
  readonly waste: (layers: readonly LayerFiles[]) => Promise<Waste | undefined>;
  readonly keepWaste: (layers: readonly LayerFiles[], waste: Waste) => Promise<void>;
  /** `stamp`: what tells that the file at the path is as it was. */
  readonly archive: (path: string, stamp: string) => Promise<readonly Candidate[] | undefined>;
  readonly keepArchive: (path: string, stamp: string, candidates: readonly Candidate[]) => Promise<void>;
}

/** The layers, and where it is a file that may be looked at again the archive. */
export type Kept = Pick<LayerStore, 'layer' | 'keep'> & Partial<LayerStore>;

/** Another reading of the same layer or archive makes another version. */
const version = `strata images 1 ${endianness()}`;
/** Some 60 GB of images; a layer of some 400,000 files. */
const defaults: RecordLimits = { total: 256 * 2 ** 20, largest: 48 * 2 ** 20 };

/** `folder`: of its own, made when something is kept; nothing is written beside it. */
export function openLayerStore(folder: string, limits: RecordLimits = defaults): LayerStore {
  const records = openRecordFolder(folder, version, limits);
  return {
    layer: async (diffId) => {
      const name = nameOf(diffId);
      const bytes = name && await records.read(name);
      return bytes ? readLater(diffId, bytes) : undefined;
    },
    keep: async ({ diffId, entries }) => {
      const name = nameOf(diffId);
      const bytes = name && bytesOf(entries);
      if (name && bytes) await records.write(name, bytes);
    },
    waste: async (layers) => {
      const bytes = await records.read(wasteName(layers));
      return bytes && JSON.parse(bytes.toString()) as Waste;
    },
    keepWaste: (layers, waste) => records.write(wasteName(layers), Buffer.from(JSON.stringify(waste))),
    archive: async (path, stamp) => {
      const bytes = await records.read(archiveName(path));
      const [was, candidates] = bytes ? JSON.parse(bytes.toString()) as [string, readonly Candidate[]] : [];
      return was === stamp ? candidates : undefined;
    },
    keepArchive: (path, stamp, candidates) => records.write(archiveName(path), Buffer.from(JSON.stringify([stamp, candidates]))),
  };
}

/** Most of what is asked about an image is known without the files of most of its layers. */
function readLater(diffId: string, bytes: Buffer): LayerFiles {
  let entries: LayerFiles['entries'] | undefined;
  let kept: Buffer | undefined = bytes;
  return {
    diffId,
    get entries() {
      if (kept) {
        entries = entriesIn(kept);
        kept = undefined;
      }
      return entries!;
    },
  };
}

function wasteName(layers: readonly LayerFiles[]): string {
  return `waste-${createHash('sha256').update(JSON.stringify([wasteVersion, layers.map(({ diffId }) => diffId)])).digest('hex')}`;
}

function nameOf(diffId: string): string | undefined {
  const digits = /^sha256:([a-f0-9]{64})$/.exec(diffId)?.[1];
  return digits && `layer-${digits}`;
}

function archiveName(path: string): string {
  return `archive-${createHash('sha256').update(resolve(path)).digest('hex')}`;
}
