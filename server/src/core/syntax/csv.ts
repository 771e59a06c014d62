/** One line of comma-separated values, as BuildKit reads the options of `--mount` (tonistiigi/go-csvvalue). */

/** The fields, or why there are none. */
export function csvFields(text: string): string[] | string {
  const line = text.replace(/\r?\n$/, '');
  if (line === '') return 'EOF';
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    if (line[at] !== '"') {
      const comma = line.indexOf(',', at);
      const field = line.slice(at, comma === -1 ? line.length : comma);
      const quote = field.indexOf('"');
      if (quote !== -1) return `parse error on line 1, column ${at + quote + 1}: bare " in non-quoted-field`;
      fields.push(field);
      if (comma === -1) return fields;
      at = comma + 1;
      continue;
    }
    let field = '';
    at++;
    for (;;) {
      const quote = line.indexOf('"', at);
      if (quote === -1) return `parse error on line 1, column ${at + 1}: extraneous or missing " in quoted-field`;
      field += line.slice(at, quote);
      at = quote + 1;
      if (line[at] !== '"') break;
      field += '"';
      at++;
    }
    fields.push(field);
    if (at >= line.length) return fields;
    if (line[at] !== ',') return `parse error on line 1, column ${at}: extraneous or missing " in quoted-field`;
    at++;
  }
}
