/**
 * GET on a registry (OCI distribution specification; tokens: distribution/docs/spec/auth), bounded in time and size. A login goes to the
 * registry and to the token service that it names, and nowhere else; http is spoken with this machine only.
 */
import { loginFor, type FoundLogin } from './credentials';
import type { Environment } from './engine';
import { say } from '../../core/say';

/** One sentence for people. */
export class RegistryError extends Error {
  override readonly name = 'RegistryError';
}

export interface Limits {
  /** Of one request with its answer, and of all together, in milliseconds. */
  readonly patience: number;
  readonly all: number;
  /** Of one answer, in bytes. */
  readonly largest: number;
  /** How long a program that keeps logins may take, in milliseconds: it may ask a network itself. */
  readonly program: number;
}

export const usualLimits: Limits = { patience: 2000, all: 10_000, largest: 16 << 20, program: 5000 };

export interface Registry {
  /** For people. */
  readonly host: string;
  /** `path`: below the repository. `what`: it, for people. Throws RegistryError. */
  readonly get: (path: string, accept: string, what: string) => Promise<Received>;
}

export interface Received {
  readonly bytes: Buffer;
  readonly headers: Headers;
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Whose answer it is, after redirects. */
  readonly url: URL;
  /** Of status 200 alone. */
  readonly bytes: Buffer;
}

const mostRedirects = 5;

/** `host`, `name`: as in a full reference; `stop`: nobody wants to know any more. Throws RegistryError; asks nothing yet. */
export function registryOf(host: string, name: string, environment: Environment, { patience, all, largest, program }: Limits, stop?: AbortSignal): Registry {
  const server = host === 'docker.io' ? 'registry-1.docker.io' : host;
  if (!URL.canParse(`https://${server}`)) throw new RegistryError(say('{0} is no address of a registry.', host));
  const base = new URL(`${isHere(new URL(`https://${server}`)) ? 'http' : 'https'}://${server}/v2/${name}/`);
  const end = Date.now() + all;
  let authorization: string | undefined;
  return { host, get };

  async function get(path: string, accept: string, what: string): Promise<Received> {
    const url = new URL(path, base);
    const ask = (): Promise<Answer> => send(url, { headers: { accept, ...(authorization !== undefined && { authorization }) } });
    let answer = await ask();
    let found: FoundLogin = {};
    if (answer.status === 401 && answer.url.origin === base.origin && authorization === undefined) {
      found = await loginFor(host, environment, program);
      authorization = await authorized(answer.headers.get('www-authenticate') ?? '', found);
      if (authorization !== undefined) answer = await ask();
    }
    if (answer.status !== 200) throw new RegistryError(reasonOf(answer, what, found));
    return answer;
  }

  function reasonOf({ status, url }: Answer, what: string, found: FoundLogin): string {
    if (url.origin !== base.origin) return say('{0}, where the registry at {1} sends one for {2}, answers with {3}.', url.host, host, what, status);
    if (status === 401) return loginNeeded(found);
    if (status === 403) return say('The registry at {0} does not let this user read {1}.', host, what);
    if (status === 404) return say('The registry at {0} has no {1}.', host, what);
    if (status === 429) return say('The registry at {0} has been asked too often, and answers again later.', host);
    return say('The registry at {0} answers with {1}.', host, status);
  }

  function loginNeeded({ login, problem }: FoundLogin): string {
    if (login !== undefined) return say('The registry at {0} does not take the login that Docker keeps for it, or has no {1} for it: docker login {0}', host, name);
    return say('The registry at {0} has no {1}, or shows it to those only who are logged in: docker login {0}{2}', host, name, problem === undefined ? '' : ` (${problem})`);
  }

  /** The header's value; undefined: there is no login to send. */
  async function authorized(header: string, found: FoundLogin): Promise<string | undefined> {
    const { login } = found;
    const asked = challengeIn(header);
    if (!asked) throw new RegistryError(say('The registry at {0} wants a login in a way that is not known.', host));
    if (asked.scheme === 'basic') return login?.kind === 'password' ? basic(login) : undefined;
    if (asked.realm === undefined || !URL.canParse(asked.realm)) throw new RegistryError(say('The registry at {0} wants a token, and does not say where to get one.', host));
    const realm = new URL(asked.realm);
    if (!isAllowed(realm)) throw new RegistryError(say('The registry at {0} wants a token of {1}//{2}, which is not asked: a login goes over https.', host, realm.protocol, realm.host));
    // What is asked for is ours to say: no more than to read.
    const fields = { ...(asked.service !== undefined && { service: asked.service }), scope: `repository:${name}:pull` };
    let answer: Answer;
    if (login?.kind === 'identity') {
      answer = await send(realm, { method: 'POST', body: new URLSearchParams({ grant_type: 'refresh_token', client_id: 'strata', refresh_token: login.token, ...fields }) });
    } else {
      for (const [field, value] of Object.entries(fields)) realm.searchParams.set(field, value);
      answer = await send(realm, { headers: login ? { authorization: basic(login) } : {} });
    }
    if (answer.status === 401 || answer.status === 403) throw new RegistryError(loginNeeded(found));
    if (answer.status !== 200) throw new RegistryError(say('{0}, which has the tokens of the registry at {1}, answers with {2}.', answer.url.host, host, answer.status));
    const { token, access_token: other } = (jsonOf(answer.bytes, realm.host) ?? {}) as { readonly token?: unknown; readonly access_token?: unknown };
    const text = token ?? other;
    if (typeof text !== 'string' || !/^[\x21-\x7e]+$/.test(text)) throw new RegistryError(say('{0}, which has the tokens of the registry at {1}, sends none.', realm.host, host));
    return `Bearer ${text}`;
  }

  /** Follows redirects of a GET, without the authorization once another server is asked. */
  async function send(first: URL, request: { readonly method?: 'POST'; readonly body?: URLSearchParams; readonly headers?: Readonly<Record<string, string>> }): Promise<Answer> {
    let url = first;
    const headers = new Headers({ 'user-agent': 'strata', ...request.headers });
    for (let redirects = 0; redirects <= mostRedirects; redirects++) {
      const answer = await once(url, { ...request, headers });
      const location = answer.headers.get('location');
      if (answer.status < 300 || answer.status > 399 || location === null || request.method === 'POST') return answer;
      const next = URL.canParse(location, url.href) ? new URL(location, url) : undefined;
      if (!next || !isAllowed(next)) throw new RegistryError(say('The registry at {0} sends one elsewhere, where nothing is asked: only https addresses are.', host));
      if (next.origin !== url.origin) headers.delete('authorization');
      url = next;
    }
    throw new RegistryError(say('The registry at {0} sends one elsewhere more than {1} times.', host, mostRedirects));
  }

  async function once(url: URL, request: RequestInit): Promise<Answer> {
    const left = end - Date.now();
    const control = new AbortController();
    const cancel = (): void => control.abort();
    const timer = setTimeout(cancel, Math.min(patience, left));
    stop?.addEventListener('abort', cancel);
    try {
      if (stop?.aborted || left <= 0) cancel();
      const response = await fetch(url, { ...request, redirect: 'manual', signal: control.signal });
      const { status, headers } = response;
      if (status === 200) return { status, headers, url, bytes: await bytesOf(response, url) };
      // What it says to that is nobody's, and may be of any length.
      await response.body?.cancel();
      return { status, headers, url, bytes: Buffer.alloc(0) };
    } catch (error) {
      if (error instanceof RegistryError) throw error;
      if (stop?.aborted) throw new RegistryError(say('The question was cancelled.'), { cause: error });
      if (control.signal.aborted) throw new RegistryError(say('The registry at {0} does not answer within {1} seconds.', url.host, (left < patience ? all : patience) / 1000), { cause: error });
      throw new RegistryError(failure(url, error as Error & { readonly cause?: NodeJS.ErrnoException }), { cause: error });
    } finally {
      clearTimeout(timer);
      stop?.removeEventListener('abort', cancel);
    }
  }

  async function bytesOf({ body }: Response, url: URL): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    let size = 0;
    // Left early, it is cancelled.
    for await (const part of (body ?? []) as AsyncIterable<Uint8Array>) {
      size += part.length;
      if (size > largest) throw new RegistryError(say('The registry at {0} answers with more than {1} MB.', url.host, largest >> 20));
      parts.push(part);
    }
    return Buffer.concat(parts);
  }

  function failure({ host: at, hostname }: URL, { message, cause }: Error & { readonly cause?: NodeJS.ErrnoException }): string {
    const code = cause?.code ?? '';
    if (code === 'ENOTFOUND') return say('There is no host {0}.', hostname);
    if (code === 'EAI_AGAIN') return say('Whether there is a host {0} cannot be asked now.', hostname);
    if (code === 'ECONNREFUSED') return say('No registry answers at {0}.', at);
    if (/CERT|SELF_SIGNED|ISSUER/.test(code)) return say('The certificate of the registry at {0} is not trusted ({1}).', at, code);
    return say('The registry at {0} does not answer: {1}', at, (cause?.message ?? message).split('\n')[0].slice(0, 200));
  }

  function isAllowed(url: URL): boolean {
    if (url.username !== '' || url.password !== '') return false;
    return url.protocol === 'https:' || (url.protocol === 'http:' && base.protocol === 'http:' && isHere(url));
  }
}

/** `host`: who has sent it. Throws RegistryError. */
export function jsonOf(bytes: Buffer, host: string): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw new RegistryError(say('The registry at {0} answers with something that is no JSON.', host), { cause: error });
  }
}

function basic({ user, password }: { readonly user: string; readonly password: string }): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

/** This machine, whatever its name servers say. */
function isHere({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d+){3}$/.test(hostname);
}

/** Of WWW-Authenticate, which may have several: a token before a password. */
function challengeIn(header: string): { readonly scheme: 'bearer' | 'basic'; readonly realm?: string; readonly service?: string } | undefined {
  const all = [...header.slice(0, 4096).matchAll(/(?:^|,\s*)(bearer|basic)((?:[\s,]+[\w-]+=(?:"[^"]*"|[^\s,"]*))*)/gi)].map(([, scheme, fields]) => {
    const values = new Map([...fields.matchAll(/([\w-]+)=(?:"([^"]*)"|([^\s,"]*))/g)].map(([, field, quoted, plain]) => [field.toLowerCase(), quoted ?? plain]));
    return { scheme: scheme.toLowerCase() as 'bearer' | 'basic', realm: values.get('realm'), service: values.get('service') };
  });
  return all.find(({ scheme }) => scheme === 'bearer') ?? all[0];
}
