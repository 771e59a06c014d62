import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { walkthroughPictures } from './walkthrough-pictures';

interface Manifest {
  readonly contributes: { readonly walkthroughs: readonly { readonly steps: readonly { readonly id: string; readonly media: { readonly svg: string; readonly altText: string } }[] }[] };
}

const root = join(__dirname, '..');

test('the pictures are those that the texts make: node scripts/run.mjs scripts/walkthrough.ts', () => {
  for (const [name, { svg }] of Object.entries(walkthroughPictures())) expect(readFileSync(join(root, 'media/walkthrough', `${name}.svg`), 'utf8'), name).toBe(svg);
});

test('each step has its picture', () => {
  const { contributes } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
  const steps = contributes.walkthroughs[0]!.steps.map(({ media }) => media.svg);
  expect(steps.toSorted()).toEqual(readdirSync(join(root, 'media/walkthrough')).map((file) => `media/walkthrough/${file}`).toSorted());
});

test('all files of the example are copied', () => {
  const folders = ['flask', 'flask-admin', 'flask-api', 'flask-worker'];
  const files = ['strata-example.md', ...folders.flatMap((folder) => readdirSync(join(root, 'examples', folder)).map((file) => `${folder}/${file}`))];
  const source = readFileSync(join(root, 'client/src/walkthrough.ts'), 'utf8');
  expect(files.filter((file) => !source.includes(`'${file}'`))).toEqual([]);
});
