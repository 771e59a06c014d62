/** Families are written as what their siblings share, and what each has of its own. */
import type { Way } from '../../server/src/core/family/model';
import type { Case } from './case';

/** Its name, and the lines after the shared ones. */
export type Sibling = readonly [name: string, ...lines: string[]];

export interface Written {
  /** Lines before FROM. */
  readonly head?: readonly string[];
  /** Lines between FROM and the shared ones. */
  readonly own?: (name: string) => readonly string[];
  readonly image?: string;
  readonly lineBreak?: string;
  /** Each in a folder with its files, which is its context unless there is one for all. */
  readonly folders?: boolean;
  readonly context?: '.';
  readonly files?: Readonly<Record<string, string>>;
  readonly base?: readonly string[];
  readonly few?: readonly Way[];
  readonly ways?: readonly Way[];
}

export function family(name: string, shared: readonly string[], siblings: readonly Sibling[], { head = [], own = () => [], image = 'debian:bookworm', lineBreak = '\n', folders = false, context, files = {}, base, few, ways }: Written = {}): Case {
  const all: Record<string, string> = { ...files };
  const dockerfiles: string[] = [];
  // One step in common makes no family.
  const steps = shared.filter((line) => /^(?:RUN|COPY) /i.test(line)).length;
  const first = steps > 1 ? [] : [shared.some((line) => line.startsWith('run ')) ? 'run echo shared >/shared' : 'RUN echo shared >/shared'];
  for (const [sibling, ...lines] of siblings) {
    const path = folders ? `${sibling}/Dockerfile` : `Dockerfile.${sibling}`;
    const lower = shared.some((line) => line.startsWith('run '));
    dockerfiles.push(path);
    all[path] = [...head, `${lower ? 'from' : 'FROM'} ${image}`, ...own(sibling), ...first, ...shared, ...lines, ''].join(lineBreak);
    all[folders && context === undefined ? `${sibling}/${sibling}.txt` : `${sibling}.txt`] = `${sibling}\n`;
  }
  return { name, files: all, dockerfiles, ...(base !== undefined && { base }), ...(few && { few }), ...(ways && { ways }) };
}

/** Two families in one: what is written of a project beside its Dockerfiles. */
export function withFiles(one: Case, name: string, files: Case['files'], ways: readonly Way[]): Case {
  return { ...one, name, files: { ...one.files, ...files }, ways };
}
