/** What a RUN is known to read and write: its commands one by one, each with the folder that it runs in. */
import type { Analysis, Step } from '../build/model';
import { mountOf } from '../build/mounts';
import { joinPath } from '../build/path';
import { shellOfRun, type ShellCommand } from '../syntax/shell';
import { readingOf, type CommandReading } from './commands';

/** Where a folder is meant that the base image sets: it stands for that one. */
export const baseFolder = '/\u00bf';

export interface RunCommand {
  readonly command: ShellCommand;
  readonly reading: CommandReading;
  /** Absolute. */
  readonly folder: string;
}

export interface Run {
  readonly step: Step;
  readonly commands: readonly RunCommand[];
  /** How many commands from the first on are known; all of them where nothing else is in it. */
  readonly known: number;
  /** The context, a stage or an image is mounted. */
  readonly binds: boolean;
}

const runs = new WeakMap<Step, Run>();

/** A RUN that cannot be read, a pipe or a loop in it, has no known command. */
export function runOf({ dockerfile }: Analysis, step: Step): Run {
  let run = runs.get(step);
  if (!run) runs.set(step, (run = read(dockerfile.escape === '\\' ? dockerfile.text : undefined, step)));
  return run;
}

function read(source: string | undefined, step: Step): Run {
  const { command, instruction } = step;
  const binds = command.kind === 'RUN' && command.mounts.some(({ text }) => {
    const mount = mountOf(text, (value) => value);
    return 'error' in mount || mount.type === 'bind' || mount.from !== '';
  });
  // PowerShell and cmd have another grammar.
  const posix = step.before.os === 'linux' && (step.before.shell === undefined || /(?:^|\/)(?:ba|da|a|z|k)?sh$/.test(step.before.shell[0] ?? '') || instruction.form === 'exec');
  const shell = source === undefined || !posix || step.trigger !== undefined ? undefined : shellOfRun(instruction, source);
  if (!shell?.plain) return { step, commands: [], known: 0, binds };
  let folder = joinPath(step.before.workdir ?? baseFolder) || '/';
  let isKnown = true;
  let known = 0;
  const commands = shell.commands.map((one): RunCommand => {
    const reading = readingOf(one);
    const entry = { command: one, reading, folder };
    if (reading.does === 'cd') folder = reading.to.startsWith('/') ? joinPath(reading.to) : joinPath(folder, reading.to);
    if (reading.does === 'other') isKnown = false;
    if (isKnown) known++;
    return entry;
  });
  return { step, commands, known, binds };
}

/** Something in it is not known: it may read any file. */
export function isOpaque(run: Run): boolean {
  return run.known < run.commands.length || run.commands.length === 0;
}
