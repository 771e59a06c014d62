/**
 * Rows of a real image's history ↔ the steps of a Dockerfile, whoever wrote the rows: BuildKit of any version, the classic
 * builder with its `#(nop)`, or Buildah and Podman, which write the line itself behind it. Order is kept; where a row's text
 * is not what its line says today, it says so.
 */
import { rulesOf, versionChanges, type Rules } from '../builder';
import { createdBy, shellOf } from '../build/created-by';
import type { ArgValue, HistoryEntry, Step } from '../build/model';

export interface RowMatch {
  readonly row: number;
  readonly step: Step;
  /**
   * `same`: a builder writes this text for the line. `loose`: the texts agree in what both show (the classic builder and Buildah
   * hide the sources of COPY). `other-text`: only the instruction's kind and place agree, as for a line edited since.
   */
  readonly certainty: 'same' | 'loose' | 'other-text';
}

/** What a row says, without the marks of its builder. */
export interface RecognisedRow {
  readonly builder: 'buildkit' | 'classic' | 'unknown';
  /** The instruction; RUN where a classic row is a plain command. Null where no builder of Dockerfiles writes such a row. */
  readonly keyword: string | null;
  /** The text after the keyword. */
  readonly rest: string;
}

const keywords = /^(ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|HEALTHCHECK|LABEL|MAINTAINER|ONBUILD|RUN|SHELL|STOPSIGNAL|USER|VOLUME|WORKDIR)(?: |$)/;

export function recognise(text: string): RecognisedRow {
  const nop = text.indexOf('#(nop)');
  if (nop !== -1) {
    const said = text.slice(nop + 6).trim();
    // Buildah leaves it as it is written.
    const keyword = keywords.exec(said.replace(/^[a-z]+/i, (word) => word.toUpperCase()))?.[1] ?? null;
    return { builder: 'classic', keyword, rest: keyword === null ? said : said.slice(keyword.length).trim() };
  }
  const buildkit = text.replace(/ # buildkit$/, '');
  const keyword = keywords.exec(buildkit)?.[1];
  if (keyword !== undefined) return { builder: 'buildkit', keyword, rest: buildkit.slice(keyword.length + 1) };
  if (text === '') return { builder: 'unknown', keyword: null, rest: '' };
  return { builder: 'classic', keyword: 'RUN', rest: text };
}

/** A history is not longer than some hundred rows; of a longer one only the newest are looked at. */
const longest = 2000;

/** `steps`: oldest first, as stepsOf gives them, with those that write no row left out. */
export function matchHistory(history: readonly HistoryEntry[], steps: readonly Step[]): RowMatch[] {
  const firstRow = Math.max(0, history.length - longest);
  const firstStep = Math.max(0, steps.length - longest);
  const rows = history.slice(firstRow).map((entry) => ({ entry, said: recognise(entry.createdBy) }));
  const candidates = steps.slice(firstStep);
  // best[i][j]: the most that the rows from i on and the steps from j on agree. From the newest end, so that the rows that
  // are left over are the oldest: the base's.
  const best = Array.from({ length: rows.length + 1 }, () => new Float64Array(candidates.length + 1));
  const agreement = rows.map(({ entry, said }) => candidates.map((step) => agreementOf(entry, said, step)));
  for (let i = rows.length - 1; i >= 0; i--) {
    for (let j = candidates.length - 1; j >= 0; j--) {
      const here = agreement[i][j];
      best[i][j] = Math.max(best[i + 1][j], best[i][j + 1], here === 0 ? 0 : here + best[i + 1][j + 1]);
    }
  }
  const matches: RowMatch[] = [];
  for (let i = 0, j = 0; i < rows.length && j < candidates.length; ) {
    const here = agreement[i][j];
    // A row that could be left out at no loss is the base's: the later of two equal choices wins.
    if (best[i][j] === best[i + 1][j]) i++;
    else if (here > 0 && best[i][j] === here + best[i + 1][j + 1]) {
      matches.push({ row: firstRow + i, step: candidates[j], certainty: here >= 100 ? 'same' : here >= 10 ? 'loose' : 'other-text' });
      i++;
      j++;
    } else j++;
  }
  return matches;
}

/** Every set of rules under which a builder writes texts of its own. */
const allRules: readonly Rules[] = [
  ...new Set([Infinity, ...Object.values(versionChanges).flatMap(({ since }) => [since, since - 0.005]), 8]),
].map((version) => rulesOf({ label: '', version }));

function agreementOf(entry: HistoryEntry, said: RecognisedRow, step: Step): number {
  const keyword = step.command.kind === 'refused' ? step.instruction.keyword : step.command.kind;
  if (said.keyword !== keyword) return 0;
  if (said.builder === 'buildkit' && textsOf(step).has(entry.createdBy)) return 100;
  if (said.builder === 'classic') {
    const classic = Math.max(classicAgreement(said, step), writtenAgreement(said, step));
    if (classic > 0) return classic;
  }
  // Values of build arguments are in the prefix of RUN and the row of ARG: the rest of the line decides.
  if (keyword === 'RUN' && step.expanded.kind === 'run' && said.rest.endsWith(commandLine(step))) return 20;
  if (keyword === 'ARG' && step.expanded.kind === 'arg' && sameNames(said.rest, step.expanded.pairs.map(({ name }) => name))) return 20;
  return entry.emptyLayer === (step.row === 'empty') ? 1 : 0.5;
}

const textsByStep = new WeakMap<Step, ReadonlySet<string>>();

function textsOf(step: Step): ReadonlySet<string> {
  let texts = textsByStep.get(step);
  if (!texts) {
    texts = new Set(allRules.map((rules) => createdBy(step, rules)).filter((text) => text !== null));
    textsByStep.set(step, texts);
  }
  return texts;
}

function commandLine(step: Step): string {
  if (step.expanded.kind !== 'run') return '';
  const { command } = step;
  const prepend = command.kind === 'RUN' && command.command.prependShell;
  return prepend ? [...shellOf(step.before), step.expanded.args.join(' ')].join(' ') : step.expanded.args.join(' ');
}

/** The classic builder: no flags, digests for sources, ports as they are written. */
function classicAgreement(said: RecognisedRow, step: Step): number {
  const { expanded } = step;
  switch (said.keyword) {
    case 'RUN': {
      const line = commandLine(step);
      if (said.rest === line) return 100;
      return /^\|\d+ /.test(said.rest) && said.rest.endsWith(` ${line}`) ? 100 : 0;
    }
    case 'COPY': case 'ADD': {
      const dest = / in (.*)$/.exec(said.rest)?.[1]?.trim();
      return expanded.kind === 'copy' && dest !== undefined && dest === expanded.dest ? 50 : 0;
    }
    case 'EXPOSE': {
      const named = said.rest.split(' ').map((port) => (port.includes('/') ? port : `${port}/tcp`)).join(' ');
      return expanded.kind === 'list' && expanded.values.join(' ') === named ? 100 : 0;
    }
    case 'ONBUILD': return step.command.kind === 'ONBUILD' && step.command.expression === said.rest ? 100 : 0;
    default: return [...textsOf(step)].some((text) => text.slice((said.keyword ?? '').length).trim() === said.rest) ? 100 : 0;
  }
}

/**
 * Buildah and Podman (imagebuildah/stage_executor.go getCreatedBy): the line as it is written, with no variable expanded; before RUN
 * always `/bin/sh -c`, before that the build arguments; a digest for the sources of COPY, and the names of all arguments so far for ARG.
 */
function writtenAgreement(said: RecognisedRow, step: Step): number {
  const line = step.instruction.line.trim();
  const written = line.replace(/^\S+\s?/, '');
  switch (said.keyword) {
    case 'RUN': {
      const command = ['/bin/sh -c ' + written, ...step.instruction.heredocs.map(({ content }) => content.trim())].join('\n');
      const isIt = (rest: string): boolean => rest === command || (/^\|\d+ /.test(rest) && rest.endsWith(` ${command}`));
      return isIt(said.rest.trimEnd()) || isIt(said.rest.replace(marks, '')) ? 100 : 0;
    }
    case 'ARG': return step.expanded.kind === 'arg' && fitsArguments(said.rest.split(' ').filter((name) => name !== ''), step.expanded.pairs, step) ? 20 : 0;
    case 'COPY': case 'ADD': {
      const dest = / in (.*)$/.exec(said.rest.replace(marks, ''))?.[1]?.trim();
      return (step.command.kind === 'COPY' || step.command.kind === 'ADD') && dest === step.command.dest.text ? 50 : 0;
    }
    default: return said.rest.replace(marks, '').trim() === written.trim() ? 100 : 0;
  }
}

/** Those that have a value so far; values of the command line need no ARG where the name is predefined. */
function fitsArguments(names: readonly string[], own: readonly ArgValue[], { after }: Step): boolean {
  const seen = new Set<string>();
  for (let list = after.args; list; list = list.earlier) seen.add(list.arg.name);
  return names.every((name) => seen.has(name) || predefinedArgs.has(name)) && own.every(({ name, value }) => value == null || names.includes(name));
}

const predefinedArgs = new Set(['HTTP', 'HTTPS', 'FTP', 'NO', 'ALL'].flatMap((name) => [`${name}_PROXY`, `${name}_PROXY`.toLowerCase()]));

/** Behind a row of a newer Buildah: digests of what RUN mounts, and times that were set on all files. */
const marks = /(?::sha256:[a-f0-9]{64})*(?: *\|(?:force|clamp)-mtime=\d+)? *$/;

function sameNames(rest: string, names: readonly string[]): boolean {
  return rest === names.join(' ') || (names.length === 1 && rest.startsWith(`${names[0]}=`));
}
