/** Which images an archive has: by its index.json where there is one, else by its manifest.json. */
import { platformOf } from '../../core/image/config';
import { say, verbatim } from '../../core/say';
import { ArchiveError, type ArchiveFiles } from './archive-files';
import { digestOf } from './layers';

export interface Candidate {
  readonly names: readonly string[];
  /** `sha256:…` of the config. */
  readonly id: string;
  /** Of the manifest, where it has one. */
  readonly digest: string | undefined;
  readonly platform: string;
  /** The config file, as it is. */
  readonly config: Json;
  /** Oldest first. */
  readonly layers: readonly LayerFile[];
}

interface LayerFile {
  /** Of the file in the archive. */
  readonly name: string;
  /** Bytes, as the manifest says. */
  readonly size: number | undefined;
}

type Json = Readonly<Record<string, unknown>>;

/** An index may lead to indexes, which lead to manifests: deeper ones are nobody's. */
const deepest = 4;
const mostManifests = 1000;

/** Throws ArchiveError. */
export async function candidatesOf(files: ArchiveFiles, path: string): Promise<readonly Candidate[]> {
  const manifests = await jsonIn(files, 'manifest.json');
  const index = await jsonIn(files, 'index.json');
  if (isRecord(index)) {
    const images = await imagesOf(files, index);
    return Array.isArray(manifests) ? withTags(images, manifests) : images;
  }
  if (!Array.isArray(manifests)) throw new ArchiveError(say('{0} is no image archive: it has neither a manifest.json nor an index.json', path));
  const images: Candidate[] = [];
  for (const one of manifests.slice(0, mostManifests)) images.push(await savedImage(files, one));
  return images;
}

/** Docker's own manifest.json: `[{ Config, RepoTags, Layers }]`, names of files in the archive. */
async function savedImage(files: ArchiveFiles, manifest: unknown): Promise<Candidate> {
  const { Config: name, RepoTags: tags, Layers: listed } = record(manifest);
  const layers = listed ?? [];
  if (typeof name !== 'string' || !isTexts(layers)) throw new ArchiveError(say('the manifest.json in the archive names no config, or no layers'));
  const digest = digestIn(name);
  const bytes = await files.read(name);
  if (!bytes) throw new ArchiveError(say('the config {0} is not in the archive', JSON.stringify(name)));
  const id = checked(bytes, digest ?? `sha256:${sha256(bytes)}`);
  const config = record(parsed(bytes, name));
  return { names: isTexts(tags) ? tags : [], id, digest: undefined, platform: platformOf(config), config, layers: layers.map((layer) => ({ name: layer, size: undefined })) };
}

/** An OCI layout. An image with several names has an entry for each. */
async function imagesOf(files: ArchiveFiles, index: Json): Promise<readonly Candidate[]> {
  const found = new Map<string, Candidate>();
  let count = 0;
  const walk = async (descriptors: unknown, names: readonly string[], depth: number): Promise<void> => {
    for (const descriptor of Array.isArray(descriptors) ? descriptors.map(record) : []) {
      if (++count > mostManifests || depth > deepest) throw new ArchiveError(say('the archive has more than {0} manifests, or indexes more than {1} deep', mostManifests, deepest));
      if (record(descriptor.annotations)['vnd.docker.reference.type'] !== undefined) continue;
      const all = [...new Set([...names, ...namesIn(descriptor)])];
      const digest = String(descriptor.digest);
      const known = found.get(digest);
      if (known) {
        found.set(digest, { ...known, names: [...new Set([...known.names, ...all])] });
        continue;
      }
      const bytes = await blob(files, digest);
      // An index may speak of platforms that were not saved.
      if (!bytes) continue;
      const content = record(parsed(bytes, digest));
      if (Array.isArray(content.manifests)) await walk(content.manifests, all, depth + 1);
      else {
        const image = await imageOfManifest(files, content, digest, all);
        if (image) found.set(digest, image);
      }
    }
  };
  await walk(index.manifests, [], 1);
  return [...found.values()];
}

const configTypes = new Set<unknown>(['application/vnd.oci.image.config.v1+json', 'application/vnd.docker.container.image.v1+json']);

/** Undefined of what is no image (an artifact), and where the config was not saved. */
async function imageOfManifest(files: ArchiveFiles, manifest: Json, digest: string, names: readonly string[]): Promise<Candidate | undefined> {
  const { mediaType, digest: id } = record(manifest.config);
  const described = manifest.layers ?? [];
  if (!configTypes.has(mediaType) || !Array.isArray(described)) return undefined;
  const bytes = await blob(files, String(id));
  if (!bytes) return undefined;
  const config = record(parsed(bytes, String(id)));
  const layers = described.map(record).map(({ digest: layer, size }) => ({ name: nameOf(String(layer)), size: typeof size === 'number' ? size : undefined }));
  return { names, id: String(id), digest, platform: platformOf(config), config, layers };
}

/** containerd's annotation has the full name; OCI's has that, or the tag alone. */
function namesIn(descriptor: Json): readonly string[] {
  const annotations = record(descriptor.annotations);
  const name = annotations['io.containerd.image.name'];
  const ref = annotations['org.opencontainers.image.ref.name'];
  if (typeof name === 'string') return [name.replace(/^docker\.io\/(?:library\/)?/, '')];
  return typeof ref === 'string' ? [ref] : [];
}

/** The names that manifest.json has for the images of index.json. */
function withTags(images: readonly Candidate[], manifests: readonly unknown[]): readonly Candidate[] {
  const tags = new Map<string | undefined, readonly string[]>();
  for (const { Config: config, RepoTags: names } of manifests.map(record)) if (typeof config === 'string' && isTexts(names)) tags.set(digestIn(config), names);
  return images.map((image) => ({ ...image, names: [...new Set([...image.names, ...(tags.get(image.id) ?? [])])] }));
}

async function blob(files: ArchiveFiles, digest: string): Promise<Buffer | undefined> {
  const bytes = await files.read(nameOf(digest));
  if (bytes) checked(bytes, digest);
  return bytes;
}

/** Where an OCI layout has it. Throws of what is no digest. */
function nameOf(digest: string): string {
  digester(digest);
  return `blobs/${digest.replace(':', '/')}`;
}

/** The digest that a file in an archive is named by: `blobs/sha256/…`, or `….json` as older engines name configs. */
export function digestIn(name: string): string | undefined {
  const [, algorithm, digits] = /^blobs\/(sha256|sha512)\/([a-f0-9]+)$/.exec(name) ?? [];
  if (algorithm !== undefined) return `${algorithm}:${digits}`;
  const config = /^([a-f0-9]{64})\.json$/.exec(name)?.[1];
  return config === undefined ? undefined : `sha256:${config}`;
}

function checked(bytes: Buffer, digest: string): string {
  const { algorithm, hash } = digester(digest);
  if (`${algorithm}:${hash.update(bytes).digest('hex')}` !== digest) throw new ArchiveError(say('what the archive has as {0} is something else', digest));
  return digest;
}

function sha256(bytes: Buffer): string {
  return digestOf(`sha256:${'0'.repeat(64)}`).hash.update(bytes).digest('hex');
}

function digester(digest: string): ReturnType<typeof digestOf> {
  try {
    return digestOf(digest);
  } catch (error) {
    throw new ArchiveError(verbatim((error as Error).message), { cause: error });
  }
}

async function jsonIn(files: ArchiveFiles, name: string): Promise<unknown> {
  const bytes = await files.read(name);
  return bytes && parsed(bytes, name);
}

function parsed(bytes: Buffer, name: string): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw new ArchiveError(say('{0} in the archive is no JSON', JSON.stringify(name.slice(0, 200))), { cause: error });
  }
}

function record(value: unknown): Json {
  return isRecord(value) ? value : {};
}

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}
