// The project's own packages, there before anything that imports one: this file and test.mjs, start.mjs need Node only.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { run } from './vscode/process.mjs';

/** Runs `npm ci` when node_modules is missing or is not what package-lock.json says. */
export async function installPackages() {
  const cwd = fileURLToPath(new URL('..', import.meta.url));
  const why = stale(cwd);
  if (!why) return;
  console.log(`npm ci: node_modules ${why}`);
  await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd, quiet: true });
}

function stale(cwd) {
  const lock = (file) => JSON.parse(readFileSync(cwd + file, 'utf8')).packages;
  if (!existsSync(`${cwd}node_modules/.package-lock.json`)) return 'is missing';
  const there = lock('node_modules/.package-lock.json');
  const differs = ([path, { version, optional }]) =>
    path !== '' && there[path]?.version !== version && !(optional && !there[path]);
  return Object.entries(lock('package-lock.json')).some(differs) ? 'is older than package-lock.json' : undefined;
}
