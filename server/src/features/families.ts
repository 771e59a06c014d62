/** The families of the workspace, as the view lists them. */
import type { Family } from '../core/family/model';
import { normalName } from '../core/image/reference';
import { say } from '../core/say';
import type { FamiliesAnswer, FamilyItem } from '../protocol';
import type { FamilyIndex } from '../workspace/family-index';
import type { Project } from '../workspace/project';

/** Those on one machine have no more use for a longer list. */
const mostShared = 30;

export async function familiesOf(project: Project, whole = false): Promise<FamiliesAnswer> {
  const indexes = project.allSiblings();
  if (whole) await project.settled();
  const families: FamilyItem[] = [];
  for (const index of indexes) for (const family of await index.families()) families.push(itemOf(family, index));
  return { complete: indexes.every((index) => index.isRead()), files: indexes.reduce((sum, index) => sum + index.files(), 0), families };
}

function itemOf(family: Family, index: FamilyIndex): FamilyItem {
  const { id, members, base, sharedSteps, drift, candidates } = family;
  const place = new Map(members.map(({ file, stage }, i) => [`${file} ${stage}`, i]));
  return {
    id, name: nameOf(family), base: base === null ? null : normalName(base),
    members: members.map(({ file, stage }) => {
      const at = index.stageOf(file, stage);
      return {
        uri: index.address(file), path: file, stage: at?.name ?? null, line: at?.line ?? 1,
        drift: drift.filter((one) => one.file === file && one.stage === stage).map(({ line, text, majority }) => ({ line, text, majority })),
      };
    }),
    shared: sharedSteps.toSorted((a, b) => b.members.length - a.members.length).slice(0, mostShared).map(({ text, kind, members: places }) => ({
      text, kind, count: places.length, places: places.map(({ file, line }) => ({ uri: index.address(file), line })),
    })),
    candidates: candidates.map((candidate) => ({
      base: normalName(candidate.base), members: candidate.members.flatMap(({ file, stage }) => place.get(`${file} ${stage}`) ?? []), steps: candidate.steps, saves: candidate.saves,
    })),
  };
}

/** The folder that its files have in common, or what they stand on. */
function nameOf({ members, base }: Family): string {
  const folders = members.map(({ file }) => file.split('/').slice(0, -1));
  const [first] = folders;
  let same = 0;
  while (same < first.length && folders.every((folder) => folder[same] === first[same])) same++;
  const folder = first.slice(0, same).join('/');
  if (folder !== '') return folder;
  return base === null ? say('siblings') : normalName(base);
}
