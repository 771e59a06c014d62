/**
 * Pushes images to a registry that runs here, and compares what we read of it with what the engine and Docker's own tools say:
 *   npm run test:registry
 * Needs Debian's docker-registry (distribution/distribution) and an engine that answers here, on this machine.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { pushOf } from '../server/src/core/image/push';
import { dateOf } from '../server/src/workspace/image-commands';
import { findEngine } from '../server/src/workspace/images/engine';
import { registryImage, type RegistryImage } from '../server/src/workspace/images/registry';
import { build, docker, importImage, type Engine } from './engine/docker';
import { onEngine, optionsOf, scratchFolder } from './engine/start';
import { tarOver } from './engine/tar';

/** Images of the engine that are pushed, too. */
const bases = (optionsOf().get('--base') ?? '').split(',').filter((name) => name !== '');
const made = new Set<string>();
const servers: ChildProcess[] = [];
process.on('exit', () => servers.forEach((server) => server.kill()));
const folder = scratchFolder('registry', () => [...made]);
const nobody = { DOCKER_CONFIG: join(folder, 'nobody') };
let different = 0;
let compared = 0;

if (spawnSync('docker-registry', ['--version']).error) console.log('The test needs the program docker-registry: apt-get install docker-registry\nregistry: none');
else await onEngine('registry', main);
servers.forEach((server) => server.kill());

async function main(engine: Engine, shell: Buffer): Promise<void> {
  const open = await serve('open');
  const context = join(folder, 'context');
  mkdirSync(context);
  writeFileSync(join(context, 'app'), 'one\n');
  const base = named(`${open.host}/base:1`);
  await importImage(tarOver(shell, [{ path: '.strata/registry', text: open.host }]), base);
  const plain = `FROM ${base}\nENV A=1\nRUN yes a | head -c 90000 > /a\nCOPY app /app\nWORKDIR /srv\nCMD ["sh", "-c", "echo \\"a b\\""]\n`;
  const staged = `FROM ${base} AS build\nRUN yes b | head -c 50000 > /b\nFROM ${base}\nCOPY --from=build /b /b\nRUN true\nENTRYPOINT ["/b"]\nLABEL a="ü ☃"\n`;
  const images = [base];
  for (const [name, text] of [['plain', plain], ['staged', staged], ['empty', `FROM ${base}\nENV A=1\nEXPOSE 80\n`], ['twice', `FROM ${base}\nRUN true\nRUN true\nCOPY app /app\n`]]) {
    images.push(await make(engine, `${open.host}/${name}/image:1`, text, context));
  }
  for (const one of bases) {
    images.push(named(`${open.host}/${one}`));
    await ok(['image', 'tag', one, `${open.host}/${one}`]);
  }
  for (const reference of images) {
    await ok(['image', 'push', '--quiet', reference]);
    await same(reference, reference);
  }
  await bytesSent(engine, open.host, plain, context);

  // The same steps of the same BuildKit, which is asked to write them as OCI has them.
  const oci = `${open.host}/oci:buildx`;
  const exported = await docker(['buildx', 'build', '--builder', engine.buildx, '--provenance=false', '--network', 'none', '--output', `type=registry,name=${oci},oci-mediatypes=true,registry.insecure=true`, '-f', join(folder, 'plain_image_1'), context]);
  if (exported.code === 0) await same(images[1], oci);
  else console.log(`${oci}: not made, ${exported.stderr.trim().split('\n').at(-1)}`);
  // And as OCI has them in any case.
  for (const compression of ['gzip', 'zstd'] as const) {
    const reference = `${open.host}/oci:${compression}`;
    if (await putAsOci(open.host, 'plain/image', 'oci', compression)) await same(images[1], reference);
    else console.log(`${reference}: not made, the program zstd is not here`);
  }

  await index(open.host, images);
  await logins(images[1], open.host);
  logged(open);
  console.log(`registry: ${compared} compared, ${different} different`);
  if (different > 0 || compared === 0) process.exitCode = 1;
}

function named(reference: string): string {
  made.add(reference);
  return reference;
}

async function make(engine: Engine, reference: string, text: string, context: string): Promise<string> {
  const file = join(folder, reference.slice(reference.indexOf('/') + 1).replaceAll(/\W/g, '_'));
  writeFileSync(file, text);
  const { error } = await build(engine, { tag: named(reference), file, context });
  if (error !== undefined) throw new Error(`${reference}: ${error}`);
  return reference;
}

async function ok(args: readonly string[], input?: string): Promise<string> {
  const { code, stdout, stderr } = await docker(args, input);
  if (code !== 0) throw new Error(`docker ${args.join(' ')}: ${stderr.trim()}`);
  return stdout.toString();
}

function equal(what: string, ours: unknown, theirs: unknown): void {
  compared++;
  const isEqual = JSON.stringify(ours) === JSON.stringify(theirs);
  if (!isEqual) different++;
  console.log(`${isEqual ? 'equal    ' : 'DIFFERENT'} ${what}${isEqual ? '' : `\n    ours   ${JSON.stringify(ours)}\n    theirs ${JSON.stringify(theirs)}`}`);
}

/** `local`: of the engine. Rows against `docker image history`, layers against `docker manifest inspect`. */
async function same(local: string, kept: string): Promise<void> {
  const { image, layers, digest } = await registryImage(kept, { environment: nobody });
  const rows = (await ok(['image', 'history', '--no-trunc', '--human=false', '--format', '{{json .}}', local])).trim().split('\n').map((line) => JSON.parse(line) as { CreatedBy: string; CreatedAt: string; Comment: string; Size: string }).toReversed();
  const theirs = rows.map(({ CreatedBy: createdBy, CreatedAt: created, Comment: comment }) => [createdBy, Date.parse(created) / 1000, comment]);
  equal(`${kept}: ${rows.length} rows`, image.rows.map(({ createdBy, created, comment }) => [createdBy, Date.parse(dateOf(created) ?? '') / 1000, comment]), theirs);
  equal(`${kept}: rows with bytes have a layer`, rows.every(({ Size: size }, i) => size === '0' || image.rows[i].diffId !== undefined), true);
  const [inspected] = JSON.parse(await ok(['image', 'inspect', local])) as [{ Id: string; RootFS: { Layers?: string[] } }];
  equal(`${kept}: diff IDs`, image.diffIds, inspected.RootFS.Layers ?? []);
  if (local === kept) equal(`${kept}: id`, image.id, inspected.Id);
  const raw = await ok(['buildx', 'imagetools', 'inspect', '--raw', kept]);
  const manifest = JSON.parse(raw) as { mediaType: string; layers: { digest: string; size: number; mediaType: string }[] };
  equal(`${kept}: ${layers.length} layers of ${manifest.mediaType}`, layers.map(({ digest: blob, size, mediaType }) => [blob, size, mediaType]), manifest.layers.map(({ digest: blob, size, mediaType }) => [blob, size, mediaType]));
  equal(`${kept}: digest`, digest, `sha256:${createHash('sha256').update(raw).digest('hex')}`);
}

interface Blob {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** The image 1 of a repository, with its layers in another compression, into another one, by its compression. False: without a program for it. */
async function putAsOci(host: string, from: string, to: string, compression: 'gzip' | 'zstd'): Promise<boolean> {
  if (compression === 'zstd' && spawnSync('zstd', ['--version']).error) return false;
  const { config, layers } = JSON.parse((await blob(`http://${host}/v2/${from}/manifests/1`)).toString()) as { config: Blob; layers: Blob[] };
  const put = async (mediaType: string, content: Buffer): Promise<Blob> => {
    const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
    const begun = await fetch(`http://${host}/v2/${to}/blobs/uploads/`, { method: 'POST' });
    const place = new URL(begun.headers.get('location') ?? '', `http://${host}`);
    place.searchParams.set('digest', digest);
    await fetch(place, { method: 'PUT', body: new Uint8Array(content), headers: { 'content-type': 'application/octet-stream' } });
    return { mediaType, digest, size: content.length };
  };
  const written: Blob[] = [];
  for (const { digest } of layers) {
    const content = await blob(`http://${host}/v2/${from}/blobs/${digest}`);
    const other = compression === 'gzip' ? content : spawnSync('zstd', ['-q', '-c'], { input: gunzipSync(content), maxBuffer: 2 ** 30 }).stdout;
    written.push(await put(`application/vnd.oci.image.layer.v1.tar+${compression}`, other));
  }
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const body = JSON.stringify({ schemaVersion: 2, mediaType, config: await put('application/vnd.oci.image.config.v1+json', await blob(`http://${host}/v2/${from}/blobs/${config.digest}`)), layers: written });
  const { status } = await fetch(`http://${host}/v2/${to}/manifests/${compression}`, { method: 'PUT', body, headers: { 'content-type': mediaType } });
  if (status !== 201) throw new Error(`the registry takes no manifest: ${status}`);
  return true;
}

async function blob(address: string): Promise<Buffer> {
  return Buffer.from(await (await fetch(address, { headers: { accept: 'application/vnd.docker.distribution.manifest.v2+json, */*' } })).arrayBuffer());
}

/** What we say that a push sends, and what the push says. */
async function bytesSent(engine: Engine, host: string, text: string, context: string): Promise<void> {
  // A name of its own: an image that loses its only tag would stay here by its digest.
  const reference = await make(engine, `${host}/plain/image:2`, text.replace('yes a', 'yes c'), context);
  const local = await findEngine(process.env).image(reference);
  const { image } = await registryImage(`${host}/plain/image:1`, { environment: nobody });
  if (!local) throw new Error(`${reference} is gone`);
  const push = pushOf(local, image.diffIds);
  const told = (await ok(['image', 'push', reference])).split('\n');
  const count = (words: RegExp): number => told.filter((line) => words.test(line)).length;
  equal(`${reference}, built anew: ${push.sent} of ${push.layers} layers are sent`, [push.sent, push.layers], [count(/: (?:Pushed|Mounted from)/), count(/: (?:Pushed|Mounted from|Layer already exists)/)]);
  equal(`${reference}, built anew: all is there`, pushOf(local, (await registryImage(reference, { environment: nobody })).image.diffIds).sent, 0);
}

/** One by the Docker command line's own tool, of an image and a copy of it for another platform. */
async function index(host: string, images: readonly string[]): Promise<void> {
  const list = `${host}/index:1`;
  const file = join(folder, 'arm');
  writeFileSync(file, `FROM scratch\nCOPY app /app\n`);
  const arm = named(`${host}/index:arm64`);
  await ok(['buildx', 'build', '--platform', 'linux/arm64', '--provenance=false', '--load', '-t', arm, '-f', file, join(folder, 'context')]);
  const amd = named(`${host}/index:amd64`);
  await ok(['image', 'tag', images[1], amd]);
  for (const one of [arm, amd]) await ok(['image', 'push', '--quiet', one]);
  await ok(['buildx', 'imagetools', 'create', '-t', list, arm, amd]);
  const { manifests } = JSON.parse(await ok(['buildx', 'imagetools', 'inspect', '--raw', list])) as { manifests: { digest: string; platform: { os: string; architecture: string; variant?: string } }[] };
  const found: RegistryImage[] = [];
  for (const platform of ['linux/arm64', 'linux/amd64']) found.push(await registryImage(list, { environment: nobody, platform }));
  equal(`${list}: digests by platform`, found.map(({ digest }) => digest), ['arm64', 'amd64'].map((name) => manifests.find(({ platform }) => platform.architecture === name)?.digest));
  equal(`${list}: platforms`, found[0].platforms, manifests.map(({ platform: { os, architecture, variant } }) => [os, architecture, variant].filter((part) => part !== undefined).join('/')));
}

async function logins(local: string, host: string): Promise<void> {
  const { host: shut } = await serve('shut', `auth:\n  htpasswd:\n    realm: here\n    path: ${join(folder, 'htpasswd')}\n`);
  const reference = named(`${shut}/app:1`);
  await ok(['image', 'tag', local, reference]);
  const config = (name: string, password: string): string => {
    const at = join(folder, name);
    mkdirSync(at);
    writeFileSync(join(at, 'config.json'), JSON.stringify({ auths: { [shut]: { auth: btoa(`me:${password}`) } } }));
    return at;
  };
  const right = config('right', 'open:sesame');
  await ok(['--config', right, 'image', 'push', '--quiet', reference]);
  const answer = (DOCKER_CONFIG: string): Promise<string> => registryImage(reference, { environment: { DOCKER_CONFIG } }).then(({ image }) => image.id, (error: Error) => error.message);
  const { image } = await registryImage(local, { environment: nobody });
  equal(`${reference}: the right login`, await answer(right), image.id);
  equal(`${reference}: a wrong one`, await answer(config('wrong', 'x')), `The registry at ${shut} does not take the login that Docker keeps for it, or has no app for it: docker login ${shut}`);
  equal(`${reference}: none`, await answer(nobody.DOCKER_CONFIG), `The registry at ${shut} has no app, or shows it to those only who are logged in: docker login ${shut}`);
  equal(`${host}/nothing:1`, await registryImage(`${host}/nothing:1`, { environment: nobody }).then(() => 'an image', (error: Error) => error.message), `The registry at ${host} has no image nothing:1.`);
}

/** What we have asked for, by the registry's own log: no layer. */
function logged({ log }: Served): void {
  const lines = readFileSync(log, 'utf8').split('\n').filter((line) => line.includes('"strata"'));
  const paths = lines.flatMap((line) => /"GET (\S+) HTTP/.exec(line)?.[1] ?? []);
  const manifests = paths.filter((path) => path.includes('/manifests/'));
  // The registry's storage says what a blob is: a config is JSON.
  const others = paths.filter((path) => !path.includes('/manifests/')).filter((path) => {
    const digits = /\/blobs\/sha256:([a-f0-9]{64})$/.exec(path)?.[1];
    return digits === undefined || readFileSync(join(folder, 'open', 'docker/registry/v2/blobs/sha256', digits.slice(0, 2), digits, 'data'))[0] !== '{'.charCodeAt(0);
  });
  equal(`${lines.length} requests, ${manifests.length} of manifests, the others of configs`, [lines.length > 0, lines.length - paths.length, others], [true, 0, []]);
}

interface Served {
  readonly host: string;
  /** Its access log. */
  readonly log: string;
}

/** Ends with us. */
async function serve(name: string, auth = ''): Promise<Served> {
  const port = await freePort();
  const config = join(folder, `${name}.yml`);
  const log = join(folder, `${name}.log`);
  // bcrypt, of open:sesame
  writeFileSync(join(folder, 'htpasswd'), 'me:$2b$04$XKfiTkSklZXKarA/b62bdOwtKQ2TDdoGjvOwu/GeBxgaTgDU753.q\n');
  writeFileSync(config, `version: 0.1\nlog:\n  level: warn\nstorage:\n  filesystem:\n    rootdirectory: ${join(folder, name)}\nhttp:\n  addr: 127.0.0.1:${port}\n${auth}`);
  rmSync(log, { force: true });
  const server = spawn('sh', ['-c', 'exec docker-registry serve "$0" > "$1" 2>&1', config, log], { stdio: 'ignore' });
  servers.push(server);
  const host = `127.0.0.1:${port}`;
  for (let tries = 0; tries < 100; tries++) {
    if (server.exitCode !== null) throw new Error(readFileSync(log, 'utf8'));
    if (await fetch(`http://${host}/v2/`).then(({ status }) => status === 200 || status === 401, () => false)) return { host, log };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('docker-registry does not answer');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
