/** Long work in short pieces: it says where it may be interrupted, by a `yield`. */

export type Work<Result> = Generator<void, Result>;

/** How long requests may wait for it, in milliseconds. */
const slice = 6;

/** Whoever waits for an answer goes first, every few milliseconds. */
export async function inSlices<Result>(work: Work<Result>): Promise<Result> {
  for (;;) {
    const end = performance.now() + slice;
    do {
      const step = work.next();
      if (step.done) return step.value;
    } while (performance.now() < end);
    await new Promise((resolve) => void setImmediate(resolve));
  }
}

export function atOnce<Result>(work: Work<Result>): Result {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}
