/**
 * The GitHub Action and the pre-commit hooks as their users have them: the steps of action.yml one by one, and pre-commit itself, on a
 * small repository, with a checkout of ours that nothing is installed in.
 *   npm run test:action
 * Needs bash and a package registry, and pre-commit (Debian's package) for the hooks. What `uses:` another action is skipped.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';

interface Step {
  readonly id?: string;
  readonly name: string;
  readonly uses?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
}

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default: string }>>;
  readonly outputs: Readonly<Record<string, { readonly value: string }>>;
  readonly runs: { readonly steps: readonly Step[] };
}

const files: Readonly<Record<string, string>> = {
  'api/Dockerfile': 'FROM debian\nRUN apt-get update\nRUN apt-get install -y curl\n',
  'a b/web.Dockerfile': 'FROM alpine\nRUN apk update\nRUN apk add curl\n',
  'api/Dockerfile.j2': 'FROM {{ base }}\nRUN apt-get update\nRUN apt-get install -y curl\n',
};
const lists = (line: number): string => `The package lists of this step stay as they are in the cache, while line ${line} is changed and run with them: it may then find versions that are gone.`;
const notice = (file: string): string => `::notice file=${file},line=2,endLine=2,col=1,endColumn=${file.startsWith('api') ? 19 : 15},title=remote-change-hidden::${lists(3)}`;
const [api, web] = [notice('api/Dockerfile'), notice('a b/web.Dockerfile')];

/** Inputs, and what comes of them: the log, the exit code where it is not 0, outputs, files that are there then. */
const cases: readonly { readonly name: string; readonly inputs: Readonly<Record<string, string>>; readonly shows: readonly string[] }[] = [
  { name: 'as it comes', inputs: {}, shows: [web, api] },
  { name: 'it fails where something is as severe as asked for', inputs: { 'fail-on': 'information' }, shows: [web, api, 'exit code 1'] },
  { name: 'paths, one a line', inputs: { paths: 'a b\napi/Dockerfile\n' }, shows: [web, api] },
  { name: 'since a commit', inputs: { since: 'HEAD', 'fail-on': 'hint' }, shows: [] },
  { name: 'without a baseline', inputs: { baseline: 'baseline.json', 'fail-on': 'hint' }, shows: [web, 'exit code 1'] },
  { name: 'as text', inputs: { format: 'text', paths: 'api', since: 'HEAD' }, shows: ['nothing found in 1 Dockerfile'] },
  { name: 'a file for code scanning', inputs: { 'sarif-file': 'strata results.sarif', 'fail-on': 'information' }, shows: [web, api, 'exit code 1', 'sarif-file: strata results.sarif', 'strata results.sarif: 2 results of version 2.1.0'] },
  { name: 'a commit that is not there', inputs: { since: 'nowhere' }, shows: ['strata: --since nowhere: git has no such commit here (a shallow clone has the newest only)', 'exit code 2'] },
  { name: 'the same, with a file', inputs: { since: 'nowhere', 'sarif-file': 'strata results.sarif' }, shows: ['strata: --since nowhere: git has no such commit here (a shallow clone has the newest only)', 'exit code 2'] },
  {
    name: 'nothing of an input is run', inputs: { paths: '$(touch run)`touch run`";touch run;\'', since: '', format: 'text;touch run' },
    shows: ['strata: --format: text;touch run is none of text, json, sarif, github', 'exit code 2'],
  },
  { name: 'an input is no option', inputs: { paths: '--write-baseline=run' }, shows: ['strata: --write-baseline=run: no such file', 'exit code 2'] },
];

const total = { compared: 0, different: 0, skipped: 0 };
const scratch = mkdtempSync(join(tmpdir(), 'strata-action-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

const ours = checkout();
if (spawnSync('bash', ['--version']).error) skip('The steps of the action need the program bash.');
else for (const one of cases) compare(`action: ${one.name}`, action(one.inputs), one.shows);
if (spawnSync('pre-commit', ['--version']).error) skip('The hooks need the program pre-commit: apt-get install pre-commit');
else hooks();
console.log(`action: ${total.compared} compared, ${total.different} different${total.skipped === 0 ? '' : `, ${total.skipped} skipped`}`);
process.exitCode = total.different > 0 ? 1 : 0;

function skip(why: string): void {
  total.skipped++;
  console.log(why);
}

function compare(name: string, shown: readonly string[], expected: readonly string[]): void {
  total.compared++;
  if (shown.join('\n') === expected.join('\n')) return;
  total.different++;
  console.log(`${name}:\n${shown.map((line) => `  ${line}\n`).join('')}instead of\n${expected.map((line) => `  ${line}\n`).join('')}`);
}

function git(folder: string, ...args: string[]): string {
  return execFileSync('git', ['-C', folder, '-c', 'user.name=a', '-c', 'user.email=a@example.org', ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Our files as a commit would have them, without node_modules and dist. */
function checkout(): string {
  const folder = join(scratch, 'strata');
  for (const path of git('.', 'ls-files', '--cached', '--others', '--exclude-standard', '-z').split('\0')) if (path !== '' && existsSync(path)) cpSync(path, join(folder, path));
  commit(folder);
  return folder;
}

function commit(folder: string): void {
  git(folder, 'init', '-q');
  git(folder, 'add', '-A');
  git(folder, 'commit', '-q', '-m', 'a');
}

function repository(): string {
  const folder = mkdtempSync(join(scratch, 'repository-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  commit(folder);
  return folder;
}

/** The log of our own steps, without that of a build that goes well. */
function action(inputs: Readonly<Record<string, string>>): string[] {
  const { inputs: known, outputs, runs } = parse(readFileSync(join(ours, 'action.yml'), 'utf8')) as Action;
  const folder = repository();
  const said: string[] = [];
  const values = new Map<string, string>([['github.action_path', ours], ...Object.entries(known).map(([name, { default: usual }]): [string, string] => [`inputs.${name}`, inputs[name] ?? usual])]);
  const filled = (text: string): string => text.replace(/\$\{\{ *([\w.-]+) *\}\}/g, (_all, name: string) => values.get(name) ?? '');
  for (const step of runs.steps) {
    if (step.run === undefined) {
      if (total.compared === 0) skip(`${step.name}: ${step.uses ?? ''} is not run here`);
      continue;
    }
    if (step.env?.STRATA && existsSync(join(ours, 'dist/cli.js')) && inputs.baseline) execFileSync(process.execPath, [join(ours, 'dist/cli.js'), 'check', 'api', '--write-baseline', inputs.baseline], { cwd: folder });
    const [script, output] = [join(scratch, 'step.sh'), join(scratch, 'output')];
    writeFileSync(script, filled(step.run));
    writeFileSync(output, '');
    const env = { ...process.env, GITHUB_OUTPUT: output, GITHUB_WORKSPACE: folder, npm_config_prefer_offline: 'true', ...Object.fromEntries(Object.entries(step.env ?? {}).map(([name, value]) => [name, filled(value)])) };
    // As the runner has it for `shell: bash`.
    const { status, stdout, stderr } = spawnSync('bash', ['--noprofile', '--norc', '-e', '-o', 'pipefail', script], { cwd: folder, env, encoding: 'utf8' });
    if (step.id !== undefined || status !== 0) said.push(...`${stdout}${stderr}`.split('\n').filter((line) => line !== ''));
    for (const line of readFileSync(output, 'utf8').split('\n')) if (line !== '') values.set(`steps.${step.id ?? ''}.outputs.${line.slice(0, line.indexOf('='))}`, line.slice(line.indexOf('=') + 1));
    if (status === 0) continue;
    said.push(`exit code ${status}`);
    break;
  }
  for (const [name, { value }] of Object.entries(outputs)) if (filled(value) !== '') said.push(`${name}: ${filled(value)}`, sarifSaid(folder, filled(value)));
  if (existsSync(join(folder, 'run'))) said.push('run was made');
  return said;
}

function sarifSaid(folder: string, name: string): string {
  const { version, runs } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as { version: string; runs: readonly { readonly results: readonly unknown[] }[] };
  return `${name}: ${runs[0].results.length} results of version ${version}`;
}

/** With a repository that names ours in its configuration. */
function hooks(): void {
  const env = { ...process.env, PRE_COMMIT_HOME: join(scratch, 'pre-commit'), npm_config_prefer_offline: 'true' };
  const ran = (folder: string, hook: string): string[] => {
    writeFileSync(join(folder, '.pre-commit-config.yaml'), `repos:\n- repo: ${ours}\n  rev: ${git(ours, 'rev-parse', 'HEAD').trim()}\n  hooks:\n  - id: ${hook}\n`);
    git(folder, 'add', '-A');
    const { status, stdout } = spawnSync('pre-commit', ['run', '--all-files', '--color', 'never'], { cwd: folder, env, encoding: 'utf8' });
    return [...stdout.split('\n').filter((line) => /^[\w-].*[\].]$|\.{3}(?:Passed|Failed)$|files were modified/.test(line) && !line.startsWith('[')), `exit code ${status}`];
  };
  const folder = repository();
  const dots = (name: string, ending: string): string => `${name}${'.'.repeat(79 - name.length - ending.length)}${ending}`;
  const finding = (file: string): string => `${file}:2:1: info: ${lists(3)} [remote-change-hidden]`;
  compare('hook: strata-check', ran(folder, 'strata-check'), [dots('strata check', 'Failed'), finding('a b/web.Dockerfile'), finding('api/Dockerfile'), 'exit code 1']);
  compare('hook: strata-fix', ran(folder, 'strata-fix'), [dots('strata check --fix', 'Failed'), '- files were modified by this hook', 'exit code 1']);
  compare('hook: strata-fix again', ran(folder, 'strata-fix'), [dots('strata check --fix', 'Passed'), 'exit code 0']);
  compare('hook: strata-check, when all is mended', ran(folder, 'strata-check'), [dots('strata check', 'Passed'), 'exit code 0']);
  compare('hook: what was mended', [readFileSync(join(folder, 'api/Dockerfile'), 'utf8'), readFileSync(join(folder, 'api/Dockerfile.j2'), 'utf8')], ['FROM debian\nRUN apt-get update && apt-get install -y curl\n', files['api/Dockerfile.j2']]);
}
