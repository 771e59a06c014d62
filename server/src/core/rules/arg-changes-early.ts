/** A build argument that changes at every build, declared before steps that do not use it: each RUN after it has it in its key. */
import type { Analysis, Stage, Step } from '../build/model';
import { asLines, lineBreakOf, lineEnd, regionOf } from '../order/lines';
import { runOf, isOpaque } from '../order/runs';
import type { Instruction } from '../syntax/dockerfile';
import type { FileEdit } from './finding';
import { headOf } from './place';
import type { Draft, Rule } from './rule';
import { counted, say, type Said } from '../say';
import { listed } from './words';

/** Names of commits, dates and numbers of builds. A base's or a tool's version (`NODE_VERSION`) changes when somebody changes it. */
const changing = /^(?:(?:[A-Z0-9]+_)*?(?:GIT|CI|VCS|SOURCE|SRC|BUILD|BUILDKITE|DRONE|GITHUB|HEROKU|APP|IMAGE|RELEASE|K8S)_)?(?:COMMIT(?:_(?:SHA|HASH|ID|REF|DATE|TIME|SHORT_SHA))?|SHA1?|SHORT_SHA|COMMIT_REF|REVISION|VCS_REF|REF|REF_NAME|HASH|REV|BUILD_(?:DATE|TIME|TIMESTAMP|NUMBER|NUM|ID|REVISION|COMMIT|SHA|HASH|URL)|BUILDDATE|BUILDTIME|BUILDNUMBER|CREATED|BUILD_CREATED|TIMESTAMP|DATE|RUN_ID|RUN_NUMBER|DIRTY|DESCRIBE)$/;
const bare = /^(?:HASH|REF|REF_NAME|DATE|REV|RUN_ID|RUN_NUMBER|SHA1?|DESCRIBE|DIRTY)$/;
/** Versions of the project itself change with it; they count where no version is written down. */
const ownVersion = /^(?:VERSION|APP_VERSION|BUILD_VERSION|RELEASE|RELEASE_VERSION|IMAGE_VERSION|GIT_(?:VERSION|TAG|DESCRIBE|BRANCH)|IMAGE_TAG)$/;

/** Steps below a declaration that are looked at: nobody has more before the one that uses it. */
const furthest = 100;

export const argChangesEarly: Rule = {
  name: 'arg-changes-early',
  finds: () => say('An argument or variable that changes at every build is declared before steps that do not use it'),
  severity: 'information',
  find: ({ analysis }) => analysis.stages.flatMap((stage) => (stage.replaced ? [] : stage.steps.flatMap((step) => (step.trigger === undefined ? finding(analysis, stage, step) : [])))),
};

function finding(analysis: Analysis, stage: Stage, step: Step): Draft[] {
  const defined = definedBy(step);
  const names = defined.filter(({ name, value }) => isChanging(name, step.command.kind === 'ARG' ? value ?? globalDefault(analysis, name) : undefined, step.command.kind)).map(({ name }) => name);
  // Others on the same line would move with it.
  if (names.length === 0 || names.length < defined.length) return [];
  const own = stage.steps.filter((one) => one.trigger === undefined);
  if (step.command.kind === 'ENV' && passesOn(own, step)) return [];
  /** What has the value, or is made from it. */
  const tainted = new Set(names);
  let mention = anyOf(tainted);
  const moved = [step];
  const lost: { step: Step; moved: number }[] = [];
  const from = own.indexOf(step) + 1;
  for (const one of own.slice(from, from + furthest)) {
    const isUser = mention.test(textOf(one));
    if (one.command.kind === 'RUN') {
      if (isUser || isOpaque(runOf(analysis, one))) break;
      if (hasInstall(analysis, one)) lost.push({ step: one, moved: moved.length });
    } else if (one.row === 'layer') {
      if (isUser) break;
    } else if (isUser) {
      // A line that only passes it on goes with it.
      moved.push(one);
      for (const { name } of definedBy(one)) tainted.add(name);
      mention = anyOf(tainted);
    } else if (definedBy(one).some(({ name }) => tainted.has(name))) break;
  }
  const last = lost[lost.length - 1];
  if (!last) return [];
  const goes = moved.slice(0, last.moved);
  const shown = names.join(', ');
  return [{
    span: headOf(analysis, step.instruction),
    message: messageOf(step, shown, lost.length, listed(lost.map((one) => say('line {0}', one.step.line ?? '?')), 4)),
    related: lost.map((one) => ({ span: headOf(analysis, one.step.instruction), message: say('It does not use {0}.', shown) })),
    fixes: [{ title: titleOf(goes, shown, last.step), safe: false, edits: moveAfter(analysis, goes, last.step) }],
  }];
}

function messageOf({ command }: Step, names: string, steps: number, lines: Said): Said {
  return command.kind === 'ARG'
    ? counted(steps, 'Each new value of {1} makes {0} step run again that does not use it ({2}): a declared argument is in the environment of every RUN after it.', 'Each new value of {1} makes {0} steps run again that do not use it ({2}): a declared argument is in the environment of every RUN after it.', names, lines)
    : counted(steps, 'Each new value of {1} makes {0} step run again that does not use it ({2}): it is in the environment of every RUN after it.', 'Each new value of {1} makes {0} steps run again that do not use it ({2}): it is in the environment of every RUN after it.', names, lines);
}

/** The first declares it, the others use it. */
function titleOf(moved: readonly Step[], names: string, after: Step): Said {
  const line = after.line ?? '?';
  const condition = moved.some(({ command }) => command.kind === 'ENV') ? say('the same image if no step above reads it from its environment; ENV comes later in the config') : say('the same image if no step above reads it from its environment');
  return moved.length === 1 ? say('Declare {0} after line {1} ({2})', names, line, condition)
    : counted(moved.length - 1, 'Declare {1} and the line that uses it after line {2} ({3})', 'Declare {1} and the {0} lines that use it after line {2} ({3})', names, line, condition);
}

/** Its value is an argument's that is declared above: that one is in the environment of every RUN as well, wherever this line stands. */
function passesOn(own: readonly Step[], step: Step): boolean {
  const declared = own.slice(0, own.indexOf(step)).flatMap((one) => (one.command.kind === 'ARG' ? definedBy(one).map(({ name }) => name) : []));
  return declared.some((name) => new RegExp(`\\$\\{?${name}(?![A-Za-z0-9_])`).test(textOf(step)));
}

function definedBy({ command, expanded }: Step): { readonly name: string; readonly value: string | undefined }[] {
  if (command.kind === 'ARG' && expanded.kind === 'arg') return expanded.pairs.map(({ name }, i) => ({ name, value: command.pairs[i]?.value?.text }));
  if (command.kind === 'ENV' && expanded.kind === 'pairs') return expanded.pairs.flatMap(({ name }, i) => (name === null ? [] : [{ name, value: command.pairs[i]?.value.text }]));
  return [];
}

function isChanging(name: string, value: string | undefined, kind: string): boolean {
  const upper = name.toUpperCase();
  if (/CACHE_?BUST|INVALIDATE/.test(upper)) return false;
  if (ownVersion.test(upper)) return kind === 'ARG' && (value === undefined || /^["']?(?:|dev|development|unknown|latest|local|none|n\/a|unset|snapshot|0\.0\.0(?:-\w+)?)["']?$/i.test(value));
  // A ref or hash that is written down belongs to a download.
  const pinned = value !== undefined && !/^["']?(?:|dev|development|unknown|none|n\/a|unset|local|head|unspecified|undefined|0+)["']?$/i.test(value) && !value.includes('$');
  return changing.test(upper) && !pinned && !bare.test(upper);
}

function globalDefault({ globalArgs }: Analysis, name: string): string | undefined {
  return globalArgs.find((arg) => arg.name === name)?.value ?? undefined;
}

const texts = new WeakMap<Instruction, string>();

function textOf({ instruction }: Step): string {
  let text = texts.get(instruction);
  if (text === undefined) texts.set(instruction, (text = instruction.line + instruction.heredocs.map(({ content }) => content).join('\n')));
  return text;
}

/** One of the names, as a word. */
function anyOf(names: ReadonlySet<string>): RegExp {
  return new RegExp(`(?<![A-Za-z0-9_])(?:${[...names].map((name) => name.replace(/\W/g, '')).join('|')})(?![A-Za-z0-9_])`);
}

function hasInstall(analysis: Analysis, step: Step): boolean {
  return runOf(analysis, step).commands.some(({ reading }) => reading.does === 'install' || reading.does === 'packages' || reading.does === 'update');
}

function moveAfter({ dockerfile }: Analysis, moved: readonly Step[], after: Step): FileEdit[] {
  const { text } = dockerfile;
  const lineBreak = lineBreakOf(text);
  const regions = moved.map(({ instruction }) => regionOf(dockerfile, instruction));
  const edits: FileEdit[] = regions.map((region) => {
    const blankBefore = region.start === 0 || /(?:^|\n)[ \t]*\r?\n$/.test(text.slice(Math.max(0, region.start - 100), region.start));
    const blankAfter = /^[ \t]*\r?\n/.test(text.slice(region.end, region.end + 100));
    return { file: null, span: { start: region.start, end: blankBefore && blankAfter ? lineEnd(text, region.end) : region.end }, text: '' };
  });
  const at = lineEnd(text, after.instruction.span.end);
  const open = at === text.length && !text.endsWith('\n');
  const lines = regions.map(({ start, end }) => asLines(text.slice(start, end), lineBreak)).join('');
  return [...edits, { file: null, span: { start: at, end: at }, text: open ? `${lineBreak}${lines.replace(/\r?\n$/, '')}` : lines }];
}
