/** A plan → texts: the base's Dockerfile, or a stage of it, and each sibling as it continues it. Every other byte stays as it is. */
import { asLines, lineBreakOf, lineEnd, regionOf } from '../order/lines';
import { edited } from '../rules/edited';
import type { FileEdit } from '../rules/finding';
import type { Analysis, Step } from '../build/model';
import type { Dockerfile, Instruction } from '../syntax/dockerfile';
import { continuing } from './cost';
import type { NoExtraction } from './model';
import { argsOf, globalsRead, mentions, type Plan, type PlannedMember } from './plan';
import { say } from '../say';

/** The base as a file of its own: directives, the global arguments that it reads, FROM and the steps. */
export function baseFile({ members, steps }: Plan, comments: readonly string[]): string {
  const [first] = members;
  const { analysis, member } = first;
  const { dockerfile } = analysis;
  const lineBreak = lineBreakOf(dockerfile.text);
  const declared = new Set(steps.flatMap(({ command }) => (command.kind === 'ARG' ? command.pairs.map(({ name }) => name.text) : [])));
  const directives = dockerfile.directives.filter(({ name }) => name !== 'check').map(({ span }) => dockerfile.text.slice(span.start, span.end));
  const globals = globalsRead(analysis, member.stage, declared).map(({ span }) => dockerfile.text.slice(span.start, span.end));
  return [
    ...directives, ...comments.map((comment) => `# ${comment}`), ...globals, stageText(first, members, undefined),
  ].map((part) => asLines(part, lineBreak)).join('');
}

/** FROM and the steps that move, as one of the members has them, with the comments above them that all have. */
export function stageText(one: PlannedMember, all: readonly PlannedMember[], name: string | undefined): string {
  const { analysis, member, moved } = one;
  const { dockerfile, stages } = analysis;
  const lineBreak = lineBreakOf(dockerfile.text);
  const { from, steps } = stages[member.stage];
  const base = baseWord(from);
  const head = dockerfile.text.slice(from.keywordSpan.start, base?.span.end ?? from.span.end);
  return [`${head}${name === undefined ? '' : ` AS ${name}`}`, ...moved.map((index, place) => stepText(one, all, steps[index], place))].map((part) => asLines(part, lineBreak)).join('');
}

function stepText(one: PlannedMember, all: readonly PlannedMember[], { instruction }: Step, place: number): string {
  const { dockerfile } = one.analysis;
  const start = haveSameComment(all, place) ? regionOf(dockerfile, instruction).start : instruction.span.start;
  return dockerfile.text.slice(start, lineEnd(dockerfile.text, instruction.span.end));
}

/** Comments right above a step that moves: what one alone says stays with it. */
function haveSameComment(all: readonly PlannedMember[], place: number): boolean {
  return new Set(all.map((one) => commentAbove(one, place))).size === 1;
}

function commentAbove({ analysis: { dockerfile, stages }, member, moved }: PlannedMember, place: number): string {
  const { instruction } = stages[member.stage].steps[moved[place]];
  return dockerfile.text.slice(regionOf(dockerfile, instruction).start, instruction.span.start).replace(/\s+/g, ' ').trim();
}

/** What a file becomes whose stages, some of `all`, continue `name`: edits of its text. */
export function continued(members: readonly PlannedMember[], name: string, all: readonly PlannedMember[], sameFile: boolean): { readonly edits: readonly FileEdit[]; readonly redeclared: number } | NoExtraction {
  const [{ analysis, member: { file } }] = members;
  const { dockerfile } = analysis;
  const edits: FileEdit[] = [];
  const names = new Set<string>();
  let redeclared = 0;
  for (const one of members) {
    const stage = analysis.stages[one.member.stage];
    const base = baseWord(stage.from);
    if (!base) return { refused: say('FROM in line {0} of {1} names no base.', stage.from.firstLine, file), rule: 'errors' };
    edits.push({ file, span: base.span, text: name });
    for (const [i, index] of one.moved.entries()) edits.push({ file, span: goneWith(one, stage.steps[index], haveSameComment(all, i)), text: '' });
    const again = argumentsAgain(one, sameFile);
    if ('refused' in again) return again;
    redeclared += again.texts.length;
    for (const one of again.names) names.add(one);
    const lineBreak = lineBreakOf(dockerfile.text);
    const at = regionOf(dockerfile, stage.from).end;
    const before = dockerfile.text.endsWith('\n') || at < dockerfile.text.length ? '' : lineBreak;
    if (again.texts.length > 0) edits.push({ file, span: { start: at, end: at }, text: before + again.texts.map((text) => asLines(text, lineBreak)).join('') });
  }
  if (!sameFile) edits.push(...unusedGlobals(analysis, members, names).map((global): FileEdit => ({ file, span: regionOf(dockerfile, global), text: '' })));
  return { edits, redeclared };
}

/** The lines of a step that moves, with its comments where the base has them, and one of two blank lines. */
function goneWith({ analysis: { dockerfile } }: PlannedMember, step: Step, kept: boolean): FileEdit['span'] {
  const { text } = dockerfile;
  const region = regionOf(dockerfile, step.instruction);
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
function argumentsAgain({ analysis, member, moved }: PlannedMember, sameFile: boolean): { readonly texts: readonly string[]; readonly names: readonly string[] } | NoExtraction {
  const stage = analysis.stages[member.stage];
  const gone = new Set(moved);
  const steps = moved.map((index) => stage.steps[index]);
  const declarations = steps.filter(({ command }) => command.kind === 'ARG');
  if (declarations.length === 0) return { texts: [], names: [] };
  const below = [...stage.steps.filter((_, index) => !gone.has(index)), ...continuing(analysis, stage).flatMap((other) => other.steps)];
  const names = declarations.flatMap(({ command }) => (command.kind === 'ARG' ? command.pairs.map(({ name }) => name.text) : []));
  if (!below.some(({ command, instruction }) => command.kind === 'RUN' || names.some((name) => mentions(instruction, name)))) return { texts: [], names: [] };
  const texts: string[] = [];
  const declared: string[] = [];
  for (const [i, step] of steps.entries()) {
    const { command, instruction } = step;
    if (command.kind !== 'ARG') continue;
    const later = new Set(steps.slice(i + 1).flatMap((other) => (other.command.kind === 'ENV' ? other.command.pairs.map(({ name }) => name.text) : [])));
    const own = command.pairs.map(({ name }) => name.text);
    // An ENV of its name has won already, and is in the image.
    if (own.every((name) => later.has(name))) continue;
    const line = step.line ?? 0;
    if (own.some((name) => later.has(name))) return { refused: say('The ARG of line {0} of {1} declares {2}, and an ENV sets one of them: declared again it would win.', line, member.file, own.length > 1 ? say('{0} and {1}', own.slice(0, -1).join(', '), own[own.length - 1]) : own[0]), rule: 'arg-and-env' };
    // A stage has its own ARGs already when they are declared again.
    const known = [...later, ...(sameFile ? declarations.filter((other) => steps.indexOf(other) > i).flatMap((other) => (other.command.kind === 'ARG' ? other.command.pairs.map(({ name }) => name.text) : [])) : [])];
    const moving = known.find((name) => mentions(instruction, name));
    if (moving !== undefined) return { refused: say('The default in ARG of line {0} of {1} reads {2}, which is set later: declared again it would be another.', line, member.file, moving), rule: 'arg-default' };
    texts.push(analysis.dockerfile.text.slice(instruction.span.start, instruction.span.end));
    declared.push(...own);
  }
  return { texts, names: declared };
}

/** Global ARGs that only the FROMs and steps that are gone have read. */
function unusedGlobals(analysis: Analysis, members: readonly PlannedMember[], redeclared: ReadonlySet<string>): readonly Instruction[] {
  const gone = new Set(members.flatMap((one) => one.moved.map((index) => analysis.stages[one.member.stage].steps[index].instruction)));
  const froms = new Set(members.map(({ member }) => analysis.stages[member.stage].from));
  const { instructions } = analysis.dockerfile;
  const declared = new Set(members.flatMap(({ member, moved }) => moved.flatMap((index) => argsOf(analysis, analysis.stages[member.stage].steps[index].instruction).map(({ name }) => name))));
  const candidates = new Set(members.flatMap(({ member }) => globalsRead(analysis, member.stage, declared)));
  const unused: Instruction[] = [];
  for (const global of [...candidates].toReversed()) {
    const names = argsOf(analysis, global).map(({ name }) => name);
    const isRead = instructions.some((other) => other !== global && !unused.includes(other) && (froms.has(other) ? flagsMention(other, names)
      : (gone.has(other) ? false : names.some((name) => mentions(other, name)) || argsOf(analysis, other).some(({ name }) => names.includes(name)))));
    // Declared again without a value in the stage, it is read.
    if (!isRead && !names.some((name) => redeclared.has(name))) unused.push(global);
  }
  return unused;
}

function flagsMention({ flags }: Instruction, names: readonly string[]): boolean {
  return flags.some(({ text }) => names.some((name) => text.includes(`$${name}`) || text.includes(`\${${name}`)));
}

/** The word of FROM that names the base. */
export function baseWord({ args }: Instruction): Instruction['args'][number] | undefined {
  return args[0];
}

export function textOf(dockerfile: Dockerfile, edits: readonly FileEdit[]): string {
  return edited(dockerfile.text, edits);
}
