import { becomes } from '../runner';
import { chooseAction, showsLines } from '../page/workbench';
import { applications, bakeAction, before, byBake, dockerfile, hinted, short } from './applications';
import { test } from './suite';
import { applyPreview, editorOf, extractFrom, familiesView, preview, says, tree } from './workbench';

test('a Dockerfile.base that is there keeps its name', async ({ page, open }) => {
  const there = { 'Dockerfile.base': 'FROM debian:12\n' };
  const folder = await open({ ...applications, ...there });
  const editor = editorOf(page, 'app/Dockerfile');
  await showsLines(editor, hinted('app'));
  await chooseAction(page, editor, 'RUN pip', bakeAction);
  await becomes(async () => (await preview(page)).match(/☑/g)?.length, 4);
  await applyPreview(page);
  await becomes(async () => folder.files()['app/Dockerfile']?.split('\n').length, short('app').split('\n').length);
  await becomes(async () => folder.files()['Dockerfile.base'], there['Dockerfile.base']);
  await becomes(async () => Object.keys(folder.files()).length, 5);
});

test('siblings keep the ends of their lines', async ({ page, open }) => {
  const windows = (text: string) => text.replaceAll('\n', '\r\n');
  const folder = await open(Object.fromEntries(Object.entries(applications).map(([path, text]) => [path, windows(text)])));
  const editor = editorOf(page, 'app/Dockerfile');
  await showsLines(editor, hinted('app'));
  await chooseAction(page, editor, 'RUN pip', bakeAction);
  await becomes(async () => (await preview(page)).match(/☑/g)?.length, 4);
  await applyPreview(page);
  await becomes(async () => [folder.files()['app/Dockerfile'], folder.files()['app2/Dockerfile']], [windows(short('app')), windows(short('app2'))]);
  // A new file has the ends that the editor gives to new files.
  await becomes(async () => folder.files()['Dockerfile.base']?.replaceAll('\r\n', '\n'), byBake['Dockerfile.base']);
});

test('a sibling that is half written is named, and nothing is offered', async ({ page, open }) => {
  const files = { ...before, 'app3/Dockerfile': `${dockerfile('app3')}COPY\n` };
  const folder = await open(files);
  await becomes(async () => (await tree(page)).split('\n')[0], 'python:3.8-alpine ‹3 siblings›');
  await extractFrom(page, 'Base: python:3.8-alpine');
  await says(page, 'app3/Dockerfile has an error in line 5');
  await becomes(async () => folder.files(), files);
});

test('two hundred siblings are one family, and come to one base', async ({ page, open }) => {
  const names = Array.from({ length: 200 }, (_, i) => `app${i + 100}`);
  const folder = await open(Object.fromEntries(names.map((name) => [`${name}/Dockerfile`, dockerfile(name)])));
  const editor = editorOf(page, 'app100/Dockerfile');
  await showsLines(editor, hinted('app100').replace('with 1', 'with 199'));
  const view = await familiesView(page);
  await becomes(async () => (await view.locator('.monaco-list-row').nth(1).locator('.label-name').innerText()).replaceAll('\u00a0', ' '), 'Base: python:3.8-alpine + 1 step');
  await chooseAction(page, editor, 'RUN pip', bakeAction);
  await preview(page);
  await applyPreview(page);
  await becomes(async () => names.filter((name) => folder.files()[`${name}/Dockerfile`] !== short(name)), []);
});

test('no family: the view is empty, and the light bulb offers no base', async ({ page, open }) => {
  await open({ 'Dockerfile': dockerfile('app'), 'web/Dockerfile': 'FROM nginx:1.27\nCOPY . /usr/share/nginx/html\n' });
  await showsLines(editorOf(page, 'Dockerfile'), 'FROM python:3.8-alpine ‹base: unknown›');
  await becomes(() => tree(page), '');
  await (await familiesView(page)).getByText('There have to be at least two').waitFor();
});
