// Runs beside a page that Playwright drives: one newcomer, from start to end, each test where the one before has stopped.
import type { Page } from 'playwright-core';
import type { Result } from '../runner';
import { run } from './suite';
import './walkthrough.test';

export function runWalkthroughTests(page: Page, home: string, report: (result: Result) => void): Promise<number> {
  return run({ page, home }, 'walkthrough', report);
}
