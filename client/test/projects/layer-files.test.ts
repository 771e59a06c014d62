import { becomes } from '../runner';
import { hoverOver, showsLines, soon, succeeds } from '../page/workbench';
import { findEngine } from './engine';
import { test } from './suite';
import { choose, command, editorOf, says, tree, viewOf } from './workbench';

test('what a line added is a tree of files: a text opens beside the one that it replaced; two layers and a container, too', async ({ page, open }) => {
  const engine = await findEngine();
  if (typeof engine === 'string') return engine;
  try {
    const image = engine.tag('app');
    const text = `FROM ${engine.base}\nCOPY . /app\nRUN sed -i s/1/2/ /app/conf.ini && mkdir /app/log && echo ${process.pid} >/app/log/pid && rm /app/old.txt\n`;
    await open({ 'app/Dockerfile': text, 'app/.dockerignore': 'Dockerfile\n.dockerignore\n', 'app/conf.ini': 'level = 1\n', 'app/old.txt': 'old\n', 'app/pkg/deep/app.py': 'print()\n', 'compose.yaml': `services:\n  app:\n    image: ${image}\n    build: app\n` });
    const editor = editorOf(page, 'app/Dockerfile');
    await showsLines(editor, `FROM ${engine.base} ‹base: 2 layers · SIZE›`, (line) => line.replace(/[\d.]+[kM]B/, 'SIZE'));
    await command(page, 'Build and Measure');
    await says(page, `Built ${image}`);

    // From the menu of the line itself.
    const item = page.locator('.context-view').getByText('Show What This Line Added');
    await becomes(async () => {
      if (!(await item.isVisible())) await succeeds(editor.locator('.view-line', { hasText: 'sed' }).getByText('sed').click({ button: 'right', ...soon }));
      // A menu that has only just come does not hear a click.
      await succeeds(item.click(soon));
      return succeeds(item.waitFor({ state: 'hidden', ...soon }));
    }, true);
    const pid = String(process.pid).length + 1;
    await becomes(() => tree(page, 'Layer Files'), `\
app ‹${10 + pid} B · 2 added, 1 changed, 1 removed›
  conf.ini ‹10 B · changed: content›
  log ‹added · ${pid} B · 1 in it›
    pid ‹${pid} B›
  old.txt ‹removed · 4 B stay in the layers below›
`);
    const view = await viewOf(page, 'Layer Files');
    await view.locator('.monaco-list-row', { hasText: 'conf.ini' }).click();
    const sides = page.locator('.monaco-diff-editor');
    await becomes(async () => (await sides.locator('.view-line').allInnerTexts()).map((line) => line.replaceAll('\u00a0', ' ')).filter((line) => line !== ''), ['level = 1', 'level = 2']);
    await view.locator('.monaco-list-row', { hasText: 'old.txt' }).click();
    await becomes(async () => (await page.locator('.monaco-editor[data-uri*="/app/old.txt"] .view-line').allInnerTexts())[0], 'old');

    await page.locator('.tab', { hasText: 'Dockerfile' }).click();
    await editor.locator('.view-line', { hasText: 'COPY' }).click();
    await command(page, 'Compare Two Layers…');
    await choose(page, 'base layer 2');
    await choose(page, 'layer 2 · RUN sed');
    await becomes(async () => (await tree(page, 'Layer Files')).split('\n')[0], `app ‹added · ${10 + 8 + pid} B · 6 in it›`);

    const container = await engine.container(image, '/app/conf.ini');
    await command(page, 'Show What a Container Changed…');
    await becomes(() => tree(page, 'Layer Files'), 'app ‹1 changed›\n  conf.ini ‹changed›\n');
    await becomes(async () => (await (await viewOf(page, 'Layer Files')).innerText()).includes(`container ${container}`), true);

    // Nobody but the user says that the image is another one.
    await command(page, 'Choose the Image of This File…');
    await page.locator('.quick-input-widget input').fill(engine.base);
    await choose(page, engine.base);
    await showsLines(editor, `FROM ${engine.base} ‹base: 2 layers · SIZE›\nCOPY . /app ‹layer 1 · [2/3]›`, (line) => line.replace(/[\d.]+[kM]B/, 'SIZE'));
    await command(page, 'Choose the Image of This File…');
    await choose(page, 'As the project says');
    await becomes(async () => (await hoverOver(page, editor, 'COPY')).includes('In no other image here.'), true);
  } finally {
    await engine.end();
  }
});
