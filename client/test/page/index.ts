// Runs beside a page that Playwright drives.
import type { Result } from '../runner';
import { run, type Workbench } from './suite';
import './look.test';

export function runPageTests(workbench: Workbench, report: (result: Result) => void): Promise<number> {
  return run(workbench, `page, ${workbench.host} host`, report);
}
