// The suites of client/test, bundled and run: inside the editor with the extension in the server's host and then in the
// browser's, in the page as a user sees it, and `npm start` as a newcomer meets it.
import { existsSync, readFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { launchBrowser } from './browser.mjs';
import { desktopEditor } from './desktop.mjs';
import { cache, root } from './install.mjs';
import { packageExtension } from './package.mjs';
import { openWorkbench } from './page.mjs';
import { run } from './process.mjs';
import { startServer, temporaryFolder } from './server.mjs';

const launcher = join(root, 'scripts', 'vscode', 'launcher.mjs');
const driver = join(root, 'client', 'test', 'driver');

export async function editorSuites() {
  return [
    { name: 'editor, extension host', suite: async () => insideEditor('node', await desktopEditor()) },
    { name: 'editor, web host', suite: () => insideEditor('web') },
    { name: 'page', suite: inPage },
    { name: 'npm start', suite: start },
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
  const limit = { quiet: true, shell: false, timeout: 240_000 };
  const failure = await run(command[0], command.slice(1), limit).then(() => undefined, (error) => error);
  const results = existsSync(report) ? readFileSync(report, 'utf8').trim().split('\n').map((line) => JSON.parse(line)) : [];
  return counted(results, failure);
}

async function inPage() {
  const tests = await bundle('page/index.ts', 'page.mjs', { format: 'esm', packages: 'external' });
  const { runPageTests } = await import(`${pathToFileURL(tests)}?${Date.now()}`);
  const results = [];
  const browser = await launchBrowser();
  try {
    for (const host of ['node', 'web']) {
      const server = await startServer(host === 'web' ? {} : { vsix: await packageExtension(await temporaryFolder()) });
      const folder = await copyExamples(await temporaryFolder());
      const page = await openWorkbench(browser, server, { folder, webExtension: host === 'web' ? root : undefined });
      await page.locator('.monaco-workbench .explorer-viewlet .monaco-list-row').first().waitFor();
      await runPageTests({ page, folder }, host, (result) => results.push(result));
      await page.close();
      await server.stop();
    }
  } finally {
    await browser.close();
  }
  return counted(results);
}

async function start() {
  await run(process.execPath, [join(root, 'scripts/start.mjs'), '--check'], { quiet: true, shell: false, timeout: 120_000 });
  return { passed: 1 };
}

/** A suite that fails without a failed test, or ran none, has failed all the same. */
function counted(results, failure) {
  const failures = results.filter(({ error }) => error);
  for (const { name, error } of failures) console.log(`  ${name}\n${error.replace(/^/gm, '    ')}`);
  if (failure && failures.length === 0) console.log(failure.output ?? failure.message);
  const failed = failures.length || (failure || results.length === 0 ? 1 : 0);
  return { passed: results.length - failures.length, failed };
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
