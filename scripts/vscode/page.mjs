// The workbench in a browser's page. An extension can also be given to the browser itself, as a web editor has it:
// VS Code refuses a Worker to an extension that came from its own server, so we serve the files over http.
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';

/**
 * @param {{ address: string, webExtension?: string, expose?: object, context?: object }} view `webExtension` is the folder of
 * an extension to run in the browser's own extension host; `expose` has functions for the page to call
 */
export async function openPage(browser, { address, webExtension, expose = {}, context = {} }) {
  const page = await browser.newPage({ bypassCSP: webExtension !== undefined, ...context });
  page.setDefaultTimeout(60_000);
  for (const [name, call] of Object.entries(expose)) await page.exposeFunction(name, call);
  if (webExtension) {
    const files = await serveFiles(webExtension);
    page.on('close', files.stop);
    await page.addInitScript(addWebExtension, files.authority);
  }
  await page.goto(address);
  return page;
}

// Runs in the page: the workbench reads its settings from an attribute as soon as the document is there.
function addWebExtension(authority) {
  document.addEventListener('readystatechange', () => {
    const element = document.getElementById('vscode-workbench-web-configuration');
    if (!element || document.readyState !== 'interactive') return;
    const settings = JSON.parse(element.getAttribute('data-settings'));
    const extensions = [{ scheme: 'http', authority, path: '/' }];
    settings.developmentOptions = { ...settings.developmentOptions, extensions };
    element.setAttribute('data-settings', JSON.stringify(settings));
  });
}

const types = { '.json': 'application/json', '.js': 'text/javascript', '.html': 'text/html', '.css': 'text/css', '.svg': 'image/svg+xml' };

async function serveFiles(folder) {
  const http = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, 'http://localhost').pathname));
    const file = join(folder, path);
    response.setHeader('Access-Control-Allow-Origin', '*');
    if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return response.writeHead(404).end();
    response.setHeader('Content-Type', types[extname(file)] ?? 'text/plain');
    createReadStream(file).pipe(response);
  });
  await new Promise((resolve) => http.listen(0, '127.0.0.1', resolve));
  return { authority: `127.0.0.1:${http.address().port}`, stop: () => http.close() };
}

/** A short address that leads to a long one. */
export async function shortAddress(long) {
  const http = createServer((_, response) => response.writeHead(302, { Location: long }).end());
  await new Promise((resolve) => http.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${http.address().port}/`;
}
