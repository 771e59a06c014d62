import { match } from 'node:assert';
import * as expected from '../expected';
import { test } from './suite';
import { hover, showsLines } from './workbench';

const file = 'flask/Dockerfile';

test('hints are seen in the lines, and a hover over them', async ({ open }) => {
  const page = await open(file);
  await showsLines(page, file, expected.flask);
  match(await hover(page, file, 'pip'), /layer/i);
  await page.close();
});
