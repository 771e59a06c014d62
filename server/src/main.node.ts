/** The server on Node: by IPC for the desktop and remote extension host, by `--stdio` or `--socket` for other editors. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { arch, env } from 'node:process';
import { ProposedFeatures, createConnection } from 'vscode-languageserver/node';
import type { Bundle } from './core/say';
import { startServer } from './lsp';
import { openProject } from './workspace/machine';
import { machinePlatform } from './workspace/platform';

const platform = machinePlatform(arch);

startServer(createConnection(ProposedFeatures.all), { platform: { build: platform, target: platform, assumed: true }, project: (listener) => openProject(listener, env), bundle: bundleOf });

function bundleOf(language: string): Bundle | undefined {
  try {
    return JSON.parse(readFileSync(join(__dirname, '../l10n', `bundle.l10n.${language}.json`), 'utf8')) as Bundle;
  } catch {
    return undefined;
  }
}
