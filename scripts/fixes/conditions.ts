/**
 * The conditions of a safe fix, each with a project where it does not hold: our check must not call the fix safe there, and
 * the plain one (the manifests first, the rest after the install) makes another image, or none. Where it makes the same one,
 * the condition asks for more than was shown to be needed.
 */
import type { Case } from './case';
import { npmProject, pipProject } from './case';

export interface Condition extends Pick<Case, 'name' | 'base' | 'dockerfile'> {
  readonly files: Readonly<Record<string, string>>;
  /** The plain fix. */
  readonly plain: string;
  /** Files of the base that the context has, by path. */
  readonly fromBase?: Readonly<Record<string, string>>;
}

type Files = Readonly<Record<string, string>>;

const lock = JSON.parse(npmProject['package-lock.json']) as { packages: Record<string, object> };
const withRoot = (root: object, more: Record<string, object> = {}): string => `${JSON.stringify({ ...lock, packages: { ...lock.packages, '': { ...lock.packages[''], ...root }, ...more } })}\n`;
const withPackage = (more: object): string => `${JSON.stringify({ name: 'app', version: '1.0.0', dependencies: { ms: '2.1.3' }, ...more })}\n`;
const server: Files = { 'server.js': 'require("ms");\n' };
/** A script that writes what it sees of the source. */
const look = 'node -e "require(\'fs\').writeFileSync(\'/seen\',String(require(\'fs\').existsSync(\'server.js\')))"';

function lines(...all: string[]): string {
  return `${all.join('\n')}\n`;
}

function npm(name: string, files: Files, { install = 'npm ci --no-audit --no-fund', setup = [], first = 'package.json package-lock.json', more = {} }: { install?: string; setup?: readonly string[]; first?: string; more?: Partial<Condition> } = {}): Condition {
  return {
    name: `npm: ${name}`, base: 'real', files: { ...npmProject, ...server, ...files },
    dockerfile: lines('FROM base', 'WORKDIR /app', ...setup, 'COPY . .', `RUN ${install}`),
    plain: lines('FROM base', 'WORKDIR /app', ...setup, `COPY ${first} ./`, `RUN ${install}`, 'COPY . .'), ...more,
  };
}

function pip(name: string, files: Files, { install = 'pip install -r requirements.txt', setup = [] }: { install?: string; setup?: readonly string[] } = {}): Condition {
  return {
    name: `pip: ${name}`, base: 'stand-in', files: { ...pipProject, 'app.py': 'import flask\n', 'lib/a.py': 'x = 1\n', ...files },
    dockerfile: lines('FROM base', 'WORKDIR /app', ...setup, 'COPY . .', `RUN ${install}`),
    plain: lines('FROM base', 'WORKDIR /app', ...setup, 'COPY requirements.txt ./', `RUN ${install}`, 'COPY . .'),
  };
}

/** On the stand-in, with npm's manifests. */
function place(name: string, before: readonly string[], plain: readonly string[], files: Files = {}): Condition {
  return { name, base: 'stand-in', files: { ...npmProject, 'server.js': `// ${name}\n`, 'lib/a.js': '1\n', ...files }, dockerfile: lines('FROM base', ...before), plain: lines('FROM base', ...plain) };
}

const manifests = 'COPY package.json package-lock.json';

const ofNpm: readonly Condition[] = [
  ...['preinstall', 'install', 'postinstall', 'prepare', 'dependencies'].map((script) => npm(`a script \`${script}\` of the package`, { 'package.json': withPackage({ scripts: { [script]: look } }) })),
  npm('a dependency that is a folder', { 'package.json': withPackage({ dependencies: { ms: '2.1.3', part: 'file:part' } }), 'package-lock.json': withRoot({ dependencies: { ms: '2.1.3', part: 'file:part' } }, { 'node_modules/part': { resolved: 'part', link: true }, part: { version: '1.0.0', bin: { part: 'cli.js' } } }), 'part/package.json': '{"name": "part", "version": "1.0.0", "bin": {"part": "cli.js"}}\n', 'part/cli.js': '#!/usr/bin/env node\n' }),
  npm('workspaces', { 'package.json': withPackage({ workspaces: ['part'] }), 'package-lock.json': withRoot({ workspaces: ['part'] }, { 'node_modules/part': { resolved: 'part', link: true }, part: { version: '1.0.0' } }), 'part/package.json': `{"name": "part", "version": "1.0.0", "scripts": {"postinstall": ${JSON.stringify(look)}}}\n` }),
  { ...npm('a workspace of the folder above', {}), files: { ...server, 'package.json': '{"name": "all", "version": "1.0.0", "workspaces": ["web"]}\n', 'package-lock.json': '{"name": "all", "version": "1.0.0", "lockfileVersion": 3, "packages": {"": {"name": "all", "version": "1.0.0", "workspaces": ["web"]}, "node_modules/web": {"resolved": "web", "link": true}, "web": {"version": "1.0.0"}}}\n', 'web/package.json': '{"name": "web", "version": "1.0.0"}\n', 'web/package-lock.json': '{"name": "web", "version": "1.0.0", "lockfileVersion": 3, "packages": {"": {"name": "web", "version": "1.0.0"}}}\n' },
    dockerfile: lines('FROM base', 'WORKDIR /app', 'COPY . .', 'RUN cd web && npm ci'), plain: lines('FROM base', 'WORKDIR /app', 'COPY web/package.json web/package-lock.json web/', 'RUN cd web && npm ci', 'COPY . .') },
  npm('an installed package that looks at the project', { 'package.json': withPackage({ dependencies: { peek: '1.0.0' } }), 'package-lock.json': `${JSON.stringify({ name: 'app', version: '1.0.0', lockfileVersion: 3, packages: { '': { name: 'app', version: '1.0.0', dependencies: { peek: '1.0.0' } }, 'node_modules/peek': { version: '1.0.0', resolved: 'http://127.0.0.1:PORT/peek.tgz', hasInstallScript: true } } })}\n` }),
  npm('.npmrc that names a file', { '.npmrc': 'cafile=certificates.pem\n' }, { first: 'package.json package-lock.json .npmrc', more: { fromBase: { 'certificates.pem': '/etc/ssl/certs/ca-certificates.crt' } } }),
  npm('.npmrc that names a client\'s certificate', { '.npmrc': '//127.0.0.1:PORT/:certfile=client.pem\n//127.0.0.1:PORT/:keyfile=client.key\n', 'client.pem': 'x\n', 'client.key': 'x\n' }, { first: 'package.json package-lock.json .npmrc' }),
  npm('NODE_OPTIONS', { 'hook.js': 'require("fs").writeFileSync("/hooked", "1");\n' }, { setup: ['ENV NODE_OPTIONS="--require /app/hook.js"'] }),
  npm('NODE_OPTIONS by ARG', { 'hook.js': 'require("fs").writeFileSync("/hooked", "1");\n' }, { setup: ['ARG NODE_OPTIONS="--require /app/hook.js"'] }),
  npm('NODE_OPTIONS before the command', { 'hook.js': 'require("fs").writeFileSync("/hooked", "1");\n' }, { install: 'NODE_OPTIONS="--require /app/hook.js" npm ci --no-audit --no-fund' }),
  npm('NODE_OPTIONS by export', { 'hook.js': 'require("fs").writeFileSync("/hooked", "1");\n' }, { install: 'export NODE_OPTIONS="--require /app/hook.js" && npm ci --no-audit --no-fund' }),
  npm('NODE_OPTIONS by env', { 'hook.js': 'require("fs").writeFileSync("/hooked", "1");\n' }, { install: 'env NODE_OPTIONS="--require /app/hook.js" npm ci --no-audit --no-fund' }),
  npm('npm_config_*', { 'settings.npmrc': 'omit[]=prod\nomit[]=dev\n', 'package.json': '{"name": "app", "version": "1.0.0", "devDependencies": {"ms": "2.1.3"}}\n', 'package-lock.json': withRoot({ dependencies: undefined, devDependencies: { ms: '2.1.3' } }, { 'node_modules/ms': { ...lock.packages['node_modules/ms'], dev: true } }) }, { setup: ['ENV npm_config_userconfig=/app/settings.npmrc'] }),
  npm('a flag that names a file', { 'settings.npmrc': 'omit[]=dev\n', 'package.json': '{"name": "app", "version": "1.0.0", "devDependencies": {"ms": "2.1.3"}}\n', 'package-lock.json': withRoot({ dependencies: undefined, devDependencies: { ms: '2.1.3' } }, { 'node_modules/ms': { ...lock.packages['node_modules/ms'], dev: true } }) }, { install: 'npm ci --no-audit --userconfig settings.npmrc' }),
  npm('BASH_ENV', { 'env.sh': 'echo 1 >/read\n' }, { setup: ['SHELL ["/bin/bash", "-c"]', 'ENV BASH_ENV=/app/env.sh'] }),
  npm('ENV', { 'env.sh': 'echo 1 >/read\n' }, { setup: ['ENV ENV=/app/env.sh'] }),
  npm('node_modules in the context', { 'node_modules/ms/index.js': '// of somebody\'s machine\n' }),
  npm('`npm install`', { 'package-lock.json': '{"name": "app", "version": "1.0.0", "lockfileVersion": 3, "packages": {"": {"name": "app", "version": "1.0.0"}}}\n' }, { install: 'npm install --no-audit --no-fund' }),
  npm('settings written into the project', { '.npmrc': 'fund=false\n' }, { install: 'npm config set save=false --location=project && npm ci', first: 'package.json package-lock.json .npmrc' }),
];

const ofPip: readonly Condition[] = [
  pip('-e .', { 'requirements.txt': '-e .\n', 'setup.py': 'setup()\n' }),
  pip('a path', { 'requirements.txt': './lib\n' }),
  pip('--find-links', { 'requirements.txt': '--find-links wheels\nflask\n', 'wheels/flask-1.whl': 'x\n' }),
  pip('PIP_CONSTRAINT', { 'constraints.txt': 'flask==2\n' }, { setup: ['ENV PIP_CONSTRAINT=/app/constraints.txt'] }),
  pip('PIP_CONSTRAINT by ARG', { 'constraints.txt': 'flask==2\n' }, { setup: ['ARG PIP_CONSTRAINT=/app/constraints.txt'] }),
  pip('PIP_CONSTRAINT before the command', { 'constraints.txt': 'flask==2\n' }, { install: 'PIP_CONSTRAINT=constraints.txt pip install -r requirements.txt' }),
  pip('PIP_CONSTRAINT by export', { 'constraints.txt': 'flask==2\n' }, { install: 'export PIP_CONSTRAINT=constraints.txt && pip install -r requirements.txt' }),
  pip('PIP_CONFIG_FILE', { 'pip.conf': '[global]\n' }, { setup: ['ENV PIP_CONFIG_FILE=/app/pip.conf'] }),
  pip('PYTHONPATH', { 'sitecustomize.py': 'import os\n' }, { setup: ['ENV PYTHONPATH=/app'] }),
  pip('python -m pip beside a module', { 'pip.py': 'print(1)\n' }, { install: 'python -m pip install -r requirements.txt' }),
  pip('an environment within the source', { '.venv/site-packages/flask/METADATA': 'old\n' }, { setup: ['ENV VIRTUAL_ENV=/app/.venv'] }),
  pip('an environment within the source, on PATH', { '.venv/site-packages/flask/METADATA': 'old\n' }, { setup: ['ENV VENV=/app/.venv', 'ENV PATH="$VENV/bin:$PATH"', 'RUN mkdir -p /app/.venv/bin && printf "#!/bin/sh\\nVIRTUAL_ENV=/app/.venv exec /usr/local/bin/pip \\"\\$@\\"\\n" >/app/.venv/bin/pip && chmod +x /app/.venv/bin/pip'] }),
  pip('an environment within the source, called by its path', { '.venv/site-packages/flask/METADATA': 'old\n' }, { setup: ['RUN mkdir -p /app/.venv/bin && printf "#!/bin/sh\\nVIRTUAL_ENV=/app/.venv exec /usr/local/bin/pip \\"\\$@\\"\\n" >/app/.venv/bin/pip && chmod +x /app/.venv/bin/pip'], install: '.venv/bin/pip install -r requirements.txt' }),
];

const ofPlace: readonly Condition[] = [
  place('node_modules that another folder puts there', ['WORKDIR /app', 'COPY . .', 'COPY vendor ./node_modules', 'RUN npm ci'], ['WORKDIR /app', `${manifests} ./`, 'RUN npm ci', 'COPY . .', 'COPY vendor ./node_modules'], { 'vendor/ms/package.json': '{}\n' }),
  place('another stage writes to the same folder', ['AS made', 'RUN mkdir /made && echo made >/made/server.js', 'FROM base', 'WORKDIR /app', 'COPY . .', 'COPY --from=made /made ./', 'RUN npm ci'], ['AS made', 'RUN mkdir /made && echo made >/made/server.js', 'FROM base', 'WORKDIR /app', `${manifests} ./`, 'COPY --from=made /made ./', 'RUN npm ci', 'COPY . .']),
  place('WORKDIR makes the folder', ['COPY --chown=1000:1000 . /data/app', 'WORKDIR /data/app', 'RUN apk add curl'], ['WORKDIR /data/app', 'RUN apk add curl', 'COPY --chown=1000:1000 . /data/app']),
  place('mkdir makes the folder', ['COPY --chown=1000:1000 . /data/app', 'RUN mkdir -p /data/app/data && apk add curl'], ['RUN mkdir -p /data/app/data && apk add curl', 'COPY --chown=1000:1000 . /data/app']),
  place('a user\'s home', ['COPY . /data/app', 'RUN adduser -D -h /data other && apk add curl'], ['RUN adduser -D -h /data other && apk add curl', 'COPY . /data/app']),
  place('the same files with another owner', ['WORKDIR /app', 'COPY . .', `${manifests.replace('COPY', 'COPY --chown=1000:1000')} ./`, 'RUN npm ci'], ['WORKDIR /app', `${manifests.replace('COPY', 'COPY --chown=1000:1000')} ./`, 'RUN npm ci', 'COPY . .']),
  place('another owner of the folder', ['COPY --chown=1000:1000 lib /data/app/lib', 'COPY . /data/app', 'RUN cd /data/app && npm ci'], [`${manifests} /data/app/`, 'RUN cd /data/app && npm ci', 'COPY --chown=1000:1000 lib /data/app/lib', 'COPY . /data/app']),
  place('packages write to the folder', ['COPY . /usr/share/doc/curl/', 'RUN apt-get update && apt-get install -y curl'], ['RUN apt-get update && apt-get install -y curl', 'COPY . /usr/share/doc/curl/'], { copyright: 'ours\n' }),
  place('the source is removed again', ['COPY . /tmp/app', 'RUN cd /tmp/app && npm ci && rm -rf /tmp/app'], [`${manifests} /tmp/app/`, 'RUN cd /tmp/app && npm ci && rm -rf /tmp/app', 'COPY . /tmp/app']),
  place('settings among what is copied', ['WORKDIR /app', 'COPY . .', 'COPY pip.conf /etc/pip.conf', 'ENV PIP_CONFIG_FILE=/etc/pip.conf', 'RUN pip install -r requirements.txt'], ['WORKDIR /app', 'COPY requirements.txt ./', 'ENV PIP_CONFIG_FILE=/etc/pip.conf', 'RUN pip install -r requirements.txt', 'COPY . .', 'COPY pip.conf /etc/pip.conf'], { 'requirements.txt': 'flask\n', 'pip.conf': '[global]\n' }),
  place('programs among what is copied', ['WORKDIR /app', 'COPY --chmod=755 bin /usr/local/sbin/', 'COPY . .', 'RUN npm ci'], ['WORKDIR /app', `${manifests} ./`, 'RUN npm ci', 'COPY --chmod=755 bin /usr/local/sbin/', 'COPY . .'], { 'bin/npm': '#!/bin/sh\necho other >/other\n', 'bin/a.js': '1\n' }),
  place('certificates among what is copied', ['WORKDIR /app', 'COPY . .', 'COPY certs /usr/local/share/ca-certificates/', 'RUN update-ca-certificates && npm ci'], ['WORKDIR /app', `${manifests} ./`, 'RUN update-ca-certificates && npm ci', 'COPY . .', 'COPY certs /usr/local/share/ca-certificates/'], { 'certs/a.crt': 'x\n', 'certs/a.js': 'x\n' }),
  place('programs of the source on PATH', ['ENV PATH=/app/bin:$PATH', 'WORKDIR /app', 'COPY --chmod=755 . .', 'RUN npm ci'], ['ENV PATH=/app/bin:$PATH', 'WORKDIR /app', 'COPY --chmod=755 package.json package-lock.json ./', 'RUN npm ci', 'COPY --chmod=755 . .'], { 'bin/npm': '#!/bin/sh\necho other >/other\n' }),
  place('the root', ['WORKDIR /', 'COPY --chmod=755 . .', 'RUN npm ci'], ['WORKDIR /', `${manifests.replace('COPY', 'COPY --chmod=755')} ./`, 'RUN npm ci', 'COPY --chmod=755 . .'], { 'usr/local/bin/npm': '#!/bin/sh\necho other >/other\n' }),
  place('--exclude', ['WORKDIR /app', 'COPY --exclude=.npmrc . .', 'RUN npm ci'], ['WORKDIR /app', 'COPY package.json package-lock.json .npmrc ./', 'RUN npm ci', 'COPY --exclude=.npmrc . .'], { '.npmrc': 'fund=false\n' }),
  place('one step becomes two', ['WORKDIR /app', 'COPY . .', 'RUN --mount=type=tmpfs,target=/t mkdir -p /t/x && npm ci && cp -r /t /kept'], ['WORKDIR /app', `${manifests} ./`, 'RUN --mount=type=tmpfs,target=/t mkdir -p /t/x && npm ci', 'COPY . .', 'RUN --mount=type=tmpfs,target=/t cp -r /t /kept']),
];

export const conditions: readonly Condition[] = [...ofPip, ...ofPlace, ...ofNpm].map((one) => ({ ...one, dockerfile: one.dockerfile.replace(/^FROM base\nAS /, 'FROM base AS '), plain: one.plain.replace(/^FROM base\nAS /, 'FROM base AS ') }));
