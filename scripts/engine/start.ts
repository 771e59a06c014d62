/** What every script on a live engine begins and ends with. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reach, removeImages, shellFiles, stop, type Engine } from './docker';

/** `--name value`, and `--name` alone, whose value is empty. */
export function optionsOf(argv: readonly string[] = process.argv.slice(2)): ReadonlyMap<string, string> {
  return new Map(argv.map((name, i) => [name, argv[i + 1] === undefined || argv[i + 1].startsWith('--') ? '' : argv[i + 1]]));
}

/** A folder that is gone when we are, with the images that have been made by then. */
export function scratchFolder(name: string, images: () => readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), `strata-${name}-`));
  process.on('SIGINT', () => void stop().then(() => process.exit(130)));
  process.on('SIGTERM', () => void stop().then(() => process.exit(143)));
  process.on('exit', () => {
    const made = images();
    if (made.length > 0) removeImages([...made]);
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** `shell`: files of an image that has one. Says why there is no engine, and `name: none`. */
export async function onEngine(name: string, main: (engine: Engine, shell: Buffer) => Promise<void>): Promise<void> {
  const engine = await reach();
  const shell = typeof engine === 'string' ? undefined : await shellFiles();
  if (typeof engine === 'string' || !shell) {
    console.log(typeof engine === 'string' ? engine : 'The test needs any small image with /bin/sh on the engine, and none could be pulled: docker pull busybox, or docker import one.');
    console.log(`${name}: none`);
    return;
  }
  console.log(engine.name);
  await main(engine, shell);
}
