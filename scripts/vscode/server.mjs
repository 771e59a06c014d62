// One running VS Code server: a fresh profile in, an address out.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installEditor } from './install.mjs';
import { atExit, keep, run, said } from './process.mjs';

/** What a first look should not be disturbed by. */
const quietSettings = {
  'security.workspace.trust.enabled': false,
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.tips.enabled': false,
  'chat.disableAIFeatures': true,
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'telemetry.telemetryLevel': 'off',
  'git.enabled': false,
};

/** The workbench's own texts stay English, but the language is another one: the extensions have theirs. */
async function speakIn(language, profile) {
  const pack = join(profile, `${language}.json`);
  await writeFile(pack, JSON.stringify({ version: '1.0.0', contents: {} }));
  await writeFile(join(profile, 'languagepacks.json'), JSON.stringify({ [language]: { hash: language, label: language, extensions: [{ extensionIdentifier: { id: `strata-layers.${language}` }, version: '1.0.0' }], translations: { vscode: pack } } }));
}

/** A folder that is gone when we are. */
export async function temporaryFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'strata-'));
  atExit(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }));
  return folder;
}

/**
 * @param {{ settings?: object, vsix?: string | string[], testDriver?: boolean, under?: string[], env?: object, language?: string }} options what `vsix` names is installed
 * first; `testDriver` lets an address name an extension under development and its tests; `under` is a command that starts another
 */
export async function startServer({ settings = {}, vsix, testDriver = false, under = [], env = {}, language } = {}) {
  const { node, main } = await installEditor();
  const profile = await temporaryFolder();
  await mkdir(join(profile, 'User'));
  await writeFile(join(profile, 'User', 'settings.json'), JSON.stringify({ ...quietSettings, ...settings }));
  if (language) await speakIn(language, profile);
  const folders = ['--user-data-dir', profile, '--server-data-dir', profile, '--extensions-dir', join(profile, 'x')];
  const installed = [vsix ?? []].flat();
  if (installed.length > 0) await run(node, [main, ...folders, ...installed.flatMap((one) => ['--install-extension', one])], { quiet: true, shell: false });
  const address = ['--host', '127.0.0.1', '--port', '0', '--without-connection-token', '--accept-server-license-terms'];
  const driver = [...(testDriver ? ['--enable-smoke-test-driver'] : []), ...(language ? ['--locale', language] : [])];
  // Killed, it does not write into a profile that goes.
  const [command, ...args] = [...under, node, main, ...folders, ...address, ...driver];
  const { child, stop } = keep(command, args, { signal: 'SIGKILL', env: { ...process.env, ...env } });
  // Two native modules of the server are not built here, of which it complains at length.
  const port = await said(child, /Server bound to [^\s]*?:(\d+)/);
  return {
    origin: `http://127.0.0.1:${port}`,
    authority: `127.0.0.1:${port}`,
    profile,
    ended: new Promise((resolve) => child.on('exit', resolve)),
    stop: async () => {
      stop();
      await rm(profile, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** The address of the workbench with a folder opened and, where given, a file of it. */
export function workbenchAddress(server, folder, { file, payload = [] } = {}) {
  const entries = file ? [['openFile', remoteUri(server, join(folder, file))], ...payload] : payload;
  const query = new URLSearchParams({ folder: posix(folder) });
  if (entries.length > 0) query.set('payload', JSON.stringify(entries));
  return `${server.origin}/?${query}`;
}

export const remoteUri = (server, path) => `vscode-remote://${server.authority}${posix(path)}`;

const posix = (path) => path.replaceAll('\\', '/').replace(/^(?!\/)/, '/');
