/** The written cases: each rule, each tool that it knows; most of them made of the ways to write one Dockerfile (variants.ts). */
import { npmProject, pipProject, source, type Case } from './case';
import { variantsOf, type Tool } from './variants';

const npm: Omit<Tool, 'name'> = { manifests: npmProject, install: 'npm ci', installFrom: (folder) => `npm ci --prefix ${folder}`, byName: 'npm install -g left-pad@1.3.0', tail: 'node --version' };
const tools: readonly (Tool & { readonly base: Case['base'] })[] = [
  { ...npm, name: 'npm ci', base: 'stand-in' },
  { name: 'pip install', base: 'stand-in', manifests: pipProject, install: 'pip install -r requirements.txt', installFrom: (folder) => `pip install -r ${folder}/requirements.txt`, byName: 'pip install wheel', tail: 'python app.py' },
  { ...npm, name: 'real npm ci', install: 'npm ci --no-audit --no-fund', installFrom: (folder) => `npm ci --no-audit --no-fund --prefix ${folder}`, base: 'real' },
];

/** Of the variants: what differs in how the real npm is called, or in what lies around it. The rest differs in the text alone. */
const real = /, (?:plain|CRLF|JSON copy with a flag|--chown|--chmod|exec form|heredoc|after commands|with a tail|twice|WORKDIR after the copy(?:, with an owner)?|no WORKDIR|a folder|the manifests first|two copies|metadata in between|in a stage|an ignore file|a cache mount)/;

const byVariants: readonly Case[] = tools.flatMap((tool) => variantsOf(tool).filter(({ name }) => tool.base === 'stand-in' || real.test(name)).map(({ name, dockerfile, files, below }): Case => ({
  name, base: tool.base, rule: 'copy-before-install', dockerfile,
  files: { ...files, ...Object.fromEntries(Object.entries(source(name)).map(([path, text]) => [below === undefined ? path : `${below}/${path}`, text])) },
  change: { file: below === undefined ? 'server.js' : `${below}/server.js` },
})));

const others: readonly (readonly [install: string, files: Readonly<Record<string, string>>])[] = [
  ['npm install', npmProject],
  ['yarn install --frozen-lockfile', { 'package.json': npmProject['package.json'], 'yarn.lock': '# yarn lockfile v1\n' }],
  ['pnpm install --frozen-lockfile', { 'package.json': npmProject['package.json'], 'pnpm-lock.yaml': 'lockfileVersion: 9\n' }],
  ['bun install', { 'package.json': npmProject['package.json'], 'bun.lock': '{}\n' }],
  ['go mod download', { 'go.mod': 'module example.org/app\n', 'go.sum': '' }],
  ['bundle install', { Gemfile: 'source "https://rubygems.org"\n', 'Gemfile.lock': 'GEM\n' }],
  ['composer install --no-scripts --no-autoloader', { 'composer.json': '{}\n', 'composer.lock': '{}\n' }],
  ['poetry install --no-root', { 'pyproject.toml': '[tool.poetry]\n', 'poetry.lock': '' }],
  ['uv sync --no-install-project', { 'pyproject.toml': '[project]\n', 'uv.lock': 'version = 1\n' }],
  ['pipenv sync', { Pipfile: '[packages]\n', 'Pipfile.lock': '{}\n' }],
  ['pdm sync --no-self', { 'pyproject.toml': '[project]\n', 'pdm.lock': '' }],
  ['conda env create -f environment.yml', { 'environment.yml': 'dependencies: [numpy]\n' }],
  ['mvn dependency:go-offline', { 'pom.xml': '<project/>\n' }],
  ['gradle dependencies', { 'build.gradle': 'plugins {}\n', 'settings.gradle': '' }],
  ['dotnet restore', { 'app.csproj': '<Project/>\n' }],
  ['mix deps.get', { 'mix.exs': '# deps\n', 'mix.lock': '%{}\n' }],
  ['dart pub get', { 'pubspec.yaml': 'name: app\n', 'pubspec.lock': '' }],
  ['swift package resolve', { 'Package.swift': '// deps\n', 'Package.resolved': '{}\n' }],
];

const byTools: readonly Case[] = others.map(([install, files]): Case => ({
  name: install, base: 'stand-in', rule: 'copy-before-install', dockerfile: `FROM base\nWORKDIR /app\nCOPY . .\nRUN ${install}\n`,
  files: { ...files, ...source(install) }, change: { file: 'server.js' },
}));

function packages(name: string, lines: readonly string[], base: Case['base'] = 'stand-in'): Case {
  return { name: `packages: ${name}`, base, rule: 'copy-before-packages', dockerfile: `${lines.join('\n')}\n`, files: source(`packages ${name}`), change: { file: 'server.js' } };
}

const byPackages: readonly Case[] = [
  packages('apt-get', ['FROM base', 'WORKDIR /app', 'COPY . .', 'RUN apt-get update && apt-get install -y tzdata', 'CMD ["x"]']),
  packages('apt-get, cleaned', ['FROM base', 'WORKDIR /app', 'COPY . .', 'RUN apt-get update && apt-get install -y --no-install-recommends tzdata && rm -rf /var/lib/apt/lists/*']),
  packages('apt-get in two steps', ['FROM base', 'WORKDIR /app', 'COPY . .', 'RUN apt-get update', 'RUN apt-get install -y tzdata', 'RUN node server.js']),
  packages('apk', ['FROM base', 'WORKDIR /app', 'COPY . /app', 'RUN apk add --no-cache curl', 'RUN node server.js']),
  packages('twice', ['FROM base', 'WORKDIR /app', 'COPY . .', 'RUN apk add --no-cache curl', 'RUN apk add --no-cache git']),
  packages('an owner', ['FROM base', 'WORKDIR /app', 'COPY --chown=1000:1000 . .', 'RUN apk add curl']),
  packages('ADD, CRLF', ['FROM base\r', 'WORKDIR /app\r', 'ADD . .\r', 'RUN apk add curl\r']),
  packages('with an argument in between', ['FROM base', 'WORKDIR /app', 'COPY . .', 'ARG DEBIAN_FRONTEND=noninteractive', 'RUN apt-get update && apt-get install -y tzdata']),
  packages('in a stage', ['FROM base AS build', 'COPY . /src', 'RUN apk add gcc', 'RUN cd /src && make', 'FROM base', 'COPY --from=build /usr/lib/stand-in /made']),
  packages('into /opt', ['FROM base', 'COPY . /opt/app', 'RUN apk add curl']),
  packages('WORKDIR between', ['FROM base', 'COPY . /app', 'WORKDIR /app', 'RUN apk add curl']),
  packages('npm -g', ['FROM base', 'WORKDIR /app', 'COPY . .', 'RUN npm install -g left-pad@1.3.0']),
  packages('pip by name', ['FROM base', 'WORKDIR /app', 'COPY . .', 'RUN pip install wheel==0.42']),
  packages('gem', ['FROM base', 'WORKDIR /app', 'COPY . .', 'RUN gem install rake']),
  packages('real apt-get', ['FROM base', 'WORKDIR /app', 'COPY . .', 'RUN apt-get update && apt-get install -y --no-install-recommends hello && rm -rf /var/lib/apt/lists/*'], 'real'),
  packages('real apt-get, two packages, an owner', ['FROM base', 'WORKDIR /app', 'COPY --chown=1000 . .', 'RUN apt-get update && apt-get install -y --no-install-recommends hello bc && apt-get clean && rm -rf /var/lib/apt/lists/*', 'CMD ["x"]'], 'real'),
];

const early = (name: string, lines: readonly string[], arg: string, base: Case['base'] = 'stand-in'): Case => ({
  name: `argument: ${name}`, base, rule: 'arg-changes-early', dockerfile: `${lines.join('\n')}\n`, files: { ...npmProject, ...source(`argument ${name}`) }, change: { arg },
});

const byArguments: readonly Case[] = [
  early('a commit', ['FROM base', 'ARG GIT_COMMIT', 'RUN apk add curl', 'WORKDIR /app', 'COPY . .'], 'GIT_COMMIT'),
  early('a commit, used at the end', ['FROM base', 'ARG GIT_COMMIT', 'RUN apk add curl', 'LABEL commit=$GIT_COMMIT'], 'GIT_COMMIT'),
  early('a date and a commit', ['FROM base', 'ARG BUILD_DATE', 'ARG GIT_SHA', 'RUN apk add curl', 'LABEL date=$BUILD_DATE sha=$GIT_SHA'], 'BUILD_DATE'),
  early('with a default', ['FROM base', 'ARG BUILD_NUMBER=0', 'RUN apt-get update && apt-get install -y tzdata', 'COPY . /app'], 'BUILD_NUMBER'),
  early('passed on', ['FROM base', 'ARG GIT_COMMIT', 'ENV COMMIT=$GIT_COMMIT', 'RUN apk add curl', 'COPY . /app'], 'GIT_COMMIT'),
  early('passed on, other variables', ['FROM base', 'ENV A=1', 'ARG GIT_COMMIT=none', 'ENV COMMIT=$GIT_COMMIT', 'ENV B=2', 'RUN apk add curl', 'CMD ["x"]'], 'GIT_COMMIT'),
  early('labels', ['FROM base', 'ARG VCS_REF', 'LABEL org.label-schema.vcs-ref=$VCS_REF', 'WORKDIR /app', 'COPY package.json package-lock.json ./', 'RUN npm ci', 'COPY . .'], 'VCS_REF'),
  early('two installs', ['FROM base', 'ARG BUILD_ID', 'RUN apk add curl', 'RUN pip install wheel', 'RUN echo $BUILD_ID >/id'], 'BUILD_ID'),
  early('a global default', ['ARG VERSION=dev', 'FROM base', 'ARG VERSION', 'RUN apk add curl', 'RUN echo $VERSION >/version'], 'VERSION'),
  early('in a stage', ['FROM base AS build', 'ARG GIT_COMMIT', 'RUN apk add gcc', 'RUN echo $GIT_COMMIT >/commit', 'FROM base', 'COPY --from=build /commit /commit'], 'GIT_COMMIT'),
  early('comments and blank lines', ['FROM base', '', '# of the commit', 'ARG GIT_COMMIT', '', '# tools', 'RUN apk add curl', '', 'COPY . /app'], 'GIT_COMMIT'),
  early('CRLF', ['FROM base\r', 'ARG GIT_COMMIT\r', 'RUN apk add curl\r', 'COPY . /app\r'], 'GIT_COMMIT'),
  early('real npm', ['FROM base', 'ARG GIT_COMMIT', 'WORKDIR /app', 'COPY package.json package-lock.json ./', 'RUN npm ci --no-audit --no-fund', 'COPY . .', 'LABEL commit=$GIT_COMMIT'], 'GIT_COMMIT', 'real'),
];

const unneeded = (name: string, lines: readonly string[], files: Readonly<Record<string, string>>, file: string, dest = '/app'): Case => ({
  name: `unneeded: ${name}`, base: 'stand-in', rule: 'context-takes-unneeded', dockerfile: `${lines.join('\n')}\n`, files: { ...source(`unneeded ${name}`), ...files }, change: { file }, dest,
});
const copied = ['FROM base', 'WORKDIR /app', 'COPY . .', 'RUN apk add curl'];

const byContext: readonly Case[] = [
  unneeded('a README', copied, { 'README.md': '# a\n', '.dockerignore': '.dockerignore\n' }, 'README.md'),
  unneeded('the Dockerfile itself', copied, { Dockerfile: '', 'README.md': '# a\n' }, 'README.md'),
  unneeded('caches', copied, { '.dockerignore': '.dockerignore\n', 'lib/__pycache__/a.pyc': 'x', '.pytest_cache/a': 'x' }, 'lib/__pycache__/a.pyc'),
  unneeded('logs', copied, { '.dockerignore': '.dockerignore\n', 'npm-debug.log': 'x', 'log/yarn-error.log': 'x' }, 'npm-debug.log'),
  unneeded('CI files', copied, { '.github/workflows/ci.yml': 'on: push\n', '.travis.yml': 'x\n' }, '.github/workflows/ci.yml'),
  unneeded('secrets', copied, { '.dockerignore': '.dockerignore\n', '.env': 'TOKEN=1\n', '.ssh/id_rsa': 'x\n' }, '.env'),
  unneeded("editors' files", copied, { '.dockerignore': '.dockerignore', '.idea/a.xml': 'x', '.vscode/settings.json': '{}', 'lib/.DS_Store': 'x' }, '.idea/a.xml'),
  unneeded('a virtual environment', copied, { '.dockerignore': '.dockerignore\n', '.venv/bin/python': 'x' }, '.venv/bin/python'),
  unneeded('installed packages', ['FROM base', 'WORKDIR /app', 'COPY package.json package-lock.json ./', 'RUN npm ci', 'COPY . .'], { ...npmProject, '.dockerignore': '*.log\r\n.dockerignore\r\n', 'node_modules/ms/package.json': '{}' }, 'node_modules/ms/package.json'),
  unneeded('the repository', copied, { '.git/HEAD': 'ref: refs/heads/main\n', '.dockerignore': '.dockerignore\n' }, '.git/HEAD'),
  unneeded('an absolute place', ['FROM base', 'COPY . /srv/app/', 'RUN apk add curl'], { 'CHANGELOG.md': 'x\n' }, 'CHANGELOG.md', '/srv/app'),
];

const hidden = (name: string, lines: readonly string[], base: Case['base'] = 'stand-in'): Case => ({
  name: `hidden: ${name}`, base, rule: 'remote-change-hidden', dockerfile: `${lines.join('\n')}\n`, files: source(`hidden ${name}`), change: { file: 'server.js' },
});

const byLists: readonly Case[] = [
  hidden('lists of their own', ['FROM base', 'RUN apt-get update', 'RUN apt-get install -y tzdata', 'COPY . /app']),
  hidden('with comments', ['FROM base', '# lists', 'RUN apt-get update', '# tools', 'RUN apt-get install -y \\', '    tzdata \\', '    # and', '    curl']),
  hidden('metadata in between', ['FROM base', 'RUN apt-get update -y', 'LABEL a=b', 'EXPOSE 80', 'RUN apt-get install -y tzdata']),
  hidden('a variable in between', ['FROM base', 'RUN apt-get update', 'ENV DEBIAN_FRONTEND=noninteractive', 'RUN apt-get install -y tzdata']),
  hidden('a folder in between', ['FROM base', 'RUN apt-get update', 'WORKDIR /app', 'RUN apt-get install -y tzdata']),
  hidden('CRLF', ['FROM base\r', 'RUN apt-get update\r', 'RUN apt-get install -y tzdata\r']),
  hidden('real lists', ['FROM base', 'RUN apt-get update', 'RUN apt-get install -y --no-install-recommends hello'], 'real'),
];

export const cases: readonly Case[] = [...byTools, ...byVariants, ...byPackages, ...byArguments, ...byContext, ...byLists];

/** Of all rules, on the stand-in alone: for the whole test. */
export const few: readonly Case[] = [
  ...byVariants.filter(({ base, name }) => base === 'stand-in' && /, (?:plain|CRLF|--chown|heredoc|WORKDIR after the copy|a folder)$/.test(name)),
  ...byPackages.slice(0, 3), ...byArguments.slice(0, 3), ...byContext.slice(0, 2), ...byLists.slice(0, 2),
];
