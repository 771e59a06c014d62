#!/usr/bin/env node
// Takes the arguments of a desktop VS Code, as @vscode/test-electron gives them, and runs VS Code in a browser instead:
// the same suite then passes or fails here with the same exit status.
import { launchBrowser } from './browser.mjs';
import { openWorkbench } from './page.mjs';
import { endOnSignals } from './process.mjs';
import { remoteUri, startServer } from './server.mjs';

const args = process.argv.slice(2);
const option = (name) => args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
const folder = args.find((arg) => !arg.startsWith('-'));

endOnSignals();
const [server, browser] = await Promise.all([startServer({ testDriver: true }), launchBrowser()]);
const end = (code) => process.exit(code === 0 ? 0 : 1);
browser.on('disconnected', () => end(1));
await openWorkbench(browser, server, {
  folder,
  webExtension: option('webExtension'),
  payload: ['extensionDevelopmentPath', 'extensionTestsPath'].map((name) => [name, remoteUri(server, option(name))]),
  expose: {
    codeAutomationLog: (type, values) => console.log(type, ...values),
    codeAutomationExit: end,
  },
});
