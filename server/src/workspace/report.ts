/** What `strata report` tells of a folder: its Dockerfiles with their layers, its families, what loses the cache. Read here, shown by report-page.ts. */
import { dirname, relative, resolve } from 'node:path';
import { statSync } from 'node:fs';
import { layersJson } from '../core/build/table';
import type { Facts } from '../core/build/model';
import type { Extraction, Family } from '../core/family/model';
import { normalName } from '../core/image/reference';
import { layoutOf } from '../core/map/layout';
import { svgOf } from '../core/map/svg';
import { plural } from '../core/rules/words';
import { imagesOf, mapOfImages } from '../features/map-images';
import { checkPaths, type CheckedFile } from './check-files';
import { slashed } from './contexts';
import { analysedFile, type FamilyProject } from './extract';
import { waysOf } from './family-commands';
import { familyMachine, openFamilyProject } from './family-files';
import { machineDisk } from './machine-disk';
import { rootOf } from './roots';

export interface Report {
  readonly files: readonly ReportedFile[];
  readonly families: readonly ReportedFamily[];
  readonly checked: readonly CheckedFile[];
  readonly complaints: readonly string[];
}

export interface ReportedFile {
  /** From the root of its repository. */
  readonly path: string;
  readonly base: string | null;
  readonly stages: number;
  /** What this file writes of the image: null where it makes none. */
  readonly layers: number | null;
  readonly metadata: number | null;
  readonly findings: number;
}

export interface ReportedFamily {
  readonly family: Family;
  /** As the first way of extraction makes it; undefined: there is none. */
  readonly best: Extraction | undefined;
  readonly ways: readonly string[];
  /** Drawn when it is asked for: the page has not room for all. */
  readonly drawing: () => string;
}

/** Throws as node:fs does where the path is not there. */
export function reportOn(path: string, facts: Facts): Report {
  const place = resolve(path);
  const root = rootOf(machineDisk, statSync(place).isFile() ? dirname(place) : place);
  const project = openFamilyProject(root);
  const found = familyMachine.under([path]);
  const { files: checked, complaints } = checkPaths([path], { fix: 'none', facts });
  const analysed = new Map<string, ReturnType<typeof analysedFile>>();
  const analysisOf = (file: string, text: string): ReturnType<typeof analysedFile> => {
    let known = analysed.get(file);
    if (!known) analysed.set(file, (known = analysedFile(file, text, project)));
    return known;
  };
  return {
    checked, complaints: [...complaints, ...found.complaints],
    files: checked.map((file) => fileOf(file, analysisOf(slashed(relative(root, resolve(file.path))), file.text).analysis)),
    families: found.families.map((family) => {
      const offered = waysOf(family, found);
      return { family, best: offered[0], ways: offered.map(({ way }) => way), drawing: () => drawingOf(family, project, analysisOf) };
    }),
  };
}

function fileOf({ inRepository, findings }: CheckedFile, analysis: Parameters<typeof layersJson>[0]): ReportedFile {
  const { image, stages } = layersJson(analysis, inRepository);
  return {
    path: inRepository, base: image?.base.reference ?? null, stages: stages.length, layers: image?.layers ?? null,
    metadata: image ? image.history.length - image.layers : null, findings: findings.length,
  };
}

/** The layer map of its members: what they share is drawn once. */
function drawingOf(family: Family, project: FamilyProject, analysisOf: (file: string, text: string) => ReturnType<typeof analysedFile>): string {
  const { base } = family;
  const { images, candidates } = imagesOf(family, (file) => {
    const text = project.text(file);
    return text === undefined ? undefined : { uri: file, ...analysisOf(file, text) };
  });
  const map = mapOfImages(images, `${plural(images.length, 'image')} on ${base === null ? 'several bases' : normalName(base)}: what they share is drawn once`, candidates);
  return svgOf(map, layoutOf(map, 'equal'));
}
