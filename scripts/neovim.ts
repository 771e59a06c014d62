/**
 * Real Neovim, headless, against `strata lsp --stdio`: hints, diagnostics, a hover, a lens that is run and commands, and a refactoring over
 * several files that it applies itself.
 *   npm run test:neovim
 * Needs the program nvim (Debian's package neovim), and dist/ (npm run build).
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

const action = 'Extract base image by Bake: docker-bake.hcl';
const files: Readonly<Record<string, string>> = Object.fromEntries(['app', 'mail'].map((name) => [`${name}/Dockerfile`, `FROM python:3.12-slim\nRUN pip install flask\nCOPY . .\nRUN pip install gunicorn\nCMD ["python", "${name}.py"]\n`]));

/** What Neovim shows; of the hover and of the table of layers, the first lines. */
const expected: Readonly<Record<string, unknown>> = {
  hints: ['1 base: unknown', '2 layer 1 · shared with 1', '3 layer 2 · [3/4]', '4 layer 3 · [4/4] · same in 1'],
  diagnostics: ['1 shared-steps', '3 context-takes-unneeded', '4 copy-before-packages'],
  hover: ['**Strata** · layer 1 of 3 · `[2/4]`', 'One layer with 1 sibling already, on a builder that makes both: `mail/Dockerfile`.', 'RUN writes a layer: the files that the command changes.'],
  messages: [
    'LSP[strata][Info] If python:3.12-slim changes: 3 of 3 steps run again',
    'LSP[strata][Info] app/Dockerfile counts as built as it is now: later changes are compared with that.',
  ],
  layers: ['Dockerfile: 3 layers, 1 row of metadata only (BuildKit)', '', 'LAYER  STEP   LINE  CREATED BY', '?      [1/4]        FROM python:3.12-slim: its rows are not known without its image', '1      [2/4]  2     RUN /bin/sh -c pip install flask # buildkit'],
  actions: ['Extract base image: one Dockerfile with 2 targets', action, 'Extract base image as a tagged image'],
};

const cli = resolve('dist/cli.js');
if (spawnSync('nvim', ['--version']).error) console.log('The test needs the program nvim: apt-get install neovim\nneovim: none');
else {
  const scratch = mkdtempSync(join(tmpdir(), 'strata-neovim-'));
  process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
  const differences = [...shown(scratch), ...applied(scratch)];
  differences.forEach((difference) => console.log(difference));
  console.log(`neovim: ${Object.keys(expected).length + 1} compared, ${differences.length} different`);
  process.exitCode = differences.length > 0 ? 1 : 0;
}

function shown(scratch: string): string[] {
  const answers = join(scratch, 'answers');
  execFileSync('nvim', ['--headless', '-u', 'NONE', '-c', `luafile ${resolve('scripts/neovim/client.lua')}`], {
    cwd: project(scratch, 'edited'), timeout: 120_000, stdio: 'ignore',
    env: { ...process.env, XDG_STATE_HOME: join(scratch, 'state'), STRATA_NODE: process.execPath, STRATA_SERVER: cli, STRATA_ANSWERS: answers, STRATA_ACTION: action },
  });
  const said = new Map(readFileSync(answers, 'utf8').trim().split('\n').map((line) => {
    const { name, value } = JSON.parse(line) as { name: string; value: unknown };
    if (name === 'layers') return [name, (value as string[]).slice(0, 5)];
    return [name, name === 'hover' ? String(value).split('\n\n').slice(0, 3).map((part) => part.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')) : value];
  }));
  return [
    ...(said.has('problem') ? [`Neovim: ${String(said.get('problem'))}`] : []),
    ...Object.entries(expected).filter(([name, value]) => !isDeepStrictEqual(said.get(name), value)).map(([name, value]) => `${name}: ${JSON.stringify(said.get(name))} instead of ${JSON.stringify(value)}`),
  ];
}

/** What Neovim has made of the edit, against what the command line writes. */
function applied(scratch: string): string[] {
  const folder = project(scratch, 'written');
  const { families } = JSON.parse(execFileSync(process.execPath, [cli, 'families', '.', '--json'], { cwd: folder, encoding: 'utf8' })) as { families: readonly { readonly id: string }[] };
  execFileSync(process.execPath, [cli, 'extract', '.', '--family', families[0].id, '--via', 'bake', '--apply'], { cwd: folder, stdio: 'ignore' });
  const [theirs, ours] = [filesIn(join(scratch, 'edited')), filesIn(folder)];
  if (Object.keys(ours).length !== 4) return [`The command line writes ${Object.keys(ours).join(', ')}.`];
  return isDeepStrictEqual(theirs, ours) ? [] : [`After the refactoring there is\n${JSON.stringify(theirs, undefined, 1)}\ninstead of\n${JSON.stringify(ours, undefined, 1)}`];
}

function project(scratch: string, name: string): string {
  const folder = join(scratch, name);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

function filesIn(folder: string): Record<string, string> {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1));
  // Neovim 0.7 leaves an empty line at the end of a file that it makes.
  return Object.fromEntries(paths.sort().map((path) => [path, readFileSync(join(folder, path), 'utf8').replace(/\n+$/, '\n')]));
}
