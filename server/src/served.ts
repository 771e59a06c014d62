/**
 * Which documents are ours: Dockerfiles by name, and whatever has the language id. Templates are none, though the editor
 * gives `Dockerfile.j2` that id too: a half of what stands in them is not Dockerfile yet.
 */
export function isServed(uri: string, languageId: string): boolean {
  if (uri.startsWith('strata:')) return false;
  const name = nameOf(uri);
  if (otherName.test(name)) return false;
  return languageId === 'dockerfile' || dockerfileName.test(name);
}

/** The same names as a glob, for a client that asks before a document is open. */
export const servedPattern = '**/{Dockerfile,Dockerfile.*,*.Dockerfile,Containerfile}';

const dockerfileName = /^(?:Dockerfile(?:\..+)?|.*\.Dockerfile|Containerfile)$/i;
const otherName = /\.(?:dockerignore|j2|tmpl|template|in|erb|orig|md)$/i;

/** The last part of a URI's path. */
export function nameOf(uri: string): string {
  const path = uri.replace(/[?#].*$/s, '');
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/^untitled:/, '');
  try {
    return decodeURIComponent(name).replace(/^.*\\/s, '');
  } catch {
    return name;
  }
}
