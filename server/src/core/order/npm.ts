/**
 * What an install by npm, yarn, pnpm or bun reads besides its manifest and lock file, by those files' own words
 * (docs.npmjs.com/cli: package.json, package-lock.json, scripts, npmrc).
 */
import type { Install } from './commands';
import type { Check, Project } from './check';
import { say, type Said } from '../say';

const installScripts = ['preinstall', 'install', 'postinstall', 'prepublish', 'preprepare', 'prepare', 'postprepare', 'predependencies', 'dependencies', 'postdependencies'];
/** Scripts that only set the repository up: they do nothing for an image, and read no source. */
const repositoryOnly = /^(?:(?:is-ci|\[ -n "\$CI" \]) *\|\| *)?(?:npx +(?:--no-install +)?)?(?:husky(?: install(?: \S+)?)?|lefthook install|simple-git-hooks|only-allow \w+|is-ci|patch-package|true|exit 0)(?: *\|\| *(?:true|exit 0))?$/;
const harmlessFlags = /^(?:--omit(?:=.*)?|--include(?:=.*)?|--production(?:=.*)?|--only(?:=.*)?|--no-audit|--no-fund|--ignore-scripts(?:=true)?|--silent|-s|-q|--quiet|-d|--verbose|--loglevel(?:=.*)?|--legacy-peer-deps|--no-progress|--progress=false|--prefer-offline|--no-optional|--audit=false|--fund=false|--frozen-lockfile|--registry(?:=.*)?|--no-update-notifier|--fetch-.*)$/;
const harmlessKeys = /^(?:@[\w.-]+:registry|\/\/.*(?<!:(?:certfile|keyfile))|registry|save-exact|save-prefix|fund|audit|legacy-peer-deps|engine-strict|loglevel|progress|strict-peer-deps|update-notifier|package-lock|ignore-scripts|always-auth|strict-ssl|fetch-.*|maxsockets|prefer-offline|save|color|unicode)$/i;

interface Manifest {
  readonly scripts?: Readonly<Record<string, unknown>>;
  readonly workspaces?: unknown;
  readonly [field: string]: unknown;
}

export function checkNode(install: Install, folder: string, project: Project): Check {
  const obstacles: Said[] = [];
  const files: string[] = [];
  const at = (name: string): string => (folder === '' ? name : `${folder}/${name}`);
  const manifestText = project.text(at('package.json'));
  const settings = project.text(at('.npmrc')) ?? '';
  const ignoresScripts = install.words.some((word) => /^--ignore-scripts(?:=true)?$/.test(word)) || /^\s*ignore-scripts\s*=\s*true\s*$/m.test(settings) || install.tool === 'bun';
  if (manifestText === undefined) return { obstacles: [say('{0} was not read', at('package.json'))], files };
  let manifest: Manifest;
  try {
    manifest = JSON.parse(manifestText) as Manifest;
  } catch {
    return { obstacles: [say('{0} is not JSON', at('package.json'))], files };
  }
  if (manifest === null || typeof manifest !== 'object') return { obstacles: [say('{0} is no package', at('package.json'))], files };

  if (!ignoresScripts) {
    for (const name of installScripts) {
      const script = manifest.scripts?.[name];
      if (typeof script !== 'string') continue;
      if (!repositoryOnly.test(script.trim())) return { needsSource: `its script \`${name}\` runs at the install`, obstacles, files };
      obstacles.push(say('package.json has a script `{0}`', name));
    }
    if (project.has(at('binding.gyp'))) return { needsSource: 'binding.gyp is compiled at the install', obstacles, files };
  }
  for (const field of ['dependencies', 'devDependencies', 'optionalDependencies']) {
    const dependencies = manifest[field];
    if (dependencies === null || typeof dependencies !== 'object') continue;
    for (const [name, version] of Object.entries(dependencies as Record<string, unknown>)) {
      if (typeof version === 'string' && /^(?:file:|link:|portal:|workspace:|\.{0,2}\/|~\/)/.test(version)) return { needsSource: `${name} is a folder of the project`, obstacles, files };
    }
  }
  if (manifest.workspaces !== undefined || (install.tool === 'pnpm' && project.has(at('pnpm-workspace.yaml')))) {
    obstacles.push(say('the project has workspaces'));
    for (const path of project.below(folder)) if (/(?:^|\/)package\.json$/.test(path) && !/(?:^|\/)node_modules\//.test(path) && path !== at('package.json')) files.push(path);
  }
  for (let above = parentOf(folder); above !== undefined; above = parentOf(above)) {
    const path = above === '' ? 'package.json' : `${above}/package.json`;
    // npm looks for the project that a workspace belongs to (docs.npmjs.com/cli: workspaces).
    if (project.has(path) && /"workspaces"/.test(project.text(path) ?? '"workspaces"')) obstacles.push(say('{0} has workspaces', path));
  }
  if (project.has(at('node_modules')) || project.below(at('node_modules')).length > 0) obstacles.push(say('node_modules is in the build context, and not ignored'));
  if (install.tool !== 'npm') {
    obstacles.push(say('what {0} reads was not checked in all', install.title));
    return { obstacles, files };
  }

  if (!/^npm (?:ci|clean-install|install-clean)$/.test(install.title)) obstacles.push(say('`{0}` may write package-lock.json, `npm ci` does not', install.title));
  const strange = install.words.slice(2).find((word, i, all) => word.startsWith('-') ? !harmlessFlags.test(word) : !/^--(?:omit|include|only|loglevel|registry)$/.test(all[i - 1] ?? ''));
  if (strange !== undefined) obstacles.push(say('{0} was not checked', strange));
  for (const line of settings.split('\n')) {
    const key = /^\s*([^#;=\s][^=]*?)\s*(?:=|$)/.exec(line)?.[1];
    if (key !== undefined && !harmlessKeys.test(key)) obstacles.push(say('.npmrc sets {0}', key));
  }
  obstacles.push(...lockObstacles(at, project, ignoresScripts));
  const lockLink = lockNeeds(at, project);
  return { obstacles, files, ...(lockLink !== undefined && { needsSource: lockLink }) };
}

function parentOf(folder: string): string | undefined {
  if (folder === '') return undefined;
  return folder.includes('/') ? folder.slice(0, folder.lastIndexOf('/')) : '';
}

type Locked = Readonly<Record<string, { readonly hasInstallScript?: boolean; readonly link?: boolean; readonly resolved?: string } | undefined>>;

function lockOf(at: (name: string) => string, project: Project): { lockfileVersion?: number; packages?: Locked } | undefined {
  const text = project.text(at('npm-shrinkwrap.json')) ?? project.text(at('package-lock.json'));
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as { lockfileVersion?: number; packages?: Locked };
  } catch {
    return {};
  }
}

function lockObstacles(at: (name: string) => string, project: Project, ignoresScripts: boolean): Said[] {
  const lock = lockOf(at, project);
  if (lock === undefined) return [say('package-lock.json was not read')];
  if (lock.packages === undefined || (lock.lockfileVersion ?? 1) < 2) return ignoresScripts ? [] : [say('package-lock.json does not say which packages have install scripts')];
  if (ignoresScripts) return [];
  const scripted = Object.entries(lock.packages).find(([path, entry]) => path !== '' && entry?.hasInstallScript === true);
  return scripted === undefined ? [] : [say('{0} has an install script, which may look at the project', scripted[0].replace(/^.*node_modules\//, ''))];
}

function lockNeeds(at: (name: string) => string, project: Project): string | undefined {
  const packages = lockOf(at, project)?.packages ?? {};
  const local = Object.entries(packages).find(([path, entry]) => path !== '' && (entry?.link === true || entry?.resolved?.startsWith('file:') === true));
  return local === undefined ? undefined : `${local[0].replace(/^.*node_modules\//, '')} is a part of the project`;
}
