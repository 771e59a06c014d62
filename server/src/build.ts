/** Build and measure: what a user asks for by a command, and nothing else. */
import type { CancellationToken } from 'vscode-languageserver';
import { timesOf } from './features/times';
import type { BuildAnswer, BuildParams } from './protocol';
import { stopOf, type Session } from './session';
import type { BuildProgress } from './workspace/images/build';

/** Null: no document of ours, or no machine to build on. The document is built as it is on the disk. */
export async function buildFor(session: Session, progress: (now: BuildProgress) => void, { textDocument: { uri } }: BuildParams, token: CancellationToken): Promise<BuildAnswer | null> {
  const { project } = session;
  const reading = await session.read(uri, token);
  if (!project?.images || !reading) return null;
  const order = project.order(uri, reading.settings);
  if (typeof order === 'string') return { failed: order };
  const stop = stopOf(token);
  const began = performance.now();
  try {
    const measured = await project.images.build(order, progress, stop);
    session.takeAsMeasured(reading, { image: order.tag, times: timesOf(reading.analysis, measured, reading.measured?.times) });
    // What it holds is found out beside: the answer does not wait for it.
    project.images.look(order.tag).catch((error) => session.report(error instanceof Error ? error.message : String(error)));
    const steps = [...measured.steps.values()];
    return { image: order.tag, ran: steps.filter(({ cached }) => !cached).length, cached: steps.filter(({ cached }) => cached).length, seconds: (performance.now() - began) / 1000 };
  } catch (error) {
    return { failed: error instanceof Error ? error.message : String(error) };
  }
}
