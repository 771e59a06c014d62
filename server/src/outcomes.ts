/** What came of something that a user has asked for, in a sentence: for VS Code's client and for the commands of other editors alike. */
import { counted, decimal, joined, say, verbatim, type Said } from './core/say';
import type { AskRegistryAnswer, BuildAnswer, LookAnswer, WhatIfAnswer, WhatIfBuild } from './protocol';

export function stepsText(done: number, total: number, name: string): Said {
  const steps = say('{0} of {1} steps', done, total);
  return name === '' ? steps : say('{0}: {1}', steps, name);
}

export function builtText({ image, seconds, ran, cached }: Exclude<BuildAnswer, { readonly failed: string }>): Said {
  return counted(ran, 'Built {1} in {2} s: {0} step run, {3} from the cache.', 'Built {1} in {2} s: {0} steps run, {3} from the cache.', image, decimal(seconds.toFixed(1)), cached);
}

export function lookedText({ image, wasted, size, fixes }: Exclude<LookAnswer, { readonly failed: string }>): Said {
  if (fixes === 0) return say('{0}: {1} of {2} are wasted.', image, wasted, size);
  return counted(fixes, '{1}: {2} of {3} are wasted; one finding can be fixed.', '{1}: {2} of {3} are wasted; {0} findings can be fixed.', image, wasted, size);
}

export function foundText({ found }: AskRegistryAnswer): Said {
  return say('Known from the registry: {0}. The hover of each line says more.', found.join(', '));
}

export function foreseenText({ change, builds }: WhatIfAnswer): Said {
  const [build] = builds;
  return builds.length > 1 ? say('If {0} changes: {1} builds', change, builds.length) : say('If {0} changes: {1} of {2} steps run again', change, build.again, build.total);
}

export function nothingForeseen(): Said {
  return say('No build of this workspace would run a step again.');
}

/** `path`: of the Dockerfile, as the user knows it. */
export function buildText({ title, again, open, total }: WhatIfBuild, path: string): Said {
  const counts = joined([say('{0} of {1} steps', again, total), open === 0 ? undefined : say('{0} more may', open)], ', ');
  return say('{0}: {1}', `${path}${title === '' ? '' : ` (${title})`}`, counts);
}

/** `[2/4] · line 3` */
export function stepPlace({ step, line }: WhatIfBuild['steps'][number]): Said {
  return joined([verbatim(step ?? ''), say('line {0}', line)], ' · ');
}

export function stillReading(): Said {
  return say('Dockerfiles are still being read: try again in a moment.');
}

export function noSiblings(): Said {
  return say('No other Dockerfile here begins with the steps of this one.');
}

export function siblingsChanged(): Said {
  return say('The siblings have changed meanwhile: nothing is extracted.');
}

export function noWay(refused: readonly string[]): Said {
  return refused.length > 0 ? verbatim(refused.join(' ')) : say('No way to extract this base is known.');
}
