/** The commands strata families, extract and inline: arguments in, texts out; what they look at and write is the machine's. */
import type { Candidate, Change, Extraction, Family, NoExtraction, Way } from '../core/family/model';
import { plural } from '../core/rules/words';
import { verbatim } from '../core/say';
import { oneOf, options, Refusal } from './arguments';
import { extractionOf, extractionsOf, ways, type FamilyProject } from './extract';
import { inliningOf } from './inline';
import { patchOf } from './patch';

/** The Dockerfiles under some paths. */
export interface FamilyFiles {
  readonly families: readonly Family[];
  /** What can be extracted of a family, with paths from the root of its repository; undefined: the members are in several. */
  readonly local: (family: Family) => { readonly project: FamilyProject; readonly candidates: readonly Candidate[] } | undefined;
  /** One line each: what could not be read. */
  readonly complaints: readonly string[];
}

export interface FamilyMachine {
  /** Throws as node:fs does where a path is not there. */
  readonly under: (paths: readonly string[]) => FamilyFiles;
  /** The project that files lie in, and their paths from its root. */
  readonly project: (files: readonly string[]) => { readonly project: FamilyProject; readonly files: readonly string[] };
  /** Writes all of it or nothing; a sentence: a file is not what it was, or cannot be written. */
  readonly apply: (project: FamilyProject, changes: readonly Change[]) => string | undefined;
}

interface Shell {
  readonly write: (text: string) => void;
  readonly warn: (line: string) => void;
  readonly families: FamilyMachine;
}

export function families(argv: readonly string[], { write, warn, families: machine }: Shell): void {
  const { values, positionals } = options(argv, { json: { type: 'boolean' } });
  const found = under(positionals, machine);
  for (const complaint of found.complaints) warn(complaint);
  const described = found.families.map((family) => ({ family, ways: waysOf(family, found) }));
  if (values.json) {
    write(`${JSON.stringify({ families: described.map(({ family, ways: offered }) => familyJson(family, offered)) })}\n`);
    return;
  }
  if (described.length === 0) write('No Dockerfiles that have steps in common.\n');
  for (const { family, ways: offered } of described) write(familyText(family, offered));
}

function under(paths: readonly string[], machine: FamilyMachine): FamilyFiles {
  if (paths.length === 0) throw new Refusal('no PATH given');
  try {
    return machine.under(paths);
  } catch (error) {
    const { path, code } = error as { path?: string; code?: string };
    if (path === undefined) throw error;
    throw new Refusal(`${path}: ${code === 'ENOENT' ? 'no such file' : String(code)}`);
  }
}

/** Of the candidate that saves most and can be extracted. */
export function waysOf(family: Family, found: FamilyFiles): readonly Extraction[] {
  const local = found.local(family);
  for (const candidate of local?.candidates ?? []) {
    const made = extractionsOf(candidate, (local as NonNullable<typeof local>).project);
    if (made.length > 0) return made;
  }
  return [];
}

export function familyJson({ id, members, base, sharedSteps, drift }: Family, offered: readonly Extraction[]) {
  const best = offered[0];
  return {
    id, members, base, sharedSteps,
    saves: best?.saves ?? { lines: 0, instructions: 0, layers: 0 },
    drift: drift.map(({ file, line, text, majority }) => ({ file, line, text, majority })), ways: offered.map(({ way }) => way),
    extracts: best?.members ?? [],
  };
}

function familyText({ id, members, base, sharedSteps, drift, candidates }: Family, offered: readonly Extraction[]): string {
  const files = new Set(members.map(({ file }) => file));
  const lines = [`family ${id}: ${plural(members.length, 'stage')} of ${plural(files.size, 'file')}${base === null ? '' : ` on ${base}`}`];
  lines.push(...[...files].slice(0, 12).map((file) => `  ${file}`), ...(files.size > 12 ? [`  and ${files.size - 12} more`] : []));
  for (const { kind, text, members: places } of sharedSteps.filter((step) => step.kind !== 'near').toSorted((a, b) => b.members.length - a.members.length).slice(0, 8)) {
    lines.push(`  ${kind === 'same-layer' ? 'one layer' : 'same step'} in ${places.length}: ${oneLine(text)}`);
  }
  for (const { file, line, text, majority } of drift) lines.push(`  drift: ${file}:${line} ${oneLine(text)}`, `         most have ${oneLine(majority)}`);
  const [best] = offered;
  if (best) lines.push(`  a base would hold what ${plural(best.members.length, 'stage')} begin with: ${plural(best.saves.instructions, 'instruction')} and ${plural(best.saves.lines, 'line')} less, by ${offered.map(({ way }) => way).join(', ')}`);
  else if (candidates.length > 0) lines.push('  a base cannot be extracted: strata extract says why');
  return `${lines.join('\n')}\n\n`;
}

export function extract(argv: readonly string[], { write, warn, families: machine }: Shell): void {
  const { values, positionals } = options(argv, { family: { type: 'string' }, via: { type: 'string' }, apply: { type: 'boolean' } });
  if (values.family === undefined) throw new Refusal('no --family ID given; strata families PATH shows them');
  const via = values.via === undefined ? undefined : oneOf<Way>('--via', values.via as string, ways, 'bake');
  const found = under(positionals, machine);
  const family = found.families.find(({ id }) => id === values.family);
  if (!family) throw new Refusal(`no family ${values.family as string} here; strata families ${positionals.join(' ')} shows them`);
  const local = found.local(family);
  if (!local) throw new Refusal('the members are in several repositories: a base that all can reach has to be published', 3);
  const { project } = local;
  const made = best(local.candidates, via, project);
  if ('refused' in made) throw new Refusal(made.refused, 3);
  for (const note of made.notes) warn(note);
  finish(made.changes, project, values.apply === true, machine, write);
}

function best(candidates: readonly Candidate[], via: Way | undefined, project: FamilyProject): Extraction | NoExtraction {
  let refused: NoExtraction | undefined;
  for (const candidate of candidates) {
    for (const way of via === undefined ? ways : [via]) {
      const made = extractionOf(candidate, way, project);
      if (!('refused' in made)) return made;
      refused ??= made;
    }
  }
  return refused ?? { refused: verbatim('No two of the members have the same base image and the same first steps.'), rule: 'nothing-shared' };
}

export function inline(argv: readonly string[], { write, warn, families: machine }: Shell): void {
  const { values, positionals } = options(argv, { apply: { type: 'boolean' } });
  if (positionals.length === 0) throw new Refusal('no FILE given');
  const { project, files } = machine.project(positionals);
  const made = inliningOf(files, project);
  if ('refused' in made) throw new Refusal(made.refused, 3);
  for (const note of made.notes) warn(note);
  finish(made.changes, project, values.apply === true, machine, write);
}

function finish(changes: readonly Change[], project: FamilyProject, apply: boolean, machine: FamilyMachine, write: (text: string) => void): void {
  if (!apply) {
    write(patchOf(changes));
    return;
  }
  const failed = machine.apply(project, changes);
  if (failed !== undefined) throw new Refusal(failed, 4);
  for (const { path, before, after } of changes) write(`${before === undefined ? 'made' : after === undefined ? 'removed' : 'changed'} ${path}\n`);
}

function oneLine(text: string): string {
  const line = text.replace(/\\\s*\n/g, ' ').replace(/\s+/g, ' ');
  return line.length > 100 ? `${line.slice(0, 99)}…` : line;
}
