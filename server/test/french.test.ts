/** What a French user reads: a server that is told so answers in French, with the bundle of its client or the one beside it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { CodeAction, CodeLens, Diagnostic, DocumentSymbol, Hover, InlayHint } from 'vscode-languageserver';
import { configurationOf } from '../src/configuration';
import { rules } from '../src/core/rules/index';
import { counted, say, speak } from '../src/core/say';
import { speakTo } from '../src/language';
import { settingsOf } from '../src/settings';
import { definitionsIn } from '../src/workspace/builds/builds';
import { wired } from '../src/workspace/builds/wiring';
import { connect, uri, type Client } from './client';

const root = join(import.meta.dirname, '../..');
const l10n = JSON.parse(readFileSync(join(root, 'l10n/bundle.l10n.fr.json'), 'utf8')) as Record<string, string>;
const example = (name: string) => readFileSync(join(root, 'examples', name, 'Dockerfile'), 'utf8');

async function opened(text: string): Promise<Client> {
  const client = await connect({}, { locale: 'fr', initializationOptions: { l10n } });
  await client.open(text);
  return client;
}

/** The text with its hints, the lenses above their lines, and below a line what is found there and what can be done about it. */
async function pictured(text: string): Promise<string> {
  const client = await opened(text);
  const params = { textDocument: { uri } };
  const hints = await client.hints();
  const lenses = await Promise.all((await client.ask<CodeLens[]>('textDocument/codeLens', params)).map((lens) => client.ask<CodeLens>('codeLens/resolve', lens)));
  const { items } = await client.ask<{ items: Diagnostic[] }>('textDocument/diagnostic', params);
  const lines = await Promise.all(text.trimEnd().split('\n').map(async (line, at) => {
    const found = items.filter(({ range }) => range.start.line === at);
    const actions = found.length === 0 ? [] : await client.ask<CodeAction[]>('textDocument/codeAction', { ...params, range: found[0].range, context: { diagnostics: found, only: ['quickfix'] } });
    return [
      ...lenses.filter(({ range }) => range.start.line === at).map(({ command }) => `· ${command?.title}`),
      `${line}${hints.filter(({ position }) => position.line === at).map((hint: InlayHint) => ` ‹${hint.label}›`).join('')}`,
      ...found.flatMap(({ message, code, relatedInformation = [] }) => [`  ^ ${code}: ${message}`, ...relatedInformation.map((one) => `    ${one.location.range.start.line + 1}: ${one.message}`)]),
      ...actions.map(({ title }) => `  * ${title}`),
    ].join('\n');
  }));
  return lines.join('\n');
}

async function hoverOn(text: string, line: number, character = 0): Promise<string> {
  const client = await opened(text);
  const hover = await client.ask<Hover>('textDocument/hover', { textDocument: { uri }, position: { line, character } });
  return (hover.contents as { value: string }).value;
}

test('the flask example', async () => {
  expect(await pictured(example('flask'))).toMatchInlineSnapshot(`
    "· si python:3.8-alpine change : 2 étapes sur 2 sont réexécutées
    FROM python:3.8-alpine ‹base : inconnue›
    RUN pip install flask ‹couche 1 · [2/3]›
    CMD ["python","app.py"]
    · si app.py change : 1 étape sur 2 est réexécutée
    COPY app.py /app.py ‹couche 2 · [3/3]›"
  `);
  expect(await hoverOn(example('flask'), 3)).toMatchInlineSnapshot(`
    "**Strata** · couche 2 sur 2 · \`[3/3]\`

    COPY écrit une couche : les fichiers copiés.

    |  | CREATED BY | COUCHE |
    | :-- | :-- | :-- |
    | ▶ | **\`COPY app.py /app.py # buildkit\`** | **2** |
    |  | \`CMD ["python" "app.py"]\` | – |
    |  | \`RUN /bin/sh -c pip install flask # buildkit\` | 1 |
    |  | *les lignes de \`python:3.8-alpine\` : inconnues sans l’image* | ? |"
  `);
});

test('the node shop: a finding with its fixes', async () => {
  expect(await pictured(example('node-shop'))).toMatchInlineSnapshot(`
    "· si node:22-alpine change : 3 étapes sur 3 sont réexécutées
    FROM node:22-alpine ‹base : inconnue›
    WORKDIR /app ‹couche 1 · [2/4]›
    · si n’importe quel fichier change : 2 étapes sur 3 sont réexécutées
    COPY . . ‹couche 2 · [3/4]›
      ^ copy-before-install: Une modification de n’importe quel fichier copié ici fait réexécuter \`npm ci\` (ligne 4), qui ne lit que package.json, package-lock.json, npm-shrinkwrap.json et .npmrc.
        4: Elle est réexécutée dès qu’un fichier copié plus haut change.
      * Copier d’abord package.json, package-lock.json, npm-shrinkwrap.json et .npmrc, le reste après \`npm ci\` (résultat identique non prouvé : package.json n’a pas été lu ; le contexte de build est inconnu)
      * Monter package.json, package-lock.json, npm-shrinkwrap.json et .npmrc pour \`npm ci\`, copier ensuite (résultat identique non prouvé : ils ne sont pas dans la couche de cette étape ; package.json n’a pas été lu ; le contexte de build est inconnu)
      * Ignorer copy-before-install sur cette ligne
      * Ignorer copy-before-install dans ce fichier
    RUN npm ci --omit=dev ‹couche 3 · [4/4]›
    ENV PORT=8080
    EXPOSE $PORT
    CMD ["node", "server.js"]"
  `);
});

test('stages, in hints, in a hover and in the outline', async () => {
  expect(await pictured(example('multi-stage'))).toMatchInlineSnapshot(`
    "# syntax=docker/dockerfile:1
    · si node:20-alpine change : 5 étapes sur 6 sont réexécutées, 1 de plus peut-être
    FROM node:20-alpine AS build
    WORKDIR /app ‹couche 1 · [build 2/6]›
    · si package.json ou package-lock.json change : 2 étapes sur 6 sont réexécutées, 1 de plus peut-être
    COPY package.json package-lock.json ./ ‹couche 2 · [build 3/6]›
    RUN npm ci ‹couche 3 · [build 4/6]›
    · si n’importe quel fichier change : 2 étapes sur 6 sont réexécutées, 1 de plus peut-être
    COPY . . ‹couche 4 · [build 5/6]›
    RUN npm run build ‹couche 5 · [build 6/6]›

    # The default target does not reach this stage: docker build --target test .
    FROM build AS test ‹non construit›
    RUN npm test ‹couche 6 · [test 1/1]›

    · si nginx:1.27-alpine change : 1 étape sur 6 est réexécutée
    FROM nginx:1.27-alpine ‹base : inconnue›
    LABEL org.opencontainers.image.title="Shop"
    COPY --from=build /app/dist /usr/share/nginx/html ‹couche 1 · [stage-2 2/2]›
    EXPOSE 80"
  `);
  expect(await hoverOn(example('multi-stage'), 9)).toMatchInlineSnapshot(`
    "**Strata** · stage \`test\`, 2 sur 3

    FROM continue le stage \`build\`, qui contient 5 couches ; ce stage ajoute 1 couche. Non construit : la cible n’en a pas besoin. \`docker build --target test\` le construit.

    |  | CREATED BY | COUCHE |
    | :-- | :-- | :-- |
    |  | \`RUN /bin/sh -c npm run build # buildkit\` | 5 |
    |  | \`COPY . . # buildkit\` | 4 |
    |  | \`RUN /bin/sh -c npm ci # buildkit\` | 3 |
    |  | \`COPY package.json package-lock.json ./ # buildkit\` | 2 |
    |  | \`WORKDIR /app\` | 1 |
    |  | *les lignes de \`node:20-alpine\` : inconnues sans l’image* | ? |"
  `);
  const client = await opened(example('multi-stage'));
  const symbols = await client.ask<DocumentSymbol[]>('textDocument/documentSymbol', { textDocument: { uri } });
  expect(symbols.flatMap(({ name, detail, children = [] }) => [`${name} (${detail})`, ...children.map((one) => `  ${one.name} (${one.detail})`)]).join('\n')).toMatchInlineSnapshot(`
    "build (node:20-alpine · 5 couches)
      WORKDIR /app (couche 1)
      COPY package.json package-lock.json ./ (couche 2)
      RUN npm ci (couche 3)
      COPY . . (couche 4)
      RUN npm run build (couche 5)
    test (build · non construit)
      RUN npm test (couche 6)
    nginx:1.27-alpine (1 couche)
      LABEL org.opencontainers.image.title="Shop" (métadonnées)
      COPY --from=build /app/dist /usr/share/nginx/html (couche 1)
      EXPOSE 80 (métadonnées)"
  `);
});

test('the title of a rule: where a comment names it, and in the settings', async () => {
  expect(await hoverOn('FROM node:22\n# strata: ignore=copied-again,left-over -- small\nCOPY . .\n', 1, 30)).toMatchInlineSnapshot(`
    "**Strata** · \`left-over\`

    Des listes de paquets et des caches restent dans une couche.

    [Quand la règle se prononce, et ce que changent ses correctifs (en anglais)](https://github.com/strata-layers/strata/blob/main/server/src/core/rules/left-over.md)"
  `);
  const texts = JSON.parse(readFileSync(join(root, 'package.nls.fr.json'), 'utf8')) as Record<string, string>;
  expect(rules.map(({ name }) => texts[`rule.${name}`])).toEqual(rules.map(({ finds }) => `${finds()}.`));
});

test('the schema of strata.json is the English one, but for what it says', () => {
  const read = (file: string) => JSON.parse(readFileSync(join(root, file), 'utf8')) as { properties: { rules: { properties: Record<string, { description: string }> } } };
  const [english, french] = ['package.nls.json', 'package.nls.fr.json'].map((file) => read((JSON.parse(readFileSync(join(root, file), 'utf8')) as Record<string, string>).schema));
  const shape = (schema: object) => JSON.stringify(schema, (key, value: unknown) => (key === '$id' || (key === 'description' && typeof value === 'string') ? '' : value));
  expect(shape(french)).toBe(shape(english));
  const texts = JSON.parse(readFileSync(join(root, 'package.nls.fr.json'), 'utf8')) as Record<string, string>;
  expect(Object.entries(french.properties.rules.properties).map(([name, { description }]) => [name, description])).toEqual(rules.map(({ name }) => [name, texts[`rule.${name}`]]));
});

test('what is wrong with settings and strata.json, as the log has it', () => {
  speak(l10n, 'fr');
  const about = (text: string) => configurationOf(text).complaints;
  expect([...about('[]'), ...about('{\n"rules": {,}}'), ...about('{"rule": 1, "rules": {"left-over": "no", "left": "off"}}'), ...settingsOf({ builder: 'kaniko', rules: 'off' }, undefined).complaints].join('\n')).toMatchInlineSnapshot(`
    "ce n’est pas un objet
    ligne 2 : ValueExpected
    « left-over » : "no" n’est pas une de ces valeurs : off, hint, information, warning, error
    « left » n’est pas une règle : copy-before-install, copy-before-packages, arg-changes-early, context-takes-unneeded, copy-wider-than-read, remote-change-hidden, shared-steps, drifted-step, deleted-later, copied-again, overwritten, duplicate, left-over
    « rule » n’est pas un paramètre
    strata.builder : « kaniko » n’est pas un builder connu (head, v0.25, docker-28.5) ; head est pris à sa place
    « rules » n’est pas un objet"
  `);
  speak();
});

test('why a Bake or Compose file cannot be read, where an extraction is refused for it', () => {
  speak(l10n, 'fr');
  const files: readonly (readonly [string, string])[] = [
    ['docker-bake.hcl', 'target "web" {\n  context = \n}\n'], ['docker-bake.hcl', 'target "web" {\n  tags = ["${a"]\n}\n'], ['docker-bake.hcl', 'target "web" {\n'],
    ['docker-bake.json', '{"target": }'], ['docker-bake.json', '[]'], ['compose.yaml', `services: ${'['.repeat(600)}`],
  ];
  const refusals = files.map(([file, text]) => wired(file, text, [{ kind: 'remove', build: 'web' }]));
  const { problems } = definitionsIn(new Map([
    ['docker-bake.hcl', 'variable "N" { default = 1 / 0 }\ngroup "all" { targets = ["gone"] }\ntarget "web" { tags = "latest" }\n'], ['compose.yaml', 'services:\n  web:\n    build: ${DIR?}\n    extends: db\n'],
  ]), {});
  expect([...refusals.map((made) => ('refused' in made ? made.refused : made.text)), ...problems.map(({ message }) => message)].join('\n')).toMatchInlineSnapshot(`
    "docker-bake.hcl est illisible : Une valeur est attendue ici.
    docker-bake.hcl est illisible : Il manque la } de ce \${.
    docker-bake.hcl est illisible : Ce bloc n’est pas fermé.
    docker-bake.json est illisible : Ce n’est pas du JSON : ValueExpected.
    docker-bake.json est illisible : Un fichier Bake est un objet.
    compose.yaml est illisible : Ce n’est pas du YAML : il est trop imbriqué.
    La variable N est refusée : ceci divise par zéro.
    La cible web est refusée : il faut ici une liste, et non une chaîne.
    Le groupe all nomme gone, qui n’existe pas.
    La variable DIR est nécessaire.
    Le service web étend db, qui n’existe pas."
  `);
  speak();
});

test('a hint fits into its line', async () => {
  const labels = await (await opened(example('multi-stage'))).labels();
  expect(labels.filter((label) => String(label).length > 30)).toEqual([]);
});

test('another editor names its language, and gets the bundle that lies beside the server', async () => {
  const asked: string[] = [];
  const bundle = (language: string) => (asked.push(language), language === 'fr' ? l10n : undefined);
  const labels = async (locale: string | undefined) => {
    const client = await connect({}, { locale }, { bundle });
    await client.open('FROM scratch\nCOPY a b\n');
    return client.labels();
  };
  expect([await labels('fr_CA.UTF-8'), await labels('de'), await labels(undefined)]).toMatchInlineSnapshot(`
    [
      [
        "base : vide",
        "couche 1 · [1/1]",
      ],
      [
        "base: empty",
        "layer 1 · [1/1]",
      ],
      [
        "base: empty",
        "layer 1 · [1/1]",
      ],
    ]
  `);
  expect(asked).toEqual(['fr', 'de']);
});

test('what is no text is not taken from a client, and one that names no language is answered in English', () => {
  const said = (options: unknown, locale?: string) => {
    speakTo({ locale, initializationOptions: options });
    return say('metadata');
  };
  expect([said({ l10n: { metadata: 'métadonnées' } }, 'fr'), said({ l10n: { metadata: 1 } }, 'fr'), said({ l10n: 'fr' }, 'fr'), said(null, ''), said(undefined)]).toEqual(['métadonnées', 'metadata', 'metadata', 'metadata', 'metadata']);
});

test('French has one of nothing', () => {
  const layers = (number: number) => counted(number, '{0} layer', '{0} layers');
  expect([0, 1, 2].map(layers)).toEqual(['0 layers', '1 layer', '2 layers']);
  speak(l10n, 'fr');
  expect([0, 1, 2].map(layers)).toEqual(['0 couche', '1 couche', '2 couches']);
  speak();
});

test('a value is put in as it is', () => {
  expect(say('{0} and {1}', '{1}', '$& $1')).toBe('{1} and $& $1');
});
