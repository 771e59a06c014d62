import { deepStrictEqual } from 'node:assert';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { becomes } from '../runner';
import { hoverOver, showsLines } from '../page/workbench';
import { test } from './suite';
import { command, editorOf, says } from './workbench';

type Row = readonly [size: number, createdBy: string];

const base: readonly Row[] = [[2000, 'ADD rootfs.tar / # buildkit'], [0, 'CMD ["sh"]']];
const shop: readonly Row[] = [...base, [300, 'RUN /bin/sh -c make # buildkit'], [40_000, 'COPY app.py /app/ # buildkit']];

test('a registry is asked by a command: the base has its layers, and a layer that is there already says so', async ({ page, open }) => {
  const asked: string[] = [];
  const files = new Map([...imageOf('base', base), ...imageOf('shop', shop)]);
  const registry = createServer(({ url = '' }, answer) => {
    asked.push(url);
    const file = files.get(url.replace(/^\/v2\//, ''));
    answer.writeHead(file === undefined ? 404 : 200).end(file ?? '{"errors":[]}');
  });
  await new Promise<void>((resolve) => void registry.listen(0, '127.0.0.1', resolve));
  try {
    const host = `127.0.0.1:${(registry.address() as AddressInfo).port}`;
    const text = `FROM ${host}/base\nRUN make\nCOPY app.py /app/\n`;
    await open({ 'app/Dockerfile': text, 'app/app.py': '', 'compose.yaml': `services:\n  app:\n    image: ${host}/shop\n    build: app\n` });
    const editor = editorOf(page, 'app/Dockerfile');
    await showsLines(editor, `FROM ${host}/base ‹base: unknown›\nRUN make ‹layer 1 · [2/3]›\nCOPY app.py /app/ ‹layer 2 · [3/3]›`);
    await command(page, 'Ask the Registry About This Image');
    await says(page, `Known from the registry: ${host}/shop, ${host}/base.`);
    await showsLines(editor, `FROM ${host}/base ‹base: 1 layer›\nRUN make ‹layer 1 · [2/3]›\nCOPY app.py /app/ ‹layer 2 · [3/3]›`);
    await becomes(async () => {
      const hover = await hoverOver(page, editor, 'COPY');
      return ['In the registry already: 40 kB, compressed.', `In the image ${host}/shop (linux/amd64):`, 'ADD rootfs.tar'].filter((words) => !hover.includes(words));
    }, []);
    // No layer is taken: manifests, and one config of each.
    deepStrictEqual(asked.filter((url) => !files.has(url.replace(/^\/v2\//, ''))), []);
  } finally {
    registry.closeAllConnections();
    registry.close();
  }
});

function imageOf(name: string, rows: readonly Row[]): [path: string, content: string][] {
  const layers = rows.filter(([size]) => size > 0);
  const config = JSON.stringify({
    os: 'linux', architecture: 'amd64', config: {}, rootfs: { type: 'layers', diff_ids: layers.map((_, i) => digestOf(`diff ${i}`)) },
    history: rows.map(([size, text]) => ({ created: '2026-01-01T00:00:00Z', created_by: text, ...(size === 0 && { empty_layer: true }) })),
  });
  const manifest = JSON.stringify({
    schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json', config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digestOf(config), size: config.length },
    layers: layers.map(([size], i) => ({ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: digestOf(`blob ${i}`), size })),
  });
  return [[`${name}/manifests/latest`, manifest], [`${name}/manifests/${digestOf(manifest)}`, manifest], [`${name}/blobs/${digestOf(config)}`, config]];
}

function digestOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}
