/** The images that a case's Dockerfiles stand on: one stand-in, under each name. */
import { analyze } from '../../server/src/core/analyze';
import { docker, tag } from '../engine/docker';
import { guess, programOf, withoutParents } from '../engine/repositories';
import type { Case } from './case';
import { imagesOf, type Project } from './project';
import { standInFiles, type StandIn } from './stand-in';

export const config = ['ENV LANG=C.UTF-8', 'CMD ["stand-in"]'];

/** Their names, PATH among them: where an image does not set it, BuildKit does. */
export function envOf(lines: readonly string[]): string[] {
  const names = lines.flatMap((line) => (line.startsWith('ENV ') ? [...line.matchAll(/(\w+)=/g)].map(([, name]) => name) : []));
  return names.includes('PATH') ? names : [...names, 'PATH'];
}

/** `shell`: a small file system with a shell as /.strata/sh. */
export async function standInFor(one: Case, project: Project, shell: Buffer, host: string, made: Set<string>): Promise<void> {
  const name = `${host}/stand-in:latest`;
  made.add(name);
  await importWith(standInFiles(shell, standInOf(one), host), one.base ?? config, name);
  await Promise.all([...imagesOf(project)].map((image) => {
    made.add(image);
    return tag(name, image);
  }));
}

export async function importWith(files: Buffer, lines: readonly string[], reference: string): Promise<void> {
  const { code, stderr } = await docker(['image', 'import', ...lines.flatMap((line) => ['--change', line]), '-', reference], files);
  if (code !== 0) throw new Error(stderr);
}

/** What the Dockerfiles ask of the image. */
export function standInOf(one: Case): StandIn {
  const programs = new Set<string>();
  const outputs = new Set<string>();
  const users = new Set<string>();
  const user = (text: string): void => {
    for (const name of text.split(':')) if (/^[a-z_][\w-]*$/i.test(name)) users.add(name);
  };
  for (const path of one.dockerfiles) for (const { steps } of analyze(one.files[path].toString()).stages) for (const step of steps) {
    const { command, expanded } = step;
    const program = programOf(step);
    if (program !== undefined) programs.add(program);
    if (command.kind === 'USER') user(step.after.user ?? '');
    if ((command.kind !== 'COPY' && command.kind !== 'ADD') || expanded.kind !== 'copy') continue;
    user(expanded.chown ?? '');
    if (command.flags.from) for (const source of expanded.sources) if (source !== null && !/[*?[]/.test(source)) outputs.add(source.endsWith('/') ? source.slice(1) : guess(source.replace(/^\//, '')));
  }
  return { obeys: one.fetched === undefined, programs: [...programs], outputs: one.fetched === undefined ? [] : withoutParents(outputs).filter((path) => path !== '/' && path !== ''), users: [...users] };
}
