// What processes do to the machine, as the kernel sees it: strace writes down each process that starts, each socket and each write.
import { join } from 'node:path';
import { onPath, run } from './process.mjs';

/** Those marked with ? are not there on every machine. */
const calls = [
  '%process', 'socket', 'connect', 'bind',
  ...['?open', 'openat', '?openat2', '?creat', 'truncate', '?mknod', 'mknodat', '?mkdir', 'mkdirat', '?link', 'linkat', '?symlink', 'symlinkat'],
  ...['?rename', '?renameat', '?renameat2', '?unlink', 'unlinkat', '?rmdir', '?chmod', 'fchmodat', '?chown', '?lchown', 'fchownat', '?utimes', '?futimesat', 'utimensat'],
];

/** The command that others run under, one file of notes for each of their threads; a sentence: why there is none. */
export async function watcher(folder) {
  const strace = process.platform === 'linux' ? onPath('strace') : undefined;
  if (!strace) return 'what starts, connects and writes is seen by strace, which is not here';
  // What goes through a ring is no call: there is none here, and Node does without.
  const command = [strace, '-ff', '--seccomp-bpf', '-qqq', '-y', '-s', '4096', '-e', `trace=${calls.join(',')},?io_uring_setup`, '-e', 'inject=?io_uring_setup:error=ENOSYS', '-e', 'signal=none'];
  try {
    await run(command[0], [...command.slice(1), '-o', join(folder, 'tried'), 'true'], { quiet: true, shell: false });
  } catch {
    return 'strace is not allowed to look at processes here';
  }
  return [...command, '-o', join(folder, 'notes')];
}
