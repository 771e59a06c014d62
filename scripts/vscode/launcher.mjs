#!/usr/bin/env node
// Takes the arguments of a desktop VS Code, as @vscode/test-electron gives them, and runs VS Code in a browser instead:
// the same suite then passes or fails here with the same exit status.
import { launchBrowser } from './browser.mjs';
import { openPage } from './page.mjs';
import { endOnSignals } from './process.mjs';
import { remoteUri, startServer, workbenchAddress } from './server.mjs';

const args = process.argv.slice(2);
const option = (name) => args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
const folder = args.find((arg) => !arg.startsWith('-'));

endOnSignals();
const [server, browser] = await Promise.all([startServer({ testDriver: true }), launchBrowser()]);
const end = (code) => process.exit(code === 0 ? 0 : 1);
browser.on('disconnected', () => end(1));
// Whoever started us is gone.
process.stdin.on('end', () => end(1)).resume();
const payload = ['extensionDevelopmentPath', 'extensionTestsPath'].map((name) => [name, remoteUri(server, option(name))]);
await openPage(browser, {
  address: workbenchAddress(server, folder, { payload }),
  webExtension: option('webExtension'),
  expose: {
    codeAutomationLog: (type, values) => console.log(type, ...values),
    codeAutomationExit: end,
  },
});
