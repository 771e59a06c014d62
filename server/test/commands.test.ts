/** What VS Code's extension does by commands of its own, for every other editor: arguments in, what is said and given back out. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import type { ApplyWorkspaceEditParams, CodeAction, CodeLens, Command, ProgressToken, WorkDoneProgressBegin, WorkDoneProgressEnd, WorkDoneProgressReport } from 'vscode-languageserver/node';
import { connect, uri as untitled, type Client } from './client';
import { flask, opened, savedOf, settled, temporaryFolder, type Opened } from './image-session';

afterEach(settled);

const usual = { workspace: { configuration: true, applyEdit: true, workspaceEdit: { documentChanges: true, resourceOperations: ['create', 'rename', 'delete'] } } };
const withProgress = { ...usual, window: { workDoneProgress: true } };

test('an editor is told of them, and VS Code, which has its own, is not', async () => {
  expect((await connect()).can.executeCommandProvider?.commands).toEqual([
    'strata.whatIf', 'strata.takeAsBuilt', 'strata.showLayers', 'strata.showMap', 'strata.build', 'strata.look', 'strata.askRegistry', 'strata.extractBase', 'strata.inlineBase',
  ]);
  expect((await connect({}, { initializationOptions: { commands: true, trusted: true } })).can.executeCommandProvider).toBeUndefined();
});

test('a lens is a command that the server understands when it is sent back', async () => {
  const { client, uri } = await session({});
  const lenses = await client.ask<CodeLens[]>('textDocument/codeLens', { textDocument: { uri } });
  const { command } = await client.ask<CodeLens>('codeLens/resolve', lenses.at(-1) as CodeLens);
  expect(command?.title).toBe('if app.py changes: 1 of 2 steps runs again');
  expect(await sent(client, command as Command)).toBe(`\
If app.py changes: 1 of 2 steps run again
---
If app.py changes: 1 of 2 steps run again

Dockerfile (service web of compose.yaml): 1 of 2 steps
  [3/3] · line 4 · COPY app.py /app.py
    app.py is not what it was.
`);
});

test('what if: of one Dockerfile, or of all of them', async () => {
  const { client } = await session({}, { 'mail/Dockerfile': flask });
  expect(await run(client, 'strata.whatIf', 'Dockerfile', { kind: 'base', reference: 'python:3.8-alpine' })).toMatch(/^If python:3\.8-alpine changes: 2 of 2 steps run again\n/);
  expect(await run(client, 'strata.whatIf', null, { kind: 'base', reference: 'python:3.8-alpine' })).toMatch(/^If python:3\.8-alpine changes: 2 builds\n[^]*\nmail\/Dockerfile: 2 of 2 steps\n/);
  expect(await run(client, 'strata.whatIf', 'Dockerfile', { kind: 'arg', name: 'VERSION' })).toBe('No build of this workspace would run a step again.');
});

test('taken as built: later changes are compared with it', async () => {
  const client = await connect({}, { capabilities: usual });
  await client.open('FROM scratch\n');
  await client.change(2, { start: { line: 1, character: 0 }, end: { line: 1, character: 0 } }, 'RUN a\n');
  expect(await client.labels()).toEqual(['base: empty', 'rebuilds · layer 1 · [1/1]']);
  expect(await run(client, 'strata.takeAsBuilt', untitled)).toBe('Untitled-1 counts as built as it is now: later changes are compared with that.');
  expect(await client.labels()).toEqual(['base: empty', 'layer 1 · [1/1]']);
});

test('the layers of a stage, by its name or number, or of the target', async () => {
  const client = await connect({}, { capabilities: usual });
  await client.open('FROM scratch AS build\nRUN a\nFROM build\nCOPY . .\nCMD b\n');
  expect(await run(client, 'strata.showLayers')).toMatchInlineSnapshot(`
    "Untitled-1 (stage 1): 2 layers and 1 metadata row from this file, on scratch, which is empty
    ---
    Untitled-1: 2 layers, 1 row of metadata only (BuildKit)

    LAYER  STEP           LINE  CREATED BY
    -                           FROM scratch: no layers below
    1      [build 1/1]    2     RUN /bin/sh -c a # buildkit
    2      [stage-1 1/1]  4     COPY . . # buildkit
    -                     5     CMD ["/bin/sh" "-c" "b"]
    "
  `);
  expect(await run(client, 'strata.showLayers', untitled, 'build')).toMatch(/^Untitled-1 \(build\): 1 layer and 0 metadata rows from this file, on scratch, which is empty\n---\n/);
  expect(await run(client, 'strata.showLayers', untitled, 0)).toBe(await run(client, 'strata.showLayers', untitled, 'BUILD'));
  expect(await run(client, 'strata.showLayers', untitled, 'test')).toBe('warning: Untitled-1 has no stage test.');
});

test('the layer map is an SVG with its colours in it', async () => {
  const { client } = await session({}, { 'mail/Dockerfile': flask });
  const drawn = await run(client, 'strata.showMap', 'Dockerfile');
  expect(drawn).toMatch(/^The layer map of Dockerfile · python:3\.8-alpine is drawn: an SVG, as the result of the command\.\n---\n<svg [^>]*role="img"[^]*<style>[^]*<title>Layer 1 of 2: RUN pip install flask; shared with 1, size not known<\/title>[^]*<\/svg>\n$/);
  const families = await run(client, 'strata.showMap', { family: 'none' });
  expect(families).toBe('warning: Nothing of this can be drawn: no such Dockerfile, or no such family.');
});

test('a Dockerfile is named by its address, by its path or the end of one, or is the only one that is open', async () => {
  const { client, uri, folder } = await session({}, { 'mail/Dockerfile': flask });
  const table = await run(client, 'strata.showLayers', uri);
  expect(table).toMatch(/^Dockerfile \(python:3\.8-alpine\): 2 layers and 1 metadata row from this file/);
  for (const name of ['Dockerfile', join(folder, 'Dockerfile'), './Dockerfile', null]) expect(await run(client, 'strata.showLayers', name)).toBe(table);
  expect(await run(client, 'strata.showLayers')).toBe(table);
  const mail = pathToFileURL(join(folder, 'mail/Dockerfile')).href;
  expect(await run(client, 'strata.showLayers', mail)).toContain('mail/Dockerfile (python:3.8-alpine)');
  expect(await run(client, 'strata.takeAsBuilt', mail)).toBe(`warning: ${mail} is not open here, or is no Dockerfile.`);
  await client.open(flask, mail);
  expect(await run(client, 'strata.takeAsBuilt', 'mail/Dockerfile')).toContain('mail/Dockerfile counts as built');
  expect(await run(client, 'strata.takeAsBuilt', 'ockerfile')).toBe('warning: ockerfile is not open here, or is no Dockerfile.');
  expect(await run(client, 'strata.takeAsBuilt', 'Dockerfile')).toBe('warning: Several Dockerfiles that are open end with Dockerfile: Dockerfile, mail/Dockerfile');
  expect(await run(client, 'strata.takeAsBuilt')).toBe('warning: strata.takeAsBuilt takes arguments such as ["app/Dockerfile"]');
});

test('arguments of another shape are answered by those that are right, and nothing throws', async () => {
  const client = await connect({}, { capabilities: usual });
  expect(await run(client, 'strata.build')).toBe('warning: No Dockerfile is open.');
  await client.open('FROM scratch\n');
  const wrong: readonly (readonly [string, ...unknown[]])[] = [
    ['strata.whatIf'], ['strata.whatIf', untitled], ['strata.whatIf', untitled, 'line 3'], ['strata.whatIf', untitled, { kind: 'line', line: 0 }], ['strata.whatIf', null, { kind: 'line', line: 1 }], ['strata.whatIf', untitled, { kind: 'file' }],
    ['strata.showLayers', 7], ['strata.showLayers', untitled, {}], ['strata.showLayers', untitled, 1.5], ['strata.takeAsBuilt', {}], ['strata.build', [untitled]], ['strata.look', true], ['strata.askRegistry', ''],
    ['strata.showMap', { family: 3 }], ['strata.showMap', { family: 'a', after: -1 }], ['strata.showMap', [untitled]],
  ];
  for (const [command, ...args] of wrong) expect(await run(client, command, ...args), JSON.stringify(args)).toMatch(new RegExp(`^warning: ${command} takes arguments such as \\[`));
  expect(await sent(client, { command: 'strata.showLayers', arguments: 'all' as never })).toMatch(/^Untitled-1/);
  expect(await run(client, 'strata.delete')).toBe('warning: There is no command strata.delete.');
  expect(await run(client, 'constructor')).toBe('warning: There is no command constructor.');
  // No link comes of what was sent.
  expect(await run(client, 'strata.takeAsBuilt', '[x](command:y)')).toBe('warning: [x] (command:y) is not open here, or is no Dockerfile.');
  expect(client.said).toEqual([]);
  const { client: other, uri } = await session({}, {}, true, {}, undefined, { capabilities: usual });
  for (const sentTo of [{ way: 'magic' }, { candidate: -1 }, { family: 7 }, { other: 1 }, 'bake']) expect(await run(other, 'strata.extractBase', uri, sentTo)).toBe('warning: strata.extractBase takes arguments such as ["app/Dockerfile", {"way": "bake"}]');
});

test('nothing is built, looked into or asked for in a workspace that is not trusted', async () => {
  const docker = fakeDocker([]);
  const { client, engine, uri } = await session({}, {}, false, {}, undefined, { ...docker, capabilities: withProgress });
  const shown = progressOf(client);
  expect(await run(client, 'strata.build', uri)).toBe('warning: Nothing is built in a workspace that is not trusted.');
  expect(await run(client, 'strata.look', uri)).toBe('warning: No image is looked into in a workspace that is not trusted.');
  expect(await run(client, 'strata.askRegistry', uri)).toMatch(/^warning: .*No registry is asked for a workspace that is not trusted\.$/);
  expect(engine.asked).toEqual([]);
  // Each is begun and ended.
  expect(shown).toEqual(['Building Dockerfile (can be cancelled)', 'end', 'Looking into the image of Dockerfile (can be cancelled)', 'end', 'Asking the registry (can be cancelled)', 'end']);
});

test('a build says what is done of what, and what came of it; a text that is not saved is not built', async () => {
  const docker = fakeDocker([vertex('[1/3] FROM python', true), vertex('[2/3] RUN pip'), vertex('[3/3] COPY app.py')]);
  const { client, uri } = await session({}, {}, true, {}, undefined, { ...docker, capabilities: withProgress });
  const shown = progressOf(client);
  expect(await run(client, 'strata.build', uri)).toMatch(/^Built shop in [\d.]+ s: 2 steps run, 0 from the cache\.$/);
  expect(shown).toEqual(['Building Dockerfile (can be cancelled)', expect.stringMatching(/^100 % · \d of \d steps/), 'end']);
  await client.connection.sendNotification('textDocument/didChange', { textDocument: { uri, version: 2 }, contentChanges: [{ text: flask.replace('flask', 'django') }] });
  expect(await run(client, 'strata.build', uri)).toBe('warning: Dockerfile has changes that are not saved: nothing is built.');
  await client.connection.sendNotification('textDocument/didChange', { textDocument: { uri, version: 3 }, contentChanges: [{ text: flask.replaceAll('\n', '\r\n') }] });
  expect(await run(client, 'strata.build', uri)).toMatch(/^Built shop/);
});

test('a build can be cancelled by its progress', async () => {
  const folder = temporaryFolder('docker');
  // It goes on until it is told to end.
  writeFileSync(join(folder, 'docker'), `#!/bin/sh\necho '${JSON.stringify({ vertexes: [{ digest: 'a', name: '[2/3] RUN pip', started: '2026-01-01T00:00:00Z' }] })}' >&2\nread forever <${folder}/never\n`, { mode: 0o755 });
  execFileSync('mkfifo', [join(folder, 'never')]);
  const { client, uri } = await session({}, {}, true, {}, undefined, { PATH: folder, capabilities: withProgress });
  client.connection.onNotification('$/progress', ({ token, value }: Progress) => {
    if (value.kind === 'report') void client.connection.sendNotification('window/workDoneProgress/cancel', { token });
  });
  client.connection.onRequest('window/workDoneProgress/create', () => null);
  expect(await run(client, 'strata.build', uri)).toBe('warning: Cancelled.');
});

test('an image is looked into: what it wastes is said', async () => {
  const saved = await savedOf([[], [{ name: 'app.py', text: 'a' }]]);
  const shop = { ...saved, rows: '1 COPY app.py /app.py # buildkit\n8 ADD alpine.tar / # buildkit' };
  const { client, uri, labels } = await session({ shop }, {}, true, {}, undefined, { capabilities: usual });
  expect(await run(client, 'strata.look', uri)).toBe('shop: 0 B of 1 B are wasted.');
  // The engine tells of it, and is asked again.
  await labels();
});

const service = (name: string): string => `FROM python:3.12-slim\nRUN pip install flask\nCOPY . .\nCMD ["python", "${name}.py"]\n`;
const services = { Dockerfile: service('app'), 'compose.yaml': '', 'mail/Dockerfile': service('mail') };

test('a base is extracted by an edit that the editor makes', async () => {
  const { client } = await session({}, services, true, {}, undefined, { capabilities: usual });
  const edits = editsOf(client);
  const said = await run(client, 'strata.extractBase', 'Dockerfile', { way: 'bake' });
  expect(said).toMatchInlineSnapshot(`
    "Done: Extract base image by Bake: docker-bake.hcl. The COPY of line 3 of Dockerfile stays, and all after it: mail/Dockerfile is built with the folder mail, Dockerfile with the project's folder. From now on docker buildx bake builds them: docker build alone does not know base.
    ---
    Done: Extract base image by Bake: docker-bake.hcl.
    The COPY of line 3 of Dockerfile stays, and all after it: mail/Dockerfile is built with the folder mail, Dockerfile with the project's folder.
    From now on docker buildx bake builds them: docker build alone does not know base.
    "
  `);
  expect(edits).toMatchInlineSnapshot(`
    [
      "Extract base image by Bake: docker-bake.hcl",
      "create Dockerfile.base",
      "create docker-bake.hcl",
      "edit Dockerfile.base",
      "  # What Dockerfile and mail/Dockerfile begin with.",
      "  FROM python:3.12-slim",
      "  RUN pip install flask",
      "edit Dockerfile",
      "  FROM base",
      "edit mail/Dockerfile",
      "  FROM base",
      "edit docker-bake.hcl",
      "  group "default" {",
      "    targets = ["image", "mail"]",
      "  }",
      "  ",
      "  target "base" {",
      "    context    = "."",
      "    dockerfile = "Dockerfile.base"",
      "  }",
      "  ",
      "  target "image" {",
      "    context    = "."",
      "    dockerfile = "Dockerfile"",
      "    contexts   = { base = "target:base" }",
      "  }",
      "  ",
      "  target "mail" {",
      "    context    = "mail"",
      "    dockerfile = "Dockerfile"",
      "    contexts   = { base = "target:base" }",
      "  }",
    ]
  `);
});

test('where no way is named it is the first that can be; an edit that is not made is said', async () => {
  const { client } = await session({}, services, true, {}, undefined, { capabilities: usual });
  const edits = editsOf(client, { applied: false, failureReason: 'read-only' });
  expect(await run(client, 'strata.extractBase')).toBe('warning: The editor has not made the edit: read-only');
  expect(edits.at(0)).toBe('Extract base image: one Dockerfile with 2 targets');
  expect(await run(client, 'strata.extractBase', 'Dockerfile', { candidate: 9 })).toBe('warning: No other Dockerfile here begins with the steps of this one.');
  expect(await run(client, 'strata.extractBase', 'Dockerfile', { family: 'gone' })).toBe('warning: The siblings have changed meanwhile: nothing is extracted.');
  expect(await run(client, 'strata.extractBase', 'Dockerfile', { way: 'stage' })).toMatch(/^warning: /);
  const { client: plain } = await session({}, services, true, {}, undefined, { capabilities: { workspace: { workspaceEdit: usual.workspace.workspaceEdit } } });
  expect(await run(plain, 'strata.extractBase')).toBe('warning: This editor takes no edits from a server: strata on the command line can make them.');
  const { client: simple } = await session({}, services, true, {}, undefined, { capabilities: { workspace: { applyEdit: true, workspaceEdit: { documentChanges: true } } } });
  expect(await run(simple, 'strata.extractBase')).toBe('warning: This editor cannot make or remove files in an edit: strata extract on the command line can.');
});

test('a base is put back by an edit, and where there is none it is said', async () => {
  const files = { Dockerfile: 'FROM python:3.12-slim AS base\nRUN pip install flask\nFROM base AS app\nCMD ["app"]\nFROM base AS mail\nCMD ["mail"]\n', 'compose.yaml': 'services:\n  app:\n    build:\n      context: .\n      target: app\n  mail:\n    build:\n      context: .\n      target: mail\n' };
  const { client } = await session({}, files, true, {}, undefined, { capabilities: usual });
  const edits = editsOf(client);
  expect(await run(client, 'strata.inlineBase', 'Dockerfile')).toBe('Done: Inline base image: Dockerfile.\n---\nDone: Inline base image: Dockerfile.\n');
  expect(edits).toMatchInlineSnapshot(`
    [
      "Inline base image: Dockerfile",
      "edit Dockerfile",
      "  FROM python:3.12-slim AS app",
      "  RUN pip install flask",
      "  CMD ["app"]",
      "  FROM python:3.12-slim AS mail",
      "  RUN pip install flask",
    ]
  `);
  const { client: alone } = await session({}, {}, true, {}, undefined, { capabilities: usual });
  expect(await run(alone, 'strata.inlineBase', 'Dockerfile')).toMatch(/^warning: /);
});

test('an editor that does not ask for the edit of an action later gets a command in it', async () => {
  const resolving = { ...usual, textDocument: { codeAction: { dataSupport: true, resolveSupport: { properties: ['edit'] } } } };
  for (const [capabilities, expected] of [[usual, 'command'], [resolving, 'data']] as const) {
    const { client, uri } = await session({}, services, true, {}, undefined, { capabilities });
    const range = { start: { line: 1, character: 0 }, end: { line: 1, character: 0 } };
    const actions = await client.ask<CodeAction[]>('textDocument/codeAction', { textDocument: { uri }, range, context: { diagnostics: [], only: ['refactor'] } });
    const bake = actions.find(({ title }) => title.startsWith('Extract base image by Bake')) as CodeAction;
    expect(Object.keys(bake).toSorted()).toEqual([expected, 'kind', 'title'].toSorted());
    if (expected === 'data') continue;
    const edits = editsOf(client);
    expect(await sent(client, bake.command as Command)).toMatch(/^Done: Extract base image by Bake: docker-bake\.hcl\./);
    expect(edits).toContain('create docker-bake.hcl');
  }
});

interface Progress {
  readonly token: ProgressToken;
  readonly value: WorkDoneProgressBegin | WorkDoneProgressReport | WorkDoneProgressEnd;
}

/** What is still asked of git is answered to a client that is there. */
async function session(...options: Parameters<typeof opened>): Promise<Opened> {
  await settled();
  const one = await opened(...options);
  await one.labels();
  return one;
}

async function run(client: Client, command: string, ...args: unknown[]): Promise<string> {
  return sent(client, { command, arguments: args });
}

/** What is said, and below a line the command's result where that is more. */
async function sent(client: Client, { command, arguments: args }: Pick<Command, 'command' | 'arguments'>): Promise<string> {
  const messages: string[] = [];
  const heard = client.connection.onNotification('window/showMessage', ({ type, message }: { readonly type: number; readonly message: string }) => void messages.push(`${type === 2 ? 'warning: ' : ''}${message}`));
  const result = await client.ask<string | null>('workspace/executeCommand', { command, arguments: args });
  heard.dispose();
  const said = messages.join('\n');
  expect(result === null).toBe(said.startsWith('warning: '));
  return result === null || result === said ? said : `${said}\n---\n${result}`;
}

function progressOf({ connection }: Client): string[] {
  const shown: string[] = [];
  connection.onRequest('window/workDoneProgress/create', () => null);
  connection.onNotification('$/progress', ({ value }: Progress) => {
    if (value.kind === 'begin') shown.push(`${value.title}${value.cancellable ? ' (can be cancelled)' : ''}`);
    else shown.push(value.kind === 'end' ? 'end' : `${value.percentage} % · ${value.message}`);
  });
  return shown;
}

/** What the editor is asked to do, a line for each file; it answers `answer`. */
function editsOf({ connection }: Client, answer: object = { applied: true }): string[] {
  const edits: string[] = [];
  const nameOf = (address: string): string => address.replace(/^.*\/strata-images-[^/]*\//, '');
  connection.onRequest('workspace/applyEdit', ({ label, edit }: ApplyWorkspaceEditParams) => {
    edits.push(label ?? '');
    for (const change of edit.documentChanges ?? []) {
      if ('textDocument' in change) edits.push(`edit ${nameOf(change.textDocument.uri)}`, ...change.edits.flatMap((one) => ('newText' in one ? one.newText.trimEnd().split('\n').map((line) => `  ${line}`) : [])));
      else edits.push(`${change.kind} ${nameOf('uri' in change ? change.uri : change.newUri)}`);
    }
    return answer;
  });
  return edits;
}

/** Stands in for docker: says what buildx says. */
function fakeDocker(lines: readonly object[]): { readonly PATH: string } {
  const folder = temporaryFolder('docker');
  writeFileSync(join(folder, 'docker'), `#!/bin/sh\n/bin/cat >&2 <<'EOF'\n${lines.map((line) => JSON.stringify(line)).join('\n')}\nEOF\n`, { mode: 0o755 });
  return { PATH: folder };
}

function vertex(name: string, cached = false): object {
  return { vertexes: [{ digest: name, name, started: '2026-01-01T00:00:00Z', completed: '2026-01-01T00:00:01Z', cached }] };
}
