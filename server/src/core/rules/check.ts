/**
 * All that the rules find in a Dockerfile, over all of its builds: what is true of one only says so, and its fixes are not
 * safe. What a rule would like to read of the project is in `wants`; run again with it, more may be known.
 */
import type { Analysis } from '../build/model';
import type { SiblingFacts } from '../family/model';
import type { ProjectBuild } from '../build/project';
import { lossesOf, type ImageContents } from '../image/losses';
import { projectOf } from '../order/check';
import { joined, say } from '../say';
import { lineAt } from '../text';
import type { Finding, Severity } from './finding';
import { rules } from './index';
import type { RuleInput } from './rule';
import { suppressionsOf } from './suppress';
import { listed } from './words';

export type RuleSettings = Readonly<Record<string, Severity | 'off'>>;

export interface CheckedBuild {
  /** With the facts of the build. */
  readonly analysis: Analysis;
  readonly build: ProjectBuild;
  /** By their path in the build's context. */
  readonly texts: ReadonlyMap<string, string>;
  readonly siblings?: SiblingFacts;
  /** The image that was built of it, where somebody has looked into it. */
  readonly contents?: ImageContents;
}

/** Bytes that a step wastes at least to be a finding, where nobody sets another number. */
export const defaultFloor = 1_000_000;

export interface Checked {
  readonly findings: readonly Finding[];
  /** Files of each build's context, in the order of the builds: empty where all is known that may matter. */
  readonly wants: readonly ReadonlySet<string>[];
}

/** `floor`: bytes that a step wastes at least. */
export function check(builds: readonly CheckedBuild[], settings: RuleSettings = {}, floor = defaultFloor): Checked {
  const wants: ReadonlySet<string>[] = [];
  const merged = new Map<string, { finding: Finding; builds: number[] }>();
  builds.forEach(({ analysis, build, texts, siblings, contents }, i) => {
    const wanted = new Set<string>();
    wants.push(wanted);
    if (analysis.problems.some(({ severity }) => severity === 'error')) return;
    const context = build.context.kind === 'folder' ? build.context.files : undefined;
    const input: RuleInput = { analysis, build, context, project: projectOf(context, texts, wanted), siblings, losses: contents && lossesOf(analysis, contents), floor };
    const suppressions = suppressionsOf(analysis);
    const { lineStarts } = analysis.dockerfile;
    for (const rule of rules) {
      const set = settings[rule.name];
      if (set === 'off') continue;
      for (const draft of rule.find(input)) {
        const line = lineAt(lineStarts, draft.span.start) + 1;
        if (suppressions.has(rule.name, line)) continue;
        const finding: Finding = { ...draft, rule: rule.name, severity: set ?? draft.severity ?? rule.severity, line };
        // Two of a build at one place are two: stages that continue the same one.
        let key = `${rule.name} ${draft.span.start}`;
        while (merged.get(key)?.builds.includes(i)) key += ' again';
        const known = merged.get(key);
        if (!known) merged.set(key, { finding, builds: [i] });
        else merged.set(key, { finding: both(known.finding, finding), builds: [...known.builds, i] });
      }
    }
  });
  const findings = [...merged.values()].map(({ finding, builds: found }) => {
    if (found.length === builds.length) return finding;
    const titles = found.map((i) => builds[i].build.title).filter((title) => title !== '');
    return { ...finding, message: joined([finding.message, say('In the build of {0}.', listed(titles))], ' '), fixes: finding.fixes.map((fix) => ({ ...fix, safe: false })) };
  });
  return { findings: findings.sort((a, b) => a.span.start - b.span.start || (a.rule < b.rule ? -1 : 1)), wants };
}

/** Only fixes that are the same for both stay. */
function both(a: Finding, b: Finding): Finding {
  const fixes = a.fixes.flatMap((fix) => {
    const twin = b.fixes.find((other) => JSON.stringify(other.edits) === JSON.stringify(fix.edits));
    return twin ? [{ ...fix, safe: fix.safe && twin.safe, title: fix.safe ? twin.title : fix.title }] : [];
  });
  return { ...a, fixes: fixes.length > 0 ? fixes : a.fixes.map((fix) => ({ ...fix, safe: false, title: say('{0} (for one of its builds)', fix.title) })) };
}
