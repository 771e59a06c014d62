/**
 * What an install reads of a project beyond the files that its tool always reads, and what keeps us from being sure that
 * these are all: by the project's own files, as far as they are known.
 */
import { filesOf, type Context } from '../build/context';
import type { Install } from './commands';
import { checkNode } from './npm';
import { checkPip } from './pip';
import { say, type Said } from '../say';

export interface Check {
  /** The install needs files of the project that no list names: why. */
  readonly needsSource?: string;
  /** What was not, or cannot be, checked; none: the files read are all that it reads. */
  readonly obstacles: readonly Said[];
  /** More files that it reads, in the context. */
  readonly files: readonly string[];
}

/** The files of a context with their texts; what is asked for and not known is noted. */
export interface Project {
  /** Undefined: it is not there, or not read yet. */
  readonly text: (path: string) => string | undefined;
  readonly has: (path: string) => boolean;
  /** Files in a folder and below. */
  readonly below: (folder: string) => readonly string[];
}

export function projectOf(context: Context | undefined, texts: ReadonlyMap<string, string>, wants: Set<string>): Project {
  return {
    text: (path) => {
      const text = texts.get(path);
      if (text === undefined && context?.entries.get(path)?.type === 'file') wants.add(path);
      return text;
    },
    has: (path) => context?.entries.has(path) ?? false,
    below: (folder) => (context && (folder === '' || context.entries.has(folder)) ? filesOf(context, { source: folder, exclude: [], parents: false, wildcards: false }) : []),
  };
}

/** `folder`: where it works, in the context; `named`: the files there that its arguments or its tool name. */
export function checkInstall(install: Install, folder: string, named: readonly string[], project: Project): Check {
  switch (install.tool) {
    case 'npm': case 'yarn': case 'pnpm': case 'bun': return checkNode(install, folder, project);
    case 'pip': return checkPip(install, folder, named, project);
    default: return checkByText(install, folder, project);
  }
}

/** Marks of local packages in a tool's own files. */
const localMarks: Readonly<Record<string, readonly [file: string, mark: RegExp]>> = {
  go: ['go.mod', /^\s*(?:replace\s+)?\S+(?:\s+v\S+)?\s*=>\s*\.{1,2}(?:\/|\s|$)/m],
  bundler: ['Gemfile', /^\s*gemspec\b|\bpath:|:path\s*=>|eval_gemfile|\bFile\.|require_relative/m],
  composer: ['composer.json', /"type"\s*:\s*"path"/],
  poetry: ['pyproject.toml', /\bpath\s*=|\bdevelop\s*=/],
  uv: ['pyproject.toml', /\bpath\s*=|\bworkspace\s*=|\[tool\.uv\.workspace\]/],
  pdm: ['pyproject.toml', /\bpath\s*=|file:\/\//],
  pipenv: ['Pipfile', /\bpath\s*=|\beditable\s*=|\bfile\s*=/],
  mix: ['mix.exs', /\bpath:|apps_path|File\.|Code\./],
  dart: ['pubspec.yaml', /^\s*path:/m],
  swift: ['Package.swift', /\bpath:\s*"\.{1,2}\//],
};

function checkByText({ tool, title, files }: Install, folder: string, project: Project): Check {
  const obstacles = [say('what `{0}` reads was not checked in all', title)];
  const marked = tool === 'conda' ? [files[0].path, /(?:-e\s|--editable|\s-r\s|file:|-\s+\.)/] as const : localMarks[tool];
  if (!marked) return { obstacles, files: [] };
  const text = project.text(folder === '' ? marked[0] : `${folder}/${marked[0]}`);
  if (text !== undefined && marked[1].test(text)) return { needsSource: `${marked[0]} names a part of the project`, obstacles, files: [] };
  return { obstacles, files: [] };
}
