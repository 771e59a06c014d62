import * as expected from '../expected';
import { becomes } from '../runner';
import { hoverOver, openExample } from './editor';
import { test } from './suite';

test('a hover on RUN has the history rows in a table', async () => {
  const document = await openExample('flask/Dockerfile');
  await becomes(async () => expected.flaskHover.test(await hoverOver(document, 'RUN')), true);
});
