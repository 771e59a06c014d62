/** The stages of a file under other names and numbers: edits of every place that names one. */
import type { Analysis } from '../build/model';
import { mountFrom } from '../build/mounts';
import type { FileEdit } from '../rules/finding';
import { sourceNames, stageNamed } from './chain';
import { baseWord } from './write';

export interface Renaming {
  /** The name that a stage gets; undefined: it keeps what it has. */
  readonly nameOf: (stage: number) => string | undefined;
  /** How a stage is called where something reads it; undefined: as it is. */
  readonly readAs: (stage: number) => string | undefined;
}

/** FROM words of the stages in `but` are left to others. */
export function renamed(analysis: Analysis, file: string, { nameOf, readAs }: Renaming, but: ReadonlySet<number> = new Set()): FileEdit[] {
  const edits: FileEdit[] = [];
  const { dockerfile } = analysis;
  for (const { from, index, base, steps } of analysis.stages) {
    const command = analysis.commands[dockerfile.instructions.indexOf(from)];
    if (command.kind !== 'FROM') continue;
    const name = nameOf(index);
    if (name !== undefined && command.name) edits.push({ file, span: command.name.span, text: name });
    else if (name !== undefined) edits.push({ file, span: { start: command.base.span.end, end: command.base.span.end }, text: ` AS ${name}` });
    const read = base.kind === 'stage' ? readAs(base.stage) : undefined;
    const word = baseWord(from);
    if (read !== undefined && word && !but.has(index)) edits.push({ file, span: word.span, text: read });
    for (const { command: own, trigger } of steps) {
      if (trigger !== undefined) continue;
      if (own.kind === 'COPY' && own.flags.from) {
        const source = stageNamed(analysis, own.flags.from.text, index);
        const as = source === undefined ? undefined : readAs(source);
        if (as !== undefined) edits.push({ file, span: own.flags.from.span, text: as });
      }
      if (own.kind !== 'RUN') continue;
      for (const { text, span } of own.mounts) {
        const from = mountFrom(text);
        const source = from === '' ? undefined : stageNamed(analysis, from, index);
        const as = source === undefined ? undefined : readAs(source);
        if (as === undefined) continue;
        const at = dockerfile.text.slice(span.start, span.end).search(/(?:^|[,"])from=/i);
        const start = dockerfile.text.indexOf('=', span.start + Math.max(0, at)) + 1;
        if (at !== -1) edits.push({ file, span: { start, end: start + from.length }, text: as });
      }
    }
  }
  return edits;
}

/** The places that name a stage by its number, with what it is afterwards; names stay. */
export function renumbered(analysis: Analysis, file: string, numberOf: (stage: number) => number | undefined): FileEdit[] {
  const all = new Set(analysis.stages.map(({ index }) => index));
  return renamed(analysis, file, { nameOf: () => undefined, readAs: (stage) => numberOf(stage)?.toString() }, all)
    .filter(({ span }) => /^\d+$/.test(analysis.dockerfile.text.slice(span.start, span.end)));
}

/** Names that the texts give to images or stages, in small letters: no new stage may have one of them. */
export function namesIn(analyses: readonly Analysis[]): ReadonlySet<string> {
  return new Set(analyses.flatMap(({ stages }) => stages.flatMap(({ name, base, steps }) => [
    ...(name === null ? [] : [name]), ...(base.kind === 'image' && base.reference !== null ? [base.reference] : []), ...(base.kind === 'context' ? [base.name] : []),
    ...steps.flatMap(sourceNames),
  ])).map((name) => name.toLowerCase()));
}

/** The first of the names, or of them with a number, that is not taken. */
export function freeName(wanted: readonly string[], isTaken: (name: string) => boolean): string {
  const free = wanted.find((name) => !isTaken(name));
  if (free !== undefined) return free;
  for (let n = 2; ; n++) if (!isTaken(`${wanted[0]}-${n}`)) return `${wanted[0]}-${n}`;
}
