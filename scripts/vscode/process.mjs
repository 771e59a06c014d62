// Child processes: run one to its end, keep one that goes with us, find one on the PATH.
import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const endings = new Set();
process.on('exit', () => {
  for (const end of [...endings].reverse())
    try {
      end();
    } catch (error) {
      console.error(error.message);
    }
});

/** Runs it when we end, in whatever way; gives a function that forgets it again. */
export function atExit(end) {
  endings.add(end);
  return () => endings.delete(end);
}

const windows = process.platform === 'win32';

/** Runs a command to its end. `quiet` keeps its output and shows it only when the command fails; `limit` is in seconds. */
export async function run(command, args, { quiet = false, limit, ...options } = {}) {
  const stdio = quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'];
  const { child, stop } = keep(command, args, { shell: windows, ...options, stdio });
  let output = '';
  child.stdout?.on('data', (data) => (output += data));
  child.stderr?.on('data', (data) => (output += data));
  const timer = limit && setTimeout(stop, limit * 1000);
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  clearTimeout(timer);
  stop();
  if (code === 0) return output;
  throw Object.assign(new Error(`${command} ${args.join(' ')}: exit ${code}\n${output}`), { output });
}

/** Starts a command with everything it will start itself; `stop()`, or our own end, sends all of them the signal. */
export function keep(command, args, { signal = 'SIGTERM', ...options } = {}) {
  const child = spawn(command, args, { detached: !windows, stdio: ['ignore', 'pipe', 'pipe'], ...options });
  const stop = () => {
    forget();
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    if (windows) spawnSync('taskkill', ['/pid', String(child.pid), '/T', '/F']);
    else process.kill(-child.pid, signal);
  };
  const forget = atExit(stop);
  return { child, stop };
}

/** Waits until a child says it; what it said before is shown only when it ends without. */
export function said(child, pattern) {
  return new Promise((resolve, reject) => {
    let output = '';
    const read = (data) => {
      output += data;
      const found = pattern.exec(output);
      if (found) resolve(found[1] ?? found[0]);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`it ended with ${code}\n${output}`)));
  });
}

export function onPath(...names) {
  const endings = windows ? ['.cmd', '.exe', '.bat'] : [''];
  for (const name of names)
    for (const folder of (process.env.PATH ?? '').split(delimiter))
      for (const ending of endings) {
        const file = join(folder, name + ending);
        try {
          accessSync(file, constants.X_OK);
          return file;
        } catch {}
      }
  return undefined;
}

/** A terminal's Ctrl-C ends us in the ordinary way, so that what we keep is stopped as well. */
export function endOnSignals() {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(130));
}

export function hasDisplay() {
  return process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}

export async function answers(url, milliseconds = 4000) {
  try {
    const response = await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(milliseconds) });
    return response.status < 500;
  } catch {
    return false;
  }
}
