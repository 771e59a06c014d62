/** An image as its registry has it: manifest and config, never a layer. Asked only because somebody has asked. */
import { createHash } from 'node:crypto';
import { imageOf, platformOf } from '../../core/image/config';
import type { Image } from '../../core/image/model';
import { normalReference } from '../../core/image/reference';
import type { Environment } from './engine';
import { jsonOf, registryOf, RegistryError, usualLimits, type Limits, type Received, type Registry } from './registry-client';
import { say } from '../../core/say';

export { RegistryError } from './registry-client';

export interface RegistryImage {
  /** Rows with a layer have no size: a registry knows compressed ones. */
  readonly image: Image;
  /** Of the manifest, `sha256:…`. */
  readonly digest: string;
  /** That it is there for: `linux/amd64`, `linux/arm64/v8`. */
  readonly platforms: readonly string[];
  /** Oldest first, one for each of the image's diffIds. */
  readonly layers: readonly RegistryLayer[];
}

export interface RegistryLayer {
  readonly diffId: string;
  /** Of the layer as it is kept, and the bytes of that: compressed, mostly. */
  readonly digest: string;
  readonly size: number;
  readonly mediaType: string;
}

export interface RegistryOptions {
  readonly environment: Environment;
  /** `linux/arm64`: the image is for that one. */
  readonly platform?: string;
  /** The one that is taken of several where none is asked for. */
  readonly usual?: string;
  readonly limits?: Partial<Limits>;
  readonly stop?: AbortSignal;
}

type Json = Readonly<Record<string, unknown>>;

const manifestTypes = [
  'application/vnd.oci.image.index.v1+json', 'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json', 'application/vnd.docker.distribution.manifest.v2+json',
];
const indexTypes = new Set<unknown>(manifestTypes.slice(0, 2));
const configTypes = ['application/vnd.oci.image.config.v1+json', 'application/vnd.docker.container.image.v1+json'];
/** Of indexes, and of what says no platform there: more, or deeper ones, are nobody's. */
const mostRead = 16;
const deepest = 4;

/** Throws RegistryError. */
export async function registryImage(reference: string, { environment, platform, usual = 'linux/amd64', limits, stop }: RegistryOptions): Promise<RegistryImage> {
  const { host, name, version } = placeOf(reference);
  const registry = registryOf(host, name, environment, { ...usualLimits, ...limits }, stop);
  const what = `image ${name}${version.includes(':') ? '@' : ':'}${version}`;
  const first = await manifestOf(registry, version, what);
  const offered = first.manifests ? await offeredBy(registry, first.manifests, what) : [await offerOf(registry, first, what)];
  const chosen = choose(registry, offered, what, platform, usual);
  const { digest, content, id, config } = chosen.read ?? await configOf(registry, await manifestOf(registry, chosen.digest, what), what);
  const image = imageOf(reference, id, config, [reference]);
  if ('error' in image) throw new RegistryError(say('The registry at {0} has {1} in a way that is not known: {2}.', host, what, image.error));
  const own = platformOf(config);
  if (normalPlatform(own) !== normalPlatform(chosen.platform)) throw new RegistryError(say('The registry at {0} has an index that has {1} for {2}, which is for {3}.', host, what, chosen.platform, own));
  return { image: { ...image, platform: own }, digest, platforms: [...new Set(offered.map((one) => one.platform))], layers: layersOf(registry, content, config, image) };
}

/** `version`: a digest, where there is one, else a tag. */
function placeOf(reference: string): { readonly host: string; readonly name: string; readonly version: string } {
  const normal = normalReference(reference);
  if ('error' in normal) throw new RegistryError(say('{0}: {1}', reference.slice(0, 200), normal.error));
  const [, host = '', name = '', tag = 'latest', digest] = /^([^/]+)\/([^@:]+)(?::([^@]+))?(?:@(.+))?$/.exec(normal.reference) ?? [];
  if (digest !== undefined && !hashOf(digest)) throw new RegistryError(say('{0}: {1} is no digest by sha256 or sha512', reference, digest));
  return { host, name, version: digest ?? tag };
}

interface Manifest {
  readonly content: Json;
  readonly digest: string;
  /** Of an index. */
  readonly manifests: readonly Json[] | undefined;
}

async function manifestOf(registry: Registry, version: string, what: string): Promise<Manifest> {
  const answer = await registry.get(`manifests/${version}`, manifestTypes.join(', '), what);
  const digest = verified(registry, answer, version.includes(':') ? version : answer.headers.get('docker-content-digest'));
  const content = recordIn(registry, answer, 'manifest');
  if (content.schemaVersion === 1) throw new RegistryError(say("The registry at {0} has {1} in Docker's first format (schema 1), which says too little of an image.", registry.host, what));
  const { manifests, layers } = content;
  // One reader must not find an index where another one finds an image (CVE-2021-41190).
  if (Array.isArray(manifests) && layers !== undefined) throw new RegistryError(say('The registry at {0} sends a manifest that is an index, too.', registry.host));
  return { content, digest, manifests: Array.isArray(manifests) ? manifests.map(record) : undefined };
}

interface Read extends Manifest {
  /** Of the config. */
  readonly id: string;
  readonly config: Json;
}

async function configOf(registry: Registry, manifest: Manifest, what: string): Promise<Read> {
  const { config, layers } = manifest.content;
  const { mediaType, digest } = record(config);
  if (!configTypes.includes(String(mediaType)) || !Array.isArray(layers)) throw new RegistryError(say('The registry at {0} has something as {1} that is no image.', registry.host, what));
  const id = digestIn(registry, digest);
  const answer = await registry.get(`blobs/${id}`, '*/*', `config ${id}`);
  verified(registry, answer, id);
  return { ...manifest, id, config: recordIn(registry, answer, 'config') };
}

/** `digest`: what it should have; null: nobody says. */
function verified({ host }: Registry, { bytes }: Received, digest: string | null): string {
  const hash = digest === null ? undefined : hashOf(digest);
  if (digest === null || !hash) return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  if (`${digest.slice(0, 6)}:${hash.update(bytes).digest('hex')}` !== digest) throw new RegistryError(say('What the registry at {0} sends as {1} is something else.', host, digest));
  return digest;
}

function hashOf(digest: string): ReturnType<typeof createHash> | undefined {
  return /^(?:sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128})$/.test(digest) ? createHash(digest.slice(0, 6)) : undefined;
}

/** It becomes a part of an address. */
function digestIn({ host }: Registry, value: unknown): string {
  if (typeof value !== 'string' || !hashOf(value)) throw new RegistryError(say('The registry at {0} sends something in place of a digest by sha256 or sha512.', host));
  return value;
}

function recordIn({ host }: Registry, { bytes }: Received, what: string): Json {
  const content = jsonOf(bytes, host);
  if (typeof content !== 'object' || content === null || Array.isArray(content)) throw new RegistryError(say('The registry at {0} answers with something that is no {1}.', host, what));
  return content as Json;
}

interface Offer {
  readonly platform: string;
  /** Of its manifest. */
  readonly digest: string;
  /** Where it had to be looked into already. */
  readonly read?: Read;
}

/** What an index leads to. */
async function offeredBy(registry: Registry, index: readonly Json[], what: string): Promise<readonly Offer[]> {
  const found: Offer[] = [];
  // The index itself has been read.
  let read = 1;
  const more = (depth: number): void => {
    if (++read > mostRead || depth > deepest) throw new RegistryError(say('The registry at {0} has {1} in an index of more than {2} manifests to read, or more than {3} deep.', registry.host, what, mostRead, deepest));
  };
  const walk = async (manifests: readonly Json[], depth: number): Promise<void> => {
    for (const { digest: named, mediaType, platform, annotations } of manifests) {
      const digest = digestIn(registry, named);
      if (record(annotations)['vnd.docker.reference.type'] !== undefined) continue;
      if (platform !== undefined && !indexTypes.has(mediaType)) {
        const said = platformOf(record(platform));
        if (said !== 'unknown/unknown') found.push({ platform: said, digest });
        continue;
      }
      more(depth + 1);
      const below = await manifestOf(registry, digest, what);
      if (below.manifests) await walk(below.manifests, depth + 1);
      else found.push(await offerOf(registry, below, what));
    }
  };
  await walk(index, 1);
  return found;
}

/** Its config says what it is for. */
async function offerOf(registry: Registry, manifest: Manifest, what: string): Promise<Offer> {
  const read = await configOf(registry, manifest, what);
  return { platform: platformOf(read.config), digest: read.digest, read };
}

function choose({ host }: Registry, offered: readonly Offer[], what: string, platform: string | undefined, usual: string): Offer {
  if (offered.length === 0) throw new RegistryError(say('The registry at {0} has {1} for no platform.', host, what));
  const wanted = platform ?? usual;
  const fit = offered.find((one) => normalPlatform(one.platform) === normalPlatform(wanted)) ?? offered.find((one) => one.platform.startsWith(`${wanted}/`));
  if (fit) return fit;
  if (offered.length > 1) throw new RegistryError(say('The registry at {0} has {1} for {2}, and not for {3}.', host, what, offered.length > 20 ? say('{0} and others', offered.slice(0, 20).map((one) => one.platform).join(', ')) : offered.map((one) => one.platform).join(', '), wanted));
  if (platform !== undefined) throw new RegistryError(say('The registry at {0} has {1} for {2} only.', host, what, offered[0].platform));
  return offered[0];
}

/** As containerd compares them: some variants are those that are meant without any. */
function normalPlatform(platform: string): string {
  return { 'linux/arm64/v8': 'linux/arm64', 'linux/amd64/v1': 'linux/amd64', 'linux/arm': 'linux/arm/v7' }[platform] ?? platform;
}

function layersOf(registry: Registry, { layers }: Json, { history }: Json, { diffIds }: Image): readonly RegistryLayer[] {
  const described = (layers as readonly unknown[]).map(record);
  if (described.length !== diffIds.length) throw new RegistryError(say('The registry at {0} sends a manifest of {1} layers with a config of {2}.', registry.host, described.length, diffIds.length));
  // Fewer are taken, as Docker takes them: an image need not have a history.
  const rows = (Array.isArray(history) ? history : []).filter((row) => record(row).empty_layer !== true).length;
  if (rows > diffIds.length) throw new RegistryError(say('The registry at {0} sends a config whose history has {1} layers, and whose file system has {2}.', registry.host, rows, diffIds.length));
  return described.map(({ digest, size, mediaType }, i) => {
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) throw new RegistryError(say('The registry at {0} sends something in place of the size of a layer.', registry.host));
    return { diffId: diffIds[i], digest: digestIn(registry, digest), size, mediaType: typeof mediaType === 'string' ? mediaType : '' };
  });
}

function record(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}
