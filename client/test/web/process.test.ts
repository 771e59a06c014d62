import { showsLines } from '../page/workbench';
import { applications, hinted } from '../projects/applications';
import { test } from '../projects/suite';
import { command, editorOf, says } from '../projects/workbench';

/** What needs an engine, a registry or a program says that none can be reached from here, and where it can. */
const commands: Readonly<Record<string, string>> = {
  'Build and Measure': 'Here is no machine to build on: open the folder in VS Code on a desktop or a remote machine.',
  'Look into the Image': 'Here is no machine that has images: open the folder in VS Code on a desktop or a remote machine.',
  'Show What This Line Added': 'Here is no machine that has images: open the folder in VS Code on a desktop or a remote machine.',
  'Compare Two Layers…': 'Here is no machine that has images: open the folder in VS Code on a desktop or a remote machine.',
  'Show What a Container Changed…': 'Here is no machine that has images: open the folder in VS Code on a desktop or a remote machine.',
  'Choose the Image of This File…': 'Here is no machine that has images: open the folder in VS Code on a desktop or a remote machine.',
  'Ask the Registry About This Image': 'Here is no machine to ask from: open the folder in VS Code on a desktop or a remote machine.',
};

test('each command that needs a machine says so in one sentence', async ({ page, open }) => {
  await open(applications);
  const editor = editorOf(page, 'app/Dockerfile');
  await showsLines(editor, hinted('app'));
  for (const [title, words] of Object.entries(commands)) {
    await editor.locator('.view-line', { hasText: 'FROM' }).click();
    await command(page, title);
    await says(page, words);
    await command(page, 'Clear All Notifications');
  }
});
