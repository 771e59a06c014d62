/** BuildKit's "did you mean": util/suggest, edit distance below 3. */

export function withSuggestion(message: string, value: string, options: readonly string[], caseSensitive = true): string {
  const wanted = caseSensitive ? value : value.toLowerCase();
  let best = 3;
  let match = '';
  for (const option of options) {
    const candidate = caseSensitive ? option : option.toLowerCase();
    if (candidate === wanted) return message;
    const distance = editDistance(wanted, candidate, best);
    if (distance < best) {
      best = distance;
      match = caseSensitive ? candidate : inCaseOf(value, candidate);
    }
  }
  return match === '' ? message : `${message} (did you mean ${match}?)`;
}

function inCaseOf(original: string, text: string): string {
  if (original === original.toLowerCase()) return text.toLowerCase();
  if (original === original.toUpperCase()) return text.toUpperCase();
  return text;
}

/** The edit distance, or `limit` where it is not below that. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return Math.min(row[b.length], limit);
}
