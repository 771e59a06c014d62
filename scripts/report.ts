/**
 * `strata report`: of a small project with everything in it that a page shows, and of fetched ones; what axe-core finds on the pages, light, dark
 * and printed, and what a sheet of paper would not show; where a Docker engine answers, also with an image of which is known what it wastes.
 *   npm run report [-- --repositories DIR] [--screenshots FOLDER]
 * Needs dist/ (npm run build) and a browser, which it gets as npm test does.
 */
import axe, { type AxeResults } from 'axe-core';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { build, docker, importImage, reach, removeImages, shellFiles } from './engine/docker';
import { optionsOf } from './engine/start';
import { tarOver } from './engine/tar';
import { repositoriesUnder } from './repositories';
import { launchBrowser } from './vscode/browser.mjs';

const largest = 2_000_000;

/** Names that would be markup, siblings with one that has drifted, what loses the cache. */
const service = (name: string, flask: string): string => `FROM python:3.12-slim\nENV PYTHONUNBUFFERED=1\nWORKDIR /app\nRUN pip install flask==${flask} gunicorn==22.0\nCOPY . .\nCMD ["gunicorn", "${name}:app"]\n`;
const planted: Readonly<Record<string, string>> = {
  ...Object.fromEntries(['cart', 'mail', 'orders', 'search', 'users'].map((name) => [`${name}/Dockerfile`, service(name, name === 'mail' ? '2.2' : '2.3')])),
  ...Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`jobs/${i}/Dockerfile`, `FROM node:22\nWORKDIR /srv\nRUN npm install -g pnpm\nCOPY job${i}.js .\nRUN node job${i}.js --warm\n`])),
  'web/Dockerfile': 'FROM node:20\nWORKDIR /app\nCOPY . .\nRUN npm ci\n', 'web/package.json': '{}', 'web/package-lock.json': '{"lockfileVersion": 3, "packages": {}}', 'web/server.js': 'serve();\n',
  'db/<img src=x onerror=alert(1)>.Dockerfile': 'FROM debian\nRUN apt-get update\nRUN apt-get install -y "<script>alert(1)</script>"\n',
};

/** What a sheet of paper would not show. It runs in the page. */
const lostOnPaper = `(() => {
  const lost = [];
  const say = (element, what) => lost.push(what + ': ' + element.outerHTML.slice(0, 120));
  const white = getComputedStyle(document.body).backgroundColor;
  if (white !== 'rgb(255, 255, 255)') lost.push('the paper is ' + white);
  for (const element of document.querySelectorAll('body *:not(svg *)')) {
    const { left, right, width } = element.getBoundingClientRect();
    const { overflowX, display, clipPath } = getComputedStyle(element);
    if (!element.checkVisibility()) {
      if (display !== 'none' && !element.closest('nav')) say(element, 'not shown');
    } else if (width > 1 && (left < -1 || right > innerWidth + 1)) say(element, 'wider than the sheet');
    else if (overflowX !== 'visible' && clipPath === 'none' && element.scrollWidth > element.clientWidth + 1) say(element, 'cut off');
  }
  for (const text of document.querySelectorAll('svg text')) {
    const [inner, outer] = [text, text.ownerSVGElement].map((one) => one.getBoundingClientRect());
    if (inner.left < outer.left - 1 || inner.right > outer.right + 1 || inner.top < outer.top - 1 || inner.bottom > outer.bottom + 1) say(text, 'outside of its drawing');
  }
  return lost.length > 5 ? [...lost.slice(0, 5), 'and ' + (lost.length - 5) + ' more'] : lost;
})()`;

const given = optionsOf();
const scratch = mkdtempSync(join(tmpdir(), 'strata-report-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
const pictures = given.get('--screenshots');
const total = { pages: 0, wrong: 0 };
const browser = await launchBrowser().catch((error: unknown) => void console.log(`${(error as Error).message}: neither axe-core nor a printer is run`));
await look(plant(), browser);
const engine = await imageOnEngine(browser);
for (const folder of fetched(given.get('--repositories'))) await look(folder, browser);
await browser?.close();
console.log(`report: ${total.pages} pages, ${total.wrong} wrong${browser ? '' : `, ${total.pages} skipped`}; ${engine}`);
process.exitCode = total.wrong > 0 ? 1 : 0;

function plant(): string {
  const folder = join(scratch, 'shop');
  for (const [path, text] of Object.entries(planted)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  execFileSync('git', ['init', '-q', folder]);
  return folder;
}

/** Their files as they were at the commit, each in a folder of its own. */
function fetched(directory: string | undefined): string[] {
  if (directory === undefined) return [];
  const { repositories } = JSON.parse(readFileSync('scripts/manifests/report.json', 'utf8')) as { repositories: readonly { readonly repository: string; readonly commit: string }[] };
  const known = repositoriesUnder(directory);
  return repositories.flatMap(({ repository, commit }) => {
    const where = known.find((one) => spawnSync('git', ['-C', one, 'cat-file', '-e', `${commit}^{commit}`], { stdio: 'ignore' }).status === 0);
    if (where === undefined) {
      console.log(`${repository}: no repository under ${directory} has ${commit}`);
      return [];
    }
    const folder = join(scratch, basename(repository));
    execFileSync('git', ['init', '-q', folder]);
    const archive = join(scratch, 'archive.tar');
    execFileSync('git', ['-C', where, 'archive', '-o', archive, commit]);
    execFileSync('tar', ['-xf', archive, '-C', folder]);
    return [folder];
  });
}

/** An image that the engine builds, and its archive: the page says which bytes are lost, and by which lines. */
async function imageOnEngine(shown: Browser | void): Promise<string> {
  const found = await reach();
  const shell = typeof found === 'string' ? undefined : await shellFiles();
  if (typeof found === 'string' || !shell) return `images skipped: ${typeof found === 'string' ? found : 'the engine has no small image with /bin/sh'}`;
  const [base, made] = ['base', 'made'].map((name) => `strata-report-${process.pid}.test/${name}:latest`);
  process.on('exit', () => removeImages([base, made]));
  const folder = join(scratch, 'waste');
  mkdirSync(join(folder, 'web'), { recursive: true });
  writeFileSync(join(folder, 'web/data'), Buffer.alloc(200_000, 'a'));
  writeFileSync(join(folder, 'web/Dockerfile'), `FROM ${base}\nWORKDIR /srv\nCOPY data .\nRUN chmod 700 data\nRUN head -c 300000 /dev/zero > /log\nRUN rm /log\n`);
  execFileSync('git', ['init', '-q', folder]);
  await importImage(tarOver(shell, [{ path: '.strata/report', text: made }]), base);
  const { error } = await build(found, { tag: made, file: join(folder, 'web/Dockerfile'), context: join(folder, 'web') });
  if (error !== undefined) throw new Error(`${made}: ${error}`);
  const archive = join(scratch, 'made.tar');
  const saved = await docker(['image', 'save', '-o', archive, made]);
  if (saved.code !== 0) throw new Error(saved.stderr);
  const expected = ['/log 300 kB deleted-later line 5 line 6', '/srv/data 200 kB copied-again line 3 line 4'];
  for (const given of [made, archive]) {
    await look(folder, shown, [`--image=web/Dockerfile=${given}`], (markup) => {
      const rows = [...markup.matchAll(/<tr><th scope="row">.*?<\/tr>/g)].map(([row]) => row.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ').replace(/&#47;/g, '/').trim());
      return expected.filter((row) => !rows.includes(row)).map((row) => `it does not say ${row}`);
    });
  }
  return found.name;
}

async function look(folder: string, shown: Browser | void, more: readonly string[] = [], wrongIn: (markup: string) => string[] = () => []): Promise<void> {
  const page = `${folder}.html`;
  const began = performance.now();
  const said = execFileSync(process.execPath, [resolve('dist/cli.js'), 'report', folder, '-o', page, ...more], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  const paper = shown ? await printed(page, shown) : { faults: [], sheets: 0 };
  const faults = [...faultsIn(page), ...wrongIn(readFileSync(page, 'utf8')), ...(shown ? await seen(page, shown) : []), ...paper.faults];
  total.pages++;
  if (faults.length > 0) total.wrong++;
  console.log(`${basename(folder)}: ${said.trim().replace(/^.*\.html: /, '')}, ${seconds} s${shown ? `, on A4 ${paper.sheets}` : ''}`);
  for (const fault of faults) console.log(`  ${fault}`);
}

function faultsIn(page: string): string[] {
  const markup = readFileSync(page, 'utf8');
  const size = statSync(page).size;
  return [
    ...(size > largest ? [`it has ${size} bytes, and not at most ${largest}`] : []),
    ...(/<(?:script|img|link|iframe|object|embed|base)\b|\s(?:src|style|on\w+)=(?=[^<>]*>)|@import|url\((?!#)/i.exec(markup.replace(/<(?:code|td|th|title|text|p|h\d|li)\b[^>]*>[^<]*/g, '')) ?? []).map((found) => `it has ${found}`),
  ];
}

/** What axe-core has against it, all of it unfolded; and its pictures. */
async function seen(file: string, shown: Browser): Promise<string[]> {
  const faults: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    const context = await shown.newContext({ colorScheme, viewport: { width: 1240, height: 900 } });
    const page = await context.newPage();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(pathToFileURL(file).href);
    if (pictures !== undefined) {
      mkdirSync(pictures, { recursive: true });
      const name = join(pictures, `${basename(file, '.html')}-${colorScheme}`);
      await page.screenshot({ path: `${name}.png` });
      for (const part of ['losses', 'families', 'files']) {
        await page.evaluate(`document.getElementById('${part}').scrollIntoView()`);
        await page.screenshot({ path: `${name}-${part}.png` });
      }
    }
    await page.evaluate('for (const one of document.querySelectorAll("details")) one.open = true');
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate('axe.run()') as AxeResults;
    faults.push(...violations.map(({ id, help, nodes }) => `${colorScheme}: ${id}: ${help}: ${nodes.length} times, first ${nodes[0].html.slice(0, 200)}`), ...asked.slice(1).map((url) => `it asks for ${url}`));
    if (colorScheme === 'light') {
      await page.setViewportSize({ width: 420, height: 800 });
      if (await page.evaluate('document.documentElement.scrollWidth > innerWidth')) faults.push('it is wider than a telephone');
      await page.evaluate('scrollTo(0, 0)');
      if (pictures !== undefined) await page.screenshot({ path: join(pictures, `${basename(file, '.html')}-narrow.png`) });
    }
    await context.close();
  }
  return faults;
}

/** On A4, from a dark window: nothing is wider than the sheet, dark, folded up, or outside of its drawing. */
async function printed(file: string, shown: Browser): Promise<{ readonly faults: readonly string[]; readonly sheets: number }> {
  // Less the margins of the page's own style.
  const context = await shown.newContext({ colorScheme: 'dark', viewport: { width: 688, height: 1017 } });
  const page = await context.newPage();
  await page.goto(pathToFileURL(file).href);
  await page.emulateMedia({ media: 'print' });
  const faults = await page.evaluate(lostOnPaper) as string[];
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate('axe.run({ runOnly: ["color-contrast"] })') as AxeResults;
  const pdf = (await page.pdf({ preferCSSPageSize: true, format: 'A4', printBackground: true })).toString('latin1');
  await context.close();
  const counted = pdf.match(/\/Type\s*\/Page\b/g)?.length ?? 0;
  return {
    sheets: counted,
    faults: [...faults, ...violations.map(({ help, nodes }) => `${help}: ${nodes.length} times, first ${nodes[0].html.slice(0, 200)}`), ...(counted === 0 ? ['it has no sheet'] : [])].map((fault) => `printed: ${fault}`),
  };
}
