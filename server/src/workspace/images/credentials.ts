/** Logins as the Docker command line keeps them (docker/cli, cli/config): in its config.json, or with the program that this names. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from './engine';

export type Login =
  | { readonly kind: 'password'; readonly user: string; readonly password: string }
  /** What a token service takes in place of a password. */
  | { readonly kind: 'identity'; readonly token: string };

export interface FoundLogin {
  /** Undefined: there is none, and one asks without. */
  readonly login?: Login;
  /** Why there may be one all the same: one sentence. */
  readonly problem?: string;
}

interface ConfigFile {
  readonly auths?: Readonly<Record<string, { readonly auth?: unknown; readonly identitytoken?: unknown } | null>>;
  readonly credHelpers?: Readonly<Record<string, unknown>>;
  readonly credsStore?: unknown;
}

/** What a login with Docker Hub is kept under. */
const hub = 'https://index.docker.io/v1/';
/** Of what a program answers, in bytes. */
const largestAnswer = 64 * 1024;

/** `host`: as a reference has it, with its port. `patience`: of a program, in milliseconds. Throws nothing. */
export async function loginFor(host: string, environment: Environment, patience: number): Promise<FoundLogin> {
  const file = join(environment.DOCKER_CONFIG || join(environment.HOME ?? homedir(), '.docker'), 'config.json');
  let config: ConfigFile;
  try {
    config = record(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? {} : { problem: `Docker's config.json cannot be read, so that nobody is logged in.` };
  }
  const key = host === 'docker.io' ? hub : host;
  const helper = own(record(config.credHelpers), key) ?? config.credsStore;
  if (typeof helper === 'string' && helper !== '') return fromProgram(helper, key, environment, patience);
  const auths = record(config.auths) as NonNullable<ConfigFile['auths']>;
  const name = Object.hasOwn(auths, key) ? key : Object.keys(auths).find((one) => hostOf(one) === host);
  return name === undefined ? {} : fromEntry(record(auths[name]));
}

/** Docker takes an entry for its host, whatever stands before and behind it. */
function hostOf(key: string): string {
  return key.replace(/^https?:\/\//, '').replace(/\/.*$/s, '');
}

function fromEntry({ auth, identitytoken: token }: Readonly<Record<string, unknown>>): FoundLogin {
  if (typeof token === 'string' && token !== '') return { login: { kind: 'identity', token } };
  if (typeof auth !== 'string' || auth === '') return {};
  const text = Buffer.from(auth, 'base64').toString('utf8').replace(/\0+$/, '');
  const colon = text.indexOf(':');
  return colon < 1 ? {} : { login: { kind: 'password', user: text.slice(0, colon), password: text.slice(colon + 1) } };
}

/** docker-credential-helpers: `get`, the server's name on standard input, `{Username, Secret}` on standard output. */
async function fromProgram(helper: string, server: string, environment: Environment, patience: number): Promise<FoundLogin> {
  if (!/^[A-Za-z0-9][\w.-]*$/.test(helper)) return { problem: `Docker's config.json names no program that keeps logins: ${JSON.stringify(helper.slice(0, 100))}.` };
  const program = `docker-credential-${helper}`;
  const answer = await run(program, server, environment, patience);
  if (answer.problem !== undefined) return { problem: answer.problem };
  try {
    const { Username: user, Secret: secret } = record(JSON.parse(answer.text));
    if (typeof user !== 'string' || typeof secret !== 'string' || secret === '') return {};
    return { login: user === '<token>' ? { kind: 'identity', token: secret } : { kind: 'password', user, password: secret } };
  } catch {
    return { problem: `${program} answers in a way that is not known.` };
  }
}

function run(program: string, input: string, environment: Environment, patience: number): Promise<{ readonly text: string; readonly problem?: string }> {
  return new Promise((resolve) => {
    const options = { env: environment as NodeJS.ProcessEnv, timeout: patience, maxBuffer: largestAnswer, killSignal: 'SIGKILL', windowsHide: true } as const;
    const child = execFile(program, ['get'], options, (error, text) => {
      if (!error) resolve({ text });
      else if (error.code === 'ENOENT') resolve({ text: '', problem: `${program}, which keeps Docker's logins, is not here.` });
      else if ((error.code as string | number | undefined) === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') resolve({ text: '', problem: `${program} answers with more than ${largestAnswer} bytes.` });
      else if (error.killed) resolve({ text: '', problem: `${program} does not answer within ${patience / 1000} seconds.` });
      // It ends with 1, and says so, where it has none.
      else if (typeof error.code === 'number') resolve({ text: '{}' });
      else resolve({ text: '', problem: `${program} cannot be run.` });
    });
    child.stdin?.on('error', () => undefined).end(input);
  });
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : {};
}

function own(of: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(of, name) ? of[name] : undefined;
}
