// The .vsix as a user installs it, from what is in dist/.
import { join } from 'node:path';
import { root } from './install.mjs';
import { run } from './process.mjs';

export async function packageExtension(folder) {
  const vsix = join(folder, 'strata.vsix');
  await makePackage(vsix);
  return vsix;
}

/** One that only the tests have: nobody reads what it says of itself. */
export async function packageBeside(folder, vsix) {
  await run('npx', ['vsce', 'package', '--no-dependencies', '--allow-missing-repository', '--skip-license', '-o', vsix], { cwd: folder, quiet: true });
  return vsix;
}

/** Gives the list of what is in it. vsce warns of what a gallery would show badly or a user would miss: that is not packaged. */
export async function makePackage(vsix) {
  const output = await run('npx', ['vsce', 'package', '--no-dependencies', '-o', vsix], { cwd: root, quiet: true });
  if (/\bWARNING\b/.test(output)) throw new Error(output);
  return output.trim();
}
