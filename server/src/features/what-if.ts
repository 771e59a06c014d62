/** `strata/whatIf`, `strata/changes`: which steps would run again after a change that nobody has made yet. */
import { buildOf } from '../baseline';
import type { Build } from '../core/build/cache';
import type { Context } from '../core/build/context';
import { cleanPath } from '../core/build/path';
import type { Since } from '../core/build/since';
import { argsOf, basesOf, takenBy, whatIf, type Change } from '../core/build/what-if';
import type { ChangesAnswer, WhatIfBuild, WhatIfChange } from '../protocol';
import { selectionsOf } from '../core/build/sent';
import type { Reading } from '../session';
import { linesOf, type Line } from './lines';
import { counted, joined, say, verbatim, type Said } from '../core/say';
import { cut } from './markdown';

export interface Foreseen {
  /** `src/ changes`, without its verb. */
  readonly what: Said;
  readonly since: Since;
}

/** Undefined where the line takes nothing that could change, or is not built. */
export function ifLineChanges(reading: Reading, line: Line): Foreseen | undefined {
  const build = buildOf(reading);
  if (line.kind === 'from') {
    const { base, reachable } = line.stage;
    if (base.kind !== 'image' || base.reference === null || !reachable) return undefined;
    return foreseen(verbatim(base.reference), reading, build, { kind: 'base', reference: base.reference });
  }
  if (line.kind !== 'step' || !line.stage.reachable || !takesFiles(line)) return undefined;
  const path = takenBy(reading.analysis, line.step, build.context);
  return path === undefined ? undefined : foreseen(sourcesOf(line, build.context), reading, build, { kind: 'file', path });
}

/** The line may have an answer; what it is costs more. */
export function mayChange(line: Line): boolean {
  if (line.kind === 'from') return line.stage.reachable && !line.stage.replaced && line.stage.base.kind === 'image';
  return line.kind === 'step' && line.stage.reachable && takesFiles(line);
}

/** `3 of 7 steps run again` */
export function countsOf({ again, open, verdicts }: Since): Said {
  const steps = counted(again, '{0} of {1} steps runs again', '{0} of {1} steps run again', verdicts.length);
  return joined([steps, open === 0 ? undefined : say('{0} more may', open)], ', ');
}

/** `path`: of a file, in the context of the build in use. */
export function buildAfter(reading: Reading, change: WhatIfChange, path: string | undefined): { readonly what: Said; readonly build: WhatIfBuild } | undefined {
  const found = find(reading, change, path);
  if (!found) return undefined;
  const { again, open, verdicts } = found.since;
  return {
    what: found.what,
    build: {
      uri: reading.document.uri, title: reading.builds[0].title, again, open, total: verdicts.length,
      steps: verdicts.filter(({ verdict }) => verdict !== 'cached').map(({ step, verdict, reason }) => ({
        line: step.line ?? reading.analysis.stages[step.stage].from.firstLine, instruction: cut((step.trigger ?? step.instruction.line).replace(/\s+/g, ' '), 80),
        step: step.number, sure: verdict === 'rebuilt', reason: reason?.text ?? verbatim(''),
      })),
    },
  };
}

function find(reading: Reading, change: WhatIfChange, path: string | undefined): Foreseen | undefined {
  switch (change.kind) {
    case 'line': {
      const line = linesOf(reading.analysis).find(({ instruction }) => instruction.firstLine === change.line);
      return line && ifLineChanges(reading, line);
    }
    case 'file': return path === undefined ? undefined : foreseen(verbatim(path), reading, buildOf(reading), { kind: 'file', path });
    case 'arg': return argsOf(reading.analysis).includes(change.name) ? foreseen(verbatim(change.name), reading, buildOf(reading), change) : undefined;
    case 'base': return foreseen(verbatim(change.reference), reading, buildOf(reading), change);
  }
}

export function changesOf({ analysis }: Reading): ChangesAnswer {
  return { args: argsOf(analysis), bases: basesOf(analysis) };
}

/** Undefined where nothing would run again: then there is nothing to say. */
function foreseen(what: Said, reading: Reading, build: Build, change: Change): Foreseen | undefined {
  const since = whatIf(reading.document.getText(), build, change);
  return since && since.again + since.open > 0 ? { what, since } : undefined;
}

function takesFiles({ step }: Line & { kind: 'step' }): boolean {
  return step.row === 'layer' && (step.command.kind === 'COPY' || step.command.kind === 'ADD') && selectionsOf(step).length > 0;
}

function sourcesOf({ step }: Line & { kind: 'step' }, { entries }: Context): Said {
  const sources = step.expanded.kind === 'copy' ? step.expanded.sources.map((source) => source ?? '?') : [];
  const [first, ...more] = sources;
  if (more.length === 1) return say('{0} or {1}', first, more[0]);
  if (more.length > 1) return say('one of {0}, …', first);
  const path = cleanPath(`/${first}`).slice(1);
  if (path === '') return say('any file');
  return verbatim(entries.get(path)?.type === 'folder' && !first.endsWith('/') ? `${first}/` : first);
}
