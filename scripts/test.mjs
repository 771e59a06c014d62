// Everything that can go wrong, in the order in which it is cheap to find out: types and lint, the tests of the core,
// then the bundled extension in a real VS Code, then a real Docker engine where there is one.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { installPackages } from './install.mjs';
import { endOnSignals, run } from './vscode/process.mjs';

endOnSignals();
await installPackages();
const { root } = await import('./vscode/install.mjs');
const { temporaryFolder } = await import('./vscode/server.mjs');
const { editorSuites, prepareEditor } = await import('./vscode/suites.mjs');

process.chdir(root);
const total = { passed: 0, failed: 0, skipped: 0 };
const scratch = await temporaryFolder();

await step('types and lint', () => run('npm', ['run', '--silent', 'check'], { quiet: true }));
await step('core', core);
await step('build', () => run(process.execPath, ['scripts/build.mjs'], { quiet: true, shell: false }));
await step('VS Code and a browser', prepareEditor);
for (const { name, suite } of editorSuites()) await step(name, suite);
await step('report', () => engine(['report'], 'report', 'pages', 'wrong'));
await step('action', () => engine(['test:action'], 'action', 'compared', 'different'));
await step('neovim', () => engine(['test:neovim'], 'neovim', 'compared', 'different'));
await step('emacs', () => engine(['test:emacs'], 'emacs', 'compared', 'different'));
await step('engine', () => engine(['test:engine'], 'engine', 'cases', 'different'));
await step('fixes', () => engine(['test:fixes', '--', '--few'], 'fixes', 'pairs', 'not as they say'));
await step('waste', () => engine(['test:waste', '--', '--few'], 'waste', 'images', 'different'));
await step('saves', () => engine(['test:saves', '--', '--few', '--base', 'stand-in'], 'saves', 'fixes', 'not as they say'));
await step('registry', () => engine(['test:registry'], 'registry', 'compared', 'different'));
await step('podman', () => engine(['test:podman', '--', '--few'], 'podman', 'compared', 'different'));
await step('families', () => engine(['test:families', '--', '--few'], 'families', 'siblings', 'different'));

console.log(`${total.passed} passed, ${total.failed} failed${total.skipped ? `, ${total.skipped} skipped` : ''}`);
process.exit(total.failed > 0 ? 1 : 0);

/** A step gives its counts, or nothing where there is nothing to count; one that throws has failed once. */
async function step(name, body) {
  const began = performance.now();
  let counts;
  try {
    counts = await body();
  } catch (error) {
    console.log(error.message);
    counts = { failed: 1 };
  }
  if (typeof counts !== 'object') counts = {};
  for (const key of Object.keys(total)) total[key] += counts[key] ?? 0;
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  const said = Object.keys(total).filter((key) => counts[key]).map((key) => `${counts[key]} ${key}`);
  console.log(`${name}: ${counts.text ?? (said.join(', ') || 'ok')} (${seconds} s)`);
}

async function core() {
  const file = join(scratch, 'vitest.json');
  const reporters = ['--reporter=dot', '--reporter=json', `--outputFile.json=${file}`];
  const failure = await run('npx', ['vitest', 'run', ...reporters], { quiet: true, limit: 900 }).then(() => undefined, (error) => error);
  if (!existsSync(file)) throw failure;
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(readFileSync(file, 'utf8'));
  if (failure) console.log(failure.output);
  // A file that does not load fails without a failed test.
  const failed = failure ? Math.max(1, numFailedTests) : 0;
  return { passed: numPassedTests, failed, skipped: numPendingTests + numTodoTests };
}

/** Says itself whether there is an engine. */
async function engine(script, name, noun, wrong) {
  const ended = await run('npm', ['run', '--silent', ...script], { quiet: true, limit: 1800 }).then((output) => ({ output }), (error) => error);
  const [text, count = 0, different = 0, skipped = 0] = new RegExp(`^${name}: (?:(\\d+) ${noun}(?:, (\\d+) ${wrong})?(?:, (\\d+) skipped)?|none)`, 'm').exec(ended.output) ?? [];
  if (text === undefined || ended instanceof Error) console.log(ended.output);
  return { text: text?.slice(`${name}: `.length), passed: Number(count), failed: Number(different) || Number(ended instanceof Error), skipped: Number(skipped) };
}
