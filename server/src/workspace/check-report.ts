/** What `strata check` prints, in each of its formats. Lines and columns count from 1, columns in UTF-16 units. */
import { SarifBuilder, SarifResultBuilder, SarifRuleBuilder, SarifRunBuilder } from 'node-sarif-builder';
import type { Finding, Severity } from '../core/rules/finding';
import { pageOf, rules } from '../core/rules/index';
import { plural } from '../core/rules/words';
import { lineAt, lineStartsOf, type Span } from '../core/text';
import type { CheckedFile } from './check-files';

export const formats = ['text', 'json', 'sarif', 'github'] as const;
export type Format = (typeof formats)[number];

export function reportOf(files: readonly CheckedFile[], format: Format, version: string): string {
  switch (format) {
    case 'text': return textOf(files);
    case 'json': return `${JSON.stringify(jsonOf(files))}\n`;
    case 'sarif': return sarifOf(files, version);
    case 'github': return githubOf(files);
  }
}

interface Place {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

function placeOf(text: string, { start, end }: Span): Place {
  const starts = lineStartsOf(text);
  const first = lineAt(starts, start);
  const last = lineAt(starts, end);
  return { line: first + 1, column: start - starts[first] + 1, endLine: last + 1, endColumn: end - starts[last] + 1 };
}

export function jsonOf(files: readonly CheckedFile[]): unknown {
  return {
    findings: files.flatMap(({ path, text, findings }) => findings.map((finding) => ({
      rule: finding.rule, file: path, ...placeOf(text, finding.span), message: finding.message, severity: finding.severity,
      fixes: finding.fixes.map(({ title, safe, edits }) => ({
        title, safe,
        edits: edits.map((edit) => (edit.file === null ? { file: path, ...placeOf(text, edit.span), text: edit.text } : { file: edit.file, offset: edit.span.start, endOffset: edit.span.end, text: edit.text })),
      })),
    }))),
  };
}

const words: Readonly<Record<Severity, string>> = { hint: 'hint', information: 'info', warning: 'warning', error: 'error' };

/** The line with `^^^` under what is meant. */
function textOf(files: readonly CheckedFile[]): string {
  const lines: string[] = [];
  for (const { path, text, findings, fixed } of files) {
    for (const title of fixed) lines.push(`${path}: fixed: ${title}`, '');
    for (const { rule, severity, message, span, fixes } of findings) {
      const { line, column } = placeOf(text, span);
      const source = text.split('\n')[line - 1].replace(/\r$/, '');
      const number = String(line);
      const under = `${source.slice(0, column - 1).replace(/[^\t]/g, ' ')}${'^'.repeat(Math.max(1, Math.min(span.end - span.start, source.length - column + 1)))}`;
      lines.push(`${path}:${line}:${column}: ${words[severity]}: ${message} [${rule}]`, `  ${number} | ${source}`, `  ${' '.repeat(number.length)} | ${under}`);
      for (const { title, safe } of fixes) lines.push(`  ${' '.repeat(number.length)} = ${safe ? 'safe fix' : 'fix'}: ${title}`);
      lines.push('');
    }
  }
  const all = files.flatMap(({ findings }) => findings);
  const safe = all.filter(({ fixes }) => fixes.some((fix) => fix.safe)).length;
  lines.push(all.length === 0 ? `nothing found in ${plural(files.length, 'Dockerfile')}` : `${plural(all.length, 'finding')} in ${plural(new Set(files.filter(({ findings }) => findings.length > 0)).size, 'Dockerfile')} of ${files.length}${safe === 0 ? '' : `, ${safe} with a safe fix (--fix)`}`, '');
  return lines.join('\n');
}

const levels = { hint: 'note', information: 'note', warning: 'warning', error: 'error' } as const;

/** SARIF 2.1.0; its schema has no room for a fix that is not safe, so only safe ones are in it. */
function sarifOf(files: readonly CheckedFile[], version: string): string {
  const run = new SarifRunBuilder().initSimple({ toolDriverName: 'Strata', toolDriverVersion: version, url: 'https://github.com/strata-layers/strata' });
  run.run.columnKind = 'utf16CodeUnits';
  for (const { name } of rules) run.addRule(new SarifRuleBuilder().initSimple({ ruleId: name, shortDescriptionText: name, helpUri: pageOf(name) }));
  for (const { path, text, findings } of files) for (const finding of findings) run.addResult(resultOf(path, text, finding));
  const sarif = new SarifBuilder();
  sarif.addRun(run);
  return `${sarif.buildSarifJsonString({ indent: false })}\n`;
}

function resultOf(path: string, text: string, { rule, message, severity, span, fixes }: Finding): SarifResultBuilder {
  const { line, column, endLine, endColumn } = placeOf(text, span);
  const result = new SarifResultBuilder().initSimple({ ruleId: rule, messageText: message, level: levels[severity], fileUri: uriOf(path), startLine: line, startColumn: column, endLine, endColumn });
  const safe = fixes.filter((fix) => fix.safe && fix.edits.every(({ file }) => file === null));
  if (safe.length > 0) {
    result.result.fixes = safe.map(({ title, edits }) => ({
      description: { text: title },
      artifactChanges: [{
        artifactLocation: { uri: uriOf(path) },
        replacements: edits.map((edit) => {
          const place = placeOf(text, edit.span);
          return { deletedRegion: { startLine: place.line, startColumn: place.column, endLine: place.endLine, endColumn: place.endColumn }, insertedContent: { text: edit.text } };
        }),
      }],
    }));
  }
  return result;
}

/** A relative reference, as SARIF wants a file of the checkout. */
function uriOf(path: string): string {
  return path.replaceAll('\\', '/').split('/').map(encodeURIComponent).join('/');
}

const commands = { hint: 'notice', information: 'notice', warning: 'warning', error: 'error' } as const;

/** Workflow commands of GitHub Actions. */
function githubOf(files: readonly CheckedFile[]): string {
  const escaped = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  const property = (text: string): string => escaped(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
  return files.flatMap(({ path, text, findings }) => findings.map(({ rule, severity, message, span }) => {
    const { line, column, endLine, endColumn } = placeOf(text, span);
    return `::${commands[severity]} file=${property(path)},line=${line},endLine=${endLine},col=${column},endColumn=${endColumn},title=${property(rule)}::${escaped(message)}\n`;
  })).join('');
}
