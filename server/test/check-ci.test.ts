/** `strata check` in a repository: what a change touches, what a baseline leaves out, and SARIF for code scanning. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import Ajv from 'ajv';
import type { Log } from 'sarif';
import { afterAll, expect, test } from 'vitest';
import { verbatim } from '../src/core/say';
import { changedSince } from '../src/workspace/changed-lines';
import type { CheckedFile } from '../src/workspace/check-files';
import { checkPaths } from '../src/workspace/check-files';
import { sarifOf } from '../src/workspace/check-sarif';
import { run } from '../src/workspace/command-line';
import type { Disk } from '../src/workspace/disk';
import { familyMachine } from '../src/workspace/family-files';
import { machineDisk } from '../src/workspace/machine-disk';
import { atOnce } from '../src/workspace/slices';
import { filesIn } from './rules';

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

function write(folder: string, text: string): void {
  for (const [path, content] of filesIn(text)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

function git(folder: string, ...args: string[]): void {
  execFileSync('git', ['-C', folder, '-c', 'user.name=a', '-c', 'user.email=a@example.org', '-c', 'init.defaultBranch=main', ...args], { stdio: 'ignore' });
}

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'strata-check-'));
  folders.push(folder);
  return folder;
}

/** With a commit of what the text says. */
function repository(text: string): string {
  const folder = emptyFolder();
  git(folder, 'init', '-q');
  commit(folder, text);
  return folder;
}

function commit(folder: string, text: string): void {
  write(folder, text);
  git(folder, 'add', '-A');
  git(folder, 'commit', '-q', '--allow-empty', '-m', 'a');
}

function notAsked(): never {
  throw new Error('not asked for');
}

function raw(folder: string, ...argv: string[]): { readonly out: string; readonly err: string; readonly exitCode: number } {
  let [out, err] = ['', ''];
  const { exitCode, complaint } = run(['check', ...argv.map((one) => one.replace(/^\.(?=\/|$)/, folder))], {
    read: (file) => readFileSync(file, 'utf8'), write: (text) => void (out += text), warn: (line) => void (err += `${line}\n`), context: notAsked,
    check: checkPaths, save: writeFileSync, affected: notAsked, version: () => '0.0.0', environment: {}, families: familyMachine, architecture: 'x64',
  });
  return { out, err: err + (complaint === undefined ? '' : `${complaint}\n`), exitCode };
}

/** Place and rule of each finding, and what stderr says. */
function found(folder: string, ...argv: string[]): string {
  const { out, err, exitCode } = raw(folder, '.', ...argv, '--format', 'github');
  const lines = out.split('\n').filter((line) => line !== '').map((line) => line.replace(/^::(\w+) file=([^,]*),line=(\d+),.*title=([^:]*)::.*$/, '$2:$3 $4'));
  return `${[...lines, ...err.split('\n').filter((line) => line !== ''), ...(exitCode === 0 ? [] : [`exit code ${exitCode}`])].join('\n')}\n`.replaceAll(folder, '.');
}

const shop = `//- .dockerignore
.*
**/Dockerfile
//- api/Dockerfile
FROM node:20
WORKDIR /app
COPY . .
RUN npm ci
CMD ["node", "server.js"]
//- api/package.json
{}
//- api/package-lock.json
{"lockfileVersion": 3, "packages": {}}
//- api/server.js
serve();
//- api/.dockerignore
Dockerfile
.dockerignore
//- web/Dockerfile
FROM debian
RUN apt-get update
RUN apt-get install -y curl
`;

test('all of it', () => {
  expect(found(repository(shop))).toMatchInlineSnapshot(`
    "./api/Dockerfile:3 copy-before-install
    ./web/Dockerfile:2 remote-change-hidden
    "
  `);
});

test('--since: nothing has changed, or only a line that no finding is about', () => {
  const folder = repository(shop);
  expect(found(folder, '--since', 'HEAD')).toBe('\n');
  write(folder, '//- api/Dockerfile\nFROM node:20\nWORKDIR /app\nCOPY . .\nRUN npm ci\nEXPOSE 80\nCMD ["node", "server.js"]\n');
  expect(found(folder, '--since', 'HEAD')).toBe('\n');
});

test('--since: the line that loses the cache, or the one that runs again for it', () => {
  const folder = repository(shop);
  write(folder, '//- api/Dockerfile\nFROM node:20\nWORKDIR /app\nCOPY . ./\nRUN npm ci\nCMD ["node", "server.js"]\n');
  expect(found(folder, '--since', 'HEAD')).toBe('./api/Dockerfile:3 copy-before-install\n');
  write(folder, '//- api/Dockerfile\nFROM node:20\n# moved down\n\nWORKDIR /app\nCOPY . .\nRUN npm ci --omit=dev\nCMD ["node", "server.js"]\n');
  expect(found(folder, '--since', 'HEAD')).toBe('./api/Dockerfile:5 copy-before-install\n');
});

test('--since: a line of an instruction of several', () => {
  const folder = repository('//- Dockerfile\nFROM debian\nRUN apt-get update\nRUN apt-get install -y \\\n  curl \\\n  git\n');
  write(folder, '//- Dockerfile\nFROM debian\nRUN apt-get update\nRUN apt-get install -y \\\n  curl \\\n  # for the build\n  git make\n');
  expect(found(folder, '--since', 'HEAD')).toBe('./Dockerfile:2 remote-change-hidden\n');
});

test('--since: files that git does not know, and renamed ones', () => {
  const folder = repository(shop);
  write(folder, '//- new/Dockerfile\nFROM alpine\nRUN apk update\nRUN apk add curl\n//- .gitignore\nignored\n//- ignored/Dockerfile\nFROM alpine\nRUN apk update\nRUN apk add curl\n');
  mkdirSync(join(folder, 'site'));
  renameSync(join(folder, 'web/Dockerfile'), join(folder, 'site/Dockerfile'));
  git(folder, 'add', 'site', 'web');
  expect(found(folder, '--since', 'HEAD')).toBe('./new/Dockerfile:2 remote-change-hidden\n');
  commit(folder, '//- site/Dockerfile\nFROM debian\nRUN apt-get update\nRUN apt-get install -y curl git\n');
  expect(found(folder, '--since', 'HEAD~1')).toBe('./new/Dockerfile:2 remote-change-hidden\n./site/Dockerfile:2 remote-change-hidden\n');
});

test('--since: what the branch itself has changed, not what the other one has meanwhile', () => {
  const folder = repository(shop);
  git(folder, 'checkout', '-q', '-b', 'topic');
  commit(folder, '//- api/Dockerfile\nFROM node:20\nWORKDIR /app\nCOPY . .\nRUN npm ci --omit=dev\n');
  git(folder, 'checkout', '-q', 'main');
  commit(folder, '//- web/Dockerfile\nFROM debian\nRUN apt-get update && apt-get install -y curl\n');
  git(folder, 'checkout', '-q', 'topic');
  expect(found(folder, '--since', 'main')).toBe('./api/Dockerfile:3 copy-before-install\n');
});

test('--since: siblings from which a file has drifted by the change of another', () => {
  const of = (name: string, version: string): string => `//- ${name}/Dockerfile\nFROM python:3.12\nRUN pip install flask==${version}\nRUN pip install gunicorn==23\nCMD ["${name}"]\n`;
  const folder = repository(of('a', '3.0') + of('b', '3.0') + of('c', '3.0') + of('d', '3.0'));
  write(folder, of('a', '3.1') + of('b', '3.1') + of('c', '3.1'));
  expect(found(folder, '--since', 'HEAD')).toBe('./d/Dockerfile:2 drifted-step\n');
});

test('--since: what a deleted line brings about, on lines that are as they were', () => {
  const folder = repository('//- Dockerfile\nFROM node:20\nWORKDIR /app\nCOPY package.json package-lock.json ./\nRUN npm ci\nCOPY . .\n//- package.json\n{}\n//- package-lock.json\n{"lockfileVersion": 3, "packages": {}}\n//- server.js\nserve();\n//- .dockerignore\n.*\nDockerfile\n');
  expect(found(folder)).toBe('\n');
  write(folder, '//- Dockerfile\nFROM node:20\nWORKDIR /app\nCOPY . .\nRUN npm ci\n');
  expect(found(folder, '--since', 'HEAD')).toBe('./Dockerfile:3 copy-before-install\n');
  // The same, where it was there already.
  commit(folder, '//- Dockerfile\nFROM node:20\nWORKDIR /app\nCOPY . .\nRUN npm ci\nRUN echo ok\n');
  write(folder, '//- Dockerfile\nFROM node:20\nWORKDIR /app\nCOPY . .\nRUN npm ci\n');
  expect(found(folder, '--since', 'HEAD')).toBe('\n');
});

/** A change of files after a commit of the project, and what is found since. */
function since(before: string, change: (folder: string) => void): string {
  const folder = repository(before);
  change(folder);
  return found(folder, '--since', 'HEAD').replace(/^\n$/, 'nothing\n');
}

const site = `//- .gitignore
node_modules
//- web/Dockerfile
FROM nginx
COPY . /site
RUN nginx -t
//- web/index.html
hello
`;

test('--since: what an ignore file brings about that is changed, deleted, or another one', () => {
  const ignored = `${site}//- web/.dockerignore\n.env\nDockerfile\n.dockerignore\n//- web/.env\nTOKEN=1\n`;
  expect([
    since(ignored, (folder) => write(folder, '//- web/index.html\nhello you\n')),
    since(ignored, (folder) => write(folder, '//- web/.dockerignore\nDockerfile\n.dockerignore\n')),
    since(ignored, (folder) => rmSync(join(folder, 'web/.dockerignore'))),
    since(ignored, (folder) => write(folder, '//- web/Dockerfile.dockerignore\nDockerfile*\n')),
    // What is ignored more can bring nothing about.
    since(site, (folder) => write(folder, '//- web/.dockerignore\nDockerfile\n.dockerignore\n')),
  ].join('')).toMatchInlineSnapshot(`
    "nothing
    ./web/Dockerfile:2 context-takes-unneeded
    ./web/Dockerfile:2 context-takes-unneeded
    ./web/Dockerfile:2 context-takes-unneeded
    nothing
    "
  `);
});

test('--since: what files bring about that come into the context; what git leaves out counts as unchanged', () => {
  const clean = `${site}//- web/.dockerignore\nDockerfile\n.dockerignore\n`;
  expect([
    since(clean, (folder) => write(folder, '//- web/.env\nTOKEN=1\n')),
    since(clean, (folder) => write(folder, '//- web/node_modules/a/index.js\na\n//- web/index.html\nhello you\n')),
    since(`//- Dockerfile\nFROM nginx\nCOPY . /site\nRUN nginx -t\n//- .dockerignore\nDockerfile\n`, (folder) => write(folder, '//- index.html\nhello\n')),
  ].join('')).toMatchInlineSnapshot(`
    "./web/Dockerfile:2 context-takes-unneeded
    nothing
    nothing
    "
  `);
});

test('--since: what the project brings about: another context, another build, a rule', () => {
  const composed = `${site}//- web/.dockerignore\nDockerfile\n.dockerignore\n//- compose.yaml\nservices:\n  web: {build: web}\n//- README.md\nhello\n`;
  const quiet = `${shop}//- strata.json\n{"rules": {"remote-change-hidden": "off"}, "exclude": ["api/**"]}\n`;
  expect([
    since(composed, (folder) => write(folder, '//- compose.yaml\nservices:\n  web: {build: {context: ., dockerfile: web/Dockerfile}}\n')),
    since(composed, (folder) => write(folder, '//- compose.yaml\nservices:\n  web: {build: web, image: shop/web}\n')),
    since(composed, (folder) => write(folder, '//- docker-bake.hcl\ntarget "site" {\n  dockerfile = "web/Dockerfile"\n}\n')),
    since(quiet, (folder) => write(folder, '//- strata.json\n{"exclude": ["api/**"]}\n')),
    since(quiet, (folder) => rmSync(join(folder, 'strata.json'))),
    since(quiet, (folder) => write(folder, '//- strata.json\n{"rules": {"remote-change-hidden": "off", "copy-before-install": "off"}}\n')),
  ].join('')).toMatchInlineSnapshot(`
    "./web/Dockerfile:2 context-takes-unneeded
    nothing
    ./web/Dockerfile:2 context-takes-unneeded
    ./web/Dockerfile:2 remote-change-hidden
    ./api/Dockerfile:3 copy-before-install
    ./web/Dockerfile:2 remote-change-hidden
    nothing
    "
  `);
});

test('--since: siblings from which a file has drifted as others have gone', () => {
  const of = (name: string, version: string): string => `//- ${name}/Dockerfile\nFROM python:3.12\nRUN pip install flask==${version}\nRUN pip install gunicorn==23\nCMD ["${name}"]\n`;
  const folder = repository(['a', 'b', 'c'].map((name) => of(name, '3.0')).join('') + ['d', 'e', 'f'].map((name) => of(name, '3.1')).join(''));
  expect(found(folder, '--since', 'HEAD')).toBe('\n');
  rmSync(join(folder, 'e'), { recursive: true });
  renameSync(join(folder, 'f'), join(folder, 'g'));
  write(folder, of('g', '3.0'));
  git(folder, 'add', '-A');
  expect(found(folder, '--since', 'HEAD')).toBe('./d/Dockerfile:2 drifted-step\n');
});

test('the repository as it was: as git itself puts it there', () => {
  const folder = repository(`${shop}//- turned/into\na folder\n//- turns\na file\n//- gone/deep/down/a\na\n//- stays/a\na\n//- link-target\na\n`);
  symlinkSync('link-target', join(folder, 'link'));
  symlinkSync('api', join(folder, 'to-api'));
  chmodSync(join(folder, 'stays/a'), 0o755);
  commit(folder, '//- .gitignore\nignored\n');
  const then = emptyFolder();
  git(folder, 'worktree', 'add', '-q', '--detach', join(then, 'tree'));
  for (const path of ['turned', 'turns', 'gone', 'link', 'to-api', 'web/Dockerfile']) rmSync(join(folder, path), { recursive: true });
  write(folder, '//- turned\nfile\n//- turns/into\nfolder\n//- fresh/deep/a\na\n//- stays/b\nb\n//- link\nno link\n//- to-api/Dockerfile\nFROM a\n//- ignored/a\na\n');
  renameSync(join(folder, 'api'), join(folder, 'service'));
  chmodSync(join(folder, 'stays/a'), 0o644);
  git(folder, 'add', 'service', 'api');
  git(folder, 'rm', '-q', '--cached', 'link-target');
  const { disk } = changedSince('HEAD').earlier(folder) ?? { disk: machineDisk };
  const seen = (of: Disk, root: string, at = '.'): string[] => of.list(join(root, at)).flatMap((entry): string[] => {
    const path = join(at, entry.name);
    const place = join(root, path);
    const status = of.status(place);
    expect([entry.isDirectory(), entry.isFile(), entry.isSymbolicLink()]).toEqual([status?.isDirectory(), status?.isFile(), status?.isSymbolicLink()]);
    if (entry.isDirectory()) return ['.git', 'ignored'].includes(entry.name) ? [] : [`${path}/`, ...seen(of, root, path)];
    if (entry.isSymbolicLink()) return [`${path} -> ${of.target(place)}${path === 'link' ? `: ${of.text(place).trim()}` : ''}`];
    if (path === '.git') return [];
    const { content } = atOnce(of.digest(place, () => undefined)) as { content: string };
    expect(of.plainText(place, 1 << 20)?.content).toBe(of.text(place));
    return [`${path} ${(status?.mode ?? 0) & 0o100} ${status?.size} ${content.slice(0, 8)} ${of.text(place).trim().split('\n')[0]}`];
  }).toSorted();
  const was = seen(disk, folder);
  expect(was).toEqual(seen(machineDisk, join(then, 'tree')));
  expect(was.filter((line) => !/api|web/.test(line))).toMatchInlineSnapshot(`
    [
      ".dockerignore 0 17 ceb4a774 .*",
      ".gitignore 0 8 a6c7e3c5 ignored",
      "gone/",
      "gone/deep/",
      "gone/deep/down/",
      "gone/deep/down/a 0 2 87428fc5 a",
      "link -> link-target: a",
      "link-target 0 2 87428fc5 a",
      "stays/",
      "stays/a 64 2 87428fc5 a",
      "turned/",
      "turned/into 0 9 505dfd6f a folder",
      "turns 0 7 da69f286 a file",
    ]
  `);
  for (const path of ['fresh', 'fresh/deep/a', 'stays/b', 'turns/into', 'service']) expect(disk.status(join(folder, path))).toBe(undefined);
  expect(() => disk.text(join(folder, 'stays/b'))).toThrow('is not there');
  expect(() => disk.text(join(folder, 'web/Dockerfile'), 3)).toThrow('is too large');
});

test('--since with --fix: what is fixed is what has changed', () => {
  const folder = repository(shop);
  write(folder, '//- web/Dockerfile\nFROM debian\nRUN apt-get update\nRUN apt-get install -y curl git\n');
  expect(raw(folder, '.', '--since', 'HEAD', '--fix').exitCode).toBe(0);
  expect(readFileSync(join(folder, 'web/Dockerfile'), 'utf8')).toBe('FROM debian\nRUN apt-get update && apt-get install -y curl git\n');
  expect(readFileSync(join(folder, 'api/Dockerfile'), 'utf8')).toContain('COPY . .\nRUN npm ci\n');
});

test('--since: no such commit, no repository', () => {
  const folder = repository(shop);
  expect(found(folder, '--since', 'nowhere')).toBe('strata: --since nowhere: git has no such commit here (a shallow clone has the newest only)\nexit code 2\n');
  expect(found(folder, '--since=--output=x')).toBe('strata: --since --output=x: git has no such commit here (a shallow clone has the newest only)\nexit code 2\n');
  expect(found(folder, '--since', '')).toBe('strata: --since: which commit?\nexit code 2\n');
  const bare = emptyFolder();
  write(bare, shop);
  expect(found(bare, '--since', 'HEAD')).toMatchInlineSnapshot(`
    "strata: --since HEAD: ./api is in no git repository
    exit code 2
    "
  `);
});

test('--write-baseline and --baseline', () => {
  const folder = repository(shop);
  const { out } = raw(folder, '.', '--write-baseline', './baseline.json');
  expect(out.replaceAll(folder, '.')).toBe('2 findings written to ./baseline.json\n');
  expect(readFileSync(join(folder, 'baseline.json'), 'utf8')).toMatchInlineSnapshot(`
    "{
      "version": 1,
      "findings": [
        {
          "file": "api/Dockerfile",
          "rule": "copy-before-install",
          "instruction": "COPY . .",
          "fingerprint": "c8a4f26d7b92ca9db99219ea22ef8d5b",
          "count": 1
        },
        {
          "file": "web/Dockerfile",
          "rule": "remote-change-hidden",
          "instruction": "RUN apt-get update",
          "fingerprint": "20999c7759b583c7a0fe290a02eb632a",
          "count": 1
        }
      ]
    }
    "
  `);
  expect(found(folder, '--baseline', './baseline.json')).toBe('\n');
  // Moved, laid out in another way, with a comment: the same.
  write(folder, '//- web/Dockerfile\n# the site\nFROM debian\n\nRUN   apt-get \\\n  update\nRUN apt-get install -y curl\n');
  expect(found(folder, '--baseline', './baseline.json')).toBe('\n');
  // Once more, and another one.
  write(folder, '//- web/Dockerfile\nFROM debian\nRUN apt-get update\nRUN apt-get install -y curl\nFROM debian\nRUN apt-get update\nRUN apt-get install -y curl\n//- Dockerfile\nFROM alpine\nRUN apk update\nRUN apk add curl\n');
  expect(found(folder, '--baseline', './baseline.json')).toBe('./Dockerfile:2 remote-change-hidden\n./web/Dockerfile:5 remote-change-hidden\n');
  // Together with a commit.
  git(folder, 'add', '-A');
  git(folder, 'commit', '-q', '-m', 'a');
  expect(found(folder, '--baseline', './baseline.json', '--since', 'HEAD')).toBe('\n');
  expect(found(folder, '--baseline', './baseline.json', '--since', 'HEAD~1')).toBe('./Dockerfile:2 remote-change-hidden\n./web/Dockerfile:5 remote-change-hidden\n');
});

test('the baseline is the same wherever it is written from, and all formats obey it', () => {
  const folder = repository(shop);
  raw(folder, './api', './web', '--write-baseline', './one.json');
  raw(folder, './web/../web', './api/Dockerfile', '--write-baseline', './other.json');
  expect(readFileSync(join(folder, 'one.json'), 'utf8')).toBe(readFileSync(join(folder, 'other.json'), 'utf8'));
  for (const option of [['--baseline', './one.json'], ['--since', 'HEAD']]) {
    expect(raw(folder, '.', ...option).out).toBe('nothing found in 2 Dockerfiles\n');
    expect(raw(folder, '.', ...option, '--format', 'json').out).toBe('{"findings":[]}\n');
    expect((JSON.parse(raw(folder, '.', ...option, '--format', 'sarif').out) as Log).runs[0].results).toEqual([]);
    expect(raw(folder, '.', ...option, '--format', 'github').out).toBe('');
    expect(raw(folder, '.', ...option, '--fail-on', 'hint').exitCode).toBe(0);
  }
  expect(raw(folder, '.', '--fail-on', 'hint').exitCode).toBe(1);
});

test('a baseline that cannot be read, and options that exclude each other', () => {
  const folder = repository(shop);
  const said = (text: string): string => {
    writeFileSync(join(folder, 'baseline.json'), text);
    return raw(folder, '.', '--baseline', './baseline.json').err.replaceAll(folder, '.');
  };
  expect([
    said('{"version": 1'), said('[]'), said('null'), said('{"version": 2, "findings": []}'), said('{"version": 1, "findings": [{"fingerprint": "a", "count": 0}]}'),
    raw(folder, '.', '--baseline', './nowhere.json').err.replaceAll(folder, '.'), raw(folder, '.', '--write-baseline', './nowhere/b.json').err.replaceAll(folder, '.'),
    raw(folder, '.', '--write-baseline', './b.json', '--since', 'HEAD').err, raw(folder, '.', '--write-baseline', './b.json', '--fix').err,
  ].join('')).toMatchInlineSnapshot(`
    "strata: --baseline ./baseline.json: it is no JSON; --write-baseline ./baseline.json writes it anew
    strata: --baseline ./baseline.json: it is no baseline: it has no list of findings; --write-baseline ./baseline.json writes it anew
    strata: --baseline ./baseline.json: it is no baseline: it has no list of findings; --write-baseline ./baseline.json writes it anew
    strata: --baseline ./baseline.json: it is of version 2, and only 1 is known; --write-baseline ./baseline.json writes it anew
    strata: --baseline ./baseline.json: its entry 1 has no fingerprint and count; --write-baseline ./baseline.json writes it anew
    strata: ./nowhere.json: no such file
    strata: ./nowhere/b.json: no such file
    strata: --write-baseline and --since exclude each other
    strata: --write-baseline and --fix exclude each other
    "
  `);
});

const { $schema: _, id: __, ...schema } = createRequire(import.meta.url)('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json') as Record<string, unknown>;
const isSarif = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(schema);

/** What the schema has against it. */
function faults(sarif: string): unknown {
  return isSarif(JSON.parse(sarif)) ? [] : isSarif.errors;
}

test('SARIF is valid, says where in the repository, and is known again', () => {
  const folder = repository(`${shop}//- a b#%/é.Dockerfile\nFROM debian\nRUN apt-get update\nRUN apt-get install -y curl\n`);
  const { out } = raw(folder, './api', './a b#%', './web', '--format', 'sarif');
  expect(faults(out)).toEqual([]);
  const [{ results = [], tool: { driver } }] = (JSON.parse(out) as Log).runs;
  expect(results.map(({ ruleId, locations, relatedLocations, partialFingerprints }) => [
    ruleId, locations?.[0].physicalLocation?.artifactLocation?.uri, relatedLocations?.map(({ physicalLocation }) => physicalLocation?.region?.startLine), Object.keys(partialFingerprints ?? {}),
  ])).toMatchInlineSnapshot(`
    [
      [
        "copy-before-install",
        "api/Dockerfile",
        [
          4,
        ],
        [
          "strata/v1",
        ],
      ],
      [
        "remote-change-hidden",
        "a%20b%23%25/%C3%A9.Dockerfile",
        [
          3,
        ],
        [
          "strata/v1",
        ],
      ],
      [
        "remote-change-hidden",
        "web/Dockerfile",
        [
          3,
        ],
        [
          "strata/v1",
        ],
      ],
    ]
  `);
  expect(driver.rules?.[0]).toMatchInlineSnapshot(`
    {
      "defaultConfiguration": {
        "level": "note",
      },
      "fullDescription": {
        "text": "Source is copied before dependencies are installed, where the install reads only some of it.",
      },
      "help": {
        "markdown": "Source is copied before dependencies are installed, where the install reads only some of it. [When the rule speaks, and what its fixes change](https://github.com/strata-layers/strata/blob/main/server/src/core/rules/copy-before-install.md)",
        "text": "Source is copied before dependencies are installed, where the install reads only some of it. https://github.com/strata-layers/strata/blob/main/server/src/core/rules/copy-before-install.md",
      },
      "helpUri": "https://github.com/strata-layers/strata/blob/main/server/src/core/rules/copy-before-install.md",
      "id": "copy-before-install",
      "name": "copy-before-install",
      "properties": {
        "precision": "high",
        "problem.severity": "recommendation",
        "tags": [
          "dockerfile",
          "performance",
        ],
      },
      "shortDescription": {
        "text": "Source is copied before dependencies are installed, where the install reads only some of it",
      },
    }
  `);
  // As code scanning's reference asks for it: https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support
  for (const { name = '', shortDescription, fullDescription, help, helpUri, properties } of driver.rules ?? []) {
    expect([name.length <= 255, (shortDescription?.text ?? '').length <= 1024, (fullDescription?.text ?? '').length <= 1024]).toEqual([true, true, true]);
    expect([help?.text, help?.markdown, helpUri, fullDescription?.text].every((text) => text !== undefined && text !== '')).toBe(true);
    expect((properties?.tags ?? []).length).toBeLessThanOrEqual(10);
    expect(['very-high', 'high', 'medium', 'low']).toContain(properties?.precision);
    expect(['error', 'warning', 'recommendation']).toContain(properties?.['problem.severity']);
  }
  const prints = (sarif: string): unknown => (JSON.parse(sarif) as Log).runs[0].results?.map(({ partialFingerprints }) => partialFingerprints).at(-1);
  write(folder, '//- web/Dockerfile\n# moved\n\nFROM debian\nRUN apt-get update\nRUN apt-get install -y curl\n');
  expect(prints(raw(folder, './web', '--format', 'sarif').out)).toEqual(prints(out));
});

test('of more results than code scanning takes the most severe stay', () => {
  const lines = Array.from({ length: 6000 }, (_unused, i) => `RUN echo ${i}`);
  const text = `FROM alpine\n${lines.join('\n')}\n`;
  let start = text.indexOf('\n') + 1;
  const findings = lines.map((line, i) => {
    const span = { start, end: start + line.length };
    start += line.length + 1;
    return { rule: 'left-over', span, line: i + 2, message: verbatim(`The cache of ${line} stays in its layer.`), severity: i >= 5900 ? 'error' as const : 'hint' as const, related: [], fixes: [] };
  });
  const file: CheckedFile = { path: 'Dockerfile', inRepository: 'Dockerfile', text, findings, fixed: [] };
  let said = '';
  const sarif = sarifOf([file], '0.0.0', (line) => void (said += line));
  expect(said).toMatchInlineSnapshot(`"SARIF for code scanning holds 5000 results: 1000 findings of 6000, the least severe, are left out"`);
  expect(faults(sarif)).toEqual([]);
  const { results = [] } = (JSON.parse(sarif) as Log).runs[0];
  expect([results.length, results.filter(({ level }) => level === 'error').length, new Set(results.map(({ partialFingerprints }) => partialFingerprints?.['strata/v1'])).size]).toEqual([5000, 100, 5000]);
  expect(gzipSync(sarif).length).toBeLessThan(10_000_000);
});
