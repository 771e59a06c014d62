/**
 * GitHub workflows → the builds of docker/build-push-action, and of `run:` lines. A `${{ … }}` is not known, except for matrix values
 * and environment variables that are plainly written.
 */
import { cleanPath, joinPath } from '../../core/build/path';
import type { Span } from '../../core/text';
import type { Found } from './builds';
import type { BuildDefinition, ContextSource } from './definition';
import { contextAt, dockerfileAt, isAbsolute, isRemote, nothingSaid } from './paths';
import { buildsIn } from './script';
import { entry, isYamlList, isYamlMap, readYaml, scalarText, type YamlMap, type YamlValue } from './yaml';

export function isWorkflow(path: string): boolean {
  return /^\.github\/workflows\/[^/]+\.ya?ml$/.test(path);
}

/** What expressions may stand for: undefined where nothing in the file says it. */
type Known = (expression: string) => string | undefined;

const mostRows = 100;

export function workflowDefinitions(file: string, text: string): Found {
  if (!/build-push-action|docker/.test(text)) return { definitions: [], problems: [] };
  const { documents, problems } = readYaml(text);
  const definitions: BuildDefinition[] = [];
  for (const document of documents) {
    const jobs = entry(document, 'jobs');
    for (const [id, job] of isYamlMap(jobs) ? jobs.entries : []) {
      const steps = entry(job, 'steps');
      const list = isYamlList(steps) ? steps.filter(isYamlMap) : [];
      const checkout = list.map((step) => ((scalarText(entry(step, 'uses')) ?? '').startsWith('actions/checkout@') && entry(entry(step, 'with'), 'repository') === undefined ? scalarText(entry(entry(step, 'with'), 'path')) : undefined)).find((path) => path !== undefined);
      const rows = rowsOf(entry(entry(job, 'strategy'), 'matrix'));
      for (const step of list) {
        const env = [entry(document, 'env'), entry(job, 'env'), entry(step, 'env')];
        const uses = scalarText(entry(step, 'uses'));
        const seen = new Set<string>();
        for (const row of rows) {
          const known: Known = (expression) => knownOf(expression, row, env);
          const name = filled(scalarText(entry(step, 'name')) ?? scalarText(entry(step, 'id')) ?? id, known);
          const found = uses !== undefined && uses.startsWith('docker/build-push-action@')
            ? [actionBuild(file, name, step, known, checkout)]
            : runBuilds(file, name, step, scalarText(entry(entry(entry(job, 'defaults'), 'run'), 'working-directory')), known);
          for (const definition of found) {
            const key = JSON.stringify({ ...definition, name: '' });
            if (!seen.has(key)) definitions.push(definition);
            seen.add(key);
          }
        }
      }
    }
  }
  return { definitions, problems: problems.map((problem) => ({ file, ...problem })) };
}

function actionBuild(file: string, name: string, step: YamlMap, known: Known, checkout: string | undefined): BuildDefinition {
  const inputs = entry(step, 'with');
  const unknown: string[] = [];
  const read = (what: string, text: string): string | null => {
    const value = filled(text, known);
    if (!value.includes('${{')) return value;
    unknown.push(`${what} is not known: ${/\$\{\{.*?\}\}/.exec(value)?.[0] ?? value}.`);
    return null;
  };
  const input = (field: string, what: string): string | null | undefined => {
    const text = scalarText(entry(inputs, field));
    return text === undefined || text.trim() === '' ? undefined : read(what, text.trim());
  };
  // Where the repository is checked out to a folder of its own, paths start with it.
  const inRepository = (path: string): string => {
    const under = checkout === undefined ? undefined : cleanPath(checkout);
    const clean = cleanPath(path);
    return under === undefined ? path : clean === under ? '.' : clean.startsWith(`${under}/`) ? clean.slice(under.length + 1) : path;
  };
  const contextText = input('context', 'The context');
  const sub = typeof contextText === 'string' ? /^\{\{\s*defaultContext\s*\}\}(?::(.*))?$/.exec(contextText) : null;
  // Without a context the action builds the repository as it is on the server.
  const git = contextText === undefined || sub !== null;
  const context: ContextSource = git ? { kind: 'remote', url: contextText ?? '{{defaultContext}}' }
    : contextText === null ? { kind: 'unknown', reason: unknown.at(-1) ?? '' } : contextAt('.', isRemote(contextText) ? contextText : inRepository(contextText));
  const dockerfileText = input('file', 'The Dockerfile');
  const found = dockerfileText === null ? { path: null, why: undefined }
    : git ? { path: joinPath(sub?.[1] ?? '', dockerfileText ?? 'Dockerfile') }
    : dockerfileText !== undefined && context.kind !== 'remote' ? dockerfileAt({ kind: 'folder', path: '.' }, inRepository(dockerfileText)) : dockerfileAt(context, 'Dockerfile');
  if (found.path === null && found.why !== undefined) unknown.push(found.why);
  const lines = (field: string): string[] => (scalarText(entry(inputs, field)) ?? '').split('\n').map((line) => line.trim()).filter((line) => line !== '');
  const args: Record<string, string | null> = {};
  for (const line of lines('build-args')) {
    const equals = line.indexOf('=');
    if (line.startsWith('${{')) read('An argument', line);
    else if (equals > 0) args[line.slice(0, equals)] = read(`The argument ${line.slice(0, equals)}`, line.slice(equals + 1));
  }
  const contexts: Record<string, ContextSource> = {};
  for (const line of lines('build-contexts')) {
    const equals = line.indexOf('=');
    if (equals <= 0) continue;
    const value = read(`The context ${line.slice(0, equals)}`, line.slice(equals + 1));
    contexts[line.slice(0, equals)] = value === null ? { kind: 'unknown', reason: unknown.at(-1) ?? '' } : contextAt('.', /:\/\//.test(value) ? value : inRepository(value));
  }
  const list = (field: string, what: string): string[] => lines(field).flatMap((line) => (read(what, line) ?? '').split(',')).map((value) => value.trim()).filter((value) => value !== '');
  const target = input('target', 'The target');
  return {
    ...nothingSaid, source: 'workflow', file, name, span: spanOf(step, 'uses'), context, dockerfile: found.path, ...(target !== undefined && { target }), args, contexts,
    platforms: list('platforms', 'A platform'), tags: list('tags', 'A tag'), noCache: input('no-cache', 'Whether it uses the cache') === 'true', unknown: [...new Set(unknown)],
  };
}

function runBuilds(file: string, name: string, step: YamlMap, standard: string | undefined, known: Known): BuildDefinition[] {
  const text = scalarText(entry(step, 'run'));
  const folder = filled(scalarText(entry(step, 'working-directory')) ?? standard ?? '.', known);
  if (text === undefined || folder.includes('${{') || isAbsolute(folder)) return [];
  return buildsIn(filled(text, known), { file, folder: cleanPath(folder), name, source: 'workflow', span: spanOf(step, 'run') });
}

const spanOf = (step: YamlMap, key: string): Span | undefined => step.keys.get(key);

function filled(text: string, known: Known): string {
  return text.replace(/\$\{\{(.*?)\}\}/gs, (whole, expression: string) => known(expression.trim()) ?? whole);
}

function knownOf(expression: string, row: ReadonlyMap<string, YamlValue>, env: readonly (YamlValue | undefined)[]): string | undefined {
  if (expression === 'github.workspace') return '.';
  const [root, ...names] = expression.split('.');
  if (names.length === 0 || names.some((name) => !/^[\w-]+$/.test(name))) return undefined;
  let text: string | undefined;
  if (root === 'matrix') {
    const first = row.get(names[0]);
    text = scalarText(names.slice(1).reduce<YamlValue | undefined>((value, name) => entry(value, name), first));
    // A combination of `include` may lack what the others have: that is an empty text.
    if (text === undefined && row.size > 0 && first === undefined) text = '';
  } else if (root === 'env' && names.length === 1) text = env.map((scope) => scalarText(entry(scope, names[0]))).findLast((value) => value !== undefined);
  return text?.includes('${{') ? undefined : text;
}

/** The combinations of a matrix; one that is empty where there is none, or where it is only known when it runs. */
function rowsOf(matrix: YamlValue | undefined): ReadonlyMap<string, YamlValue>[] {
  const none = [new Map<string, YamlValue>()];
  if (!isYamlMap(matrix)) return none;
  let rows: Map<string, YamlValue>[] = none;
  let lists = 0;
  for (const [name, values] of matrix.entries) {
    if (name === 'include' || name === 'exclude') continue;
    if (!isYamlList(values) || values.length * rows.length > mostRows) return none;
    lists++;
    rows = values.flatMap((value) => rows.map((row) => new Map([...row, [name, value]])));
  }
  const entriesOf = (field: string): YamlMap[] => {
    const list = matrix.entries.get(field);
    return isYamlList(list) ? list.filter(isYamlMap) : [];
  };
  for (const field of ['include', 'exclude']) if (matrix.entries.has(field) && !isYamlList(matrix.entries.get(field))) return none;
  const same = (a: YamlValue | undefined, b: YamlValue): boolean => scalarText(a) !== undefined && scalarText(a) === scalarText(b);
  rows = rows.filter((row) => !entriesOf('exclude').some(({ entries }) => [...entries].every(([name, value]) => same(row.get(name), value))));
  if (lists === 0) rows = [];
  const original = rows.map((row) => new Set(row.keys()));
  for (const { entries } of entriesOf('include')) {
    const fitting = rows.filter((row, i) => original[i] && [...entries].every(([name, value]) => !original[i].has(name) || same(row.get(name), value)));
    if (fitting.length === 0) rows.push(new Map(entries));
    for (const row of fitting) for (const [name, value] of entries) row.set(name, value);
  }
  return rows.length > 0 ? rows : none;
}
