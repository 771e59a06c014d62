/** strata families, extract and inline on real folders: what a terminal shows, what git makes of it, and what is left where it fails. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { contextOf } from '../src/core/build/context';
import { checkPaths } from '../src/workspace/check-files';
import { run } from '../src/workspace/command-line';
import { familyMachine, write } from '../src/workspace/family-files';
import { verbatim } from '../src/core/say';

const folders: string[] = [];
/** What paths of the commands are relative to. */
let here = '';
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true, force: true })));

const flask = {
  'app/Dockerfile': 'FROM python:3.8-alpine\nRUN pip install flask\nCMD ["python","app.py"]\nCOPY app.py /app.py\n',
  'app/app.py': '1\n',
  'app2/Dockerfile': 'FROM python:3.8-alpine\nRUN pip install flask\nCMD ["python","app2.py"]\nCOPY app2.py /app2.py\n',
  'app2/app2.py': '2\n',
};

test('families are listed, with what a base would hold', () => {
  repository({ ...flask, 'other/Dockerfile': 'FROM alpine\nRUN apk add nmap\n' });
  expect(strata('families', '.')).toMatchInlineSnapshot(`
    "family <id>: 2 stages of 2 files on docker.io/library/python:3.8-alpine
      app/Dockerfile
      app2/Dockerfile
      one layer in 2: RUN pip install flask
      a base would hold what 2 stages begin with: 1 instruction and 1 line less, by file, bake, tag

    "
  `);
});

test('as JSON, drift among it', () => {
  const service = (version: string, name: string): string => `FROM python:3.8-alpine\nRUN adduser -D -u 1000 web\nRUN pip install flask==${version}\nCOPY ${name}.py /\n`;
  repository({ 'a/Dockerfile': service('2.2', 'a'), 'b/Dockerfile': service('2.3', 'b'), 'c/Dockerfile': service('2.3', 'c'), 'd/Dockerfile': service('2.3', 'd') });
  const { families: [{ id, members, ...rest }] } = JSON.parse(strata('families', '.', '--json')) as { families: [{ id: string; members: unknown[] }] };
  expect(id).toMatch(/^[0-9a-z]{8,}$/);
  expect(members).toEqual(['a', 'b', 'c', 'd'].map((name) => ({ file: `${name}/Dockerfile`, stage: 0 })));
  expect(rest).toEqual({
    base: 'docker.io/library/python:3.8-alpine',
    sharedSteps: [
      { text: 'RUN adduser -D -u 1000 web', kind: 'same-layer', members: ['a', 'b', 'c', 'd'].map((name) => ({ file: `${name}/Dockerfile`, line: 2 })) },
      { text: 'RUN pip install flask==2.2', kind: 'near', members: ['a', 'b', 'c', 'd'].map((name) => ({ file: `${name}/Dockerfile`, line: 3 })) },
      { text: 'RUN pip install flask==2.3', kind: 'same-layer', members: ['b', 'c', 'd'].map((name) => ({ file: `${name}/Dockerfile`, line: 3 })) },
    ],
    saves: { lines: 4, instructions: 4, layers: 4 },
    drift: [{ file: 'a/Dockerfile', line: 3, text: 'RUN pip install flask==2.2', majority: 'RUN pip install flask==2.3' }],
    ways: ['file', 'bake', 'tag'],
    extracts: ['b', 'c', 'd'].map((name) => ({ file: `${name}/Dockerfile`, stage: 0 })),
  });
});

test('the name of a family does not depend on what else is looked at, or from where', () => {
  const folder = repository({ ...flask, 'more/a/Dockerfile': 'FROM debian\nRUN make tools\n', 'more/b/Dockerfile': 'FROM debian\nRUN make tools\n' });
  const ids = (...paths: string[]): string[] => (JSON.parse(strata('families', ...paths, '--json')) as { families: { id: string; members: { file: string }[] }[] }).families
    .filter(({ members }) => members.some(({ file }) => file.includes('app/'))).map(({ id }) => id);
  const alone = ids('app', 'app2');
  expect(alone).toHaveLength(1);
  expect(ids('.')).toEqual(alone);
  here = join(folder, 'app');
  expect(ids('..')).toEqual(alone);
  const other = repository({ 'x/Dockerfile': 'FROM debian\nRUN make others\n' });
  expect(ids(folder, other)).toEqual(alone);
});

test('several repositories have families together, that no base is extracted of', () => {
  const one = repository({ 'Dockerfile': flask['app/Dockerfile'] });
  const two = repository({ 'Dockerfile': flask['app2/Dockerfile'] });
  const { families: [{ id, members, ways }] } = JSON.parse(strata('families', one, two, '--json')) as { families: { id: string; members: { file: string }[]; ways: string[] }[] };
  expect(members.map(({ file }) => file)).toEqual([one, two].map((folder) => `${folder.split('/').pop()}/Dockerfile`).toSorted());
  expect(ways).toEqual([]);
  expect(strata('extract', one, '--family', id)).toBe(`strata: no family ${id} here; strata families ${one} shows them\nexit code 2\n`);
});

test.each(['file', 'bake', 'tag'])('extract --via %s prints a patch that git takes, and --apply writes the same', (way) => {
  const folder = repository(flask);
  const id = onlyFamily();
  const patch = strata('extract', '.', '--family', id, '--via', way).replace(/^strata: .*\n/gm, '');
  execFileSync('git', ['-C', folder, 'apply', '-'], { input: patch });
  const patched = contents(folder);
  execFileSync('git', ['-C', folder, 'clean', '-fdq']);
  execFileSync('git', ['-C', folder, 'checkout', '-q', '.']);
  strata('extract', '.', '--family', id, '--via', way, '--apply');
  expect(contents(folder)).toEqual(patched);
  expect(patched['app/Dockerfile']).not.toBe(flask['app/Dockerfile']);
});

test('inline undoes it', () => {
  const folder = repository(flask);
  for (const way of ['bake', 'tag']) {
    strata('extract', '.', '--family', onlyFamily(), '--via', way, '--apply');
    expect(contents(folder)['app/Dockerfile']).not.toBe(flask['app/Dockerfile']);
    expect(strata('inline', 'app/Dockerfile', 'app2/Dockerfile', '--apply')).toContain('changed app2/Dockerfile\n');
    expect(contents(folder)).toMatchObject(flask);
  }
  expect(strata('inline', 'app/Dockerfile')).toBe('strata: app/Dockerfile continues no base that the project builds, and has no stage that is there for others alone.\nexit code 3\n');
});

test('Windows line endings stay where they are', () => {
  const folder = repository({ ...flask, 'app2/Dockerfile': flask['app2/Dockerfile'].replaceAll('\n', '\r\n') });
  const patch = strata('extract', '.', '--family', onlyFamily(), '--via', 'bake').replace(/^strata: .*\n/gm, '');
  execFileSync('git', ['-C', folder, 'apply', '-'], { input: patch });
  expect(contents(folder)['app2/Dockerfile']).toBe('FROM base\r\nCMD ["python","app2.py"]\r\nCOPY app2.py /app2.py\r\n');
  expect(contents(folder)['Dockerfile.base']).toBe('# What app/Dockerfile and app2/Dockerfile begin with.\nFROM python:3.8-alpine\nRUN pip install flask\n');
});

test('what cannot be is refused with its reason, and nothing is written', () => {
  const folder = repository({ ...flask, 'app2/Dockerfile': `${flask['app2/Dockerfile']}COPY\n` });
  const before = contents(folder);
  expect(strata('extract', '.', '--family', onlyFamily(), '--apply')).toBe('strata: app2/Dockerfile has an error in line 5: COPY requires at least two arguments, but only one was provided. Destination could not be determined\nexit code 3\n');
  expect(contents(folder)).toEqual(before);
});

test('names that are taken are left alone', () => {
  const folder = repository({
    ...flask, 'Dockerfile.base': 'FROM scratch\n', 'docker-bake.hcl': '# ours\ntarget "base-2" {\n  dockerfile = "Dockerfile.base"\n}\n',
  });
  strata('extract', '.', '--family', onlyFamily(), '--via', 'bake', '--apply');
  expect(contents(folder)['app/Dockerfile']).toMatch(/^FROM base-3\n/);
  expect(contents(folder)['docker-bake.hcl']).toMatch(/^# ours\ntarget "base-2" \{\n {2}dockerfile = "Dockerfile.base"\n\}\n/);
});

test('two hundred siblings are one family, and one extraction', () => {
  const folder = repository(Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`s${i}/Dockerfile`, `FROM python:3.8-alpine\nRUN pip install flask\nCOPY s${i}.py /\n`])));
  strata('extract', '.', '--family', onlyFamily(), '--via', 'bake', '--apply');
  expect(Object.values(contents(folder)).filter((text) => text.startsWith('FROM base\n'))).toHaveLength(200);
});

test('a file that changed meanwhile, or cannot be written, leaves everything as it was', () => {
  const folder = repository(flask);
  const changes = [
    { path: 'Dockerfile.base', before: undefined, after: 'FROM x\n', why: verbatim('') },
    { path: 'app/Dockerfile', before: flask['app/Dockerfile'], after: 'FROM base\n', why: verbatim('') },
    { path: 'app2/Dockerfile', before: flask['app2/Dockerfile'], after: 'FROM base\n', why: verbatim('') },
  ];
  const before = contents(folder);
  writeFileSync(join(folder, 'app2/Dockerfile'), 'FROM other\n');
  expect(write(folder, changes)).toBe('app2/Dockerfile is not what it was: nothing is written');
  expect(contents(folder)).toEqual({ ...before, 'app2/Dockerfile': 'FROM other\n' });
  writeFileSync(join(folder, 'app2/Dockerfile'), flask['app2/Dockerfile']);
  chmodSync(join(folder, 'app2/Dockerfile'), 0o444);
  expect(write(folder, changes)).toBe('app2/Dockerfile cannot be written (EACCES): nothing is changed');
  expect(contents(folder)).toEqual(before);
  writeFileSync(join(folder, 'Dockerfile.base'), 'FROM mine\n');
  expect(write(folder, changes)).toBe('Dockerfile.base is there already: nothing is written');
});

test('wrong usage is said in a line', () => {
  repository(flask);
  expect(strata('families')).toBe('strata: no PATH given\nexit code 2\n');
  expect(strata('families', 'nowhere')).toBe('strata: nowhere: no such file\nexit code 2\n');
  expect(strata('extract', '.')).toBe('strata: no --family ID given; strata families PATH shows them\nexit code 2\n');
  expect(strata('extract', '.', '--family', 'x', '--via', 'magic')).toBe('strata: --via: magic is none of file, stage, bake, compose, tag\nexit code 2\n');
  expect(strata('inline')).toBe('strata: no FILE given\nexit code 2\n');
});

function repository(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'strata-families-'));
  folders.push(folder);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const git = (...args: string[]): void => void execFileSync('git', ['-C', folder, '-c', 'user.name=a', '-c', 'user.email=a@b', '-c', 'core.autocrlf=false', ...args]);
  git('init', '-q');
  git('add', '-A');
  git('commit', '-qm', 'first');
  here = folder;
  return folder;
}

function onlyFamily(): string {
  const { families } = JSON.parse(strata('families', '.', '--json')) as { families: { id: string }[] };
  expect(families).toHaveLength(1);
  return families[0].id;
}

function contents(folder: string, below = ''): Record<string, string> {
  return Object.fromEntries(readdirSync(join(folder, below), { withFileTypes: true }).filter(({ name }) => name !== '.git').flatMap((entry) => {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    return entry.isDirectory() ? Object.entries(contents(folder, path)) : [[path, readFileSync(join(folder, path), 'utf8')]];
  }));
}

function notAsked(): never {
  throw new Error('not asked for');
}

/** What a terminal would show, and how it ends where that is not well. */
function strata(...argv: string[]): string {
  let written = '';
  const placed = argv.map((arg, i) => (i === 0 || arg.startsWith('-') || ['--family', '--via'].includes(argv[i - 1]) ? arg : resolve(here, arg)));
  const { exitCode, complaint } = run(placed, {
    read: notAsked, context: () => ({ ignoreFile: null, ignored: null, complaints: [], context: contextOf([]) }), check: checkPaths, save: notAsked, affected: notAsked, families: familyMachine,
    write: (text) => void (written += text), warn: (line) => void (written += `strata: ${line}\n`), version: () => '0', environment: {}, architecture: 'x64',
  });
  const shown = argv[0] === 'families' && !argv.includes('--json') ? written.replace(/^family \w+/gm, 'family <id>') : written;
  const ended = `${shown}${complaint === undefined ? '' : `${complaint}\n`}${exitCode === 0 ? '' : `exit code ${exitCode}\n`}`;
  return ended.replaceAll(`${here}/`, '').replaceAll(here, '.');
}
