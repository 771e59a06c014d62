/** `strata check`: the Dockerfiles under some paths, each with what the project says of its builds, and what the rules find. */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { globSync } from 'tinyglobby';
import type { Facts } from '../core/build/model';
import { concerned } from '../core/rules/concerned';
import type { SiblingFacts } from '../core/family/model';
import type { RuleSettings } from '../core/rules/check';
import { edited } from '../core/rules/edited';
import type { FileEdit, Finding, Severity } from '../core/rules/finding';
import { readDockerfile } from '../core/syntax/read';
import { isServed, servedPattern } from '../served';
import { notIn, type Baseline } from './baseline-file';
import { changedSince, type Since } from './changed-lines';
import { configurationFor } from './configuration-files';
import { reasonOf } from './disk';
import { earlierFindings } from './earlier-findings';
import { findingsOf, siblingsAmong } from './findings';
import { machineDisk } from './machine-disk';
import { openProjectFiles, type ProjectFiles } from './project-files';
import { rootOf } from './roots';

export interface CheckOptions {
  readonly fix: 'none' | 'safe' | 'all';
  readonly facts: Facts;
  /** Only what is about a line that has changed since this commit, or was not found then. */
  readonly since?: string;
  /** Without these. */
  readonly baseline?: Baseline;
}

export interface CheckedFile {
  /** As the user named it, or below what he named. */
  readonly path: string;
  /** From the root of its repository, else from where the command runs; with slashes. */
  readonly inRepository: string;
  /** As it is now, after fixing. */
  readonly text: string;
  readonly findings: readonly Finding[];
  /** Titles of the fixes that were applied. */
  readonly fixed: readonly string[];
}

export interface CheckReport {
  readonly files: readonly CheckedFile[];
  /** One line each: what could not be read or understood. */
  readonly complaints: readonly string[];
}

/** Throws where a path that was named is not there, and a GitRefusal where `since` is no commit. */
export function checkPaths(paths: readonly string[], options: CheckOptions): CheckReport {
  const complaints = new Set<string>();
  const projects = new Map<string, ProjectFiles>();
  const files: CheckedFile[] = [];
  const found = dockerfilesUnder(paths);
  const siblingsOf = siblingsAmong(textsOf(found));
  const since = options.since === undefined ? undefined : changedSince(options.since);
  const earlierOf = since && earlierFindings(since, paths, found, options.facts);
  for (const path of found) {
    const place = resolve(path);
    const root = rootOf(machineDisk, dirname(place));
    let project = projects.get(root);
    if (!project) projects.set(root, (project = openProjectFiles(root, (complaint) => complaints.add(complaint))));
    const configured = configurationFor(machineDisk, place, root);
    for (const complaint of configured.complaints) complaints.add(complaint);
    if (configured.excluded) continue;
    const inRepository = relative(existsSync(join(root, '.git')) ? root : '.', place).replaceAll(sep, '/');
    const asked = (text: string, all: readonly Finding[]): readonly Finding[] => {
      const fresh = options.baseline ? notIn(options.baseline, inRepository, text, all) : all;
      if (!since || !earlierOf) return fresh;
      const others = fresh.filter((finding) => !isAboutChange(finding, place, text, since));
      const earlier = others.length === 0 ? undefined : earlierOf(place, inRepository);
      const brought = earlier ? notIn(earlier, inRepository, text, others) : [];
      return fresh.filter((finding) => !others.includes(finding) || brought.includes(finding));
    };
    const checked = checkFile(path, place, inRepository, project, configured.rules, options, complaints, () => siblingsOf(path), asked);
    if (checked) files.push(checked);
  }
  return { files, complaints: [...complaints] };
}

function dockerfilesUnder(paths: readonly string[]): string[] {
  const found = new Set<string>();
  for (const path of paths) {
    if (statSync(path).isFile()) found.add(path);
    else {
      const below = globSync([servedPattern, '**/{dockerfile,dockerfile.*,*.dockerfile,containerfile}'], { cwd: path, dot: true, ignore: ['**/node_modules/**', '**/.git/**'], followSymbolicLinks: false });
      for (const one of below.toSorted()) if (isServed(one, '')) found.add(path === '.' ? one : join(path, one));
    }
  }
  return [...found];
}

function textsOf(paths: readonly string[]): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const path of paths) {
    try {
      texts.set(path, readFileSync(path, 'utf8'));
    } catch {
      // Said when it is checked.
    }
  }
  return texts;
}

/** A line of an instruction that it is about has changed, or the line of another file that it refers to. */
function isAboutChange(finding: Finding, place: string, text: string, since: Since): boolean {
  const isChanged = since.isChanged(place, text);
  return concerned(readDockerfile(text), finding).some(({ firstLine, lastLine }) => Array.from({ length: lastLine - firstLine + 1 }, (_, i) => firstLine + i).some(isChanged))
    || finding.related.some((one) => 'file' in one && since.isChanged(resolve(one.file), readFileSync(one.file, 'utf8'))(one.line));
}

/** `asked`: what of the findings somebody wants to hear. */
function checkFile(path: string, place: string, inRepository: string, project: ProjectFiles, rules: RuleSettings, options: CheckOptions, complaints: Set<string>, siblings: () => SiblingFacts | undefined, asked: (text: string, findings: readonly Finding[]) => readonly Finding[]): CheckedFile | undefined {
  const fixed: string[] = [];
  for (let rounds = 0; ; rounds++) {
    let text: string;
    try {
      text = readFileSync(place, 'utf8');
    } catch (error) {
      complaints.add(`${path}: ${reasonOf(error)}`);
      return undefined;
    }
    const findings = asked(text, findingsOf(text, project.buildsOf(place, options.facts), project, rules, fixed.length === 0 ? siblings() : undefined));
    const next = options.fix === 'none' || rounds >= 100 ? undefined : fixFor(findings, options.fix, fixed);
    if (!next) return { path, inRepository, text, findings, fixed };
    apply(place, text, next.edits);
    fixed.push(next.title);
    project.changed();
  }
}

/** One at a time: the next may be another one after it. */
function fixFor(findings: readonly Finding[], which: 'safe' | 'all', before: readonly string[]): Finding['fixes'][number] | undefined {
  for (const { fixes } of findings) {
    const fix = fixes.find(({ safe }) => safe) ?? (which === 'all' ? fixes[0] : undefined);
    // A placeholder, or a fix that does not mend, is not repeated.
    if (fix && before.filter((title) => title === fix.title).length < 2) return fix;
  }
  return undefined;
}

function apply(dockerfile: string, text: string, edits: readonly FileEdit[]): void {
  const byFile = new Map<string, FileEdit[]>();
  for (const edit of edits) byFile.set(edit.file ?? dockerfile, [...(byFile.get(edit.file ?? dockerfile) ?? []), edit]);
  for (const [file, own] of byFile) {
    const old = file === dockerfile ? text : existsSync(file) ? readFileSync(file, 'utf8') : '';
    writeFileSync(file, edited(old, own));
  }
}

const ranks: readonly Severity[] = ['hint', 'information', 'warning', 'error'];

export function isAtLeast(severity: Severity, least: Severity): boolean {
  return ranks.indexOf(severity) >= ranks.indexOf(least);
}

/** For messages: relative to where the command runs, where it is below. */
export function shownPath(path: string): string {
  const below = relative('.', path);
  return below.startsWith(`..${sep}`) || below === '' ? path : below;
}

