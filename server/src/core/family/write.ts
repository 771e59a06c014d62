/** A plan → texts: the base's Dockerfile, or a stage of it, and each sibling as it continues it. Every other byte stays as it is. */
import { asLines, lineBreakOf, regionOf } from '../order/lines';
import { edited } from '../rules/edited';
import type { FileEdit } from '../rules/finding';
import type { Analysis, Step } from '../build/model';
import type { Dockerfile, Instruction } from '../syntax/dockerfile';
import { continuing } from './cost';
import type { NoExtraction } from './model';
import { argsOf, globalsRead, mentions, type Plan, type PlannedMember } from './plan';

/** The base as a file of its own: directives, the global arguments that it reads, FROM and the steps. */
export function baseFile({ members: [first], steps }: Plan, comments: readonly string[]): string {
  const { analysis, member } = first;
  const { dockerfile } = analysis;
  const lineBreak = lineBreakOf(dockerfile.text);
  const declared = new Set(steps.flatMap(({ command }) => (command.kind === 'ARG' ? command.pairs.map(({ name }) => name.text) : [])));
  const directives = dockerfile.directives.filter(({ name }) => name !== 'check').map(({ span }) => dockerfile.text.slice(span.start, span.end));
  const globals = globalsRead(analysis, member.stage, declared).map(({ span }) => dockerfile.text.slice(span.start, span.end));
  return [
    ...directives, ...comments.map((comment) => `# ${comment}`), ...globals, stageText(first, undefined),
  ].map((part) => asLines(part, lineBreak)).join('');
}

/** FROM and the steps that move, with the comments right above them. */
export function stageText({ analysis, member, moved }: PlannedMember, name: string | undefined): string {
  const { dockerfile, stages } = analysis;
  const lineBreak = lineBreakOf(dockerfile.text);
  const { from, steps } = stages[member.stage];
  const base = baseWord(from);
  const head = dockerfile.text.slice(from.keywordSpan.start, base?.span.end ?? from.span.end);
  return [`${head}${name === undefined ? '' : ` AS ${name}`}`, ...moved.map((index) => regionText(dockerfile, steps[index].instruction))].map((part) => asLines(part, lineBreak)).join('');
}

function regionText(dockerfile: Dockerfile, instruction: Instruction): string {
  const { start, end } = regionOf(dockerfile, instruction);
  return dockerfile.text.slice(start, end);
}

/** What a file becomes whose stages continue `name`: edits of its text. `first`: whose comments are in the base. */
export function continued(members: readonly PlannedMember[], name: string, first: PlannedMember, sameFile: boolean): { readonly edits: readonly FileEdit[]; readonly redeclared: number } | NoExtraction {
  const [{ analysis, member: { file } }] = members;
  const { dockerfile } = analysis;
  const edits: FileEdit[] = [];
  let redeclared = 0;
  for (const one of members) {
    const stage = analysis.stages[one.member.stage];
    const base = baseWord(stage.from);
    if (!base) return { refused: `FROM in line ${stage.from.firstLine} of ${file} names no base.`, rule: 'errors' };
    edits.push({ file, span: base.span, text: name });
    for (const [i, index] of one.moved.entries()) edits.push({ file, span: goneWith(one, stage.steps[index], first, i), text: '' });
    const again = argumentsAgain(one, sameFile);
    if ('refused' in again) return again;
    redeclared += again.texts.length;
    const lineBreak = lineBreakOf(dockerfile.text);
    const at = regionOf(dockerfile, stage.from).end;
    const before = dockerfile.text.endsWith('\n') || at < dockerfile.text.length ? '' : lineBreak;
    if (again.texts.length > 0) edits.push({ file, span: { start: at, end: at }, text: before + again.texts.map((text) => asLines(text, lineBreak)).join('') });
  }
  if (!sameFile) edits.push(...unusedGlobals(analysis, members).map((global): FileEdit => ({ file, span: regionOf(dockerfile, global), text: '' })));
  return { edits, redeclared };
}

/** The lines of a step that moves, with its comments where the base has them too, and one of two blank lines. */
function goneWith({ analysis }: PlannedMember, step: Step, first: PlannedMember, place: number): FileEdit['span'] {
  const { dockerfile } = analysis;
  const { text } = dockerfile;
  const region = regionOf(dockerfile, step.instruction);
  const theirs = first.analysis.stages[first.member.stage].steps[first.moved[place]];
  const comment = text.slice(region.start, step.instruction.span.start);
  const kept = comment.trim() === first.analysis.dockerfile.text.slice(regionOf(first.analysis.dockerfile, theirs.instruction).start, theirs.instruction.span.start).trim();
  const start = kept ? region.start : lineStart(text, step.instruction.span.start);
  const blank = /^[ \t]*\r?\n/.exec(text.slice(region.end))?.[0];
  const isBlankBefore = start === 0 || /\n[ \t]*\r?\n$/.test(text.slice(0, start));
  return { start, end: region.end + (blank !== undefined && isBlankBefore ? blank.length : 0) };
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/**
 * An image keeps no ARG: what a RUN or a value below would see of it has to be declared again. A stage does keep it, but where the
 * base image has an ENV of its name, that wins again at the next FROM (convert.go, dispatchStages): declared again, it is right in both.
 */
function argumentsAgain({ analysis, member, moved }: PlannedMember, sameFile: boolean): { readonly texts: readonly string[] } | NoExtraction {
  const stage = analysis.stages[member.stage];
  const gone = new Set(moved);
  const steps = moved.map((index) => stage.steps[index]);
  const declarations = steps.filter(({ command }) => command.kind === 'ARG');
  if (declarations.length === 0) return { texts: [] };
  const below = [...stage.steps.filter((_, index) => !gone.has(index)), ...continuing(analysis, stage).flatMap((other) => other.steps)];
  const names = declarations.flatMap(({ command }) => (command.kind === 'ARG' ? command.pairs.map(({ name }) => name.text) : []));
  if (!below.some(({ command, instruction }) => command.kind === 'RUN' || names.some((name) => mentions(instruction, name)))) return { texts: [] };
  const texts: string[] = [];
  for (const [i, step] of steps.entries()) {
    const { command, instruction } = step;
    if (command.kind !== 'ARG') continue;
    const later = new Set(steps.slice(i + 1).flatMap((other) => (other.command.kind === 'ENV' ? other.command.pairs.map(({ name }) => name.text) : [])));
    const own = command.pairs.map(({ name }) => name.text);
    // An ENV of its name has won already, and is in the image.
    if (own.every((name) => later.has(name))) continue;
    const where = `ARG of line ${step.line ?? 0} of ${member.file}`;
    if (own.some((name) => later.has(name))) return { refused: `The ${where} declares ${own.join(' and ')}, and an ENV sets one of them: declared again it would win.`, rule: 'arg-and-env' };
    // A stage has its own ARGs already when they are declared again.
    const known = [...later, ...(sameFile ? declarations.filter((other) => steps.indexOf(other) > i).flatMap((other) => (other.command.kind === 'ARG' ? other.command.pairs.map(({ name }) => name.text) : [])) : [])];
    const moving = known.find((name) => mentions(instruction, name));
    if (moving !== undefined) return { refused: `The default in ${where} reads ${moving}, which is set later: declared again it would be another.`, rule: 'arg-default' };
    texts.push(analysis.dockerfile.text.slice(instruction.span.start, instruction.span.end));
  }
  return { texts };
}

/** Global ARGs that only the FROMs and steps that are gone have read. */
function unusedGlobals(analysis: Analysis, members: readonly PlannedMember[]): readonly Instruction[] {
  const gone = new Set(members.flatMap((one) => one.moved.map((index) => analysis.stages[one.member.stage].steps[index].instruction)));
  const froms = new Set(members.map(({ member }) => analysis.stages[member.stage].from));
  const { instructions } = analysis.dockerfile;
  const candidates = new Set(members.flatMap(({ member }) => globalsRead(analysis, member.stage, new Set())));
  const unused: Instruction[] = [];
  for (const global of [...candidates].toReversed()) {
    const names = argsOf(analysis, global).map(({ name }) => name);
    const isRead = instructions.some((other) => other !== global && !unused.includes(other) && (froms.has(other) ? flagsMention(other, names)
      : (gone.has(other) ? false : names.some((name) => mentions(other, name)) || argsOf(analysis, other).some(({ name }) => names.includes(name)))));
    // Declared again without a value in the stage, it is read.
    if (!isRead && !redeclaredIn(analysis, members, names)) unused.push(global);
  }
  return unused;
}

function flagsMention({ flags }: Instruction, names: readonly string[]): boolean {
  return flags.some(({ text }) => names.some((name) => text.includes(`$${name}`) || text.includes(`\${${name}`)));
}

function redeclaredIn(analysis: Analysis, members: readonly PlannedMember[], names: readonly string[]): boolean {
  return members.some((one) => one.moved.some((index) => argsOf(analysis, analysis.stages[one.member.stage].steps[index].instruction).some(({ name }) => names.includes(name))));
}

/** The word of FROM that names the base. */
export function baseWord({ args }: Instruction): Instruction['args'][number] | undefined {
  return args[0];
}

export function textOf(dockerfile: Dockerfile, edits: readonly FileEdit[]): string {
  return edited(dockerfile.text, edits);
}
