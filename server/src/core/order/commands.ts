/**
 * What a command of a RUN reads of the files around it, where that is known by its name and arguments: installs that read a
 * few files, packages asked for by name, commands that read none. Everything else is `other`, and may read anything.
 * The files that a tool reads are those of its own documentation; each tool's page is named beside it.
 */
import type { ShellCommand } from '../syntax/shell';

export type CommandReading =
  /** It reads and writes nothing of the project. */
  | { readonly does: 'nothing' }
  | { readonly does: 'cd'; readonly to: string }
  /** Packages by name; `system`: the distribution's. */
  | { readonly does: 'packages'; readonly title: string; readonly system: boolean }
  /** The distribution's package lists. */
  | { readonly does: 'update'; readonly title: string }
  | Install
  | { readonly does: 'other' };

export interface Install {
  readonly does: 'install';
  readonly tool: Tool;
  /** As it is shown: `npm ci`. */
  readonly title: string;
  /** Folder that it works in, from where it is called. */
  readonly folder: string;
  /** What it reads, from that folder. Names may hold `*`. */
  readonly files: readonly FileRead[];
  readonly words: readonly string[];
}

export interface FileRead {
  readonly path: string;
  readonly required: boolean;
}

export type Tool =
  | 'npm' | 'yarn' | 'pnpm' | 'bun' | 'pip' | 'uv' | 'poetry' | 'pipenv' | 'pdm' | 'conda' | 'go' | 'cargo-chef' | 'bundler' | 'composer'
  | 'maven' | 'gradle' | 'dotnet' | 'mix' | 'dart' | 'swift';

const nothing: CommandReading = { does: 'nothing' };
const other: CommandReading = { does: 'other' };

export function readingOf(command: ShellCommand): CommandReading {
  if (command.nested) return other;
  // Output that goes to a file may be read by what follows.
  if (command.redirects.some(({ text }) => !/^(?:\/dev\/(?:null|stdout|stderr)|[0-9-])$/.test(text))) return other;
  const words = withoutWrappers(command.words.map(({ text }) => text));
  if (words.length === 0) return nothing;
  const name = words[0].replace(/^.*\//, '');
  const read = Object.hasOwn(readers, name) ? readers[name] : undefined;
  return read ? read(words.slice(1), words) : other;
}

function withoutWrappers(words: string[]): string[] {
  let rest = words;
  for (;;) {
    if (rest[0] === 'sudo' || rest[0] === 'exec' || rest[0] === 'command') rest = rest.slice(1);
    else if (rest[0] === 'env') rest = rest.slice(1).filter((word, i, all) => !/^\w+=/.test(word) || all.slice(0, i).some((before) => !/^\w+=/.test(before)));
    else return rest;
    while (rest[0] === '-E' || rest[0] === '-H') rest = rest.slice(1);
  }
}

type Reader = (args: readonly string[], words: readonly string[]) => CommandReading;

const readers: Readonly<Record<string, Reader>> = {
  cd: ([to, ...rest]) => (to === undefined || rest.length > 0 || /[$`~*]/.test(to) || to === '-' ? other : { does: 'cd', to }),
  set: () => nothing, export: () => nothing, true: () => nothing, ':': () => nothing, echo: () => nothing, printf: () => nothing, unset: () => nothing,
  umask: () => nothing, groupadd: () => nothing, useradd: () => nothing, adduser: () => nothing, addgroup: () => nothing, corepack: () => nothing,
  mkdir: () => nothing, 'update-ca-certificates': () => nothing,
  rm: (args) => (args.every((arg) => arg.startsWith('-') || /^(?:\/var\/(?:lib\/apt|cache|tmp|log)\b|\/tmp\b|\/root\/\.(?:cache|npm)\b|~\/\.(?:cache|npm)\b)/.test(arg)) ? nothing : other),
  'apt-get': aptOf, apt: aptOf, aptitude: aptOf,
  apk: (args) => {
    const { verb, names } = verbOf(args, ['-X', '--repository', '-t', '--virtual', '-p', '--root']);
    if (verb === 'update' || verb === 'upgrade') return { does: 'update', title: `apk ${verb}` };
    if (verb === 'add') return byName(names, 'apk add', true);
    return verb === 'del' || verb === 'cache' ? nothing : other;
  },
  dnf: rpmOf, yum: rpmOf, microdnf: rpmOf, tdnf: rpmOf, zypper: rpmOf,
  npm: npmOf, yarn: yarnOf, pnpm: pnpmOf, bun: bunOf,
  pip: pipOf, pip3: pipOf, 'pip2': pipOf,
  python: pythonOf, python3: pythonOf, 'python3.11': pythonOf, 'python3.12': pythonOf,
  uv: uvOf, poetry: poetryOf, pipenv: pipenvOf, pdm: pdmOf, conda: condaOf, mamba: condaOf, micromamba: condaOf,
  go: goOf, cargo: cargoOf, bundle: bundleOf, gem: gemOf, composer: composerOf, mvn: mavenOf, mvnw: mavenOf, gradle: gradleOf, gradlew: gradleOf,
  dotnet: dotnetOf, mix: mixOf,
  dart: (args, words) => (args[0] === 'pub' && args[1] === 'get' ? install('dart', words, '.', ['!pubspec.yaml', 'pubspec.lock']) : other),
  swift: (args, words) => (args[0] === 'package' && args[1] === 'resolve' ? install('swift', words, '.', ['!Package.swift', 'Package.resolved']) : other),
};

/** `!`: it must be there. */
function install(tool: Tool, words: readonly string[], folder: string, files: readonly string[], title?: string): Install {
  return {
    does: 'install', tool, folder, words, title: title ?? titleOf(words),
    files: files.map((file) => (file.startsWith('!') ? { path: file.slice(1), required: true } : { path: file, required: false })),
  };
}

/** The command without what only tunes it. */
function titleOf(words: readonly string[]): string {
  const shown = words.slice(0, 2).join(' ');
  return /\s-/.test(shown) ? words[0].replace(/^.*\//, '') : shown.replace(/^\S*\//, '');
}

/** The first word that is no flag, and those after it; `valued` flags take the word that follows. */
function verbOf(args: readonly string[], valued: readonly string[] = []): { verb: string | undefined; names: string[]; flags: string[] } {
  const names: string[] = [];
  const flags: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i];
    if (arg.startsWith('-') && arg !== '-') {
      flags.push(arg);
      if (valued.includes(arg)) i++;
    } else names.push(arg);
  }
  return { verb: names[0], names: names.slice(1), flags };
}

/** The value of a flag, written `--flag value` or `--flag=value`; each of them. */
function valuesOf(args: readonly string[], ...flags: readonly string[]): string[] {
  return args.flatMap((arg, i) => {
    if (flags.includes(arg)) return i + 1 < args.length ? [args[i + 1]] : [];
    const flag = flags.find((one) => (one.startsWith('--') ? arg.startsWith(`${one}=`) : arg.startsWith(one) && arg.length > one.length && !arg.startsWith('--')));
    return flag === undefined ? [] : [arg.slice(flag.length).replace(/^=/, '')];
  });
}

function isPath(name: string): boolean {
  return /^[./~]|^file:|\.(?:deb|rpm|apk|whl|tgz|tar\.gz|gem|zip)$/.test(name);
}

/** Packages by name, where none of the names is a file's. */
function byName(names: readonly string[], title: string, system: boolean): CommandReading {
  if (names.some((name) => isPath(name) || /`|\$\(/.test(name))) return other;
  return names.length === 0 ? nothing : { does: 'packages', title, system };
}

/** man apt-get */
function aptOf(args: readonly string[], words: readonly string[]): CommandReading {
  const { verb, names } = verbOf(args, ['-o', '-t', '--target-release', '-c', '--option']);
  const title = `${words[0]} ${verb ?? ''}`;
  switch (verb) {
    case 'update': case 'upgrade': case 'dist-upgrade': case 'full-upgrade': return { does: 'update', title };
    case 'install': return byName(names, title, true);
    case 'clean': case 'autoclean': case 'autoremove': case 'remove': case 'purge': return nothing;
    default: return other;
  }
}

function rpmOf(args: readonly string[], words: readonly string[]): CommandReading {
  const { verb, names } = verbOf(args, ['-c', '--setopt', '--enablerepo', '--disablerepo', '--releasever']);
  const title = `${words[0]} ${verb ?? ''}`;
  switch (verb) {
    case 'update': case 'upgrade': case 'makecache': case 'refresh': return names.some(isPath) ? other : { does: 'update', title };
    case 'install': case 'in': case 'groupinstall': return byName(names, title, true);
    case 'clean': case 'remove': case 'erase': case 'autoremove': return nothing;
    default: return other;
  }
}

const npmFiles = ['!package.json', 'package-lock.json', 'npm-shrinkwrap.json', '.npmrc'];

/** docs.npmjs.com/cli: npm-ci, npm-install, package-lock.json, npmrc */
function npmOf(args: readonly string[], words: readonly string[]): CommandReading {
  const { verb, names, flags } = verbOf(args, ['--prefix', '-C', '--loglevel', '--registry', '--cache', '--omit', '--include', '--only', '--fetch-retries', '--fetch-timeout', '--maxsockets', '--network-timeout', '-w', '--workspace', '--location']);
  const folder = valuesOf(args, '--prefix', '-C')[0] ?? '.';
  if (flags.some((flag) => /^(?:-w|--workspace)/.test(flag))) return other;
  switch (verb) {
    case 'ci': case 'clean-install': case 'install-clean': case 'install': case 'i': case 'add': {
      const global = flags.includes('-g') || flags.includes('--global') || valuesOf(args, '--location')[0] === 'global';
      if (global) return byName(names, `npm ${verb} -g`, false);
      return names.length > 0 ? other : install('npm', words, folder, npmFiles, `npm ${verb}`);
    }
    // The project's own settings are a file of the source.
    case 'config': case 'set': return valuesOf(args, '--location', '-L')[0] === 'project' ? other : nothing;
    case 'cache': case '--version': case undefined: return nothing;
    default: return other;
  }
}

/** classic.yarnpkg.com/docs/cli/install, yarnpkg.com/cli/install */
function yarnOf(args: readonly string[], words: readonly string[]): CommandReading {
  const { verb, names, flags } = verbOf(args, ['--cwd', '--network-timeout', '--registry', '--cache-folder', '--network-concurrency', '--mode']);
  const isInstall = verb === 'install' || (verb === undefined && !flags.includes('--version') && !flags.includes('-v'));
  if (isInstall && names.length === 0) {
    if (flags.some((flag) => /^--(?:modules-folder|flat)/.test(flag))) return other;
    const files = ['!package.json', 'yarn.lock', '.yarnrc', '.yarnrc.yml', '.npmrc', '.yarn/releases/', '.yarn/plugins/', '.yarn/patches/', '.yarn/cache/', '.pnp.cjs', '.pnp.loader.mjs'];
    return install('yarn', words, valuesOf(args, '--cwd')[0] ?? '.', files, verb === undefined ? 'yarn' : 'yarn install');
  }
  if (verb === 'global' && names[0] === 'add') return byName(names.slice(1), 'yarn global add', false);
  return verb === 'cache' || verb === undefined ? nothing : other;
}

/** pnpm.io/cli/install, pnpm.io/cli/fetch */
function pnpmOf(args: readonly string[], words: readonly string[]): CommandReading {
  const { verb, names, flags } = verbOf(args, ['-C', '--dir', '--store-dir', '--loglevel', '--reporter', '--registry']);
  const folder = valuesOf(args, '-C', '--dir')[0] ?? '.';
  if (flags.some((flag) => /^(?:--filter|-F|-r|--recursive|-w)/.test(flag))) return other;
  if (verb === 'fetch') return install('pnpm', words, folder, ['!pnpm-lock.yaml', 'pnpm-workspace.yaml', '.npmrc', 'package.json', 'patches/'], 'pnpm fetch');
  if (verb === 'install' || verb === 'i' || verb === 'ci') {
    if (names.length > 0) return other;
    return install('pnpm', words, folder, ['!package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', '.npmrc', '.pnpmfile.cjs', 'patches/'], `pnpm ${verb}`);
  }
  if (verb === 'add' && (flags.includes('-g') || flags.includes('--global'))) return byName(names, 'pnpm add -g', false);
  return verb === 'config' || verb === 'store' || verb === undefined ? nothing : other;
}

/** bun.sh/docs/cli/install */
function bunOf(args: readonly string[], words: readonly string[]): CommandReading {
  const { verb, names, flags } = verbOf(args, ['--cwd', '--cache-dir', '--registry']);
  if (flags.includes('--filter')) return other;
  if ((verb === 'install' || verb === 'i' || verb === 'ci') && names.length === 0) {
    return install('bun', words, valuesOf(args, '--cwd')[0] ?? '.', ['!package.json', 'bun.lock', 'bun.lockb', 'bunfig.toml', '.npmrc'], `bun ${verb}`);
  }
  return other;
}

/** pip.pypa.io/en/stable/cli/pip_install */
function pipOf(args: readonly string[], words: readonly string[], title = 'pip'): CommandReading {
  const valued = ['-r', '--requirement', '-c', '--constraint', '-i', '--index-url', '--extra-index-url', '--trusted-host', '--timeout', '--retries', '-t', '--target', '--prefix', '--root', '-f', '--find-links', '--cache-dir', '-w', '--wheel-dir', '-d', '--dest', '--proxy', '--progress-bar', '--log', '--platform', '--python-version', '--no-binary', '--only-binary', '--root-user-action', '--src', '--config-settings', '--upgrade-strategy', '--python', '-e', '--editable', '--extra', '--group', '--index-strategy', '--index'];
  const { verb, names, flags } = verbOf(args, valued);
  if (verb === 'config' || verb === 'cache' || verb === 'check' || verb === 'list' || verb === 'freeze' || verb === undefined) return nothing;
  const isSync = verb === 'sync' && title === 'uv pip';
  if (verb !== 'install' && verb !== 'download' && verb !== 'wheel' && !isSync) return other;
  if (flags.some((flag) => /^(?:-e|--editable|--group)(?:=|$)/.test(flag))) return other;
  const links = valuesOf(args, '-f', '--find-links');
  if (links.some((link) => !/^https?:/.test(link))) return other;
  if (names.some((name) => isPath(name) && !isSync) || names.some((name) => /[*]/.test(name) || name === '.' || /^[\w-]+\//.test(name))) return other;
  const requirements = [...valuesOf(args, '-r', '--requirement'), ...(isSync ? names : [])];
  const constraints = valuesOf(args, '-c', '--constraint');
  const local = [...requirements, ...constraints].filter((file) => !/^(?:https?|ftp):/.test(file));
  if (local.some((file) => /[$`~*]/.test(file) || file === '-' || file.startsWith('/dev/'))) return other;
  if (local.length === 0) return byName(names, `${title} ${verb}`, false);
  return install('pip', words, '.', local.map((file) => `!${file}`), `${title} ${verb} -r`);
}

function pythonOf(args: readonly string[], words: readonly string[]): CommandReading {
  if (args[0] === '-m' && args[1] === 'pip') return pipOf(args.slice(2), words);
  if (args[0] === '--version' || args[0] === '-V') return nothing;
  return args[0] === '-m' && args[1] === 'venv' ? nothing : other;
}

/** docs.astral.sh/uv/guides/integration/docker */
function uvOf(args: readonly string[], words: readonly string[]): CommandReading {
  if (args[0] === 'pip') return pipOf(args.slice(1), words, 'uv pip');
  if (args[0] === 'venv' || args[0] === 'python' || args[0] === '--version') return nothing;
  if (args[0] !== 'sync') return other;
  const skips = args.some((arg) => arg === '--no-install-project' || arg === '--no-install-workspace' || arg === '--no-install-local');
  if (!skips || args.some((arg) => /^--(?:package|all-packages|script)/.test(arg))) return other;
  const { flags } = verbOf(args);
  return install('uv', words, valuesOf(args, '--project', '--directory')[0] ?? '.', ['!pyproject.toml', 'uv.lock', 'uv.toml', '.python-version'], `uv sync ${flags.find((flag) => flag.startsWith('--no-install')) ?? ''}`.trim());
}

/** python-poetry.org/docs/cli: without --no-root it installs the project itself */
function poetryOf(args: readonly string[], words: readonly string[]): CommandReading {
  const { verb, flags } = verbOf(args, ['-C', '--directory', '-P', '--project']);
  if (verb === 'config' || verb === 'cache' || verb === undefined) return nothing;
  if ((verb !== 'install' && verb !== 'sync') || !flags.includes('--no-root')) return other;
  return install('poetry', words, valuesOf(args, '-C', '--directory', '-P', '--project')[0] ?? '.', ['!pyproject.toml', 'poetry.lock', 'poetry.toml'], `poetry ${verb} --no-root`);
}

/** pipenv.pypa.io/en/latest/cli.html */
function pipenvOf(args: readonly string[], words: readonly string[]): CommandReading {
  const { verb, names, flags } = verbOf(args, ['--python', '--categories', '-r']);
  if (flags.some((flag) => /^(?:-e|-r|--requirements)/.test(flag))) return other;
  if ((verb === 'install' || verb === 'sync') && names.length === 0) return install('pipenv', words, '.', ['!Pipfile', 'Pipfile.lock'], `pipenv ${verb}`);
  return other;
}

/** pdm-project.org/latest/reference/cli */
function pdmOf(args: readonly string[], words: readonly string[]): CommandReading {
  const { verb, flags } = verbOf(args, ['-G', '--group', '-p', '--project']);
  if (verb === 'config') return nothing;
  if ((verb !== 'install' && verb !== 'sync') || !flags.includes('--no-self')) return other;
  return install('pdm', words, '.', ['!pyproject.toml', 'pdm.lock', 'pdm.toml', '.python-version'], `pdm ${verb} --no-self`);
}

/** docs.conda.io: conda env create */
function condaOf(args: readonly string[], words: readonly string[]): CommandReading {
  const { verb, names } = verbOf(args, ['-n', '--name', '-p', '--prefix', '-c', '--channel', '-f', '--file', '--solver']);
  const files = valuesOf(args, '-f', '--file');
  if (verb === 'clean' || verb === 'config' || verb === 'init') return nothing;
  if (files.length > 0 && !files.some((file) => /[$`~*]|^https?:/.test(file))) {
    const isEnv = verb === 'env' && ['create', 'update'].includes(names[0] ?? '');
    if (isEnv || ((verb === 'create' || verb === 'install' || verb === 'update') && files.length > 0)) return install('conda', words, '.', files.map((file) => `!${file}`), `${words[0]} ${isEnv ? `env ${names[0]}` : verb} -f`);
  }
  return (verb === 'install' || verb === 'create' || verb === 'update') && files.length === 0 ? byName(names, `${words[0]} ${verb}`, false) : other;
}

/** go.dev/ref/mod#go-mod-download */
function goOf(args: readonly string[], words: readonly string[]): CommandReading {
  if (args[0] === 'env' || args[0] === 'version') return nothing;
  if (args[0] === 'mod' && (args[1] === 'download' || args[1] === 'verify') && args.slice(2).every((arg) => arg === '-x' || arg === '-json')) {
    return install('go', words, '.', ['!go.mod', 'go.sum', 'go.work', 'go.work.sum'], `go mod ${args[1]}`);
  }
  const { verb, names } = verbOf(args, ['-ldflags', '-tags', '-gcflags', '-mod']);
  return verb === 'install' && names.length > 0 && names.every((name) => name.includes('@')) ? { does: 'packages', title: 'go install', system: false } : other;
}

/** github.com/LukeMathWalker/cargo-chef; `cargo fetch` wants the crate's sources to be there */
function cargoOf(args: readonly string[], words: readonly string[]): CommandReading {
  const { verb, names } = verbOf(args, ['--recipe-path', '--version', '--features', '--target', '--root', '--profile', '-p', '--bin']);
  if (verb === 'chef' && names[0] === 'cook') return install('cargo-chef', words, '.', [`!${valuesOf(args, '--recipe-path')[0] ?? 'recipe.json'}`], 'cargo chef cook');
  if (verb === 'install' && !args.some((arg) => arg.startsWith('--path'))) return byName(names, 'cargo install', false);
  return other;
}

/** bundler.io/man/bundle-install.1.html */
function bundleOf(args: readonly string[], words: readonly string[]): CommandReading {
  const { verb, names } = verbOf(args, ['--jobs', '-j', '--retry', '--without', '--with', '--path', '--gemfile']);
  if (verb === 'config') return nothing;
  if (valuesOf(args, '--gemfile').length > 0) return other;
  return (verb === 'install' && names.length === 0) || (verb === undefined && args.length === 0) ? install('bundler', words, '.', ['!Gemfile', 'Gemfile.lock', '.ruby-version', '.bundle/'], 'bundle install') : other;
}

function gemOf(args: readonly string[]): CommandReading {
  const { verb, names } = verbOf(args, ['-v', '--version', '--source', '-s']);
  if (verb === 'install') return byName(names, 'gem install', false);
  return verb === 'update' && args.includes('--system') ? nothing : other;
}

/** getcomposer.org/doc/03-cli.md: scripts and the autoloader read the source */
function composerOf(args: readonly string[], words: readonly string[]): CommandReading {
  const { verb, flags } = verbOf(args, ['-d', '--working-dir']);
  if (verb === 'clear-cache' || verb === 'clearcache' || verb === 'config') return nothing;
  if (verb !== 'install' || !flags.includes('--no-scripts') || !flags.includes('--no-autoloader')) return other;
  return install('composer', words, valuesOf(args, '-d', '--working-dir')[0] ?? '.', ['!composer.json', 'composer.lock', 'auth.json', 'symfony.lock'], 'composer install');
}

/** maven.apache.org/plugins/maven-dependency-plugin */
function mavenOf(args: readonly string[], words: readonly string[]): CommandReading {
  const { verb, names } = verbOf(args, ['-f', '--file', '-s', '--settings', '-P', '-pl', '-T', '-gs']);
  const goals = verb === undefined ? [] : [verb, ...names];
  if (goals.length === 0 || !goals.every((goal) => /^(?:[\w.-]*:)?(?:maven-)?dependency(?:-plugin)?(?::[\d.]+)?:(?:go-offline|resolve|resolve-plugins)$/.test(goal))) return other;
  const pom = valuesOf(args, '-f', '--file')[0];
  const settings = valuesOf(args, '-s', '--settings')[0];
  if (args.some((arg) => arg === '-pl')) return other;
  return install('maven', words, '.', [`!${pom ?? 'pom.xml'}`, '**/pom.xml', '.mvn/', ...(settings === undefined ? [] : [settings]), ...(words[0].includes('mvnw') ? ['!mvnw'] : [])], `${words[0]} ${goals[0]}`);
}

/** docs.gradle.org/current/userguide/viewing_debugging_dependencies.html */
function gradleOf(args: readonly string[], words: readonly string[]): CommandReading {
  const { verb, names } = verbOf(args, ['-p', '-b', '-c', '--build-file', '--settings-file', '-x']);
  const tasks = verb === undefined ? [] : [verb, ...names];
  if (tasks.length === 0 || !tasks.every((task) => task === 'dependencies' || task === ':dependencies')) return other;
  if (args.some((arg) => ['-p', '-b', '-c', '--build-file', '--settings-file'].includes(arg))) return other;
  const files = ['*.gradle', '*.gradle.kts', '**/*.gradle', '**/*.gradle.kts', 'gradle.properties', 'gradle/', 'gradle.lockfile', 'buildSrc/'];
  return install('gradle', words, '.', [...files, ...(words[0].includes('gradlew') ? ['!gradlew'] : [])], `${words[0]} dependencies`);
}

/** learn.microsoft.com/dotnet/core/tools/dotnet-restore */
function dotnetOf(args: readonly string[], words: readonly string[]): CommandReading {
  const { verb, names } = verbOf(args, ['-r', '--runtime', '-s', '--source', '--configfile', '-v', '--verbosity', '-a', '--arch', '--packages', '--use-current-runtime']);
  if (verb === 'nuget' || verb === '--info') return nothing;
  if (verb === 'tool' && names[0] === 'install' && args.some((arg) => arg === '-g' || arg === '--global' || arg.startsWith('--tool-path'))) return { does: 'packages', title: 'dotnet tool install', system: false };
  if (verb !== 'restore' || names.some((name) => /[$`]/.test(name))) return other;
  const projects = names.length === 0 ? ['*.sln', '*.slnx', '*.csproj', '*.fsproj', '*.vbproj'] : names.map((name) => `!${name}`);
  const all = ['**/*.csproj', '**/*.fsproj', '**/*.vbproj', '**/Directory.*.props', '**/Directory.*.targets', 'global.json', 'NuGet.config', 'nuget.config', '**/packages.lock.json'];
  return install('dotnet', words, '.', [...projects, ...all], 'dotnet restore');
}

/** hexdocs.pm/mix/Mix.Tasks.Deps.Get.html */
function mixOf(args: readonly string[], words: readonly string[]): CommandReading {
  if (args[0] === 'local.hex' || args[0] === 'local.rebar' || args[0] === 'archive.install') return nothing;
  if (args[0] === 'deps.get') return install('mix', words, '.', ['!mix.exs', 'mix.lock'], 'mix deps.get');
  return args[0] === 'deps.compile' ? install('mix', words, '.', ['!mix.exs', 'mix.lock', 'config/'], 'mix deps.compile') : other;
}
