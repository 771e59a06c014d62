// A runner that fits in an extension host as well as beside a page: tests in, one result a test out.
import { deepStrictEqual } from 'node:assert';
import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';

/** `skipped`: why it was not run. */
export type Result = { readonly name: string; readonly error?: string; readonly skipped?: string };

/** A body that gives a sentence could not be run here. */
type Test<Context> = { readonly name: string; readonly body: (context: Context) => Promise<void | string> };

/** How long to look for what is expected. A machine may be slow; once a test has failed it is rather the code. */
let patience = 60_000;

export function suite<Context>() {
  const tests: Test<Context>[] = [];
  return {
    test: (name: string, body: Test<Context>['body']) => void tests.push({ name, body }),
    run: async (context: Context, prefix: string, report: (result: Result) => void) => {
      let failed = 0;
      for (const { name, body } of tests) {
        const ended: Omit<Result, 'name'> = await body(context).then((skipped) => (skipped === undefined ? {} : { skipped }), (error) => ({ error: readable(error) }));
        if (ended.error !== undefined) {
          failed++;
          patience = 30_000;
        }
        report({ name: `${prefix}: ${name}`, ...ended });
      }
      return failed;
    },
  };
}

/** Looks until it is what we expect, and shows the difference when patience ends. */
export async function becomes<Value>(look: () => Promise<Value>, expected: Value): Promise<void> {
  const end = AbortSignal.timeout(patience);
  for (;;) {
    const seen = await look();
    if (isDeepStrictEqual(seen, expected)) return;
    if (end.aborted) deepStrictEqual(seen, expected);
    await pause(20);
  }
}

function readable(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
