/**
 * A short name for a set of texts, in which one can be exchanged without reading the others: the sum of their hashes, 128
 * bits. Not for security: nobody gains by making two of them equal.
 */

export type Sum = readonly [number, number, number, number];

export const nothing: Sum = [0, 0, 0, 0];

export function added(a: Sum, b: Sum): Sum {
  return [(a[0] + b[0]) | 0, (a[1] + b[1]) | 0, (a[2] + b[2]) | 0, (a[3] + b[3]) | 0];
}

/** Without one that is in it. */
export function taken(a: Sum, b: Sum): Sum {
  return [(a[0] - b[0]) | 0, (a[1] - b[1]) | 0, (a[2] - b[2]) | 0, (a[3] - b[3]) | 0];
}

export function textOf(sum: Sum): string {
  return sum.map((lane) => (lane >>> 0).toString(36)).join('.');
}

/** Of one text: four lanes that feed each other, and are mixed at the end so that their sums tell sets apart. */
export function sumOf(text: string): Sum {
  let a = 0x3c074a61;
  let b = 0x2e1f7d89 ^ text.length;
  let c = 0x5a0f3c11;
  let d = 0x71c2e9b5;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = b ^ Math.imul(a ^ code, 597399067);
    b = c ^ Math.imul(b ^ code, 2869860233);
    c = d ^ Math.imul(c ^ code, 951274213);
    d = a ^ Math.imul(d ^ code, 2716044179);
  }
  return [mixed(a ^ c), mixed(b ^ Math.imul(d, 31)), mixed(c + Math.imul(a, 17)), mixed(d ^ Math.imul(b, 13))];
}

/** The end of MurmurHash3: every bit of the result depends on every bit. */
function mixed(lane: number): number {
  let h = lane;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) | 0;
}
