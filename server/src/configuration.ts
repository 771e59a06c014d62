/**
 * `strata.json`, the configuration of a project that editor, command line and CI read alike: which rules are on, and how
 * severe. What is wrong in it is said, and the rest of it counts.
 */
import { parse, printParseErrorCode, type ParseError } from 'jsonc-parser';
import type { RuleSettings } from './core/rules/check';
import type { Severity } from './core/rules/finding';
import { rules } from './core/rules/index';
import { say, type Said } from './core/say';

export interface Configuration {
  readonly rules: RuleSettings;
  /** Globs, relative to the file, of Dockerfiles that are not checked. */
  readonly exclude: readonly string[];
  readonly complaints: readonly Said[];
}

export const configurationName = 'strata.json';
const noConfiguration: Configuration = { rules: {}, exclude: [], complaints: [] };

const severities: readonly (Severity | 'off')[] = ['off', 'hint', 'information', 'warning', 'error'];

/** Comments and trailing commas are allowed, as in the editor's own settings. */
export function configurationOf(text: string): Configuration {
  const errors: ParseError[] = [];
  const root: unknown = parse(text, errors, { allowTrailingComma: true });
  const complaints = errors.slice(0, 1).map(({ error, offset }) => say('line {0}: {1}', text.slice(0, offset).split('\n').length, printParseErrorCode(error)));
  if (typeof root !== 'object' || root === null || Array.isArray(root)) return { ...noConfiguration, complaints: complaints.length > 0 ? complaints : [say('it is no object')] };
  const fields = root as Record<string, unknown>;
  const set = ruleSettingsOf(fields.rules, complaints);
  const exclude = Array.isArray(fields.exclude) ? fields.exclude.filter((one): one is string => typeof one === 'string') : [];
  for (const name of Object.keys(fields)) if (!['$schema', 'rules', 'exclude'].includes(name)) complaints.push(say('"{0}" is no setting', name));
  return { rules: set, exclude, complaints };
}

/** What is no rule or no severity is said in `complaints`. */
export function ruleSettingsOf(value: unknown, complaints: Said[]): RuleSettings {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object') {
    complaints.push(say('"rules" is no object'));
    return {};
  }
  const set: Record<string, Severity | 'off'> = {};
  for (const [name, severity] of Object.entries(value as Record<string, unknown>)) {
    if (!rules.some((rule) => rule.name === name)) complaints.push(say('"{0}" is no rule: {1}', name, rules.map((rule) => rule.name).join(', ')));
    else if (!severities.includes(severity as Severity)) complaints.push(say('"{0}": {1} is none of {2}', name, JSON.stringify(severity), severities.join(', ')));
    else set[name] = severity as Severity | 'off';
  }
  return set;
}
