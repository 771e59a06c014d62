/** The options of `RUN --mount`: instructions/commands_runmount.go parseMount at 73ed6825. */
import { cutField } from '../syntax/commands';
import { csvFields } from '../syntax/csv';
import { parseBool } from '../syntax/go';
import { withSuggestion } from '../syntax/suggest';

export interface Mount {
  readonly type: 'bind' | 'cache' | 'tmpfs' | 'secret' | 'ssh';
  /** A stage or image; never expanded. */
  readonly from: string;
  readonly source: string;
  readonly target: string;
  readonly id: string;
  /** Of a cache: empty, shared, private or locked. */
  readonly sharing: string;
  readonly readOnly: boolean;
}

/** What a mount reads from, as far as the stage graph needs it: known before anything is expanded. */
export function mountFrom(text: string): string {
  const fields = csvFields(text);
  let from = '';
  if (typeof fields !== 'string') for (const field of fields) {
    const [key, value] = cutField(field);
    if (key === 'from' && value !== undefined) from = value;
  }
  return from;
}

const keys = [
  'type', 'from', 'source', 'target', 'readonly', 'id', 'sharing', 'required', 'size', 'mode', 'uid', 'gid', 'src', 'dst',
  'destination', 'ro', 'rw', 'readwrite', 'env',
];

/** The mount, or why BuildKit refuses it. `expand` answers null for a value that is not known. */
export function mountOf(text: string, expand: (value: string) => string | null | { readonly error: string }): Mount | { readonly error: string } {
  const fields = csvFields(text);
  if (typeof fields === 'string') return { error: `failed to parse csv mounts: ${fields}` };
  let type = 'bind';
  let sharing = '';
  let readOnly: boolean | undefined;
  const values: Record<string, string> = {};
  const owned = new Set<string>();
  for (const field of fields) {
    const [key, raw] = cutField(field);
    const secretOrSsh = type === 'secret' || type === 'ssh';
    if (raw === undefined) {
      if (key === 'readonly' || key === 'ro') readOnly = true;
      else if (key === 'readwrite' || key === 'rw') readOnly = false;
      else if (key !== 'required') return { error: `invalid field '${field}' must be a key=value pair` };
      else if (!secretOrSsh) return { error: `unexpected key '${key}' for mount type '${type}'` };
      continue;
    }
    const expanded = expand(raw);
    if (expanded !== null && typeof expanded === 'object') return expanded;
    if (!keys.includes(key)) return { error: withSuggestion(`unexpected key '${key}' in '${field}'`, key, keys) };
    if (expanded === null) continue;
    const value = expanded;
    switch (key) {
      case 'type':
        type = value.toLowerCase();
        if (!['bind', 'cache', 'tmpfs', 'secret', 'ssh'].includes(type)) {
          return { error: withSuggestion(`unsupported mount type ${JSON.stringify(value)}`, value, ['bind', 'cache', 'tmpfs', 'secret', 'ssh']) };
        }
        break;
      case 'from': values.from = value; break;
      case 'source': case 'src': values.source = value; break;
      case 'target': case 'dst': case 'destination': values.target = value; break;
      case 'id': values.id = value; break;
      case 'readonly': case 'ro': case 'readwrite': case 'rw': {
        const flag = parseBool(value);
        if (flag === undefined) return { error: `invalid value for ${key}: ${value}` };
        readOnly = key === 'readonly' || key === 'ro' ? flag : !flag;
        break;
      }
      case 'required':
        if (!secretOrSsh) return { error: `unexpected key '${key}' for mount type '${type}'` };
        if (parseBool(value) === undefined) return { error: `invalid value for ${key}: ${value}` };
        break;
      case 'size':
        if (type !== 'tmpfs') return { error: `unexpected key '${key}' for mount type '${type}'` };
        if (!/^\d+(\.\d+)?\s?([kKmMgGtTpP]?[iI]?[bB]?)$/.test(value)) return { error: `invalid value for ${key}: ${value}` };
        break;
      case 'sharing':
        sharing = value.toLowerCase();
        if (!['shared', 'private', 'locked'].includes(sharing)) {
          return { error: withSuggestion(`unsupported sharing value ${JSON.stringify(value)}`, value, ['shared', 'private', 'locked']) };
        }
        break;
      case 'mode': case 'uid': case 'gid':
        if (!(key === 'mode' ? /^[0-7]+$/ : /^\d+$/).test(value)) return { error: `invalid value ${value} for ${key}` };
        owned.add(key);
        break;
    }
  }
  const { from = '', source = '', target = '', id = '' } = values;
  if (type === 'bind' || type === 'tmpfs') {
    for (const key of ['mode', 'uid', 'gid']) if (owned.has(key)) return { error: `${key} not allowed for ${JSON.stringify(type)} type mounts` };
  }
  if (type === 'secret') {
    if (from !== '') return { error: 'secret mount should not have a from' };
    if (sharing !== '') return { error: 'secret mount should not define sharing' };
    if (source === '' && target === '' && id === '') return { error: 'invalid secret mount. one of source, target required' };
    if (source !== '' && id !== '') return { error: "both source and id can't be set" };
  }
  if (sharing !== '' && type !== 'cache') return { error: `invalid cache sharing set for ${type} mount` };
  return { type: type as Mount['type'], from, source, target, id, sharing, readOnly: readOnly ?? (type !== 'cache' && type !== 'tmpfs') };
}
