// Runs beside a page that Playwright drives, in a folder that is not trusted.
import type { Result } from '../runner';
import { run, type Given } from './suite';
import './trust.test';

export { given } from './project';

export function runTrustTests(given: Given, report: (result: Result) => void): Promise<number> {
  return run(given, 'untrusted', report);
}
