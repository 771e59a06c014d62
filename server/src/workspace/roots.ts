/** Where a repository begins. */
import { dirname, join } from 'node:path';
import { isThere, type Disk } from './disk';

/** The repository that a folder lies in, else the folder itself. */
export function rootOf(disk: Disk, folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    if (isThere(disk, join(at, '.git'))) return at;
    if (dirname(at) === at) return folder;
  }
}
