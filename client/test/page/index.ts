// Runs beside a page that Playwright drives.
import type { Result } from '../runner';
import { run, type Workbench } from './suite';
import './look.test';

export function runPageTests(workbench: Workbench, host: string, report: (result: Result) => void): Promise<number> {
  return run(workbench, `page, ${host} host`, report);
}
