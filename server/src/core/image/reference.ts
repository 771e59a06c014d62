/** Image references: the grammar of distribution/reference, as FROM is checked and completed with it. */

const domainPart = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const domain = `(?:${domainPart}(?:\\.${domainPart})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`;
const pathPart = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const grammar = new RegExp(`^(?:${domain}/)?${pathPart}(?:/${pathPart})*(?::[\\w][\\w.-]{0,127})?(?:@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?$`);

/** The full reference with `:latest` where no tag or digest is given, or why it is none. */
export function normalReference(text: string): { readonly reference: string } | { readonly error: string } {
  if (/^[a-f0-9]{64}$/.test(text)) {
    return { error: `invalid repository name (${text}), cannot specify 64-byte hexadecimal strings` };
  }
  if (text.length > 4096) return { error: 'invalid reference format' };
  const slash = text.indexOf('/');
  const first = text.slice(0, Math.max(slash, 0));
  const hasDomain = slash !== -1 && (/[.:]/.test(first) || first === 'localhost' || first.toLowerCase() !== first);
  let host = hasDomain ? first : 'docker.io';
  let rest = hasDomain ? text.slice(slash + 1) : text;
  if (host === 'index.docker.io') host = 'docker.io';
  if (host === 'docker.io' && !rest.includes('/')) rest = `library/${rest}`;
  const colon = rest.search(/[:@]/);
  const remote = colon === -1 ? rest : rest.slice(0, colon);
  if (remote.toLowerCase() !== remote) return { error: `invalid reference format: repository name (${remote}) must be lowercase` };
  const full = `${host}/${rest}`;
  if (!grammar.test(full)) return { error: 'invalid reference format' };
  return { reference: /[:@]/.test(rest) ? full : `${full}:latest` };
}

/** A full reference as people write it: without the names that are assumed. */
export function normalName(reference: string): string {
  return reference.replace(/^docker\.io\/(?:library\/)?/, '');
}
