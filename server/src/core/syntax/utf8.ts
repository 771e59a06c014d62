/** UTF-8 without an encoder of the host: the core has none. */

/** Each byte of the text's UTF-8 as the character of that number; a lone surrogate is U+FFFD, as every encoder writes it. */
export function bytesAsCharacters(text: string): string {
  if (!/[^\0-\x7f]/.test(text)) return text;
  const pieces: string[] = [];
  let codes: number[] = [];
  for (const ch of text) {
    let code = ch.codePointAt(0) as number;
    if (code >= 0xd800 && code < 0xe000) code = 0xfffd;
    if (code < 0x80) codes.push(code);
    else if (code < 0x800) codes.push(0xc0 | (code >> 6), 0x80 | (code & 63));
    else if (code < 0x10000) codes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    else codes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    if (codes.length > 8000) {
      pieces.push(String.fromCharCode(...codes));
      codes = [];
    }
  }
  return pieces.join('') + String.fromCharCode(...codes);
}
