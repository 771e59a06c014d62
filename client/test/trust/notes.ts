// What strace has written down of an editor, as sentences: what our server did, and what the extension host did that our client runs in.
import { readFileSync, readdirSync } from 'node:fs';
import { basename, isAbsolute, join, resolve, sep } from 'node:path';

/** Where the editor keeps what is its own: its profile, and its programs. */
export interface Places {
  readonly notes: string;
  readonly profile: string;
  readonly editor: string;
}

/** A process, or a thread of one. */
interface Task {
  readonly calls: readonly string[];
  /** What it was told to be, where it is a program. */
  readonly command: readonly string[] | undefined;
  readonly threads: readonly number[];
  readonly children: readonly number[];
}

const extension = 'strata-layers.strata';

/** What is left out: what the editor keeps in its profile for itself, and the programs that it brings itself. */
export function seenIn({ notes, profile, editor }: Places): string {
  const tasks = readTasks(notes);
  const server = one(tasks, ({ command = [] }) => command.some((word) => word.startsWith(profile) && word.endsWith('/dist/server.js')), 'server of the extension');
  const host = one(tasks, ({ command = [] }) => command.includes('--type=extensionHost'), 'extension host');
  const isServer = (task: Task): boolean => task === tasks.get(server);
  const ofServer = deedsOf(tasks, server, profile, () => undefined);
  const ofHost = deedsOf(tasks, host, profile, (task) => (isServer(task) ? ['starts our server'] : isOwn(task, editor) || looksForPorts(task) ? [] : undefined));
  const drawn = (title: string, deeds: ReadonlySet<string>): string => `${title}\n${[...deeds].sort().map((deed) => `  ${deed}\n`).join('')}`;
  return drawn('our server', ofServer) + drawn('the extension host', ofHost);
}

/** A program of the editor, or Node with a script of it. */
function isOwn({ command: [program = '', ...words] = [] }: Task, editor: string): boolean {
  const runs = basename(program) === 'node' ? words.find(isAbsolute) : program;
  return runs?.startsWith(editor + sep) === true;
}

/** So the editor finds ports to forward. */
function looksForPorts({ command = [] }: Task): boolean {
  return ['ls -l /proc/[0-9]*/fd/[0-9]* | grep socket:', 'ps -F -A -l | grep root'].includes(command[2] ?? '');
}

/** `known`: what is said of a process that is not looked into. */
function deedsOf(tasks: ReadonlyMap<number, Task>, first: number, profile: string, known: (task: Task) => readonly string[] | undefined): ReadonlySet<string> {
  const deeds = new Set<string>();
  look(first);
  return deeds;

  function look(id: number): void {
    const task = tasks.get(id);
    if (!task) return;
    for (const call of task.calls) for (const deed of [...socketIn(call), ...writesIn(call, profile)]) deeds.add(deed);
    task.threads.forEach(look);
    for (const id of task.children) {
      const child = tasks.get(id);
      const said = child && known(child);
      for (const deed of said ?? [`starts ${child?.command?.join(' ') ?? 'a copy of itself'}`]) deeds.add(deed);
      if (!said) look(id);
    }
  }
}

function readTasks(notes: string): Map<number, Task> {
  const tasks = new Map<number, Task>();
  for (const name of readdirSync(notes).filter((name) => name.startsWith('notes.'))) {
    // The last line may be half written.
    const calls = readFileSync(join(notes, name), 'utf8').split('\n').slice(0, -1);
    const begun = calls.flatMap((call) => {
      const [, how, id] = /^((?:clone3?|v?fork)\(.*\)) += (\d+)/.exec(call) ?? [];
      return id === undefined ? [] : [{ id: Number(id), isThread: how!.includes('CLONE_THREAD') }];
    });
    const programs = calls.filter((call) => /^execve(?:at)?\(.* = 0$/.test(call));
    tasks.set(Number(name.slice('notes.'.length)), {
      calls, command: programs.length === 0 ? undefined : commandIn(programs.at(-1)!),
      threads: begun.filter(({ isThread }) => isThread).map(({ id }) => id),
      children: begun.filter(({ isThread }) => !isThread).map(({ id }) => id),
    });
  }
  return tasks;
}

function commandIn(call: string): readonly string[] {
  const words = /\[(".*?")(?:\.\.\.)?\], 0x/.exec(call)?.[1] ?? '';
  return words.split('", "').map((word) => word.replace(/^"|"$/g, ''));
}

function socketIn(call: string): readonly string[] {
  const [, name, family] = /^(socket|connect|bind)\(.*?\b(AF_\w+)/.exec(call) ?? [];
  if (name === undefined) return [];
  const path = /sun_path=@?"([^"]*)"/.exec(call)?.[1];
  const place = path === undefined ? `${family} ${/port=htons\((\d+)\)/.exec(call)?.[1] ?? ''}` : path.slice(path.lastIndexOf(sep) + 1);
  return [name === 'socket' ? `opens a socket, ${family}` : `${name === 'bind' ? 'listens at' : 'connects to'} ${withoutIds(place)}`];
}

/** Tried counts as done. */
function writesIn(call: string, profile: string): readonly string[] {
  const name = /^\w+/.exec(call)?.[0] ?? '';
  if (!/^(?:open|creat|truncate|mk|link|symlink|rename|unlink|rmdir|f?chmod|l?f?chown|f?utime)/.test(name)) return [];
  if (name.startsWith('open') && !/\bO_(?:WRONLY|RDWR|CREAT|TRUNC)\b/.test(call)) return [];
  const paths = [...call.matchAll(/(?:(?:AT_FDCWD|\d+)<([^>]*)>, )?"((?:[^"\\]|\\.)*)"/g)].map(([, folder, path]) => (folder === undefined ? path! : resolve(folder, path!)));
  return paths.filter((path) => path !== '/dev/null').flatMap((path) => {
    if (!path.startsWith(profile + sep)) return [`writes ${path}`];
    return path.includes(`${sep}${extension}${sep}`) ? [`keeps ${withoutIds(path.slice(path.lastIndexOf(sep) + 1))} in the profile`] : [];
  });
}

/** What no two runs have the same. */
function withoutIds(name: string): string {
  return name.replace(/-[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/, '').replace(/^(siblings)-\w+(\.json)(?:\.\d+)?$/, '$1$2');
}

function one(tasks: ReadonlyMap<number, Task>, is: (task: Task) => boolean, what: string): number {
  const found = [...tasks].filter(([, task]) => is(task)).map(([id]) => id);
  if (found.length !== 1) throw new Error(`strace has seen ${found.length} processes that are the ${what}`);
  return found[0]!;
}
