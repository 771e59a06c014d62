/** Builds of our own after a history's commits: what people do between two commits, and what no commit happens to show. */
import type { Analysis } from '../../server/src/core/build/model';
import type { Tree, TreeEntry } from './checkout';
import { digest } from './repositories';

export interface Variation {
  readonly label: string;
  readonly tree: Tree;
  /** Files that are written again although they are the same. */
  readonly touched?: readonly string[];
  readonly buildArgs?: Readonly<Record<string, string>>;
  readonly target?: string;
  readonly noCache?: boolean;
}

const source = /\.(go|m?js|tsx?|jsx|py|java|kt|cs|rb|php|rs|c|cc|cpp|h|sh|css|html)$/;
const note = 'strata-notes.md';

/** `first` and `last`: the trees of the oldest and the newest commit; the last one was built just now. */
export function variationsOf(first: Tree, last: Tree, dockerfile: string, text: (entry: TreeEntry) => string, analysis: Analysis, sent: (path: string) => boolean): Variation[] {
  const edited = (tree: Tree, path: string, change: (entry: TreeEntry) => TreeEntry): Tree => {
    const entry = tree.get(path);
    return entry ? new Map(tree).set(path, change(entry)) : tree;
  };
  const appended = (line: string) => (entry: TreeEntry): TreeEntry => ({ mode: entry.mode, text: `${text(entry)}${line}\n` });
  const files = [...last].filter(([path, { mode }]) => mode.startsWith('100') && path !== dockerfile && sent(path)).map(([path]) => path).sort((a, b) => (digest(a) < digest(b) ? -1 : 1));
  const one = files.find((path) => source.test(path)) ?? files[0];
  const other = files.find((path) => path !== one && !source.test(path)) ?? files.find((path) => path !== one);
  const variations: Variation[] = [{ label: 'files touched', tree: last, touched: files.slice(0, 20) }];
  if (one !== undefined) {
    variations.push({ label: `${one} edited`, tree: edited(last, one, appended('// strata')) });
    variations.push({ label: `${one} executable`, tree: edited(last, one, (entry) => ({ ...entry, mode: entry.mode === '100755' ? '100644' : '100755' })) });
  }
  if (other !== undefined) variations.push({ label: `${other} edited`, tree: edited(last, other, appended('strata')) });
  const noted = new Map(last).set(note, { mode: '100644', text: 'a note\n' });
  variations.push({ label: `${note} written`, tree: noted });
  const ignoreFile = '.dockerignore';
  variations.push({ label: `${note} ignored`, tree: new Map(noted).set(ignoreFile, { mode: '100644', text: `${last.has(ignoreFile) ? text(last.get(ignoreFile) as TreeEntry) : ''}\n${note}\n` }) });
  variations.push({ label: 'a comment and a LABEL in the Dockerfile', tree: edited(last, dockerfile, (entry) => ({ mode: entry.mode, text: `${text(entry).replace(/\n?$/, '\n')}# strata\nLABEL org.strata.replay=yes\n` })) });
  const argument = argumentOf(analysis);
  if (argument !== undefined) variations.push({ label: `${argument} given`, tree: last, buildArgs: { [argument]: 'strata' } });
  const target = analysis.stages.findLast(({ name, index, reachable, steps }) => reachable && name !== null && index !== analysis.target && steps.some(({ row }) => row === 'layer'))?.name;
  if (target) variations.push({ label: `stage ${target} alone`, tree: last, target });
  const longer = (tree: Tree): Tree => edited(tree, dockerfile, (entry) => ({ mode: entry.mode, text: `${text(entry).replace(/\n?$/, '\n')}RUN echo strata\n` }));
  if (other !== undefined) variations.push({ label: `${other} edited, and a RUN more`, tree: longer(edited(last, other, appended('strata once more'))) });
  variations.push({ label: 'a RUN more', tree: longer(last) });
  variations.push({ label: 'the first commit again', tree: first }, { label: 'without the cache', tree: last, noCache: true }, { label: 'and with it', tree: last });
  return variations;
}

/** An ARG of a stage that has a value, or none: any that no FROM needs. */
function argumentOf(analysis: Analysis): string | undefined {
  const global = new Set(analysis.globalArgs.map(({ name }) => name));
  for (const stage of analysis.stages) if (stage.reachable) for (const { expanded } of stage.steps) {
    if (expanded.kind !== 'arg') continue;
    const found = expanded.pairs.find(({ name }) => !global.has(name) && !/^(TARGET|BUILD)(PLATFORM|OS|ARCH|VARIANT)$/.test(name));
    if (found) return found.name;
  }
  return undefined;
}
