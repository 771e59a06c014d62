/** What the editor shows of images that a local engine has: sizes on the lines, the base that is known, the history in the hover. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CancellationTokenSource } from 'vscode-languageserver/node';
import { buildRequest, lookRequest, type BuildAnswer } from '../src/protocol';
import { flask, opened, savedOf, settled, temporaryFolder } from './image-session';

const base = 'python:3.8-alpine';
const python = { rows: '0 CMD ["python3"]\n8000000 /bin/sh -c #(nop) ADD file:abc in / ', layers: 1, config: { Env: ['PATH=/bin'] } };
const shop = { rows: `1234 COPY app.py /app.py # buildkit\n0 CMD ["python" "app.py"]\n48200000 RUN /bin/sh -c pip install flask # buildkit\n${python.rows}`, layers: 3 };

test('sizes of the layers that were built, and of the base', async () => {
  const { labels } = await opened({ [base]: python, shop });
  expect(await labels()).toEqual(['base: 1 layer · 8 MB', 'layer 1 · [2/3] · 48.2 MB', 'layer 2 · [3/3] · 1.23 kB']);
});

test('FROM says what the base sets, as a Dockerfile would', async () => {
  const config = { Env: ['PATH=/bin', 'LANG=C.UTF-8'], User: 'app', WorkingDir: '/srv', Entrypoint: ['python3'], Cmd: null, ExposedPorts: { '80/tcp': {} }, OnBuild: ['COPY . /app'], Labels: { a: '```' }, Domainname: '' };
  const { hover } = await opened({ [base]: { ...python, config } });
  expect(await hover(0)).toContain(`\
It sets:

\`\`\`dockerfile
ONBUILD COPY . /app
USER app
WORKDIR /srv
ENTRYPOINT ["python3"]
EXPOSE 80/tcp
ENV PATH=/bin
ENV LANG=C.UTF-8
\`\`\``);
});

test('Podman does not say whether a base has triggers: that it has none is assumed then', async () => {
  const assumed = 'Assumed: no ONBUILD triggers in the base.';
  expect(await (await opened({ [base]: { ...python, byPodman: true } })).hover(0)).toContain(assumed);
  expect(await (await opened({ [base]: python })).hover(0)).not.toContain(assumed);
});

test('without an image nothing is said of sizes', async () => {
  const { labels } = await opened({});
  expect(await labels()).toEqual(['base: unknown', 'layer 1 · [2/3]', 'layer 2 · [3/3]']);
});

test('a line that has changed since the build has no size', async () => {
  const { labels, hover } = await opened({ [base]: python, shop }, { Dockerfile: flask.replace('flask', 'flask==2.3') });
  expect(await labels()).toEqual(['base: 1 layer · 8 MB', 'layer 1 · [2/3]', 'layer 2 · [3/3] · 1.23 kB']);
  expect(await hover(1)).toContain('The image `shop` was built from an older text of this line.');
});

test('one layer of all lines, as Buildah makes it by default: no line has its size, and the hover says why', async () => {
  const rows = `10752 /bin/sh -c #(nop) CMD ["python","app.py"]\n0 /bin/sh -c #(nop) COPY file:1234 in /app.py \n0 /bin/sh -c pip install flask\n${python.rows}`;
  const text = 'FROM python:3.8-alpine\nRUN pip install flask\nCOPY app.py /app.py\nCMD ["python","app.py"]\n';
  const { labels, hover } = await opened({ [base]: python, shop: { rows, layers: 2 } }, { Dockerfile: text });
  expect(await labels()).toEqual(['base: 1 layer · 8 MB', 'layer 1 · [2/3]', 'layer 2 · [3/3]']);
  expect(await hover(1)).toContain('The image was squashed: one layer holds what many lines wrote.');
});

test('the hover has the history of the image from this line down, with the rows of the base', async () => {
  const { hover } = await opened({ [base]: python, shop });
  expect((await hover(1)).split('\n\n').slice(-3).join('\n\n')).toBe(`\
In the image \`shop\` (linux/amd64):

|  | IMAGE | CREATED | CREATED BY | SIZE | LAYER |
| :-- | :-- | :-- | :-- | :-- | :-- |
| ▶ | \`<missing>\` | 1970-01-01 00:01 | **\`RUN /bin/sh -c pip install flask # buildkit\`** | **48.2 MB** | **\`111111111111\`** |
|  | \`<missing>\` | 1970-01-01 00:01 | \`CMD ["python3"]\` | 0 B | base |
|  | \`<missing>\` | 1970-01-01 00:01 | \`/bin/sh -c #(nop) ADD file:abc in /\` | 8 MB | base |

\`<missing>\`: the image that was this far is not kept under a name of its own; its layer is there.`);
});

test('nothing in a row becomes a link, an image, a column or HTML', async () => {
  const evil = '[x](command:evil) ![y](https://a/b) <img src=x> `a` | **b** \u001b[31m';
  const rows = `1234 COPY app.py /app.py # buildkit\n0 CMD ["python" "app.py"]\n48200000 RUN /bin/sh -c pip install flask # buildkit\n8000000 ${evil}`;
  const { hover } = await opened({ [base]: { ...python, rows: `8000000 ${evil}` }, shop: { rows, layers: 3 } });
  expect((await hover(1)).split('\n').filter((line) => line.includes('command:'))).toEqual([
    // Two backticks around a text that has one; a `|` behind its backslash ends no column.
    '|  | `<missing>` | 1970-01-01 00:01 | ``[x](command:evil) ![y](https://a/b) <img src=x> `a` \\| **b**…`` | 8 MB | base |',
  ]);
});

test('an image that is built anew is looked at again, when the engine says so', async () => {
  const { engine, labels } = await opened({ [base]: python });
  expect(await labels()).toEqual(['base: 1 layer · 8 MB', 'layer 1 · [2/3]', 'layer 2 · [3/3]']);
  engine.images.shop = shop;
  engine.tell();
  await expect.poll(labels).toEqual(['base: 1 layer · 8 MB', 'layer 1 · [2/3] · 48.2 MB', 'layer 2 · [3/3] · 1.23 kB']);
});

test('nothing is asked where nobody trusts the workspace, or no engine is wanted; a setting names an image', async () => {
  for (const [trusted, settings] of [[false, {}], [true, { engine: 'off' }]] as const) {
    const { engine, labels } = await opened({ [base]: python, shop }, {}, trusted, settings);
    expect(await labels()).toEqual(['base: unknown', 'layer 1 · [2/3]', 'layer 2 · [3/3]']);
    expect(engine.asked).toEqual([]);
  }
  const { labels } = await opened({ other: { ...shop, rows: shop.rows.replace('48200000', '100') } }, {}, true, { image: 'other' });
  expect(await labels()).toEqual(['base: unknown', 'layer 1 · [2/3] · 100 B', 'layer 2 · [3/3] · 1.23 kB']);
});

test('an image that Compose names itself, and one that was built here before', async () => {
  const compose = 'name: My.Store\nservices:\n  web:\n    build: .\n';
  expect(await (await opened({ 'mystore-web': shop }, { 'compose.yaml': compose })).labels()).toEqual(['base: unknown', 'layer 1 · [2/3] · 48.2 MB', 'layer 2 · [3/3] · 1.23 kB']);
  const { engine, labels, hover } = await opened({}, { 'compose.yaml': compose, '.env': 'COMPOSE_PROJECT_NAME=other\n' });
  engine.images['other-web'] = shop;
  await labels();
  expect(await hover(1)).toContain('In the image `other-web`');
});

test('sizes that nobody wants, an engine that is gone', async () => {
  expect(await (await opened({ [base]: python, shop }, {}, true, { hints: { sizes: false } })).labels()).toEqual(['base: 1 layer', 'layer 1 · [2/3]', 'layer 2 · [3/3]']);
  const { client, labels } = await opened({}, {}, true, {}, 'unix:///nowhere/engine.sock');
  expect(await labels()).toEqual(['base: unknown', 'layer 1 · [2/3]', 'layer 2 · [3/3]']);
  expect(client.said).toEqual(['No engine answers at unix:///nowhere/engine.sock.']);
});

/** Stands in for docker: what it was told is in `told`, and it says what buildx says. */
function fakeDocker(lines: readonly object[], code = 0): { readonly PATH: string; readonly told: () => string } {
  const folder = temporaryFolder('docker');
  writeFileSync(join(folder, 'docker'), `#!/bin/sh\nprintf '%s ' "$@" >${folder}/told\n/bin/cat >&2 <<'EOF'\n${lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n')}\nEOF\nexit ${code}\n`, { mode: 0o755 });
  return { PATH: folder, told: () => readFileSync(join(folder, 'told'), 'utf8') };
}

const vertex = (name: string, from: string, to: string, cached = false): object => ({ vertexes: [{ digest: name, name, started: `2026-01-01T00:00:${from}Z`, completed: `2026-01-01T00:00:${to}Z`, cached }] });

test('a build that is asked for is measured: times on the lines, and what comes after is compared with it', async () => {
  const docker = fakeDocker([vertex('[internal] load build definition', '00.0', '00.1'), vertex('[1/3] FROM python', '00.0', '00.1', true), vertex('[2/3] RUN pip', '01.0', '13.2'), vertex('[3/3] COPY app.py', '14.0', '14.25')]);
  const { client, uri, folder, labels } = await opened({ [base]: python, shop }, {}, true, {}, undefined, docker);
  await labels();
  expect(await client.ask(buildRequest, { textDocument: { uri } })).toEqual({ image: 'shop', ran: 2, cached: 0, seconds: expect.any(Number) });
  expect(docker.told()).toBe(`buildx build --progress rawjson --load --tag shop --file ${folder}/Dockerfile ${folder} `);
  expect(await labels()).toEqual(['base: 1 layer · 8 MB', 'layer 1 · 48.2 MB · 12 s', 'layer 2 · 1.23 kB · 0.3 s']);
  await client.connection.sendNotification('textDocument/didChange', { textDocument: { uri, version: 2 }, contentChanges: [{ text: flask.replace('install flask', 'install django') }] });
  expect(await labels()).toEqual(['base: 1 layer · 8 MB', 'rebuilds · layer 1 · [2/3]', 'rebuilds · layer 2 · [3/3]']);
});

test('a build that fails says what docker says; one that cannot be begun says why', async () => {
  const failing = fakeDocker([vertex('[2/3] RUN pip', '01.0', '02.0'), 'ERROR: failed to solve: process "/bin/sh -c pip" did not complete' as unknown as object], 1);
  expect(await built({}, true, failing)).toEqual({ failed: 'failed to solve: process "/bin/sh -c pip" did not complete' });
  expect(await built({}, true, { PATH: '/nowhere' })).toEqual({ failed: 'The program docker is not here: it builds with its plugin buildx.' });
  expect(await built({}, false)).toEqual({ failed: 'Nothing is built in a workspace that is not trusted.' });
  const linked = 'services:\n  web:\n    build:\n      context: .\n      additional_contexts:\n        base: service:base\n  base:\n    build: ./base\n';
  expect(await built({ 'compose.yaml': linked }, true)).toEqual({ failed: 'The context base is what another build makes: build them together, with docker buildx bake or docker compose build.' });
});

const owned = 'FROM python:3.8-alpine\nCOPY app.py /app/\nRUN chown -R 5:6 /app\n';
const big = 'x'.repeat(1_200_000);

/** Of a base, a copy, and a change of owner. */
async function savedShop() {
  const saved = await savedOf([[], [{ name: 'app/', type: 'directory' }, { name: 'app/app.py', text: big }], [{ name: 'app/', type: 'directory', uid: 5, gid: 6 }, { name: 'app/app.py', text: big, uid: 5, gid: 6 }]]);
  return { ...saved, rows: `1200000 RUN /bin/sh -c chown -R 5:6 /app # buildkit\n1200000 COPY app.py /app/ # buildkit\n${python.rows}` };
}

test('an image is looked into when a user asks: what it wastes is found on its lines, and has a fix', async () => {
  const { client, engine, uri, labels } = await opened({ [base]: python, shop: await savedShop() }, { Dockerfile: owned });
  await labels();
  const found = async (): Promise<string[]> => (await client.ask<{ items: { message: string; code: string }[] }>('textDocument/diagnostic', { textDocument: { uri } })).items.filter(({ code }) => code === 'copied-again').map(({ message }) => message);
  expect(await found()).toEqual([]);
  expect(engine.asked.filter((path) => path.endsWith('/get'))).toEqual([]);
  expect(await client.ask(lookRequest, { textDocument: { uri } })).toEqual({ image: 'shop', size: '2.4 MB', wasted: '1.2 MB', fixes: 1 });
  expect(await found()).toEqual(['This step changes modes, owners or times of what line 2 wrote: its layer holds it a second time, 1.2 MB (/app/app.py). Seen in shop.']);
  const range = { start: { line: 2, character: 0 }, end: { line: 2, character: 0 } };
  const actions = await client.ask<{ title: string }[]>('textDocument/codeAction', { textDocument: { uri }, range, context: { diagnostics: [] } });
  expect(actions.map(({ title }) => title)).toContain('Put --chown=5:6 on the copy of line 2: saves 1.2 MB');
  // A line that is another one since then has no waste that is known.
  await client.connection.sendNotification('textDocument/didChange', { textDocument: { uri, version: 2 }, contentChanges: [{ text: owned.replace('5:6', '7:8') }] });
  expect(await found()).toEqual([]);
});

test('a look that is taken back ends at once: the engine is not listened to any more', async () => {
  let left = (): void => {};
  const isLeft = new Promise<void>((resolve) => (left = resolve));
  const { client, uri, engine, labels } = await opened({ [base]: python, shop: { ...shop, endless: () => left() } });
  await labels();
  const source = new CancellationTokenSource();
  const answer = client.connection.sendRequest(lookRequest, { textDocument: { uri } }, source.token).then(() => 'answered', ({ message }: Error) => message);
  while (!engine.asked.some((path) => path.endsWith('/get'))) await labels();
  source.cancel();
  expect(await answer).toBe('cancelled');
  await isLeft;
});

test('what was seen of an image is known when the file is opened again: the engine is not asked for it twice', async () => {
  const storage = temporaryFolder('storage');
  const shopSaved = await savedShop();
  const first = await opened({ [base]: python, shop: shopSaved }, { Dockerfile: owned }, true, {}, undefined, { storage });
  await first.labels();
  await first.client.ask(lookRequest, { textDocument: { uri: first.uri } });
  await settled();
  const { saved: _, ...unsaved } = shopSaved;
  const second = await opened({ [base]: python, shop: unsaved }, { Dockerfile: owned }, true, {}, undefined, { storage });
  await second.labels();
  const { items } = await second.client.ask<{ items: { code: string }[] }>('textDocument/diagnostic', { textDocument: { uri: second.uri } });
  await settled();
  const again = await second.client.ask<{ items: { code: string }[] }>('textDocument/diagnostic', { textDocument: { uri: second.uri } });
  expect([...items, ...again.items].map(({ code }) => code)).toContain('copied-again');
  expect(second.engine.asked.filter((path) => path.endsWith('/get'))).toEqual([]);
});

test('no image is looked into where nobody trusts the workspace, or nobody has one', async () => {
  const untrusted = await opened({ [base]: python, shop: await savedShop() }, { Dockerfile: owned }, false);
  const unknown = { failed: 'Which image was built of this file is not known, or the engine does not have it: build it, or say which one with Choose the Image of This File…' };
  expect(await untrusted.client.ask(lookRequest, { textDocument: { uri: untrusted.uri } })).toEqual({ failed: 'No image is looked into in a workspace that is not trusted.' });
  expect(untrusted.engine.asked).toEqual([]);
  const none = await opened({}, { Dockerfile: owned });
  await none.labels();
  expect(await none.client.ask(lookRequest, { textDocument: { uri: none.uri } })).toEqual(unknown);
});

async function built(files: Readonly<Record<string, string>>, trusted: boolean, docker?: { readonly PATH: string }): Promise<BuildAnswer> {
  const { client, uri, labels } = await opened({}, files, trusted, {}, undefined, docker);
  await labels();
  return client.ask(buildRequest, { textDocument: { uri } });
}
