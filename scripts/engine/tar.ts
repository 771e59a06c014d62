/** Just enough of tar (ustar) to read an image's config and to put files on top of a file system. */

/** Regular files by name. */
export function tarEntries(bytes: Buffer): Map<string, Buffer> {
  const entries = new Map<string, Buffer>();
  for (let at = 0; at + 512 <= bytes.length; ) {
    const name = nameAt(bytes, at);
    if (name === '') break;
    const size = sizeAt(bytes, at);
    const type = String.fromCharCode(bytes[at + 156]);
    if (type === '0' || type === '\0') entries.set(name, bytes.subarray(at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return entries;
}

function nameAt(bytes: Buffer, at: number): string {
  const prefix = field(bytes, at + 257, 5) === 'ustar' ? field(bytes, at + 345, 155) : '';
  return `${prefix === '' ? '' : `${prefix}/`}${field(bytes, at, 100)}`;
}

function sizeAt(bytes: Buffer, at: number): number {
  return Number.parseInt(field(bytes, at + 124, 12), 8) || 0;
}

function field(bytes: Buffer, at: number, length: number): string {
  const end = bytes.subarray(at, at + length).indexOf(0);
  return bytes.toString('utf8', at, at + (end === -1 ? length : end)).trim();
}

export interface TarFile {
  /** A folder's ends in `/`. */
  readonly path: string;
  readonly text?: string;
  readonly mode?: number;
}

/** The entries of `under`, and the files on top: an engine takes no tar that names a file twice. */
export function tarOver(under: Buffer, files: readonly TarFile[]): Buffer {
  const over = new Set(files.map(({ path }) => plain(path)));
  const kept: Buffer[] = [];
  let start = 0;
  for (let at = 0; at + 512 <= under.length; ) {
    const name = nameAt(under, at);
    if (name === '') break;
    const end = at + 512 + Math.ceil(sizeAt(under, at) / 512) * 512;
    // Extended headers belong to the entry that follows.
    const isHeader = 'xgLK'.includes(String.fromCharCode(under[at + 156]));
    if (!isHeader) {
      if (!over.has(plain(name))) kept.push(under.subarray(start, end));
      start = end;
    }
    at = end;
  }
  return Buffer.concat([...kept, ...files.map(tarEntry), Buffer.alloc(1024)]);
}

function plain(path: string): string {
  return path.replace(/^\.?\//, '').replace(/\/$/, '');
}

function tarEntry({ path, text = '', mode = path.endsWith('/') ? 0o755 : 0o644 }: TarFile): Buffer {
  const body = Buffer.from(text);
  const header = Buffer.alloc(512);
  const bytes = Buffer.from(path);
  const cut = bytes.length <= 100 ? -1 : bytes.indexOf('/', bytes.length - 101);
  if (bytes.length > 100 && (cut === -1 || cut > 155)) throw new Error(`too long for a tar: ${path}`);
  bytes.copy(header, 0, cut + 1);
  if (cut !== -1) bytes.copy(header, 345, 0, cut);
  const octal = (value: number, at: number, length: number): void => void header.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at);
  octal(mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(body.length, 124, 12);
  octal(0, 136, 12);
  header.write('        ', 148);
  header.write(path.endsWith('/') ? '5' : '0', 156);
  header.write('ustar\x0000', 257);
  octal(header.reduce((sum, byte) => sum + byte, 0), 148, 7);
  return Buffer.concat([header, body, Buffer.alloc((512 - (body.length % 512)) % 512)]);
}
