/** The builds that a project writes down, and those of one Dockerfile: texts in, definitions out. */
import { bakeDefinitions, isBakeFile } from './bake-builds';
import { composeDefinitions, isComposeFile } from './compose';
import type { BuildDefinition } from './definition';

export interface Problem {
  readonly file: string;
  readonly message: string;
  readonly span?: BuildDefinition['span'];
}

export interface Found {
  readonly definitions: readonly BuildDefinition[];
  readonly problems: readonly Problem[];
  /** Files that these name, and that were not among them. */
  readonly wants?: readonly string[];
}

export function isDefinitionFile(path: string): boolean {
  return isBakeFile(path) || isComposeFile(path) || /(?:^|\/)\.env$/.test(path);
}

export function definitionsIn(files: ReadonlyMap<string, string>, environment?: Readonly<Record<string, string | undefined>>, exists: (path: string) => boolean | undefined = () => undefined): Found {
  const found: Found[] = [bakeDefinitions(files, environment, exists), composeDefinitions(files, environment)];
  return {
    definitions: found.flatMap(({ definitions }) => definitions), problems: found.flatMap(({ problems }) => problems), wants: found.flatMap(({ wants = [] }) => wants),
  };
}
