// A repository that would like to be asked about: it names images, and has settings that allow everything. Beside it an engine and a
// registry that count who comes.
import { execFile } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

export interface Project {
  readonly folder: string;
  /** The one in front. */
  readonly file: string;
  /** As DOCKER_HOST has it. */
  readonly engine: string;
  /** How often somebody has come to the engine, and to the registry. */
  readonly callers: () => { readonly engine: number; readonly registry: number };
  /** The files that are not as they were, git's own among them. */
  readonly changes: () => readonly string[];
  readonly end: () => void;
}

const run = promisify(execFile);

const committed = `\
FROM node:22-alpine
RUN apk add --no-cache git
WORKDIR /app
COPY . .
RUN npm ci
`;

const changed = `${committed}RUN npm test\n`;

export async function given(parent: string): Promise<Project> {
  const folder = join(parent, 'shop');
  const socket = join(parent, 'engine.sock');
  let [engineCalls, registryCalls] = [0, 0];
  const engine = createServer((request, answer) => {
    const { [request.url ?? '']: text } = base;
    if (request.url?.startsWith('/events')) answer.writeHead(200).flushHeaders();
    else answer.writeHead(text === undefined ? 404 : 200).end(JSON.stringify(text ?? { message: 'No such image' }));
  }).on('connection', () => engineCalls++);
  const registry = createServer((_, answer) => answer.writeHead(404).end('{"errors":[]}')).on('connection', () => registryCalls++);
  await new Promise<void>((resolve) => void engine.listen(socket, resolve));
  await new Promise<void>((resolve) => void registry.listen(0, '127.0.0.1', resolve));
  await write(folder, filesOf(`127.0.0.1:${(registry.address() as AddressInfo).port}`));
  const git = (...args: string[]) => run('git', ['-C', folder, '-c', 'user.name=Shop', '-c', 'user.email=shop@localhost', ...args]);
  await git('init', '--quiet');
  await git('add', '.');
  await git('commit', '--quiet', '--message', 'Begin');
  await write(folder, { 'web/Dockerfile': changed, 'api/Dockerfile': changed });
  const before = filesIn(folder);
  return {
    folder, file: 'web/Dockerfile', engine: `unix://${socket}`,
    callers: () => ({ engine: engineCalls, registry: registryCalls }),
    changes: () => {
      const now = filesIn(folder);
      return [...new Set([...Object.keys(before), ...Object.keys(now)])].filter((path) => before[path] !== now[path]);
    },
    end: () => [engine, registry].forEach(ended),
  };
}

function filesOf(registry: string): Record<string, string> {
  const service = (name: string) => `  ${name}:\n    image: ${registry}/shop/${name}\n    build: ${name}\n`;
  return {
    'web/Dockerfile': committed, 'web/package.json': '{}\n', 'web/package-lock.json': '{}\n',
    'api/Dockerfile': committed, 'api/package.json': '{}\n', 'api/package-lock.json': '{}\n',
    'compose.yaml': `services:\n${service('web')}${service('api')}`,
    'docker-bake.hcl': `target "web" {\n  context = "web"\n  tags = ["${registry}/shop/web:edge"]\n}\n`,
    '.vscode/settings.json': JSON.stringify({
      'security.workspace.trust.enabled': false, 'strata.engine': 'auto', 'strata.image': `${registry}/shop/web`, 'strata.cache.baseline': 'auto', 'strata.hints.sizes': true,
    }),
  };
}

/** Of a layer and a line of metadata. */
const base: Readonly<Record<string, unknown>> = {
  '/images/node%3A22-alpine/json': { Id: 'sha256:0123456789abcdef', Os: 'linux', Architecture: 'amd64', Config: {}, RootFS: { Layers: ['sha256:1111111111111111'] } },
  '/images/node%3A22-alpine/history': [
    { Id: '<missing>', Created: 1, CreatedBy: 'CMD ["node"]', Size: 0 },
    { Id: '<missing>', Created: 1, CreatedBy: 'ADD alpine-minirootfs.tar.gz / # buildkit', Size: 7_800_000 },
  ],
};

async function write(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

function filesIn(folder: string): Record<string, string> {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  return Object.fromEntries(paths.sort().map((path) => [path.slice(folder.length + 1), readFileSync(path, 'latin1')]));
}

function ended(server: Server): void {
  server.closeAllConnections();
  server.close();
}
