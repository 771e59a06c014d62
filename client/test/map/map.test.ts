import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { soon, succeeds } from '../page/workbench';
import { becomes } from '../runner';
import { test } from '../projects/suite';
import { command, editorOf, familiesView } from '../projects/workbench';
import { block, drawn, line, mapOf, openMap } from './workbench';

const flask = 'FROM python:3.8-alpine\nRUN pip install flask\nCMD ["python","app.py"]\nCOPY app.py /app.py\n';
const flask2 = flask.replaceAll('app.py', 'app2.py');
const stages = 'FROM golang:1.22 AS build\nWORKDIR /src\nCOPY . .\nRUN go build -o /app\n\nFROM scratch\nCOPY --from=build /app /app\n';

test('the stack of the flask example, a click to the line and the line to its layer', async ({ page, open }) => {
  await open({ Dockerfile: flask, 'app.py': '' });
  await openMap(page);
  await becomes(() => drawn(page), [
    'Layer 2 of 2: COPY app.py /app.py; size not known', 'Metadata: CMD ["python","app.py"]', 'Layer 1 of 2: RUN pip install flask; size not known',
    '▶ Base python:3.8-alpine: its layers are not known', '▶ Stage python:3.8-alpine, 2 layers of this file, the target',
  ]);
  await block(page, 'COPY app.py').click();
  await becomes(() => line(editorOf(page, 'Dockerfile')), '4');
  await becomes(async () => (await drawn(page)).filter((text) => text.startsWith('▶')), ['▶ Layer 2 of 2: COPY app.py /app.py; size not known']);
  await editorOf(page, 'Dockerfile').locator('.view-line', { hasText: 'RUN pip' }).click();
  await becomes(async () => (await drawn(page)).filter((text) => text.startsWith('▶')), ['▶ Layer 1 of 2: RUN pip install flask; size not known']);
  await block(page, 'COPY app.py').hover();
  await becomes(async () => /layer 2 of 2.*COPY writes a layer.*CREATED BY/s.test(await mapOf(page).locator('#card').innerText()), true);
});

test('five hundred layers, and a folder whose name is markup', async ({ page, open }) => {
  const many = `FROM scratch\n${Array.from({ length: 500 }, (_, i) => `COPY f${i} /</text><script>window.bad=1</script>`).join('\n')}\n`;
  await open({ '<img src=x onerror=alert(1)>/Dockerfile': many });
  await openMap(page);
  await becomes(() => mapOf(page).locator('[role="treeitem"]').count(), 501);
  await becomes(() => mapOf(page).locator('body').evaluate((body) => [body.querySelectorAll('script').length, body.querySelectorAll('img').length, (window as unknown as { bad?: number }).bad]), [1, 0, undefined]);
});

test('it follows what is typed, half-written lines too', async ({ page, open }) => {
  await open({ Dockerfile: flask, 'app.py': '' });
  await openMap(page);
  await block(page, 'RUN pip').waitFor();
  const editor = editorOf(page, 'Dockerfile');
  await editor.locator('.view-line', { hasText: 'RUN pip' }).click();
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await page.keyboard.type('RUN echo <b>&amp;');
  await becomes(async () => (await drawn(page))[2], '▶ Layer 2 of 3: RUN echo <b>&amp;; rebuilds, size not known');
  await page.keyboard.press('Control+KeyA');
  await page.keyboard.type('FRO');
  await mapOf(page).getByText('A FROM begins a stage: there is none yet.').waitFor();
  await page.keyboard.press('Control+KeyA');
  await page.keyboard.type('FROM x\nFROM x AS \nCOPY --from= ');
  await becomes(async () => (await drawn(page)).filter((text) => text.includes('Stage ')).length, 2);
});

test('who types keeps the focus while it is drawn anew, though a layer was clicked before', async ({ page, open }) => {
  await open({ Dockerfile: flask, 'app.py': '' });
  await openMap(page);
  await block(page, 'RUN pip').locator('.body').click();
  const editor = editorOf(page, 'Dockerfile');
  await becomes(() => line(editor), '2');
  await editor.locator('.view-line', { hasText: 'RUN pip' }).click();
  await page.keyboard.press('End');
  for (const [key, text] of [['1', 'flask1'], ['2', 'flask12'], ['3', 'flask123']] as const) {
    await page.keyboard.type(key);
    await becomes(async () => (await drawn(page))[2], `▶ Layer 1 of 2: RUN pip install ${text}; rebuilds, size not known`);
  }
});

test('the keyboard alone walks the whole map, and leads to each line', async ({ page, open }) => {
  await open({ Dockerfile: stages });
  await openMap(page);
  await block(page, 'COPY --from').waitFor();
  // As Tab does it: the one item that the keyboard comes to.
  await mapOf(page).locator('#png').focus();
  await page.keyboard.press('Tab');
  const seen = new Set<string>();
  const focused = () => mapOf(page).locator('[role="treeitem"]:focus .unseen').textContent();
  const walk = async (key: string): Promise<void> => {
    for (let before = ''; before !== (await focused()); ) {
      before = (await focused()) ?? '';
      seen.add(before);
      await page.keyboard.press(key);
    }
  };
  await walk('ArrowUp');
  await walk('ArrowDown');
  await page.keyboard.press('ArrowRight');
  await walk('ArrowUp');
  await walk('ArrowDown');
  await becomes(async () => [...seen].sort(), (await drawn(page)).map((text) => text.replace('▶ ', '')).sort());
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowUp');
  await becomes(focused, 'Layer 1 of 3: WORKDIR /src');
  await page.keyboard.press('Enter');
  await becomes(() => line(editorOf(page, 'Dockerfile')), '2');
  await becomes(() => editorOf(page, 'Dockerfile').locator('textarea, .native-edit-context').first().evaluate((input) => input === document.activeElement), true);
});

test('heights, zoom and what it is of are there again after the window was closed', async ({ page, open }) => {
  await open({ Dockerfile: flask, 'app.py': '' });
  await openMap(page);
  await block(page, 'RUN pip').waitFor();
  await mapOf(page).locator('#size').click();
  await mapOf(page).locator('#in').click();
  const percent = await mapOf(page).locator('#percent').innerText();
  // An address that names a file opens that one, and nothing that was open before.
  await page.evaluate(() => history.replaceState(null, '', location.href.replace(/&payload=.*/, '')));
  await command(page, 'Developer: Reload Window');
  await block(page, 'RUN pip').waitFor();
  await becomes(() => mapOf(page).locator('#size').getAttribute('aria-pressed'), 'true');
  await becomes(() => mapOf(page).locator('#percent').innerText(), percent);
});

test('a narrow page draws it smaller, as far as it can be read', async ({ page, open }) => {
  await open({ Dockerfile: stages });
  await openMap(page);
  await block(page, 'COPY --from').waitFor();
  const size = page.viewportSize()!;
  await page.setViewportSize({ width: 760, height: 600 });
  await becomes(() => mapOf(page).locator('#percent').innerText(), '60 %');
  await page.setViewportSize({ width: 2400, height: 900 });
  await becomes(() => mapOf(page).locator('#percent').innerText(), '100 %');
  await page.setViewportSize(size);
});

test('two siblings side by side: what they share is drawn once', async ({ page, open }) => {
  await open({ 'app/Dockerfile': flask, 'app/app.py': '', 'app2/Dockerfile': flask2, 'app2/app2.py': '' });
  await (await familiesView(page)).locator('.monaco-list-row', { hasText: '2 siblings' }).waitFor();
  await command(page, 'Show Images Side by Side…');
  const rows = page.locator('.quick-input-widget .monaco-list-row');
  await rows.filter({ hasText: 'app2/Dockerfile' }).click();
  await page.keyboard.press('Enter');
  await becomes(() => drawn(page), [
    'Layer 2: COPY app.py /app.py', 'Metadata: CMD ["python","app.py"]', 'Layer 1: RUN pip install flask, shared by 2 images',
    '▶ Base python:3.8-alpine: its layers are not known, shared by 2 images', '▶ Image app/Dockerfile, 2 layers',
    'Layer 2: COPY app2.py /app2.py', 'Metadata: CMD ["python","app2.py"]', 'Image app2/Dockerfile, 2 layers',
  ].map((text) => text.replace('▶ Base', 'Base')));
  const width = async (text: string) => (await block(page, text).locator('.body').boundingBox())?.width ?? Number.NaN;
  await becomes(async () => (await width('RUN pip')) > 1.9 * (await width('COPY app.py')), true);
});

test('a family of forty: the tree of what it shares, on a base of its own, and the way to that base', async ({ page, open }) => {
  const files = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`s${String(i).padStart(2, '0')}/Dockerfile`, `FROM python:3.12-slim\nENV A=1\nWORKDIR /app\nRUN pip install flask==${i === 7 ? '2.2' : '2.3'}\n${i % 2 ? 'RUN pip install gunicorn\n' : ''}COPY . .\nCMD ["s${i}"]\n`]));
  await open(files);
  const row = (await familiesView(page)).locator('.monaco-list-row', { hasText: '40 siblings' });
  await row.hover();
  await row.getByLabel('Show the Map of a Family', { exact: true }).dispatchEvent('click');
  await becomes(async () => (await drawn(page)).filter((text) => text.includes('shared by')), [
    'base + 1 layer, shared by 40: python:3.12-slim; WORKDIR /app', 'Layer 2: RUN pip install flask==2.3, shared by 39 images', 'Layer 3: RUN pip install gunicorn, shared by 19 images',
  ]);
  await becomes(async () => (await drawn(page)).filter((text) => text.includes('differs')).length, 1);
  await mapOf(page).locator('#after').click();
  await mapOf(page).locator('.block.base', { hasText: 'RUN pip install flask==2.3' }).waitFor();
  await mapOf(page).locator('#extract').click();
  await page.locator('.quick-input-widget', { hasText: 'Extract Base Image' }).waitFor();
  await page.keyboard.press('Escape');
});

test('it is saved as SVG with the colours of the theme, and as PNG', async ({ page, open }) => {
  const { path } = await open({ Dockerfile: flask, 'app.py': '' });
  await openMap(page);
  await block(page, 'RUN pip').waitFor();
  for (const [format, begins] of [['svg', '<?xm'], ['png', '\u0089PNG']] as const) {
    const file = join(path, `map.${format}`);
    const dialog = page.locator('.quick-input-widget');
    // A dialog that looks up where it is does not hear the key: again, then.
    await becomes(async () => {
      if (signature(file) === begins) return true;
      await page.keyboard.press('Escape');
      await mapOf(page).locator(`#${format}`).click();
      const input = dialog.locator('input[type="text"]').first();
      if (!(await succeeds(input.waitFor(soon)))) return false;
      await input.fill(file);
      await page.keyboard.press('Enter');
      await succeeds(dialog.waitFor({ state: 'hidden', ...soon }));
      return signature(file) === begins;
    }, true);
  }
  await becomes(async () => /^<\?xml[^]*<text[^>]*fill="rgb\(\d+, \d+, \d+\)"[^>]*>RUN pip install flask<\/text>/.test(readFileSync(join(path, 'map.svg'), 'utf8')), true);
});

test('axe finds nothing on it', async ({ page, open }) => {
  await open({ Dockerfile: stages });
  await openMap(page);
  await block(page, 'COPY --from').waitFor();
  await becomes(() => axe(page), []);
});

/** The violations, with the elements. */
async function axe(page: Page): Promise<string[]> {
  const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  await mapOf(page).locator('body').waitFor();
  const frame = page.frames().find((one) => one.name() === 'active-frame' || one.parentFrame()?.url().includes('/webview/'));
  await frame!.evaluate(source);
  return frame!.evaluate(async () => {
    const { violations } = await (window as unknown as { axe: { run: () => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } }).axe.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`);
  });
}

function signature(file: string): string {
  try {
    return readFileSync(file, 'latin1').slice(0, 4);
  } catch {
    return '';
  }
}
