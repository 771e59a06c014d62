/** `strata/map`: the layer map of a document, of several Dockerfiles side by side, or of a family, as it is or as it would stand on a base. */
import type { CancellationToken } from 'vscode-languageserver';
import { join } from 'node:path';
import { analyze } from './core/analyze';
import type { Facts } from './core/build/model';
import type { Extraction, Family, NoExtraction, Way } from './core/family/model';
import { normalName } from './core/image/reference';
import { counted, say } from './core/say';
import { familyNamed } from './features/extraction';
import { builtImage, imageOf, layerSize } from './features/image';
import { mapOf } from './features/map';
import { imagesOf, mapOfImages, type MapMember } from './features/map-images';
import type { MapAnswer, MapParams } from './protocol';
import { nameOf } from './served';
import type { Reading, Session } from './session';
import type { Settings } from './settings';
import { analysedFile, extractionOf, ways } from './workspace/extract';
import type { FamilyIndex } from './workspace/family-index';
import { usualNames } from './workspace/images/order';

/** So many files side by side, at most; more are a family. */
const mostFiles = 200;

/** Of so many members of a family the engine is asked for their images. */
const mostSized = 50;

export function openMaps(session: Session): (params: MapParams, token: CancellationToken) => Promise<MapAnswer | null> {
  /** By the ID of an image: names of the containers that run it, as far as they were asked for. */
  const containers = new Map<string, readonly string[]>();
  /** By address: what was made of a text, for as long as the text, the project's builds and the bases that are known are the same. */
  const analysed = new Map<string, { readonly text: string; readonly definitions: unknown; readonly bases: unknown; readonly made: ReturnType<typeof analysedFile> }>();
  return async (params, token) => {
    if ('textDocument' in params) return ofDocument(params.textDocument.uri, params.containers === true, token);
    return 'files' in params ? ofFiles(params.files.slice(0, mostFiles), token) : ofFamily(params.family, params.after, token);
  };

  async function ofDocument(uri: string, ask: boolean, token: CancellationToken): Promise<MapAnswer | null> {
    const reading = await session.readOrLoad(uri, token);
    if (!reading) return null;
    const image = builtImage(reading)?.image;
    if (image && ask && session.project?.images) {
      const listed = await session.project.images.containers(image.id).catch(() => []);
      containers.set(image.id, listed.map(({ name }) => name));
    }
    return { map: mapOf(reading, image ? containers.get(image.id) : []), version: reading.document.version };
  }

  async function ofFiles(uris: readonly string[], token: CancellationToken): Promise<MapAnswer | null> {
    const readings = await Promise.all(uris.map((uri) => session.readOrLoad(uri, token)));
    const found = readings.flatMap((reading) => (reading && reading.analysis.target !== undefined ? [reading] : []));
    if (found.length === 0) return null;
    const names = namesOf(found.map(({ document }) => document.uri));
    return { map: mapOfImages(found.map((reading, i) => memberOf(reading, names[i])), names.join(', ')) };
  }

  function memberOf(reading: Reading, name: string): MapMember {
    const { document: { uri }, analysis, builds: [{ facts }] } = reading;
    const siblings = session.project?.siblings(uri);
    return {
      uri, name, analysis, facts, stage: analysis.target ?? 0, context: siblings?.index.contextOf(siblings.file) ?? `of ${uri}`,
      sizeOf: (step) => layerSize(builtImage(reading), step),
    };
  }

  async function ofFamily(id: string, after: number | undefined, token: CancellationToken): Promise<MapAnswer | null> {
    const found = session.project && await familyNamed(session.project, id);
    if (!found) return null;
    const { index, family } = found;
    // What is set for one of them is set for the folder: whether an engine may be asked, and what it knows.
    const first = await session.readOrLoad(index.address(family.members[0].file), token);
    const known = { settings: first?.settings, bases: first?.builds[0].facts.images, sized: 0 };
    const wants = new Set<string>();
    const { images: before, candidates: places } = imagesOf(family, (file) => {
      const made = analysedIn(index, file, known.bases);
      made?.analysis.wants.forEach((reference) => wants.add(reference));
      return made && { uri: index.address(file), ...made, ...(known.sized++ < mostSized && { sizeOf: sizesOf(index, file, made, known.settings) }) };
    });
    if (known.settings) session.project?.images?.want([...wants], known.settings);
    const candidates = family.candidates.map(({ base, steps, members }) => counted(members.length, '{1}: {0} image', '{1}: {0} images', counted(steps, '{1} + {0} step', '{1} + {0} steps', normalName(base))));
    const title = family.base === null ? counted(before.length, '{0} sibling on several bases', '{0} siblings on several bases') : counted(before.length, '{0} sibling on {1}', '{0} siblings on {1}', normalName(family.base));
    if (after !== undefined) {
      const members = continued(index, family, after, before);
      return members && { map: mapOfImages(members, say('{0}, with a base of their own', title)), candidates };
    }
    return { map: mapOfImages(before, title, places), candidates };
  }

  /** Of the image that the first of its builds names, where the engine has it. */
  function sizesOf({ root }: FamilyIndex, file: string, { analysis, definition }: ReturnType<typeof analysedFile>, settings: Settings | undefined): MapMember['sizeOf'] {
    const images = session.project?.images;
    if (!images || !settings) return undefined;
    const built = imageOf(analysis, [...definition.tags, ...usualNames(definition, join(root, file), root)], (reference) => images.image(reference, settings));
    return (step) => layerSize(built, step);
  }

  /** The members as the first way of extraction that can be leaves them; null: none can be. */
  function continued(index: FamilyIndex, { candidates }: Family, at: number, before: readonly MapMember[]): readonly MapMember[] | null {
    const candidate = candidates[at];
    const made = candidate && firstOf(ways, (way) => extractionOf(candidate, way, index.project));
    if (!made) return null;
    const texts = new Map(made.changes.map(({ path, after }) => [path, after]));
    const based = made.changes.find(({ before: was, path }) => was === undefined && !made.builds.some(({ file }) => file === path));
    const base = based?.after === undefined ? undefined : { uri: index.address(based.path), analysis: analyze(based.after), facts: {} };
    return before.map((member) => {
      const build = made.builds.find((one) => index.address(one.member.file) === member.uri && one.member.stage === member.stage);
      const text = build && (texts.get(build.file) ?? index.project.text(build.file));
      if (!build || text === undefined) return member;
      const facts = { ...member.facts, target: build.target };
      const analysis = analyze(text, facts);
      if (analysis.target === undefined) return member;
      return { ...member, uri: index.address(build.file), analysis, facts, stage: analysis.target, drift: undefined, isContinued: true, ...(base && { below: base }) };
    });
  }

  function analysedIn({ project, address }: FamilyIndex, file: string, bases: Facts['images']): ReturnType<typeof analysedFile> | undefined {
    const text = project.text(file);
    if (text === undefined) return undefined;
    const uri = address(file);
    const known = analysed.get(uri);
    if (known?.text === text && known.definitions === project.definitions && known.bases === bases) return known.made;
    const made = analysedFile(file, text, project, bases);
    if (analysed.size >= mostFiles) analysed.clear();
    analysed.set(uri, { text, definitions: project.definitions, bases, made });
    return made;
  }
}

function firstOf(tries: readonly Way[], make: (way: Way) => Extraction | NoExtraction): Extraction | undefined {
  for (const way of tries) {
    const made = make(way);
    if (!('refused' in made)) return made;
  }
  return undefined;
}

/** As short as they are apart: the folder where the names are the same. */
function namesOf(uris: readonly string[]): string[] {
  const names = uris.map(nameOf);
  if (new Set(names).size === names.length) return names;
  return uris.map((uri) => uri.split('/').slice(-2).map((part) => nameOf(part)).join('/'));
}
