/** What a case is: a project with a family in it, and the ways in which a base is made of it. */
import type { Way } from '../../server/src/core/family/model';

export interface Case {
  readonly name: string;
  /** Of the project, by path from its root with slashes: Dockerfiles name their bases as anyone does. */
  readonly files: Readonly<Record<string, string | Buffer>>;
  /** Those of `files` that are Dockerfiles. */
  readonly dockerfiles: readonly string[];
  /** None: all that the project can show (the definitions that a way needs are written where it has none). */
  readonly ways?: readonly Way[];
  /** What the stand-in sets for its children. */
  readonly base?: readonly string[];
  /** Of a repository: commands are written down, and not carried out. */
  readonly fetched?: string;
  /** Ways of the part that needs seconds. */
  readonly few?: readonly Way[];
}

export const allWays: readonly Way[] = ['stage', 'file', 'bake', 'compose', 'tag'];
