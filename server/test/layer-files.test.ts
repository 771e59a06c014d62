/** What the editor shows of a line's files: each folder as lines of `label · description`, and the texts that can be opened. */
import { expect, test } from 'vitest';
import {
  containersRequest, imageLayersRequest, imageNamesRequest, layerFilesRequest, layerTextsRequest, showLayerRequest,
  type ContainersAnswer, type ImageLayersAnswer, type LayerFile, type LayerFilesAnswer, type LayerTextsAnswer, type ShowLayerAnswer, type ShownFiles,
} from '../src/protocol';
import { opened, savedOf, type Opened } from './image-session';

const dockerfile = 'FROM python:3.8-alpine\nCOPY app /app/\nENV A=b\nRUN sed -i s/1/2/ /etc/conf && rm /etc/old && chmod +x /app/run\n';
const rows = '40 RUN /bin/sh -c sed -i s/1/2/ /etc/conf && rm /etc/old && chmod +x /app/run # buildkit\n0 ENV A=b\n40 COPY app /app/ # buildkit\n8 /bin/sh -c #(nop) ADD file:abc in / ';

/** Of the base, the copy, and the RUN. */
async function shop() {
  const folder = (name: string) => ({ name, type: 'directory' as const, mode: 0o755 });
  const saved = await savedOf([
    [folder('etc/'), { name: 'etc/conf', text: 'one 1\n' }, { name: 'etc/old', text: '0123456789' }],
    [folder('app/'), folder('app/lib/'), folder('app/lib/deep/'), { name: 'app/lib/deep/a.py', text: 'print()\n' }, { name: 'app/run', text: '#!/bin/sh\n' }, { name: 'app/logo', bytes: Buffer.from([1, 0, 2]) }, { name: 'app/link', type: 'symlink', linkname: 'run' }],
    [folder('etc/'), { name: 'etc/conf', text: 'one 2\n' }, { name: 'etc/.wh.old', text: '' }, folder('app/'), { name: 'app/run', text: '#!/bin/sh\n', mode: 0o755 }],
  ]);
  return { ...saved, rows, containers: { web: ['C /etc', 'C /etc/conf', 'A /tmp/x', 'D /app/lib'] } };
}

/** A view, as a user opens it folder by folder. */
async function openedView({ client }: Opened, shown: ShownFiles): Promise<string[]> {
  const lines = async (path: string, indent: string): Promise<string[]> => {
    const answer = await client.ask<LayerFilesAnswer>(layerFilesRequest, { shown, path });
    if ('failed' in answer) return [answer.failed];
    const found: string[] = [];
    for (const { label, description, isFolder, path: own } of answer.items) found.push(`${indent}${label} · ${description}`, ...(isFolder ? await lines(own, `${indent}  `) : []));
    return found;
  };
  return [shown.title, ...(await lines('', '  '))];
}

async function lineView(session: Opened, line: number): Promise<string[]> {
  const answer = await showing(session, line);
  return 'failed' in answer ? [answer.failed] : openedView(session, answer.shown);
}

async function showing({ client, uri, labels }: Opened, line: number): Promise<ShowLayerAnswer> {
  await labels();
  return client.ask(showLayerRequest, { textDocument: { uri }, position: { line, character: 0 } });
}

test('what a COPY added: the largest first, folders that hold nothing but another in one line', async () => {
  expect(await lineView(await opened({ shop: await shop() }, { Dockerfile: dockerfile }), 1)).toEqual([
    'layer 1 · COPY app /app/',
    '  app · added · 21 B · 6 in it',
    '    run · 10 B',
    '    lib · added · 8 B · 2 in it',
    '      deep · added · 8 B · 1 in it',
    '        a.py · 8 B',
    '    logo · 3 B',
    '    link · → run',
  ]);
});

test('what a RUN changed: contents, modes, and what is gone and kept below', async () => {
  const session = await opened({ shop: await shop() }, { Dockerfile: dockerfile });
  expect(await lineView(session, 3)).toEqual([
    'layer 2 · RUN sed -i s/1/2/ /etc/conf && rm /etc/old && chmod +x /app…',
    '  etc · 6 B · 1 changed, 1 removed',
    '    old · removed · 10 B stay in the layers below',
    '    conf · 6 B · changed: content',
    '  app · 10 B · 1 changed',
    '    run · 10 B · changed: mode',
  ]);
  const { shown } = (await showing(session, 3)) as { shown: ShownFiles };
  const { items } = await session.client.ask<{ items: LayerFile[] }>(layerFilesRequest, { shown, path: 'app' });
  expect(items[0]).toMatchObject({
    tooltip: '/app/run\n0644 0:0 10 B → 0755 0:0 10 B\nby layer 2, RUN sed -i s/1/2/ /etc/conf && rm /etc/old && chmod +x /app… (line 4)\nwritten before by layer 1, COPY app /app/ (line 2)',
    before: { layer: 1, name: 'layer 1', path: 'app/run' }, after: { layer: 2, name: 'layer 2', path: 'app/run' },
  });
});

test('FROM shows the base; a line without a layer says so; no line shows all of ours', async () => {
  const session = await opened({ shop: await shop() }, { Dockerfile: `# a comment\n${dockerfile}` });
  expect(await lineView(session, 1)).toEqual(['base layer 1 · /bin/sh -c #(nop) ADD file:abc in /', '  etc · added · 16 B · 2 in it', '    old · 10 B', '    conf · 6 B']);
  expect(await lineView(session, 3)).toEqual(['ENV makes no layer: it adds no files.']);
  expect((await lineView(session, 0))[0]).toBe('layer 1 to layer 2');
});

test('a line that the image was not built from has no files', async () => {
  const session = await opened({ shop: await shop() }, { Dockerfile: `${dockerfile}COPY more /more\n` });
  expect(await lineView(session, 4)).toEqual(['shop has no layer of this line: it was built from another text, or before the line was there.']);
  const none = await opened({}, { Dockerfile: dockerfile });
  expect(await lineView(none, 1)).toEqual(['Which image was built of this file is not known, or the engine does not have it: build it, or say which one with Choose the Image of This File…']);
});

test('two layers are compared', async () => {
  const session = await opened({ shop: await shop() }, { Dockerfile: dockerfile });
  const { uri, client, labels } = session;
  await labels();
  const answer = await client.ask<Exclude<ImageLayersAnswer, { failed: string }>>(imageLayersRequest, { textDocument: { uri } });
  expect(answer.layers).toEqual([
    { name: 'base layer 1', title: 'base layer 1 · /bin/sh -c #(nop) ADD file:abc in /', size: '8 B' }, { name: 'layer 1', title: 'layer 1 · COPY app /app/', size: '40 B' },
    { name: 'layer 2', title: 'layer 2 · RUN sed -i s/1/2/ /etc/conf && rm /etc/old && chmod +x /app…', size: '40 B' },
  ]);
  const view = await openedView(session, { document: uri, image: answer.image, files: { from: 1, to: 3 }, title: '' });
  expect(view).toContain('    run · 10 B');
  expect(view).toContain('    conf · 6 B · changed: content');
});

test('texts of a layer are opened; what is no text, too large or not there says so', async () => {
  const session = await opened({ shop: await shop() }, { Dockerfile: dockerfile });
  const { shown: { image } } = (await showing(session, 3)) as { shown: ShownFiles };
  const texts = (...places: [layer: number, path: string][]) => session.client.ask<LayerTextsAnswer>(layerTextsRequest, { image, places: places.map(([layer, path]) => ({ layer, name: `layer ${layer}`, path })) });
  expect(await texts([0, 'etc/conf'], [2, 'etc/conf'])).toEqual({ texts: ['one 1\n', 'one 2\n'] });
  expect(await texts([1, 'app/logo'])).toEqual({ failed: '/app/logo is no text: it has 3 B of binary content.' });
  expect(await texts([1, '../../etc/passwd'])).toEqual({ failed: 'shop has no file /../../etc/passwd in layer 1.' });
  expect(await texts([9, 'etc/conf'])).toEqual({ failed: 'shop has no file /etc/conf in layer 9.' });
});

test('an image that is another one by now is not mixed with the one that is shown', async () => {
  const session = await opened({ shop: await shop() }, { Dockerfile: dockerfile });
  const { shown } = (await showing(session, 3)) as { shown: ShownFiles };
  expect(await session.client.ask(layerFilesRequest, { shown: { ...shown, image: { ...shown.image, id: 'sha256:other' } }, path: '' })).toEqual({ failed: 'shop is another image by now: show its files again.' });
});

test('what a container has changed, and which line wrote what was there', async () => {
  const session = await opened({ shop: await shop() }, { Dockerfile: dockerfile });
  const { uri, client, labels } = session;
  await labels();
  const answer = await client.ask<Exclude<ContainersAnswer, { failed: string }>>(containersRequest, { textDocument: { uri } });
  expect(answer.containers).toEqual([{ id: 'c0ffee-web', name: 'web', isRunning: true }]);
  const shown: ShownFiles = { document: uri, image: answer.image, files: { container: 'c0ffee-web' }, title: 'container web' };
  expect(await openedView(session, shown)).toEqual([
    'container web',
    '  app/lib · removed · 2 in it',
    '    deep · removed · 1 in it',
    '      a.py · removed · 8 B stay in the layers below',
    '  etc · 1 changed',
    '    conf · changed',
    '  tmp · 1 added',
    '    x · added',
  ]);
  const { items } = await client.ask<{ items: LayerFile[] }>(layerFilesRequest, { shown, path: 'etc' });
  expect(items[0]).toMatchObject({ tooltip: '/etc/conf\n0644 0:0 6 B\nwritten before by layer 2, RUN sed -i s/1/2/ /etc/conf && rm /etc/old && chmod +x /app… (line 4)', before: { layer: 2, name: 'layer 2', path: 'etc/conf' } });
  expect(items[0].after).toBeUndefined();
});

test('all images can be chosen from', async () => {
  const { client, labels } = await opened({ shop: await shop(), 'api:1': { rows: '1 RUN x', layers: 1 } }, { Dockerfile: dockerfile });
  await labels();
  expect(await client.ask(imageNamesRequest, {})).toEqual({ names: ['api:1', 'shop'] });
});

test('nothing is looked into where nobody trusts the workspace', async () => {
  const session = await opened({ shop: await shop() }, { Dockerfile: dockerfile }, false);
  expect(await lineView(session, 1)).toEqual([expect.stringContaining('Which image was built of this file is not known')]);
  const image = { reference: 'shop', id: 'sha256:0123456789abcdef' };
  expect(await session.client.ask(layerFilesRequest, { shown: { document: session.uri, image, files: { from: 0, to: 1 }, title: '' }, path: '' })).toEqual({ failed: 'No image is looked into in a workspace that is not trusted.' });
  expect(session.engine.asked).toEqual([]);
});

test('who else has a layer: images on the same layers below, by name', async () => {
  const image = await shop();
  const [first, second] = image.diffIds;
  const other = (...diffIds: string[]) => ({ rows: diffIds.map(() => '1 RUN x').join('\n'), layers: diffIds.length, diffIds });
  const { hover } = await opened({
    shop: { ...image, id: 'sha256:a' }, 'api:1': { ...other(first, second, 'sha256:x'), id: 'sha256:b' }, 'web:2': { ...other(first, 'sha256:y'), id: 'sha256:c' }, 'z:1': { ...other('sha256:y', second), id: 'sha256:d' },
  }, { Dockerfile: dockerfile });
  expect(await hover(1)).toContain('In 1 other image here, and there once for all: `api:1`.');
  expect(await hover(3)).toContain('In no other image here.');
});
