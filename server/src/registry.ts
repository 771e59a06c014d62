/** What registries have of a file's image and of its bases: what a user asks for by a command, and nothing else. */
import type { CancellationToken } from 'vscode-languageserver';
import { normalName, normalReference } from './core/image/reference';
import type { AskRegistryAnswer, AskRegistryParams } from './protocol';
import { say } from './core/say';
import { stopOf, type Reading, type Session } from './session';
import type { RegistryImage } from './workspace/images/registry';

/** Bases of one file. */
const mostBases = 8;

/** Null: no document of ours, or no machine to ask from. */
export async function askRegistryFor(session: Session, { textDocument: { uri } }: AskRegistryParams, token: CancellationToken): Promise<AskRegistryAnswer | null> {
  const images = session.project?.images;
  const reading = await session.read(uri, token);
  if (!images || !reading) return null;
  const stop = stopOf(token);
  const { facts } = reading.builds[0];
  const bases = reading.analysis.wants.slice(0, mostBases);
  const image = imageToAsk(reading);
  const failed = new Set<string>();
  const found = new Map<string, RegistryImage>();
  const ask = async (reference: string, usual: string | undefined): Promise<void> => {
    try {
      found.set(reference, await images.registry(reference, usual, stop));
    } catch (error) {
      failed.add(error instanceof Error ? error.message : String(error));
    }
  };
  if (image === undefined && bases.length === 0) return { found: [], failed: [say('The project names no image of this file, and its bases are known: strata.image can name one.')] };
  const askable = image !== undefined && !isDockersOwn(image);
  if (image !== undefined && !askable) failed.add(say("{0} names no registry: Docker Hub has Docker's own images under such a name.", image));
  await Promise.all([...(askable ? [ask(image, reading.image(image)?.platform ?? facts.platform?.target)] : []), ...bases.map((base) => ask(base, facts.platform?.target))]);
  for (const base of bases) if (found.has(base)) images.learn(base, found.get(base)!.image);
  session.takeAsKept(reading, found);
  // In the order of the file, whichever came first.
  return { found: [...new Set([...(image === undefined ? [] : [image]), ...bases])].filter((name) => found.has(name)), failed: [...failed] };
}

/** The one that the engine has, of several names. */
function imageToAsk({ settings, builds: [{ tags = [] }], image }: Reading): string | undefined {
  const names = settings.image !== undefined ? [settings.image] : tags;
  return names.find((name) => image(name) !== undefined) ?? names.at(0);
}

/** Nobody else can push to such a name. */
function isDockersOwn(reference: string): boolean {
  const normal = normalReference(reference);
  return !('error' in normal) && !normalName(normal.reference).includes('/');
}
