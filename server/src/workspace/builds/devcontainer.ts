/** devcontainer.json → its build: paths relative to the file, `dockerFile` and `context` of its older form too. */
import { findNodeAtLocation, getNodeValue, parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser';
import { say } from '../../core/say';
import type { Found } from './builds';
import type { ContextSource } from './definition';
import { contextAt, dockerfileAt, folderOf, nothingSaid } from './paths';

export function isDevcontainer(path: string): boolean {
  return /(?:^|\/)(?:\.devcontainer\.json|\.devcontainer\/(?:[^/]+\/)?devcontainer\.json)$/.test(path);
}

export function devcontainerDefinitions(file: string, text: string, environment: Readonly<Record<string, string | undefined>> | undefined): Found {
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true });
  const [mistake] = errors;
  if (mistake) {
    return { definitions: [], problems: [{ file, message: say('This is no JSON: {0}.', printParseErrorCode(mistake.error)), span: { start: mistake.offset, end: Math.min(text.length, mistake.offset + mistake.length) } }] };
  }
  const at = (...path: string[]): Node | undefined => (tree ? findNodeAtLocation(tree, path) : undefined);
  const dockerfileNode = at('build', 'dockerfile') ?? at('dockerFile');
  if (dockerfileNode === undefined || typeof dockerfileNode.value !== 'string') return { definitions: [], problems: [] };
  const unknown: string[] = [];
  const read = (what: string, node: Node | undefined): string | null | undefined => {
    if (node === undefined) return undefined;
    let lost: string | undefined;
    const value = String(getNodeValue(node)).replace(/\$\{(\w+)(?::([^:}]+)(?::([^}]*))?)?\}/g, (_, kind: string, name: string | undefined, standard: string | undefined) => {
      const set = kind === 'localEnv' && name !== undefined ? environment?.[name] ?? standard ?? (environment === undefined ? undefined : '') : undefined;
      lost ??= set === undefined ? name ?? kind : undefined;
      return set ?? '';
    });
    if (lost === undefined) return value;
    unknown.push(`${what} is not known: ${lost} is set nowhere in the project.`);
    return null;
  };
  const folder = folderOf(file);
  const contextText = read('The context', at('build', 'context') ?? at('context'));
  const context: ContextSource = contextText === null ? { kind: 'unknown', reason: unknown.at(-1) ?? '' } : contextAt(folder, contextText ?? '.');
  const name = read('The Dockerfile', dockerfileNode);
  // Not relative to the context, as a Compose file's is.
  const found = typeof name === 'string' ? dockerfileAt({ kind: 'folder', path: folder }, name) : { path: null, why: undefined };
  if (found.path === null && found.why !== undefined) unknown.push(found.why);
  const target = read('The target', at('build', 'target'));
  const args = (at('build', 'args')?.children ?? []).flatMap(({ children: [key, value] = [] }): [string, string | null][] =>
    (key && value ? [[String(key.value), read(`The argument ${key.value}`, value) ?? null]] : []));
  const title = at('name')?.value;
  return {
    definitions: [{
      ...nothingSaid, source: 'devcontainer', file, name: typeof title === 'string' ? title : 'devcontainer', span: { start: dockerfileNode.offset, end: dockerfileNode.offset + dockerfileNode.length },
      context, dockerfile: found.path, ...(target !== undefined && { target }), args: Object.fromEntries(args), unknown,
    }],
    problems: [],
  };
}
