/** What `strata check` finds as SARIF 2.1.0, in the form and within the limits of GitHub's code scanning. */
import type { Location, ReportingDescriptor, Result } from 'sarif';
import { SarifBuilder, SarifResultBuilder, SarifRuleBuilder, SarifRunBuilder } from 'node-sarif-builder';
import type { Finding, Severity } from '../core/rules/finding';
import { pageOf, rules } from '../core/rules/index';
import type { Rule } from '../core/rules/rule';
import { plural } from '../core/rules/words';
import type { Span } from '../core/text';
import { fingerprintsOf } from './baseline-file';
import { isAtLeast, type CheckedFile } from './check-files';
import { placeOf } from './places';

/** What code scanning takes of one run: https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support */
export const limits = { results: 5000, relatedLocations: 100 } as const;

interface Found {
  readonly file: CheckedFile;
  readonly finding: Finding;
  readonly fingerprint: string;
}

/** Paths are those in the repository, so that the result is the same wherever the command runs. */
export function sarifOf(files: readonly CheckedFile[], version: string, warn: (line: string) => void): string {
  const run = new SarifRunBuilder().initSimple({ toolDriverName: 'Strata', toolDriverVersion: version, url: 'https://github.com/strata-layers/strata' });
  run.run.columnKind = 'utf16CodeUnits';
  run.run.tool.driver.semanticVersion = version;
  for (const rule of rules) run.addRule(ruleOf(rule));
  const paths = new Map(files.map(({ path, inRepository }) => [path, inRepository]));
  for (const found of mostSevere(files.flatMap(foundIn), warn)) run.addResult(resultOf(found, paths));
  const sarif = new SarifBuilder({ $schema: 'https://json.schemastore.org/sarif-2.1.0.json' });
  sarif.addRun(run);
  return `${sarif.buildSarifJsonString({ indent: false })}\n`;
}

/** Of the same one, each has its own number. */
function foundIn(file: CheckedFile): Found[] {
  const counts = new Map<string, number>();
  return fingerprintsOf(file.inRepository, file.text, file.findings).map((identity, i) => {
    const count = (counts.get(identity) ?? 0) + 1;
    counts.set(identity, count);
    return { file, finding: file.findings[i], fingerprint: `${identity}:${count}` };
  });
}

const severities: readonly Severity[] = ['error', 'warning', 'information', 'hint'];

function mostSevere(found: readonly Found[], warn: (line: string) => void): readonly Found[] {
  if (found.length <= limits.results) return found;
  warn(`SARIF for code scanning holds ${limits.results} results: ${plural(found.length - limits.results, 'finding')} of ${found.length}, the least severe, ${found.length - limits.results === 1 ? 'is' : 'are'} left out`);
  return severities.flatMap((severity) => found.filter(({ finding }) => finding.severity === severity)).slice(0, limits.results);
}

/** How right a rule was where its findings were read: docs/rules.md. */
const precisions: Readonly<Record<string, string>> = { 'copy-wider-than-read': 'medium', 'drifted-step': 'medium' };

function ruleOf({ name, finds, severity }: Rule): SarifRuleBuilder {
  const page = pageOf(name);
  const title = finds();
  const built = new SarifRuleBuilder().initSimple({ ruleId: name, shortDescriptionText: title, fullDescriptionText: `${title}.`, helpUri: page });
  const rule = built.rule as ReportingDescriptor;
  rule.name = name;
  rule.defaultConfiguration = { level: levels[severity] };
  rule.help = { text: `${title}. ${page}`, markdown: `${title}. [When the rule speaks, and what its fixes change](${page})` };
  rule.properties = { tags: ['dockerfile', 'performance'], precision: precisions[name] ?? 'high', 'problem.severity': isAtLeast(severity, 'warning') ? severity : 'recommendation' };
  return built;
}

const levels = { hint: 'note', information: 'note', warning: 'warning', error: 'error' } as const;

function resultOf({ file: { inRepository, text }, finding: { rule, message, severity, span, related, fixes }, fingerprint }: Found, paths: ReadonlyMap<string, string>): SarifResultBuilder {
  const { line, column, endLine, endColumn } = placeOf(text, span);
  const built = new SarifResultBuilder().initSimple({ ruleId: rule, messageText: message, level: levels[severity], fileUri: uriOf(inRepository), startLine: line, startColumn: column, endLine, endColumn });
  const result = built.result as Result;
  // A key of our own: `primaryLocationLineHash` is what github/codeql-action/upload-sarif makes of the line.
  result.partialFingerprints = { 'strata/v1': fingerprint };
  if (related.length > 0) {
    result.relatedLocations = related.slice(0, limits.relatedLocations).map((one, i): Location => ({
      id: i + 1, message: { text: one.message },
      physicalLocation: 'span' in one
        ? { artifactLocation: { uri: uriOf(inRepository) }, region: regionOf(text, one.span) }
        : { artifactLocation: { uri: uriOf(paths.get(one.file) ?? one.file) }, region: { startLine: one.line } },
    }));
  }
  // SARIF has no word for a fix that is not safe.
  const safe = fixes.filter((fix) => fix.safe && fix.edits.every(({ file }) => file === null));
  if (safe.length > 0) {
    result.fixes = safe.map(({ title, edits }) => ({
      description: { text: title },
      artifactChanges: [{ artifactLocation: { uri: uriOf(inRepository) }, replacements: edits.map((edit) => ({ deletedRegion: regionOf(text, edit.span), insertedContent: { text: edit.text } })) }],
    }));
  }
  return built;
}

function regionOf(text: string, span: Span): { startLine: number; startColumn: number; endLine: number; endColumn: number } {
  const { line, column, endLine, endColumn } = placeOf(text, span);
  return { startLine: line, startColumn: column, endLine, endColumn };
}

/** A relative reference, as SARIF wants a file of the checkout. */
function uriOf(path: string): string {
  return path.replaceAll('\\', '/').split('/').map(encodeURIComponent).join('/');
}
