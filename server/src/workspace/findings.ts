/** What the rules find in a Dockerfile's text: with what its project says of its builds, and among those that begin like it. */
import { analyze } from '../core/analyze';
import type { ProjectBuild } from '../core/build/project';
import { familyOf } from '../core/family/families';
import { siblingFactsOf } from '../core/family/kin';
import type { SiblingFacts } from '../core/family/model';
import { shapeOf } from '../core/family/shape';
import { openSiblings } from '../core/family/siblings';
import { check, type CheckedBuild, type RuleSettings } from '../core/rules/check';
import type { Finding } from '../core/rules/finding';
import { linesIn } from './extract';
import type { ProjectFiles } from './project-files';

export function findingsOf(text: string, builds: readonly ProjectBuild[], project: Pick<ProjectFiles, 'texts'>, settings: RuleSettings, siblings?: SiblingFacts): readonly Finding[] {
  const analyses = builds.map((build) => analyze(text, build.facts));
  const known = builds.map(() => new Map<string, string>());
  for (;;) {
    const checked: CheckedBuild[] = builds.map((build, i) => ({ analysis: analyses[i], build, texts: known[i], ...(siblings && { siblings }) }));
    const { findings, wants } = check(checked, settings);
    let more = false;
    wants.forEach((paths, i) => {
      for (const [path, found] of project.texts(builds[i], [...paths].filter((one) => !known[i].has(one)))) {
        known[i].set(path, found);
        more = true;
      }
    });
    if (!more) return findings;
  }
}

/** Drift among the files that are checked; that they begin alike is no finding of a command line, whose reader edits none of them. */
export function siblingsAmong(texts: ReadonlyMap<string, string>): (path: string) => SiblingFacts | undefined {
  const siblings = openSiblings();
  if (texts.size < 2) return () => undefined;
  for (const [path, text] of texts) siblings.set(path, shapeOf(text), path);
  const lines = linesIn({ text: (path) => texts.get(path) });
  const families = new Map(siblings.groups().map((group) => [group, familyOf(group, lines)]));
  return (path) => ({ ...siblingFactsOf(path, siblings.groupsOf(path).flatMap((group) => ({ group, family: families.get(group) ?? familyOf(group, lines) })), (file) => file), beginnings: [] });
}
