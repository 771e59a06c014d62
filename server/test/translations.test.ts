/** Everything that is shown in an editor is there in French, and nothing else is. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { complaintsAbout, manifestKeys, spokenIn } from './translations';

const root = join(import.meta.dirname, '../..');
const json = (file: string) => JSON.parse(readFileSync(join(root, file), 'utf8')) as Record<string, string>;
const sources = ['client/src', 'client/view', 'server/src'].flatMap((folder) => readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts')).map((file) => `${folder}/${file}`));
/** Here a text is for an editor; elsewhere it may be the command line's, or data. */
const isStrict = (file: string) => /^(?:client\/(?:src|view)|server\/src\/features|server\/src\/[\w-]+\.ts$)/.test(file);

test('every sentence of the sources has a French one, with the same values', () => {
  const spoken = sources.filter((file) => file !== 'server/src/core/say.ts').map((file) => spokenIn(file, readFileSync(join(root, file), 'utf8'), isStrict(file)));
  expect(spoken.flatMap(({ complaints }) => complaints)).toEqual([]);
  const messages = new Set(spoken.flatMap((one) => [...one.messages]));
  expect(complaintsAbout(messages, json('l10n/bundle.l10n.fr.json'))).toEqual([]);
});

test('every text of the manifest is in package.nls.json, and in French', () => {
  const { messages, complaints } = manifestKeys(json('package.json'));
  expect(complaints).toEqual([]);
  for (const file of ['package.nls.json', 'package.nls.fr.json']) expect(Object.keys(json(file)).toSorted(), file).toEqual([...messages].toSorted());
});

test('what is missing is found', () => {
  const source = `
const early = say('At once');
const kinds = { label: 'A label' };
function f(n: number, name: string) {
  view.message = n === 1 ? 'One thing' : say('Reading');
  window.showErrorMessage(\`\${name} is gone\`);
  say(\`\${name} is there\`);
  say('{0} of {1}', n);
  return { icon: 'layers', title: vscode.l10n.t('Here'), tooltip: [name, say('in {0}', n)].join(', '), label: counted(n, '{0} layer', '{0} layers') };
}`;
  const { messages, complaints } = spokenIn('a.ts', source, true);
  expect(complaints).toMatchInlineSnapshot(`
    [
      "a.ts:2: said before the language is known",
      "a.ts:3: "A label" is not said",
      "a.ts:5: "One thing" is not said",
      "a.ts:6: " is gone" is not said",
      "a.ts:7: a message that is not written out",
      "a.ts:8: "{0} of {1}" is given 1 values",
    ]
  `);
  expect(complaintsAbout(messages, { 'At once': 'Tout de suite', '{0} of {1}': '{0} sur', '{0} layer': '{0} couche', '{0} layers': '{0} couches', Gone: 'Disparu' })).toMatchInlineSnapshot(`
    [
      "no translation: "Reading"",
      "no translation: "Here"",
      "no translation: "in {0}"",
      "said nowhere: "Gone"",
      "other values: "{0} of {1}"",
    ]
  `);
  const { messages: keys, complaints: bare } = manifestKeys({ displayName: '%displayName%', contributes: { commands: [{ command: 'a.b', title: 'Do It', category: 'Strata' }], views: { explorer: [{ id: 'a', name: '%view%' }] }, configuration: { properties: { 'a.c': { enum: ['on'], enumDescriptions: ['Show it.'] } } } } });
  expect([[...keys], bare]).toMatchInlineSnapshot(`
    [
      [
        "displayName",
        "view",
      ],
      [
        "package.json: "Do It" is no key",
        "package.json: "Show it." is no key",
      ],
    ]
  `);
});
