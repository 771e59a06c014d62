// A Chromium that Playwright can drive: an installed one, else Playwright's download, else Debian's package.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { chromium } from 'playwright-core';
import { answers, onPath, run } from './process.mjs';

const help = 'no browser: install Chrome, Edge or Chromium, or run `npx playwright-core install chromium`';

export async function launchBrowser() {
  const browser = (await launchInstalled()) ?? (await download()) ?? (await installFromDebian());
  if (!browser) throw new Error(help);
  return browser;
}

async function launchInstalled() {
  const names = ['chromium-headless-shell', 'google-chrome', 'google-chrome-stable', 'microsoft-edge', 'chromium', 'chromium-browser'];
  const found = onPath(...names);
  if (found) return chromium.launch({ executablePath: found });
  for (const choice of [{ channel: 'chrome' }, { channel: 'msedge' }, {}])
    try {
      return await chromium.launch(choice);
    } catch {}
  return undefined;
}

async function download() {
  if (!(await answers('https://cdn.playwright.dev'))) {
    console.log('Chromium: cannot be downloaded here');
    return undefined;
  }
  console.log('Chromium: downloading it (once)');
  const cli = join(dirname(createRequire(import.meta.url).resolve('playwright-core/package.json')), 'cli.js');
  try {
    await run(process.execPath, [cli, 'install', 'chromium'], { quiet: true, shell: false });
  } catch {}
  return launchInstalled();
}

async function installFromDebian() {
  if (process.getuid?.() !== 0 || !onPath('apt-get')) return undefined;
  console.log('Chromium: apt-get install chromium-headless-shell (once)');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update', '-qq'], { env, quiet: true });
  const packages = ['chromium-headless-shell', 'fonts-dejavu-core'];
  await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], { env, quiet: true });
  return launchInstalled();
}
