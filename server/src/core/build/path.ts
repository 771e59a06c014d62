/** Paths in the image: util/system/path.go and Go's path package at 73ed6825. */

export type Os = 'linux' | 'windows';

/** path.Clean */
export function cleanPath(path: string): string {
  if (path === '') return '.';
  const rooted = path.startsWith('/');
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.length > 0 && parts[parts.length - 1] !== '..') parts.pop();
    else if (!rooted) parts.push('..');
  }
  return (rooted ? '/' : '') + parts.join('/') || (rooted ? '/' : '.');
}

/** path.Join */
export function joinPath(...parts: string[]): string {
  const given = parts.filter((part) => part !== '');
  return given.length === 0 ? '' : cleanPath(given.join('/'));
}

/**
 * NormalizeWorkdir: the new working directory with forward slashes, or why Windows has none of that name. `current` null:
 * not known, and so is the result where it is needed.
 */
export function workdirAfter(current: string | null, path: string, os: Os): { readonly path: string | null } | { readonly error: string } {
  const wanted = withoutDrive(path, os);
  if (typeof wanted !== 'string') return wanted;
  if (wanted.startsWith('/')) return { path: wanted };
  if (current === null) return { path: null };
  const parent = withoutDrive(current === '' ? '/' : current, os);
  if (typeof parent !== 'string') return parent;
  const rooted = parent.startsWith('/') ? parent : joinPath('/', parent);
  return { path: wanted === '' && path === '' ? rooted : joinPath(rooted, wanted) };
}

function withoutDrive(path: string, os: Os): string | { readonly error: string } {
  if (os === 'linux') return path;
  const slashed = path.replaceAll('\\', '/');
  if (slashed === '') return '';
  if (slashed.length === 2 && slashed[1] === ':') return { error: `No relative path specified in ${JSON.stringify(path)}` };
  if (slashed.startsWith('//')) return { error: 'UNC paths are not supported' };
  const colon = slashed.indexOf(':');
  if (colon === -1) return cleanPath(slashed);
  if (slashed.slice(0, colon).toLowerCase() !== 'c') return { error: 'The specified path is not on the system drive (C:)' };
  return cleanPath(slashed.slice(colon + 1));
}
