/** The layer map as text: what stands on what, from the bottom up, in which columns. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { layoutOf } from '../src/core/map/layout';
import type { Block, LayerMap } from '../src/core/map/model';
import { svgOf } from '../src/core/map/svg';
import { familiesRequest, lookRequest, mapRequest, type FamiliesAnswer, type MapAnswer, type MapParams } from '../src/protocol';
import { openProject } from '../src/workspace/machine';
import type { Project } from '../src/workspace/project';
import { connect, uri, type Client } from './client';
import { opened as openedImages, savedOf, settled, temporaryFolder } from './image-session';

let project: Project | undefined;
afterEach(() => project?.close());

test('stages stand side by side, each on what it is built from', async () => {
  const client = await connect();
  await client.open(`\
FROM golang:1.22 AS build
WORKDIR /src
COPY . .
RUN go build -o /app

FROM build AS test
RUN go test ./...

FROM scratch
ENTRYPOINT ["/app"]
COPY --from=build /app /app
`);
  expect(await pictured(client, { textDocument: { uri } })).toBe(`\
Untitled-1 · scratch
1 build · 3 layers · the target needs it
  ? golang:1.22 · layers not known
  | WORKDIR /src · layer 1
  | COPY . . · layer 2
  | RUN go build -o /app · layer 3
2 test · 4 layers · not built
  ^ stage build · 3 layers
  | RUN go test ./... · layer 4
3 scratch · 1 layer · the target
  - ENTRYPOINT ["/app"] · metadata
  | COPY --from=build /app /app · layer 1
1 continues: stage build
1 takes: COPY --from=build /app /app
`);
});

const siblings = {
  'app/Dockerfile': 'FROM python:3.8-alpine\nRUN pip install flask\nCMD ["python","app.py"]\nCOPY app.py /app.py\n',
  'app2/Dockerfile': 'FROM python:3.8-alpine\nRUN pip install flask\nCMD ["python","app2.py"]\nCOPY app2.py /app2.py\n',
};

test('two images stand on the layers that they share', async () => {
  const { client, address } = await folderOf(siblings);
  const map = { files: [address('app/Dockerfile'), address('app2/Dockerfile')] };
  expect(await pictured(client, map)).toBe(`\
app/Dockerfile, app2/Dockerfile
1 app/Dockerfile · 2 layers
2 app2/Dockerfile · 2 layers
1-2 ? python:3.8-alpine · layers not known · shared by 2
1-2 | RUN pip install flask · layer 1 · shared by 2
1 - CMD ["python","app.py"] · metadata
1 | COPY app.py /app.py · layer 2
2 - CMD ["python","app2.py"] · metadata
2 | COPY app2.py /app2.py · layer 2
`);
});

test('a family of many is a tree: what some share is one block, and drift is marked', async () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'];
  const files = Object.fromEntries(names.map((name) => [`${name}/Dockerfile`, `FROM python:3.12-slim\nENV A=1\nWORKDIR /app\nRUN pip install flask==${name === 'e' ? '2.2' : '2.3'} gunicorn\nCOPY . .\nCMD ["${name}"]\n`]));
  const { client } = await folderOf(files);
  const { families: [family] } = await client.ask<FamiliesAnswer>(familiesRequest, {});
  expect(await pictured(client, { family: family.id })).toBe(`\
10 siblings on python:3.12-slim
${[...names.filter((name) => name !== 'e'), 'e'].map((name, i) => `${i + 1} ${name}/Dockerfile · 3 layers${name === 'e' ? ' · drifted' : ''}`).join('\n')}
1-10 # python:3.12-slim · base + 1 layer · shared by 10
1-9 | RUN pip install flask==2.3 gunicorn · layer 2 · shared by 9 (base)
${[1, 2, 3, 4, 5, 6, 7, 8, 9].map((at) => `${at} | COPY . . · layer 3`).join('\n')}
10 # RUN pip install flask==2.2 gunicorn · 2 layers · drifted
`);
  const { map } = await client.ask<MapAnswer>(mapRequest, { family: family.id, after: 0 });
  expect(map.blocks.filter(({ owner }) => owner === 'base').map(({ text, columns }) => `${columns.join('-')} ${text}`)).toEqual(['0-9 python:3.12-slim', '0-8 RUN pip install flask==2.3 gunicorn']);
});

test('the image that was built has its sizes, its waste and its containers on the map', async () => {
  const saved = await savedOf([[{ name: 'base', text: 'x' }], [{ name: 'big', text: 'b'.repeat(2_000_000) }], [{ name: '.wh.big', text: '' }]]);
  const rows = '0 CMD ["x"]\n0 RUN /bin/sh -c rm /big # buildkit\n2000000 COPY big /big # buildkit\n1 ADD base / # buildkit\n';
  const text = 'FROM python:3.8-alpine\nCOPY big /big\nRUN rm /big\nCMD ["x"]\n';
  const { client, uri: at, labels } = await openedImages({ shop: { ...saved, rows, containers: { web: [] } } }, { Dockerfile: text });
  await labels();
  await client.ask(lookRequest, { textDocument: { uri: at } });
  await settled();
  await labels();
  expect(await pictured(client, { textDocument: { uri: at }, containers: true })).toBe(`\
Dockerfile · python:3.8-alpine
1 python:3.8-alpine · 2 layers · the target
  ? python:3.8-alpine · layers not known
  | COPY big /big · layer 1 · 2 MB · 2 MB wasted
  | RUN rm /big · layer 2 · 0 B
  - CMD ["x"] · metadata
  ~ web · writable layer of a container
`);
});

test('the members of a family have the sizes of their images, and what the engine knows of their base', async () => {
  const dockerfile = (name: string): string => `FROM python:3.8-alpine\nRUN pip install flask\nCOPY ${name}.py /\n`;
  const base = { rows: '5000000 ADD alpine / # buildkit\n', layers: 1, diffIds: ['sha256:a'] };
  const image = (name: string) => ({ rows: `1000 COPY ${name}.py / # buildkit\n9000000 RUN /bin/sh -c pip install flask # buildkit\n${base.rows}`, layers: 3 });
  const compose = 'services:\n  app:\n    image: app\n    build: app\n  job:\n    image: job\n    build: job\n';
  const { client, labels } = await openedImages({ 'python:3.8-alpine': base, app: image('app'), job: image('job') }, { 'Dockerfile': 'FROM scratch\n', 'compose.yaml': compose, 'app/Dockerfile': dockerfile('app'), 'app/app.py': '', 'job/Dockerfile': dockerfile('job'), 'job/job.py': '' });
  await labels();
  await client.ask(familiesRequest, {});
  await settled();
  const { families: [family] } = await client.ask<FamiliesAnswer>(familiesRequest, {});
  // The first question is what the engine is asked for.
  await client.ask(mapRequest, { family: family.id });
  await settled();
  expect(await pictured(client, { family: family.id })).toBe(`\
2 siblings on python:3.8-alpine
1 app/Dockerfile · 2 layers
2 job/Dockerfile · 2 layers
1-2 # python:3.8-alpine · 1 base layer · 5 MB · shared by 2
1-2 | RUN pip install flask · layer 1 · 9 MB · shared by 2 (base)
1 | COPY app.py / · layer 2 · 1 kB
2 | COPY job.py / · layer 2 · 1 kB
`);
});

/** Words of a Dockerfile, a file or an image are never markup. */
test('nothing of a Dockerfile gets out of the drawing', () => {
  const evil = '</text><script>alert(1)</script>"\'&\u0000\ud800';
  const block: Block = { id: evil, columns: [0, 0], kind: 'layer', owner: 'ours', text: evil, detail: evil, label: evil };
  const map: LayerMap = { kind: 'stages', title: evil, note: evil, columns: [{ id: evil, name: evil, detail: evil, label: evil, use: 'target' }], blocks: [block], arrows: [] };
  const svg = svgOf(map, layoutOf(map, 'equal'));
  expect(svg).not.toContain('<script');
  expect(svg.match(/<\/?[a-z]+/g)?.filter((tag) => !/^<\/?(?:svg|defs|pattern|path|marker|line|g|rect|text)$/.test(tag))).toEqual([]);
});

test('the drawing: what stands in two columns is as wide as both, and sizes are heights', () => {
  const column = (id: string) => ({ id, name: id, detail: '', label: id, use: 'target' as const });
  const block = (id: string, columns: [number, number], size?: number): Block => ({ id, columns, kind: 'layer', owner: 'ours', text: id, detail: '', label: id, size });
  const map: LayerMap = { kind: 'images', title: '', note: '', columns: [column('a'), column('b')], blocks: [block('shared', [0, 1], 900), block('left', [0, 0], 100), block('right', [1, 1])], arrows: [] };
  const boxes = (heights: 'equal' | 'size') => layoutOf(map, heights).boxes.map(({ block: { id }, x, y, width, height }) => `${id}: ${x},${y} ${width}x${height}`);
  expect(boxes('equal')).toEqual(['shared: 16,61 446x42', 'left: 16,16 216x42', 'right: 246,16 216x42']);
  expect(boxes('size')).toEqual(['shared: 16,71 446x468', 'left: 16,16 216x52', 'right: 246,54 216x14']);
});

async function pictured(client: Client, params: MapParams): Promise<string> {
  const { map } = await client.ask<MapAnswer>(mapRequest, params);
  return textOf(map);
}

const signs: Readonly<Record<Block['kind'], string>> = { layer: '|', layers: '#', metadata: '-', below: '^', unknown: '?', container: '~' };

function textOf({ kind, title, columns, blocks, arrows }: LayerMap): string {
  const line = ({ kind: sign, text, detail, extracts }: Block): string => `${signs[sign]} ${text} · ${detail}${extracts ? ' (base)' : ''}`;
  const head = columns.map(({ name, detail }, i) => `${i + 1} ${name} · ${detail}`);
  const body = kind === 'stages' ? head.flatMap((text, i) => [text, ...blocks.filter(({ columns: [first] }) => first === i).map((block) => `  ${line(block)}`)])
    : [...head, ...blocks.map((block) => `${[...new Set(block.columns)].map((at) => at + 1).join('-')} ${line(block)}`)];
  const drawn = arrows.map(({ from, to, kind: what }) => `${from + 1} ${what}: ${blocks.find(({ id }) => id === to)?.text}`);
  return [title, ...body, ...drawn, ''].join('\n');
}

async function folderOf(files: Readonly<Record<string, string>>): Promise<{ readonly client: Client; readonly address: (path: string) => string }> {
  const folder = temporaryFolder('map');
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const address = (path: string): string => pathToFileURL(join(folder, path)).href;
  const client = await connect({}, { workspaceFolders: [{ uri: pathToFileURL(folder).href, name: 'folder' }] }, { project: (listener) => (project = openProject(listener)) });
  const [first] = Object.entries(files);
  await client.open(first[1], address(first[0]));
  await client.ask(familiesRequest, {});
  await project?.settled();
  return { client, address };
}
