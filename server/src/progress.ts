/** Long work that nobody has asked for, such as reading a workspace first: the editor shows it where it shows such things, once it has taken a while. */
import type { Connection } from 'vscode-languageserver';
import { verbatim, type Said } from './core/say';

/** `work`: a name for it, which nobody sees. `now`: how far it is; undefined: it has ended. `part`: done of all, where that is known. */
export type TellProgress = (work: string, now: Said | undefined, part?: number) => void;

/** In milliseconds: what is over before is not shown, and nobody reads faster. */
const waits = { first: 1000, next: 200 };

/** An editor that shows no progress is told of none. */
export function openProgress(window: Pick<Connection['window'], 'createWorkDoneProgress'>, { first, next } = waits): TellProgress {
  const works = new Map<string, { readonly began: number; told: number; reporter?: ReturnType<typeof window.createWorkDoneProgress> }>();
  return (work, now, part) => {
    const known = works.get(work);
    if (now === undefined) {
      works.delete(work);
      known?.reporter?.then((reporter) => reporter.done(), () => undefined);
      return;
    }
    const time = performance.now();
    const one = known ?? { began: time, told: -Infinity };
    works.set(work, one);
    if (time - one.began < first || time - one.told < next) return;
    one.told = time;
    const percentage = part === undefined ? undefined : Math.floor(100 * part);
    if (!one.reporter) {
      one.reporter = window.createWorkDoneProgress();
      one.reporter.then((reporter) => reporter.begin(verbatim('Strata'), percentage, now), () => undefined);
    } else one.reporter.then((reporter) => (percentage === undefined ? reporter.report(now) : reporter.report(percentage, now)), () => undefined);
  };
}
