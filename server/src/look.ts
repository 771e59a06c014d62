/** Look into the image: what its layers hold is read because a user has asked, and what it wastes is found in the lines from then on. */
import { builtImage } from './features/image';
import { findingsOf } from './features/diagnostics';
import { imageUnknown } from './layer-files';
import type { LookAnswer, LookParams } from './protocol';
import { stopOf, type Session } from './session';
import { sizeText } from './core/image/size-text';
import { wasteIn } from './core/image/losses';
import type { CancellationToken } from 'vscode-languageserver';

/** Null: no document of ours, or no machine that has images. */
export async function lookFor(session: Session, { textDocument: { uri } }: LookParams, token: CancellationToken): Promise<LookAnswer | null> {
  const { project } = session;
  const reading = await session.read(uri, token);
  if (!project?.images || !reading) return null;
  const built = builtImage(reading);
  if (!built) return { failed: project.images.refusal() ?? imageUnknown() };
  try {
    const contents = await project.images.look(built.image.reference, stopOf(token));
    // The engine may have told of the image's new name in between.
    await project.settled();
    const now = await session.read(uri, token);
    const waste = wasteIn(contents.layers);
    const findings = now ? (await findingsOf(now)).filter(({ fixes }) => fixes.some(({ saves }) => saves !== undefined)) : [];
    return { image: built.image.reference, size: sizeText(waste.layers.reduce((sum, { bytes }) => sum + bytes, 0)), wasted: sizeText(waste.total), fixes: findings.length };
  } catch (error) {
    return { failed: error instanceof Error ? error.message : String(error) };
  }
}
