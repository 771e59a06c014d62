// The suites of client/test, bundled and run: inside the editor and in its page as a user sees it, each with the extension
// in the server's host and in the browser's. The page of the first is what `npm start` opens.
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { launchBrowser } from './browser.mjs';
import { desktopEditor } from './desktop.mjs';
import { cache, installEditor, root } from './install.mjs';
import { packageBeside, packageExtension } from './package.mjs';
import { openPage } from './page.mjs';
import { keep, run, said } from './process.mjs';
import { startServer, temporaryFolder, workbenchAddress } from './server.mjs';
import { watcher } from './watched.mjs';

const launcher = join(root, 'scripts', 'vscode', 'launcher.mjs');
const driver = join(root, 'client', 'test', 'driver');

/** What the suites need is installed once, and not at the cost of a suite's time. */
export async function prepareEditor() {
  await installEditor();
  await (await launchBrowser()).close();
}

export function editorSuites() {
  return [
    { name: 'editor, extension host', suite: async () => insideEditor('node', await desktopEditor()) },
    { name: 'editor, web host', suite: () => insideEditor('web') },
    { name: 'page of npm start', suite: () => inPage('node', startAddress) },
    { name: 'page, web host', suite: () => inPage('web', webAddress) },
    { name: 'page, French', suite: frenchInPage },
    { name: 'page, projects', suite: () => foldersInPage('projects') },
    { name: 'page, map', suite: () => foldersInPage('map') },
    { name: 'page, projects, web host', suite: () => foldersInPage('web', { webExtension: root }) },
    { name: 'page, beside others', suite: () => foldersInPage('beside', { beside: ['docker.docker', 'ms-azuretools.vscode-containers'] }) },
    { name: 'page, untrusted', suite: untrustedInPage },
    { name: 'page, walkthrough', suite: () => walkthroughInPage() },
    { name: 'page, walkthrough, web host', suite: () => walkthroughInPage(root) },
  ];
}

async function insideEditor(host, desktop) {
  const tests = await bundle('suite/index.ts', 'suite.js', { format: 'cjs', external: ['vscode'] });
  const scratch = await temporaryFolder();
  const report = join(scratch, 'report.jsonl');
  const launchArgs = [await copyExamples(scratch)];
  if (host === 'web') launchArgs.push(`--webExtension=${root}`);
  const options = {
    executable: desktop?.executable ?? launcher,
    extension: host === 'web' ? driver : root,
    tests,
    launchArgs,
    env: { STRATA_REPORT: report, STRATA_HOST: host },
  };
  const command = [...(desktop?.display ?? []), process.execPath, join(root, 'scripts/vscode/suite.mjs'), JSON.stringify(options)];
  const limit = { quiet: true, shell: false, limit: 600 };
  const failure = await run(command[0], command.slice(1), limit).then(() => undefined, (error) => error);
  const results = existsSync(report) ? readFileSync(report, 'utf8').trim().split('\n').map((line) => JSON.parse(line)) : [];
  return counted(results, failure);
}

async function inPage(host, serve, entry = 'page') {
  const tests = await bundle(`${entry}/index.ts`, `${entry}.mjs`, { format: 'esm', packages: 'external' });
  const { runPageTests } = await import(pathToFileURL(tests));
  const [browser, served] = await Promise.all([launchBrowser(), serve()]);
  const results = [];
  try {
    const page = await openPage(browser, served);
    // The file that the address names takes the focus when it comes.
    await page.locator('.monaco-editor[data-uri$="/flask/Dockerfile"] .view-line').first().waitFor();
    await runPageTests(page, host, (result) => results.push(result));
  } finally {
    await browser.close();
    await served.stop();
  }
  return counted(results);
}

/** The extension as it is installed, in an editor whose language is French. */
function frenchInPage() {
  return inPage('node', async () => {
    const scratch = await temporaryFolder();
    const [vsix, folder] = await Promise.all([packageExtension(scratch), copyExamples(scratch)]);
    const server = await startServer({ vsix, language: 'fr' });
    return { address: workbenchAddress(server, folder, { file: 'flask/Dockerfile' }), stop: server.stop };
  }, 'french');
}

/**
 * Each test has a folder of its own: what a Dockerfile's siblings are depends on all that is there. Beside the preview an editor is low:
 * the lines that stick to its top would cover what is clicked.
 */
async function foldersInPage(name, { webExtension, beside = [] } = {}) {
  const tests = await bundle(`${name}/index.ts`, `${name}.mjs`, { format: 'esm', packages: 'external' });
  const { runInFolders } = await import(pathToFileURL(tests));
  const scratch = await temporaryFolder();
  const [browser, server] = await Promise.all([launchBrowser(), startServer({ vsix: [...(webExtension ? [] : [await packageExtension(scratch)]), ...(await packagesBeside(beside, scratch))], settings: { 'editor.stickyScroll.enabled': false } })]);
  const results = [];
  try {
    const page = await openPage(browser, { address: 'about:blank', webExtension, context: { viewport: { width: 1280, height: 900 } } });
    await runInFolders(name, page, open, (result) => results.push(result));
    async function open(files, file) {
      const folder = await mkdtemp(join(scratch, 'folder-'));
      for (const [path, text] of Object.entries(files)) {
        await mkdir(dirname(join(folder, path)), { recursive: true });
        await writeFile(join(folder, path), text);
      }
      await page.goto(workbenchAddress(server, folder, { file }));
      return folder;
    }
  } finally {
    await browser.close();
    await server.stop();
  }
  return counted(results);
}

function packagesBeside(names, scratch) {
  return Promise.all(names.map((name) => packageBeside(join(root, 'client', 'test', 'beside', name), join(scratch, `${name}.vsix`))));
}

/** What somebody has who has just installed it: no folder, and a profile in which nothing has been done yet. */
async function walkthroughInPage(webExtension) {
  const tests = await bundle('walkthrough/index.ts', 'walkthrough.mjs', { format: 'esm', packages: 'external' });
  const { runWalkthroughTests } = await import(pathToFileURL(tests));
  const scratch = await temporaryFolder();
  const home = await mkdtemp(join(scratch, 'home-'));
  const [browser, server] = await Promise.all([launchBrowser(), startServer({ vsix: webExtension ? [] : await packageExtension(scratch), settings: { 'editor.stickyScroll.enabled': false } })]);
  const results = [];
  try {
    const page = await openPage(browser, { address: `${server.origin}/?ew=true`, webExtension, context: { viewport: { width: 1700, height: 900 } } });
    await runWalkthroughTests(page, home, (result) => results.push(result));
  } finally {
    await browser.close();
    await server.stop();
  }
  return counted(results);
}

/** A folder that nobody has trusted yet, in an editor that all is written down of. */
async function untrustedInPage() {
  const tests = await bundle('trust/index.ts', 'trust.mjs', { format: 'esm', packages: 'external' });
  const { given, runTrustTests } = await import(pathToFileURL(tests));
  const scratch = await temporaryFolder();
  const notes = join(scratch, 'notes');
  await mkdir(notes);
  const under = await watcher(notes);
  if (typeof under === 'string') return counted([{ name: 'page, untrusted', skipped: under }]);
  const project = await given(await mkdtemp(join(scratch, 'folder-')));
  const settings = { 'security.workspace.trust.enabled': true, 'security.workspace.trust.startupPrompt': 'never', 'workbench.editor.useModal': 'off', 'editor.stickyScroll.enabled': false };
  const [browser, server] = await Promise.all([launchBrowser(), packageExtension(scratch).then((vsix) => startServer({ vsix, settings, under, env: { DOCKER_HOST: project.engine } }))]);
  const results = [];
  try {
    const page = await openPage(browser, { address: workbenchAddress(server, project.folder, { file: project.file }), context: { viewport: { width: 1280, height: 900 } } });
    await runTrustTests({ page, project, places: { notes, profile: server.profile, editor: cache } }, (result) => results.push(result));
  } finally {
    await browser.close();
    await server.stop();
    project.end();
  }
  return counted(results);
}

/** What a newcomer is told to visit, with a copy of the examples: what is typed into them is saved. */
async function startAddress() {
  const folder = await copyExamples(await temporaryFolder());
  const { child, stop } = keep(process.execPath, [join(root, 'scripts/start.mjs'), '--no-browser', folder]);
  const address = await said(child, /http:\/\/\S+/);
  return { address, stop };
}

async function webAddress() {
  const server = await startServer();
  const folder = await copyExamples(await temporaryFolder());
  return { address: workbenchAddress(server, folder, { file: 'flask/Dockerfile' }), webExtension: root, stop: server.stop };
}

/** A suite that fails without a failed test, or ran none, has failed all the same. */
function counted(results, failure) {
  const failures = results.filter(({ error }) => error);
  for (const { name, error } of failures) console.log(`  ${name}\n${error.replace(/^/gm, '    ')}`);
  const skips = results.filter(({ skipped }) => skipped);
  for (const { name, skipped } of skips) console.log(`  ${name}: not run, ${skipped}`);
  if (failure && failures.length === 0) console.log(failure.output ?? failure.message);
  const failed = failures.length || (failure || results.length === 0 ? 1 : 0);
  return { passed: results.length - failures.length - skips.length, failed, skipped: skips.length };
}

async function bundle(entry, out, options) {
  const outfile = join(cache, 'tests', out);
  const entryPoints = [join(root, 'client', 'test', entry)];
  await build({ entryPoints, outfile, bundle: true, platform: 'node', target: 'node20', sourcemap: 'inline', logLevel: 'warning', ...options });
  return outfile;
}

async function copyExamples(scratch) {
  const folder = join(scratch, 'examples');
  await cp(join(root, 'examples'), folder, { recursive: true });
  return folder;
}
