import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { becomes } from '../runner';
import { bakeAction, before } from './applications';
import { asksByBake } from './preview.test';
import { test } from './suite';
import { choose, says } from './workbench';

test('a file that cannot be written is named, before anything is shown', async ({ page, open }) => {
  const folder = await asksByBake(page, open);
  chmodSync(join(folder.path, 'app2/Dockerfile'), 0o444);
  await choose(page, bakeAction);
  await says(page, /app2\/Dockerfile (?:is read-only|cannot be written)/);
  await becomes(async () => folder.files(), before);
});
