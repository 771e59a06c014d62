/** Engines and archives that are broken, old or hostile: a sentence, an end, nothing written, and nothing that a terminal or Markdown acts upon. */
import { createHash } from 'node:crypto';
import { ftruncateSync, mkdirSync, mkdtempSync, openSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engineAt, findEngine } from '../src/workspace/images/engine';
import { imageNamed, withContent } from '../src/workspace/images/named';
import { runAny } from '../src/workspace/command-line';
import { serve } from './fake-engine';
import { tarOf, type TarEntry } from './tars';

let folder: string;
let count = 0;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'strata-hostile-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const hex = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

/** Patience is for what never answers. */
async function asked(listener: RequestListener, patience = 20_000): Promise<unknown> {
  const host = await serve(listener);
  return engineAt(host, {}, { patience, largest: 1 << 20 }).image('app').then((image) => image ?? 'none', ({ message }: Error) => message.replaceAll(host, 'HOST'));
}

const told = (inspected: unknown, history: unknown): RequestListener => (request, answer) => void answer.writeHead(200).end(JSON.stringify(request.url?.endsWith('/json') ? inspected : history));

describe('an engine', () => {
  test('that takes connections and says nothing, not even to what follows its events', async () => {
    const socket = join(folder, 'silent.sock');
    const server = createServer(() => undefined);
    await new Promise<void>((resolve) => void server.listen(socket, resolve));
    try {
      const engine = engineAt(`unix://${socket}`, {}, { patience: 100, largest: 1 << 20 });
      await expect(engine.image('app')).rejects.toThrow(`The engine at unix://${socket} does not answer within 0.1 seconds.`);
      engine.follow(() => undefined, () => undefined)();
    } finally {
      server.close();
    }
  });

  test('that has an older API than is asked for, or a newer one alone', async () => {
    const refused = (message: string): Promise<unknown> => asked((_, answer) => void answer.writeHead(400).end(JSON.stringify({ message })));
    expect(await refused('client version 1.41 is too new. Maximum supported API version is 1.24')).toBe('The engine at HOST refuses: client version 1.41 is too new. Maximum supported API version is 1.24');
    expect(await refused('client version 1.24 is too old. Minimum supported API version is 1.44')).toBe('The engine at HOST refuses: client version 1.24 is too old. Minimum supported API version is 1.44');
    // No version is asked for: each engine answers by its own.
    const paths: (string | undefined)[] = [];
    await asked((request, answer) => {
      paths.push(request.url);
      told({ Id: 'sha256:1' }, [])(request, answer as Parameters<RequestListener>[1]);
    });
    expect(paths).toEqual(['/images/app/json', '/images/app/history']);
  });

  test('that sends us elsewhere: nobody is asked there', async () => {
    let elsewhere = 0;
    const other = await serve((_, answer) => void (elsewhere++, answer.writeHead(200).end('{}')));
    for (const location of [`${other.replace('tcp:', 'http:')}/json`, 'http://nowhere.test/json', '/images/other/json', 'gopher://nowhere.test', '']) {
      expect(await asked((_, answer) => void answer.writeHead(301, { location }).end())).toBe('The engine at HOST refuses: status 301');
    }
    expect(elsewhere).toBe(0);
  });

  test('is not asked for what is no name of an image', async () => {
    let count = 0;
    const host = await serve((_, answer) => void (count++, answer.writeHead(500).end()));
    for (const name of ['', '.', './image.tar', '../image.tar', '/tmp/image.tar', 'a//b', 'A B', '../../containers']) expect(await engineAt(host).image(name)).toBe(undefined);
    expect(count).toBe(0);
  });

  test('that says less than engines do: Docker before 1.10 has no RootFS, no variant, no comment', async () => {
    const image = await asked(told({ Id: 'sha256:1', Os: 'linux', Architecture: 'amd64' }, [{ Id: 'sha256:1', Created: 5, CreatedBy: '/bin/sh -c a', Size: 7 }]));
    expect(image).toMatchObject({ platform: 'linux/amd64', diffIds: [], rows: [{ id: 'sha256:1', created: 5, createdBy: '/bin/sh -c a', comment: '', size: 7, tags: [], diffId: undefined }] });
  });

  test('that never stops, in a config, a history or a refusal', async () => {
    const endless = (status: number): RequestListener => (_, answer) => {
      answer.writeHead(status);
      const more = (): void => void (answer.destroyed || answer.write(Buffer.alloc(1 << 16, ' '), () => setImmediate(more)));
      more();
    };
    expect(await asked(endless(200))).toBe('The engine at HOST answers with more than 1 MB.');
    expect(await asked(endless(500))).toBe('The engine at HOST answers with more than 1 MB.');
    expect(await asked((request, answer) => (request.url?.endsWith('/json') ? void answer.writeHead(200).end('{"Id":"sha256:1"}') : endless(200)(request, answer)))).toBe('The engine at HOST answers with more than 1 MB.');
  });

  test('that has a history without an end, of rows that say nothing', async () => {
    expect(await asked(told({ Id: 'sha256:1' }, Array.from({ length: 20_000 }, () => ({}))))).toBe('The engine at HOST has a history of 20000 rows for app.');
  });

  test('that answers with other things than are asked for', async () => {
    const unknown = 'The engine at HOST answers in a way that is not known.';
    for (const [inspected, history] of [[null, []], [[], []], ['', []], [{ Id: 1 }, []], [{ Id: 'a' }, {}], [{ Id: 'a' }, null], [{ Id: 'a', RootFS: { Layers: 'x' } }, []], [{ Id: 'a', RootFS: { Layers: [1] } }, []]]) {
      expect(await asked(told(inspected, history))).toBe(unknown);
    }
    const config = { Env: 'PATH', Cmd: [1], Shell: {}, OnBuild: [null], User: 5, WorkingDir: '/srv', Labels: { a: 'b' } };
    const rows = [null, 5, [], { CreatedBy: 5, Created: 1e300, Size: -1, Tags: 'x', Comment: {}, Id: [] }, { CreatedBy: 'RUN x', Created: 1.5, Size: 3, Tags: ['a:1'], Id: '<missing>' }];
    const empty = { id: null, created: null, createdBy: '', comment: '', size: undefined, tags: [] };
    expect(await asked(told({ Id: 'a', Os: 'linux](command:x)', Architecture: '\u001b[31m', Config: config }, rows))).toMatchObject({
      platform: 'unknown/unknown', config: { WorkingDir: '/srv', Labels: { a: 'b' } }, rows: [{ createdBy: 'RUN x', created: 1, size: 3, tags: ['a:1'] }, empty, empty, empty, empty],
    });
  });

  test('that dies while it saves: a sentence, and nothing is left of it', async () => {
    const before = leftOver();
    const host = await serve((request, answer) => {
      if (request.url?.endsWith('/get')) answer.writeHead(200).write(Buffer.alloc(100_000), () => answer.destroy());
      else told({ Id: 'sha256:1', RootFS: { Layers: ['sha256:2'] } }, [{ CreatedBy: 'RUN x', Size: 3 }])(request, answer);
    });
    await expect(withContent('app', { DOCKER_HOST: host }, ({ layers }) => layers())).rejects.toThrow(`The engine at ${host} does not answer: aborted`);
    expect(leftOver()).toEqual(before);
  });

  test('that sends a page in place of an archive', async () => {
    const before = leftOver();
    const host = await serve((request, answer) => {
      if (request.url?.endsWith('/get')) answer.writeHead(200).end('<html>'.repeat(1000));
      else told({ Id: 'sha256:1', RootFS: { Layers: ['sha256:2'] } }, [{ CreatedBy: 'RUN x', Size: 3 }])(request, answer);
    });
    await expect(withContent('app', { DOCKER_HOST: host }, ({ layers }) => layers())).rejects.toThrow(/cannot be read: Invalid tar header/);
    expect(leftOver()).toEqual(before);
  });

  test('where it is looked for: as docker does, then as podman does', () => {
    for (const name of ['docker', 'podman']) writeFileSync(join(folder, name), '');
    const [docker, podman, nowhere] = ['docker', 'podman', 'nowhere'].map((name) => join(folder, name));
    const all = { docker: [nowhere, docker], podman: [podman] };
    const at = (environment: Readonly<Record<string, string>>, sockets = all): string => findEngine({ DOCKER_CONFIG: nowhere, ...environment }, sockets).name;
    expect(at({ DOCKER_HOST: 'tcp://a:1', CONTAINER_HOST: 'tcp://b:2' })).toBe('tcp://a:1');
    expect(at({ CONTAINER_HOST: 'tcp://b:2' })).toBe(`unix://${docker}`);
    expect(at({ CONTAINER_HOST: 'tcp://b:2' }, { ...all, docker: [nowhere] })).toBe('tcp://b:2');
    expect(at({}, { ...all, docker: [nowhere] })).toBe(`unix://${podman}`);
    expect(() => at({}, { docker: [nowhere], podman: [nowhere] })).toThrow('No container engine is here: neither DOCKER_HOST, a Docker context, CONTAINER_HOST nor a socket of Docker or Podman.');
    expect(() => at({ CONTAINER_HOST: 'ssh://core@host/run/podman/podman.sock' }, { ...all, docker: [] })).toThrow('engines are asked at unix, npipe, tcp, http and https addresses only.');
  });
});

/** Folders for archives of engines. */
function leftOver(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('strata-image-'));
}

interface Hostile {
  readonly layers?: readonly Buffer[];
  readonly config?: object;
  readonly manifest?: object;
  readonly more?: readonly TarEntry[];
}

/** An archive of one image, of one layer where no others are given, as older engines save it. */
async function archive({ layers, config, manifest, more = [] }: Hostile): Promise<string> {
  const tars = layers ?? [await tarOf([{ name: 'a', text: 'a' }])];
  const own = json({ os: 'linux', architecture: 'amd64', config: {}, history: [{ created_by: 'RUN x' }], rootfs: { diff_ids: tars.map((tar) => `sha256:${hex(tar)}`) }, ...config });
  const path = join(folder, `${count++}.tar`);
  const files = [{ name: 'manifest.json', bytes: json([{ Config: 'c', RepoTags: ['app:1'], Layers: tars.map((_, i) => `l${i}`), ...manifest }]) }, { name: 'c', bytes: own }];
  writeFileSync(path, await tarOf([...files, ...tars.map((bytes, i) => ({ name: `l${i}`, bytes })), ...more]));
  return path;
}

async function read(path: string): Promise<string> {
  return withContent(path, {}, ({ layers }) => layers()).then((layers) => layers.flatMap(({ entries }) => entries.map(({ path: at }) => at)).join(' '), ({ message }: Error) => message.replaceAll(path, 'IT').replaceAll(/[a-f0-9]{64}/g, 'HEX'));
}

/** Where the machine's own files would be, from the folder of the archive. */
function below(place: string): string[] {
  return readdirSync(place, { recursive: true }).map(String).sort();
}

describe('an archive', () => {
  test('whose names lead out: nothing is written, and nothing outside is read', async () => {
    const place = join(folder, 'place');
    mkdirSync(join(place, 'inner'), { recursive: true });
    writeFileSync(join(place, 'secret'), 'secret');
    const names: TarEntry[] = [
      { name: '../out', text: 'x' }, { name: '/abs', text: 'x' }, { name: '../../../../../../../../tmp/strata-hostile-out', text: 'x' }, { name: 'link', type: 'symlink', linkname: '/etc' },
      { name: 'link/passwd', text: 'x' }, { name: 'up', type: 'symlink', linkname: '../../..' }, { name: 'up/secret', text: 'x' }, { name: 'hard', type: 'link', linkname: '../../secret' }, { name: 'null', type: 'character-device' },
    ];
    const before = [below(place), leftOver(), readdirSync(tmpdir()).filter((name) => name === 'strata-hostile-out')];
    expect(await read(await archive({ layers: [await tarOf(names)], more: names }))).toBe('out abs tmp/strata-hostile-out link link/passwd up up/secret hard null');
    // A layer by a link to a file of this machine is none: links lead within the archive.
    expect(await read(await archive({ manifest: { Layers: ['outside'] }, more: [{ name: 'outside', type: 'symlink', linkname: join(place, 'secret') }] }))).toBe('IT: layer 1 of 1 is not in the archive ("outside")');
    expect(await read(await archive({ manifest: { Layers: ['outside'] }, more: [{ name: 'outside', type: 'link', linkname: '../../../../etc/passwd' }] }))).toBe('IT: layer 1 of 1 is not in the archive ("outside")');
    // In a folder a link is followed, as everywhere on disk; what it leads to has to be what the digest says.
    const blobs = join(place, 'inner', 'blobs', 'sha256');
    mkdirSync(blobs, { recursive: true });
    writeFileSync(join(place, 'inner', 'oci-layout'), '{}');
    writeFileSync(join(place, 'inner', 'index.json'), json({ manifests: [{ digest: `sha256:${'a'.repeat(64)}` }] }));
    symlinkSync(join(place, 'secret'), join(blobs, 'a'.repeat(64)));
    const after = below(place);
    expect(await read(join(place, 'inner'))).toBe('what the archive has as sha256:HEX is something else');
    expect(below(place)).toEqual(after);
    expect([below(place).filter((name) => !name.startsWith('inner')), leftOver(), readdirSync(tmpdir()).filter((name) => name === 'strata-hostile-out')]).toEqual([before[0].filter((name) => !name.startsWith('inner')), before[1], before[2]]);
  });

  test('whose manifest lies about layers, sizes and digests', async () => {
    expect(await read(await archive({ manifest: { Layers: [] } }))).toBe('IT: the manifest has 0 layers, the config 1');
    expect(await read(await archive({ manifest: { Layers: ['l0', 'l0'] } }))).toBe('IT: the manifest has 2 layers, the config 1');
    expect(await read(await archive({ config: { rootfs: { diff_ids: [`sha256:${'0'.repeat(64)}`] } } }))).toBe("IT: layer 1 of 1: the layer is sha256:HEX uncompressed, and not sha256:HEX as the image's config says");
    expect(await read(await archive({ config: { rootfs: { diff_ids: Array.from({ length: 3 }, () => `sha256:${'0'.repeat(64)}`) } } }))).toBe('IT: the manifest has 1 layers, the config 3');
    expect(await read(await archive({ manifest: { Layers: 'l0' } }))).toBe('the manifest.json in the archive names no config, or no layers');
    expect(await read(await archive({ manifest: { Layers: ['c'] } }))).toMatch(/^IT: layer 1 of 1: the layer ends in the middle/);
    // More rows with a layer than there are layers; a row for each of them is there all the same.
    const { rows } = await imageNamed(await archive({ config: { history: [{ created_by: 'a' }, { created_by: 'b' }, { created_by: 'c', empty_layer: 'yes' }] } }), {});
    expect(rows.map(({ createdBy, diffId }) => [createdBy, diffId === undefined])).toEqual([['a', false], ['b', true], ['c', true]]);
  });

  test('whose config or layer says that it has 2 GB', async () => {
    // A header, and nothing behind it but a hole.
    const [header] = [(await tarOf([{ name: 'manifest.json', text: 'x' }])).subarray(0, 512)];
    header.write(`${(2 ** 31).toString(8).padStart(11, '0')}\0        `, 124);
    header.write('        ', 148);
    header.write(`${header.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, '0')}\0 `, 148);
    const path = join(folder, 'large.tar');
    writeFileSync(path, header);
    ftruncateSync(openSync(path, 'r+'), 512 + 2 ** 31);
    expect(await read(path)).toBe('the manifests and configs of the archive have more than 8388608 bytes');
    const short = join(folder, 'short.tar');
    writeFileSync(short, gzipSync(header));
    expect(await read(short)).toBe('IT ends in the middle');
  });
});

const evil = 'RUN x\u001b[2J\u001b]0;owned\u0007\u009b31m\u202e \r\nCOPY fake /';

describe('a terminal', () => {
  test('is shown the marks of what it would act upon, in rows, names, paths and messages', async () => {
    const path = await archive({
      layers: [await tarOf([{ name: 'big\u001b[31m\u009b1m', text: 'x'.repeat(5000) }]), await tarOf([{ name: '.wh.big\u001b[31m\u009b1m', text: '' }])], manifest: { RepoTags: ['app\u001b[31m:1'] },
      config: { os: 'linux\u001b[31m', history: [{ created_by: evil }] },
    });
    const history = await printed(['history', 'Dockerfile', '--image', path]);
    const waste = await printed(['waste', 'Dockerfile', '--image', path]);
    for (const text of [history, waste, await printed(['history', 'Dockerfile', '--image', path, '--json']), await printed(['waste', 'Dockerfile', '--image', path, '--json'])]) {
      // oxlint-disable-next-line no-control-regex
      expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    }
    expect(history).toContain('app�[31m:1 (unknown/amd64), built of Dockerfile');
    expect(history).toContain('RUN x�[2J�]0;owned��31m� COPY fake /');
    expect(waste).toMatch(/^ *5000 +deleted-later .*\/big�\[31m�1m$/m);
    const { rows } = JSON.parse(await printed(['history', 'Dockerfile', '--image', path, '--json'])) as { rows: { createdBy: string }[] };
    expect(rows.at(-1)?.createdBy).toBe(evil);
  });

  test('neither by a complaint', async () => {
    const path = join(folder, 'two.tar');
    const config = json({ rootfs: { diff_ids: [] } });
    const images = ['one\u001b[31m:1', 'two\u009b31m:1\nstrata: all is well'].map((name) => ({ Config: 'c', RepoTags: [name], Layers: [] }));
    writeFileSync(path, await tarOf([{ name: 'manifest.json', bytes: json(images) }, { name: 'c', bytes: config }]));
    const machine = { read: () => 'FROM a\n', write: () => undefined, environment: {}, architecture: 'x64', image: (name: string) => imageNamed(name, {}) };
    const { complaint } = await runAny(['history', 'Dockerfile', '--image', path], machine as unknown as Parameters<typeof runAny>[1]);
    expect(complaint?.replace(path, 'IT')).toBe('strata: IT has 2 images, and one has to be named: one�[31m:1 (unknown/unknown); two�31m:1 strata: all is well (unknown/unknown)');
  });
});

async function printed(argv: readonly string[]): Promise<string> {
  let text = '';
  const machine = {
    read: () => 'FROM a\nRUN x\n', write: (part: string) => (text += part), environment: {}, architecture: 'x64',
    image: (name: string) => imageNamed(name, {}), content: (name: string, use: Parameters<typeof withContent>[2]) => withContent(name, {}, use),
  };
  expect(await runAny(argv, machine as unknown as Parameters<typeof runAny>[1])).toEqual({ exitCode: 0 });
  return text;
}
