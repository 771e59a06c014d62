/**
 * What the editor's file system has, for a server that has no disk: in a browser, all is asked of the client, and kept. A folder is listed as
 * a whole, with the texts that tell of builds; the rest is asked when somebody reads it. Who may run a file, and where a link leads, an editor
 * does not say: every file has one mode, and a link cannot be read.
 */
import { dirname } from 'node:path';
import { URI } from 'vscode-uri';
import type { FileAnswers, FileKind, FilesParams } from '../protocol';
import { configurationName } from '../configuration';
import { isServed } from '../served';
import { isDefinitionFile } from './builds/builds';
import { entryOf, missing, statusOf, tooLarge, type Disk, type Entry, type Status } from './disk';

/** Asks the client; one answer for each address, null where there is nothing, or none may be read. */
export type Ask = <What extends keyof FileAnswers>(what: What, uris: FilesParams['uris']) => Promise<readonly (FileAnswers[What] | null)[]>;

/** A folder with more entries than these is not looked at beyond them. */
const mostEntries = 20_000;

/** So many addresses are in one question. */
const together = 64;

/** Nobody's own files lie in these; they are listed when a build context has them. */
const leftOut = new Set(['.git', 'node_modules']);

/** A text that is larger is not kept. */
const largestText = 4 << 20;

export function openMirror(ask: Ask, report: (message: string) => void): Disk {
  const folders = new Map<string, Map<string, FileKind>>();
  const texts = new Map<string, string | null>();
  const digests = new Map<string, FileAnswers['digest'] | null>();

  return {
    placeOf, addressOf, status,
    list,
    *listing(folder) {
      if (!folders.has(folder) && mayBe(folder, 'folder')) yield listAll([folder], 0);
      return list(folder);
    },
    target: (link) => {
      throw new Error(`${nameIn(link)}: where the link leads is not known here`);
    },
    text,
    *load(place, most) {
      if (!texts.has(place) && mayBe(place, 'file')) yield loadTexts([place]);
      return text(place, most);
    },
    plainText: (place, most) => ({ status: status(place) ?? shown('file'), content: text(place, most) }),
    *digest(place) {
      if (!digests.has(place)) yield loadDigests(place);
      const found = digests.get(place);
      if (!found) throw missing(place);
      return { status: shown('file', found.size, found.time), content: found.content };
    },
    ready: async (folder) => {
      if (folders.has(folder)) return;
      await listAll([folder], mostEntries);
    },
    renew,
  };

  function status(place: string): Status | undefined {
    if (folders.has(place)) return shown('folder');
    const kind = folders.get(dirname(place))?.get(nameIn(place));
    if (kind === undefined) return undefined;
    const known = digests.get(place);
    return shown(kind, known?.size ?? texts.get(place)?.length, known?.time);
  }

  /** Of what lies in a folder that is not known yet, nobody has told. */
  function mayBe(place: string, kind: FileKind): boolean {
    const beside = folders.get(dirname(place));
    return !beside || beside.get(nameIn(place)) === kind;
  }

  function list(folder: string): readonly Entry[] {
    const entries = folders.get(folder);
    if (!entries) throw missing(folder);
    return [...entries].map(([name, kind]) => entryOf(name, kind));
  }

  function text(place: string, most = Infinity): string {
    const found = texts.get(place);
    if (found === undefined || found === null) throw missing(place);
    if (found.length > most) throw tooLarge(place);
    return found;
  }

  /** These folders and, as long as there is room, those below them; then the texts that tell of builds. */
  async function listAll(places: readonly string[], room: number): Promise<void> {
    let left = room;
    const telling: string[] = [];
    for (let level = [...places]; level.length > 0;) {
      const next: string[] = [];
      for (const part of inParts(level)) {
        const answers = await ask('list', part.map(addressOf));
        for (const [i, place] of part.entries()) {
          if (answers[i] === null) continue;
          const entries = new Map(answers[i]);
          folders.set(place, entries);
          left -= entries.size;
          for (const [name, kind] of entries) {
            const inside = `${place}/${name}`;
            if (kind === 'folder' && !leftOut.has(name)) next.push(inside);
            else if (kind === 'file' && tells(inside)) telling.push(inside);
          }
        }
      }
      if (left <= 0 && room > 0 && next.length > 0) report(`${addressOf(places[0])}: more than ${room} files and folders, the others are not looked at`);
      level = left > 0 ? next : [];
    }
    await loadTexts(telling);
  }

  async function loadTexts(places: readonly string[]): Promise<void> {
    for (const part of inParts(places)) {
      const answers = await ask('text', part.map(addressOf));
      for (const [i, place] of part.entries()) texts.set(place, answers[i] !== null && answers[i].length <= largestText ? answers[i] : null);
    }
  }

  /** A context is read folder by folder: the files beside one are asked for with it. */
  async function loadDigests(place: string): Promise<void> {
    const folder = dirname(place);
    const beside = [...(folders.get(folder) ?? [])].flatMap(([name, kind]) => (kind === 'file' && !digests.has(`${folder}/${name}`) ? [`${folder}/${name}`] : []));
    const part = [place, ...beside.filter((one) => one !== place)].slice(0, together);
    const answers = await ask('digest', part.map(addressOf));
    for (const [i, one] of part.entries()) digests.set(one, answers[i]);
  }

  async function renew(places: readonly string[]): Promise<void> {
    const known = new Set(places.flatMap((place) => firstUnknown(place) ?? []));
    for (const part of inParts([...known])) {
      const answers = await ask('kind', part.map(addressOf));
      const listed: string[] = [];
      const told: string[] = [];
      for (const [i, place] of part.entries()) {
        const kind = answers[i];
        const siblings = folders.get(dirname(place));
        texts.delete(place);
        digests.delete(place);
        if (kind === null) siblings?.delete(nameIn(place));
        else siblings?.set(nameIn(place), kind);
        if (kind !== 'folder') forget(place);
        else if (!folders.has(place) && !leftOut.has(nameIn(place))) listed.push(place);
        if (kind === 'file' && tells(place)) told.push(place);
      }
      await loadTexts(told);
      await listAll(listed, mostEntries);
    }
  }

  /** Of a file in a folder that is new the folder, for nobody may have told of that; undefined: what lies there is asked for when somebody lists it. */
  function firstUnknown(place: string): string | undefined {
    let at = place;
    while (!folders.has(dirname(at))) {
      if (dirname(at) === at) return undefined;
      at = dirname(at);
    }
    return at !== place && leftOut.has(nameIn(at)) ? undefined : at;
  }

  /** What was below a folder that is none any more. */
  function forget(folder: string): void {
    if (!folders.delete(folder)) return;
    for (const all of [folders, texts, digests]) for (const place of all.keys()) if (place.startsWith(`${folder}/`)) all.delete(place);
  }
}

/** Schemes and authorities are folders: `vscode-vfs://github/a/b` → `/vscode-vfs:github/a/b`. */
function placeOf(address: string): string | undefined {
  try {
    const { scheme, authority, path } = URI.parse(address, true);
    return `/${scheme}:${encodeURIComponent(authority)}${path.replace(/\/$/, '')}`;
  } catch {
    return undefined;
  }
}

function addressOf(place: string): string {
  const [, scheme, authority, path] = /^\/([^:/]+):([^/]*)(.*)$/s.exec(place) ?? [];
  return scheme === undefined ? place : URI.from({ scheme, authority: decodeURIComponent(authority), path: path === '' ? '/' : path }).toString();
}

/** Names that are asked for without waiting. */
function tells(place: string): boolean {
  const name = nameIn(place);
  return isServed(name, '') || isDefinitionFile(place) || name === '.gitignore' || name.endsWith('.dockerignore') || name === configurationName;
}

function nameIn(place: string): string {
  return place.slice(place.lastIndexOf('/') + 1);
}

function shown(kind: FileKind, size = 0, time = 0): Status {
  return statusOf(kind, kind === 'folder' ? 0o755 : 0o644, size, time);
}

function* inParts(places: readonly string[]): Generator<readonly string[]> {
  for (let i = 0; i < places.length; i += together) yield places.slice(i, i + together);
}
