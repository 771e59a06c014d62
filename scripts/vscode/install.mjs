// VS Code's own server and workbench out of npm packages, for a machine without a desktop VS Code: nothing but npm's
// registry is needed, and nothing is compiled. It is put into .vscode-test/ once for each version.
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './process.mjs';

export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[/\\]$/, '');
export const cache = join(root, '.vscode-test');

// Of its own extensions, those that wait for an account, a debugger or a tunnel: they double the time of a start.
const unwanted = [
  ...['copilot', 'microsoft-authentication', 'tunnel-forwarding'],
  ...['ms-vscode.js-debug', 'ms-vscode.js-debug-companion', 'ms-vscode.vscode-js-profile-table'],
];

const codeServer = '4.139.1'; // holds VS Code 1.139.1
const nodePackage = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;

/** Where the server's main program is, and the Node 24 that runs it. */
export async function installEditor() {
  const home = join(cache, `server-${codeServer}`);
  if (!existsSync(home)) await install(home);
  return { node: node24(home), main: join(vscode(home), 'out', 'server-main.js') };
}

async function install(home) {
  console.log(`VS Code for the browser: installing it into .vscode-test (once, 0.8 GB)`);
  await mkdir(cache, { recursive: true });
  const making = await mkdtemp(join(cache, 'making-'));
  try {
    await writeFile(join(making, 'package.json'), '{ "private": true }\n');
    const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    const packages = [`code-server@${codeServer}`, ...(runningNode24() ? [] : [`${nodePackage}@24`])];
    await run('npm', ['install', ...flags, ...packages], { cwd: making, quiet: true });
    const PATH = dirname(node24(making)) + delimiter + process.env.PATH;
    const env = { ...process.env, PATH };
    await run('npm', ['install', '--omit=dev', ...flags], { cwd: vscode(making), env, quiet: true });
    for (const name of unwanted) await rm(join(vscode(making), 'extensions', name), { recursive: true, force: true });
    // Another run may have been faster: its folder serves as well.
    if (!existsSync(home)) await rename(making, home);
  } finally {
    await rm(making, { recursive: true, force: true });
  }
}

const vscode = (home) => join(home, 'node_modules', 'code-server', 'lib', 'vscode');
const runningNode24 = () => process.versions.node.startsWith('24.');

function node24(home) {
  const file = process.platform === 'win32' ? 'node.exe' : 'node';
  const installed = join(home, 'node_modules', nodePackage, 'bin', file);
  return existsSync(installed) ? installed : process.execPath;
}
