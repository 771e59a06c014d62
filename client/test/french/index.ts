// Runs beside a page that Playwright drives, of an editor whose language is French.
import type { Page } from 'playwright-core';
import type { Result } from '../runner';
import { run } from './suite';
import './french.test';

export function runPageTests(page: Page, _host: string, report: (result: Result) => void): Promise<number> {
  return run({ page }, 'page, French', report);
}
