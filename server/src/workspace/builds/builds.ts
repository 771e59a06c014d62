/** The builds that a project writes down, and those of one Dockerfile: texts in, definitions out. */
import { joinPath } from '../../core/build/path';
import type { Said } from '../../core/say';
import { bakeDefinitions, isBakeFile } from './bake-builds';
import { composeDefinitions, isComposeFile } from './compose';
import type { BuildDefinition } from './definition';
import { devcontainerDefinitions, isDevcontainer } from './devcontainer';
import { folderOf, nothingSaid } from './paths';
import { isScript, scriptDefinitions } from './script';
import { isWorkflow, workflowDefinitions } from './workflow';

export interface Problem {
  readonly file: string;
  readonly message: Said;
  readonly span?: BuildDefinition['span'];
}

export interface Found {
  readonly definitions: readonly BuildDefinition[];
  readonly problems: readonly Problem[];
  /** Files that these name, and that were not among them: with them, there may be more to say. */
  readonly wants?: readonly string[];
}

/** Whether a host should read and watch the file; its path is relative to the workspace root, with slashes. */
export function isDefinitionFile(path: string): boolean {
  if (/(?:^|\/)(?:node_modules|vendor|\.git)\//.test(path)) return false;
  return isBakeFile(path) || isComposeFile(path) || isDevcontainer(path) || isWorkflow(path) || isScript(path) || /(?:^|\/)\.env$/.test(path);
}

/**
 * `files`: path → text of the definition files, and of those that they want. `environment` undefined: not known, so that what only
 * it sets is not known either; else complete. `exists`: whether the workspace has a file, undefined where that is not known.
 */
export function definitionsIn(
  files: ReadonlyMap<string, string>, environment?: Readonly<Record<string, string | undefined>>, exists: (path: string) => boolean | undefined = () => undefined,
): Required<Found> {
  const found: Found[] = [bakeDefinitions(files, environment, exists), composeDefinitions(files, environment)];
  for (const [path, text] of files) {
    if (isDevcontainer(path)) found.push(devcontainerDefinitions(path, text, environment));
    else if (isWorkflow(path)) found.push(workflowDefinitions(path, text));
    else if (isScript(path)) found.push({ definitions: scriptDefinitions(path, text, exists), problems: [] });
  }
  const problems = new Map(found.flatMap((part) => part.problems).map((problem) => [JSON.stringify(problem), problem]));
  return { definitions: found.flatMap(({ definitions }) => definitions), problems: [...problems.values()], wants: found.flatMap(({ wants = [] }) => wants) };
}

/**
 * All builds of a Dockerfile that the project writes down, those that stand for themselves first. Where there are none, one of its
 * own folder, or of the workspace root, if what it copies (`sources`, as COPY and ADD write them) is only there.
 */
export function buildsOf(
  dockerfile: string, definitions: readonly BuildDefinition[], exists: (path: string) => boolean | undefined = () => undefined, sources: readonly string[] = [],
): BuildDefinition[] {
  const own = definitions.filter((definition) => definition.dockerfile === dockerfile);
  const standing = own.filter(({ inherited }) => !inherited);
  if (own.length > 0) return standing.length > 0 ? standing : own;
  const folder = folderOf(dockerfile);
  const plain = sources.filter((source) => !/[$*?[\]\\]|^[a-z]+:\/\/|^git@/.test(source)).map((source) => source.replace(/^\/+/, '')).filter((source) => source !== '' && joinPath(source) !== '.');
  const here = plain.filter((source) => exists(joinPath(folder, source)) === true).length;
  const missing = plain.some((source) => exists(joinPath(folder, source)) === false);
  const root = plain.filter((source) => exists(joinPath(source)) === true).length;
  const path = folder !== '.' && missing && root > here ? '.' : folder;
  return [{ ...nothingSaid, source: 'folder', file: dockerfile, name: path === '.' ? 'the workspace' : path, context: { kind: 'folder', path }, dockerfile }];
}
