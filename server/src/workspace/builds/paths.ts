/** Paths as definitions write them → contexts and Dockerfiles relative to the workspace root. */
import { cleanPath, joinPath } from '../../core/build/path';
import type { BuildDefinition, ContextSource } from './definition';

export function folderOf(file: string): string {
  const slash = file.lastIndexOf('/');
  return slash === -1 ? '.' : cleanPath(file.slice(0, slash));
}

/** What starts as an address; buildx and Compose agree on these. */
export function isRemote(text: string): boolean {
  return /^(?:https?:\/\/|git:\/\/|ssh:\/\/|github\.com\/|git@)/.test(text);
}

/** A context, main or named; null: what it is has been lost on the way, and `why` says how. */
export function contextAt(folder: string, text: string): ContextSource {
  if (text.startsWith('docker-image://')) return { kind: 'image', reference: text.slice('docker-image://'.length) };
  if (text.startsWith('target:')) return { kind: 'build', name: text.slice('target:'.length) };
  if (text.startsWith('service:')) return { kind: 'build', name: text.slice('service:'.length) };
  if (text.startsWith('oci-layout://')) return { kind: 'unknown', reason: 'It is an image in an OCI layout.' };
  if (isRemote(text)) return { kind: 'remote', url: text };
  if (text === '-') return { kind: 'unknown', reason: 'It comes from standard input.' };
  if (isAbsolute(text)) return { kind: 'unknown', reason: `It is on the machine at ${text}.` };
  return { kind: 'folder', path: joinPath(folder, text) || '.' };
}

export function isAbsolute(path: string): boolean {
  return /^(?:[/\\~]|[A-Za-z]:[/\\])/.test(path);
}

/** Where a Dockerfile of this name lies; null with a sentence where that is not in the workspace. */
export function dockerfileAt(context: ContextSource, name: string): { readonly path: string } | { readonly path: null; readonly why: string | undefined } {
  if (isAbsolute(name)) return { path: null, why: `The Dockerfile is on the machine at ${name}.` };
  if (isRemote(name)) return { path: null, why: `The Dockerfile is at ${name}.` };
  switch (context.kind) {
    case 'folder': return { path: joinPath(context.path, name) };
    case 'unknown': return { path: null, why: 'Which Dockerfile it is depends on the context, which is not known.' };
    default: return { path: null, why: undefined };
  }
}

/** For a definition that says nothing of a field. */
export const nothingSaid: Pick<BuildDefinition, 'args' | 'contexts' | 'platforms' | 'tags' | 'noCache' | 'unknown'> = {
  args: {}, contexts: {}, platforms: [], tags: [], noCache: false, unknown: [],
};
