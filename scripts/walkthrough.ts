/** Draws the pictures of the walkthrough into media/walkthrough/. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { languages, walkthroughPictures } from './walkthrough-pictures';

mkdirSync('media/walkthrough', { recursive: true });
for (const language of languages) {
  const pictures = walkthroughPictures(language, JSON.parse(readFileSync(language.texts, 'utf8')) as Record<string, string>);
  for (const [path, { svg }] of Object.entries(pictures)) writeFileSync(path, svg);
}
