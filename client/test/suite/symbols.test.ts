import * as expected from '../expected';
import { becomes } from '../runner';
import { openExample, outlineOf } from './editor';
import { test } from './suite';

test('the outline lists stages and their steps', async () => {
  const document = await openExample('flask/Dockerfile');
  await becomes(() => outlineOf(document), expected.flaskOutline);
});
