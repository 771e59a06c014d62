// The .vsix as a user installs it, from what is in dist/.
import { join } from 'node:path';
import { root } from './install.mjs';
import { run } from './process.mjs';

export async function packageExtension(folder) {
  const vsix = join(folder, 'strata.vsix');
  await run('npx', ['vsce', 'package', '--no-dependencies', '--skip-license', '-o', vsix], { cwd: root, quiet: true });
  return vsix;
}
