/**
 * Proves on the Docker engine that answers here what the rules' fixes say of themselves: that the image is the same, and that
 * the steps which a finding names are cached from then on. Holds our verdicts beside.
 *   npm run test:fixes [-- --repositories DIR] [--only EXPRESSION] [--base real|stand-in] [--few]
 *   npm run test:fixes -- --repositories DIR --choose     makes manifests/fixes.json anew
 * Written cases are in fixes/cases.ts. What would differ if a condition of a safe fix were left out is in
 * fixes/conditions.ts. With --repositories, findings of manifests/fixes.json are proved as well. --few: a part that needs
 * seconds. The real npm and apt-get are asked where the engine has an image called lab/node:20 (Debian, with npm and a
 * network that its registry can be reached by); where it has none, those cases are left out, and counted.
 */
import { join } from 'node:path';
import { emptyCache } from '../server/src/core/build/cache';
import type { BaseImage } from '../server/src/core/build/model';
import { docker, importImage, type Engine } from './engine/docker';
import { onEngine, optionsOf, scratchFolder } from './engine/start';
import { sideBySide } from './engine/run';
import { cases, few } from './fixes/cases';
import { attempt } from './fixes/build';
import { conditions } from './fixes/conditions';
import { chooseFetched, fetchedCases } from './fixes/fetched';
import { packageServer, plant, printTable, type Planted } from './fixes/plant';
import { canProve, prove, write, type Lane, type Pair } from './fixes/prove';
import { isWrong, print, summary } from './fixes/report';
import { standInRoot } from './fixes/stand-in';

const lanes = 2;
const realImage = 'lab/node:20';
const options = optionsOf();
const only = new RegExp(options.get('--only') ?? '');

const folder = scratchFolder('fixes', () => [...made]);
const made = new Set<string>();

await onEngine('fixes', main);

async function main(engine: Engine, files: Buffer): Promise<void> {
  const isFew = options.has('--few');
  const repositories = options.get('--repositories');
  if (options.has('--choose')) {
    if (repositories === undefined) throw new Error('--choose needs --repositories DIR');
    const place = await lane(engine, files, 0, false);
    let count = 0;
    await chooseFetched(repositories, 40, (one) => canProve(place, one, count++));
    return;
  }
  const fetched = repositories === undefined || isFew ? { cases: [], missing: 0 } : await fetchedCases(repositories);
  if (fetched.missing > 0) console.log(`${fetched.missing} findings are of repositories that are not under ${repositories}`);
  const chosen = [...(isFew ? few : cases), ...fetched.cases].filter(({ name, rule, base }) => (only.test(name) || only.test(rule)) && ofBase(base));
  const hasReal = !isFew && (await docker(['image', 'inspect', realImage])).code === 0;
  const possible = chosen.filter(({ base }) => base !== 'real' || hasReal);
  if (possible.length < chosen.length) console.log(`${chosen.length - possible.length} cases with the real npm and apt-get are left out: the engine has no image ${realImage}.`);
  const all: Lane[] = [];
  for (let i = 0; i < lanes; i++) all.push(await lane(engine, files, i, hasReal));

  const pairs: Pair[] = [];
  const wrong: string[] = [];
  await sideBySide(possible.map((one, index) => ({ one, index, keys: [`lane ${index % lanes}`] })), lanes, async ({ one, index }) => {
    try {
      const proved = await prove(all[index % lanes], one, index);
      pairs.push(...proved.pairs);
      if (proved.pairs.length === 0) wrong.push(`${one.name}: no fix is offered`);
      for (const pair of proved.pairs) print(pair);
    } catch (error) {
      wrong.push(`${one.name}: ${(error as Error).message}`);
    }
  });
  const planted = isFew ? [] : await plantAll(all, hasReal);
  if (planted.length > 0) printTable(planted);
  wrong.push(...planted.filter(({ ours }) => ours === 'safe').map(({ name }) => `${name}: the fix is called safe`));
  wrong.push(...planted.flatMap(({ name, error }) => (error === undefined ? [] : [`${name}: ${error}`])));
  if (pairs.length > 0) summary(pairs, all);
  for (const text of wrong) console.log(text);
  const failed = pairs.filter(isWrong).length + wrong.length + all.reduce((sum, { predictions }) => sum + predictions.different.length, 0);
  console.log(`fixes: ${pairs.filter((pair) => !isWrong(pair)).length} pairs${failed > 0 ? `, ${failed} not as they say` : ''}`);
  if (failed > 0) process.exitCode = 1;
}

function ofBase(base: string): boolean {
  return (options.get('--base') ?? base) === base;
}

async function plantAll(all: readonly Lane[], hasReal: boolean): Promise<Planted[]> {
  const chosen = conditions.filter(({ name, base }) => (only.test(name) || only.source === 'conditions') && (base !== 'real' || hasReal) && ofBase(base));
  const server = await packageServer();
  const planted = new Map<number, Planted>();
  await sideBySide(chosen.map((one, index) => ({ one, index, keys: [`lane ${index % lanes}`] })), lanes, async ({ one, index }) => {
    planted.set(index, await plant(all[index % lanes], one, index, server.port).catch((error: Error): Planted => ({ name: one.name, base: one.base, ours: 'no fix', differs: undefined, error: error.message })));
  });
  server.close();
  return [...planted].sort(([a], [b]) => a - b).map(([, one]) => one);
}

/** Two builds that run at once have nothing in common: each lane has images of its own. */
async function lane(engine: Engine, files: Buffer, index: number, hasReal: boolean): Promise<Lane> {
  const host = `strata-fixes-${process.pid}-${index}.test`;
  const bases = { 'stand-in': `${host}/stand-in:latest`, ...(hasReal && { real: `${host}/real:latest` }) };
  for (const name of Object.values(bases)) made.add(name);
  await importImage(standInRoot(files, host), bases['stand-in']);
  if (bases.real !== undefined) {
    const place = write(join(folder, `base-${index}`), `FROM ${realImage}\nRUN mkdir /.strata && echo ${host} >/.strata/lane && cp -L /bin/sh /.strata/sh\n`, { 'a': '' });
    const { error } = await attempt(engine, { file: place.file, context: place.context, tag: bases.real, network: 'none', buildArgs: {} });
    if (error !== undefined) throw new Error(error);
  }
  const now = await docker(['container', 'run', '--rm', '--network', 'none', bases.real ?? bases['stand-in'], 'date', '+%s.%N']);
  const images: Record<string, BaseImage> = {};
  for (const name of Object.values(bases)) {
    const { stdout } = await docker(['image', 'inspect', '--format', '{{json .Config}}', name]);
    images[name] = { config: JSON.parse(stdout.toString()) as BaseImage['config'], history: [{ createdBy: '', emptyLayer: false }], identity: name, layers: 1 };
  }
  return {
    engine, bases, since: now.stdout.toString().trim(), folder: join(folder, `lane-${index}`), cache: emptyCache(), noise: new Set(), made,
    facts: { builder: engine.builder, images, platform: { build: engine.platform, target: engine.platform, assumed: false } },
    predictions: { equal: 0, open: 0, different: [] },
  };
}
