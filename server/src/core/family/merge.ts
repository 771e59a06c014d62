/** Several Dockerfiles → one, with a stage that they share and a target for each of their images. */
import type { Analysis } from '../build/model';
import { asLines, lineBreakOf, lineEnd } from '../order/lines';
import type { FileEdit } from '../rules/finding';
import type { NoExtraction } from './model';
import { argsOf, globalInstructions, type Plan, type PlannedMember } from './plan';
import { freeName, namesIn, renamed } from './stage-names';
import { continued, stageText, textOf } from './write';
import { say } from '../say';

export interface Merged {
  readonly text: string;
  /** By file, the target of each of its stages; the one that was built by default has one, too. */
  readonly targets: ReadonlyMap<string, readonly (string | undefined)[]>;
  readonly redeclared: number;
}

/** `slugs`: a short name for each file, all different. */
export function mergedFile(plan: Plan, slugs: ReadonlyMap<string, string>): Merged | NoExtraction {
  const files = new Map<string, PlannedMember[]>();
  for (const one of plan.members) files.set(one.member.file, [...(files.get(one.member.file) ?? []), one]);
  const analyses = [...files.values()].map(([{ analysis }]) => analysis);
  const refused = directivesDiffer(files) ?? lineBreaksDiffer(files) ?? globalsDiffer(files);
  if (refused) return refused;
  const images = namesIn(analyses);
  const taken = new Set(images);
  const take = (wanted: string): string => {
    const name = freeName([wanted], (one) => taken.has(one.toLowerCase()));
    taken.add(name.toLowerCase());
    return name;
  };
  const [first] = plan.members;
  const base = take('base');
  const lineBreak = lineBreakOf(first.analysis.dockerfile.text);
  const bodies: string[] = [];
  const targets = new Map<string, string[]>();
  let redeclared = 0;
  for (const [file, members] of files) {
    const [{ analysis }] = members;
    const slug = slugs.get(file) ?? 'image';
    const names = analysis.stages.map(({ name, index }) => take(index === analysis.stages.length - 1 ? slug : `${slug}-${name ?? `stage-${index}`}`));
    targets.set(file, names);
    const made = continued(members, base, plan.members, true);
    if ('refused' in made) return made;
    redeclared += made.redeclared;
    const edits = [...made.edits, ...renamed(analysis, file, { nameOf: (stage) => names[stage], readAs: (stage) => names[stage] }, new Set(members.map(({ member }) => member.stage)))];
    bodies.push(bodyOf(analysis, edits, file).replace(/\r?\n/g, lineBreak));
  }
  const globals = globalLines(analyses);
  const directives = first.analysis.dockerfile.directives.filter(({ name }) => name !== 'check').map(({ span }) => first.analysis.dockerfile.text.slice(span.start, span.end));
  const parts = [
    ...directives, ...globals, ...(directives.length + globals.length > 0 ? [''] : []), stageText(first, plan.members, base).replace(/\r?\n/g, lineBreak), ...bodies.flatMap((body) => ['', body]),
  ];
  return { text: parts.map((part) => (part === '' ? lineBreak : asLines(part, lineBreak))).join(''), targets, redeclared };
}

/** All but its directives and global arguments, which stand at the top of the file that is made. */
function bodyOf(analysis: Analysis, edits: readonly FileEdit[], file: string): string {
  const { dockerfile } = analysis;
  const gone = [...dockerfile.directives, ...globalInstructions(analysis)].map(({ span }): FileEdit => ({ file, span: { start: span.start, end: lineEnd(dockerfile.text, span.end) }, text: '' }));
  return textOf(dockerfile, [...gone, ...edits]).replace(/^\ufeff/, '').replace(/^(?:[ \t]*\r?\n)+/, '').replace(/\s+$/, '');
}

function directivesDiffer(files: ReadonlyMap<string, readonly PlannedMember[]>): NoExtraction | undefined {
  const said = [...files].map(([file, [{ analysis }]]) => ({ file, text: JSON.stringify(['syntax', 'escape'].map((name) => analysis.dockerfile.directives.find((one) => one.name === name)?.value)) }));
  const other = said.find(({ text }) => text !== said[0].text);
  return other && { refused: say('{0} and {1} have other directives (# syntax, # escape): they cannot be one file.', said[0].file, other.file), rule: 'directives' };
}

/** The lines of a heredoc are content: in a file with other line breaks they would be another. */
function lineBreaksDiffer(files: ReadonlyMap<string, readonly PlannedMember[]>): NoExtraction | undefined {
  const all = [...files].map(([file, [{ analysis: { dockerfile } }]]) => ({ file, lineBreak: lineBreakOf(dockerfile.text), hasHeredoc: dockerfile.instructions.some(({ heredocs }) => heredocs.length > 0) }));
  const other = all.find(({ lineBreak, hasHeredoc }) => lineBreak !== all[0].lineBreak && (hasHeredoc || all[0].hasHeredoc));
  return other && { refused: say('{0} has other line breaks than {1}, and a heredoc has them in it.', other.file, all[0].file), rule: 'line-breaks' };
}

/** An ARG before the first FROM is one for all of a file: two of a name must say the same, and nothing may see one that it has not seen. */
function globalsDiffer(files: ReadonlyMap<string, readonly PlannedMember[]>): NoExtraction | undefined {
  const declared = new Map<string, { readonly file: string; readonly value: string | undefined }>();
  for (const [file, [{ analysis }]] of files) {
    for (const { name, value } of globalsOf(analysis)) {
      const known = declared.get(name);
      if (known && known.value !== value) return { refused: say('ARG {0} before the first FROM has another default in {1} than in {2}.', name, file, known.file), rule: 'global-arg' };
      if (!known) declared.set(name, { file, value });
    }
  }
  for (const [file, [{ analysis }]] of files) {
    const own = new Set(globalsOf(analysis).map(({ name }) => name));
    for (const { name, value } of analysis.stages.flatMap(({ steps }) => steps.flatMap(({ instruction }) => argsOf(analysis, instruction)))) {
      const global = value === undefined && !own.has(name) ? declared.get(name) : undefined;
      if (global) return { refused: say('ARG {0} in {1} has no value; beside {2} it would have the one that stands there before the first FROM.', name, file, global.file), rule: 'global-arg' };
    }
  }
  return undefined;
}

function globalsOf(analysis: Analysis): readonly { readonly name: string; readonly value: string | undefined }[] {
  return globalInstructions(analysis).flatMap((instruction) => argsOf(analysis, instruction));
}

function globalLines(analyses: readonly Analysis[]): string[] {
  const lines = new Map<string, string>();
  for (const analysis of analyses) {
    for (const instruction of globalInstructions(analysis)) {
      const { text } = analysis.dockerfile;
      const names = argsOf(analysis, instruction).map(({ name }) => name).join(' ');
      if (!lines.has(names)) lines.set(names, text.slice(instruction.span.start, instruction.span.end));
    }
  }
  return [...lines.values()];
}

/** Of each file a name that no other has, for a stage or a target: of its folder, or of itself where that says more. */
export function slugsOf(files: readonly string[]): ReadonlyMap<string, string> {
  const parts = files.map((file) => {
    const pieces = file.split('/');
    const name = (pieces.pop() ?? '').replace(/^(?:docker|container)file[._-]?/i, '').replace(/[._-]?(?:docker|container)file$/i, '');
    return [...pieces, ...(name === '' ? [] : [name])].map((piece) => piece.toLowerCase().replace(/[^a-z0-9_-]+/g, '-').replace(/^-+|-+$/g, '')).filter((piece) => piece !== '');
  });
  const longest = Math.max(...parts.map((pieces) => pieces.length));
  for (let length = 1; ; length++) {
    const names = parts.map((pieces) => nameOf(pieces, length));
    if (new Set(names).size === files.length) return new Map(files.map((file, i) => [file, names[i]]));
    if (length > longest) return new Map(files.map((file, i) => [file, `${names[i]}-${i + 1}`]));
  }
}

/** The last pieces, and as many more as it takes to begin with a letter. */
function nameOf(pieces: readonly string[], length: number): string {
  for (let more = length; more <= pieces.length; more++) {
    const name = pieces.slice(-more).join('-');
    if (/^[a-z]/.test(name)) return name;
  }
  return pieces.length === 0 ? 'image' : `image-${pieces.join('-')}`;
}
