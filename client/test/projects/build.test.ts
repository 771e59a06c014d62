import { becomes } from '../runner';
import { hoverOver, lightBulb, showsLines } from '../page/workbench';
import { findEngine } from './engine';
import { test } from './suite';
import { choose, command, editorOf, says } from './workbench';

/** The base's size is that of whatever has a shell here, no two builds take the same time, and the bracket goes where there is no room. */
const blur = (line: string): string => line.replace(/·\[\d\/\d\](?=·)/, '').replace(/<?[\d.]+s$/, 'TIME').replace(/[\d.]+[kM]B$/, 'SIZE');

test('build and measure: sizes and times on the lines, the rows of the image in the hover', async ({ page, open }) => {
  const engine = await findEngine();
  if (typeof engine === 'string') return engine;
  try {
    const image = engine.tag('app');
    // What no build before has in its cache.
    const packages = `flask app-${process.pid}`;
    const text = `FROM ${engine.base}\nRUN pip install ${packages}\nCMD ["python","app.py"]\nCOPY app.py /app.py\n`;
    await open({ 'app/Dockerfile': text, 'app/app.py': 'print("hello")\n', 'compose.yaml': `services:\n  app:\n    image: ${image}\n    build: app\n` });
    const editor = editorOf(page, 'app/Dockerfile');
    await showsLines(editor, `FROM ${engine.base} ‹base: 2 layers · SIZE›\nRUN pip install ${packages} ‹layer 1 · [2/3]›`, blur);
    await command(page, 'Build and Measure');
    await says(page, new RegExp(`Built ${image} in .*: 2 steps run, 0 from the cache`));
    await showsLines(editor, `\
FROM ${engine.base} ‹base: 2 layers · SIZE›
RUN pip install ${packages} ‹layer 1 · ${`install ${packages}\n`.length} B · TIME›
CMD ["python","app.py"]
COPY app.py /app.py ‹layer 2 · 15 B · TIME›
`, blur);
    await becomes(async () => {
      const hover = await hoverOver(page, editor, 'CMD');
      return [`In the image ${image}`, 'CMD ["python" "app.py"]', `RUN /bin/sh -c pip install ${packages}`, '0 B', '<missing>', 'base'].filter((words) => !hover.includes(words));
    }, []);

    await command(page, 'Tasks: Run Build Task');
    await choose(page, 'build and measure app/Dockerfile');
    // Ticked: it ended well.
    await page.locator('.part.panel .single-terminal-tab', { hasText: 'build and measure app/Dockerfile' }).locator('.codicon-check').waitFor();

    // What is typed now is compared with what was built.
    await editor.locator('.view-line', { hasText: 'RUN' }).click();
    await page.keyboard.press('End');
    await page.keyboard.type('==2.3');
    await showsLines(editor, `FROM ${engine.base} ‹base: 2 layers · SIZE›\nRUN pip install ${packages}==2.3 ‹rebuilds · layer 1 · [2/3]›`, blur);
  } finally {
    await engine.end();
  }
});

test('what the image wastes is found on the line that wastes it, and fixed', async ({ page, open }) => {
  const engine = await findEngine();
  if (typeof engine === 'string') return engine;
  try {
    const image = engine.tag('app');
    const text = `FROM ${engine.base}\nWORKDIR /app\nCOPY . .\nRUN chown -R 5:6 /app\nUSER 5:6\nCMD ["python","app.py"]\n`;
    const { files } = await open({ 'app/Dockerfile': text, 'app/.dockerignore': 'Dockerfile\n.dockerignore\n', 'app/app.py': `# ${process.pid}\n`.padEnd(2_000_000, '#'), 'compose.yaml': `services:\n  app:\n    image: ${image}\n    build: app\n` });
    const editor = editorOf(page, 'app/Dockerfile');
    await showsLines(editor, `FROM ${engine.base} ‹base: 2 layers · SIZE›\nWORKDIR /app ‹layer 1 · [2/4]›`, blur);
    await command(page, 'Build and Measure');
    await says(page, `Built ${image}`);
    await becomes(async () => (await hoverOver(page, editor, 'RUN')).includes('its layer holds it a second time, 2 MB (/app/app.py)'), true);

    await command(page, 'Look into the Image');
    await says(page, `${image}: 2 MB of`);

    const menu = await lightBulb(page, editor, 'RUN');
    await menu.getByText('Put --chown=5:6 on the copy of line 3: saves 2 MB').click();
    await editor.locator('.view-line', { hasText: '--chown=5:6' }).waitFor();
    await command(page, 'Build and Measure');
    await showsLines(editor, `\
FROM ${engine.base} ‹base: 2 layers · SIZE›
WORKDIR /app ‹layer 1 · 0 B›
COPY --chown=5:6 . . ‹layer 2 · 2 MB · TIME›
RUN chown 5:6 /app ‹layer 3 · 0 B · TIME›
`, (line) => blur(line).replace(/^(WORKDIR.*)·TIME$/, '$1'));
    await becomes(async () => files()['app/Dockerfile'], text.replace('COPY', 'COPY --chown=5:6').replace('chown -R', 'chown'));
  } finally {
    await engine.end();
  }
});
