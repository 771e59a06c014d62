/**
 * Proves on the Docker engine that answers here what the fixes of wasted bytes say of themselves: builds what was before, looks into
 * the image, applies each fix, builds again, and compares the engine's own sizes with what the fix says it saves, and the files and the
 * config of both images.
 *   npm run test:saves [-- --few] [--only TEXT] [--base real|stand-in]
 * The real npm and apt-get are asked where the engine has an image called lab/node:20 (Debian, with npm and a network that its registry
 * can be reached by); where it has none, those cases are left out, and counted.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { analyze } from '../server/src/core/analyze';
import type { BaseImage, Facts } from '../server/src/core/build/model';
import type { LayerFiles } from '../server/src/core/image/model';
import { check } from '../server/src/core/rules/check';
import { edited } from '../server/src/core/rules/edited';
import type { Finding, Fix } from '../server/src/core/rules/finding';
import { openArchive } from '../server/src/workspace/images/archive';
import { docker, importImage, type Engine } from './engine/docker';
import { onEngine, optionsOf, scratchFolder } from './engine/start';
import { tarOver } from './engine/tar';
import { attempt } from './fixes/build';
import { configDiffering, filesDiffering, smallImage, type Image } from './fixes/files';
import { cases, type Case } from './saves/cases';

const realImage = 'lab/node:20';
const options = optionsOf();
const host = `strata-saves-${process.pid}.test`;
const made = new Set<string>();
const folder = scratchFolder('saves', () => [...made]);

interface Pair {
  readonly title: string;
  readonly says: number;
  readonly saved: number;
  readonly problems: readonly string[];
}

await onEngine('saves', main);

async function main(engine: Engine, files: Buffer): Promise<void> {
  const standIn = `${host}/stand-in:latest`;
  made.add(standIn);
  await importImage(tarOver(files, [{ path: '.strata/saves', text: host }]), standIn);
  const hasReal = (await docker(['image', 'inspect', realImage])).code === 0;
  const chosen = cases.filter(({ name, base }, i) => name.includes(options.get('--only') ?? '') && base === (options.get('--base') ?? base) && (!options.has('--few') || i % 6 === 0));
  const possible = chosen.filter(({ base }) => base === 'stand-in' || hasReal);
  if (possible.length < chosen.length) console.log(`${chosen.length - possible.length} cases with the real npm and apt-get are left out: the engine has no image ${realImage}.`);
  let pairs = 0;
  let wrong = 0;
  for (const [index, one] of possible.entries()) {
    try {
      const proved = await prove(engine, one, one.base === 'real' ? realImage : standIn, index);
      if (proved.length < one.fixes) {
        wrong++;
        console.log(`${one.name}: ${proved.length} fixes are offered, not ${one.fixes}`);
      }
      for (const { title, says, saved, problems } of proved) {
        pairs++;
        if (problems.length > 0) wrong++;
        console.log(`${problems.length > 0 ? 'WRONG' : 'right'}  ${one.name}: ${title}  says ${says}, saved ${saved} (${(saved / says * 100).toFixed(2)} %)`);
        for (const problem of problems.slice(0, 8)) console.log(`         ${problem}`);
      }
    } catch (error) {
      wrong++;
      console.log(`${one.name}: ${(error as Error).message}`);
    }
  }
  console.log(`saves: ${pairs} fixes of ${possible.length} cases, ${wrong} not as they say`);
  if (wrong > 0) process.exitCode = 1;
}

async function prove(engine: Engine, one: Case, base: string, index: number): Promise<Pair[]> {
  const text = [`FROM ${base}`, ...one.lines].join('\n').replaceAll('BASE', base) + '\n';
  const tag = `${host}/made:${index}`;
  const inspected = await docker(['image', 'inspect', '--format', '{{json .Config}}', base]);
  const facts: Facts = {
    builder: engine.builder, platform: { build: engine.platform, target: engine.platform, assumed: false },
    images: { [base]: { config: JSON.parse(inspected.stdout.toString()) as BaseImage['config'], history: await historyOf(base), layers: 1 } },
  };
  await make(engine, one, text, tag, false);
  const before = await smallImage(tag);
  const size = await sizeOf(tag);
  const noise = one.base === 'stand-in' ? new Set<string>() : await noiseOf(engine, one, text, `${tag}-again`, before);
  const findings = (await findingsOf(text, tag, facts)).filter(({ rule }) => rule === one.rule);
  const pairs: Pair[] = [];
  for (const fix of findings.flatMap(({ fixes }) => fixes)) {
    const after = `${tag}-${pairs.length}`;
    await make(engine, one, edited(text, fix.edits), after, false);
    pairs.push({ title: fix.title, says: fix.saves ?? 0, saved: size - await sizeOf(after), problems: [] });
    const pair = pairs.pop()!;
    pairs.push({ ...pair, problems: [...difference(before, await smallImage(after), fix, noise), ...(Math.abs(pair.saved - pair.says) <= pair.says * 0.01 ? [] : ['it saves something else'])] });
  }
  return pairs;
}

/** All that the rules find in the image, whatever its size. */
async function findingsOf(text: string, tag: string, facts: Facts): Promise<readonly Finding[]> {
  const archive = join(folder, 'image.tar');
  const saved = await docker(['image', 'save', '-o', archive, tag]);
  if (saved.code !== 0) throw new Error(saved.stderr);
  const { image, layers: reading } = await openArchive(archive, { reference: tag });
  const layers: LayerFiles[] = [];
  for await (const layer of reading()) layers.push(layer);
  rmSync(archive);
  return check([{ analysis: analyze(text, facts), build: { title: '', facts, context: { kind: 'unknown' } }, texts: new Map(), contents: { image, layers } }], {}, 1).findings;
}

async function make(engine: Engine, { base, files = {} }: Case, text: string, tag: string, noCache: boolean): Promise<void> {
  const place = join(folder, 'project');
  rmSync(place, { recursive: true, force: true });
  for (const [path, content] of Object.entries({ ...files, Dockerfile: text })) {
    mkdirSync(dirname(join(place, path)), { recursive: true });
    writeFileSync(join(place, path), content);
  }
  made.add(tag);
  const { error } = await attempt(engine, { file: join(place, 'Dockerfile'), context: place, tag, network: base === 'real' ? 'host' : 'none', buildArgs: {}, noCache });
  if (error !== undefined) throw new Error(`${text}\n${error.split('\n').slice(-6).join('\n')}`);
}

async function historyOf(reference: string): Promise<{ createdBy: string; emptyLayer: boolean }[]> {
  const { stdout } = await docker(['image', 'history', '--no-trunc', '--human=false', '--format', '{{json .}}', reference]);
  return stdout.toString().trim().split('\n').reverse().map((line) => JSON.parse(line) as { CreatedBy: string; Size: string }).map(({ CreatedBy, Size }) => ({ createdBy: CreatedBy, emptyLayer: Size === '0' }));
}

/** Of all layers, as the engine counts. */
async function sizeOf(reference: string): Promise<number> {
  const { code, stdout, stderr } = await docker(['image', 'history', '--no-trunc', '--human=false', '--format', '{{.Size}}', reference]);
  if (code !== 0) throw new Error(stderr);
  return stdout.toString().trim().split('\n').reduce((sum, size) => sum + Number(size), 0);
}

/** Paths that two builds of the same differ by: logs with times in them, files that are named after one. */
async function noiseOf(engine: Engine, one: Case, text: string, tag: string, before: Image): Promise<ReadonlySet<string>> {
  await make(engine, one, text, tag, true);
  return new Set(filesDiffering(before, await smallImage(tag)).map(({ path }) => kindOf(path)));
}

function kindOf(path: string): string {
  return path.replace(/\d{4}-\d\d-\d\dT[\w-]+/, 'TIME');
}

/** What the images differ by, but for noise, what is random, and what the title says. */
function difference(before: Image, after: Image, { title }: Fix, noise: ReadonlySet<string>): string[] {
  const leaves = /, (.+) leaves? the image$/.exec(title)?.[1].split(/, | and /).map((path) => path.slice(1).replace(/\/\*[^/]*$/, '')) ?? [];
  const isNamed = (path: string): boolean => leaves.some((folder) => path === folder || path.startsWith(`${folder}/`));
  const files = filesDiffering(before, after).filter(({ path, before: old, after: now }) => {
    if (noise.has(kindOf(path)) || isNamed(path)) return false;
    // Content by chance: all of it but the digest.
    return !old || !now || old.replace(/ \w{40}$/, '') !== now.replace(/ \w{40}$/, '') || noise.size > 0;
  });
  return [...files.map(({ path, before: old, after: now }) => `${path}: ${old ?? 'not there'} → ${now ?? 'not there'}`), ...configDiffering(before, after, false)];
}
