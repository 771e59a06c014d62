/** What a rule is: an analysis and what is known of one build in, findings out. */
import type { ProjectBuild } from '../build/project';
import type { Analysis } from '../build/model';
import type { Context } from '../build/context';
import type { SiblingFacts } from '../family/model';
import type { Losses } from '../image/losses';
import type { Project } from '../order/check';
import type { Said } from '../say';
import type { Finding, Severity } from './finding';

export interface Rule {
  readonly name: string;
  /** The rule's title: a sentence without its full stop. The settings and the schema of `strata.json` have it, too. */
  readonly finds: () => Said;
  readonly severity: Severity;
  readonly find: (input: RuleInput) => readonly Draft[];
}

export interface RuleInput {
  readonly analysis: Analysis;
  readonly build: ProjectBuild;
  /** Undefined: not known. */
  readonly context: Context | undefined;
  readonly project: Project;
  /** Undefined: nobody has looked at other Dockerfiles. */
  readonly siblings: SiblingFacts | undefined;
  /** What the image that the file was built to wastes; undefined: nobody has looked into one. */
  readonly losses: Losses | undefined;
  /** Bytes: what wastes less is not said. */
  readonly floor: number;
}

/** A finding before the rule's name and severity are put to it. */
export interface Draft extends Omit<Finding, 'rule' | 'severity' | 'line'> {
  /** Where it is another than the rule's. */
  readonly severity?: Severity;
}
