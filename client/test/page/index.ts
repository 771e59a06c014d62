// Runs beside a page that Playwright drives.
import type { Page } from 'playwright-core';
import type { Result } from '../runner';
import { run } from './suite';
import './look.test';
import './fix.test';

export function runPageTests(page: Page, host: string, report: (result: Result) => void): Promise<number> {
  return run({ page }, `page, ${host} host`, report);
}
