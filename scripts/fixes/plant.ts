/** Builds what a condition plants, before and after the plain fix, and says whether they differ. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { docker } from '../engine/docker';
import { tarOver } from '../engine/tar';
import type { Condition } from './conditions';
import { configDiffering } from './files';
import { differing, findingsIn, imageOf, textOf, write, type Lane } from './prove';

export interface Planted {
  readonly name: string;
  readonly base: Condition['base'];
  /** What our check says: a fix that is safe, one that is not, or none. */
  readonly ours: 'safe' | 'not safe' | 'no fix';
  /** Undefined: the engine makes the same image. */
  readonly differs: string | undefined;
  /** Why it could not be tried. */
  readonly error?: string;
}

export async function plant(lane: Lane, given: Condition, index: number, port: number): Promise<Planted> {
  const folder = join(lane.folder, `planted-${index}`);
  try {
    const files = Object.fromEntries(Object.entries(given.files).map(([path, text]) => [path, text.replaceAll('PORT', String(port))]));
    for (const [path, origin] of Object.entries(given.fromBase ?? {})) {
      files[path] = (await docker(['container', 'run', '--rm', '--network', 'none', lane.bases[given.base] ?? '', 'cat', origin])).stdout.toString();
    }
    const before = write(join(folder, 'before'), textOf(lane, given), files);
    const after = write(join(folder, 'after'), textOf(lane, { base: given.base, dockerfile: given.plain }), files);
    const fixes = findingsIn(lane, before).filter(({ rule }) => rule.startsWith('copy-')).flatMap((finding) => finding.fixes);
    const ours = fixes.length === 0 ? 'no fix' : fixes.some(({ safe }) => safe) ? 'safe' : 'not safe';
    const tag = `${lane.bases[given.base]?.replace(/\/.*/, '')}/planted:${index}`;
    const built = await imageOf(lane, given, before, tag);
    if ('error' in built) throw new Error(`it does not build as it is: ${reasonIn(built.error)}`);
    const then = await imageOf(lane, given, after, `${tag}-after`);
    if ('error' in then) return { name: given.name, base: given.base, ours, differs: `it does not build: ${reasonIn(then.error)}` };
    const { found } = await differing(lane, given, before, built, then, tag);
    const all = [...found, ...configDiffering(built, then, false)];
    return { name: given.name, base: given.base, ours, differs: all.length === 0 ? undefined : `${all[0].slice(0, 120)}${all.length > 1 ? `, and ${all.length - 1} more` : ''}` };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The line that says most. */
function reasonIn(said: string): string {
  const lines = said.split('\n');
  const found = [/^pip: |Cannot find module|npm error (?!code|A complete)/, /rror|not found/].map((words) => lines.find((line) => words.test(line))).find((line) => line !== undefined);
  return (found ?? lines.at(-1) ?? '').trim().slice(0, 100);
}

export function printTable(planted: readonly Planted[]): void {
  const width = Math.max(...planted.map(({ name }) => name.length));
  console.log(`${'condition that does not hold'.padEnd(width)}  safe?     differs on the engine?`);
  for (const { name, ours, differs, error } of planted) console.log(`${name.padEnd(width)}  ${ours === 'safe' ? 'YES (!)' : ours === 'no fix' ? 'no fix' : 'no'}${' '.repeat(ours === 'safe' ? 3 : ours === 'no fix' ? 4 : 8)}${error !== undefined ? 'not tried' : differs === undefined ? 'no: not shown to be needed' : `yes: ${differs}`}`);
}

/** A registry's place for one package, whose script looks at the project that it is installed in. */
export async function packageServer(): Promise<Server & { readonly port: number }> {
  const script = 'require("fs").writeFileSync("seen", String(require("fs").existsSync(require("path").join(process.env.INIT_CWD, "server.js"))));\n';
  const tarball = gzipSync(tarOver(Buffer.alloc(0), [
    { path: 'package/package.json', text: '{"name": "peek", "version": "1.0.0", "scripts": {"install": "node look.js"}}\n' },
    { path: 'package/look.js', text: script },
  ]));
  const server = createServer((_, response) => response.end(tarball));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(server, { port: (server.address() as AddressInfo).port });
}
