/** What a user sees of a Dockerfile in the editor: hints, hover, outline and marks. */
import { describe, expect, test } from 'vitest';
import { settingsOf } from '../src/settings';
import { hinted, hovered, marked, outlined, tooltips } from './features';

const flask = `FROM python:3.8-alpine
RUN pip install flask
CMD ["python","app.py"]
COPY app.py /app.py
`;

const stages = `ARG NODE=20
FROM node:\${NODE}-alpine AS build
WORKDIR /app
COPY . .
RUN npm ci \\
  && npm run build

FROM build AS test
RUN npm test

FROM build AS dev
ENV PORT=80
EXPOSE $PORT

FROM scratch
WORKDIR /
COPY --from=build /app/dist /dist
ONBUILD RUN true
`;

const python = {
  images: {
    'python:3.8-alpine': {
      config: { Env: ['LANG=C.UTF-8'] },
      history: [
        { createdBy: 'ADD alpine.tar / # buildkit', emptyLayer: false },
        { createdBy: 'CMD ["/bin/sh"]', emptyLayer: true },
        { createdBy: 'RUN /bin/sh -c apk add python # buildkit', emptyLayer: false },
      ],
    },
  },
};

describe('hints', () => {
  test('of the flask example', () => {
    expect(hinted(flask)).toMatchInlineSnapshot(`
      "FROM python:3.8-alpine ‹base: unknown›
      RUN pip install flask ‹layer 1 · [2/3]›
      CMD ["python","app.py"]
      COPY app.py /app.py ‹layer 2 · [3/3]›
      "
    `);
  });

  test('of stages: what the target has, what it only reads, what nobody builds', () => {
    expect(hinted(stages)).toMatchInlineSnapshot(`
      "ARG NODE=20
      FROM node:\${NODE}-alpine AS build
      WORKDIR /app ‹layer 1 · [build 2/4]›
      COPY . . ‹layer 2 · [build 3/4]›
      RUN npm ci \\ ‹layer 3 · [build 4/4]›
        && npm run build

      FROM build AS test ‹not built›
      RUN npm test ‹layer 4 · [test 1/1]›

      FROM build AS dev ‹not built›
      ENV PORT=80
      EXPOSE $PORT

      FROM scratch ‹base: empty›
      WORKDIR /
      COPY --from=build /app/dist /dist ‹layer 1 · [stage-3 1/2]›
      ONBUILD RUN true
      "
    `);
  });

  test('of a base that is known', () => {
    expect(hinted(flask, python)).toMatchInlineSnapshot(`
      "FROM python:3.8-alpine ‹base: 2 layers›
      RUN pip install flask ‹layer 1 · [2/3]›
      CMD ["python","app.py"]
      COPY app.py /app.py ‹layer 2 · [3/3]›
      "
    `);
  });

  test('metadata where asked for', () => {
    expect(hinted(flask, {}, { hints: { metadata: true } })).toMatchInlineSnapshot(`
      "FROM python:3.8-alpine ‹base: unknown›
      RUN pip install flask ‹layer 1 · [2/3]›
      CMD ["python","app.py"] ‹metadata›
      COPY app.py /app.py ‹layer 2 · [3/3]›
      "
    `);
  });

  test('each kind has a switch', () => {
    expect(hinted(flask, {}, { hints: { layers: false } })).toMatchInlineSnapshot(`
      "FROM python:3.8-alpine ‹base: unknown›
      RUN pip install flask
      CMD ["python","app.py"]
      COPY app.py /app.py
      "
    `);
    expect(hinted(flask, {}, { hints: { from: 'off', metadata: true } })).toMatchInlineSnapshot(`
      "FROM python:3.8-alpine
      RUN pip install flask ‹layer 1 · [2/3]›
      CMD ["python","app.py"] ‹metadata›
      COPY app.py /app.py ‹layer 2 · [3/3]›
      "
    `);
    expect(hinted(flask, {}, { hints: { enabled: false, metadata: true, from: 'on' } })).toBe(flask);
  });

  test('the outline is left to who has one, unless asked for', () => {
    const outline = (sent: object): boolean => settingsOf(sent, undefined).outline;
    expect([outline({}), outline({ outlined: true }), outline({ outlined: true, outline: 'on' })]).toEqual([true, false, true]);
  });

  test('are quiet on FROM beside Docker DX, unless asked for', () => {
    expect(hinted('FROM scratch\n', {}, { dockerDx: true })).toBe('FROM scratch\n');
    expect(hinted('FROM scratch\n', {}, { dockerDx: true, hints: { from: 'on' } })).toBe('FROM scratch ‹base: empty›\n');
  });

  test('a base that nobody knows is said once, below what is built', () => {
    expect(hinted('FROM a AS x\nFROM b AS y\nFROM y\nCOPY --from=x /a /b\n')).toMatchInlineSnapshot(`
      "FROM a AS x
      FROM b AS y ‹base: unknown›
      FROM y
      COPY --from=x /a /b ‹layer 1 · [stage-2 1/1]›
      "
    `);
  });

  test('a long stage name is shortened alike on all of its lines', () => {
    const runs = Array.from({ length: 10 }, (_, i) => `RUN ${i}\n`).join('');
    expect(hinted(`FROM scratch AS the-stage-that-builds-everything\n${runs}FROM scratch AS b\nCOPY --from=0 /a /a\n`)).toMatchInlineSnapshot(`
      "FROM scratch AS the-stage-that-builds-everything ‹base: empty›
      RUN 0 ‹layer 1 · [the-s…thing 1/10]›
      RUN 1 ‹layer 2 · [the-s…thing 2/10]›
      RUN 2 ‹layer 3 · [the-s…thing 3/10]›
      RUN 3 ‹layer 4 · [the-s…thing 4/10]›
      RUN 4 ‹layer 5 · [the-s…thing 5/10]›
      RUN 5 ‹layer 6 · [the-s…thing 6/10]›
      RUN 6 ‹layer 7 · [the-s…thing 7/10]›
      RUN 7 ‹layer 8 · [the-s…thing 8/10]›
      RUN 8 ‹layer 9 · [the-s…thing 9/10]›
      RUN 9 ‹layer 10 · [the-s…thing 10/10]›
      FROM scratch AS b ‹base: empty›
      COPY --from=0 /a /a ‹layer 1 · [b 1/1]›
      "
    `);
  });

  test('stand at the end of the first line, whatever ends it', () => {
    expect(hinted('FROM scratch\r\nRUN a \\\r\n  # why\r\n  b\r\n')).toBe('FROM scratch ‹base: empty›\r\nRUN a \\ ‹layer 1 · [1/1]›\r\n  # why\r\n  b\r\n');
    expect(hinted('FROM scratch\nRUN <<EOF\nRUN x\nEOF')).toBe('FROM scratch ‹base: empty›\nRUN <<EOF ‹layer 1 · [1/1]›\nRUN x\nEOF');
  });

  test('in a file that BuildKit refuses, and in half of one', () => {
    expect(hinted('FROM scratch\nRUN a\nCOPY\nBAD x\nRUN b\n')).toMatchInlineSnapshot(`
      "FROM scratch ‹base: empty›
      RUN a ‹layer 1 · [1/3]›
      COPY ‹layer 2 · [2/3]›
      BAD x
      RUN b ‹layer 3 · [3/3]›
      "
    `);
    expect(hinted('RUN a\n')).toBe('RUN a\n');
    expect(hinted('')).toBe('');
  });

  test('have the reasons in the tooltip', () => {
    expect(tooltips(stages)).toMatchInlineSnapshot(`
      "‹layer 1 · [build 2/4]›
      WORKDIR writes a layer: the directory, even where it exists already. The layers of this stage stay in the build cache: the target takes files from them, and does not inherit them.

      \`\`\`text
      WORKDIR /app
      \`\`\`

      ‹layer 2 · [build 3/4]›
      COPY writes a layer: the files that it copies. The layers of this stage stay in the build cache: the target takes files from them, and does not inherit them.

      \`\`\`text
      COPY . . # buildkit
      \`\`\`

      ‹layer 3 · [build 4/4]›
      RUN writes a layer: the files that the command changes. The layers of this stage stay in the build cache: the target takes files from them, and does not inherit them.

      \`\`\`text
      RUN /bin/sh -c npm ci   && npm run build # buildkit
      \`\`\`

      ‹not built›
      FROM continues stage \`build\`, which has 3 layers; this stage adds 1 layer. Not built: the target needs nothing of it. \`docker build --target test\` builds it.

      ‹layer 4 · [test 1/1]›
      RUN writes a layer: the files that the command changes. Not built: the target needs nothing of it. \`docker build --target test\` builds it.

      \`\`\`text
      RUN /bin/sh -c npm test # buildkit
      \`\`\`

      ‹not built›
      FROM continues stage \`build\`, which has 3 layers; this stage adds 2 metadata rows. Not built: the target needs nothing of it. \`docker build --target dev\` builds it.

      ‹base: empty›
      \`scratch\` is empty; this stage adds 1 layer and 1 metadata row.

      ‹layer 1 · [stage-3 1/2]›
      COPY writes a layer: the files that it copies.

      \`\`\`text
      COPY /app/dist /dist # buildkit
      \`\`\`
      "
    `);
  });

  test('never pass 30 characters, or 16 on FROM', () => {
    const name = 'n'.repeat(200);
    const text = `FROM a AS ${name}\n${'RUN x\n'.repeat(1200)}FROM ${name}\nCOPY a b\n`;
    for (const [, label] of hinted(text).matchAll(/‹(.*?)›/g)) expect(label.length).toBeLessThanOrEqual(label.startsWith('layer') ? 30 : 16);
  });
});

describe('hover', () => {
  test('on a layer: the history up to it', () => {
    expect(hovered(flask.replace('COPY', 'CO<|>PY'))).toMatchInlineSnapshot(`
      "« COPY app.py /app.py »

      **Strata** · layer 2 of 2 · \`[3/3]\`

      COPY writes a layer: the files that it copies.

      |  | CREATED BY | LAYER |
      | :-- | :-- | :-- |
      | ▶ | **\`COPY app.py /app.py # buildkit\`** | **2** |
      |  | \`CMD ["python" "app.py"]\` | – |
      |  | \`RUN /bin/sh -c pip install flask # buildkit\` | 1 |
      |  | *the rows of \`python:3.8-alpine\`: not known without the image* | ? |"
    `);
  });

  test('on metadata', () => {
    expect(hovered(flask.replace('CMD', 'CMD<|>'))).toMatchInlineSnapshot(`
      "« CMD ["python","app.py"] »

      **Strata** · metadata

      CMD is metadata: an empty row in the history, no layer.

      |  | CREATED BY | LAYER |
      | :-- | :-- | :-- |
      | ▶ | **\`CMD ["python" "app.py"]\`** | **–** |
      |  | \`RUN /bin/sh -c pip install flask # buildkit\` | 1 |
      |  | *the rows of \`python:3.8-alpine\`: not known without the image* | ? |"
    `);
  });

  test('above a base that is known', () => {
    expect(hovered(flask.replace('RUN', '<|>RUN'), python)).toMatchInlineSnapshot(`
      "« RUN pip install flask »

      **Strata** · layer 1 of 2 · \`[2/3]\`

      RUN writes a layer: the files that the command changes.

      |  | CREATED BY | LAYER |
      | :-- | :-- | :-- |
      | ▶ | **\`RUN /bin/sh -c pip install flask # buildkit\`** | **1** |
      |  | \`RUN /bin/sh -c apk add python # buildkit\` | base |
      |  | \`CMD ["/bin/sh"]\` | – |
      |  | \`ADD alpine.tar / # buildkit\` | base |"
    `);
  });

  test('on FROM', () => {
    expect(hovered(`<|>${flask}`)).toMatchInlineSnapshot(`
      "« FROM python:3.8-alpine »

      **Strata** · FROM · \`[1/3]\`

      The base image \`python:3.8-alpine\` brings rows and layers of its own, not known without the image; this stage adds 2 layers and 1 metadata row.

      Assumed: no ONBUILD triggers in the base; at least one layer in the base; the default shell: /bin/sh -c, on Windows cmd /S /C."
    `);
    expect(hovered(`<|>${flask}`, python)).toMatchInlineSnapshot(`
      "« FROM python:3.8-alpine »

      **Strata** · FROM · \`[1/3]\`

      The base image \`python:3.8-alpine\` brings 3 rows, 2 layers; this stage adds 2 layers and 1 metadata row.

      |  | CREATED BY | LAYER |
      | :-- | :-- | :-- |
      |  | \`RUN /bin/sh -c apk add python # buildkit\` | base |
      |  | \`CMD ["/bin/sh"]\` | – |
      |  | \`ADD alpine.tar / # buildkit\` | base |

      It sets:

      \`\`\`dockerfile
      ENV LANG=C.UTF-8
      \`\`\`"
    `);
    expect(hovered(stages.replace('FROM build AS dev', 'FROM build<|> AS dev'))).toMatchInlineSnapshot(`
      "« FROM build AS dev »

      **Strata** · stage \`dev\`, 3 of 4

      FROM continues stage \`build\`, which has 3 layers; this stage adds 2 metadata rows. Not built: the target needs nothing of it. \`docker build --target dev\` builds it.

      |  | CREATED BY | LAYER |
      | :-- | :-- | :-- |
      |  | \`RUN /bin/sh -c npm ci && npm run build # buildkit\` | 3 |
      |  | \`COPY . . # buildkit\` | 2 |
      |  | \`WORKDIR /app\` | 1 |
      |  | *the rows of \`node:20-alpine\`: not known without the image* | ? |"
    `);
    expect(hovered(stages.replace('FROM scratch', '<|>FROM scratch'))).toMatchInlineSnapshot(`
      "« FROM scratch »

      **Strata** · stage 4 of 4 · target

      \`scratch\` is empty; this stage adds 1 layer and 1 metadata row."
    `);
  });

  test('in a stage that is read, and in one that is not built', () => {
    expect(hovered(stages.replace('WORKDIR /app', '<|>WORKDIR /app'))).toMatchInlineSnapshot(`
      "« WORKDIR /app »

      **Strata** · layer 1 of 3 · \`[build 2/4]\`

      WORKDIR writes a layer: the directory, even where it exists already. The layers of this stage stay in the build cache: the target takes files from them, and does not inherit them.

      |  | CREATED BY | LAYER |
      | :-- | :-- | :-- |
      | ▶ | **\`WORKDIR /app\`** | **1** |
      |  | *the rows of \`node:20-alpine\`: not known without the image* | ? |"
    `);
    expect(hovered(stages.replace('RUN npm test', '<|>RUN npm test'))).toMatchInlineSnapshot(`
      "« RUN npm test »

      **Strata** · layer 4 of 4 · \`[test 1/1]\`

      RUN writes a layer: the files that the command changes. Not built: the target needs nothing of it. \`docker build --target test\` builds it.

      |  | CREATED BY | LAYER |
      | :-- | :-- | :-- |
      | ▶ | **\`RUN /bin/sh -c npm test # buildkit\`** | **4** |
      |  | \`RUN /bin/sh -c npm ci && npm run build # buildkit\` | 3 |
      |  | \`COPY . . # buildkit\` | 2 |
      |  | \`WORKDIR /app\` | 1 |
      |  | *the rows of \`node:20-alpine\`: not known without the image* | ? |"
    `);
  });

  test('on what writes no row', () => {
    expect(hovered(stages.replace('ONBUILD', '<|>ONBUILD'))).toMatchInlineSnapshot(`
      "« ONBUILD RUN true »

      **Strata** · no row

      ONBUILD writes no row here: it runs in images that are built FROM this one."
    `);
    expect(hovered(stages.replace('ARG', '<|>ARG'))).toMatchInlineSnapshot(`
      "« ARG NODE=20 »

      **Strata** · before the first FROM

      For the FROM lines, and for stages that declare it again. It writes no row and no layer."
    `);
    expect(hovered(stages.replace('WORKDIR /\n', '<|>WORKDIR /\n'))).toMatchInlineSnapshot(`
      "« WORKDIR / »

      **Strata** · metadata

      \`WORKDIR /\` is metadata: an empty row in the history, no layer.

      |  | CREATED BY | LAYER |
      | :-- | :-- | :-- |
      | ▶ | **\`WORKDIR /\`** | **–** |"
    `);
  });

  test('on a variable: its value there', () => {
    expect(hovered(stages.replace('$PORT', '$P<|>ORT'))).toMatchInlineSnapshot(`
      "« $PORT »

      **Strata** · metadata

      \`$PORT\` is \`80\` here.

      EXPOSE is metadata: an empty row in the history, no layer. Not built: the target needs nothing of it. \`docker build --target dev\` builds it.

      |  | CREATED BY | LAYER |
      | :-- | :-- | :-- |
      | ▶ | **\`EXPOSE [80/tcp]\`** | **–** |
      |  | \`ENV PORT=80\` | – |
      |  | \`RUN /bin/sh -c npm ci && npm run build # buildkit\` | 3 |
      |  | \`COPY . . # buildkit\` | 2 |
      |  | \`WORKDIR /app\` | 1 |
      |  | *the rows of \`node:20-alpine\`: not known without the image* | ? |"
    `);
    expect(hovered(stages.replace('${NODE}', '$<|>{NODE}'))).toMatchInlineSnapshot(`
      "« \${NODE} »

      **Strata** · stage \`build\`, 1 of 4 · \`[build 1/4]\`

      \`$NODE\` is \`20\` here.

      The base image \`node:20-alpine\` brings rows and layers of its own, not known without the image; this stage adds 3 layers. The layers of this stage stay in the build cache: the target takes files from them, and does not inherit them.

      Assumed: no ONBUILD triggers in the base; at least one layer in the base; the default shell: /bin/sh -c, on Windows cmd /S /C."
    `);
    expect(hovered('FROM a\nUSER $HO<|>ME\n')).toMatchInlineSnapshot(`
      "« $HOME »

      **Strata** · metadata

      \`$HOME\` is not known: it depends on the base image or on the build.

      USER is metadata: an empty row in the history, no layer.

      |  | CREATED BY | LAYER |
      | :-- | :-- | :-- |
      | ▶ | **\`USER\` *its text depends on a value that is not known*** | **–** |
      |  | *the rows of \`a\`: not known without the image* | ? |"
    `);
    expect(hovered('FROM scratch\nUSER ${WH<|>O}\n')).toMatchInlineSnapshot(`
      "« \${WHO} »

      **Strata** · metadata

      \`$WHO\` is empty here: nothing sets it.

      USER is metadata: an empty row in the history, no layer.

      |  | CREATED BY | LAYER |
      | :-- | :-- | :-- |
      | ▶ | **\`USER\`** | **–** |"
    `);
    expect(hovered('FROM scratch\nARG V=1\nRUN a \\\n  $<|>V $i\n')).toMatchInlineSnapshot(`
      "« $V »

      **Strata** · \`$V\` is \`1\` here."
    `);
    expect(hovered('FROM scratch\nARG V=1\nRUN a \\\n  $V $i<|>\n')).toBe('nothing');
  });

  test('on a rule that a comment silences', () => {
    const silenced = 'FROM scratch\nCOPY \\\n  # strata: ignore=copy-before-install, left-over -- small\n  a b\n';
    expect(hovered(silenced.replace('before', 'be<|>fore'))).toMatchInlineSnapshot(`
      "« copy-before-install »

      **Strata** · \`copy-before-install\`

      Source is copied before dependencies are installed, where the install reads only some of it.

      [When the rule speaks, and what its fixes change](https://github.com/strata-layers/strata/blob/main/server/src/core/rules/copy-before-install.md)"
    `);
    expect(hovered(silenced.replace('left-over', 'left-over<|>')).split('\n')[0]).toBe('« left-over »');
    expect(['strata', 'small'].map((word) => hovered(silenced.replace(word, `${word}<|>`)))).toEqual(['nothing', 'nothing']);
    expect(hovered('FROM scratch\n# strata: ignore=al<|>l\nCOPY a b\n')).toBe('nothing');
  });

  test('on what BuildKit refuses', () => {
    expect(hovered('FROM scratch\nCO<|>PY a\n')).toMatchInlineSnapshot(`
      "« COPY a »

      **Strata** · layer 1 of 1 · \`[1/1]\`

      BuildKit refuses the file: COPY requires at least two arguments, but only one was provided. Destination could not be determined"
    `);
    expect(hovered('FROM scratch\nCO<|>PY --from=later a b\nFROM scratch AS later\n')).toMatchInlineSnapshot(`
      "« COPY --from=later a b »

      **Strata** · layer 1 of 1 · \`[stage-0 1/1]\`

      The build stops here: cannot copy from stage "later", it needs to be defined before current stage "stage\\-0"

      COPY writes a layer: the files that it copies. Not built: the target \`later\` needs nothing of it. \`docker build --target 0\` builds it.

      |  | CREATED BY | LAYER |
      | :-- | :-- | :-- |
      | ▶ | **\`COPY a b # buildkit\`** | **1** |"
    `);
  });

  test('a text that cannot be known is said to be so', () => {
    expect(hovered('FROM a\n<|>ENV PATH=/x:$PATH\n')).toMatchInlineSnapshot(`
      "« ENV PATH=/x:$PATH »

      **Strata** · metadata

      ENV is metadata: an empty row in the history, no layer.

      |  | CREATED BY | LAYER |
      | :-- | :-- | :-- |
      | ▶ | **\`ENV\` *its text depends on a value that is not known*** | **–** |
      |  | *the rows of \`a\`: not known without the image* | ? |"
    `);
  });

  test('shows texts as they are, in one row each', () => {
    expect(hovered('FROM scratch\n<|>RUN a | `b` \\\n  && echo "![x](http://y)" | tee c\n')).toMatchInlineSnapshot(`
      "« RUN a | \`b\` \\ »

      **Strata** · layer 1 of 1 · \`[1/1]\`

      RUN writes a layer: the files that the command changes.

      |  | CREATED BY | LAYER |
      | :-- | :-- | :-- |
      | ▶ | **\`\`RUN /bin/sh -c a \\| \`b\` && echo "![x](http://y)" \\| tee c # b…\`\`** | **1** |"
    `);
  });

  test('is cut where it would be long', () => {
    expect(hovered(`FROM scratch\n${'LABEL a=b\n'.repeat(20)}<|>RUN ${'x'.repeat(100)}\n`)).toMatchInlineSnapshot(`
      "« RUN xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx »

      **Strata** · layer 1 of 1 · \`[1/1]\`

      RUN writes a layer: the files that the command changes.

      |  | CREATED BY | LAYER |
      | :-- | :-- | :-- |
      | ▶ | **\`RUN /bin/sh -c xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…\`** | **1** |
      |  | \`LABEL a=b\` | – |
      |  | \`LABEL a=b\` | – |
      |  | \`LABEL a=b\` | – |
      |  | \`LABEL a=b\` | – |
      |  | \`LABEL a=b\` | – |
      |  | \`LABEL a=b\` | – |
      |  | \`LABEL a=b\` | – |
      |  | \`LABEL a=b\` | – |
      |  | \`LABEL a=b\` | – |
      |  | *… 11 more rows* |  |"
    `);
  });

  test('is silent on comments, blank lines and the rest of an instruction', () => {
    for (const text of ['# a<|> b\nFROM a\n', 'FROM a\n<|>\nRUN b\n', 'FROM a\nRUN b \\\n  c<|>\n', 'FROM a\nRUN <<E\nb<|>\nE\n', 'FROM a\nRUN b \\\n# c<|>\n d\n', '<|>']) {
      expect(hovered(text)).toBe('nothing');
    }
  });
});

test('outline: stages and their steps', () => {
  expect(outlined(stages)).toMatchInlineSnapshot(`
    "ARG NODE=20
    build  (node:20-alpine · 3 layers)
      WORKDIR /app  (layer 1)
      COPY . .  (layer 2)
      RUN npm ci && npm run build  (layer 3)
    test  (build · not built)
      RUN npm test  (layer 4)
    dev  (build · not built)
      ENV PORT=80  (metadata)
      EXPOSE $PORT  (metadata)
    scratch  (1 layer)
      WORKDIR /  (metadata)
      COPY --from=build /app/dist /dist  (layer 1)
      ONBUILD RUN true"
  `);
  expect(outlined('RUN a\nFROM\n')).toMatchInlineSnapshot(`
    "RUN a
    stage 0  (0 layers)"
  `);
});

test('marks: layers, metadata and stages', () => {
  expect(marked(stages)).toMatchInlineSnapshot(`
    "  ARG NODE=20
      FROM node:\${NODE}-alpine AS build
    ▌ WORKDIR /app
    ▌ COPY . .
    ▌ RUN npm ci \\
    ▌   && npm run build

      FROM build AS test
    ▌ RUN npm test

      FROM build AS dev
    ┊ ENV PORT=80
    ┊ EXPOSE $PORT

      FROM scratch
    ┊ WORKDIR /
    ▌ COPY --from=build /app/dist /dist
      ONBUILD RUN true

    build: 3 layers, 0 metadata, on node:20-alpine
    test: 4 layers, 0 metadata, on node:20-alpine, not built
    dev: 3 layers, 2 metadata, on node:20-alpine, not built
    scratch: 1 layers, 1 metadata, on scratch, which is empty, target"
  `);
});
