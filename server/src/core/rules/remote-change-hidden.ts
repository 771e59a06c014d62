/** A cached step that hides what has changed elsewhere: package lists of their own, a clone of a moving branch, a download nobody pinned. */
import { rulesOf } from '../builder';
import type { Analysis, Stage, Step } from '../build/model';
import { joinPath } from '../build/path';
import { isRemote, isGit } from '../build/refusals';
import { regionOf } from '../order/lines';
import { runOf, type Run, type RunCommand } from '../order/runs';
import { say } from '../say';
import { headOf } from './place';
import type { Draft, Rule, RuleInput } from './rule';

export const remoteChangeHidden: Rule = {
  name: 'remote-change-hidden',
  finds: () => say('A cached step hides what has changed on a server'),
  severity: 'information',
  find: ({ analysis }: RuleInput) => analysis.stages.flatMap((stage) => (stage.replaced ? [] : stage.steps.flatMap((step, i) => (step.trigger === undefined ? [...loneUpdate(analysis, stage, step, i), ...movingClone(analysis, step), ...unpinned(analysis, step)] : [])))),
};

const managers: readonly RegExp[] = [/^apt(?:-get|itude)? /, /^apk /, /^(?:dnf|yum|microdnf|tdnf|zypper) /];

/** Lists that are cached on their own grow old, while the install after them is new. */
function loneUpdate(analysis: Analysis, stage: Stage, step: Step, at: number): Draft[] {
  const run = step.command.kind === 'RUN' ? runOf(analysis, step) : undefined;
  const update = run?.commands.length === 1 ? run.commands[0].reading : undefined;
  if (!run || update?.does !== 'update' || !/ (?:update|makecache|refresh)$/.test(update.title)) return [];
  const manager = managers.find((one) => one.test(`${update.title} `));
  const next = stage.steps.slice(at + 1).find((one) => one.command.kind === 'RUN');
  const following = next ? runOf(analysis, next) : undefined;
  const installs = following?.commands.some(({ reading }) => reading.does === 'packages' && manager?.test(`${reading.title} `)) ?? false;
  // One that fetches the lists itself does not depend on these.
  const again = following?.commands.some(({ reading, command }) => reading.does === 'update' || command.words.some(({ text }) => /^(?:--no-cache|-U|--update-cache|--update|--refresh)$/.test(text))) ?? false;
  if (!next || !following || !installs || again || next.instruction.form === 'exec' || next.instruction.heredocs.length > 0 || next.instruction.flags.length > 0 || step.instruction.flags.length > 0) return [];
  const { dockerfile } = analysis;
  const between = stage.steps.slice(at + 1, stage.steps.indexOf(next));
  const safe = between.every((one) => one.row === 'empty' && one.command.kind !== 'ENV' && one.command.kind !== 'ARG' && one.command.kind !== 'USER' && one.command.kind !== 'SHELL');
  const first = following.commands[0].command;
  const command = dockerfile.text.slice(run.commands[0].command.start, run.commands[0].command.end);
  const region = regionOf(dockerfile, step.instruction);
  // Comments go on to the RUN that takes it over.
  const kept = dockerfile.text.slice(region.start, step.instruction.span.start).trimEnd() === '' ? '' : dockerfile.text.slice(region.start, step.instruction.span.start);
  return [{
    span: headOf(analysis, step.instruction),
    message: say('The package lists of this step stay as they are in the cache, while line {0} is changed and run with them: it may then find versions that are gone.', next.line ?? '?'),
    related: [{ span: headOf(analysis, next.instruction), message: say('It installs from these lists.') }],
    fixes: [{
      title: safe ? say('Run `{0}` in the step of line {1}', update.title, next.line ?? '?') : say('Run `{0}` in the step of line {1} (with what is set in between)', update.title, next.line ?? '?'), safe,
      edits: [
        { file: null, span: region, text: kept },
        { file: null, span: { start: first.start, end: first.start }, text: `${command} && ` },
      ],
    }],
  }];
}

/** `git clone` of what a branch is today: the step's text does not change with it. */
function movingClone(analysis: Analysis, step: Step): Draft[] {
  if (step.command.kind !== 'RUN' || step.instruction.form === 'exec' || step.instruction.heredocs.length > 0 || !rulesOf(analysis.builder).addChecksum) return [];
  const run = runOf(analysis, step);
  const at = run.commands.findIndex(({ command }) => command.words[0]?.text === 'git' && command.words[1]?.text === 'clone');
  if (at === -1) return [];
  const clone = cloneOf(run.commands[at], run.commands[0].folder);
  const pins = /\bgit\b[^&;|]*\b(?:checkout|reset|switch|fetch)\b/.test(step.instruction.line);
  if (!clone || pins || run.commands.slice(0, at).some(({ reading }) => reading.does === 'cd')) return [];
  // A checkout that follows in a step of its own pins it as well.
  if (/\bgit\b[^\n]*\bcheckout\b/.test(analysis.dockerfile.text.slice(step.instruction.span.end))) return [];
  const { text } = analysis.dockerfile;
  const { instruction } = step;
  const { user } = step.before;
  const owner = user === null || user === '' || /^(?:root|0)(?::|$)/.test(user) ? '' : `--chown=${user} `;
  const add = `ADD --keep-git-dir=true ${owner}${clone.url}${clone.branch === undefined ? '' : `#${clone.branch}`} ${clone.dest}`;
  const lineBreak = text.includes('\r\n') ? '\r\n' : '\n';
  const edits = run.commands.length === 1
    ? [{ file: null, span: instruction.span, text: add }]
    : [{ file: null, span: { start: instruction.keywordSpan.start, end: instruction.keywordSpan.start }, text: `${add}${lineBreak}` }, { file: null, span: cutOf(run, at), text: '' }];
  return [{
    span: headOf(analysis, instruction),
    message: clone.branch === undefined ? say('The clone stays in the cache as it was: new commits of the default branch do not make this step run again.') : say('The clone stays in the cache as it was: new commits of {0} do not make this step run again.', clone.branch),
    related: [],
    fixes: [{ title: say('ADD the repository, which follows the branch at each build (the same files, if the builder can reach it; its .git is another)'), safe: false, edits }],
  }];
}

function cloneOf({ command, folder }: RunCommand, start: string): { url: string; branch?: string; dest: string } | undefined {
  if (folder !== start || command.words.some(({ literal }) => !literal)) return undefined;
  const args = command.words.slice(2).map(({ text }) => text);
  const rest: string[] = [];
  let branch: string | undefined;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i];
    if (arg === '-b' || arg === '--branch') branch = args[++i];
    else if (arg.startsWith('--branch=')) branch = arg.slice(9);
    else if (arg === '--depth' || arg === '-j' || arg === '--jobs' || arg === '-c' || arg === '--config') i++;
    else if (/^--(?:depth|jobs|single-branch|recursive|recurse-submodules|shallow-submodules|quiet|filter|no-tags)/.test(arg) || arg === '-q' || arg === '-v') continue;
    else if (arg.startsWith('-')) return undefined;
    else rest.push(arg);
  }
  const [url, dest] = rest;
  if (url === undefined || !/^https:\/\/[\w.-]+\/[\w./~-]+$/.test(url) || rest.length > 2) return undefined;
  // A version's tag does not move.
  if (branch !== undefined && !/^(?:master|main|develop|development|dev|trunk|next|stable|latest|nightly|HEAD)$/.test(branch)) return undefined;
  const name = url.replace(/\/$/, '').replace(/^.*\//, '').replace(/\.git$/, '');
  const target = dest === undefined || dest === '.' ? (dest ?? name) : dest;
  return { url: url.endsWith('.git') ? url : `${url.replace(/\/$/, '')}.git`, branch, dest: joinPath(target) || target };
}

/** The command with the `&&` after it, or the one before it where it is the last. */
function cutOf({ commands }: Run, at: number): { start: number; end: number } {
  const here = commands[at].command;
  if (at + 1 < commands.length) return { start: here.start, end: commands[at + 1].command.start };
  return { start: commands[at - 1].command.end, end: here.end };
}

/** The server is asked at each build, and believed: its word for the file is the key, not the file. */
function unpinned(analysis: Analysis, step: Step): Draft[] {
  const { command, expanded, instruction } = step;
  if (command.kind !== 'ADD' || expanded.kind !== 'copy' || command.flags.checksum || !rulesOf(analysis.builder).addChecksum) return [];
  const sources = expanded.sources.filter((source) => source !== null);
  // A version in it changes with the file; an address that is asked to lose the cache is meant to.
  if (command.sources.some(({ text }) => text.includes('$')) || /^https?:\/\/api\.|bust|skip-?cache|no-?cache/i.test(`${sources.join(' ')} ${command.dest.text}`)) return [];
  if (sources.length !== 1 || expanded.sources.length !== 1 || !isRemote(sources[0]) || isGit(sources[0]) || !/^https?:/.test(sources[0])) return [];
  const { end } = instruction.keywordSpan;
  return [{
    span: headOf(analysis, instruction),
    message: say('Nothing says what this address has to give: another file there goes into the image unseen, or, where the server calls it by the same ETag, is not seen at all.'),
    related: [], severity: 'hint',
    fixes: [{ title: say('Pin it with --checksum (a placeholder: the build stops, and says the digest to put there)'), safe: false, edits: [{ file: null, span: { start: end, end }, text: ` --checksum=sha256:${'0'.repeat(64)}` }] }],
  }];
}
