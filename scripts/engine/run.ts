/** Runs jobs side by side, but never two that share a key: BuildKit runs common steps of concurrent builds once, and prints one build's numbers. */
export async function sideBySide<T extends { readonly keys: readonly string[] }>(jobs: readonly T[], limit: number, run: (job: T) => Promise<void>): Promise<void> {
  const waiting = [...jobs];
  const busy = new Set<string>();
  const running = new Set<Promise<void>>();
  while (waiting.length > 0 || running.size > 0) {
    const next = running.size < limit ? waiting.findIndex(({ keys }) => !keys.some((key) => busy.has(key))) : -1;
    if (next === -1) {
      await Promise.race(running);
      continue;
    }
    const [job] = waiting.splice(next, 1);
    for (const key of job.keys) busy.add(key);
    const done: Promise<void> = run(job).finally(() => {
      for (const key of job.keys) busy.delete(key);
      running.delete(done);
    });
    running.add(done);
  }
}
