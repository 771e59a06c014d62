/** Texts of strangers on a terminal, which must not act upon them. */

/** Control characters (C0 without the line end, DEL, C1), and those that turn the direction of writing (Unicode's Bidi_Control). */
// oxlint-disable-next-line no-control-regex
const acting = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** With a mark in the place of each. */
export function harmless(text: string): string {
  return text.replace(acting, '\ufffd');
}

/** JSON escapes some of them by itself; a line with its end. */
export function jsonLine(value: unknown): string {
  return `${JSON.stringify(value).replace(acting, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
}

/** On one line, and no longer than so many characters. */
export function cut(text: string, most: number): string {
  const line = harmless(text.replace(/\s+/g, ' '));
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}
