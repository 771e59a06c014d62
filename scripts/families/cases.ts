/** The written families: each about one thing that a base can take over, or that its children have to keep. */
import { allWays, type Case } from './case';
import { builtCases } from './cases-built';
import { family, type Sibling } from './siblings';

const three: readonly Sibling[] = [['web', 'COPY web.txt /srv/', 'RUN echo web >/srv/which', 'CMD ["web"]'], ['worker', 'COPY worker.txt /srv/', 'RUN echo worker >/srv/which', 'CMD ["worker"]'], ['cron', 'COPY cron.txt /srv/', 'RUN echo cron >/srv/which', 'CMD ["cron"]']];
const names = ['api', 'auth', 'billing', 'cart', 'mail', 'search', 'stock', 'users'];
const many: readonly Sibling[] = names.map((name): Sibling => [name, `COPY ${name}.txt /srv/`, `RUN echo ${name} >/srv/which`, `EXPOSE ${8000 + name.length}`, `CMD ["${name}", "--serve"]`]);
const five = many.slice(0, 5);
const plain = ['RUN apt-get update && apt-get install -y curl git', 'WORKDIR /srv'];

const written: readonly Case[] = [
  family('plain', plain, three, { few: allWays }),
  family('eight siblings', [...plain, 'RUN mkdir -p /srv/data && echo shared >/srv/data/all'], many),
  family('folders of their own', plain, five, { folders: true }),
  family('CRLF', [...plain, 'ENV MODE=production'], three, { lineBreak: '\r\n' }),
  family('escape=`', ['RUN apt-get update && `', '    apt-get install -y curl', 'WORKDIR /srv'], three, { head: ['# escape=`'] }),
  family('comments and continuations', ['# what all of them need', 'RUN apt-get update \\', '  # the lists', '  && apt-get install -y \\', '    curl \\', '    git', '', '# where it lies', 'WORKDIR /srv'], five),
  family('comments that differ', plain, three.map(([name, ...lines]): Sibling => [name, `# ${name}`, ...lines]), { own: (name) => [`# The image of ${name}.`] }),
  family('CMD in what they share, and another after it', [...plain, 'CMD ["serve"]'], three),
  family('CMD in what they share, and none after it', [...plain, 'CMD ["serve"]'], three.map(([name, ...lines]): Sibling => [name, ...lines.slice(0, 2)])),
  family('ENTRYPOINT in what they share, CMD after it', [...plain, 'ENTRYPOINT ["entry"]'], five),
  family('ENTRYPOINT of their own', plain, five.map(([name, ...lines]): Sibling => [name, ...lines, `ENTRYPOINT ["${name}"]`])),
  family('ENTRYPOINT and CMD of the base image', plain, three.map(([name, ...lines]): Sibling => [name, ...lines.slice(0, 2), `ENTRYPOINT ["${name}"]`]), { base: ['ENTRYPOINT ["first"]', 'CMD ["of", "the", "base"]', 'ENV LANG=C.UTF-8 PATH=/opt/bin:/usr/local/bin:/usr/bin:/bin'] }),
  family('shell forms', ['SHELL ["/bin/sh", "-ec"]', ...plain], three.map(([name]): Sibling => [name, `RUN echo ${name} >/srv/which`, `CMD echo ${name}`])),
  family('SHELL that is changed after', ['SHELL ["/bin/sh", "-ec"]', ...plain, 'SHELL ["/bin/sh", "-uc"]'], five),
  family('ENV', ['ENV APP_HOME=/srv/app LOG_LEVEL=info', 'ENV PATH=$APP_HOME/bin:$PATH', 'RUN mkdir -p $APP_HOME/bin', 'WORKDIR $APP_HOME'], five.map(([name, ...lines]): Sibling => [name, `ENV NAME_OF=${name} LOG_LEVEL=debug`, ...lines.slice(1), 'RUN echo $APP_HOME $LOG_LEVEL >/levels'])),
  family('ARG, not used after', ['ARG CURL_VERSION=8.1', 'RUN apt-get update && apt-get install -y curl=$CURL_VERSION', 'WORKDIR /srv'], three, { few: ['file', 'bake', 'compose', 'tag'] }),
  family('ARG, used in a later RUN', ['ARG VERSION=1.2', 'RUN echo $VERSION >/version', 'WORKDIR /srv'], three.map(([name, ...lines]): Sibling => [name, ...lines, `RUN echo ${name} $VERSION >/srv/version`])),
  family('ARG, used in a later COPY', ['ARG PLACE=/srv', 'RUN mkdir -p $PLACE', 'WORKDIR $PLACE'], five.map(([name]): Sibling => [name, `COPY ${name}.txt $PLACE/which.txt`, `CMD ["${name}"]`])),
  family('ARG without a value', ['ARG BUILD_ID', 'RUN echo "id $BUILD_ID" >/id', 'WORKDIR /srv'], three),
  family('ARG before FROM', [...plain], five, { head: ['ARG DISTRO_TAG=bookworm'], image: 'debian:${DISTRO_TAG}' }),
  family('ARG before FROM, declared again below', ['ARG DISTRO_TAG', 'RUN echo $DISTRO_TAG >/tag', ...plain], three.map(([name, ...lines]): Sibling => [name, ...lines, 'RUN echo "$DISTRO_TAG" >/tag-again']), { head: ['ARG DISTRO_TAG=bookworm'], image: 'debian:${DISTRO_TAG}' }),
  family('ARG before FROM, some used by one alone', [...plain], three.map(([name, ...lines], i): Sibling => (i === 0 ? [name, 'ARG PORT', ...lines, 'EXPOSE $PORT'] : [name, ...lines])), { head: ['ARG DISTRO_TAG=bookworm', 'ARG PORT=8080'], image: 'debian:${DISTRO_TAG}' }),
  family('USER', ['RUN mkdir -p /srv/app && chown 1000:1000 /srv/app', 'USER 1000:1000', 'WORKDIR /srv/app', 'RUN echo mine >mine'], five.map(([name]): Sibling => [name, `COPY --chown=1000:1000 ${name}.txt ./`, `RUN echo ${name} >which`, `CMD ["${name}"]`])),
  family('USER that goes back', ['USER app', 'WORKDIR /home/app', 'RUN echo mine >mine', 'USER root', 'WORKDIR /srv'], three),
  family('WORKDIR, relative', ['WORKDIR /srv', 'WORKDIR app', 'RUN echo here >here', 'WORKDIR ../lib'], five.map(([name]): Sibling => [name, 'WORKDIR sub', `COPY ${name}.txt ./`, `RUN echo ${name} >which`])),
  family('HEALTHCHECK, STOPSIGNAL, VOLUME, EXPOSE, LABEL', [...plain, 'LABEL maker="some one" stage=base', 'EXPOSE 80 443/udp', 'VOLUME ["/data"]', 'STOPSIGNAL SIGINT', 'HEALTHCHECK --interval=5s CMD curl -f http://localhost/'], five.map(([name, ...lines], i): Sibling => [name, ...lines, `LABEL stage=${name}`, ...(i % 2 === 0 ? ['HEALTHCHECK NONE'] : ['VOLUME /more'])])),
  family('VOLUME, then writing there', [...plain, 'RUN mkdir -p /data && echo a >/data/a', 'VOLUME /data'], three.map(([name]): Sibling => [name, `RUN echo ${name} >/data/which`, `CMD ["${name}"]`])),
  family('LABELs that differ before', plain, five, { own: (name) => [`LABEL title="${name}"`, 'LABEL maker=us'] }),
  family('COPY from one context', ['COPY shared/ /opt/shared/', 'RUN cat /opt/shared/a.txt >/opt/all', 'WORKDIR /srv'], five, { files: { 'shared/a.txt': 'a\n', 'shared/b/c.txt': 'c\n' } }),
  family('COPY from one context, with an ignore file', ['COPY shared /opt/shared', 'WORKDIR /srv'], three, { files: { 'shared/a.txt': 'a\n', 'shared/no.log': 'log\n', '.dockerignore': '*.log\nDockerfile*\n' } }),
  family('an ignore file of the Dockerfile\'s own, and no COPY shared', plain, three, { files: { 'Dockerfile.web.dockerignore': 'worker.txt\n' } }),
  family('the whole context, without the Dockerfiles', [...plain], three.map(([name]): Sibling => [name, 'COPY . .', `CMD ["${name}"]`]), { files: { '.dockerignore': 'Dockerfile*\n*.Dockerfile\ndocker-bake*\ncompose*\nDockerfile\n' } }),
  family('RUN with a cache', ['RUN --mount=type=cache,target=/var/cache/apt --mount=type=tmpfs,target=/scratch apt-get update && apt-get install -y curl', 'WORKDIR /srv'], five),
  family('RUN with a bind of the context', ['WORKDIR /srv', 'RUN --mount=type=bind,source=shared,target=/in cp /in/a.txt /srv/a.txt'], three, { files: { 'shared/a.txt': 'a\n' } }),
  family('heredocs', ['RUN <<EOF', 'apt-get update', 'apt-get install -y curl', 'EOF', 'COPY <<"SETTINGS" /etc/settings', 'kept=$HOME', 'SETTINGS', 'WORKDIR /srv'], five.map(([name, ...lines]): Sibling => [name, ...lines, 'RUN <<EOF', `echo ${name} >/srv/heredoc`, 'EOF'])),
  family('exec forms', ['RUN ["/bin/sh", "-c", "echo exec >/exec"]', 'WORKDIR /srv'], three.map(([name]): Sibling => [name, `COPY ["${name}.txt", "/srv/with blank.txt"]`, `ENTRYPOINT ["/bin/sh", "-c", "echo ${name}"]`])),
  family('install of the manifests', ['WORKDIR /srv', 'COPY package.json package-lock.json ./', 'RUN npm ci'], five, { files: { 'package.json': '{"name": "app", "version": "1.0.0"}\n', 'package-lock.json': '{"lockfileVersion": 3, "packages": {"": {}, "node_modules/ms": {}}}\n' } }),
  family('files at the root of one context, Dockerfiles in folders', ['WORKDIR /srv', 'COPY shared ./shared'], five, { folders: true, context: '.', files: { 'shared/a.txt': 'a\n' } }),
  family('small letters', ['run apt-get update && apt-get install -y curl', 'workdir /srv'], three),
  family('ONBUILD after what they share', plain, three.map(([name, ...lines]): Sibling => [name, ...lines, `ONBUILD RUN echo ${name} >/onbuild`])),
  family('steps that differ in the middle', ['RUN apt-get update', 'ENV A=1', 'WORKDIR /srv'], five.map(([name, ...lines]): Sibling => [name, `ENV WHO=${name}`, 'RUN echo same >/srv/same', ...lines])),
];

export const cases: readonly Case[] = [...written, ...builtCases(five, three)];
