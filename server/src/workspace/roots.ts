/** Where a repository begins. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The repository that a folder lies in, else the folder itself. */
export function rootOf(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at;
    if (dirname(at) === at) return folder;
  }
}
