/** Times as people read them. */
import { decimal, verbatim, type Said } from '../core/say';

export function timeText(seconds: number): Said {
  if (seconds < 0.05) return verbatim(`<${decimal('0.1')} s`);
  if (seconds < 10) return verbatim(`${decimal(seconds.toFixed(1))} s`);
  return verbatim(seconds < 60 ? `${Math.round(seconds)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`);
}
