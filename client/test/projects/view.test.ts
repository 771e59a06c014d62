import { becomes } from '../runner';
import { showsLines, soon, succeeds } from '../page/workbench';
import { applications, bakeAction, before, dockerfile, hinted, short } from './applications';
import { test } from './suite';
import { applyPreview, choices, choose, command, editorOf, extractFrom, familiesView, preview, says, tree, untick } from './workbench';

const worker = (flask: string) => `\
FROM python:3.8-alpine
RUN pip install ${flask}
COPY worker.py /worker.py
`;

test('the view has the base, who would stand on it, what is shared, and who has drifted', async ({ page, open }) => {
  await open({ 'a/Dockerfile': worker('flask==2.3'), 'b/Dockerfile': worker('flask==2.3'), 'c/Dockerfile': worker('flask==2.3'), 'd/Dockerfile': worker('flask==2.2') });
  await becomes(() => tree(page), `\
python:3.8-alpine ‹4 siblings · 1 drifted›
  Base: python:3.8-alpine + 1 step ‹saves 2 instructions›
    a/Dockerfile
    b/Dockerfile
    c/Dockerfile
  Other siblings ‹1›
    ⚠ d/Dockerfile ‹drifted: pip install flask==2.2›
      RUN pip install flask==2.2 ‹most: pip install flask==2.3›
  Shared steps ‹2›
    RUN pip install flask==2.3 ‹differs in a version · 4 siblings›
      a/Dockerfile ‹line 2›
      b/Dockerfile ‹line 2›
      c/Dockerfile ‹line 2›
      d/Dockerfile ‹line 2›
    RUN pip install flask==2.3 ‹one layer already · 3 siblings›
      a/Dockerfile ‹line 2›
      b/Dockerfile ‹line 2›
      c/Dockerfile ‹line 2›
`);
  await (await familiesView(page)).locator('.monaco-list-row', { hasText: 'most: pip' }).click();
  await showsLines(editorOf(page, 'd/Dockerfile'), 'FROM python:3.8-alpine ‹base: unknown›');
});

test('one Dockerfile alone: the view says what it looks for', async ({ page, open }) => {
  await open({ 'Dockerfile': dockerfile('app') });
  await (await familiesView(page)).getByText('There have to be at least two').waitFor();
});

test('the view follows what is typed and saved', async ({ page, open }) => {
  await open({ 'app/Dockerfile': dockerfile('app'), 'app2/Dockerfile': 'FROM scratch\n' });
  await (await familiesView(page)).getByText('There have to be at least two').waitFor();
  const editor = editorOf(page, 'app/Dockerfile');
  await editor.locator('.view-line').first().click();
  await page.keyboard.press('Control+KeyA');
  await page.keyboard.type('FROM debian:12\nRUN a\n\nFROM debian:12\nRUN a\n');
  await becomes(async () => (await tree(page)).split('\n')[0], 'app ‹2 siblings · on debian:12›');
});

test('a base is extracted from the view; a file that is unticked stays as it is', async ({ page, open }) => {
  const folder = await open(applications);
  await becomes(async () => (await tree(page)).split('\n')[0], 'python:3.8-alpine ‹2 siblings›');
  await extractFrom(page, 'Base: python:3.8-alpine');
  await becomes(async () => (await choices(page)).slice(0, 3), ['Extract base image: one Dockerfile with 2 targets', bakeAction, 'Extract base image as a tagged image']);
  await choose(page, bakeAction);
  await becomes(async () => (await preview(page)).match(/☑/g)?.length, 4);
  await untick(page, 'app2');
  await becomes(async () => (await preview(page)).match(/☐.*/g), ['☐ app2/Dockerfile']);
  await applyPreview(page);
  await becomes(async () => Object.keys(folder.files()), ['Dockerfile.base', 'app/Dockerfile', 'app2/Dockerfile', 'docker-bake.hcl']);
  await becomes(async () => [folder.files()['app/Dockerfile'], folder.files()['app2/Dockerfile']], [short('app'), dockerfile('app2')]);
});

test('a base is put back by the palette', async ({ page, open }) => {
  const folder = await open(applications);
  await showsLines(editorOf(page, 'app/Dockerfile'), hinted('app'));
  await command(page, 'Extract Base Image');
  await choose(page, bakeAction);
  await becomes(async () => (await preview(page)).match(/☑/g)?.length, 4);
  await applyPreview(page);
  await says(page, 'docker buildx bake');
  await becomes(async () => folder.files()['app/Dockerfile'], short('app'));
  // The editor tells of a file that it has written when its file system does.
  await becomes(async () => {
    await command(page, 'Put the Base Image Back');
    return succeeds(page.locator('.bulk-edit-panel .monaco-list-row').first().waitFor(soon));
  }, true);
  await applyPreview(page);
  await becomes(async () => folder.files()['app/Dockerfile'], before['app/Dockerfile']);
});
