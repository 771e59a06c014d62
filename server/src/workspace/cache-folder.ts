/** Where this user's machine keeps what can be found out again. */
import { posix, win32 } from 'node:path';

/** XDG's base directory specification, and what macOS and Windows have in its place. Relative paths count as none, as it says. */
export function cacheFolder(environment: Readonly<Record<string, string | undefined>>, platform: NodeJS.Platform, home: string): string {
  if (platform === 'win32') {
    const local = environment.LOCALAPPDATA;
    return win32.join(local !== undefined && win32.isAbsolute(local) ? local : win32.join(home, 'AppData', 'Local'), 'strata', 'cache');
  }
  const given = environment.XDG_CACHE_HOME;
  if (given !== undefined && posix.isAbsolute(given)) return posix.join(given, 'strata');
  return platform === 'darwin' ? posix.join(home, 'Library', 'Caches', 'strata') : posix.join(home, '.cache', 'strata');
}
