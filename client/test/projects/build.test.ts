import { becomes } from '../runner';
import { hoverOver, showsLines } from '../page/workbench';
import { findEngine } from './engine';
import { test } from './suite';
import { command, editorOf, says } from './workbench';

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
    await says(page, `Built ${image}`);
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

    // What is typed now is compared with what was built.
    await editor.locator('.view-line', { hasText: 'RUN' }).click();
    await page.keyboard.press('End');
    await page.keyboard.type('==2.3');
    await showsLines(editor, `FROM ${engine.base} ‹base: 2 layers · SIZE›\nRUN pip install ${packages}==2.3 ‹rebuilds · layer 1 · [2/3]›`, blur);
  } finally {
    await engine.end();
  }
});
