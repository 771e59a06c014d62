/** The command strata check: arguments in, texts out; what it looks at and writes is the machine's. */
import type { Facts } from '../core/build/model';
import { plural } from '../core/rules/words';
import { oneOf, options, Refusal } from './arguments';
import { baselineIn, baselineText, type Baseline } from './baseline-file';
import { isAtLeast, type CheckOptions, type CheckReport } from './check-files';
import { formats, reportOf } from './check-report';
import { reasonOf } from './disk';
import { GitRefusal } from './tree';

export interface CheckMachine {
  /** The text of a file; throws a Refusal. */
  readonly read: (file: string) => string;
  readonly write: (text: string) => void;
  readonly warn: (line: string) => void;
  /** Writes a file; throws as node:fs does. */
  readonly save: (file: string, text: string) => void;
  /** The Dockerfiles under some paths, checked; throws as node:fs does, and what git says. */
  readonly check: (paths: readonly string[], options: CheckOptions) => CheckReport;
  readonly version: () => string;
}

/** True: something was found that is as severe as asked for. */
export function checkCommand(argv: readonly string[], machine: CheckMachine, facts: (values: Readonly<Record<string, unknown>>) => Facts): boolean {
  const { values, positionals } = options(argv, {
    format: { type: 'string' }, fix: { type: 'boolean' }, 'fix-unsafe': { type: 'boolean' }, 'fail-on': { type: 'string' }, builder: { type: 'string' }, json: { type: 'boolean' },
    since: { type: 'string' }, baseline: { type: 'string' }, 'write-baseline': { type: 'string' },
  });
  if (positionals.length === 0) throw new Refusal('no PATH given');
  const format = values.json ? 'json' : oneOf('--format', values.format as string | undefined, formats, 'text');
  const failOn = oneOf('--fail-on', values['fail-on'] as string | undefined, severities, 'warning');
  const since = values.since as string | undefined;
  const written = values['write-baseline'] as string | undefined;
  if (since === '') throw new Refusal('--since: which commit?');
  if (written !== undefined) {
    // It has all that there is, or the next check would find the rest.
    const other = ['since', 'baseline', 'fix', 'fix-unsafe'].find((name) => values[name] !== undefined);
    if (other !== undefined) throw new Refusal(`--write-baseline and --${other} exclude each other`);
  }
  const baseline = values.baseline === undefined ? undefined : baselineOf(values.baseline as string, machine);
  const report = reportFor(positionals, { fix: values['fix-unsafe'] ? 'all' : values.fix ? 'safe' : 'none', facts: facts(values), ...(since !== undefined && { since }), ...(baseline && { baseline }) }, machine);
  for (const complaint of report.complaints) machine.warn(complaint);
  if (written !== undefined) {
    save(written, baselineText(report.files), machine);
    machine.write(`${plural(report.files.reduce((sum, { findings }) => sum + findings.length, 0), 'finding')} written to ${written}\n`);
    return false;
  }
  machine.write(reportOf(report.files, format, machine.version(), machine.warn));
  return report.files.some(({ findings }) => findings.some(({ severity }) => isAtLeast(severity, failOn)));
}

const severities = ['hint', 'information', 'warning', 'error'] as const;

function reportFor(paths: readonly string[], asked: CheckOptions, machine: CheckMachine): CheckReport {
  try {
    return machine.check(paths, asked);
  } catch (error) {
    if (error instanceof GitRefusal) throw new Refusal(`--since ${asked.since as string}: ${error.message}`);
    const { path } = error as { path?: string };
    if (path === undefined) throw error;
    throw new Refusal(`${path}: ${reasonOf(error)}`);
  }
}

function baselineOf(file: string, machine: CheckMachine): Baseline {
  const text = machine.read(file);
  try {
    return baselineIn(text);
  } catch (error) {
    throw new Refusal(`--baseline ${file}: ${(error as Error).message}; --write-baseline ${file} writes it anew`);
  }
}

function save(file: string, text: string, machine: CheckMachine): void {
  try {
    machine.save(file, text);
  } catch (error) {
    throw new Refusal(`${file}: ${reasonOf(error)}`);
  }
}
