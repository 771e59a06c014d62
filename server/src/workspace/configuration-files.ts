/** The `strata.json` that holds for a Dockerfile: the nearest one above it, up to the root of the project. */
import { dirname, join, relative, sep } from 'node:path';
import picomatch from 'picomatch';
import { configurationName, configurationOf } from '../configuration';
import type { RuleSettings } from '../core/rules/check';
import { rules } from '../core/rules/index';
import { isThere, reasonOf, type Disk } from './disk';

export interface Configured {
  /** All of them off where the file is excluded. */
  readonly rules: RuleSettings;
  readonly excluded: boolean;
  readonly complaints: readonly string[];
}

export const noConfiguration: Configured = { rules: {}, excluded: false, complaints: [] };

export function configurationFor(disk: Disk, dockerfile: string, root: string): Configured {
  for (let folder = dirname(dockerfile); ; folder = dirname(folder)) {
    const file = join(folder, configurationName);
    if (isThere(disk, file)) return read(disk, file, folder, dockerfile);
    if (folder === root || dirname(folder) === folder) return noConfiguration;
  }
}

function read(disk: Disk, file: string, folder: string, dockerfile: string): Configured {
  let text: string;
  try {
    text = disk.text(file);
  } catch (error) {
    return { ...noConfiguration, complaints: [`${file}: ${reasonOf(error)}`] };
  }
  const { rules: set, exclude, complaints } = configurationOf(text);
  const said = complaints.map((complaint) => `${file}: ${complaint}`);
  const excluded = exclude.length > 0 && picomatch.isMatch(relative(folder, dockerfile).replaceAll(sep, '/'), [...exclude], { dot: true });
  return { rules: excluded ? Object.fromEntries(rules.map(({ name }) => [name, 'off'])) : set, excluded, complaints: said };
}
