/** The extension in a real VS Code: how long its first hints take, and how large it is. Uses the editor of `npm test`, where one is. */
import { build } from 'esbuild';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { median, milliseconds, printTable, type Row } from './bench-measure';

/** The scripts of scripts/vscode stay where they are: bundled, they would look for their neighbours beside us. */
const harness = (name: string) => import(pathToFileURL(resolve('scripts/vscode', name)).href);

export async function benchActivation(starts: number): Promise<Row[]> {
  const title = `activate() → first hints in VS Code, ${starts} starts of it`;
  const times: { activated: number; hinted: number }[] = [];
  try {
    const editor = await editorHere();
    for (let i = 0; i < starts; i++) times.push(await startOnce(editor));
  } catch (error) {
    console.log(`${title}: skipped, ${error instanceof Error ? error.message : String(error)}\n`);
    return [];
  }
  const hinted = times.map((time) => time.hinted);
  const rows: Row[] = [
    { what: '  activate() done', ours: milliseconds(median(times.map((time) => time.activated))) },
    { what: '  first hints, median', ours: milliseconds(median(hinted)), target: '< 400 ms', holds: median(hinted) < 400 },
    { what: '  first hints, slowest', ours: milliseconds(Math.max(...hinted)) },
  ];
  printTable(title, rows);
  return rows;
}

/** Nothing is downloaded for a benchmark: what `npm test` has brought is taken. */
async function editorHere(): Promise<{ executable: string; display: string[] }> {
  const { cache } = await harness('install.mjs');
  const brought = existsSync(cache) ? readdirSync(cache) : [];
  if (brought.includes('desktop')) {
    const { desktopEditor } = await harness('desktop.mjs');
    const desktop = await desktopEditor();
    if (desktop) return desktop;
  }
  if (brought.some((name) => name.startsWith('server-'))) return { executable: resolve('scripts/vscode/launcher.mjs'), display: [] };
  throw new Error('no VS Code here: `npm test` brings one');
}

async function startOnce({ executable, display }: { executable: string; display: string[] }): Promise<{ activated: number; hinted: number }> {
  const { run } = await harness('process.mjs');
  const { temporaryFolder } = await harness('server.mjs');
  const tests = resolve('out/scripts/bench-activation.js');
  await build({ entryPoints: ['scripts/bench-activation.ts'], outfile: tests, bundle: true, platform: 'node', format: 'cjs', target: 'node20', external: ['vscode'] });
  const report = join(await temporaryFolder(), 'times.json');
  const options = { executable, extension: resolve('.'), tests, launchArgs: [resolve('examples/multi-stage')], env: { STRATA_BENCH: report } };
  const command = [...display, process.execPath, resolve('scripts/vscode/suite.mjs'), JSON.stringify(options)];
  await run(command[0], command.slice(1), { quiet: true, shell: false, limit: 120 });
  return JSON.parse(readFileSync(report, 'utf8'));
}

export async function benchSize(): Promise<Row[]> {
  const { packageExtension } = await harness('package.mjs');
  const { temporaryFolder } = await harness('server.mjs');
  const size = statSync(await packageExtension(await temporaryFolder())).size;
  const rows: Row[] = [
    { what: '  the .vsix', ours: kilobytes(size), target: '< 1 MB', holds: size < 1_000_000 },
    ...readdirSync('dist').filter((name) => name.endsWith('.js')).sort().map((name): Row => ({ what: `  dist/${name}`, ours: kilobytes(statSync(join('dist', name)).size) })),
  ];
  printTable('size', rows);
  return rows;
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(0)} KB`;
}
