/** Draws the pictures of the walkthrough into media/walkthrough/. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { walkthroughPictures } from './walkthrough-pictures';

mkdirSync('media/walkthrough', { recursive: true });
for (const [name, { svg }] of Object.entries(walkthroughPictures())) writeFileSync(`media/walkthrough/${name}.svg`, svg);
