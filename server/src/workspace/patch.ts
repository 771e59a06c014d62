/** Changes of files as a unified diff that `git apply` takes. */
import { formatPatch, OMIT_HEADERS, structuredPatch } from 'diff';
import type { Change } from '../core/family/model';

export function patchOf(changes: readonly Change[]): string {
  return changes.filter(({ before, after }) => before !== after).map(fileOf).join('');
}

function fileOf({ path, before, after }: Change): string {
  const [a, b] = [quoted(`a/${path}`), quoted(`b/${path}`)];
  const header = [
    `diff --git ${a} ${b}`,
    ...(before === undefined ? ['new file mode 100644'] : after === undefined ? ['deleted file mode 100644'] : []),
    ...(before === '' || after === '' ? [] : [`--- ${before === undefined ? '/dev/null' : a}`, `+++ ${after === undefined ? '/dev/null' : b}`]),
  ];
  const patch = formatPatch(structuredPatch('', '', before ?? '', after ?? '', undefined, undefined, { context: 3, stripTrailingCr: false }), OMIT_HEADERS);
  return `${header.join('\n')}\n${patch}`;
}

/** As git quotes a path with a quote, a backslash or a control character in it. */
function quoted(path: string): string {
  // oxlint-disable-next-line no-control-regex
  return /["\\\u0000-\u001f]/.test(path) ? JSON.stringify(path) : path;
}
