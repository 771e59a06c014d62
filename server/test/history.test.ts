/** Histories of real images: an engine's rows joined to the lines of a file, and engines that answer badly or not at all. */
import type { RequestListener } from 'node:http';
import { expect, test } from 'vitest';
import { analyze } from '../src/core/analyze';
import { joinImage } from '../src/core/image/join';
import type { Image, ImageRow, LayerEntry, LayerFiles } from '../src/core/image/model';
import { engineAt, findEngine } from '../src/workspace/images/engine';
import { runAny } from '../src/workspace/command-line';
import { serve, serveImages } from './fake-engine';

const flask = `\
FROM python:3.8-alpine
RUN pip install flask
WORKDIR /srv
CMD ["python","app.py"]
COPY app.py /app.py
`;

/** As `docker image history` prints them: newest first; a size, then the text. */
const built = `\
1200 COPY app.py /app.py # buildkit
0 CMD ["python" "app.py"]
0 WORKDIR /srv
5000000 RUN /bin/sh -c pip install flask # buildkit
0 CMD ["python3"]
40000000 /bin/sh -c #(nop) ADD file:abc in / `;

test('each row has its line, the newest first; what lies below is the base', async () => {
  expect(await history(flask, built)).toBe(`\
app (linux/amd64), built of Dockerfile

IMAGE         CREATED AT            CREATED BY                                       SIZE  LINE
0123456789ab  1970-01-01T00:01:05Z  COPY app.py /app.py # buildkit                   1200  5
<missing>     1970-01-01T00:01:04Z  CMD ["python" "app.py"]                             0  4
<missing>     1970-01-01T00:01:03Z  WORKDIR /srv                                        0  3
<missing>     1970-01-01T00:01:02Z  RUN /bin/sh -c pip install flask # buildkit   5000000  2
<missing>     1970-01-01T00:01:01Z  CMD ["python3"]                                     0  base
<missing>     1970-01-01T00:01:00Z  /bin/sh -c #(nop) ADD file:abc in /          40000000  base
`);
});

test('the layer table with the sizes of an image; a line that has changed since has none', async () => {
  const text = flask.replace('install flask', 'install flask gunicorn');
  expect(await printed(['layers', 'Dockerfile', '--image', 'app'], text, built)).toBe(`\
Dockerfile: 3 layers, 1 row of metadata only (BuildKit); sizes in bytes, of app

LAYER  STEP   LINE      SIZE  CREATED BY
?      [1/4]        40000000  FROM python:3.8-alpine: its rows are not known without its image
1      [2/4]  2            ?  RUN /bin/sh -c pip install flask gunicorn # buildkit
2      [3/4]  3            0  WORKDIR /srv
-             4            0  CMD ["python" "app.py"]
3      [4/4]  5         1200  COPY app.py /app.py # buildkit

Assumed:
  no ONBUILD triggers in the base
  at least one layer in the base
  the default shell: /bin/sh -c, on Windows cmd /S /C
`);
  const { image } = JSON.parse(await printed(['layers', 'Dockerfile', '--image', 'app', '--json'], text, built)) as { image: { sizesOf: string; base: object; history: { line: number; size: number | null }[] } };
  expect(image).toMatchObject({ sizesOf: 'app', base: { size: 40_000_000 } });
  expect(image.history.map(({ line, size }) => [line, size])).toEqual([[2, null], [3, 0], [4, 0], [5, 1200]]);
});

test('of a squashed image no line has a size', async () => {
  // As Buildah makes one: the last row has the layer.
  const squashed = '5000000 /bin/sh -c #(nop) CMD ["python","app.py"]\n0 /bin/sh -c pip install flask\n40000000 /bin/sh -c #(nop) ADD file:abc in / ';
  const table = await printed(['layers', 'Dockerfile', '--image', 'app'], 'FROM python:3.8-alpine\nRUN pip install flask\nCMD ["python","app.py"]\n', squashed, 2);
  expect(table.split('\n').slice(3, 6).map((line) => line.slice(17, 28).trim())).toEqual(['40000000', '?', '0']);
});

test('a line that has changed since says so, and one that is new has no row', async () => {
  const text = flask.replace('install flask', 'install flask gunicorn').replace('CMD', 'ENV A=1\nCMD');
  const [, lines, doubt, missing] = (await history(text, built)).split('\n\n');
  expect(lines.split('\n').map((line) => line.slice(91))).toEqual(['LINE', '6', '5', '3', '2 (an older text of it)', 'base', 'base']);
  expect(doubt).toBe('One row is joined by kind and place: the line has another text now.');
  expect(missing).toBe('line 4: ENV has no row in this image\n');
});

test('waste has the line that wrote it and the line that wasted it', async () => {
  const file = (path: string, content: string, mode = 0o644): LayerEntry => ({ path, kind: 'file', size: 5000, mode, uid: 0, gid: 0, mtime: 0, content });
  const layers: LayerFiles[] = [
    { diffId: 'sha256:0', entries: [file('etc/base', 'a')] },
    { diffId: 'sha256:1', entries: [file('app', 'b')] },
    { diffId: 'sha256:2', entries: [file('app', 'b', 0o755), { ...file('etc/base', ''), kind: 'whiteout', size: 0 }] },
  ];
  const rows = ['ADD rootfs.tar / # buildkit', 'COPY app /app # buildkit', 'CMD ["/app"]', 'RUN /bin/sh -c chmod 755 /app && rm /etc/base # buildkit'].map((createdBy, i): ImageRow => ({
    id: null, created: null, createdBy, comment: '', size: 0, tags: [], emptyLayer: i === 2, diffId: i === 2 ? undefined : `sha256:${i === 3 ? 2 : i}`,
  }));
  const image: Image = { reference: 'app', id: 'sha256:1', platform: 'linux/amd64', config: {}, rows, diffIds: layers.map(({ diffId }) => diffId) };
  let printed = '';
  const content = (_: string, use: (content: object) => Promise<void>): Promise<void> => use({ image, layers: async () => layers });
  const machine = { read: () => 'FROM debian\nCOPY app /app\nCMD ["/app"]\nRUN chmod 755 /app && rm /etc/base\n', write: (part: string) => (printed += part), environment: {}, architecture: 'x64', content };
  expect(await runAny(['waste', 'Dockerfile', '--image', 'app'], machine as unknown as Parameters<typeof runAny>[1])).toEqual({ exitCode: 0 });
  expect(printed).toBe(`\
app (linux/amd64), built of Dockerfile: 10000 of 15000 bytes are wasted (as dive counts: 15000, efficiency 33.3 %)

BYTES  WASTE          LINE  BY LINE  PATH
 5000  deleted-later  base  4        /etc/base
 5000  copied-again   2     4        /app
`);
});

test('waste says what would save it', async () => {
  const file = (mode: number): LayerEntry => ({ path: 'app', kind: 'file', size: 5_000_000, mode, uid: 0, gid: 0, mtime: 0, content: 'a' });
  const layers: LayerFiles[] = [{ diffId: 'sha256:0', entries: [file(0o644)] }, { diffId: 'sha256:1', entries: [file(0o755)] }];
  const rows = ['COPY app /app # buildkit', 'RUN /bin/sh -c chmod 755 /app # buildkit'].map((createdBy, i): ImageRow => ({ id: null, created: null, createdBy, comment: '', size: 0, tags: [], emptyLayer: false, diffId: `sha256:${i}` }));
  const image: Image = { reference: 'app', id: 'sha256:1', platform: 'linux/amd64', config: {}, rows, diffIds: layers.map(({ diffId }) => diffId) };
  let printed = '';
  const content = (_: string, use: (content: object) => Promise<void>): Promise<void> => use({ image, layers: async () => layers });
  const machine = { read: () => 'FROM debian\nCOPY app /app\nRUN chmod 755 /app\n', write: (part: string) => (printed += part), environment: {}, architecture: 'x64', content };
  await runAny(['waste', 'Dockerfile', '--image', 'app'], machine as unknown as Parameters<typeof runAny>[1]);
  expect(printed.split('\n').slice(3).join('\n')).toBe(`\
5000000  copied-again  2     3        /app

line 3: Put --chmod=755 on the copy of line 2: saves 5 MB (the image stays the same)
`);
});

function joined(text: string, image: string): string[] {
  const analysis = analyze(text);
  const rows = image.trim().split('\n').toReversed().map((createdBy) => ({ id: null, created: null, createdBy, comment: '', emptyLayer: undefined, diffId: undefined, size: undefined, tags: [] }));
  const { rows: found, doubt, current } = joinImage(analysis, analysis.target ?? 0, { reference: 'app', id: 'sha256:1', platform: 'linux/amd64', config: {}, rows, diffIds: [] });
  return [...found.map(({ row, owner, step }) => `${row.createdBy} ← ${step?.line ?? owner}`), current ? 'current' : 'not current', ...(doubt === undefined ? [] : [doubt])];
}

test('rows of the classic builder, and an image of one row', () => {
  expect(joined('FROM debian\nCOPY a /b\nRUN make\nCMD ["a"]\n', '/bin/sh -c #(nop)  CMD ["a"]\n/bin/sh -c make\n/bin/sh -c #(nop) COPY file:1234 in /b ')).toEqual([
    '/bin/sh -c #(nop) COPY file:1234 in /b ← 2', '/bin/sh -c make ← 3', '/bin/sh -c #(nop)  CMD ["a"] ← 4', 'current',
  ]);
  expect(joined('FROM debian\nRUN make\n', 'Imported from -')).toEqual([
    'Imported from - ← base', 'not current', 'The image has one row only, as one that was flattened, squashed or imported: no line can be told apart.',
  ]);
});

test('an engine that has no such image, that does not answer, that stops midway, that sends too much, that sends no JSON', async () => {
  expect(await asked((_, answer) => answer.writeHead(404).end('{"message":"No such image"}'))).toBe('none');
  expect(await asked(() => undefined, 200)).toBe('The engine at HOST does not answer within 0.2 seconds.');
  expect(await asked((_, answer) => void answer.writeHead(200).write('{"Id":', () => undefined), 200)).toBe('The engine at HOST does not answer within 0.2 seconds.');
  expect(await asked((_, answer) => void answer.writeHead(200, { 'Content-Length': 1000 }).write('{"Id":', () => answer.destroy()))).toBe('The engine at HOST does not answer: aborted');
  expect(await asked((_, answer) => answer.writeHead(200).end(JSON.stringify({ Id: 'x'.repeat(3 << 20) })))).toBe('The engine at HOST answers with more than 1 MB.');
  expect(await asked((_, answer) => answer.writeHead(200).end('<html>'))).toBe('The engine at HOST answers in a way that is not known.');
  expect(await asked((_, answer) => answer.writeHead(500).end('{"message":"disk full"}'))).toContain('disk full');
  expect(await asked((_, answer) => answer.writeHead(200).end('{}'))).toBe('The engine at HOST answers in a way that is not known.');
});

test('no engine', async () => {
  await expect(engineAt('unix:///nowhere/docker.sock').image('a')).rejects.toThrow('No engine answers at unix:///nowhere/docker.sock.');
  expect(() => findEngine({ DOCKER_HOST: 'ssh://elsewhere' })).toThrow('ssh://elsewhere: engines are asked at unix, npipe, tcp, http and https addresses only.');
  expect(() => findEngine({ DOCKER_CONTEXT: 'away', DOCKER_CONFIG: '/nowhere' })).toThrow('The Docker context away is in use, and is not known.');
});

test('what a terminal would act upon is not printed', async () => {
  const text = await history(flask, built.replace('COPY app.py', 'COPY \u001b[31mapp.py'));
  expect(text).not.toContain('\u001b');
  expect(text).toContain('COPY �[31mapp.py');
});

/** What `strata history Dockerfile --image app` prints. */
async function history(text: string, rows: string): Promise<string> {
  return printed(['history', 'Dockerfile', '--image', 'app'], text, rows);
}

async function printed(command: readonly string[], text: string, rows: string, layers = 4): Promise<string> {
  const { host } = await serveImages({ app: { rows, layers } });
  let printed = '';
  const machine = { read: () => text, write: (part: string) => (printed += part), environment: {}, architecture: 'x64', image: async (name: string) => (await engineAt(host).image(name))! };
  expect(await runAny(command, machine as unknown as Parameters<typeof runAny>[1])).toEqual({ exitCode: 0 });
  return printed;
}

async function asked(listener: RequestListener, patience = 20_000): Promise<string> {
  const host = await serve(listener);
  return engineAt(host, {}, { patience, largest: 1 << 20 }).image('app').then((image) => (image ? 'an image' : 'none'), ({ message }: Error) => message.replaceAll(host, 'HOST'));
}
