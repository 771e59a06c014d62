/**
 * What was to be found in a Dockerfile at a commit, by fingerprint: in the repository as it was, with its builds, contexts, ignore files,
 * strata.json and siblings of then. Nothing is read of a repository in which nothing differs.
 */
import { dirname, resolve, sep } from 'node:path';
import type { Facts } from '../core/build/model';
import type { SiblingFacts } from '../core/family/model';
import { isServed } from '../served';
import { fingerprintsOf, type Baseline } from './baseline-file';
import type { Earlier, Since } from './changed-lines';
import { configurationFor } from './configuration-files';
import { textAt } from './disk';
import { findingsOf, siblingsAmong } from './findings';
import { machineDisk } from './machine-disk';
import { openProjectFiles, type ProjectFiles } from './project-files';
import { rootOf } from './roots';

/** `paths` are what is checked, `found` their Dockerfiles of now. The answer is for one of these, by its place and its path in the repository; undefined: nothing differs. */
export function earlierFindings(since: Since, paths: readonly string[], found: readonly string[], facts: Facts): (place: string, inRepository: string) => Baseline | undefined {
  const known = new Map<string, Baseline>();
  const projects = new Map<string, ProjectFiles>();
  let siblings: ((place: string) => SiblingFacts | undefined) | undefined;
  return (place, inRepository) => {
    const root = rootOf(machineDisk, dirname(place));
    const earlier = since.earlier(root);
    if (!earlier) return undefined;
    let baseline = known.get(place);
    if (!baseline) known.set(place, (baseline = baselineAt(earlier, root, place, inRepository)));
    return baseline;
  };

  function baselineAt({ disk, placeOf }: Earlier, root: string, place: string, inRepository: string): Baseline {
    const was = placeOf(place);
    const text = was === undefined ? undefined : textAt(disk, was);
    if (was === undefined || text === undefined) return new Map();
    const { rules, excluded } = configurationFor(disk, was, root);
    if (excluded) return new Map();
    let project = projects.get(root);
    if (!project) projects.set(root, (project = openProjectFiles(root, () => {}, disk)));
    siblings ??= siblingsAmong(textsBefore());
    const counts = new Map<string, number>();
    for (const one of fingerprintsOf(inRepository, text, findingsOf(text, project.buildsOf(was, facts), project, rules, siblings(was)))) counts.set(one, (counts.get(one) ?? 0) + 1);
    return counts;
  }

  /** Of the Dockerfiles that were there then under the same paths. */
  function textsBefore(): ReadonlyMap<string, string> {
    const texts = new Map<string, string>();
    const repositories = new Map<string, Earlier | undefined>();
    for (const path of found) {
      const place = resolve(path);
      const root = rootOf(machineDisk, dirname(place));
      if (!repositories.has(root)) repositories.set(root, since.earlier(root));
      const earlier = repositories.get(root);
      add(earlier ? earlier.placeOf(place) : place, earlier);
    }
    const folders = paths.map((path) => resolve(path) + sep);
    for (const earlier of repositories.values()) {
      for (const place of earlier?.gone ?? []) if (isServed(machineDisk.addressOf(place), '') && !place.includes(`${sep}node_modules${sep}`) && folders.some((folder) => place.startsWith(folder))) add(place, earlier);
    }
    return texts;

    function add(place: string | undefined, earlier: Earlier | undefined): void {
      const text = place === undefined ? undefined : textAt(earlier?.disk ?? machineDisk, place);
      if (place !== undefined && text !== undefined) texts.set(place, text);
    }
  }
}
