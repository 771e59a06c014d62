/** What lines added to the image, file by file: the image is looked into because a user has asked, and what is answered here is about what was seen. */
import type { CancellationToken } from 'vscode-languageserver';
import { stepsOf } from './core/build/history';
import { changesBetween, containerChanges, nodeAt, type ChangeNode } from './core/image/changes';
import { joinImage, type JoinedRow } from './core/image/join';
import { rowsByLayer, type ImageContents } from './core/image/losses';
import { sizeText } from './core/image/size-text';
import { builtImage } from './features/image';
import { filesIn } from './features/layer-files';
import { lineAt, type Line } from './features/lines';
import { cut } from './features/markdown';
import type {
  ContainersAnswer, DocumentParams, ImageLayersAnswer, ImageNamesAnswer, LayerFilesAnswer, LayerFilesParams, LayerTextsAnswer, LayerTextsParams, ShowLayerAnswer, ShowLayerParams, ShownFiles,
} from './protocol';
import { joined, say, verbatim, type Said } from './core/say';
import { stopOf, type Reading, type Session } from './session';
import type { Images } from './workspace/images/images';

/** What is shown of a file, in bytes. */
const largestText = 4 << 20;

interface Looked {
  readonly reading: Reading;
  readonly images: Images;
  readonly contents: ImageContents;
  readonly image: ShownFiles['image'];
  /** By layer. */
  readonly rows: readonly (JoinedRow | undefined)[];
}

/** Null: no document of ours, or no machine that has images. Throws what a user can read. */
async function look(session: Session, uri: string, token: CancellationToken): Promise<Looked | null> {
  const images = session.project?.images;
  const reading = await session.read(uri, token);
  if (!images || !reading) return null;
  const built = builtImage(reading);
  if (!built) throw new Error(imageUnknown());
  const { reference } = built.image;
  const contents = images.seen(built.image.id) ?? await images.look(reference, stopOf(token));
  return { reading, images, contents, image: { reference, id: contents.image.id }, rows: rowsOf(reading, contents) };
}

export function imageUnknown(): Said {
  return say('Which image was built of this file is not known, or the engine does not have it: build it, or say which one with Choose the Image of This File…');
}

function rowsOf({ analysis }: Reading, { image }: ImageContents): (JoinedRow | undefined)[] {
  return analysis.target === undefined ? [] : rowsByLayer(image, joinImage(analysis, analysis.target, image));
}

export async function showLayerFor(session: Session, { textDocument: { uri }, position }: ShowLayerParams, token: CancellationToken): Promise<ShowLayerAnswer | null> {
  return answered(async () => {
    const looked = await look(session, uri, token);
    if (!looked) return null;
    const { reading, image, rows } = looked;
    const { from, to } = rangeOf(looked, lineAt(reading.analysis, reading.document.offsetAt(position)));
    const title = to - from === 1 ? layerTitle(rows, from) : say('{0} to {1}', nameOf(rows, from), nameOf(rows, to - 1));
    return { shown: { document: uri, image, files: { from, to }, title } };
  });
}

/** Throws what a user can read. */
function rangeOf({ reading: { analysis }, image, rows }: Looked, line: Line | undefined): { readonly from: number; readonly to: number } {
  const { target } = analysis;
  const chain = new Set(target === undefined ? [] : [target, ...stepsOf(analysis, target).map(({ stage }) => stage)]);
  const first = (matches: (row: JoinedRow) => boolean): number => rows.findIndex((row) => row !== undefined && matches(row));
  if (line?.kind === 'step' || line?.kind === 'from') {
    if (!chain.has(line.stage.index)) throw new Error(say('This stage is not in the image: what COPY --from takes of it is in the layer of that line.'));
    if (line.kind === 'step') {
      const { step } = line;
      if (step.row !== 'layer') throw new Error(say('{0} makes no layer: it adds no files.', step.instruction.keyword));
      const at = first((row) => row.step === step);
      if (at === -1) throw new Error(say('{0} has no layer of this line: it was built from another text, or before the line was there.', image.reference));
      return { from: at, to: at + 1 };
    }
    const own = first((row) => row.step?.stage === line.stage.index);
    const to = own === -1 ? rows.length : own;
    if (to === 0) throw new Error(say('There is no layer below this stage.'));
    return { from: 0, to };
  }
  const from = Math.max(0, first((row) => row.owner === 'line'));
  return { from, to: rows.length };
}

export async function imageLayersFor(session: Session, { textDocument: { uri } }: DocumentParams, token: CancellationToken): Promise<ImageLayersAnswer | null> {
  return answered(async () => {
    const looked = await look(session, uri, token);
    return looked && { image: looked.image, layers: looked.rows.map((row, at) => ({ name: nameOf(looked.rows, at), title: layerTitle(looked.rows, at), size: row?.row.size === undefined ? '' : sizeText(row.row.size) })) };
  });
}

export async function imageNamesFor({ project }: Session): Promise<ImageNamesAnswer | null> {
  return answered(async () => project?.images ? { names: await project.images.names() } : null);
}

export async function containersFor(session: Session, { textDocument: { uri } }: DocumentParams, token: CancellationToken): Promise<ContainersAnswer | null> {
  return answered(async () => {
    const looked = await look(session, uri, token);
    // What they have changed is asked anew.
    if (looked) containerTrees.delete(looked.contents);
    return looked && { image: looked.image, containers: await looked.images.containers(looked.image.id) };
  });
}

export async function layerFilesFor(session: Session, { shown, path }: LayerFilesParams, token: CancellationToken): Promise<LayerFilesAnswer> {
  return answered(async () => {
    const images = imagesOf(session);
    const contents = await contentsOf(images, shown.image);
    const reading = await session.read(shown.document, token);
    const rows = reading ? rowsOf(reading, contents) : [];
    const folder = nodeAt(await treeOf(images, shown, contents), path);
    return { items: folder ? filesIn(folder, { layers: contents.layers, isContainer: 'container' in shown.files, nameOf: (layer) => nameOf(rows, layer), writerOf: (layer) => writerOf(rows, layer) }) : [] };
  });
}

/** What a container has changed is asked for once for a view. */
const containerTrees = new WeakMap<ImageContents, Map<string, Promise<ChangeNode>>>();

async function treeOf(images: Images, { files, title }: ShownFiles, contents: ImageContents): Promise<ChangeNode> {
  if (!('container' in files)) return changesBetween(contents.layers, files.from, files.to);
  let own = containerTrees.get(contents);
  if (!own) containerTrees.set(contents, (own = new Map()));
  const { container } = files;
  let tree = own.get(container);
  if (!tree) {
    tree = images.containerChanges(container).then((changes) => {
      if (!changes) throw new Error(say('There is no {0} any more.', title));
      return containerChanges(contents.layers, changes);
    });
    own.clear();
    own.set(container, tree);
    tree.catch(() => own.delete(container));
  }
  return tree;
}

export async function layerTextsFor(session: Session, { image, places }: LayerTextsParams): Promise<LayerTextsAnswer> {
  return answered(async () => {
    const images = imagesOf(session);
    const { layers } = await contentsOf(images, image);
    const files = places.map(({ layer, name, path }) => {
      const entry = layers.at(layer)?.entries.findLast((one) => one.path === path && one.kind === 'file');
      if (!entry) throw new Error(say('{0} has no file {1} in {2}.', image.reference, `/${path}`, name));
      if (entry.size > largestText) throw new Error(say('{0} has {1}: texts are shown up to {2}.', `/${path}`, sizeText(entry.size), sizeText(largestText)));
      return { layer, entry };
    });
    const found = await images.files(image.reference, image.id, files);
    return {
      texts: found.map((bytes, i) => {
        if (bytes.subarray(0, 8192).includes(0)) throw new Error(say('{0} is no text: it has {1} of binary content.', `/${places[i].path}`, sizeText(bytes.length)));
        return bytes.toString('utf8');
      }),
    };
  });
}

/** Throws what a user can read. */
function imagesOf({ project }: Session): Images {
  if (!project?.images) throw new Error(say('Here is no machine that has images.'));
  return project.images;
}

/** Throws what a user can read. */
async function contentsOf(images: Images, { reference, id }: ShownFiles['image']): Promise<ImageContents> {
  const contents = images.seen(id) ?? await images.look(reference);
  if (contents.image.id !== id) throw new Error(say('{0} is another image by now: show its files again.', reference));
  return contents;
}

/** As the hints count them: from 1 above the base. */
function nameOf(rows: readonly (JoinedRow | undefined)[], at: number): Said {
  const row = rows[at];
  if (row?.owner === 'base') return say('base layer {0}', at + 1);
  return row?.step?.layer ? say('layer {0}', row.step.layer) : say('layer {0} of the image', at + 1);
}

function layerTitle(rows: readonly (JoinedRow | undefined)[], at: number): Said {
  return joined([nameOf(rows, at), textOf(rows[at])], ' · ');
}

/** With the place where a user finds it. */
function writerOf(rows: readonly (JoinedRow | undefined)[], at: number): Said {
  const line = rows[at]?.step?.line;
  const writer = joined([nameOf(rows, at), textOf(rows[at])], ', ');
  return line ? say('{0} (line {1})', writer, line) : writer;
}

function textOf(row: JoinedRow | undefined): Said {
  if (!row) return say('of a line that cannot be told');
  const text = row.certainty === 'other-text' ? row.row.createdBy : row.step?.instruction.line ?? row.row.createdBy;
  return verbatim(cut(text.replace(/\s+/g, ' ').trim(), 60));
}

async function answered<Answer>(work: () => Promise<Answer>): Promise<Answer | { readonly failed: string }> {
  try {
    return await work();
  } catch (error) {
    return { failed: error instanceof Error ? error.message : String(error) };
  }
}
