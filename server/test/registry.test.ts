/** Images of registries: what is read of them, who is sent a login, and registries that answer badly or not at all. */
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { Image, ImageRow } from '../src/core/image/model';
import { pushOf, pushText } from '../src/core/image/push';
import { runAny } from '../src/workspace/command-line';
import { registryImage, type RegistryImage } from '../src/workspace/images/registry';
import { listen, putImage, putIndex, putManifest, serveFiles, sha256, type FakeImage, type FakeRegistry } from './fake-registry';

const app: FakeImage = { rows: [[2000, 'ADD rootfs.tar /'], [0, 'CMD ["sh"]'], [300, 'COPY app /app # buildkit']] };
const folders: string[] = [];
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true, force: true })));

test('rows and layers of an image: its manifest and its config are read, nothing else', async () => {
  const { host, files, asked } = await serveFiles();
  putImage(files, 'team/app', '1', app);
  const { image, layers, platforms, digest } = await registryImage(`${host}/team/app:1`, { environment: nobody });
  expect(image.rows.map(({ createdBy, emptyLayer, diffId, size, created }) => [createdBy, emptyLayer, diffId, size, created])).toEqual([
    ['ADD rootfs.tar /', false, sha256('diff 0'), undefined, 60], ['CMD ["sh"]', true, undefined, 0, 61], ['COPY app /app # buildkit', false, sha256('diff 1'), undefined, 62],
  ]);
  expect(image.rows[2]).toMatchObject({ tags: [`${host}/team/app:1`] });
  expect(layers.map(({ diffId, digest: blob, size }) => [diffId, blob, size])).toEqual([[sha256('diff 0'), sha256('blob 0'), 2000], [sha256('diff 1'), sha256('blob 1'), 300]]);
  expect([platforms, digest]).toEqual([['linux/amd64'], sha256(files.get('team/app/manifests/1')!)]);
  expect(asked.map(({ url }) => url)).toEqual(['/v2/team/app/manifests/1', `/v2/team/app/blobs/${image.id}`]);
  expect((await registryImage(`${host}/team/app@${digest}`, { environment: nobody })).image.id).toBe(image.id);
});

test('of an index, the image of the platform; attestations are none, and an entry that says nothing is looked up', async () => {
  const { host, files } = await serveFiles();
  const entries = ['amd64', 'arm64'].map((architecture) => putImage(files, 'app', architecture, { ...app, architecture }));
  const silent = { ...putImage(files, 'app', 's390x', { ...app, architecture: 's390x' }), platform: undefined };
  const attestation = { ...putManifest(files, 'app', 'attestation', '{}'), platform: { os: 'unknown', architecture: 'unknown' }, annotations: { 'vnd.docker.reference.type': 'attestation-manifest' } };
  putIndex(files, 'app', 'latest', [entries[0], attestation, putIndex(files, 'app', 'inner', [{ ...entries[1], platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } }, silent])]);
  const platformOf = (platform: string): Promise<string> => answerOf(`${host}/app`, { platform }, ({ image, platforms }) => `${image.platform} of ${platforms.join(' ')}`);
  expect(await platformOf('linux/arm64')).toBe('linux/arm64 of linux/amd64 linux/arm64/v8 linux/s390x');
  expect(await platformOf('linux/s390x')).toContain('linux/s390x of');
  expect(await platformOf('linux/riscv64')).toBe('The registry at HOST has image app:latest for linux/amd64, linux/arm64/v8, linux/s390x, and not for linux/riscv64.');
  putIndex(files, 'app', 'odd', ['\u001b[31m', 'arm64'].map((os) => ({ ...entries[0], platform: { os, architecture: '\u009b1m' } })));
  expect(await answerOf(`${host}/app:odd`)).toBe('The registry at HOST has an index that has image app:odd for arm64/unknown, which is for linux/amd64.');
  expect(await answerOf(`${host}/app:amd64`, { platform: 'linux/arm64' })).toBe('The registry at HOST has image app:amd64 for linux/amd64 only.');
});

test('no image there, none for this user, no registry, no host, no reference', async () => {
  const { host } = await serveFiles();
  expect(await answerOf(`${host}/app:2`)).toBe('The registry at HOST has no image app:2.');
  expect(await refusedWith(403)).toBe('The registry at HOST does not let this user read image app:latest.');
  expect(await refusedWith(429)).toBe('The registry at HOST has been asked too often, and answers again later.');
  expect(await refusedWith(500)).toBe('The registry at HOST answers with 500.');
  const closed = createServer().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const { port } = closed.address() as AddressInfo;
  await once(closed.close(), 'close');
  expect(await answerOf(`127.0.0.1:${port}/app`)).toBe('No registry answers at HOST.');
  expect(await answerOf('127.0.0.1:1/app')).toContain('The registry at HOST does not answer: bad port');
  expect(await answerOf('nowhere.invalid/app')).toMatch(/^(?:There is no host HOST|Whether there is a host HOST cannot be asked now)\.$/);
  expect(await answerOf('App')).toBe('App: invalid reference format: repository name (library/App) must be lowercase');
  expect(await answerOf('host:99999/app')).toBe('HOST is no address of a registry.');
});

test('a registry that never answers, stops midway, sends without end, sends no JSON', async () => {
  const limits = { patience: 200, largest: 1 << 20 };
  const silence = await listen(() => undefined);
  expect(await answerOf(`${silence}/app`, { limits })).toBe('The registry at HOST does not answer within 0.2 seconds.');
  expect(await answerOf(`${silence}/app`, { limits: { ...limits, patience: 20_000, all: 100 } })).toBe('The registry at HOST does not answer within 0.1 seconds.');
  const stop = new AbortController();
  const asked = await listen(() => stop.abort());
  expect(await answerOf(`${asked}/app`, { stop: stop.signal })).toBe('The question was cancelled.');
  const half = await listen((_, answer) => void answer.writeHead(200).write('{"schemaVersion":'));
  expect(await answerOf(`${half}/app`, { limits })).toBe('The registry at HOST does not answer within 0.2 seconds.');
  const page = await listen((_, answer) => answer.writeHead(200).end('<html>'));
  expect(await answerOf(`${page}/app`, { limits })).toBe('The registry at HOST answers with something that is no JSON.');
  let sent = 0;
  let left = (): void => undefined;
  const gone = new Promise<void>((resolve) => (left = resolve));
  const endless = await serveFiles(({ url }, answer) => {
    if (!url!.includes('/blobs/')) return false;
    const more = (): void => {
      while (!answer.destroyed && answer.write(Buffer.alloc(1 << 16))) sent += 1 << 16;
    };
    answer.writeHead(200).on('drain', more).on('close', left);
    more();
    return true;
  });
  putImage(endless.files, 'app', 'latest', app);
  expect(await answerOf(`${endless.host}/app`, { limits: { ...limits, patience: 20_000 } })).toBe('The registry at HOST answers with more than 1 MB.');
  await gone;
  expect(sent).toBeLessThan(64 << 20);
});

test('a config, a manifest and a header that are not what their digests say', async () => {
  const { host, files } = await serveFiles();
  const { digest } = putImage(files, 'app', 'latest', app);
  const config = [...files.keys()].find((path) => path.includes('/blobs/'))!;
  files.set(config, `${files.get(config)!.toString()} `);
  expect(await answerOf(`${host}/app`)).toMatch(/^What the registry at HOST sends as sha256:\w{64} is something else\.$/);
  files.set(`app/manifests/${digest}`, '{}');
  expect(await answerOf(`${host}/app@${digest}`)).toBe(`What the registry at HOST sends as ${digest} is something else.`);
  const { host: other } = await serveFiles((_, answer) => (answer.setHeader('Docker-Content-Digest', digest).end('{"schemaVersion":2}'), true));
  expect(await answerOf(`${other}/app`)).toBe(`What the registry at HOST sends as ${digest} is something else.`);
});

test('layers, diff_ids and history that do not count the same', async () => {
  const { host, files } = await serveFiles();
  putImage(files, 'app', 'layers', { ...app, layers: 3 });
  putImage(files, 'app', 'history', { ...app, layers: 1, diffIds: 1 });
  expect(await answerOf(`${host}/app:layers`)).toBe('The registry at HOST sends a manifest of 3 layers with a config of 2.');
  expect(await answerOf(`${host}/app:history`)).toBe('The registry at HOST sends a config whose history has 2 layers, and whose file system has 1.');
});

test('indexes without end, schema 1, what is no image, what is two things, digests and sizes that are none', async () => {
  const { host, files, asked } = await serveFiles();
  let entry = putImage(files, 'app', 'latest', app);
  for (let depth = 0; depth < 10; depth++) entry = putIndex(files, 'app', 'deep', [entry]);
  expect(await answerOf(`${host}/app:deep`)).toBe('The registry at HOST has image app:deep in an index of more than 16 manifests to read, or more than 4 deep.');
  const inner = putIndex(files, 'app', 'inner', []);
  putIndex(files, 'app', 'wide', Array.from({ length: 1000 }, () => inner));
  asked.length = 0;
  expect(await answerOf(`${host}/app:wide`)).toContain('more than 16 manifests');
  expect(asked.length).toBe(16);
  const sent = async (manifest: object): Promise<string> => {
    putManifest(files, 'app', 'odd', JSON.stringify(manifest));
    return answerOf(`${host}/app:odd`);
  };
  expect(await sent({ schemaVersion: 1, fsLayers: [], history: [] })).toBe('The registry at HOST has image app:odd in Docker\'s first format (schema 1), which says too little of an image.');
  expect(await sent({ schemaVersion: 2, layers: [], config: { mediaType: 'application/vnd.cncf.helm.config.v1+json' } })).toBe('The registry at HOST has something as image app:odd that is no image.');
  expect(await sent({ schemaVersion: 2, layers: [], manifests: [] })).toBe('The registry at HOST sends a manifest that is an index, too.');
  expect(await sent({ schemaVersion: 2, manifests: [{ digest: '../../x' }] })).toBe('The registry at HOST sends something in place of a digest by sha256 or sha512.');
  expect(await sent({ schemaVersion: 2, manifests: [] })).toBe('The registry at HOST has image app:odd for no platform.');
  expect(await sent([])).toBe('The registry at HOST answers with something that is no manifest.');
});

test('a login is asked for and sent as a token, as a password, as an identity', async () => {
  const { host, asked } = await tokenRegistry(({ method, headers }) => (method === 'POST' || headers.authorization === basic('me', 'secret:1') ? 'token-1' : 'nothing'));
  expect(await answerOf(`${host}/app`, { environment: loggedIn({ [host]: { auth: btoa('me:secret:1') } }) })).toBe('an image');
  expect(asked.map(({ url, authorization }) => [url.replace(/sha256.*/, ''), authorization])).toEqual([
    ['/v2/app/manifests/latest', undefined], [`/token?a=b&service=the+registry&scope=repository%3Aapp%3Apull`, basic('me', 'secret:1')],
    ['/v2/app/manifests/latest', 'Bearer token-1'], ['/v2/app/blobs/', 'Bearer token-1'],
  ]);
  expect(await answerOf(`${host}/app`, { environment: loggedIn({ [`https://${host}/v1/`]: { identitytoken: 'id' } }) })).toBe('an image');
  expect(await answerOf(`${host}/app`)).toBe('The registry at HOST has no app, or shows it to those only who are logged in: docker login HOST');
  expect(await answerOf(`${host}/app`, { environment: loggedIn({ [host]: { auth: btoa('me:wrong') } }) })).toBe('The registry at HOST does not take the login that Docker keeps for it, or has no app for it: docker login HOST');

  const plain = await serveFiles(({ headers }, answer) => headers.authorization !== basic('me', 'x') && (answer.writeHead(401, { 'WWW-Authenticate': 'Basic realm="here"' }).end(), true));
  putImage(plain.files, 'app', 'latest', app);
  expect(await answerOf(`${plain.host}/app`, { environment: loggedIn({ [plain.host]: { auth: btoa('me:x') } }) })).toBe('an image');
  expect(await answerOf(`${plain.host}/app`, { environment: loggedIn({ [plain.host]: { auth: btoa('me:y') } }) })).toContain('does not take the login');
  expect(await answerOf(`${plain.host}/app`)).toContain('shows it to those only who are logged in');
});

test.skipIf(process.platform === 'win32')('a login of a program that keeps it: found, missing, slow, endless, of no name', async () => {
  const { host } = await tokenRegistry(({ headers }) => (headers.authorization === basic('me', 'kept') ? 'token-1' : 'nothing'));
  const folder = scratch();
  const environment = { PATH: `${folder}:${process.env.PATH}`, DOCKER_CONFIG: folder };
  const withProgram = (helper: string, script?: string): Promise<string> => {
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ credHelpers: { [host]: helper } }));
    if (script !== undefined) writeFileSync(join(folder, `docker-credential-${helper}`), `#!/bin/sh\n${script}\n`);
    if (script !== undefined) chmodSync(join(folder, `docker-credential-${helper}`), 0o755);
    return answerOf(`${host}/app`, { environment, limits: { program: script?.includes('sleep') ? 200 : 20_000 } });
  };
  expect(await withProgram('kept', `test "$1" = get && test "$(cat)" = "${host}" && echo '{"Username":"me","Secret":"kept"}'`)).toBe('an image');
  expect(await withProgram('none', 'echo credentials not found; exit 1')).toContain('docker login HOST');
  expect(await withProgram('missing')).toContain('(docker-credential-missing, which keeps Docker\'s logins, is not here.)');
  expect(await withProgram('slow', 'sleep 5 & wait')).toContain('(docker-credential-slow does not answer within 0.2 seconds.)');
  expect(await withProgram('endless', 'exec yes')).toContain('(docker-credential-endless answers with more than 65536 bytes.)');
  expect(await withProgram('odd', 'echo hello')).toContain('(docker-credential-odd answers in a way that is not known.)');
  expect(await withProgram('../../x')).toContain('names no program that keeps logins');
  writeFileSync(join(folder, 'config.json'), '{');
  expect(await answerOf(`${host}/app`, { environment })).toContain('(Docker\'s config.json cannot be read, so that nobody is logged in.)');
});

test('a redirect to another server does not carry the login, and none leads to http elsewhere', async () => {
  const store: (string | undefined)[] = [];
  const blobs = new Map<string, Buffer | string>();
  const other = await listen(({ url, headers }, answer) => {
    store.push(headers.authorization);
    answer.end(blobs.get(url!));
  });
  let to = `http://${other}/config`;
  const { host, files, asked } = await tokenRegistry(() => 'token-1', ({ url }, answer) => url!.includes('/blobs/') && (answer.writeHead(307, { Location: to }).end(), true));
  blobs.set('/config', [...files].find(([path]) => path.includes('/blobs/'))![1]);
  const environment = loggedIn({ [host]: { auth: btoa('me:secret') } });
  expect(await answerOf(`${host}/app`, { environment })).toBe('an image');
  expect(asked.at(-1)).toMatchObject({ authorization: 'Bearer token-1' });
  expect(store).toEqual([undefined]);
  for (to of ['http://example.invalid/config', 'ftp://127.0.0.1/', 'file:///etc/passwd', `http://me:secret@${other}/config`]) {
    expect(await answerOf(`${host}/app`, { environment })).toBe('The registry at HOST sends one elsewhere, where nothing is asked: only https addresses are.');
  }
  to = '?again';
  expect(await answerOf(`${host}/app`, { environment })).toBe('The registry at HOST sends one elsewhere more than 5 times.');
  expect(store).toEqual([undefined]);
});

test('a login that is wanted without saying where, at another host over http, in no known way', async () => {
  const wanting = async (header: string | undefined): Promise<string> => {
    const { host } = await serveFiles((_, answer) => (answer.writeHead(401, header === undefined ? {} : { 'WWW-Authenticate': header }).end(), true));
    return answerOf(`${host}/app`, { environment: loggedIn({ [host]: { auth: btoa('me:secret') } }) });
  };
  expect(await wanting('Bearer service="x"')).toBe('The registry at HOST wants a token, and does not say where to get one.');
  expect(await wanting('Bearer realm="http://tokens.invalid/get"')).toBe('The registry at HOST wants a token of http://tokens.invalid, which is not asked: a login goes over https.');
  expect(await wanting('Bearer realm="file:///etc/passwd"')).toContain('which is not asked');
  expect(await wanting('Negotiate')).toBe('The registry at HOST wants a login in a way that is not known.');
  expect(await wanting(undefined)).toBe('The registry at HOST wants a login in a way that is not known.');
  expect(await wanting(`Bearer ${'realm= '.repeat(1000)}`)).toContain('does not say where');
  const odd = await tokenRegistry(() => 'a\nb');
  expect(await answerOf(`${odd.host}/app`)).toBe('HOST, which has the tokens of the registry at HOST, sends none.');
});

test('strata history --registry: lines, compressed sizes, platforms, what a push sends; nothing that a terminal would act upon', async () => {
  const { host, files } = await serveFiles();
  putImage(files, 'app', 'latest', { rows: [...app.rows, [0, 'LABEL a=\u001b[31m\u009b1m']] });
  const reference = `${host}/app:latest`;
  const file = 'FROM debian\nCOPY app /app\nLABEL a=b\n';
  const here: Image = { reference, id: '', platform: 'linux/amd64', config: {}, diffIds: [sha256('diff 0'), 'sha256:new', 'sha256:new'], rows: [{ ...row, diffId: 'sha256:new', size: 1_340_000 }] };
  const run = async (local: Image | undefined, ...argv: string[]): Promise<string> => {
    let printed = '';
    const registry = (name: string, platform?: string, usual?: string): Promise<RegistryImage> => registryImage(name, { environment: nobody, platform, usual });
    const machine = { read: () => file, write: (part: string) => (printed += part), environment: {}, architecture: 'x64', registry, local: async () => local };
    expect(await runAny(['history', 'Dockerfile', '--image', reference, '--registry', ...argv], machine as unknown as Parameters<typeof runAny>[1])).toEqual({ exitCode: 0 });
    return printed.replaceAll(host, 'HOST');
  };
  const { id } = (await registryImage(reference, { environment: nobody })).image;
  expect(await run(here)).toBe(`\
HOST/app:latest (linux/amd64), built of Dockerfile

IMAGE         CREATED AT            CREATED BY                COMPRESSED  LINE
${id.slice(7, 19)}  1970-01-01T00:01:03Z  LABEL a=�[31m�1m                   0  3 (an older text of it)
<missing>     1970-01-01T00:01:02Z  COPY app /app # buildkit         300  2
<missing>     1970-01-01T00:01:01Z  CMD ["sh"]                         0  base
<missing>     1970-01-01T00:01:00Z  ADD rootfs.tar /                2000  base

platforms: linux/amd64
A push sends 1 of 2 layers, 1.3 MB uncompressed; the registry has the others.

One row is joined by kind and place: the line has another text now.
`);
  expect(await run({ ...here, platform: 'linux/arm64' })).not.toContain('A push');
  expect(JSON.parse(await run(undefined, '--json', '--platform', 'linux/amd64'))).toMatchObject({
    platforms: ['linux/amd64'], push: null, rows: [{ compressedSize: null }, { compressedSize: 300, digest: sha256('blob 1'), diffId: sha256('diff 1'), line: 2 }, { compressedSize: null }, { compressedSize: 2000 }],
  });
});

test('what a push sends, where all is there, nothing is there, a size is not known', () => {
  const image: Image = { reference: '', id: '', platform: '', config: {}, diffIds: ['a', 'b'], rows: [{ ...row, diffId: 'a', size: 999 }, { ...row, diffId: 'b' }] };
  expect([['a', 'b'], ['b'], ['a'], []].map((there) => pushText(pushOf(image, there)))).toEqual([
    'A push sends no layer: the registry has all 2.', 'A push sends 1 of 2 layers, 999 bytes uncompressed; the registry has the others.',
    'A push sends 1 of 2 layers; the registry has the others.', 'A push sends 2 of 2 layers.',
  ]);
});

const row: ImageRow = { id: null, created: null, createdBy: '', comment: '', emptyLayer: false, diffId: undefined, size: undefined, tags: [] };
const nobody = { DOCKER_CONFIG: '/nowhere' };
const basic = (user: string, password: string): string => `Basic ${btoa(`${user}:${password}`)}`;

function scratch(): string {
  folders.push(mkdtempSync(join(tmpdir(), 'strata-')));
  return folders.at(-1)!;
}

function loggedIn(auths: object): Record<string, string> {
  const folder = scratch();
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ auths }));
  return { DOCKER_CONFIG: folder };
}

/** Gives out tokens itself, and takes `token-1`. `nothing`: no token. */
async function tokenRegistry(tokenFor: (request: Parameters<Parameters<typeof listen>[0]>[0]) => string, before: Parameters<typeof serveFiles>[0] = () => false): Promise<FakeRegistry> {
  const registry = await serveFiles((request, answer) => {
    if (request.url!.startsWith('/token')) {
      const token = tokenFor(request);
      if (token === 'nothing') answer.writeHead(401).end();
      else answer.end(JSON.stringify({ [request.method === 'POST' ? 'access_token' : 'token']: token }));
      return true;
    }
    if (request.headers.authorization === 'Bearer token-1') return before(request, answer);
    answer.writeHead(401, { 'WWW-Authenticate': `Bearer realm="http://${registry.host}/token?a=b",service="the registry",scope="repository:app:push"` }).end();
    return true;
  });
  putImage(registry.files, 'app', 'latest', app);
  return registry;
}

async function refusedWith(status: number): Promise<string> {
  return answerOf(`${await listen((_, answer) => answer.writeHead(status).end('{"errors":[{"message":"\u001b[31m"}]}'))}/app`);
}

/** `shown`: of the image; else the error's one sentence. Without a patience of the test's own, nothing ends for time. */
async function answerOf(reference: string, { limits, ...options }: Partial<Parameters<typeof registryImage>[1]> = {}, shown: (found: RegistryImage) => string = () => 'an image'): Promise<string> {
  const message = await registryImage(reference, { environment: nobody, ...options, limits: { patience: 20_000, all: 60_000, ...limits } }).then(shown, (error: Error) => error.message);
  expect(message.split('\n').length).toBe(1);
  expect(message).not.toContain('\u001b');
  return message.replaceAll(reference.slice(0, Math.max(reference.indexOf('/'), 0)) || '\0', 'HOST');
}
