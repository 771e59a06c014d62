// Opens examples/ in a real VS Code with the extension: the desktop's where there is one, else one in the browser.
// `--check` visits the address that it prints, as a browser's user does, and ends with 0 when a hint is seen there;
// `--no-browser` only serves it. A folder after these is opened instead of examples/.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { installPackages } from './install.mjs';
import { endOnSignals, hasDisplay, onPath, run } from './vscode/process.mjs';

const check = process.argv.includes('--check');
const noBrowser = process.argv.includes('--no-browser');
const given = process.argv.slice(2).find((arg) => !arg.startsWith('-'));

endOnSignals();
await installPackages();
const { root } = await import('./vscode/install.mjs');
const folder = given === undefined ? join(root, 'examples') : resolve(given);
const file = ['flask/Dockerfile', 'Dockerfile'].find((name) => existsSync(join(folder, name)));

process.chdir(root);
await run(process.execPath, ['scripts/build.mjs'], { shell: false });
const desktop = check || noBrowser || !hasDisplay() ? undefined : (onPath('code') ?? (await downloadedEditor()));
if (desktop) await openDesktop(desktop);
else await openInBrowser();

async function downloadedEditor() {
  const { desktopEditor } = await import('./vscode/desktop.mjs');
  return (await desktopEditor())?.executable;
}

async function openDesktop(program) {
  console.log('VS Code opens in a window of its own');
  await run(program, ['--new-window', `--extensionDevelopmentPath=${root}`, folder, ...(file ? [join(folder, file)] : [])]);
}

async function openInBrowser() {
  const { startServer, temporaryFolder, workbenchAddress } = await import('./vscode/server.mjs');
  const { packageExtension } = await import('./vscode/package.mjs');
  const { shortAddress } = await import('./vscode/page.mjs');
  const server = await startServer({ vsix: await packageExtension(await temporaryFolder()) });
  const address = await shortAddress(workbenchAddress(server, folder, { file }));
  console.log(`VS Code: ${address} (Ctrl-C stops it)`);
  if (check) await visit(address);
  else if (!noBrowser) openSystemBrowser(address);
  await server.ended;
  process.exit(1);
}

async function visit(address) {
  const { launchBrowser } = await import('./vscode/browser.mjs');
  const page = await (await launchBrowser()).newPage();
  page.setDefaultTimeout(120_000);
  await page.goto(address);
  const line = page.locator('.view-line', { hasText: 'layer' });
  await line.first().waitFor();
  console.log(`seen: ${(await line.first().innerText()).replaceAll('\u00a0', ' ')}`);
  process.exit(0);
}

function openSystemBrowser(address) {
  const [command, ...args] = { darwin: ['open'], win32: ['cmd', '/c', 'start', '""'] }[process.platform] ?? ['xdg-open'];
  if (hasDisplay() && onPath(command)) run(command, [...args, address], { quiet: true }).catch(() => {});
}
