/** The command line: arguments and files in, texts out. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { patternsOf, type Patterns } from '../src/core/build/ignore';
import { contextOf, type Context } from '../src/core/build/context';
import { run } from '../src/workspace/command-line';
import { familyMachine } from '../src/workspace/family-files';
import { checkPaths } from '../src/workspace/check-files';
import { readContext } from '../src/workspace/context-files';
import { machineDisk } from '../src/workspace/machine-disk';

const files: Record<string, string> = {
  Dockerfile: 'FROM python:3.8-alpine\nRUN pip install flask\nCMD ["python","app.py"]\nCOPY app.py /app.py\n',
  'api/Dockerfile': [
    'ARG VERSION=1', 'FROM golang:1.22 AS build', 'ARG VERSION', 'WORKDIR /src', 'RUN make $VERSION', 'FROM build AS test', 'RUN make test',
    'FROM scratch', 'COPY --from=build /src/api /api', 'ONBUILD COPY . /', 'ENTRYPOINT ["/api"]', '',
  ].join('\n'),
  'half/Dockerfile': 'FROM alpine\nCOPY a\nRUN <<EOF\nx\n',
  'facts.json': JSON.stringify({ images: { alpine: { config: { Env: ['PATH=/bin'] }, history: [{ createdBy: 'ADD alpine.tar /', emptyLayer: false }] } } }),
  'based/Dockerfile': 'FROM alpine\nENV PATH=/x:$PATH\nWORKDIR app\n',
};

const contexts: Record<string, Context> = {
  shop: contextOf([['package.json', { type: 'file', mode: 0o644, content: '{}' }], ['src/app.js', { type: 'file', mode: 0o644, content: 'a' }]], patternsOf(['docs']) as Patterns),
};
files['shop/Dockerfile'] = [
  'FROM node:20 AS build', 'ARG VERSION', 'WORKDIR /app', 'COPY package.json .', 'RUN npm ci', 'COPY . .', 'RUN npm run build', 'FROM nginx', 'LABEL a=b', 'COPY --from=build /app/dist /www', '',
].join('\n');

function notAsked(): never {
  throw new Error('not asked for');
}

/** What a terminal would show. */
function strata(...argv: string[]): string {
  let written = '';
  const { exitCode, complaint } = run(argv, {
    read: (file) => {
      const text = files[file];
      if (text === undefined) throw Object.assign(new Error(`ENOENT: ${file}`), { code: file === 'dir' ? 'EISDIR' : file === 'loop' ? 'ELOOP' : file === 'secret' ? 'EACCES' : 'ENOENT' });
      return text;
    },
    write: (text) => {
      written += text;
    },
    warn: (line) => {
      written += `${line}\n`;
    },
    context: (folder) => ({ ignoreFile: null, ignored: null, complaints: [], context: contexts[folder] ?? contextOf([]) }),
    environment: { FROM_ENVIRONMENT: 'e' },
    families: familyMachine, architecture: 'x64', check: checkPaths, save: notAsked, affected: notAsked, version: () => '0.0.0',
  });
  return written + (complaint === undefined ? '' : `${complaint}\n`) + (exitCode === 0 ? '' : `exit code ${exitCode}\n`);
}

test('the layer table', () => {
  expect(strata('layers', 'Dockerfile')).toMatchInlineSnapshot(`
    "Dockerfile: 2 layers, 1 row of metadata only (BuildKit)

    LAYER  STEP   LINE  CREATED BY
    ?      [1/3]        FROM python:3.8-alpine: its rows are not known without its image
    1      [2/3]  2     RUN /bin/sh -c pip install flask # buildkit
    -             3     CMD ["python" "app.py"]
    2      [3/3]  4     COPY app.py /app.py # buildkit

    Assumed:
      no ONBUILD triggers in the base
      at least one layer in the base
      the default shell: /bin/sh -c, on Windows cmd /S /C
    "
  `);
});

test('of another target, with a build argument', () => {
  expect(strata('layers', 'api/Dockerfile', '--target', 'test', '--build-arg', 'VERSION=2')).toMatchInlineSnapshot(`
    "api/Dockerfile, target test: 3 layers, 1 row of metadata only (BuildKit)

    LAYER  STEP         LINE  CREATED BY
    ?                         FROM golang:1.22: its rows are not known without its image
    -                   3     ARG VERSION=2
    1      [build 2/3]  4     WORKDIR /src
    2      [build 3/3]  5     RUN |1 VERSION=2 /bin/sh -c make $VERSION # buildkit
    3      [test 1/1]   7     RUN |1 VERSION=2 /bin/sh -c make test # buildkit

    Assumed:
      no ONBUILD triggers in the base
      at least one layer in the base
      the default shell: /bin/sh -c, on Windows cmd /S /C

    Not built for this target: stage-2
    "
  `);
});

test('stages that the target does not reach are said to be so', () => {
  expect(strata('layers', 'api/Dockerfile')).toMatchInlineSnapshot(`
    "api/Dockerfile: 1 layer, 1 row of metadata only (BuildKit)

    LAYER  STEP           LINE  CREATED BY
    -                           FROM scratch: no layers below
    1      [stage-2 1/1]  9     COPY /src/api /api # buildkit
    -                     11    ENTRYPOINT ["/api"]

    Not built for this target: test
    "
  `);
});

test('the same as data', () => {
  expect(JSON.parse(strata('layers', 'Dockerfile', '--json'))).toMatchInlineSnapshot(`
    {
      "file": "Dockerfile",
      "image": {
        "assumes": [
          "no ONBUILD triggers in the base",
          "at least one layer in the base",
          "the default shell: /bin/sh -c, on Windows cmd /S /C",
        ],
        "base": {
          "known": false,
          "reference": "python:3.8-alpine",
        },
        "history": [
          {
            "createdBy": "RUN /bin/sh -c pip install flask # buildkit",
            "emptyLayer": false,
            "line": 2,
            "stage": 0,
            "step": "[2/3]",
          },
          {
            "createdBy": "CMD ["python" "app.py"]",
            "emptyLayer": true,
            "line": 3,
            "stage": 0,
            "step": null,
          },
          {
            "createdBy": "COPY app.py /app.py # buildkit",
            "emptyLayer": false,
            "line": 4,
            "stage": 0,
            "step": "[3/3]",
          },
        ],
        "layers": 2,
      },
      "stages": [
        {
          "base": "python:3.8-alpine",
          "index": 0,
          "line": 1,
          "name": null,
          "reachable": true,
          "steps": [
            {
              "createdBy": "RUN /bin/sh -c pip install flask # buildkit",
              "keyword": "RUN",
              "line": 2,
              "row": "layer",
              "step": "[2/3]",
            },
            {
              "createdBy": "CMD ["python" "app.py"]",
              "keyword": "CMD",
              "line": 3,
              "row": "empty",
              "step": null,
            },
            {
              "createdBy": "COPY app.py /app.py # buildkit",
              "keyword": "COPY",
              "line": 4,
              "row": "layer",
              "step": "[3/3]",
            },
          ],
        },
      ],
      "target": 0,
    }
  `);
});

test('a text that needs the base is null without it, and known with it', () => {
  const rows = (...argv: string[]): unknown => (JSON.parse(strata('layers', 'based/Dockerfile', '--json', ...argv)) as { image: { history: { createdBy: unknown }[] } }).image.history.map((row) => row.createdBy);
  expect(rows()).toEqual([null, null]);
  expect(rows('--facts', 'facts.json')).toEqual(['ENV PATH=/x:/bin', 'WORKDIR /app']);
});

test('another builder writes other texts', () => {
  expect(strata('layers', 'api/Dockerfile', '--target', 'build', '--builder', 'docker-20.10')).toMatchInlineSnapshot(`
    "api/Dockerfile, target build: 2 layers, 1 row of metadata only (Docker 20.10 (BuildKit v0.8))

    LAYER  STEP         LINE  CREATED BY
    ?      [build 1/3]        FROM golang:1.22: its rows are not known without its image
    -                   3     ARG VERSION
    1      [build 2/3]  4     WORKDIR /src
    2      [build 3/3]  5     RUN |1 VERSION=1 /bin/sh -c make $VERSION # buildkit

    Assumed:
      no ONBUILD triggers in the base
      at least one layer in the base
      the default shell: /bin/sh -c, on Windows cmd /S /C

    Not built for this target: test, stage-2
    "
  `);
});

test('half a Dockerfile is answered', () => {
  expect(strata('parse', 'half/Dockerfile', '--json')).toMatchInlineSnapshot(`
    "{"escape":"\\\\","instructions":[{"keyword":"FROM","firstLine":1,"lastLine":1,"flags":[],"form":"shell","args":["alpine"],"heredocs":[]},{"keyword":"COPY","firstLine":2,"lastLine":2,"flags":[],"form":"shell","args":["a"],"heredocs":[]},{"keyword":"RUN","firstLine":3,"lastLine":4,"flags":[],"form":"shell","args":["<<EOF"],"heredocs":[{"name":"EOF","expand":true,"content":"x\\n"}]}],"problems":[{"message":"COPY requires at least two arguments, but only one was provided. Destination could not be determined","line":2,"severity":"error"},{"message":"unterminated heredoc","line":3,"severity":"error"}]}
    "
  `);
  expect(strata('layers', 'half/Dockerfile')).toMatchInlineSnapshot(`
    "half/Dockerfile: 2 layers, 0 rows of metadata only (BuildKit)

    LAYER  STEP   LINE  CREATED BY
    ?      [1/3]        FROM alpine: its rows are not known without its image
    1      [2/3]  2     COPY: not finished
    2      [3/3]  3     RUN /bin/sh -c x # buildkit

    Assumed:
      no ONBUILD triggers in the base
      at least one layer in the base
      the default shell: /bin/sh -c, on Windows cmd /S /C

    BuildKit refuses this file:
      line 2: COPY requires at least two arguments, but only one was provided. Destination could not be determined
      line 3: unterminated heredoc
    "
  `);
});

test('what cannot be read and wrong usage: one line, exit code 2', () => {
  expect([
    strata(), strata('paint'), strata('layers'), strata('layers', 'a', 'b'), strata('layers', 'nowhere'), strata('layers', 'dir'), strata('layers', 'loop'),
    strata('layers', 'secret'), strata('layers', 'Dockerfile', '--target', 'x'), strata('layers', 'Dockerfile', '--builder', 'podman'), strata('layers', 'Dockerfile', '--bad'),
    strata('layers', 'Dockerfile', '--facts', 'Dockerfile'),
  ].join('')).toMatchInlineSnapshot(`
    "strata: no command given; strata --help shows the usage
    exit code 2
    strata: unknown command paint; strata --help shows the usage
    exit code 2
    strata: no FILE given
    exit code 2
    strata: one FILE at a time, not 2
    exit code 2
    strata: nowhere: no such file
    exit code 2
    strata: dir: is a folder, not a file
    exit code 2
    strata: loop: a loop of symbolic links
    exit code 2
    strata: secret: not allowed to read it
    exit code 2
    strata: Dockerfile: target stage "x" could not be found
    exit code 2
    strata: unknown builder podman: head, v0.25, docker-28.5 or docker/dockerfile:1.7
    exit code 2
    strata: Unknown option '--bad'. To specify a positional argument starting with a '-', place it at the end of the command after '--', as in '-- "--bad"
    exit code 2
    strata: Dockerfile: Unexpected token 'F', "FROM pytho"... is not valid JSON
    exit code 2
    "
  `);
});

test('on a real disk: a folder, a loop of links, a file that goes away', () => {
  const folder = mkdtempSync(join(tmpdir(), 'strata-'));
  symlinkSync(join(folder, 'b'), join(folder, 'a'));
  symlinkSync(join(folder, 'a'), join(folder, 'b'));
  writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch\n');
  unlinkSync(join(folder, 'Dockerfile'));
  const complaints = ['', 'a', 'Dockerfile'].map((name) => {
    const machine = { read: (file: string) => readFileSync(file, 'utf8'), write: () => {}, warn: () => {}, context: (folder: string, dockerfile: string | undefined) => readContext(machineDisk, folder, dockerfile), environment: {}, families: familyMachine, architecture: 'x64', check: checkPaths, save: notAsked, affected: notAsked, version: () => '0.0.0' };
    return run(['layers', join(folder, name)], machine).complaint?.replaceAll(folder, 'FOLDER');
  });
  rmSync(folder, { recursive: true });
  expect(complaints).toEqual(['strata: FOLDER: is a folder, not a file', 'strata: FOLDER/a: a loop of symbolic links', 'strata: FOLDER/Dockerfile: no such file']);
});

test('what a change makes run again', () => {
  expect(strata('simulate', 'shop/Dockerfile', '--change', 'src/app.js')).toMatchInlineSnapshot(`
    "2 of 6 steps run again, 1 more if the files change that they take from another stage (if the cache of the builds before is still there)

    cached             [build 2/6]       3  WORKDIR /app
    cached             [build 3/6]       4  COPY package.json .
    cached             [build 4/6]       5  RUN npm ci
    rebuilt            [build 5/6]       6  COPY . .
                                           src/app.js is not what it was.
    rebuilt            [build 6/6]       7  RUN npm run build
                                           The step of line 6 above runs again.
    if-output-differs  [stage-1 2/2]    10  COPY --from=build /app/dist /www
                                           It takes files from a step that runs again; whether they change is not known without running it.
    "
  `);
  expect(strata('simulate', 'shop/Dockerfile', '--change', 'README.md', '--change-arg', 'VERSION')).toMatchInlineSnapshot(`
    "3 of 6 steps run again, 1 more if the files change that they take from another stage (if the cache of the builds before is still there)

    cached             [build 2/6]       3  WORKDIR /app
    cached             [build 3/6]       4  COPY package.json .
    rebuilt            [build 4/6]       5  RUN npm ci
                                           Its environment is not what it was.
    rebuilt            [build 5/6]       6  COPY . .
                                           The step of line 5 above runs again.
    rebuilt            [build 6/6]       7  RUN npm run build
                                           The step of line 5 above runs again.
    if-output-differs  [stage-1 2/2]    10  COPY --from=build /app/dist /www
                                           It takes files from a step that runs again; whether they change is not known without running it.
    "
  `);
  expect(strata('simulate', 'shop/Dockerfile', '--change-base', 'nginx')).toMatchInlineSnapshot(`
    "1 of 6 steps run again (if the cache of the builds before is still there)

    cached             [build 2/6]       3  WORKDIR /app
    cached             [build 3/6]       4  COPY package.json .
    cached             [build 4/6]       5  RUN npm ci
    cached             [build 5/6]       6  COPY . .
    cached             [build 6/6]       7  RUN npm run build
    rebuilt            [stage-1 2/2]    10  COPY --from=build /app/dist /www
                                           Nothing was built on what is below it yet.
    "
  `);
});

test('a file that is not sent changes nothing', () => {
  expect(strata('simulate', 'shop/Dockerfile', '--change', './docs/index.md').split('\n')[0]).toBe('0 of 6 steps run again (if the cache of the builds before is still there)');
});

test('a context on disk: what is left of it, what is sent, what is ignored', () => {
  const folder = mkdtempSync(join(tmpdir(), 'strata-'));
  mkdirSync(join(folder, 'src'));
  mkdirSync(join(folder, 'docs'));
  const write = (path: string, text: string): void => writeFileSync(join(folder, path), text);
  write('Dockerfile', 'FROM scratch\nCOPY src *.json /\n');
  write('Dockerfile.dockerignore', 'docs/*\n!docs/keep.md\n');
  write('package.json', '{}');
  write('src/app.js', 'app();');
  write('docs/index.md', '# Docs');
  write('docs/keep.md', 'k');
  symlinkSync('loop', join(folder, 'loop'));
  let written = '';
  const machine = { read: (file: string) => readFileSync(file, 'utf8'), write: (text: string) => void (written += text), warn: () => {}, context: (folder: string, dockerfile: string | undefined) => readContext(machineDisk, folder, dockerfile), environment: {}, families: familyMachine, architecture: 'x64', check: checkPaths, save: notAsked, affected: notAsked, version: () => '0.0.0' };
  run(['context', join(folder, 'Dockerfile'), '--json'], machine);
  rmSync(folder, { recursive: true });
  const { ignoreFile, count, sent, ignored, files } = JSON.parse(written.replaceAll(folder, 'FOLDER')) as { ignoreFile: string; count: number; sent: object; ignored: object; files: { path: string }[] };
  expect({ ignoreFile, count, sent, ignored, files: files.map(({ path }) => path) }).toEqual({
    ignoreFile: 'FOLDER/Dockerfile.dockerignore', count: 5, sent: { count: 2, bytes: 8 }, ignored: { count: 1, bytes: 6 },
    files: ['Dockerfile', 'Dockerfile.dockerignore', 'docs/keep.md', 'package.json', 'src/app.js'],
  });
});

test('what is new against the builds that the cache has seen', () => {
  files['shop/Dockerfile.old'] = files['shop/Dockerfile'].replace('npm run build', 'npm run build:old').replace('a=b', 'a=c');
  expect(strata('simulate', 'shop/Dockerfile', '--was', 'shop/Dockerfile.old')).toMatchInlineSnapshot(`
    "1 of 6 steps run again, 1 more if the files change that they take from another stage (if the cache of the builds before is still there)

    cached             [build 2/6]       3  WORKDIR /app
    cached             [build 3/6]       4  COPY package.json .
    cached             [build 4/6]       5  RUN npm ci
    cached             [build 5/6]       6  COPY . .
    rebuilt            [build 6/6]       7  RUN npm run build
                                           The instruction is not what it was.
    if-output-differs  [stage-1 2/2]    10  COPY --from=build /app/dist /www
                                           It takes files from a step that runs again; whether they change is not known without running it.
    "
  `);
  expect(JSON.parse(strata('simulate', 'shop/Dockerfile', '--was', 'shop/Dockerfile.old', '--was', 'shop/Dockerfile', '--was-build-arg', 'VERSION=1', '--json'))).toMatchInlineSnapshot(`
    {
      "steps": [
        {
          "instruction": "ARG VERSION",
          "line": 2,
          "reason": null,
          "stage": "build",
          "step": null,
          "verdict": "metadata",
        },
        {
          "instruction": "WORKDIR /app",
          "line": 3,
          "reason": null,
          "stage": "build",
          "step": "[build 2/6]",
          "verdict": "cached",
        },
        {
          "instruction": "COPY package.json .",
          "line": 4,
          "reason": null,
          "stage": "build",
          "step": "[build 3/6]",
          "verdict": "cached",
        },
        {
          "instruction": "RUN npm ci",
          "line": 5,
          "reason": null,
          "stage": "build",
          "step": "[build 4/6]",
          "verdict": "cached",
        },
        {
          "instruction": "COPY . .",
          "line": 6,
          "reason": null,
          "stage": "build",
          "step": "[build 5/6]",
          "verdict": "cached",
        },
        {
          "instruction": "RUN npm run build",
          "line": 7,
          "reason": {
            "kind": "definition",
            "line": 7,
            "text": "The instruction is not what it was.",
          },
          "stage": "build",
          "step": "[build 6/6]",
          "verdict": "rebuilt",
        },
        {
          "instruction": "LABEL a=b",
          "line": 9,
          "reason": null,
          "stage": 1,
          "step": null,
          "verdict": "metadata",
        },
        {
          "instruction": "COPY --from=build /app/dist /www",
          "line": 10,
          "reason": {
            "kind": "unknown",
            "text": "It takes files from a step that runs again; whether they change is not known without running it.",
          },
          "stage": 1,
          "step": "[stage-1 2/2]",
          "verdict": "if-output-differs",
        },
      ],
    }
  `);
  expect(strata('simulate', 'shop/Dockerfile', '--was-target', 'x')).toMatchInlineSnapshot(`
    "strata: --was-target has no --was before it
    exit code 2
    "
  `);
});
