/** What `pip install -r` reads: the requirements files, those that they include, and what these name (pip.pypa.io, requirements file format). */
import { joinPath } from '../build/path';
import type { Check, Project } from './check';
import type { Install } from './commands';
import { say, type Said } from '../say';

const harmlessFlags = /^(?:-r|-c|--requirement(?:=.*)?|--constraint(?:=.*)?|--no-cache-dir|--upgrade|-U|-q+|--quiet|-v+|--verbose|-i|--index-url(?:=.*)?|--extra-index-url(?:=.*)?|--trusted-host(?:=.*)?|--disable-pip-version-check|--no-input|--no-warn-script-location|--root-user-action(?:=.*)?|--break-system-packages|--default-timeout(?:=.*)?|--timeout(?:=.*)?|--retries(?:=.*)?|--progress-bar(?:=.*)?|--no-compile|--require-hashes|--prefer-binary|--only-binary(?:=.*)?|--no-deps|--force-reinstall|--ignore-installed|-I|--use-pep517|--pre|-r.+|-c.+)$/;
const optionLine = /^(?:-i|--index-url|--extra-index-url|--no-index|--trusted-host|--pre|--prefer-binary|--require-hashes|--no-binary|--only-binary|--use-feature|--hash)(?:[=\s]|$)/;

export function checkPip(install: Install, folder: string, named: readonly string[], project: Project): Check {
  const obstacles: Said[] = [];
  const files = new Set<string>();
  const pending = [...named];
  let needsSource: string | undefined;
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    if (files.has(path) || path.startsWith('..')) continue;
    files.add(path);
    const text = project.text(path);
    if (text === undefined) {
      obstacles.push(say('{0} was not read', path));
      continue;
    }
    const above = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
    for (const line of requirementLines(text)) {
      const included = /^(?:-r|--requirement|-c|--constraint)(?:\s+|=|(?=[^-\s]))(.+)$/.exec(line);
      if (included) {
        if (!/^\w+:\/\//.test(included[1])) pending.push(joinPath(above, included[1].trim()));
      } else if (/^(?:-e|--editable)(?:\s+|=)/.test(line)) {
        if (!/^(?:-e|--editable)(?:\s+|=)(?:git|hg|svn|bzr)\+/.test(line)) needsSource ??= `${path} installs a part of the project (${line})`;
        else obstacles.push(say('{0} has an editable package, which is put into src/', path));
      } else if (/^(?:-f|--find-links)(?:\s+|=)/.test(line)) {
        if (!/^\S+(?:\s+|=)https?:/.test(line)) needsSource ??= `${path} looks for packages in the project (${line})`;
      } else if (line.startsWith('-')) {
        if (!optionLine.test(line)) obstacles.push(say('{0} has {1}', path, line.split(/[\s=]/)[0]));
      } else if (/^[./~]|@\s*file:|^file:/.test(line) || /^[^\s;@[<>=!~]*(?:\/|\.whl$|\.zip$|\.tar\.gz$)/.test(line.replace(/^(?:\w+\+)?\w+:\/\/.*/, ''))) needsSource ??= `${path} installs a part of the project (${line})`;
    }
  }
  const words = install.words.slice(1);
  const strange = words.find((word) => word.startsWith('-') && word !== '-m' && !harmlessFlags.test(word));
  if (strange !== undefined) obstacles.push(say('{0} was not checked', strange));
  if (/ (?:download|wheel) /.test(install.title)) obstacles.push(say('`{0}` writes files beside the source', install.title));
  if (install.title.startsWith('uv ')) obstacles.push(say('uv reads settings of the project, which were not checked'));
  if (install.words[0].startsWith('python') && project.below(folder).some((path) => /^[^/]+(?:\.py|\/__init__\.py)$/.test(folder === '' ? path : path.slice(folder.length + 1)))) {
    obstacles.push(say("`{0} -m pip` finds the project's own modules first", install.words[0]));
  }
  return { obstacles, files: [...files].filter((path) => !named.includes(path)), ...(needsSource !== undefined && { needsSource }) };
}

/** Joined lines without comments. */
function requirementLines(text: string): string[] {
  return text.replace(/^\ufeff/, '').replace(/\\\r?\n/g, ' ').split('\n').map((line) => line.replace(/(?:^|\s)#.*$/, '').trim()).filter((line) => line !== '');
}
