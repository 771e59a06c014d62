/** The reverse of extracting: a stage that continues a base gets the base's own FROM and steps, and is what it was. */
import type { Analysis, Step } from '../build/model';
import { asLines, lineBreakOf, lineEnd, regionOf } from '../order/lines';
import type { FileEdit } from '../rules/finding';
import type { Instruction } from '../syntax/dockerfile';
import type { NoExtraction } from './model';
import { argsOf, globalInstructions } from './plan';
import { renumbered } from './stage-names';
import { baseWord, textOf } from './write';
import { say } from '../say';

/** `stages` of the file continue the image that the base's only stage makes. */
export function inlined(analysis: Analysis, file: string, stages: readonly number[], base: Analysis, baseName: string): { readonly text: string } | NoExtraction {
  const { dockerfile } = analysis;
  const source = base.dockerfile;
  if (base.problems.length > 0 || analysis.problems.some(({ severity }) => severity === 'error')) return { refused: say('{0} has an error in line {1}.', base.problems.length > 0 ? baseName : file, [...base.problems, ...analysis.problems][0].line), rule: 'errors' };
  if (base.stages.length !== 1) return { refused: say('{0} has {1} stages: only one can be put in place of FROM.', baseName, base.stages.length), rule: 'stages' };
  if (source.escape !== dockerfile.escape) return { refused: say('{0} has another # escape than {1}.', baseName, file), rule: 'directives' };
  const [stage] = base.stages;
  const lineBreak = lineBreakOf(dockerfile.text);
  const body = source.text.slice(lineEnd(source.text, stage.from.span.end)).replace(/\r?\n/g, lineBreak).trimEnd();
  const own = globalInstructions(analysis);
  const globals: string[] = [];
  for (const global of globalInstructions(base)) {
    for (const { name, value } of argsOf(base, global)) {
      const same = own.flatMap((one) => argsOf(analysis, one)).find((one) => one.name === name);
      if (same && same.value !== value) return { refused: say('ARG {0} before the first FROM has another default in {1} than in {2}.', name, baseName, file), rule: 'global-arg' };
      if (!same) globals.push(source.text.slice(global.span.start, global.span.end));
    }
  }
  const edits: FileEdit[] = [];
  for (const index of stages) {
    const { from, steps } = analysis.stages[index];
    const [word, theirs] = [baseWord(from), baseWord(stage.from)];
    if (!word || !theirs) return { refused: say('FROM in line {0} of {1} names no base.', from.firstLine, file), rule: 'errors' };
    edits.push({ file, span: word.span, text: source.text.slice(theirs.span.start, theirs.span.end) });
    const flags = stage.from.flags.filter(({ text }) => !from.flags.some((flag) => flag.text === text)).map(({ text }) => `${text} `).join('');
    if (flags !== '') edits.push({ file, span: { start: word.span.start, end: word.span.start }, text: flags });
    const at = regionOf(dockerfile, from).end;
    if (body !== '') edits.push({ file, span: { start: at, end: at }, text: (at === dockerfile.text.length && !dockerfile.text.endsWith('\n') ? lineBreak : '') + asLines(body, lineBreak) });
    for (const again of declaredAgain(steps, stage.steps)) edits.push({ file, span: regionOf(dockerfile, again), text: '' });
  }
  if (globals.length > 0) {
    const at = regionOf(dockerfile, own[own.length - 1] ?? analysis.stages[0].from);
    const place = own.length > 0 ? at.end : at.start;
    edits.push({ file, span: { start: place, end: place }, text: globals.map((text) => asLines(text, lineBreak)).join('') });
  }
  return { text: textOf(dockerfile, edits) };
}

/** ARGs at the top of a stage that say what the base's say: they were there for what keeps none. */
function declaredAgain(steps: readonly Step[], base: readonly Step[]): Instruction[] {
  const declared = new Set(base.filter(({ command }) => command.kind === 'ARG').map(({ instruction }) => instruction.line.trim()));
  const first = steps.findIndex(({ command }) => command.kind !== 'ARG');
  return steps.slice(0, first === -1 ? undefined : first).map(({ instruction }) => instruction).filter(({ line }) => declared.has(line.trim()));
}

/** Stages that others continue, and that nothing else reads or builds: a common part and no image of its own. */
export function commonStages(analysis: Analysis, targets: ReadonlySet<string>): readonly number[] {
  return analysis.stages.filter(({ index, name }) => {
    if (index === analysis.stages.length - 1 || (name !== null && targets.has(name))) return false;
    const isRead = analysis.stages.some(({ reads }) => reads.includes(index));
    return !isRead && analysis.stages.some(({ base }) => base.kind === 'stage' && base.stage === index);
  }).map(({ index }) => index);
}

/** A stage of the file in place of every FROM that names it; the stage goes. */
export function inlinedStage(analysis: Analysis, file: string, stage: number): { readonly text: string } | NoExtraction {
  const { dockerfile, stages } = analysis;
  const { text } = dockerfile;
  const { from, steps } = stages[stage];
  const word = baseWord(from);
  const wrong = analysis.problems.find(({ severity }) => severity === 'error');
  if (wrong || !word) return { refused: say('{0} has an error in line {1}.', file, wrong?.line ?? from.firstLine), rule: 'errors' };
  const lineBreak = lineBreakOf(text);
  const bodyStart = lineEnd(text, from.span.end);
  const next = stages[stage + 1];
  const end = next ? regionOf(dockerfile, next.from).start : text.length;
  const last = steps[steps.length - 1]?.instruction;
  const body = last ? asLines(text.slice(bodyStart, lineEnd(text, last.span.end)), lineBreak) : '';
  const edits: FileEdit[] = [{ file, span: { start: regionOf(dockerfile, from).start, end }, text: '' }];
  for (const other of stages) {
    if (other.base.kind !== 'stage' || other.base.stage !== stage) continue;
    const theirs = baseWord(other.from);
    if (!theirs) continue;
    const flags = from.flags.filter((flag) => !other.from.flags.some(({ text: own }) => own === flag.text)).map((flag) => `${flag.text} `).join('');
    edits.push({ file, span: theirs.span, text: flags + text.slice(word.span.start, word.span.end) });
    const at = lineEnd(text, other.from.span.end);
    if (body !== '') edits.push({ file, span: { start: at, end: at }, text: (at === text.length && !text.endsWith('\n') ? lineBreak : '') + body });
    for (const again of declaredAgain(other.steps, steps)) edits.push({ file, span: regionOf(dockerfile, again), text: '' });
  }
  return { text: textOf(dockerfile, [...edits, ...renumbered(analysis, file, (index) => (index > stage ? index - 1 : undefined))]) };
}

