/** Edits that are refused, made all the same and built: each has to change an image, or to fail. */
import type { Change, Extraction } from '../../server/src/core/family/model';
import { extractionOf, familiesOf } from '../../server/src/workspace/extract';
import { importWith, standInFor, standInOf } from './image';
import { inOne, intoOne, naive, type Refusal } from './naive';
import { standingIn } from './project';
import { prove, type Lane } from './prove';
import type { Needed } from './report';
import { standInFiles } from './stand-in';
import { verbatim } from '../../server/src/core/say';

const curl = 'RUN apt-get update && apt-get install -y curl';
const three = [['RUN echo web >/which'], ['RUN echo worker >/which'], ['RUN echo cron >/which']];
const each = (line: (name: string) => string): string[][] => ['web', 'worker', 'cron'].map((name) => [line(name)]);

export const refusals: readonly Refusal[] = [
  naive('CMD in the base, ENTRYPOINT in a child', { shared: [curl, 'CMD ["serve"]'], rest: each((name) => `ENTRYPOINT ["${name}"]`) }),
  inOne('CMD in the base stage, ENTRYPOINT in a child', [...['a', 'b', 'c'].flatMap((name) => [`FROM debian:bookworm AS ${name}`, curl, 'CMD ["serve"]', `ENTRYPOINT ["${name}"]`])],
    ['FROM debian:bookworm AS base', curl, 'CMD ["serve"]', ...['a', 'b', 'c'].flatMap((name) => [`FROM base AS ${name}`, `ENTRYPOINT ["${name}"]`])], [0, 1, 2], ['a', 'b', 'c']),
  naive('ONBUILD in the base', { shared: [curl, 'ONBUILD RUN echo triggered >/triggered'], rest: three }),
  naive('ONBUILD in the base, by Bake', { way: 'bake', shared: [curl, 'ONBUILD ENV A=1'], rest: three }),
  naive('ARG in the base, read by a child', { shared: ['ARG LEVEL=1', curl], rest: each((name) => `RUN echo ${name} $LEVEL >/level`) }),
  naive('ARG in the base, read by COPY of a child', { shared: ['ARG PLACE=/srv', curl], rest: each(() => 'COPY a.txt $PLACE/'), files: { 'a.txt': 'a\n' } }),
  naive('ARG whose value differs by build, Bake', { way: 'bake', shared: ['ARG LEVEL=1', 'RUN echo $LEVEL >/level'], rest: three, build: [1, 2, 3].map((level) => ({ args: { LEVEL: `${level}` } })) }),
  naive('ARG whose value differs by build, Compose', { way: 'compose', shared: ['ARG LEVEL=1', 'RUN echo $LEVEL >/level'], rest: three, build: [1, 2, 3].map((level) => ({ args: { LEVEL: `${level}` } })) }),
  naive('ARG with a value that the base\'s build is not given', { way: 'bake', shared: ['ARG LEVEL=1', 'RUN echo $LEVEL >/level'], rest: three, build: [7, 7, 7].map((level) => ({ args: { LEVEL: `${level}` } })) }),
  naive('COPY, contexts that differ', { way: 'bake', folders: true, shared: ['COPY app.txt /srv/'], rest: three, files: { 'web/app.txt': 'web\n', 'worker/app.txt': 'worker\n', 'cron/app.txt': 'cron\n' } }),
  naive('COPY, contexts that differ, tagged', { folders: true, shared: ['COPY . /srv/'], rest: three, files: { 'web/app.txt': 'web\n', 'worker/app.txt': 'worker\n', 'cron/app.txt': 'cron\n' } }),
  naive('a bind of the context, contexts that differ', { way: 'compose', folders: true, shared: ['RUN --mount=type=bind,source=app.txt,target=/in cp /in /srv-app'], rest: three, files: { 'web/app.txt': 'web\n', 'worker/app.txt': 'worker\n', 'cron/app.txt': 'cron\n' } }),
  naive('COPY, ignore files that differ', { shared: ['COPY shared /srv/'], rest: three, files: { 'shared/a.txt': 'a\n', 'shared/b.log': 'b\n', 'Dockerfile.worker.dockerignore': '*.log\n**/*.log\n' } }),
  naive('escape that differs', { heads: [[], ['# escape=`'], []], shared: ['ENV PLACE=c:\\one', curl], rest: three }),
  naive('a stage of a child is called as the base', { way: 'bake', heads: [0, 1, 2].map(() => ['FROM debian:bookworm AS base', 'RUN mkdir -p /out && echo tool >/out/tool']), headKept: true, shared: [curl], rest: each(() => 'COPY --from=base /out/tool /tool') }),
  naive('COPY from a stage that differs', { heads: ['web', 'worker', 'cron'].map((name) => ['FROM debian:bookworm AS build', `RUN mkdir -p /out && echo ${name} >/out/app`]), shared: ['COPY --from=build /out/app /app'], rest: three }),
  inOne('stages by number, that move', ['FROM debian:bookworm', curl, 'RUN echo one >/one', 'FROM debian:bookworm', curl, 'RUN echo two >/one', 'FROM debian:bookworm', curl, 'COPY --from=1 /one /copied'],
    ['FROM debian:bookworm AS base', curl, 'FROM base', 'RUN echo one >/one', 'FROM base', 'RUN echo two >/one', 'FROM base', 'COPY --from=1 /one /copied'], [0, 1, 2], ['1', '2', '3']),
  inOne('a stage that is called base already', ['FROM alpine:3 AS base', 'RUN mkdir -p /out && echo tool >/out/tool', 'FROM debian:bookworm AS a', curl, 'RUN echo a >/a', 'FROM debian:bookworm AS b', curl, 'COPY --from=base /out/tool /tool'],
    ['FROM alpine:3 AS base', 'RUN mkdir -p /out && echo tool >/out/tool', 'FROM debian:bookworm AS base', curl, 'FROM base AS a', 'RUN echo a >/a', 'FROM base AS b', 'COPY --from=base /out/tool /tool'], [1, 2], ['a', 'b']),
  naive('USER before WORKDIR', { own: each((name) => `USER ${name === 'web' ? '0' : '1000:1000'}`), shared: ['WORKDIR /srv/app'], rest: three.map(() => ['USER root']) }),
  naive('SHELL before a RUN', { own: each((name) => `SHELL ["/bin/sh", "-${name === 'web' ? 'e' : 'u'}c"]`), shared: [curl], rest: three }),
  naive('ENV before a RUN', { own: each((name) => `ENV WHO=${name}`), shared: ['RUN echo $WHO >/who'], rest: three }),
  naive('ENV before ENV', { own: each((name) => `ENV WHO=${name}`), shared: ['ENV MODE=production'], rest: three }),
  naive('ARG before a RUN', { own: each((name) => `ARG WHO=${name}`), shared: ['RUN echo $WHO >/who'], rest: three }),
  naive('COPY before a RUN', { own: each((name) => `COPY ${name}.txt /srv/`), shared: ['RUN ls /srv >/list'], rest: three, files: { 'web.txt': 'web\n', 'worker.txt': 'worker\n', 'cron.txt': 'cron\n' } }),
  naive('WORKDIR before a relative COPY', { own: each((name) => `WORKDIR /${name}`), shared: ['COPY a.txt ./'], rest: three, files: { 'a.txt': 'a\n' } }),
  naive('RUN before a RUN', { own: each((name) => `RUN echo ${name} >/etc/who`), shared: ['RUN cat /etc/* >/all'], rest: three }),
  naive('a LABEL of the same name before', { own: each((name) => `LABEL title=${name}`), shared: ['LABEL title=all', curl], rest: three }),
  naive('CMD before CMD', { own: each((name) => `CMD ["${name}"]`), shared: ['CMD ["all"]', curl], rest: three }),
  naive('ENTRYPOINT before CMD of the base', { own: each((name) => `ENTRYPOINT ["${name}"]`), shared: ['CMD ["all"]', curl], rest: three }),
  naive('base images that differ', { image: ['debian:bookworm', 'debian:bullseye', 'debian:bookworm'], shared: [curl], rest: three, bases: { 'debian:bullseye': ['ENV OLD=1'] } }),
  naive('a value before FROM that the base lacks', { head: ['ARG DISTRO_TAG=bookworm'], headKept: true, image: 'debian:${DISTRO_TAG:-bullseye}', shared: [curl], rest: three, bases: { 'debian:bullseye': ['ENV OLD=1'] } }),
  naive('a value before FROM that children lack', { head: ['ARG PORT=8080'], headLost: true, shared: [curl], rest: [0, 1, 2].map(() => ['ARG PORT', 'EXPOSE $PORT', 'ENV PORT=$PORT']) }),
  naive('a value before FROM that differs', { heads: ['bookworm', 'bullseye', 'bookworm'].map((name) => [`ARG DISTRO_TAG=${name}`]), image: 'debian:${DISTRO_TAG}', shared: [curl], rest: three, bases: { 'debian:bullseye': ['ENV OLD=1'] } }),
  naive('ONBUILD of the base image, contexts that differ', { way: 'bake', folders: true, shared: [curl], rest: three, files: { 'web/app.txt': 'web\n', 'worker/app.txt': 'worker\n', 'cron/app.txt': 'cron\n' }, bases: { 'debian:bookworm': ['ONBUILD COPY app.txt /srv/'] } }),
  naive('an ARG that an ENV sets, declared again', { shared: ['ARG LEVEL=1', 'ENV LEVEL=2', curl], again: ['ARG LEVEL=1'], rest: each((name) => `RUN echo ${name} $LEVEL >/level`) }),
  naive('an ARG whose default reads what is set later, declared again', { shared: ['ENV FIRST=1', 'ARG LEVEL=$FIRST', 'ENV FIRST=2', curl], again: ['ARG LEVEL=$FIRST'], rest: each((name) => `RUN echo ${name} $LEVEL >/level`) }),
  naive('SHELL after a CMD of their own', { own: each((name) => `CMD echo ${name}`), shared: ['SHELL ["/bin/sh", "-ec"]', curl], rest: three }),
  naive('ENV after a LABEL of their own that reads it', { own: each((name) => `LABEL title="${name} $MODE"`), shared: ['ENV MODE=production', curl], rest: three }),
  naive('a named context that the base\'s build is not given', { way: 'bake', shared: ['COPY --from=assets a.txt /srv/'], rest: three, files: { 'assets/a.txt': 'a\n' }, build: [0, 1, 2].map(() => ({ contexts: { assets: './assets' } })) }),
  naive('named contexts that differ', { way: 'bake', shared: ['COPY --from=assets a.txt /srv/'], rest: three, files: { 'one/a.txt': 'one\n', 'two/a.txt': 'two\n' }, build: ['one', 'two', 'one'].map((name) => ({ contexts: { assets: `./${name}` } })) }),
  intoOne('ignore files that differ, in one file', { 'Dockerfile.web': ['FROM debian:bookworm', curl, 'COPY shared /srv/'], 'Dockerfile.worker': ['FROM debian:bookworm', curl, 'COPY shared /srv/'] },
    ['FROM debian:bookworm AS base', curl, 'FROM base AS web', 'COPY shared /srv/', 'FROM base AS worker', 'COPY shared /srv/'], { 'shared/a.txt': 'a\n', 'shared/b.log': 'b\n', 'Dockerfile.worker.dockerignore': '**/*.log\n' }),
  intoOne('escape that differs, in one file', { 'Dockerfile.web': ['FROM debian:bookworm', curl, 'ENV PLACE=c:\\one'], 'Dockerfile.worker': ['# escape=`', 'FROM debian:bookworm', curl, 'ENV PLACE=c:\\one'] },
    ['FROM debian:bookworm AS base', curl, 'FROM base AS web', 'ENV PLACE=c:\\one', 'FROM base AS worker', 'ENV PLACE=c:\\one']),
  intoOne('values before FROM that differ, in one file', { 'Dockerfile.web': ['ARG PORT=80', 'FROM debian:bookworm', curl, 'ARG PORT', 'EXPOSE $PORT'], 'Dockerfile.worker': ['ARG PORT=90', 'FROM debian:bookworm', curl, 'ARG PORT', 'EXPOSE $PORT'] },
    ['ARG PORT=80', 'FROM debian:bookworm AS base', curl, 'FROM base AS web', 'ARG PORT', 'EXPOSE $PORT', 'FROM base AS worker', 'ARG PORT', 'EXPOSE $PORT']),
  intoOne('line breaks that differ, and a heredoc', { 'Dockerfile.web': ['FROM debian:bookworm', curl, 'RUN echo web >/which'], 'Dockerfile.worker': ['FROM debian:bookworm\r', `${curl}\r`, 'COPY <<EOF /text\r', 'one\r', 'EOF\r'] },
    ['FROM debian:bookworm AS base', curl, 'FROM base AS web', 'RUN echo web >/which', 'FROM base AS worker', 'COPY <<EOF /text', 'one', 'EOF']),
  intoOne('stages of one name, in one file', { 'Dockerfile.web': ['FROM alpine:3 AS build', 'RUN mkdir -p /out && echo web >/out/app', 'FROM debian:bookworm', curl, 'COPY --from=build /out/app /app'], 'Dockerfile.worker': ['FROM alpine:3 AS build', 'RUN mkdir -p /out && echo worker >/out/app', 'FROM debian:bookworm', curl, 'COPY --from=build /out/app /app'] },
    ['FROM debian:bookworm AS base', curl, 'FROM alpine:3 AS build', 'RUN mkdir -p /out && echo web >/out/app', 'FROM alpine:3 AS build', 'RUN mkdir -p /out && echo worker >/out/app', 'FROM base AS web', 'COPY --from=build /out/app /app', 'FROM base AS worker', 'COPY --from=build /out/app /app']),
];

export type { Refusal } from './naive';

/** Builds the refused edit, and says what is answered when one asks for an extraction. */
export async function isNeeded(lane: Lane, one: Refusal, shell: Buffer): Promise<Needed> {
  const dockerfiles = one.dockerfiles;
  const project = standingIn(one, lane.host);
  const as = { name: one.name, files: one.files, dockerfiles };
  await standInFor(as, project, shell, lane.host, lane.made);
  for (const [image, lines] of Object.entries(one.bases)) {
    lane.made.add(`${lane.host}/${image}`);
    await importWith(standInFiles(shell, standInOf(as), `${lane.host} ${image}`), lines, `${lane.host}/${image}`);
  }
  const members = one.stages === undefined ? dockerfiles.map((file) => ({ file, stage: stagesOf(one.files[file]) - 1 })) : one.stages.map((stage) => ({ file: dockerfiles[0], stage }));
  const saves = { lines: 0, instructions: 0, layers: 0 };
  const changes = Object.entries(one.after).map(([path, text]): Change => ({ path, before: project.text(path), after: text === undefined || !/^FROM\s/m.test(text) ? text : naming(text, lane.host), why: verbatim('') }));
  const builds = members.map((member, i) => ({ member, file: one.targets === undefined ? member.file : 'Dockerfile', target: one.targets?.[i] }));
  const edit: Extraction = { way: one.way, members, changes, builds, notes: [], stays: [], next: [], saves, ...(one.command !== undefined && { command: one.command }) };
  const proof = await prove({ ...lane, cold: one.cold }, project, edit, 0);
  return { name: one.name, way: one.way, rule: await ruleOf(), differences: [...proof.differences, ...(proof.ownTexts > 0 ? ['the image holds a text that is changed'] : [])] };

  /** An extraction that goes around the danger is proved as any other; where no candidate has all of them, these are asked for. */
  async function ruleOf(): Promise<string | undefined> {
    const found = familiesOf(dockerfiles, project).flatMap(({ candidates }) => candidates).filter((candidate) => candidate.members.length === members.length);
    for (const [i, candidate] of (found.length > 0 ? found : [{ members, base: '', steps: 0, saves }]).entries()) {
      const made = extractionOf(candidate, one.way, project);
      if ('refused' in made) return made.rule;
      const other = await prove(lane, project, made, i + 1);
      if (other.differences.length > 0) throw new Error(`what is made of it instead differs: ${other.differences.join('\n')}`);
    }
    return 'made otherwise';
  }
}

function stagesOf(text: string): number {
  return text.split('\n').filter((line) => /^FROM\s/.test(line)).length;
}

/** As in the text before; names that the edit makes are not images. */
function naming(text: string, host: string): string {
  return text.replace(/^FROM (?!base\b|name:tag|build\b)/gm, `FROM ${host}/`);
}
