import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { french, sourceOf, tableOf } from '../client/test/expected';
import { speak } from '../server/src/core/say';
import { drawn, hinted, hovered, readingAfter } from '../server/test/features';
import { filesIn, findingsIn } from '../server/test/rules';
import { languages, walkthroughPictures, type Language } from './walkthrough-pictures';

interface Manifest {
  readonly contributes: { readonly walkthroughs: readonly { readonly steps: readonly { readonly media: { readonly svg: string } }[] }[] };
}

const root = join(__dirname, '..');
const textsOf = ({ texts }: Language) => JSON.parse(readFileSync(join(root, texts), 'utf8')) as Record<string, string>;

test('the pictures are those that the texts make: node scripts/run.mjs scripts/walkthrough.ts', () => {
  const pictures = languages.flatMap((language) => Object.entries(walkthroughPictures(language, textsOf(language))));
  for (const [path, { svg }] of pictures) expect(readFileSync(join(root, path), 'utf8'), path).toBe(svg);
  expect(pictures.map(([path]) => path).toSorted()).toEqual(readdirSync(join(root, 'media/walkthrough')).map((file) => `media/walkthrough/${file}`).toSorted());
});

test('each step has its picture, in each language', () => {
  const { contributes } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
  const keys = contributes.walkthroughs[0]!.steps.map(({ media }) => media.svg.slice(1, -1));
  for (const language of languages) {
    const texts = textsOf(language);
    expect(keys.map((key) => texts[key]).toSorted()).toEqual(Object.keys(walkthroughPictures(language, texts)).toSorted());
  }
});

test('the French pictures say what the editor says', async () => {
  const { flask, flaskBroken, flaskApi, flaskApiFix, flaskTable } = french;
  const files = filesIn(readdirSync(join(root, 'examples/flask-api')).map((file) => `//- ${file}\n${readFileSync(join(root, 'examples/flask-api', file), 'utf8')}`).join(''));
  speak(JSON.parse(readFileSync(join(root, 'l10n/bundle.l10n.fr.json'), 'utf8')) as Record<string, string>, 'fr');
  try {
    expect(drawn(readingAfter({ text: sourceOf(flask) }, sourceOf(flaskBroken)))).toBe(flaskBroken);
    expect(hinted(sourceOf(flaskApi))).toBe(flaskApi);
    expect(tableOf(hovered(sourceOf(flask).replace('app.py /', '<|>app.py /')))).toBe(flaskTable);
    expect(findingsIn(files)[0]!.fixes[0]!.title).toBe(flaskApiFix);
  } finally {
    speak();
  }
});

test('all files of the example are copied', () => {
  const folders = ['flask', 'flask-admin', 'flask-api', 'flask-worker'];
  const files = ['strata-example.md', ...folders.flatMap((folder) => readdirSync(join(root, 'examples', folder)).map((file) => `${folder}/${file}`))];
  const source = readFileSync(join(root, 'client/src/walkthrough.ts'), 'utf8');
  expect(files.filter((file) => !source.includes(`'${file}'`))).toEqual([]);
});
