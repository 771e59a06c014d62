// Makes strata-<version>.vsix of the sources as they are, and lists what is in it. A warning of vsce is an error.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { installPackages } from './install.mjs';
import { endOnSignals, run } from './vscode/process.mjs';

endOnSignals();
await installPackages();
const { root } = await import('./vscode/install.mjs');
const { makePackage } = await import('./vscode/package.mjs');

process.chdir(root);
await run(process.execPath, ['scripts/build.mjs'], { shell: false });
const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
console.log(await makePackage(join(root, `strata-${version}.vsix`)));
