import { becomes } from '../runner';
import { hoverOver, chooseAction, showsLines } from '../page/workbench';
import { applications, bakeAction, bakePreview, before, byBake, hinted, short } from './applications';
import { bakes, builds, findEngine } from './engine';
import { test } from './suite';
import { applyPreview, editorOf, preview, says, undo } from './workbench';

test('two applications come to stand on one base, and are taken back by one undo', async ({ page, open }) => {
  const folder = await open(applications);
  const editor = editorOf(page, 'app/Dockerfile');
  await showsLines(editor, hinted('app'));
  await becomes(async () => (await hoverOver(page, editor, 'install')).includes('app2/Dockerfile'), true);

  await chooseAction(page, editor, 'RUN pip', bakeAction);
  await becomes(() => preview(page), bakePreview);
  await applyPreview(page);
  // It is said for ten seconds.
  await says(page, 'docker buildx bake');
  await becomes(async () => folder.files(), byBake);
  await showsLines(editor, short('app').replace('base', 'base ‹base: unknown›').replace(/(COPY.*)/, '$1 ‹rebuilds · layer 1 · [1/2]›'));

  await undo(page, editor);
  await becomes(async () => folder.files(), before);
  await showsLines(editor, hinted('app'));
});

test('Bake then builds the images that were built before', async ({ page, open }) => {
  const engine = await findEngine();
  if (typeof engine === 'string') return engine;
  try {
    const folder = await open(applications);
    const editor = editorOf(page, 'app/Dockerfile');
    await showsLines(editor, hinted('app'));
    const images = { app: await builds(engine, folder, 'app'), app2: await builds(engine, folder, 'app2') };
    await chooseAction(page, editor, 'RUN pip', bakeAction);
    await becomes(() => preview(page), bakePreview);
    await applyPreview(page);
    await becomes(async () => folder.files(), byBake);
    await becomes(() => bakes(engine, folder, ['app', 'app2']), images);
  } finally {
    await engine.end();
  }
});
