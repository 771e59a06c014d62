// Photographs the examples in a real VS Code, in a light and a dark theme, and reports on fetched repositories, into docs/images/: all, or those that are named.
import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { installPackages } from './install.mjs';
import { endOnSignals, run } from './vscode/process.mjs';

endOnSignals();
await installPackages();
const { root } = await import('./vscode/install.mjs');
const { launchBrowser } = await import('./vscode/browser.mjs');
const { packageExtension } = await import('./vscode/package.mjs');
const { openPage } = await import('./vscode/page.mjs');
const { startServer, temporaryFolder, workbenchAddress } = await import('./vscode/server.mjs');

const base = 'python:3.8-alpine';
const themes = { light: 'Default Light Modern', dark: 'Default Dark Modern', 'high-contrast': 'Default High Contrast' };

/** Nothing in the picture but the Dockerfile and what we say about it. */
const settings = {
  'breadcrumbs.enabled': false,
  'editor.fontFamily': "'DejaVu Sans Mono', monospace",
  'editor.fontSize': 15,
  'editor.lineHeight': 24,
  'editor.minimap.enabled': false,
  'editor.hideCursorInOverviewRuler': true,
  'editor.occurrencesHighlight': 'off',
  'editor.overviewRulerBorder': false,
  'editor.renderLineHighlight': 'none',
  'editor.scrollbar.vertical': 'hidden',
  'editor.hover.above': false,
  'editor.hover.delay': 0,
  'window.commandCenter': false,
  'workbench.activityBar.location': 'hidden',
  'workbench.editor.editorActionsLocation': 'hidden',
  'workbench.layoutControl.enabled': false,
};

/** Where the pointer stands over nothing. */
const aside = [900, 410];

/** Two applications of one kind. */
const applications = Object.fromEntries(['app', 'app2'].map((name) => [`${name}/Dockerfile`, `FROM python:3.8-alpine\nRUN pip install flask\nCMD ["python","${name}.py"]\nCOPY ${name}.py /${name}.py\n`]));

/** Five services, one of which was forgotten when Flask was updated. */
const services = Object.fromEntries(['cart', 'mail', 'orders', 'search', 'users'].map((name) => {
  const flask = name === 'mail' ? '2.2' : '2.3';
  return [`${name}/Dockerfile`, `FROM python:3.12-slim\nENV PYTHONUNBUFFERED=1\nWORKDIR /app\nRUN pip install flask==${flask} gunicorn==22.0\nCOPY . .\nCMD ["gunicorn", "${name}:app"]\n`];
}));

/** A site whose files are given to a user after they were copied. */
const site = {
  'web/Dockerfile': 'FROM python:3.8-alpine\nRUN pip install flask\nWORKDIR /app\nCOPY . .\nRUN chown -R 10001:10001 /app\nUSER 10001:10001\nCMD ["python", "app.py"]\n',
  'web/app.py': 'print("hello")\n', 'web/static/site.js': '// site\n'.repeat(600_000), 'web/.dockerignore': 'Dockerfile\n.dockerignore\n',
  'compose.yaml': 'services:\n  web:\n    image: shop/web\n    build: web\n',
};

/** Forty services: one was forgotten when Flask was updated, half of them have a worker. */
const family = Object.fromEntries(Array.from({ length: 40 }, (_, i) => {
  const name = ['cart', 'mail', 'orders', 'search', 'users', 'stock', 'pay', 'ship'][i % 8] + (i >= 8 ? `-${Math.floor(i / 8) + 1}` : '');
  const worker = i % 8 < 3 ? 'RUN pip install celery==5.4\n' : '';
  const cache = i % 8 === 1 ? 'RUN pip install redis==5.0\n' : '';
  return [`${name}/Dockerfile`, `FROM python:3.12-slim\nENV PYTHONUNBUFFERED=1\nWORKDIR /app\nRUN apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*\nRUN pip install flask==${i === 12 ? '2.2' : '2.3'} gunicorn==22.0\n${worker}${cache}COPY . .\nRUN python -m compileall -q .\nCMD ["gunicorn", "${name}:app"]\n`];
}));

/** A container that runs what was built, for as long as the picture takes. */
const container = 'strata-shop-web';

/**
 * `built`: on an engine, with an image that stands in for Python's where it has none; without an engine there is no such picture.
 * What is done before the picture is taken, with what is seen when it is done. `files`: a folder with these instead of the examples.
 * @type {{ name: string, file: string, files?: Record<string, string>, built?: boolean, sidebar?: boolean, contrast?: boolean, real?: boolean, width?: number, height: number, pose?: (page: import('playwright-core').Page) => Promise<void> }[]}
 */
const pictures = [
  { name: 'flask', file: 'flask/Dockerfile', height: 440, pose: (page) => hoverOver(page, 'COPY') },
  { name: 'multi-stage', file: 'multi-stage/Dockerfile', height: 560 },
  { name: 'rebuilds', file: 'multi-stage/Dockerfile', height: 580, pose: editAndHover },
  { name: 'what-if', file: 'multi-stage/Dockerfile', height: 560, pose: openLens },
  { name: 'fix', file: 'node-shop/Dockerfile', width: 1200, height: 400, pose: openLightBulb },
  { name: 'waste', file: 'web/Dockerfile', files: site, built: true, width: 1200, height: 400, pose: openWaste },
  { name: 'image', file: 'web/Dockerfile', files: site, built: true, width: 1300, height: 700, pose: hoverOverBuilt },
  { name: 'layer-files', file: 'web/Dockerfile', files: site, built: true, sidebar: true, width: 1300, height: 480, pose: openLayerFiles },
  { name: 'map', file: 'web/Dockerfile', files: site, built: true, contrast: true, width: 1400, height: 620, pose: openBuiltMap },
  { name: 'map-siblings', file: 'app/Dockerfile', files: applications, contrast: true, width: 1400, height: 520, pose: openSideBySide },
  { name: 'map-stages', file: 'Dockerfile', real: true, contrast: true, width: 1720, height: 1000, pose: openWideMap },
  { name: 'map-family', file: 'cart/Dockerfile', files: family, contrast: true, width: 1500, height: 1320, pose: openFamilyMap },
  { name: 'families-hints', file: 'app/Dockerfile', files: applications, height: 400, pose: hoverOverShared },
  { name: 'families-preview', file: 'app/Dockerfile', files: applications, height: 620, pose: openPreview },
  { name: 'families-view', file: 'mail/Dockerfile', files: services, sidebar: true, width: 1200, height: 560, pose: openFamilies },
];

/** Pages of `strata report` on repositories of scripts/manifests/report.json; `part`: what is at the top of the picture, else the top of the page. */
const reports = [
  { name: 'report-large-light', repository: 'dotnet/dotnet-docker' },
  { name: 'report-releases-light', repository: 'osrf/docker_images' },
  { name: 'report-families-dark', repository: 'osrf/docker_images', part: 'families', height: 640 },
  { name: 'report-small-dark', repository: 'jitsi/docker-jitsi-meet' },
];

process.chdir(root);
const { values: { repositories }, positionals: names } = parseArgs({ options: { repositories: { type: 'string' } }, allowPositionals: true });
await run(process.execPath, ['scripts/build.mjs'], { shell: false });
const browser = await launchBrowser();
await mkdir('docs/images', { recursive: true });
if (repositories) for (const report of reports) if (wanted(report)) await photographReport(report, join('docs', 'images', `${report.name}.png`));
if (pictures.some(wanted)) await photographEditor();
process.exit(0);

async function photographEditor() {
  const vsix = await packageExtension(await temporaryFolder());
  for (const [shade, theme] of Object.entries(themes)) {
    const server = await startServer({ vsix, settings: { ...settings, 'workbench.colorTheme': theme } });
    for (const picture of pictures) if (wanted(picture) && (picture.contrast || shade !== 'high-contrast') && (!picture.real || repositories) && (!picture.built || await standIn())) await photograph(server, picture, join('docs', 'images', `${picture.name}-${shade}.png`));
    await server.stop();
  }
}

/** Names after the command: these only. */
function wanted({ name }) {
  return names.length === 0 || names.includes(name);
}

/** A file of a fetched repository, by the manifest: drawn, and never committed. */
async function realFiles() {
  const { repository, commit, path } = JSON.parse(await readFile('scripts/manifests/screenshots.json', 'utf8'));
  return { Dockerfile: await gitOf(repository, 'show', `${commit}:${path}`) };
}

async function gitOf(repository, ...args) {
  const { stdout } = await promisify(execFile)('git', ['-c', 'safe.directory=*', '-C', gitFolder(join(repositories, repository.replace('/', '+'))), ...args]);
  return stdout;
}

async function photographReport({ name, repository, part, height = 900 }, image) {
  const { repositories: known } = JSON.parse(await readFile('scripts/manifests/report.json', 'utf8'));
  const folder = join(await temporaryFolder(), basename(repository));
  const archive = `${folder}.tar`;
  await gitOf(repository, 'archive', '-o', archive, known.find((one) => one.repository === repository).commit);
  await run('git', ['init', '--quiet', folder]);
  await run('tar', ['-xf', archive, '-C', folder]);
  await run(process.execPath, ['dist/cli.js', 'report', folder, '-o', `${folder}.html`], { shell: false, quiet: true });
  const page = await browser.newPage({ colorScheme: name.endsWith('dark') ? 'dark' : 'light', viewport: { width: 1200, height } });
  await page.goto(pathToFileURL(`${folder}.html`).href);
  if (part) await page.evaluate((id) => document.getElementById(id).scrollIntoView(), part);
  await page.screenshot({ path: image });
  console.log(image);
  await page.close();
}

function gitFolder(folder) {
  return existsSync(join(folder, 'HEAD')) || existsSync(join(folder, '.git')) ? folder : join(folder, 'repo');
}

/** A copy, for what is typed is saved; with a last commit to compare with. */
async function committedFolder(files) {
  const cwd = join(await temporaryFolder(), files ? 'services' : 'examples');
  if (!files) await cp(join(root, 'examples'), cwd, { recursive: true });
  for (const [path, text] of Object.entries(files ?? {})) {
    await mkdir(dirname(join(cwd, path)), { recursive: true });
    await writeFile(join(cwd, path), text);
  }
  await run('git', ['init', '--quiet'], { cwd });
  await run('git', ['add', '.'], { cwd });
  await run('git', ['-c', 'user.name=strata', '-c', 'user.email=strata@localhost', 'commit', '--quiet', '-m', 'examples'], { cwd });
  return cwd;
}

async function photograph(server, { file, files: own, real = false, sidebar = false, width = 1000, height, pose }, image) {
  const context = { viewport: { width, height }, deviceScaleFactor: 1.5 };
  const files = real ? await realFiles() : own;
  const folder = await committedFolder(files);
  const page = await openPage(browser, { address: workbenchAddress(server, folder, { file }), context });
  await page.locator('.view-line', { hasText: 'layer' }).first().waitFor();
  await page.locator('.codelens-decoration', { hasText: 'again' }).first().waitFor();
  if (!sidebar) {
    await page.keyboard.press('Control+KeyB');
    await page.locator('.part.sidebar').waitFor({ state: 'hidden' });
  }
  await page.mouse.move(...aside);
  await pose?.(page);
  await writeFile(image, await page.screenshot({ animations: 'disabled', style: '.cursor { display: none !important; }' }));
  console.log(image);
  await page.close();
}

/** False: no engine answers. */
async function standIn() {
  const docker = (...args) => run('docker', args, { quiet: true }).then(() => true, () => false);
  if (!(await docker('buildx', 'version')) || !(await docker('version'))) return false;
  if (await docker('image', 'inspect', base)) return true;
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'Dockerfile'), 'FROM busybox\nRUN printf \'#!/bin/sh\\nsleep 2; mkdir -p /usr/lib/flask && head -c 4200000 /dev/urandom >/usr/lib/flask/flask.py\\n\' >/bin/pip && chmod +x /bin/pip\nENV PYTHON_VERSION=3.8.20\nCMD ["python3"]\n');
  process.on('exit', () => spawnSync('docker', ['image', 'rm', '--force', base, 'shop/web']));
  return docker('buildx', 'build', '--load', '--tag', base, '--build-context', `busybox=docker-image://${process.env.STRATA_SHELL_IMAGE ?? 'busybox'}`, folder);
}

async function build(page) {
  await page.keyboard.press('F1');
  await page.locator('.quick-input-widget input').fill('>Build and Measure');
  await page.locator('.quick-input-widget .monaco-list-row', { hasText: 'Build and Measure' }).first().click();
  await page.locator('.squiggly-info').first().waitFor();
  await page.locator('.view-line', { hasText: /MB/ }).first().waitFor();
  await page.keyboard.press('F1');
  await page.locator('.quick-input-widget input').fill('>Notifications: Clear All');
  await page.keyboard.press('Enter');
}

async function openWaste(page) {
  await build(page);
  await lineWith(page, 'RUN chown').click({ position: { x: 700, y: 8 } });
  const offered = page.locator('.action-widget .monaco-list-row').first();
  for (let tries = 0; tries < 10 && !(await offered.isVisible()); tries++) {
    await page.keyboard.press('Control+Period');
    await offered.waitFor({ timeout: 5000 }).catch(() => {});
  }
  await offered.waitFor();
}

async function hoverOverBuilt(page) {
  await build(page);
  await hoverOver(page, 'CMD');
}

/** The page of the map. */
function mapIn(page) {
  return page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
}

async function openMap(page) {
  await command(page, 'Show the Layer Map');
  await mapIn(page).locator('.block').first().waitFor();
  await page.mouse.move(...aside);
}

async function openBuiltMap(page) {
  await build(page);
  spawnSync('docker', ['run', '--detach', '--rm', '--name', container, '--entrypoint', 'sleep', 'shop/web', '600']);
  process.on('exit', () => spawnSync('docker', ['rm', '--force', container]));
  await lineWith(page, 'COPY').click({ position: { x: 300, y: 8 } });
  await openMap(page);
  await mapIn(page).locator('.container').first().waitFor();
  spawnSync('docker', ['rm', '--force', container]);
}

async function openWideMap(page) {
  await openMap(page);
  await maximize(page);
}

async function openSideBySide(page) {
  await page.locator('.view-line', { hasText: 'shared with' }).first().waitFor();
  await command(page, 'Show Images Side by Side…');
  await page.locator('.quick-input-widget .monaco-list-row', { hasText: 'app2/Dockerfile' }).click();
  await page.keyboard.press('Enter');
  await mapIn(page).locator('.shared').first().waitFor();
  await page.mouse.move(...aside);
}

async function openFamilyMap(page) {
  await page.locator('.view-line', { hasText: 'shared with' }).first().waitFor();
  await command(page, 'Show the Map of a Family');
  await mapIn(page).locator('.shared').first().waitFor();
  await maximize(page);
}

/** Alone in the window. */
async function maximize(page) {
  await page.locator('.tab').first().click({ button: 'middle' });
  await page.locator('.view-line').first().waitFor({ state: 'hidden' });
  await page.mouse.move(4, 400);
  await mapIn(page).locator('#card').waitFor({ state: 'hidden' });
}

async function command(page, title) {
  await page.keyboard.press('F1');
  await page.locator('.quick-input-widget input').fill(`>${title}`);
  await page.locator('.quick-input-widget .monaco-list-row', { hasText: title }).first().click();
}

async function openLayerFiles(page) {
  await build(page);
  await lineWith(page, 'RUN chown').click({ position: { x: 700, y: 8 } });
  await page.keyboard.press('F1');
  await page.locator('.quick-input-widget input').fill('>Show What This Line Added');
  await page.locator('.quick-input-widget .monaco-list-row', { hasText: 'Show What This Line Added' }).first().click();
  const headers = page.locator('.sidebar .pane-header');
  await headers.filter({ hasText: 'Layer Files' }).waitFor();
  for (const other of await headers.filter({ hasNotText: 'Layer Files' }).all()) if ((await other.getAttribute('aria-expanded')) === 'true') await other.click();
  const view = page.locator('.pane', { has: page.locator('.pane-header', { hasText: 'Layer Files' }) });
  const row = (name) => view.locator('.monaco-list-row', { has: page.locator('.label-name', { hasText: new RegExp(`^${name}$`) }) });
  for (const [folder, inside] of [['app', 'static'], ['static', 'site.js']]) {
    await row(folder).locator('.monaco-tl-twistie').click();
    await row(inside).waitFor();
  }
  // Wide enough for the descriptions.
  const sash = page.locator('.monaco-sash.vertical').nth(1);
  const { x, y } = await sash.boundingBox();
  await page.mouse.move(x + 2, y + 200);
  await page.mouse.down();
  await page.mouse.move(x + 122, y + 200);
  await page.mouse.up();
  await page.mouse.move(...aside);
}

async function hoverOver(page, words) {
  await page.locator('.view-line span', { hasText: words }).last().hover();
  await page.locator('.monaco-hover:visible', { hasText: /\S/ }).first().waitFor();
}

/** A flag more for the install: what is below it runs again, and the hover says why. */
async function editAndHover(page) {
  await lineWith(page, 'RUN npm ci').click({ position: { x: 600, y: 8 } });
  await page.keyboard.press('End');
  await page.keyboard.type(' --omit=dev');
  await page.locator('.view-line', { hasText: 'depends on' }).first().waitFor();
  await hoverOver(page, 'run build');
}

async function openLens(page) {
  await page.locator('.codelens-decoration a', { hasText: 'package.json' }).click();
  await page.mouse.move(...aside);
  await page.locator('.quick-input-widget .monaco-list-row').first().waitFor();
}

async function openLightBulb(page) {
  await page.locator('.squiggly-info').first().waitFor();
  await lineWith(page, 'COPY').click({ position: { x: 600, y: 8 } });
  await page.locator('.lightBulbWidget:visible').waitFor();
  const offered = page.locator('.action-widget .monaco-list-row').first();
  // A finding that comes at this moment takes the menu away.
  for (let tries = 0; tries < 10 && !(await offered.isVisible()); tries++) {
    await page.keyboard.press('Control+Period');
    await offered.waitFor({ timeout: 5000 }).catch(() => {});
  }
  await offered.waitFor();
}

async function hoverOverShared(page) {
  await page.locator('.view-line', { hasText: 'shared with' }).first().waitFor();
  await hoverOver(page, 'pip');
  await page.locator('.monaco-hover:visible', { hasText: 'sibling' }).first().waitFor();
}

/** The extraction as the Refactor menu leads to it, each file to be unticked. */
async function openPreview(page) {
  await page.locator('.view-line', { hasText: 'shared with' }).first().waitFor();
  await lineWith(page, 'RUN pip').click({ position: { x: 600, y: 8 } });
  const offered = page.locator('.action-widget .monaco-list-row', { hasText: 'by Bake' });
  for (let tries = 0; tries < 10 && !(await offered.isVisible()); tries++) {
    await page.keyboard.press('Control+Shift+KeyR');
    await offered.waitFor({ timeout: 5000 }).catch(() => {});
  }
  await offered.click();
  await page.locator('.bulk-edit-panel .monaco-list-row').first().waitFor();
  const { x, y, width } = await page.locator('.part.panel').boundingBox();
  await drag(page, [x + width / 2, y - 3], [x + width / 2, y - 110]);
  await page.locator('.bulk-edit-panel .monaco-list-row', { hasText: 'docker-bake.hcl' }).waitFor();
  await page.mouse.move(x + 20, y - 130);
}

/** The view with nothing else in a wider sidebar, on the row of the one that has drifted. */
async function openFamilies(page) {
  const headers = page.locator('.sidebar .pane-header');
  const ours = headers.filter({ hasText: 'Dockerfile Families' });
  await ours.click();
  for (const other of await headers.filter({ hasNotText: 'Dockerfile Families' }).all()) if ((await other.getAttribute('aria-expanded')) === 'true') await other.click();
  const { x, y, width } = await page.locator('.part.sidebar').boundingBox();
  await drag(page, [x + width + 2, y + 200], [x + width + 280, y + 200]);
  const rows = page.locator('.pane .monaco-list-row');
  await rows.filter({ hasText: 'Shared steps' }).locator('.monaco-tl-twistie').click();
  await rows.filter({ hasText: 'drifted:' }).locator('.monaco-tl-twistie').click();
  await rows.filter({ hasText: 'most:' }).waitFor();
  await page.mouse.move(...aside);
}

async function drag(page, from, to) {
  await page.mouse.move(...from);
  await page.mouse.down();
  await page.mouse.move(...to, { steps: 5 });
  await page.mouse.up();
}

function lineWith(page, words) {
  return page.locator('.view-line', { hasText: words }).first();
}
