/** `strata affected` in a repository: two commits in, the builds that run again out. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { affectedBuilds, affectedText } from '../src/workspace/affected';
import { filesIn } from './rules';

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

function repository(...commits: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'strata-affected-'));
  folders.push(folder);
  const git = (...args: string[]): void => void execFileSync('git', ['-C', folder, '-c', 'user.name=a', '-c', 'user.email=a@example.org', ...args], { stdio: 'ignore' });
  git('init', '-q');
  symlinkSync('api', join(folder, 'link'));
  for (const commit of commits) {
    for (const [path, content] of filesIn(commit)) {
      mkdirSync(join(folder, dirname(path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
    git('add', '-A');
    git('commit', '-q', '-m', 'a');
  }
  return folder;
}

const shop = `//- compose.yaml
services:
  api:
    build: {context: ., dockerfile: api/Dockerfile}
  worker:
    build: {context: ., dockerfile: api/Dockerfile, target: worker}
  far:
    build: {context: "https://github.com/example/far.git", dockerfile: far/Dockerfile}
//- .dockerignore
*.md
//- api/Dockerfile
FROM node:20 AS worker
WORKDIR /app
COPY api/package.json ./
RUN npm ci
COPY api/src src
FROM worker
COPY web /web
//- api/package.json
{}
//- api/src/a.js
1
//- web/index.html
<p>
//- far/Dockerfile
FROM scratch
//- site/Dockerfile
FROM nginx
COPY pages /pages
//- site/pages/index.html
<p>
//- api/README.md
`;

const pictured = (folder: string): string => affectedText(affectedBuilds(folder, 'HEAD~1', {})).replace(/since [0-9a-f]+/, 'since HEAD~1');

test('a file of the context, in the builds whose target it reaches', () => {
  expect(pictured(repository(shop, '//- web/index.html\n<b>\n'))).toMatchInlineSnapshot(`
    "api/Dockerfile (service api of compose.yaml): 1 of 5 steps run again
        first [stage-1 1/1] line 7: COPY web /web
        web/index.html is not what it was.
    1 of 4 builds run steps again since HEAD~1 (if the cache of their builds there is still there)
    "
  `);
});

test('a file of two builds', () => {
  expect(pictured(repository(shop, '//- api/src/a.js\n2\n'))).toMatchInlineSnapshot(`
    "api/Dockerfile (service api of compose.yaml): 2 of 5 steps run again
        first [worker 5/5] line 5: COPY api/src src
        api/src/a.js is not what it was.
    api/Dockerfile (service worker of compose.yaml): 1 of 4 steps run again
        first [worker 5/5] line 5: COPY api/src src
        api/src/a.js is not what it was.
    2 of 4 builds run steps again since HEAD~1 (if the cache of their builds there is still there)
    "
  `);
});

test('what is ignored, and what nothing takes', () => {
  expect(pictured(repository(shop, '//- api/README.md\nnew\n//- notes.txt\nnew\n'))).toMatchInlineSnapshot(`
    "0 of 4 builds run steps again since HEAD~1 (if the cache of their builds there is still there)
    "
  `);
});

test('an argument that the project passes, and a build that is new', () => {
  const changed = `${shop.slice(0, shop.indexOf('//- .dockerignore')).replace('target: worker}', 'target: worker, args: {A: "1"}}')}//- api/Dockerfile
FROM node:20 AS worker
ARG A
WORKDIR /app
COPY api/package.json ./
RUN npm ci
//- new/Dockerfile
FROM scratch
COPY a /
//- new/a
`;
  expect(pictured(repository(shop.replace('WORKDIR', 'ARG A\nWORKDIR').replace(/COPY api\/src src\nFROM worker\nCOPY web \/web\n/, ''), changed))).toMatchInlineSnapshot(`
    "api/Dockerfile (service worker of compose.yaml): 1 of 3 steps run again
        first [4/4] line 5: RUN npm ci
        Its environment is not what it was.
    new/Dockerfile: 1 of 1 steps run again
        first [1/1] line 2: COPY a /
        It was not built before.
    2 of 5 builds run steps again since HEAD~1 (if the cache of their builds there is still there)
    "
  `);
});

test('a folder that is a context of its own', () => {
  const named = `//- compose.yaml
services:
  web:
    build: {context: web, additional_contexts: {shared: ./shared}}
//- web/Dockerfile
FROM scratch
COPY a /
COPY --from=shared b /
//- web/a
1
//- shared/b
1
//- shared/c.md
1
//- shared/.dockerignore
*.md
`;
  expect(pictured(repository(named, '//- shared/b\n2\n'))).toMatchInlineSnapshot(`
    "web/Dockerfile (service web of compose.yaml): 1 of 2 steps run again
        first [stage-0 2/2] line 3: COPY --from=shared b /
        b of shared is not what it was.
    1 of 1 builds run steps again since HEAD~1 (if the cache of their builds there is still there)
    "
  `);
  expect(pictured(repository(named, '//- shared/c.md\n2\n'))).toMatchInlineSnapshot(`
    "0 of 1 builds run steps again since HEAD~1 (if the cache of their builds there is still there)
    "
  `);
});

test('a build whose image another one stands on', () => {
  const stacked = `//- docker-bake.hcl
target "base" { context = "base" }
target "app" {
  context = "app"
  contexts = { base = "target:base" }
}
target "tools" {
  context = "tools"
  contexts = { base = "target:base" }
}
//- base/Dockerfile
FROM alpine
COPY a /
//- base/a
1
//- app/Dockerfile
FROM base
COPY b /
//- app/b
1
//- tools/Dockerfile
FROM scratch
COPY --from=base /a /
`;
  expect(pictured(repository(stacked, '//- base/a\n2\n'))).toMatchInlineSnapshot(`
    "app/Dockerfile (target app of docker-bake.hcl): 1 of 1 steps run again
        first [1/2] line 2: COPY b /
        The build that it takes as context base runs again.
    base/Dockerfile (target base of docker-bake.hcl): 1 of 1 steps run again
        first [2/2] line 2: COPY a /
        a is not what it was.
    tools/Dockerfile (target tools of docker-bake.hcl): 0 of 1 steps run again, 1 more if other files come out of a stage
        first [stage-0 1/1] line 2: COPY --from=base /a /
        It takes files from a step that runs again; whether they change is not known without running it.
    3 of 3 builds run steps again since HEAD~1 (if the cache of their builds there is still there)
    "
  `);
  expect(pictured(repository(stacked, '//- app/b\n2\n'))).toMatchInlineSnapshot(`
    "app/Dockerfile (target app of docker-bake.hcl): 1 of 1 steps run again
        first [1/2] line 2: COPY b /
        b is not what it was.
    1 of 3 builds run steps again since HEAD~1 (if the cache of their builds there is still there)
    "
  `);
});

test('no such commit, and no repository', () => {
  expect(() => affectedBuilds(repository(shop), 'nowhere', {})).toThrow('nowhere');
  expect(() => affectedBuilds(tmpdir(), 'HEAD', {})).toThrow(/not a git repository/);
});
