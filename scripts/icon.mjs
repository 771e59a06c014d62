// Draws media/icon.png of media/icon.svg, 256 pixels wide, with the browser of the suites.
import { readFileSync } from 'node:fs';
import { launchBrowser } from './vscode/browser.mjs';

const browser = await launchBrowser();
const page = await browser.newPage({ viewport: { width: 256, height: 256 } });
await page.setContent(`<style>body { margin: 0 } svg { display: block }</style>${readFileSync('media/icon.svg', 'utf8')}`);
await page.screenshot({ path: 'media/icon.png', omitBackground: true });
await browser.close();
