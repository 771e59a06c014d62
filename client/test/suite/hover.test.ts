import * as expected from '../expected';
import { becomes } from '../runner';
import { hoverOver, openExample } from './editor';
import { test } from './suite';

test('a hover has the rows of the history up to its line', async () => {
  const document = await openExample('flask/Dockerfile');
  await becomes(async () => expected.tableOf(await hoverOver(document, 'COPY')), expected.flaskTable);
});
