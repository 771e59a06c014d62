/** `strata report`: a project in, the page that is written out, as its headings and cells. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Image } from '../src/core/image/model';
import { verbatim } from '../src/core/say';
import { reportOn } from '../src/workspace/report';
import { report } from '../src/workspace/report-command';
import { reportPage } from '../src/workspace/report-page';
import { layersOf } from './layer-pictures';
import { filesIn } from './rules';

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

function project(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'strata-report-'));
  folders.push(folder);
  for (const [path, content] of filesIn(`//- .git/HEAD\nref: refs/heads/main\n${text}`)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

/** What is read of a page, a line for each heading, row and paragraph. */
function read(page: string): string {
  return page.slice(page.indexOf('<main>'), page.indexOf('</main>'))
    .replace(/<svg[\s\S]*?<\/svg>/g, (svg) => (svg.includes('role="img"') ? '(drawing)' : ''))
    .replace(/<\/(?:th|td)>(?=<t)/g, ' | ').replace(/<\/(?:tr|h\d|p|li|dt|caption|figure|dd|summary)>/g, '\n').replace(/<[^>]*>/g, '').replace(/&#(\d+);/g, (_all, code: string) => String.fromCharCode(Number(code)))
    .split('\n').map((line) => line.trim()).filter((line) => line !== '').join('\n');
}

const service = (name: string, flask: string): string => `//- ${name}/Dockerfile\nFROM python:3.12\nENV A=1\nRUN pip install flask==${flask}\nRUN pip install gunicorn==22.0\nCMD ["${name}"]\n`;

test('a family with one that has drifted, and what loses the cache', () => {
  const folder = project(`${service('cart', '2.3')}${service('mail', '2.2')}${service('users', '2.3')}${service('web', '2.3')}//- web.Dockerfile\nFROM debian\nRUN apt-get update\nRUN apt-get install -y curl\n`);
  expect(read(reportPage('shop', reportOn(folder, {}), []))).toMatchInlineSnapshot(`
    "Dockerfiles
    5
    2 base images
    layers
    10
    of their own
    cache loss
    1
    1 with a safe fix
    family
    1
    4 files
    instructions less
    6
    with bases extracted
    drifted step
    1
    unlike most siblings
    Cache losses
    A cached step hides what has changed on a server
    1
    remote-change-hidden: when the rule speaks, and what its fixes change
    1 finding of remote-change-hidden
    Where | Instruction | What is lost, and what mends it
    web.Dockerfile line 2 | RUN apt-get update | The package lists of this step stay as they are in the cache, while line 3 is changed and run with them: it may then find versions that are gone.Safe fix Run apt-get update in the step of line 3
    Families
    one layer for several images
    a layer of one image
    the base image
    unlike most siblings
    4 stages of 4 files on python:3.12
    6 instructions less
    A base image would hold what 3 stages begin with: 6 instructions and 6 lines less, by file, bake, tag.
    (drawing)
    Members
    cart/Dockerfile
    mail/Dockerfile
    users/Dockerfile
    web/Dockerfile
    What they share
    Steps that several members have
    Step | In | Layers
    ENV A=1 | 4 | one layer already
    RUN pip install gunicorn==22.0 | 4 | could be one layer
    RUN pip install flask==2.3 | 3 | one layer already
    RUN pip install gunicorn==22.0 | 3 | one layer already
    Drifted
    Steps unlike those of most siblings
    Where | It has | Most have
    mail/Dockerfile line 3 | RUN pip install flask==2.2 | RUN pip install flask==2.3 3 of 4
    Dockerfiles
    Layers and rows of metadata that each file writes for its last stage, with those of its other stages that this one continues
    Dockerfile | Base image | Stages | Layers | Metadata | Findings
    cart/Dockerfile | python:3.12 | 1 | 2 | 2 |
    mail/Dockerfile | python:3.12 | 1 | 2 | 2 | 1
    users/Dockerfile | python:3.12 | 1 | 2 | 2 |
    web.Dockerfile | debian | 1 | 2 | 0 | 1
    web/Dockerfile | python:3.12 | 1 | 2 | 2 |"
  `);
});

test('a block of a drawing says what it is to a pointer, and to nobody in letters of its own', () => {
  const page = reportPage('shop', reportOn(project(`${service('cart', '2.3')}${service('mail', '2.2')}`), {}), []);
  expect(page).toContain('<g class="block layer ours"><title>Layer 2: RUN pip install gunicorn==22.0</title>');
  expect(page).not.toContain('unseen');
});

test('an instruction of several lines is shown as it is run', () => {
  const folder = project('//- Dockerfile\nFROM debian\nRUN apt-get \\\n  # the lists\n  update\nRUN apt-get install -y curl\n');
  expect(read(reportPage('shop', reportOn(folder, {}), []))).toContain('Dockerfile line 2 | RUN apt-get update | ');
});

test('nothing there', () => {
  expect(read(reportPage('empty', reportOn(project('//- a\n'), {}), []))).toMatchInlineSnapshot(`
    "Dockerfiles
    0
    0 base images
    layers
    0
    of their own
    cache losses
    0
    0 with a safe fix
    families
    0
    0 files
    instructions less
    0
    with bases extracted
    drifted steps
    0
    unlike most siblings
    Cache losses
    Nothing found in 0 Dockerfiles.
    Families
    No Dockerfiles have steps in common.
    Dockerfiles
    Layers and rows of metadata that each file writes for its last stage, with those of its other stages that this one continues
    Dockerfile | Base image | Stages | Layers | Metadata | Findings"
  `);
});

test('names and instructions become no markup, and nothing is loaded or run', () => {
  const folder = project('//- <img src=x onerror=alert(1)>/"\'&.Dockerfile\nFROM debian\nRUN apt-get update\nRUN apt-get install -y "</code><script>alert(1)</script>"\n//- <b>/Dockerfile\nFROM debian\nRUN apt-get update\nRUN apt-get install -y "</code><script>alert(1)</script>"\n');
  const page = reportPage('</title><script>', reportOn(folder, {}), [{ file: '<i>', image: '<i>', size: 2, wasted: 1, doubt: '<i>', items: [{ kind: '<i>', path: '<i>', bytes: 1, line: 1 }], fixes: [{ line: 1, title: '<i>', safe: true }] }]);
  const tags = new Set([...page.matchAll(/<([a-z][a-z0-9]*)/gi)].map(([, tag]) => tag.toLowerCase()));
  expect([...tags].filter((tag) => ['script', 'img', 'link', 'iframe', 'i', 'object', 'base', 'form'].includes(tag))).toEqual([]);
  expect(page).not.toMatch(/<[^>]* (?:style|src|on[a-z]+)=/);
  expect([...page.matchAll(/href="([^"#]*)/g)].every(([, address]) => address === '' || address.startsWith('https://github.com/strata-layers/'))).toBe(true);
  const styles = /<style>([\s\S]*?)<\/style>/.exec(page)?.[1] ?? '';
  expect(page).toContain(`default-src 'none'; style-src 'sha256-${createHash('sha256').update(styles).digest('base64')}'`);
});

test('a drawing of its own for each family, with names of its own', () => {
  const folder = project(['a', 'b', 'c', 'd'].map((name) => `//- ${name}/Dockerfile\nFROM ${name < 'c' ? 'alpine' : 'debian'}:1\nRUN ${name < 'c' ? 'one' : 'two'}\nRUN more ${name < 'c' ? 'of it' : 'things'}\nRUN ${name}\n`).join(''));
  const page = reportPage('shop', reportOn(folder, {}), []);
  const ids = [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
  expect([page.split('role="img"').length - 1, new Set(ids).size === ids.length, /tabindex="-1"|treeitem|unseen/.test(page)]).toEqual([2, true, false]);
  expect([...page.matchAll(/<g class="([^"]*)"><title>([^<]*)/g)].map(([, classes, name]) => `${classes}: ${name}`).slice(0, 4)).toMatchInlineSnapshot(`
    [
      "block unknown base shared: Base alpine:1: its layers are not known, shared by 2 images",
      "block layer ours shared: Layer 1: RUN one, shared by 2 images",
      "block layer ours shared extracts: Layer 2: RUN more of it, shared by 2 images",
      "block layer ours: Layer 3: RUN a",
    ]
  `);
});

test('six hundred Dockerfiles that have much to say are cut', () => {
  const files = Array.from({ length: 1200 }, (_, i) => ({ path: `${'folder/'.repeat(12)}${i}/Dockerfile`, base: 'debian:bookworm', stages: 2, layers: i, metadata: 3, findings: 1 }));
  const text = 'FROM debian\nCOPY . .\n';
  const checked = files.map(({ path }) => ({ path, inRepository: path, text, fixed: [], findings: [{ rule: 'copy-before-install', span: { start: 12, end: 20 }, line: 2, message: verbatim('It is lost. '.repeat(100)), severity: 'hint' as const, related: [], fixes: [] }] }));
  const page = reportPage('large', { files, families: [], checked, complaints: [] }, []);
  expect(page.length).toBeLessThan(2_000_000);
  expect(read(page).split('\n').filter((line) => line.startsWith('and '))).toEqual(['and 1140 findings more', 'and 200 Dockerfiles more']);
});

test('what images waste, each with its lines, and whether these are those of the image', async () => {
  const dockerfile = '//- web/Dockerfile\nFROM debian\nCOPY app /app\nRUN chmod -R 755 /app\nRUN make > /log\nRUN rm /log\n';
  const shown = async (picture: string, ...rows: string[]): Promise<string> => {
    const layers = layersOf(picture);
    const image: Image = {
      reference: 'shop/web', id: 'sha256:1', platform: 'linux/amd64', config: {}, diffIds: layers.map(({ diffId }) => diffId),
      rows: rows.map((createdBy, i) => ({ id: null, created: null, createdBy, comment: '', size: 0, tags: [], emptyLayer: false, diffId: layers[i].diffId })),
    };
    const folder = project(dockerfile);
    const file = join(folder, 'report.html');
    await report([folder, '-o', file, '--image', 'web/Dockerfile=shop/web'], {
      report: reportOn, content: (_, use) => use({ image, layers: () => Promise.resolve(layers), files: () => Promise.reject(new Error('not asked for')) }), write: () => {}, warn: () => {}, save: writeFileSync,
    }, () => ({}));
    return /\nWaste\n([\s\S]*)\nDockerfiles\n/.exec(read(readFileSync(file, 'utf8')))?.[1] ?? 'none';
  };
  const run = (command: string): string => `RUN /bin/sh -c ${command} # buildkit`;
  const picture = '+ bin/sh 9000000\n\n+ app/a 3000000\n+ app/b 2000\n\n~ app/a\n~ app/b\n\n+ log 100000\n\n- log';
  const rows = ['/bin/sh -c #(nop) ADD file:1 in /', 'COPY app /app # buildkit', run('chmod -R 755 /app'), run('make > /log'), run('rm /log')];
  expect(await shown(picture, ...rows)).toMatchInlineSnapshot(`
    "web/Dockerfile, built as shop/web
    3.1 MB of 15 MB are lost to copy-on-write: 21 %.
    What is wasted, the largest first
    Path | Bytes | How | Written by | Wasted by
    /app/a | 3.0 MB | copied-again | line 2 | line 3
    /log | 100 kB | deleted-later | line 4 | line 5
    /app/b | 2.0 kB | copied-again | line 2 | line 3
    line 3 Safe fix Put --chmod=755 on the copy of line 2: saves 3 MB"
  `);
  // Built of what the file was.
  expect(await shown(picture, ...rows.with(2, run('chmod -R 700 /app')))).toMatchInlineSnapshot(`
    "web/Dockerfile, built as shop/web
    3.1 MB of 15 MB are lost to copy-on-write: 21 %. One row is joined by kind and place: the line has another text now.
    What is wasted, the largest first
    Path | Bytes | How | Written by | Wasted by
    /app/a | 3.0 MB | copied-again | line 2 | line 3
    /log | 100 kB | deleted-later | line 4 | line 5
    /app/b | 2.0 kB | copied-again | line 2 | line 3"
  `);
  expect(await shown('+ bin/sh 9000000', rows[0])).toMatchInlineSnapshot(`
    "web/Dockerfile, built as shop/web
    Nothing of its 9.0 MB is lost to copy-on-write. The image has one row only, as one that was flattened, squashed or imported: no line can be told apart."
  `);
});

test('as a command: where it is written, and what cannot be', async () => {
  const folder = project('//- Dockerfile\nFROM debian\nRUN a\n');
  const ran = async (...argv: string[]): Promise<string> => {
    let said = '';
    const say = (line: string): void => void (said += line);
    await report(argv, { report: reportOn, content: () => Promise.reject(new Error('not asked for')), write: say, warn: say, save: writeFileSync }, () => ({})).catch((error: unknown) => say((error as Error).message));
    return said.replaceAll(folder, '.');
  };
  expect(await ran(folder, '-o', join(folder, 'report.html'))).toMatch(/^\.\/report\.html: 1 Dockerfile, \d+(?:\.\d+)? kB\n$/);
  expect(readFileSync(join(folder, 'report.html'), 'utf8')).toContain('<html lang="en">');
  expect([await ran(), await ran(folder), await ran(join(folder, 'no'), '-o', 'x'), await ran(folder, '-o', join(folder, 'no/x')), await ran(folder, '-o', 'x', '--image', 'other=shop'), await ran(folder, '-o', 'x', '--image', 'Dockerfile=')]).toMatchInlineSnapshot(`
    [
      "no PATH given",
      "where to: -o FILE",
      "./no: no such file",
      "./no/x: no such file",
      "--image other=shop: FILE=IMAGE, with a FILE of .",
      "--image Dockerfile=: FILE=IMAGE, with a FILE of .",
    ]
  `);
});
