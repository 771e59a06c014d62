/** What `strata check` prints, in each of its formats. Lines and columns count from 1, columns in UTF-16 units. */
import type { Severity } from '../core/rules/finding';
import { plural } from '../core/rules/words';
import { fingerprintsOf } from './baseline-file';
import type { CheckedFile } from './check-files';
import { sarifOf } from './check-sarif';
import { placeOf } from './places';

export const formats = ['text', 'json', 'sarif', 'github'] as const;
export type Format = (typeof formats)[number];

/** `warn`: what does not fit into a format. */
export function reportOf(files: readonly CheckedFile[], format: Format, version: string, warn: (line: string) => void): string {
  switch (format) {
    case 'text': return textOf(files);
    case 'json': return `${JSON.stringify(jsonOf(files))}\n`;
    case 'sarif': return sarifOf(files, version, warn);
    case 'github': return githubOf(files);
  }
}

export function jsonOf(files: readonly CheckedFile[]): unknown {
  return {
    findings: files.flatMap(({ path, inRepository, text, findings }) => fingerprintsOf(inRepository, text, findings).map((fingerprint, i) => ({
      rule: findings[i].rule, file: path, ...placeOf(text, findings[i].span), message: findings[i].message, severity: findings[i].severity, fingerprint,
      fixes: findings[i].fixes.map(({ title, safe, edits }) => ({
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
