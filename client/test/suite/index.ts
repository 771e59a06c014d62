// Runs inside the editor's extension host; the results go to a file, for the editor has much else to say.
import { appendFileSync } from 'node:fs';
import type { Result } from '../runner';
import { run as runSuite } from './suite';
import './cache.test';
import './hints.test';
import './hover.test';
import './rules.test';
import './symbols.test';
import './table.test';

export async function run(): Promise<void> {
  const report = (result: Result) => appendFileSync(process.env['STRATA_REPORT']!, `${JSON.stringify(result)}\n`);
  const failed = await runSuite({}, process.env['STRATA_HOST'] ?? 'node', report);
  if (failed > 0) throw new Error(`${failed} failed`);
}
