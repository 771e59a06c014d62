/** What a build takes of its context: the files that the COPY, ADD and bind mounts of the stages it runs name. */
import { filesOf, type Context, type Selection } from './context';
import type { Analysis, Step } from './model';
import { mountOf } from './mounts';
import { isRemote } from './refusals';

/** Sorted, each once. */
export function sentFiles(analysis: Analysis, context: Context): string[] {
  const sent = new Set<string>();
  for (const stage of analysis.stages) {
    if (!stage.reachable) continue;
    for (const step of stage.steps) for (const selection of selectionsOf(step)) for (const path of filesOf(context, selection)) sent.add(path);
  }
  return [...sent].sort();
}

/** What a step takes of the context. A source that is not known takes part as all of the context: nothing is said not to be sent that may be. */
export function selectionsOf({ command, expanded }: Step): Selection[] {
  if (command.kind === 'RUN') {
    return command.mounts.flatMap(({ text }) => {
      const mount = mountOf(text, (value) => value);
      const isContext = !('error' in mount) && mount.type === 'bind' && mount.from === '';
      return isContext ? [{ source: mount.source, exclude: [], parents: false, wildcards: false }] : [];
    });
  }
  if ((command.kind !== 'COPY' && command.kind !== 'ADD') || expanded.kind !== 'copy' || command.flags.from) return [];
  const exclude = command.flags.exclude.map(({ text }) => text);
  return expanded.sources
    .filter((source) => source === null || !isRemote(source))
    .map((source) => ({ source: source ?? '/', exclude, parents: command.flags.parents, wildcards: true }));
}
