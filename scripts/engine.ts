/**
 * Builds Dockerfiles with the Docker engine that answers here, and compares every cell with what we predict:
 *   npm run test:engine [-- --repositories DIR] [--only TEXT]
 * Cases of our own are in engine/cases.ts; with --repositories, those of manifests/engine.json out of the git repositories
 * under DIR (bare or not) as well. Nothing is pulled where a small image with /bin/sh is there.
 *   npm run test:engine -- --repositories DIR --choose     makes manifests/engine.json anew
 *   npm run test:engine -- --repositories DIR --replay     histories instead: the cache's verdicts, build after build
 *   npm run test:engine -- --repositories DIR --choose-replay [OWNER/NAME,...]     makes manifests/replay.json anew
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import type { BaseImage, Facts, NamedContext } from '../server/src/core/build/model';
import { bases, cases, type Case } from './engine/cases';
import { differenceOf, type Without } from './engine/compare';
import { baseOf, build, fullName, importImage, madeImage, names, tag, type Build, type Engine } from './engine/docker';
import { onEngine, optionsOf, scratchFolder } from './engine/start';
import { historyDifference, type JoinedCounts } from './engine/joined';
import { choose, contextFiles, keysOf, read, rootFiles, type Chosen } from './engine/repositories';
import { chooseReplay, replayAll } from './engine/report';
import { sideBySide } from './engine/run';
import { tarOver } from './engine/tar';

const lanes = Math.min(4, Math.max(2, availableParallelism()));
const options = optionsOf();
const repositories = options.get('--repositories');
const only = options.get('--only');

const folder = scratchFolder('engine', () => [...made]);
/** Tags that nobody else has: every image of this run has one of them. */
const made = new Set<string>();
let count = 0;
const joined: JoinedCounts = { images: 0, rows: 0, joined: 0, uncertain: 0, open: 0 };
/** The images that the engine had before: none of their names is touched. */
let users: Promise<ReadonlySet<string>> | undefined;
/** All stand-ins for bases have the same config. */
let stub: Promise<BaseImage> | undefined;

await onEngine('engine', main);

async function main(engine: Engine, files: Buffer): Promise<void> {
  if (options.has('--choose')) {
    if (!repositories) throw new Error('--choose needs --repositories DIR');
    await choose(repositories, (chosen, text) => withRepositoryFile(engine, files, chosen, text, ({ error, facts }) => (facts === undefined ? 'the engine has an image of a name that it needs' : error)));
    return;
  }

  if (options.has('--replay') || options.has('--choose-replay')) {
    if (!repositories) throw new Error('a replay needs --repositories DIR');
    const place = { folder, host: hostOf('replay'), made };
    if (options.has('--choose-replay')) await chooseReplay(engine, files, repositories, place, options.get('--choose-replay')?.split(',').filter((name) => name !== '') ?? []);
    else if (!(await replayAll(engine, files, repositories, place, only))) process.exitCode = 1;
    return;
  }

  let equal = 0;
  let skipped = 0;
  let absent = 0;
  const failures: string[] = [];
  const without: Without = { equal: 0, unknown: 0, broken: 0 };
  const note = (name: string, difference: string | undefined): void => {
    if (difference === undefined) equal++;
    else {
      failures.push(name);
      console.log(`${name}: ${difference}`);
    }
  };

  const own = cases.filter(({ name }) => only === undefined || name.includes(only)).map((one, i) => ({
    keys: [`lane ${i % lanes}`, ...(one.dockerfile.includes('scratch') ? ['scratch'] : [])],
    run: async (): Promise<void> => note(one.name, await ownDifference(engine, one, i, await imagesOf(i % lanes), without)),
  }));
  const chosen = repositories === undefined ? [] : await read(repositories);
  const theirs = chosen.filter(({ chosen: { path } }) => only === undefined || path.includes(only)).map(({ chosen: one, text }) => ({
    keys: keysOf(one, text),
    run: async (): Promise<void> => {
      const name = `${one.repository} ${one.path}`;
      if (text === undefined) {
        absent++;
        return;
      }
      const { facts, outcome, reference } = await withRepositoryFile(engine, files, one, text, (result) => result);
      if (!facts) skipped++;
      else note(name, differenceOf(text, facts, outcome, without) ?? (outcome.image && await historyDifference(reference, text, facts, joined)));
    },
  }));

  const laneImages = new Map<number, Promise<Record<string, BaseImage>>>();
  // Two builds that run at once must have nothing in common: each lane has images of its own names.
  const imagesOf = (lane: number): Promise<Record<string, BaseImage>> => {
    let images = laneImages.get(lane);
    if (!images) laneImages.set(lane, images = makeBases(engine, files, hostOf(lane)));
    return images;
  };
  await sideBySide([...own, ...theirs], lanes, (job) => job.run());

  if (repositories === undefined) console.log('Dockerfiles of fetched repositories are left out: they need --repositories DIR.');
  console.log(`of ${cases.length} cases of our own and ${chosen.length} of repositories${skipped > 0 ? `, ${skipped} skipped: the engine has images of those names` : ''}${absent > 0 ? `, ${absent} not found under ${repositories}` : ''}`);
  console.log(`without the bases' config: ${without.equal} rows equal, ${without.unknown} not known, ${without.broken} rest on what the base breaks`);
  console.log(`histories: ${joined.images} images, ${joined.rows} rows as docker image history has them; ${joined.joined} joined to their lines, ${joined.uncertain} of them by kind and place; ${joined.open} rows may have a layer or none`);
  console.log(`engine: ${equal} cases${failures.length > 0 ? `, ${failures.length} different` : ''}`);
  if (failures.length > 0) process.exitCode = 1;
}

function hostOf(lane: number | string): string {
  return `strata-${process.pid}-${lane}.test`;
}

async function makeBases(engine: Engine, files: Buffer, host: string): Promise<Record<string, BaseImage>> {
  const images: Record<string, BaseImage> = {};
  made.add(`${host}/base:latest`);
  // Equal layers would be enough for BuildKit to take the steps of two lanes for one.
  await importImage(tarOver(files, [{ path: '.strata/lane', text: host }]), `${host}/base:latest`);
  images[`${host}/base`] = images[`${host}/base:latest`] = baseOf(await madeImage(`${host}/base`));
  for (const [name, dockerfile] of Object.entries(bases)) {
    const { error } = await buildText(engine, dockerfile.replaceAll('strata.test', host), [], { tag: `${host}/${name}:latest` });
    if (error !== undefined) throw new Error(`${name}: ${error}`);
    images[`${host}/${name}`] = images[`${host}/${name}:latest`] = baseOf(await madeImage(`${host}/${name}`));
  }
  return images;
}

/** Writes the context, builds, and remembers the tag. */
async function buildText(engine: Engine, text: string, context: readonly string[], given: Omit<Build, 'file' | 'context'>): ReturnType<typeof build> {
  const place = join(folder, String(count++));
  mkdirSync(place);
  writeFileSync(join(place, 'Dockerfile'), text);
  made.add(given.tag);
  return build(engine, { ...given, file: join(place, 'Dockerfile'), context: fill(join(place, 'context'), context) });
}

function fill(place: string, files: readonly string[]): string {
  mkdirSync(place);
  for (const file of files) {
    const path = join(place, file);
    mkdirSync(file.endsWith('/') ? path : dirname(path), { recursive: true });
    writeFileSync(file.endsWith('/') ? join(path, 'file') : path, `${file}\n`);
  }
  return place;
}

async function ownDifference(engine: Engine, one: Case, index: number, images: Record<string, BaseImage>, without: Without): Promise<string | undefined> {
  const host = hostOf(index % lanes);
  const text = one.dockerfile.replaceAll('strata.test', host);
  const contexts: Record<string, NamedContext> = {};
  const given: Record<string, string> = {};
  for (const [written, context] of Object.entries(one.contexts ?? {})) {
    const name = written.replaceAll('strata.test', host);
    if ('folder' in context) {
      given[name] = fill(join(folder, `context-${count++}`), context.folder);
      contexts[name] = { folder: true };
    } else {
      given[name] = `docker-image://${host}/${context.image}`;
      contexts[name] = { image: images[`${host}/${context.image}`] };
    }
  }
  const { buildArgs, target, platform } = one;
  // What the command line's own environment would add, every case says itself.
  const reference = `${host}/made:${index}`;
  const { error, brackets } = await buildText(engine, text, one.context ?? [], { tag: reference, buildArgs, target, platform, contexts: given });
  const mayRefuse = one.refused ?? (one.since !== undefined && engine.builder.version < one.since);
  if (error !== undefined && !mayRefuse) return `the engine refuses it: ${error}`;
  if (error === undefined && one.refused) return 'the engine builds what should be refused';
  const facts: Facts = {
    builder: engine.builder, buildArgs, target, images, contexts,
    platform: { build: engine.platform, target: platform ?? engine.platform, assumed: false },
  };
  const difference = differenceOf(text, facts, { brackets, error, ...(error === undefined && { image: await madeImage(reference) }) }, without);
  return difference ?? (error === undefined ? historyDifference(reference, text, facts, joined) : undefined);
}

interface Result {
  readonly error?: string;
  /** Undefined where the engine has an image of a name that would be needed. */
  readonly facts?: Facts;
  readonly outcome: Parameters<typeof differenceOf>[2];
  /** Of the image, where one was made. */
  readonly reference: string;
}

/** Puts a stand-in under every name that the file needs, and builds. */
async function withRepositoryFile<T>(engine: Engine, files: Buffer, one: Chosen, text: string, use: (result: Result) => T): Promise<T> {
  users ??= names();
  const taken = await users;
  if (one.images.some((reference) => taken.has(fullName(reference)))) return use({ outcome: { brackets: [], error: '' }, reference: '' });
  const base = `${hostOf('files')}/stub:${count++}`;
  const result = `${hostOf('files')}/made:${count++}`;
  made.add(base);
  await importImage(rootFiles(files, one), base);
  stub ??= madeImage(base).then(baseOf);
  const image = await stub;
  for (const reference of one.images) await tag(base, reference);
  const { error, brackets } = await buildText(engine, text, contextFiles(one), { tag: result });
  return use({
    error, reference: result, outcome: { brackets, error, ...(error === undefined && { image: await madeImage(result) }) },
    facts: {
      builder: engine.builder, platform: { build: engine.platform, target: engine.platform, assumed: false },
      images: Object.fromEntries(one.images.map((reference) => [reference, image])),
    },
  });
}
