/** What a document is compared with, and which steps would run again after a build of that. Once for a reading, when first asked for. */
import { analyze } from './core/analyze';
import type { Build } from './core/build/cache';
import { contextOf, type Context } from './core/build/context';
import type { Analysis, Facts } from './core/build/model';
import { since, type Since } from './core/build/since';
import type { Reading } from './session';

export interface Baseline {
  /** The last commit, the file as it was opened, or as the user has built it. */
  readonly since: 'commit' | 'opened' | 'taken';
  readonly text: string;
  /** Undefined: not known; taken as it is now. */
  readonly context: Context | undefined;
  /** Left out: those of now. */
  readonly facts?: Facts;
  /** Of the text with these facts, where there is one. */
  readonly analysis?: Analysis;
}

const answers = new WeakMap<Reading, Since | null>();

/** Undefined where nothing is known to compare with, and where all is as it was. */
export function rebuildsOf(reading: Reading): Since | undefined {
  let answer = answers.get(reading);
  if (answer === undefined) {
    answer = compared(reading) ?? null;
    answers.set(reading, answer);
  }
  return answer ?? undefined;
}

function compared({ document, analysis, baseline, builds: [build] }: Reading): Since | undefined {
  if (!baseline) return undefined;
  const context = build.context.kind === 'folder' ? build.context.files : undefined;
  const before = (context && baseline.context) ?? context ?? nothing;
  const facts = baseline.facts ? withImagesOf(build.facts, baseline.facts) : build.facts;
  if (facts === build.facts && before === (context ?? nothing) && baseline.text === document.getText()) return undefined;
  const built = analysisOf(baseline, facts);
  // What no build could be made of was never built.
  if (built.target === undefined || built.problems.some(({ severity }) => severity === 'error')) return undefined;
  const found = since({ analysis: built, facts, context: before }, { analysis, facts: build.facts, context: context ?? nothing });
  return found.again + found.open === 0 ? undefined : found;
}

/** What has become known of base images since is no change of theirs. */
function withImagesOf({ images }: Facts, facts: Facts): Facts {
  return facts.images === images ? facts : { ...facts, images };
}

const nothing = contextOf([]);

const analyses = new WeakMap<Baseline, { readonly facts: Facts; readonly analysis: Analysis }>();

function analysisOf(baseline: Baseline, facts: Facts): Analysis {
  if (baseline.analysis && facts === baseline.facts) return baseline.analysis;
  let known = analyses.get(baseline);
  if (known?.facts !== facts) analyses.set(baseline, (known = { facts, analysis: analyze(baseline.text, facts) }));
  return known.analysis;
}

/** The build in use, for questions about it. */
export function buildOf({ analysis, builds: [{ facts, context }] }: Reading): Build {
  return { analysis, facts, context: context.kind === 'folder' ? context.files : nothing };
}
