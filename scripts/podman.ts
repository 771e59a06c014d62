/**
 * Builds Dockerfiles with Buildah and with Podman, and compares what we read of the images, from Podman's service and from both kinds
 * of its archives, with what Podman says of them; each row with the step of the builder; what is wasted, with a recount:
 *   npm run test:podman [-- --few] [--only TEXT]
 * `--few`: a few of them; all take half an hour.
 * Needs both programs (Debian has them). They use a storage of their own, below the temporary folder, and nothing is pulled.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { BaseImage, Facts, NamedContext } from '../server/src/core/build/model';
import { withSizes } from '../server/src/core/image/config';
import type { LayerFiles } from '../server/src/core/image/model';
import { wasteOf } from '../server/src/core/image/waste';
import { openArchive } from '../server/src/workspace/images/archive';
import { engineAt, type Engine } from '../server/src/workspace/images/engine';
import { bases, cases, type Case } from './engine/cases';
import { optionsOf, scratchFolder } from './engine/start';
import { openBuilders, shellImage, versions, ways, type Builders, type Way } from './podman/builders';
import { joinDifference, savedDifference, servedDifference, type Counts, type Inspected, type Told } from './podman/compare';
import { recount, unpack } from './waste/recount';

const options = optionsOf();
const only = options.get('--only');
/** Dockerfiles that waste something, which those of the engine's test do not. */
const wasteful: readonly Case[] = [
  { name: 'waste: chmod, rm and what is written anew', context: ['d/a', 'd/b'], dockerfile: 'FROM strata.test/base\nRUN yes a | head -c 90000 > /a && cp /a /b\nCOPY d /d\nRUN chmod 700 /a && chown -R 1:1 /d\nRUN rm /b && yes c | head -c 5000 > /a\nRUN rm -r /d\nCMD ["x"]\n' },
];
/** In less than a minute: a builder waits a second for each layer. */
const few = ['ARG: scopes', 'scratch without a layer', wasteful[0].name];
/** `FROM x` is the first of two stages of that name: BuildKit takes the latest before. */
const chains: Readonly<Record<string, readonly number[]>> = { 'a name used twice': [0, 2] };
let compared = 0;
let different = 0;
let refused = 0;
const counts: Counts = { rows: 0, joined: 0, uncertain: 0, wrong: 0, unjoined: 0 };

const folder = scratchFolder('podman', () => []);
let count = 0;

const name = versions();
const base = name === undefined ? undefined : shellImage(folder);
if (name === undefined || base === undefined) console.log(`podman: none, ${name === undefined ? 'the test needs the programs podman and buildah: apt-get install podman buildah' : 'this machine has no shell for an image'}`);
else {
  const builders = await openBuilders(folder, name);
  try {
    await main(builders, base);
  } finally {
    builders.close();
  }
}

async function main(builders: Builders, files: string): Promise<void> {
  console.log(builders.name);
  const engine = engineAt(builders.host);
  const wanted = [...cases, ...wasteful].filter((one) => (options.has('--few') ? few.includes(one.name) : only === undefined || one.name.includes(only)));
  const images = await makeBases(builders, files, JSON.stringify(wanted));
  await events(builders, engine);
  for (const one of wanted) {
    for (const way of ways) await ownCase(builders, engine, one, way, images);
  }
  console.log(`${refused} builds refused; of ${counts.rows} rows ${counts.joined} joined to their lines, ${counts.uncertain} of them by kind and place, ${counts.wrong} wrong, ${counts.unjoined} not joined`);
  console.log(`podman: ${compared} compared, ${different} different`);
  if (different > 0 || compared === 0) process.exitCode = 1;
}

function equal(what: string, difference: string | undefined): void {
  compared++;
  if (difference === undefined) return;
  different++;
  console.log(`${what}: ${difference}`);
}

async function ok(builders: Builders, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await builders.podman(args);
  if (code !== 0) throw new Error(`podman ${args.join(' ')}: ${stderr.trim()}`);
  return stdout;
}

/** Those that are spoken of. */
async function makeBases(builders: Builders, files: string, wanted: string): Promise<Record<string, BaseImage>> {
  await ok(builders, ['import', '--quiet', files, 'strata.test/base:latest']);
  const images: Record<string, BaseImage> = {};
  for (const name of ['base', ...Object.keys(bases).filter((name) => wanted.includes(`/${name}`) || wanted.includes(`"${name}"`))]) {
    const reference = `strata.test/${name}`;
    if (name !== 'base') {
      const { error } = await builders.build('podman', { file: fileOf(bases[name]), context: fill([]), tag: `${reference}:latest`, contexts: {} });
      if (error !== undefined) throw new Error(`${reference}: ${error}`);
    }
    // The service does not say which triggers an image has.
    const archive = join(folder, `${name}-saved.tar`);
    await ok(builders, ['image', 'save', '--quiet', '--format', 'docker-archive', '-o', archive, reference]);
    const { image } = await openArchive(archive);
    images[reference] = images[`${reference}:latest`] = {
      config: image.config, os: 'linux', layers: image.diffIds.length, history: image.rows.map(({ createdBy, emptyLayer = true }) => ({ createdBy, emptyLayer })),
    };
  }
  return images;
}

/** A change of an image is told, as Docker tells it. */
async function events(builders: Builders, engine: Engine): Promise<void> {
  let stop = (): void => undefined;
  const told = new Promise<string>((resolve) => {
    stop = engine.follow(() => resolve('told'), () => resolve('ended'));
    setTimeout(() => resolve('nothing'), 20_000).unref();
  });
  // The service may begin to listen after it has answered.
  const again = setInterval(() => void builders.podman(['image', 'tag', 'strata.test/base:latest', 'strata.test/told:latest']), 1000);
  const said = await told;
  clearInterval(again);
  stop();
  equal('the events of the service', said === 'told' ? undefined : `${said}, after an image got another name`);
}

function fileOf(text: string): string {
  const file = join(folder, `Dockerfile-${count++}`);
  writeFileSync(file, text);
  return file;
}

function fill(files: readonly string[]): string {
  const place = join(folder, `context-${count++}`);
  mkdirSync(place);
  for (const file of files) {
    const path = join(place, file);
    mkdirSync(file.endsWith('/') ? path : dirname(path), { recursive: true });
    writeFileSync(file.endsWith('/') ? join(path, 'file') : path, `${file}\n`);
  }
  return place;
}

async function ownCase(builders: Builders, engine: Engine, one: Case, way: Way, images: Readonly<Record<string, BaseImage>>): Promise<void> {
  const contexts: Record<string, NamedContext> = {};
  const given: Record<string, string> = {};
  for (const [name, context] of Object.entries(one.contexts ?? {})) {
    given[name] = 'folder' in context ? fill(context.folder) : `docker-image://strata.test/${context.image}`;
    contexts[name] = 'folder' in context ? { folder: true } : { image: images[`strata.test/${context.image}`] };
  }
  const { buildArgs, target, platform } = one;
  const reference = `strata.test/made:${count++}`;
  const built = await builders.build(way, { file: fileOf(one.dockerfile), context: fill(one.context ?? []), tag: reference, buildArgs, target, platform, contexts: given });
  const title = `${one.name} (${way})`;
  if (built.error !== undefined) {
    refused++;
    if (only !== undefined) console.log(`${title}: refused, ${built.error}`);
    return;
  }
  const facts: Facts = { buildArgs, target, images, contexts, platform: { build: 'linux/amd64', target: platform ?? 'linux/amd64', assumed: false } };
  const inspected = (JSON.parse(await ok(builders, ['image', 'inspect', reference])) as [Inspected])[0];
  const told = JSON.parse(await ok(builders, ['image', 'history', '--no-trunc', '--human=false', '--format', 'json', reference])) as Told[];
  const served = await engine.image(reference);
  equal(`${title}, the service`, served ? servedDifference(served, told, inspected) : 'the service has no such image');
  const asked = { text: one.dockerfile, facts, built, way, chain: chains[one.name] };
  if (served) equal(`${title}, lines by the service`, joinDifference({ image: served, ...asked }, counts));
  for (const format of ['docker-archive', 'oci-archive']) {
    const archive = join(folder, `${format}.tar`);
    await ok(builders, ['image', 'save', '--quiet', '--format', format, '-o', archive, reference]);
    const { image, layers: reading } = await openArchive(archive);
    const layers: LayerFiles[] = [];
    for await (const layer of reading()) layers.push(layer);
    equal(`${title}, ${format}`, savedDifference(image, inspected));
    equal(`${title}, lines by ${format}`, joinDifference({ image: withSizes(image, layers), ...asked }, counts));
    if (format === 'docker-archive' && layers.length > 0) equal(`${title}, waste`, wasteDifference(archive, layers));
    rmSync(archive);
  }
  // Without force: a base that it may be one with stays.
  await builders.podman(['image', 'rm', reference]);
}

function wasteDifference(archive: string, layers: readonly LayerFiles[]): string | undefined {
  const floor = 4096;
  const place = join(folder, 'unpacked');
  const other = recount(unpack(archive, place), floor);
  rmSync(place, { recursive: true });
  const { total, items } = wasteOf(layers, { floor });
  const ours = items.filter(({ kind }) => kind !== 'duplicate' && kind !== 'left-over').length;
  return total === other.total && ours === other.lost.size ? undefined : `${total} bytes of ${ours} files, recounted ${other.total} of ${other.lost.size}`;
}
