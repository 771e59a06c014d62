/** Long work in short pieces: it says where it may be interrupted, by a `yield`; where that gives a promise, it goes on after it. */

export type Work<Result> = Generator<void | Promise<void>, Result>;

/** How long requests may wait for it, in milliseconds. */
const slice = 6;

/** A Worker of a browser has only the one. */
const nextTurn: (then: () => void) => unknown = globalThis.setImmediate ?? globalThis.setTimeout;

/** Whoever waits for an answer goes first, every few milliseconds. `between`: called before they do. */
export async function inSlices<Result>(work: Work<Result>, between?: () => void): Promise<Result> {
  for (;;) {
    const end = performance.now() + slice;
    do {
      const step = work.next();
      if (step.done) return step.value;
      if (step.value) await step.value;
    } while (performance.now() < end);
    between?.();
    await new Promise<void>((resolve) => void nextTurn(resolve));
  }
}

/** Where nothing is waited for: on a machine's disk. */
export function atOnce<Result>(work: Work<Result>): Result {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}
