/**
 * Real Emacs, in batch mode, with its eglot as docs/editors.md configures it, against `strata lsp --stdio`: diagnostics, a hover, commands, a
 * refactoring that it can make and one that it cannot.
 *   npm run test:emacs
 * Needs the program emacs with eglot and dockerfile-mode (Debian's packages emacs-nox, elpa-eglot, elpa-dockerfile-mode), and dist/ (npm run build).
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

const action = 'Extract base image by Bake: docker-bake.hcl';
const files: Readonly<Record<string, string>> = {
  ...Object.fromEntries(['app', 'mail'].map((name) => [`${name}/Dockerfile`, `FROM python:3.12-slim\nRUN pip install flask\nCOPY . .\nRUN pip install gunicorn\nCMD ["python", "${name}.py"]\n`])),
  'stages/Dockerfile': 'FROM node:22 AS app\nRUN npm install -g pnpm\nCMD ["app"]\nFROM node:22 AS mail\nRUN npm install -g pnpm\nCMD ["mail"]\n',
  'stages/compose.yaml': 'services:\n  app:\n    build:\n      context: .\n      target: app\n  mail:\n    build:\n      context: .\n      target: mail\n',
};

/** What Emacs shows; of longer texts, the first lines. */
const expected: Readonly<Record<string, unknown>> = {
  mode: 'dockerfile-mode',
  diagnostics: [
    '1 Strata [shared-steps]: mail/Dockerfile begins with this base and the step of line 2, too: one base could hold it.',
    '4 Strata [copy-before-packages]: `pip install` runs again whenever a file changes that line 3 copies, and needs none of them.',
  ],
  hover: ['**Strata** · layer 1 of 3 · `[2/4]`', 'One layer with 1 sibling already, on a builder that makes both: `mail/Dockerfile`.', 'RUN writes a layer: the files that the command changes.'],
  'what if': ['If python:3.12-slim changes: 3 of 3 steps run again', 'app/Dockerfile: 3 of 3 steps', '  [2/4] · line 2 · RUN pip install flask'],
  layers: ['Dockerfile: 3 layers, 1 row of metadata only (BuildKit)', 'LAYER  STEP   LINE  CREATED BY', '?      [1/4]        FROM python:3.12-slim: its rows are not known without its image'],
  actions: ['Extract base image: one Dockerfile with 2 targets', action, 'Extract base image as a tagged image'],
  edited: 'FROM node:22 AS base\nRUN npm install -g pnpm\n\nFROM base AS app\nCMD ["app"]\nFROM base AS mail\nCMD ["mail"]\n',
  messages: [
    '[eglot] Server reports (type=3): If python:3.12-slim changes: 3 of 3 steps run again',
    '[eglot] Server reports (type=3): app/Dockerfile (python:3.12-slim): 3 layers and 1 metadata row from this file, on python:3.12-slim',
    '[eglot] Server reports (type=3): app/Dockerfile counts as built as it is now: later changes are compared with that.',
    // This eglot makes no files, and does not ask for an edit later: the action has a command, which says so.
    '[eglot] Server reports (type=2): This editor cannot make or remove files in an edit: strata extract on the command line can.',
    '[eglot] Server reports (type=3): Done: Extract base image: a stage of this file for 2 stages.',
  ],
};

const configuration = /## Emacs[^]*?```elisp\n([^]*?)```/.exec(readFileSync('docs/editors.md', 'utf8'))?.[1] ?? '';
const emacs = spawnSync('emacs', ['--batch', '--eval', "(progn (package-initialize) (require 'eglot) (require 'dockerfile-mode))"], { stdio: 'ignore' });
if (emacs.error || emacs.status !== 0) console.log('emacs: none, the test needs the program emacs with eglot and dockerfile-mode: apt-get install emacs-nox elpa-eglot elpa-dockerfile-mode');
else {
  const scratch = mkdtempSync(join(tmpdir(), 'strata-emacs-'));
  process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
  const differences = shown(scratch);
  differences.forEach((difference) => console.log(difference));
  console.log(`emacs: ${Object.keys(expected).length} compared, ${differences.length} different`);
  process.exitCode = differences.length > 0 ? 1 : 0;
}

function shown(scratch: string): string[] {
  const folder = join(scratch, 'project');
  const all = { ...Object.fromEntries(Object.entries(files).map(([path, text]) => [`project/${path}`, text])), 'config.el': configuration };
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(scratch, path)), { recursive: true });
    writeFileSync(join(scratch, path), text);
  }
  // A project of Emacs is a repository.
  execFileSync('git', ['init', '-q', folder]);
  mkdirSync(join(scratch, 'bin'));
  writeFileSync(join(scratch, 'bin/strata'), `#!/bin/sh\nexec '${process.execPath}' '${resolve('dist/cli.js')}' "$@"\n`, { mode: 0o755 });
  const answers = join(scratch, 'answers');
  execFileSync('emacs', ['--batch', '-l', resolve('scripts/emacs/client.el')], {
    cwd: folder, timeout: 120_000, stdio: 'ignore',
    env: { ...process.env, HOME: scratch, PATH: `${join(scratch, 'bin')}${delimiter}${process.env.PATH}`, STRATA_CONFIG: join(scratch, 'config.el'), STRATA_ANSWERS: answers, STRATA_ACTION: action },
  });
  const said = new Map(readFileSync(answers, 'utf8').trim().split('\n').map((line) => {
    const { name, value } = JSON.parse(line) as { name: string; value: unknown };
    return [name, Array.isArray(expected[name]) && typeof value === 'string' ? value.split('\n').filter((line) => line !== '').slice(0, 3).map((line) => line.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')) : value];
  }));
  return [
    ...(said.has('problem') ? [`Emacs: ${String(said.get('problem'))}`] : []),
    ...Object.entries(expected).filter(([name, value]) => !isDeepStrictEqual(said.get(name), value)).map(([name, value]) => `${name}: ${JSON.stringify(said.get(name))} instead of ${JSON.stringify(value)}`),
  ];
}
