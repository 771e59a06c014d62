/** The program `strata`: the command line on this machine's files and streams. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, homedir } from 'node:os';
import { join } from 'node:path';
import { affectedBuilds } from './workspace/affected';
import { cacheFolder } from './workspace/cache-folder';
import { checkPaths } from './workspace/check-files';
import { runAny } from './workspace/command-line';
import { readContext } from './workspace/context-files';
import { machineDisk } from './workspace/machine-disk';
import { familyMachine } from './workspace/family-files';
import { openLayerStore, type LayerStore } from './workspace/images/layer-store';
import { reportOn } from './workspace/report';
import { imageNamed, localImage, registryNamed, withContent } from './workspace/images/named';

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // The reader of a pipe may leave early.
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

// The server is a program of its own, and finds its streams in the arguments.
if (process.argv[2] === 'lsp' && process.argv.slice(3).some((argument) => /^--(?:stdio|socket=\d+|pipe=.+)$/.test(argument))) createRequire(__filename)('./server.js');
else void runAny(process.argv.slice(2), {
  read: (file) => readFileSync(file === '-' ? 0 : file, 'utf8'),
  write: (text) => void process.stdout.write(text),
  warn: (line) => void process.stderr.write(`strata: ${line}\n`),
  context: (folder, dockerfile) => readContext(machineDisk, folder, dockerfile),
  check: checkPaths,
  report: reportOn,
  save: writeFileSync,
  families: familyMachine,
  affected: (since, facts) => affectedBuilds('.', since, facts),
  version: () => (JSON.parse(readFileSync(join(__dirname, '../package.json'), 'utf8')) as { version: string }).version,
  environment: process.env,
  architecture: arch(),
  image: (reference) => imageNamed(reference, process.env, layerStore()),
  registry: (reference, platform, usual) => registryNamed(reference, process.env, platform, usual),
  local: (reference) => localImage(reference, process.env),
  content: (reference, use) => withContent(reference, process.env, use, layerStore()),
}).then(({ exitCode, complaint }) => {
  if (complaint !== undefined) process.stderr.write(`${complaint}\n`);
  process.exitCode = exitCode;
});

function layerStore(): LayerStore {
  return openLayerStore(join(cacheFolder(process.env, process.platform, homedir()), 'images'));
}
