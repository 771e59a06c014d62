// A desktop VS Code for the suites, where one can be had: @vscode/test-electron's download, on a display or on Xvfb.
import { downloadAndUnzipVSCode } from '@vscode/test-electron';
import { cache } from './install.mjs';
import { answers, hasDisplay, onPath } from './process.mjs';
import { join } from 'node:path';

/** Its program, with the words that have to stand before a command that starts it. */
export async function desktopEditor() {
  const display = hasDisplay() ? [] : onPath('xvfb-run') && ['xvfb-run', '-a'];
  if (!display) return undefined;
  if (!(await answers('https://update.code.visualstudio.com/api/releases/stable'))) {
    console.log('VS Code for the desktop: cannot be downloaded here');
    return undefined;
  }
  const options = { cachePath: join(cache, 'desktop'), timeout: 10_000, reporter: { report() {}, error() {} } };
  try {
    return { executable: await downloadAndUnzipVSCode(options), display };
  } catch {
    console.log('VS Code for the desktop: its download failed');
    return undefined;
  }
}
