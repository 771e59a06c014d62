/** `textDocument/diagnostic`: what the rules find, each with its page. */
import { DiagnosticSeverity, type Diagnostic } from 'vscode-languageserver';
import { analyze } from '../core/analyze';
import type { ImageContents } from '../core/image/losses';
import { check, type CheckedBuild } from '../core/rules/check';
import type { Finding, Severity } from '../core/rules/finding';
import { pageOf } from '../core/rules/index';
import type { Reading } from '../session';
import { lineRange, rangeOf } from './convert';
import { builtImage } from './image';
import { siblingFacts } from './siblings';

export async function diagnosticsOf(reading: Reading): Promise<Diagnostic[]> {
  return (await findingsOf(reading)).map((finding) => diagnosticOf(reading, finding));
}

const known = new WeakMap<Reading, Promise<readonly Finding[]>>();

/** Once for a reading: diagnostics and actions ask for the same. */
export function findingsOf(reading: Reading): Promise<readonly Finding[]> {
  let findings = known.get(reading);
  if (!findings) known.set(reading, (findings = find(reading)));
  return findings;
}

async function find(reading: Reading): Promise<readonly Finding[]> {
  const text = reading.document.getText();
  const analyses = reading.builds.map((build, i) => (i === 0 ? reading.analysis : analyze(text, build.facts)));
  const siblings = siblingFacts(reading);
  const contents = contentsOf(reading);
  // The image is the one of the build in use.
  return findWith(reading, analyses.map((analysis, i) => ({ analysis, build: reading.builds[i], texts: new Map(), siblings, ...(i === 0 && contents && { contents }) })));
}

/** Of the image that was built, where somebody has looked into it. */
export function contentsOf(reading: Reading): ImageContents | undefined {
  const built = builtImage(reading);
  return built && reading.contents(built.image);
}

/** Until there is nothing more to be read that may matter. */
export async function findWith(reading: Reading, builds: readonly CheckedBuild[]): Promise<readonly Finding[]> {
  let current = builds;
  for (;;) {
    const { findings, wants } = check(current, reading.settings.rules, reading.settings.floor);
    let more = false;
    current = await Promise.all(current.map(async (build, i) => {
      const missing = [...(wants[i] ?? [])].filter((path) => !build.texts.has(path));
      const found = missing.length === 0 ? undefined : await reading.texts(missing, build.build);
      if (found === undefined || found.size === 0) return build;
      more = true;
      return { ...build, texts: new Map([...build.texts, ...found]) };
    }));
    if (!more) return findings;
  }
}

const severities: Readonly<Record<Severity, DiagnosticSeverity>> = {
  hint: DiagnosticSeverity.Hint, information: DiagnosticSeverity.Information, warning: DiagnosticSeverity.Warning, error: DiagnosticSeverity.Error,
};

export function diagnosticOf({ document }: Reading, { rule, span, message, severity, related }: Finding): Diagnostic {
  return {
    range: rangeOf(document, span), message, severity: severities[severity], source: 'Strata', code: rule, codeDescription: { href: pageOf(rule) },
    ...(related.length > 0 && { relatedInformation: related.map((one) => ({
      location: 'span' in one ? { uri: document.uri, range: rangeOf(document, one.span) } : { uri: one.file, range: lineRange(one.line) }, message: one.message,
    })) }),
  };
}
