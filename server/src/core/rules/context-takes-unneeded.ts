/** A copy that takes in what no step can want: the repository's own files, caches, logs, secrets. */
import { chainOf } from '../build/history';
import type { Context } from '../build/context';
import { rulesOf } from '../builder';
import { patternsOf } from '../build/ignore';
import type { Analysis, Step } from '../build/model';
import { mountOf } from '../build/mounts';
import type { BuildContext } from '../build/project';
import { cleanPath } from '../build/path';
import { runOf } from '../order/runs';
import type { Instruction } from '../syntax/dockerfile';
import { contextCopyOf, filesTaken, isFolder, type ContextCopy } from '../order/copies';
import type { FileEdit, Fix } from './finding';
import { headOf } from './place';
import type { Draft, Rule, RuleInput } from './rule';
import { counted, joined, say, type Said } from '../say';
import { bytes, listed } from './words';

interface Group {
  readonly name: string;
  /** Of a path in the context: the part of it to ignore, with the pattern for it; undefined: it is none of the group. */
  readonly find: (path: string) => string | undefined;
  /** A text that says some step may want it: words of the Dockerfile, or of the project's build files. */
  readonly wantedBy?: RegExp;
}

const groups: readonly Group[] = [
  { name: 'the repository', find: folderNamed('.git', '.svn', '.hg'), wantedBy: /\bgit\b|\.git\b|setuptools[_-]scm|vergen|\bgo (?:build|install|test|generate)\b|hatch-vcs|versioneer|\bmake\b/ },
  { name: 'installed packages', find: folderNamed('node_modules'), wantedBy: /node_modules/ },
  { name: 'caches', find: (path) => folderNamed('__pycache__', '.pytest_cache', '.mypy_cache', '.ruff_cache', '.tox', '.nyc_output', '.gradle', '.terraform')(path) },
  { name: 'a virtual environment', find: folderNamed('.venv'), wantedBy: /\.venv\b/ },
  { name: 'logs', find: (path) => (path.endsWith('.log') ? (/(?:^|\/)(?:npm-debug|yarn-error|yarn-debug|lerna-debug)[^/]*\.log$/.test(path) ? anyDepth(path) : path) : undefined) },
  { name: 'secrets', find: (path) => (/(?:^|\/)(?:\.env(?:\.local|\.[\w-]+\.local)?|id_(?:rsa|dsa|ecdsa|ed25519)|\.netrc|\.pgpass)$|(?:^|\/)(?:\.ssh|\.aws|\.gnupg)\//.test(path) ? path.replace(/((?:^|\/)(?:\.ssh|\.aws|\.gnupg))\/.*$/, '$1') : undefined), wantedBy: /dotenv|(?:^|\s)\.env\b|--env-file/ },
  { name: "editors' files", find: (path) => folderNamed('.idea', '.vscode', '.vs')(path) ?? (/(?:^|\/)(?:\.DS_Store|Thumbs\.db|[^/]+\.sw[po])$/.test(path) ? anyDepth(path) : undefined) },
  { name: 'CI files', find: (path) => folderNamed('.github', '.circleci', '.gitlab')(path, true) ?? rootNamed(/^(?:\.gitlab-ci\.yml|\.travis\.yml|azure-pipelines\.ya?ml|Jenkinsfile|\.drone\.yml|appveyor\.yml|\.appveyor\.yml|cloudbuild\.yaml|bitbucket-pipelines\.yml|codecov\.yml|\.codecov\.yml|renovate\.json|\.pre-commit-config\.yaml)$/)(path) },
  { name: 'the Dockerfile and its kin', find: (path) => rootNamed(/^(?:Dockerfile(?:\.[\w.-]+)?|[\w.-]+\.Dockerfile|Containerfile|\.dockerignore|[\w.-]+\.dockerignore|(?:docker-)?compose(?:[.-][\w.-]+)?\.ya?ml|docker-bake(?:\.override)?\.(?:hcl|json))$/)(path) },
  { name: 'documents', find: (path) => rootNamed(/^(?:README|CHANGELOG|CHANGES|CONTRIBUTING|CODE_OF_CONDUCT|SECURITY|AUTHORS|MAINTAINERS)(?:\.(?:md|rst|txt|adoc))?$/i)(path) },
];

/** Path of the folder of that name that a file lies in. */
function folderNamed(...names: readonly string[]): (path: string, rootOnly?: boolean) => string | undefined {
  return (path, rootOnly = false) => {
    const parts = path.split('/');
    const at = parts.findIndex((part, i) => i < parts.length - (part === '.git' ? 0 : 1) && names.includes(part));
    if (at === -1 || (rootOnly && at > 0)) return undefined;
    return at === 0 ? parts[0] : `**/${parts[at]}`;
  };
}

function rootNamed(name: RegExp): (path: string) => string | undefined {
  return (path) => (!path.includes('/') && name.test(path) ? path : undefined);
}

function anyDepth(path: string): string {
  return path.includes('/') ? `**/${path.slice(path.lastIndexOf('/') + 1)}` : path;
}

const minor = ['CI files', 'the Dockerfile and its kin', 'documents', "editors' files"];

interface Unneeded {
  readonly group: Group;
  readonly patterns: ReadonlySet<string>;
  readonly files: number;
  readonly size: number;
}

export const contextTakesUnneeded: Rule = {
  name: 'context-takes-unneeded',
  finds: () => say('A copy takes in files that no step needs'),
  severity: 'information',
  find: (input) => {
    const { build, context, analysis } = input;
    if (build.context.kind !== 'folder' || !context) return [];
    const place = build.context;
    const text = wordsOf(analysis);
    const named = namedSources(analysis);
    const drafts: Draft[] = [];
    let taken = 0;
    for (const stage of analysis.stages) {
      if (stage.replaced) continue;
      for (const step of stage.steps) {
        const copy = step.trigger === undefined ? contextCopyOf(step) : undefined;
        if (!copy || !copy.sources.some((source) => isFolder(source, context))) continue;
        const unneeded = unneededOf(copy, context, text, named, input);
        // The ignore file alone changes with what is ignored.
        if (unneeded.every(({ patterns }) => [...patterns].every((pattern) => pattern.endsWith('.dockerignore')))) continue;
        taken++;
        drafts.push(draft(input, place, copy, unneeded));
      }
    }
    return taken === 0 ? [] : drafts;
  },
};

function unneededOf(copy: ContextCopy, context: Context, text: string, named: ReadonlySet<string>, { project }: RuleInput): Unneeded[] {
  // The folder of a repository may be there without what is in it: nobody read that.
  const flags = copy.step.command.kind === 'COPY' || copy.step.command.kind === 'ADD' ? copy.step.command.flags : undefined;
  const excluded = patternsOf(flags?.exclude.map((one) => one.text) ?? []);
  const repositories = 'error' in excluded || excluded.matches('.git') ? [] : copy.sources.map((source) => (source === '' ? '.git' : `${source}/.git`)).filter((path) => context.entries.get(path)?.type === 'folder');
  const sums = new Map(sumsOf(filesTaken(copy, context), context));
  for (const path of repositories) {
    const pattern = groups[0].find(path);
    if (pattern !== undefined && !sums.has(pattern)) sums.set(pattern, { group: groups[0], files: 0, size: 0 });
  }
  const found = new Map<Group, { patterns: Set<string>; files: number; size: number }>();
  for (const [pattern, { group, files, size }] of sums) {
    // What a step takes by name, or takes a part of, stays.
    if ([...named].some((name) => group.find(name) === pattern || group.find(`${name}/_`) === pattern)) continue;
    const sum = found.get(group) ?? { patterns: new Set(), files: 0, size: 0 };
    found.set(group, { patterns: sum.patterns.add(pattern), files: sum.files + files, size: sum.size + size });
  }
  return groups.flatMap((group): Unneeded[] => {
    const sum = found.get(group);
    if (!sum || group.wantedBy?.test(text)) return [];
    if (group.name === 'installed packages' && !/\b(?:npm|yarn|pnpm|bun)\b/.test(text)) return [];
    // A step that asks git what has changed sees each tracked file that is not there.
    if (minor.includes(group.name) && /\bgit (?:clean|status|describe|diff|rev-parse|log|show|ls-files)\b|setuptools[_-]scm/.test(text)) return [];
    const patterns = [...sum.patterns].filter((pattern) => !mentions(text, pattern) && !(group.name === 'documents' && isReadme(pattern, project)) && (group.name !== 'secrets' || !/\.env/.test(pattern) || isPrivate(pattern, project)));
    if (patterns.length === 0) return [];
    if (group.wantedBy && group.name === 'the repository' && buildFilesMention(group.wantedBy, context, project)) return [];
    return [{ group, patterns: new Set(patterns), files: sum.files, size: sum.size }];
  });
}

interface Sum {
  readonly group: Group;
  readonly files: number;
  readonly size: number;
}

const sums = new WeakMap<readonly string[], ReadonlyMap<string, Sum>>();

/** By pattern. Once for a list of files: while somebody types, the context stays. */
function sumsOf(files: readonly string[], context: Context): ReadonlyMap<string, Sum> {
  const known = sums.get(files);
  if (known) return known;
  const found = new Map<string, Sum>();
  for (const path of files) {
    for (const group of groups) {
      const pattern = group.find(path);
      if (pattern === undefined) continue;
      const entry = context.entries.get(path);
      const sum = found.get(pattern) ?? { group, files: 0, size: 0 };
      found.set(pattern, { group: sum.group, files: sum.files + 1, size: sum.size + (entry?.type === 'file' ? entry.size ?? 0 : 0) });
      break;
    }
  }
  sums.set(files, found);
  return found;
}

/** By its own name: a step that says it wants it. */
function mentions(text: string, pattern: string): boolean {
  const name = pattern.slice(pattern.lastIndexOf('/') + 1);
  return new RegExp(`(?:^|[\\s/"'=,])${name.replace(/[.+^$(){}|\\[\]?*]/g, '\\$&')}(?:$|[\\s/"',;)])`, 'm').test(text);
}

/** Package managers read the README that a manifest names. */
function isReadme(pattern: string, project: RuleInput['project']): boolean {
  if (!/^readme/i.test(pattern)) return false;
  return ['pyproject.toml', 'setup.py', 'setup.cfg', 'Cargo.toml', 'MANIFEST.in'].some((file) => {
    if (!project.has(file)) return false;
    const text = project.text(file);
    return text === undefined || /readme/i.test(text);
  }) || project.below('').some((path) => /^[^/]+\.(?:gemspec|cabal|nuspec|podspec)$/.test(path));
}

/** A `.env` that git keeps is configuration; one that it ignores, or that nobody speaks of, is one's own. */
function isPrivate(path: string, project: RuleInput['project']): boolean {
  if (!project.has('.gitignore')) return true;
  const text = project.text('.gitignore');
  const name = path.slice(path.lastIndexOf('/') + 1);
  return text !== undefined && text.split('\n').some((line) => {
    const pattern = line.trim().replace(/^(?:\*\*\/|\/)/, '').replace(/\/$/, '');
    return pattern === path || pattern === name || (pattern.endsWith('*') && pattern.length > 1 && name.startsWith(pattern.slice(0, -1))) || (pattern.startsWith('*.') && name.endsWith(pattern.slice(1)));
  });
}

/** Scripts of the project that ask git something. */
function buildFilesMention(words: RegExp, context: Context, project: RuleInput['project']): boolean {
  return ['Makefile', 'setup.py', 'pyproject.toml', 'package.json', 'build.gradle', 'build.gradle.kts', 'build.rs', 'pom.xml', 'CMakeLists.txt', 'version.sh'].some((file) => {
    if (context.entries.get(file)?.type !== 'file') return false;
    const text = project.text(file);
    return text !== undefined && (file === 'package.json' ? /"[^"]*":\s*"[^"]*\bgit\b[^"]*"/.test(text.replace(/"(?:url|repository|type|homepage)":\s*"[^"]*"/g, '').replace(/"[^"]*(?:github|gitlab|git\+)[^"]*"/g, '""')) : file === 'pom.xml' ? /git-commit-id|buildnumber/.test(text) : words.test(text));
  });
}

/** The words of what is run, and of what is copied by name; packages that are installed by name run nothing. */
function wordsOf(analysis: Analysis): string {
  const { dockerfile: { instructions, text } } = analysis;
  const read = new Map<Instruction, string>();
  for (const { steps } of analysis.stages) for (const step of steps) if (step.command.kind === 'RUN' && step.trigger === undefined) read.set(step.instruction, runWords(analysis, step));
  return instructions
    .filter(({ keyword }) => ['RUN', 'CMD', 'ENTRYPOINT', 'HEALTHCHECK', 'COPY', 'ADD', 'ONBUILD'].includes(keyword))
    .map((instruction) => {
      const { span, keyword, line } = instruction;
      if (keyword === 'COPY' || keyword === 'ADD') return line.replace(/^\S+/, '');
      return read.get(instruction) ?? text.slice(span.start, span.end).replace(/^[ \t]*#.*$/gm, '');
    }).join('\n');
}

function runWords(analysis: Analysis, step: Step): string {
  const { commands } = runOf(analysis, step);
  const { text } = analysis.dockerfile;
  const { span } = step.instruction;
  const whole = text.slice(span.start, span.end).replace(/^[ \t]*#.*$/gm, '');
  if (commands.length === 0) return whole;
  // A repository that is cloned is another one.
  return commands.filter(({ reading, command }) => reading.does !== 'packages' && reading.does !== 'update' && !(command.words[0]?.text === 'git' && /^(?:clone|config|lfs)$/.test(command.words[1]?.text ?? '')))
    .map(({ command }) => command.words.map((word) => word.text).join(' ')).join('\n');
}

/** What a copy or mount of any stage takes by name. */
function namedSources(analysis: Analysis): Set<string> {
  const named = new Set<string>();
  for (const stage of analysis.stages) for (const step of stage.steps) for (const source of sourcesOf(step)) if (source !== '' && !/[*?[]/.test(source)) named.add(source);
  return named;
}

function sourcesOf(step: Step): string[] {
  const { command } = step;
  if (command.kind !== 'RUN') return [...(contextCopyOf(step)?.sources ?? [])];
  return command.mounts.flatMap(({ text }) => {
    const mount = mountOf(text, (value) => value);
    return 'error' in mount || mount.type !== 'bind' || mount.from !== '' ? [] : [cleanPath(`/${mount.source}`).slice(1)];
  });
}

function draft(input: RuleInput, place: Extract<BuildContext, { kind: 'folder' }>, copy: ContextCopy, unneeded: readonly Unneeded[]): Draft {
  const { analysis } = input;
  const patterns = [...new Set(unneeded.flatMap((one) => [...one.patterns]))];
  // The file that is made would be copied, too.
  const made = place.ignoreFile.text === undefined && copy.sources.includes('') ? [place.ignoreFile.path.slice(place.ignoreFile.path.lastIndexOf('/') + 1)] : [];
  const files = unneeded.reduce((sum, one) => sum + one.files, 0);
  const size = unneeded.reduce((sum, one) => sum + one.size, 0);
  const amount = files === 0 ? say('all of it') : joined([counted(files, '{0} file', '{0} files'), size > 0 ? bytes(size) : undefined], ', ');
  const ignoreName = place.ignoreFile.path.slice(place.ignoreFile.path.lastIndexOf('/') + 1);
  const after = stepsAfter(analysis, copy.step);
  const names = listed(patterns.map((pattern) => pattern.replace(/^\*\*\//, '')), 5);
  const what = files > 1 ? say('{0} ({1})', names, amount) : names;
  return {
    span: headOf(analysis, copy.step.instruction),
    message: joined([
      after === 0 ? say('It takes in what no step reads: {0}. A change there makes this step run again.', what)
        : counted(after, 'It takes in what no step reads: {1}. A change there makes this step and {0} step after it run again.', 'It takes in what no step reads: {1}. A change there makes this step and {0} steps after it run again.', what),
      place.ignoreFile.text === undefined ? say('There is no {0}.', ignoreName) : undefined,
    ], ' '),
    related: [],
    // A few files that seldom change.
    ...(unneeded.every(({ group }) => minor.includes(group.name)) && { severity: 'hint' }),
    fixes: [
      {
        title: files === 1 ? say('Ignore {0} in {1} ({2} leaves the build context, and the image where copied)', listed(patterns), ignoreName, amount)
          : say('Ignore {0} in {1} ({2} leave the build context, and the image where copied)', listed(patterns), ignoreName, amount),
        safe: false,
        edits: [ignoreEdit(place, [...patterns, ...made])],
      },
      ...excludeFix(input, copy, patterns, amount, files === 1),
    ],
  };
}

/** Layers of the same stage, and of the stages built from it, that come after. */
function stepsAfter(analysis: Analysis, step: Step): number {
  const own = analysis.stages[step.stage].steps;
  const here = own.slice(own.indexOf(step) + 1).filter((one) => one.row === 'layer').length;
  const below = analysis.stages
    .filter(({ index }) => index !== step.stage && chainOf(analysis, index).includes(step.stage))
    .flatMap(({ steps }) => steps.filter((one) => one.row === 'layer')).length;
  return here + below;
}

/** At the end, where nothing takes it back. */
function ignoreEdit({ ignoreFile: { path, text = '' } }: Extract<BuildContext, { kind: 'folder' }>, patterns: readonly string[]): FileEdit {
  const lineBreak = text.includes('\r\n') ? '\r\n' : '\n';
  const open = text === '' || text.endsWith('\n') ? '' : lineBreak;
  return { file: path, span: { start: text.length, end: text.length }, text: open + patterns.map((pattern) => `${pattern}${lineBreak}`).join('') };
}

/** `--exclude` is anchored at the folder that is copied. */
function excludeFix({ analysis }: RuleInput, copy: ContextCopy, patterns: readonly string[], amount: Said, isOne: boolean): Fix[] {
  if (!rulesOf(analysis.builder).exclude || copy.sources.length !== 1 || copy.sources[0] !== '' || patterns.length > 4) return [];
  const { end } = copy.step.instruction.keywordSpan;
  const flags = patterns.map((pattern) => ` --exclude=${pattern}`).join('');
  return [{ title: isOne ? say('Leave {0} out of this copy with --exclude ({1} leaves the image)', listed(patterns), amount) : say('Leave {0} out of this copy with --exclude ({1} leave the image)', listed(patterns), amount), safe: false, edits: [{ file: null, span: { start: end, end }, text: flags }] }];
}
