/** Ways to write one and the same Dockerfile of an application: form of the copy, of the install, of what stands around them, of the file. */

export interface Tool {
  readonly name: string;
  /** Files that the install reads, from the project's folder. */
  readonly manifests: Readonly<Record<string, string>>;
  /** As it is called in that folder. */
  readonly install: string;
  /** As it is called from elsewhere: with the folder's path. */
  readonly installFrom: (folder: string) => string;
  /** Another install of the tool that reads nothing of the project. */
  readonly byName: string;
  readonly tail: string;
}

export interface Written {
  readonly name: string;
  readonly dockerfile: string;
  /** What the context has besides the source. */
  readonly files: Readonly<Record<string, string>>;
  /** Source goes below that folder of the context. */
  readonly below?: string;
}

export function variantsOf(tool: Tool): Written[] {
  const { manifests, install, installFrom, byName, tail } = tool;
  const words = JSON.stringify(install.split(' '));
  const one = (name: string, lines: readonly string[], more: Partial<Written> = {}): Written => ({ name: `${tool.name}, ${name}`, dockerfile: `${lines.join('\n')}\n`, files: manifests, ...more });
  const inFolder = (folder: string): Record<string, string> => Object.fromEntries(Object.entries(manifests).map(([path, text]) => [`${folder}/${path}`, text]));
  const plain = ['FROM base', 'WORKDIR /app', 'COPY . .', `RUN ${install}`];
  return [
    one('plain', plain),
    one('no line break at the end', plain, { dockerfile: plain.join('\n') }),
    one('CRLF', plain, { dockerfile: `${plain.join('\r\n')}\r\n` }),
    one('CRLF, no line break at the end', [], { dockerfile: [...plain, 'CMD ["x"]'].join('\r\n') }),
    one('small letters', ['from base', 'workdir /app', 'copy . .', `run ${install}`, 'cmd ["x"]']),
    one('ADD', ['FROM base', 'WORKDIR /app', 'ADD . .', `RUN ${install}`]),
    one('a slash at the end', ['FROM base', 'WORKDIR /app', 'COPY ./ ./', `RUN ${install}`]),
    one('an absolute place', ['FROM base', 'WORKDIR /app', 'COPY . /app', `RUN ${install}`]),
    one('an absolute place with a slash', ['FROM base', 'WORKDIR /app', 'COPY . /app/', `RUN ${install}`]),
    one('JSON copy', ['FROM base', 'WORKDIR /app', 'COPY [".", "."]', `RUN ${install}`]),
    one('JSON copy with a flag', ['FROM base', 'WORKDIR /app', 'COPY --chown=1000:1000 [".", "./"]', `RUN ${install}`]),
    one('--chown', ['FROM base', 'WORKDIR /app', 'COPY --chown=1000:1000 . .', `RUN ${install}`]),
    one('--chown by name', ['FROM base', 'WORKDIR /app', `COPY --chown=${tool.name.startsWith('real') ? 'www-data:www-data' : 'app:app'} . .`, `RUN ${install}`]),
    one('--chmod', ['FROM base', 'WORKDIR /app', 'COPY --chmod=755 . .', `RUN ${install}`]),
    one('--chown and --chmod', ['FROM base', 'WORKDIR /app', 'COPY --chown=1000 --chmod=644 . .', `RUN ${install}`]),
    one('--link', ['FROM base', 'WORKDIR /app', 'COPY --link . .', `RUN ${install}`]),
    one('exec form', ['FROM base', 'WORKDIR /app', 'COPY . .', `RUN ${words}`]),
    one('heredoc', ['FROM base', 'WORKDIR /app', 'COPY . .', 'RUN <<EOF', install, 'EOF', 'CMD ["x"]']),
    one('continuations and comments', ['FROM base', '# where it lies', 'WORKDIR /app', '', '# all of it', 'COPY . \\', '  # here', '  .', '', '# packages', `RUN ${install.replace(' ', ' \\\n    ')}`, '', 'CMD ["x"]']),
    one('comment inside of the RUN', ['FROM base', 'WORKDIR /app', 'COPY . .', 'RUN true && \\', '    # then', `    ${install}`]),
    one('after commands that read nothing', ['FROM base', 'WORKDIR /app', 'COPY . .', `RUN set -e; mkdir -p /data && ${install}`]),
    one('with a tail', ['FROM base', 'WORKDIR /app', 'COPY . .', `RUN ${install} && ${tail}`, 'CMD ["x"]']),
    one('with a tail of its own', ['FROM base', 'WORKDIR /app', 'COPY . .', `RUN ${install}`, `RUN ${tail}`]),
    one('twice', ['FROM base', 'WORKDIR /app', 'COPY . .', `RUN ${install}`, `RUN ${install}`, `RUN ${tail}`]),
    one('with another by name', ['FROM base', 'WORKDIR /app', 'COPY . .', `RUN ${byName}`, `RUN ${install}`]),
    one('WORKDIR after the copy', ['FROM base', 'COPY . /app', 'WORKDIR /app', `RUN ${install}`]),
    one('WORKDIR after the copy, two deep', ['FROM base', 'COPY . /srv/app/', 'WORKDIR /srv/app', `RUN ${install}`]),
    one('WORKDIR after the copy, with an owner', ['FROM base', 'COPY --chown=1000:1000 . /app', 'WORKDIR /app', `RUN ${install}`]),
    one('another WORKDIR in between', ['FROM base', 'WORKDIR /srv', 'COPY . app/', 'WORKDIR /srv/app', `RUN ${install}`]),
    one('no WORKDIR', ['FROM base', 'COPY . /app', `RUN cd /app && ${install}`]),
    one('called from elsewhere', ['FROM base', 'COPY . /app', `RUN ${installFrom('/app')}`]),
    one('a folder of the context', ['FROM base', 'WORKDIR /app', 'COPY web .', `RUN ${install}`], { files: inFolder('web'), below: 'web' }),
    one('a folder below', ['FROM base', 'WORKDIR /srv', 'COPY . .', `RUN cd web && ${install}`], { files: inFolder('web') }),
    one('several sources', ['FROM base', 'WORKDIR /app', `COPY ${Object.keys(manifests).join(' ')} server.js ./`, `RUN ${install}`]),
    one('a star', ['FROM base', 'WORKDIR /app', 'COPY * ./', `RUN ${install}`]),
    one('the manifests first', ['FROM base', 'WORKDIR /app', `COPY ${Object.keys(manifests).join(' ')} ./`, 'COPY . .', `RUN ${install}`]),
    one('two copies', ['FROM base', 'WORKDIR /app', 'COPY . .', 'COPY lib ./lib', `RUN ${install}`]),
    one('two copies to two places', ['FROM base', 'WORKDIR /app', 'COPY . .', 'COPY lib /opt/lib', `RUN ${install}`]),
    one('metadata in between', ['FROM base', 'WORKDIR /app', 'COPY . .', 'LABEL a=b', 'EXPOSE 80', 'ENV MODE=production', 'ARG TEXT=a', 'STOPSIGNAL SIGTERM', `RUN ${install}`]),
    one('metadata behind', ['FROM base', 'WORKDIR /app', 'COPY . .', `RUN ${install}`, 'ENV A=b', 'VOLUME /data', 'USER 1000', 'ENTRYPOINT ["x"]', 'HEALTHCHECK NONE']),
    one('ARG before FROM', ['ARG TAG=1', 'FROM base', 'ARG TAG', 'WORKDIR /app', 'COPY . .', `RUN ${install}`]),
    one('a variable for the folder', ['FROM base', 'ENV HOME_OF=/app', 'WORKDIR $HOME_OF', 'COPY . $HOME_OF', `RUN ${install}`]),
    one('in a stage', ['FROM base AS build', 'WORKDIR /app', 'COPY . .', `RUN ${install}`, 'FROM base', 'COPY --from=build /app /app', 'CMD ["x"]']),
    one('in the stage that others are built on', ['FROM base AS deps', 'WORKDIR /app', 'COPY . .', `RUN ${install}`, 'FROM deps', `RUN ${tail}`]),
    one('in both of two stages', ['FROM base AS a', 'WORKDIR /app', 'COPY . .', `RUN ${install}`, 'FROM base', 'WORKDIR /app', 'COPY . .', `RUN ${install}`, 'COPY --from=a /app /a']),
    one('an ignore file', plain, { files: { ...manifests, '.dockerignore': 'node_modules\n*.log\n' } }),
    one('an ignore file that lets few in', plain, { files: { ...manifests, '.dockerignore': `*\n!server.js\n!lib\n${Object.keys(manifests).map((path) => `!${path}\n`).join('')}` } }),
    one('a cache mount', ['FROM base', 'WORKDIR /app', 'COPY . .', `RUN --mount=type=cache,target=/root/.cache ${install}`]),
    one('a shell', ['FROM base', 'SHELL ["/bin/sh", "-ec"]', 'WORKDIR /app', 'COPY . .', `RUN ${install}`]),
    one('a directive', ['# escape=\\', 'FROM base', 'WORKDIR /app', 'COPY . .', `RUN ${install}`]),
    one('USER in between', ['FROM base', 'WORKDIR /home/app', 'COPY --chown=1000:1000 . .', 'USER 1000:1000', 'RUN true', 'USER root', `RUN ${install}`]),
  ];
}
