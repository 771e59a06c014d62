/** `strata check` on real folders: what it prints, what it writes, and how it ends. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { checkPaths } from '../src/workspace/check-files';
import { run } from '../src/workspace/command-line';
import { familyMachine } from '../src/workspace/family-files';
import { filesIn } from './rules';

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

function project(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'strata-check-'));
  folders.push(folder);
  for (const [path, content] of filesIn(`//- .git/HEAD\nref: refs/heads/main\n${text}`)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

function notAsked(): never {
  throw new Error('not asked for');
}

/** What a terminal shows, the folder left out. */
function strata(folder: string, ...argv: string[]): string {
  let written = '';
  const say = (text: string): void => {
    written += text;
  };
  const { exitCode, complaint } = run(['check', ...argv.map((one) => one.replace(/^\./, folder))], {
    read: (file) => readFileSync(file, 'utf8'), write: say, warn: (line) => say(`${line}\n`), context: notAsked,
    check: checkPaths, save: writeFileSync, affected: notAsked, version: () => '0.0.0', environment: {}, families: familyMachine, architecture: 'x64',
  });
  return `${written}${complaint === undefined ? '' : `${complaint}\n`}exit code ${exitCode}\n`.replaceAll(folder, '.').replaceAll(encodeURIComponent(folder).replaceAll('%2F', '/'), '.');
}

const shop = `//- api/Dockerfile
FROM node:20
WORKDIR /app
	COPY . .
RUN npm ci
//- api/package.json
{}
//- api/package-lock.json
{"lockfileVersion": 3, "packages": {}}
//- api/server.js
serve();
//- api/.dockerignore
Dockerfile
.dockerignore
//- web/web.Dockerfile
FROM nginx
COPY dist /usr/share/nginx/html
//- web/dist/index.html
<p>
//- node_modules/x/Dockerfile
FROM node:20
COPY . .
RUN npm ci
`;

test('as text', () => {
  expect(strata(project(shop), '.')).toMatchInlineSnapshot(`
    "./api/Dockerfile:3:2: info: A change of any file copied here makes \`npm ci\` (line 4) run again, which reads only package.json and package-lock.json. [copy-before-install]
      3 | 	COPY . .
        | 	^^^^^^^^
        = safe fix: Copy package.json and package-lock.json first, the rest after \`npm ci\`: a change of the rest then runs 1 of 4 steps again, not 2
        = fix: Mount package.json and package-lock.json for \`npm ci\`, copy after it (not proved the same: they are not in the layer of that step)

    1 finding in 1 Dockerfile of 2, 1 with a safe fix (--fix)
    exit code 0
    "
  `);
});

test('as JSON', () => {
  const json = JSON.parse(strata(project(shop), './api/Dockerfile', '--format', 'json').replace(/exit code 0\n$/, '')) as { findings: { fixes: unknown[] }[] };
  expect({ ...json.findings[0], fixes: json.findings[0].fixes.slice(0, 1) }).toMatchInlineSnapshot(`
    {
      "column": 2,
      "endColumn": 10,
      "endLine": 3,
      "file": "./api/Dockerfile",
      "fingerprint": "c8a4f26d7b92ca9db99219ea22ef8d5b",
      "fixes": [
        {
          "edits": [
            {
              "column": 1,
              "endColumn": 1,
              "endLine": 4,
              "file": "./api/Dockerfile",
              "line": 3,
              "text": "COPY package.json package-lock.json ./
    ",
            },
            {
              "column": 1,
              "endColumn": 1,
              "endLine": 5,
              "file": "./api/Dockerfile",
              "line": 5,
              "text": "	COPY . .
    ",
            },
          ],
          "safe": true,
          "title": "Copy package.json and package-lock.json first, the rest after \`npm ci\`: a change of the rest then runs 1 of 4 steps again, not 2",
        },
      ],
      "line": 3,
      "message": "A change of any file copied here makes \`npm ci\` (line 4) run again, which reads only package.json and package-lock.json.",
      "rule": "copy-before-install",
      "severity": "information",
    }
  `);
});

test('as annotations', () => {
  expect(strata(project(shop), '.', '--format', 'github')).toMatchInlineSnapshot(`
    "::notice file=./api/Dockerfile,line=3,endLine=3,col=2,endColumn=10,title=copy-before-install::A change of any file copied here makes \`npm ci\` (line 4) run again, which reads only package.json and package-lock.json.
    exit code 0
    "
  `);
});

test('as SARIF', () => {
  const sarif = JSON.parse(strata(project(shop), '.', '--format', 'sarif').replace(/exit code 0\n$/, '')) as { version: string; runs: { results: unknown[] }[] };
  expect(sarif.version).toBe('2.1.0');
  expect(sarif.runs[0].results).toMatchInlineSnapshot(`
    [
      {
        "fixes": [
          {
            "artifactChanges": [
              {
                "artifactLocation": {
                  "uri": "api/Dockerfile",
                },
                "replacements": [
                  {
                    "deletedRegion": {
                      "endColumn": 1,
                      "endLine": 4,
                      "startColumn": 1,
                      "startLine": 3,
                    },
                    "insertedContent": {
                      "text": "COPY package.json package-lock.json ./
    ",
                    },
                  },
                  {
                    "deletedRegion": {
                      "endColumn": 1,
                      "endLine": 5,
                      "startColumn": 1,
                      "startLine": 5,
                    },
                    "insertedContent": {
                      "text": "	COPY . .
    ",
                    },
                  },
                ],
              },
            ],
            "description": {
              "text": "Copy package.json and package-lock.json first, the rest after \`npm ci\`: a change of the rest then runs 1 of 4 steps again, not 2",
            },
          },
        ],
        "level": "note",
        "locations": [
          {
            "physicalLocation": {
              "artifactLocation": {
                "index": 0,
                "uri": "api/Dockerfile",
              },
              "region": {
                "endColumn": 10,
                "endLine": 3,
                "startColumn": 2,
                "startLine": 3,
              },
            },
          },
        ],
        "message": {
          "text": "A change of any file copied here makes \`npm ci\` (line 4) run again, which reads only package.json and package-lock.json.",
        },
        "partialFingerprints": {
          "strata/v1": "c8a4f26d7b92ca9db99219ea22ef8d5b:1",
        },
        "relatedLocations": [
          {
            "id": 1,
            "message": {
              "text": "It runs again when any file changes that is copied above.",
            },
            "physicalLocation": {
              "artifactLocation": {
                "uri": "api/Dockerfile",
              },
              "region": {
                "endColumn": 11,
                "endLine": 4,
                "startColumn": 1,
                "startLine": 4,
              },
            },
          },
        ],
        "ruleId": "copy-before-install",
        "ruleIndex": 0,
      },
    ]
  `);
});

test('--fix writes what is safe, and nothing the second time', () => {
  const folder = project(shop);
  expect(strata(folder, '.', '--fix')).toMatchInlineSnapshot(`
    "./api/Dockerfile: fixed: Copy package.json and package-lock.json first, the rest after \`npm ci\`: a change of the rest then runs 1 of 4 steps again, not 2

    nothing found in 2 Dockerfiles
    exit code 0
    "
  `);
  expect(readFileSync(join(folder, 'api/Dockerfile'), 'utf8')).toBe('FROM node:20\nWORKDIR /app\nCOPY package.json package-lock.json ./\nRUN npm ci\n\tCOPY . .\n');
  expect(strata(folder, '.', '--fix')).toBe('nothing found in 2 Dockerfiles\nexit code 0\n');
});

test('--fix-unsafe writes the others, an ignore file among them', () => {
  const folder = project('//- Dockerfile\nFROM alpine\nCOPY . /src\n//- a\n1\n//- x.log\n2\n');
  expect(strata(folder, '.', '--fix')).toContain('1 finding');
  expect(strata(folder, '.', '--fix-unsafe')).toMatchInlineSnapshot(`
    "./Dockerfile: fixed: Ignore .git, x.log and Dockerfile in .dockerignore (3 files, 47 bytes leave the build context, and the image where copied)

    nothing found in 1 Dockerfile
    exit code 0
    "
  `);
  expect(readFileSync(join(folder, '.dockerignore'), 'utf8')).toBe('.git\nx.log\nDockerfile\n.dockerignore\n');
});

test('it ends with 1 where something is as severe as asked for', () => {
  const folder = project(`${shop}//- strata.json\n// ours\n{"rules": {"copy-before-install": "warning", "no-such-rule": "off"}, "exclude": ["web/**"],}\n`);
  expect(strata(folder, '.').replace(/^(?!.*(?:exit|Dockerfile of|strata\.json)).*\n/gm, '')).toMatchInlineSnapshot(`
    "./strata.json: "no-such-rule" is no rule: copy-before-install, copy-before-packages, arg-changes-early, context-takes-unneeded, copy-wider-than-read, remote-change-hidden, shared-steps, drifted-step, deleted-later, copied-again, overwritten, duplicate, left-over
    1 finding in 1 Dockerfile of 1, 1 with a safe fix (--fix)
    exit code 1
    "
  `);
  expect(strata(folder, '.', '--fail-on', 'error')).toContain('exit code 0');
  const quiet = project(`${shop}//- strata.json\n{"rules": {"copy-before-install": "off"}}\n`);
  expect(strata(quiet, '.', '--fail-on', 'hint')).toContain('exit code 0');
});

test('what is not there, and what cannot be understood', () => {
  const folder = project(`${shop}//- other/Dockerfile\nFROM a\nCOPY x\n//- other/strata.json\n{"rules": 7`);
  symlinkSync('.', join(folder, 'loop'));
  expect(strata(folder, './nowhere')).toBe('strata: ./nowhere: no such file\nexit code 2\n');
  expect(strata(folder, './other')).toMatchInlineSnapshot(`
    "./other/strata.json: line 2: CloseBraceExpected
    ./other/strata.json: "rules" is no object
    nothing found in 1 Dockerfile
    exit code 0
    "
  `);
  expect(strata(folder, '.', '--format', 'xml')).toBe('strata: --format: xml is none of text, json, sarif, github\nexit code 2\n');
  expect(strata(folder)).toBe('strata: no PATH given\nexit code 2\n');
});
