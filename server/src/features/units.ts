/** Times as people read them. */

export function timeText(seconds: number): string {
  if (seconds < 0.05) return '<0.1 s';
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  return seconds < 60 ? `${Math.round(seconds)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
