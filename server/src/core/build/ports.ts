/** EXPOSE's ports: dockerfile2llb/convert_expose.go at 73ed6825. */

/** `port/protocol`, ranges unrolled; or why BuildKit refuses it. */
export function portsOf(raw: string): string[] | { readonly error: string } {
  const parts = raw.split(':');
  const [ip, host, container] = parts.length === 1 ? ['', '', parts[0]]
    : parts.length === 2 ? ['', parts[0], parts[1]]
    : [parts.slice(0, -2).join(':'), parts[parts.length - 2], parts[parts.length - 1]];
  const slash = container.indexOf('/');
  const port = slash === -1 ? container : container.slice(0, slash);
  const protocol = slash === -1 ? '' : container.slice(slash + 1);
  const invalid = (why: string): { error: string } => ({ error: `invalid port: ${JSON.stringify(raw)}: ${why}` });
  if (port === '') return invalid('no port specified');
  const lower = protocol.toLowerCase();
  if (!['', 'tcp', 'udp', 'sctp'].includes(lower)) return invalid(`invalid proto: ${protocol}`);
  if (ip !== '' && !isAddress(ip)) return { error: `invalid IP address: ${ip}` };
  const range = rangeOf(port);
  if (!range) return { error: `invalid containerPort: ${port}` };
  if (host !== '') {
    const hosts = rangeOf(host);
    if (!hosts) return { error: `invalid hostPort: ${host}` };
    if (range.last - range.first !== hosts.last - hosts.first && range.last !== range.first) {
      return { error: `invalid ranges specified for container and host Ports: ${port} and ${host}` };
    }
  }
  const found: string[] = [];
  for (let n = range.first; n <= range.last; n++) found.push(`${n}/${lower || 'tcp'}`);
  return found;
}

function rangeOf(text: string): { readonly first: number; readonly last: number } | undefined {
  const dash = text.indexOf('-');
  const first = numberOf(dash === -1 ? text : text.slice(0, dash));
  const last = dash === -1 ? first : numberOf(text.slice(dash + 1));
  return first === undefined || last === undefined || last < first ? undefined : { first, last };
}

function numberOf(text: string): number | undefined {
  if (!/^[+-]?\d+$/.test(text)) return undefined;
  const value = Number(text);
  return value >= 0 && value <= 65535 ? value : undefined;
}

/** net.ParseIP, as far as ports can tell: dotted quads, and texts of hexadecimal groups. */
function isAddress(text: string): boolean {
  const bare = text.replace(/^\[(.*)\]$/, '$1');
  if (/^\d+(\.\d+){3}$/.test(bare)) return bare.split('.').every((part) => Number(part) <= 255 && !/^0\d/.test(part));
  return bare.includes(':') && /^[0-9a-fA-F:.]+$/.test(bare);
}
