/**
 * Dockerfiles of our own for the live engine: small, each about one thing. Images are named strata.test/…: `base` is a small
 * file system with an empty config, the others are built below from it.
 */

export interface Case {
  readonly name: string;
  readonly dockerfile: string;
  /** Files of the context; a folder's name ends in `/`. */
  readonly context?: readonly string[];
  readonly buildArgs?: Readonly<Record<string, string>>;
  readonly target?: string;
  readonly platform?: string;
  /** Named contexts: a folder of those files, or an image. */
  readonly contexts?: Readonly<Record<string, { readonly folder: readonly string[] } | { readonly image: string }>>;
  /** The build is refused, with a message that is predicted. */
  readonly refused?: true;
  /** The first BuildKit v0.X that builds it; older ones refuse it. */
  readonly since?: number;
}

/** Images that set what a base image can set. */
export const bases: Readonly<Record<string, string>> = {
  env: 'FROM strata.test/base\nENV PATH=/usr/local/bin:/usr/bin:/bin LANG=C.UTF-8 VERSION=3.8\n',
  config: `FROM strata.test/base
ENV A=base
WORKDIR /srv/app
USER 1000:1000
LABEL maker=base kept=yes
EXPOSE 80
VOLUME /data
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s CMD true
ENTRYPOINT ["entry"]
CMD ["from", "base"]
`,
  shell: 'FROM strata.test/base\nSHELL ["/bin/sh", "-ec"]\n',
  onbuild: `FROM strata.test/base
WORKDIR /usr/src/app
ONBUILD ARG NODE_ENV
ONBUILD ENV NODE_ENV=$NODE_ENV
ONBUILD COPY package.json /usr/src/app/
ONBUILD RUN echo install
ONBUILD WORKDIR lib
CMD ["start"]
`,
};

export const cases: readonly Case[] = [
  { name: 'FROM alone', dockerfile: 'FROM strata.test/base\n' },
  {
    name: 'every instruction',
    context: ['a.txt', 'b.txt', 'dir/c.txt'],
    dockerfile: `ARG TAG=latest
FROM strata.test/base:\${TAG}
MAINTAINER "Some One" <one@example.org>
ARG VERSION=1.2
ARG NOTHING
ENV APP=/srv/app LIST="a b" OLD=\${VERSION}
ENV LEGACY a value with spaces
LABEL org.example.version=$VERSION "with space"="x y"
RUN echo $APP
WORKDIR $APP
COPY a.txt b.txt ./
COPY ["dir/c.txt", "with space.txt"]
ADD a.txt /tmp/
USER 1000:1000
VOLUME /data /logs
VOLUME ["/json"]
EXPOSE 443 80/tcp 53/udp 8000-8002
STOPSIGNAL SIGINT
SHELL ["/bin/sh", "-ec"]
HEALTHCHECK --interval=1m30s --timeout=3s --start-period=500ms --retries=4 CMD test -f /x || exit 1
ONBUILD RUN echo child
ENTRYPOINT ["/bin/sh", "-c"]
CMD echo $APP
`,
  },
  { name: 'RUN: shell and exec forms', dockerfile: 'FROM strata.test/base\nRUN ["/bin/sh", "-c", "echo exec"]\nRUN [ "/bin/sh" , "-c" , "echo \\"quoted\\"" ]\nRUN [ -d / ] && echo shell\nRUN [ "a" = a ] || [ "$HOME" ]\nRUN   echo   many    blanks   \nrun echo small letters\n' },
  { name: 'CMD and ENTRYPOINT: shell forms', dockerfile: 'FROM strata.test/base\nCMD echo "hi" $HOME\nENTRYPOINT exec top -b\n' },
  { name: 'CMD before ENTRYPOINT stays', dockerfile: 'FROM strata.test/config\nCMD ["mine"]\nENTRYPOINT ["other"]\n' },
  { name: 'ENTRYPOINT drops the inherited CMD', dockerfile: 'FROM strata.test/config\nENTRYPOINT ["other", "tab\\tend", "é", "<&>"]\n' },
  { name: 'empty exec forms', dockerfile: 'FROM strata.test/config\nCMD []\nENTRYPOINT []\n' },
  { name: 'RUN that changes nothing', dockerfile: 'FROM strata.test/base\nRUN true\nRUN :\nRUN true\n' },
  { name: 'RUN heredocs', since: 10, dockerfile: 'FROM strata.test/base\nRUN <<EOF\necho one\n  # a comment that counts\necho two\nEOF\nRUN <<-"END"\n\techo tabs\n\t\techo $HOME\nEND\nRUN <<EOF cat >/x\nbody $HOME\nEOF\nRUN <<A cat && <<B cat\nfirst\nA\nsecond\nB\n' },
  { name: 'RUN heredoc with a shebang', since: 10, dockerfile: 'FROM strata.test/base\nRUN <<EOF\n#!/bin/sh\necho script\nEOF\nRUN echo after\n' },
  { name: 'COPY heredocs', since: 10, dockerfile: 'FROM strata.test/base\nARG WHO=world\nCOPY <<EOF /etc/one\nhello $WHO\nEOF\nCOPY <<"A" <<B.txt /etc/many/\n$kept\nA\nB\nB.txt\nADD --chmod=600 <<EOF /etc/two\nx\nEOF\n' },
  { name: 'COPY flags', context: ['a', 'd/b'], dockerfile: 'FROM strata.test/base\nARG OWNER=1000\nCOPY --chown=$OWNER:1000 a /1\nCOPY --chmod=755 a /2\nCOPY --chmod=0640 --chown=0 d /3/\nADD --chown=1:1 a d/ /4/\n' },
  { name: 'COPY --link', since: 10, context: ['a'], dockerfile: 'FROM strata.test/base\nCOPY --link a /1\nADD --link --chown=1:1 a /2\nCOPY --link=false a /3\nRUN echo after\n' },
  { name: 'COPY --exclude', since: 25, context: ['d/a.md', 'd/b.txt'], dockerfile: 'FROM strata.test/base\nCOPY --exclude=*.md --exclude=x d /d\nADD --exclude=*.txt d /e\n' },
  { name: 'COPY --parents', since: 26, context: ['d/a.md', 'd/e/b.txt'], dockerfile: 'FROM strata.test/base\nCOPY --parents d/a.md d/e /p/\n' },
  { name: 'COPY: wildcards, many sources, relative places', context: ['a1.txt', 'a2.txt', 'd/x'], dockerfile: 'FROM strata.test/base\nWORKDIR /w\nCOPY a*.txt nothing*.x ./in/\nCOPY d/ a?.txt ../up/\nCOPY . .\nCOPY ./d /d/../e\n' },
  { name: 'ADD of an archive that is none', context: ['x.tar.gz'], dockerfile: 'FROM strata.test/base\nADD x.tar.gz /x/\n' },
  { name: 'WORKDIR: relative, .. and /', dockerfile: 'FROM strata.test/base\nWORKDIR a\nWORKDIR b/\nWORKDIR ../c\nWORKDIR /\nWORKDIR x/../..\nWORKDIR /z/\nWORKDIR /z//y/./w\nRUN echo here\n' },
  { name: 'WORKDIR / alone keeps a number back', dockerfile: 'FROM strata.test/base\nWORKDIR /\nRUN echo one\nWORKDIR /\n' },
  { name: 'WORKDIR relative to the base', context: ['f'], dockerfile: 'FROM strata.test/config\nWORKDIR sub\nCOPY f .\nUSER root\nRUN echo here\n' },
  { name: 'more than nine steps', dockerfile: `FROM strata.test/base AS long\n${Array.from({ length: 11 }, (_, i) => `RUN echo ${i}\n`).join('')}FROM long\nRUN echo short\n` },
  { name: 'exactly nine and ten steps', dockerfile: `FROM strata.test/base AS nine\n${Array.from({ length: 8 }, (_, i) => `RUN echo n${i}\n`).join('')}FROM nine AS ten\n${Array.from({ length: 10 }, (_, i) => `RUN echo t${i}\n`).join('')}` },
  { name: 'stages: names, numbers, aliases', context: ['f'], dockerfile: 'FROM strata.test/base AS Build\nRUN echo built >/out\nFROM strata.test/base\nCOPY --from=build /out /1\nCOPY --from=0 /out /2\nCMD ["x"]\n' },
  { name: 'stages: a chain of three', dockerfile: 'FROM strata.test/base AS a\nENV A=1\nRUN echo a >/a\nFROM a AS b\nFROM b\nENV B=$A\nRUN echo b\nCOPY --from=a /a /b\n' },
  { name: 'stages: one that nothing needs', dockerfile: 'FROM strata.test/base AS unused\nRUN exit 1\nFROM strata.test/base AS used\nRUN echo x >/x\nFROM strata.test/base\nRUN echo last\nCOPY --from=used /x /x\n' },
  { name: 'stages: the same steps twice', dockerfile: 'FROM strata.test/base AS one\nWORKDIR /app\nRUN echo same >/f\nFROM strata.test/base AS two\nWORKDIR /app\nRUN echo same >/f\nRUN echo more\nCOPY --from=one /f /g\n' },
  { name: 'target: a stage in the middle', target: 'MIDDLE', dockerfile: 'FROM strata.test/base AS first\nRUN echo 1\nFROM first AS middle\nRUN echo 2\nCMD ["middle"]\nFROM middle\nRUN echo 3\n' },
  { name: 'a name used twice', dockerfile: 'FROM strata.test/base AS x\nRUN echo first\nFROM x AS x\nRUN echo second\nFROM x\nRUN echo third\n' },
  { name: 'scratch', context: ['f'], dockerfile: 'FROM scratch\nCOPY f /f\nWORKDIR /w\nENV A=$PATH\nCMD ["/f"]\n' },
  { name: 'scratch without a layer', dockerfile: 'FROM scratch\nLABEL only=config\nENV A=1\nCMD ["/x"]\n' },
  { name: 'scratch from a stage', dockerfile: 'FROM strata.test/base AS build\nRUN echo x >/bin/app\nFROM scratch AS final\nCOPY --from=build /bin/app /app\nENTRYPOINT ["/app"]\n' },
  { name: 'ARG: scopes', dockerfile: 'ARG GLOBAL=g\nARG BOTH=global\nFROM strata.test/base AS one\nARG GLOBAL\nARG BOTH=own\nARG UNSET\nRUN echo $GLOBAL $BOTH $UNSET\nFROM one\nRUN echo inherited $GLOBAL\nARG BOTH\nRUN echo $BOTH\n' },
  { name: 'ARG: values of the build', buildArgs: { A: 'given', C: 'given too', UNDECLARED: 'x', EMPTY: '' }, dockerfile: 'ARG A=global\nFROM strata.test/base\nARG A=stage B=${A}-b\nARG C\nARG EMPTY=full\nRUN echo $A $B $C\nARG A=again\nENV B=env\nRUN echo $B\n' },
  { name: 'ARG: of one line, and quoted', dockerfile: 'FROM strata.test/base\nARG A=1 B="two words" C=\'$A\' D=${A:-x}${Z:+y}\nRUN echo $A\nENV A=shown\nRUN echo $A\nARG A=3\nRUN echo $A\n' },
  { name: 'ARG in FROM', buildArgs: { IMAGE: 'config' }, dockerfile: 'ARG REGISTRY=strata.test\nARG IMAGE=base\nFROM ${REGISTRY}/${IMAGE}:${TAG:-latest}\nRUN echo $REGISTRY\n' },
  { name: 'platform arguments', dockerfile: 'FROM --platform=$BUILDPLATFORM strata.test/base AS build\nARG TARGETPLATFORM\nARG BUILDPLATFORM TARGETOS\nARG TARGETARCH TARGETVARIANT\nRUN echo $TARGETPLATFORM >/p\nFROM strata.test/base\nARG TARGETARCH=own\nCOPY --from=build /p /$TARGETARCH\n' },
  { name: 'platform of the build', platform: 'linux/arm64', context: ['f'], dockerfile: 'FROM scratch\nARG TARGETARCH\nARG TARGETPLATFORM\nARG BUILDARCH\nCOPY f /$TARGETARCH/\nENV P=$TARGETPLATFORM\n' },
  { name: 'predefined arguments', buildArgs: { HTTP_PROXY: 'http://proxy.example', no_proxy: 'localhost' }, dockerfile: 'FROM strata.test/base\nARG http_proxy\nRUN echo $HTTP_PROXY\nARG HTTP_PROXY\nRUN echo $HTTP_PROXY\nARG BUILDKIT_INLINE_CACHE=1\nRUN echo x\n' },
  { name: 'ENV: expansion', dockerfile: 'FROM strata.test/env\nENV A=1 B=$A\nENV B=$A C=${B}c D="$A $B" E=\'$A\' F=\\$A G=a\\ b\nENV PATH=/opt/bin:$PATH V=${VERSION:-none} W=${NONE:-none} X=${A:+set} Y=${NONE:+set}\nRUN echo $PATH\nENV A=\n' },
  { name: 'ENV: pattern modifiers', since: 13, dockerfile: 'FROM strata.test/base\nENV V=v1.2.3-rc.4\nENV A=${V#v} B=${V%%-*} C=${V%-*} D=${V/./_} E=${V//./_} F=${V-x} G=${N-x} H=${V##*.}\n' },
  { name: 'LABEL and quoting', dockerfile: 'FROM strata.test/base\nLABEL a="one\\\ntwo" b=\'single "double"\' c=tail\\ end\nLABEL old style label\nLABEL "key with.dots"="v" d=""\n' },
  { name: 'EXPOSE, VOLUME, STOPSIGNAL', dockerfile: 'FROM strata.test/base\nARG PORT=8080\nEXPOSE $PORT 8080/udp 3000-3002/tcp 1\nEXPOSE 8080\nVOLUME $PORT /b  /a\nVOLUME ["/x y", "/z"]\nSTOPSIGNAL 9\n' },
  { name: 'HEALTHCHECK forms', dockerfile: 'FROM strata.test/config\nHEALTHCHECK CMD ["curl", "-f", "http://localhost/"]\nHEALTHCHECK --timeout=1h2m3.5s --retries=11 CMD echo "quoted \'x\'"\nHEALTHCHECK NONE\n' },
  { name: 'HEALTHCHECK --start-interval', since: 12, dockerfile: 'FROM strata.test/base\nHEALTHCHECK --start-period=1m --start-interval=2s --interval=10s CMD true\n' },
  { name: 'SHELL', dockerfile: 'FROM strata.test/base\nSHELL ["/bin/sh", "-e", "-u", "-c"]\nRUN echo one\nCMD echo x\nRUN ["/bin/sh", "-c", "echo exec"]\nSHELL ["/bin/sh", "-c"]\nRUN echo two\nENTRYPOINT echo y\n' },
  { name: 'SHELL of the base', dockerfile: 'FROM strata.test/shell AS a\nRUN echo one\nFROM a\nRUN echo two\nCMD echo three\n' },
  { name: 'USER', dockerfile: 'FROM strata.test/base\nARG U=1001\nUSER $U:0\nWORKDIR /own\nUSER root\nRUN echo root\nUSER 0\n' },
  { name: 'a base with everything set', context: ['f'], dockerfile: 'FROM strata.test/config\nENV B=${A}d\nLABEL maker=child\nCOPY f ./\nEXPOSE 81\nVOLUME /more\n' },
  { name: 'the variables of the base', dockerfile: 'FROM strata.test/env\nARG VERSION\nRUN echo $VERSION\nARG VERSION=4\nWORKDIR /v/$VERSION\nLABEL l=$LANG p=$PATH\n' },
  { name: 'ONBUILD of an image', context: ['package.json'], buildArgs: { NODE_ENV: 'test' }, dockerfile: 'FROM strata.test/onbuild\nRUN echo own\nCOPY package.json .\n' },
  { name: 'ONBUILD of an image, first of three stages', context: ['package.json'], dockerfile: 'FROM strata.test/onbuild AS deps\nRUN echo deps >/d\nFROM deps AS next\nRUN echo next\nFROM strata.test/base\nCOPY --from=next /d /d\n' },
  { name: 'ONBUILD of a stage', context: ['f'], dockerfile: 'FROM strata.test/base AS parent\nRUN echo parent\nONBUILD RUN echo triggered\nONBUILD COPY f /f\nONBUILD LABEL from=trigger\nFROM parent AS child\nRUN echo child\nFROM child\nRUN echo grandchild\n' },
  { name: 'ONBUILD kept for the next', dockerfile: 'FROM strata.test/base\nONBUILD RUN echo later\nONBUILD copy --from=x /a /b\nCMD ["x"]\n' },
  { name: 'RUN --mount: cache', dockerfile: 'FROM strata.test/base\nRUN --mount=type=cache,target=/root/.cache --mount=type=cache,id=two,target=/var/cache,sharing=locked echo x\nRUN echo after\n' },
  { name: 'RUN --mount: tmpfs, secret, ssh', dockerfile: 'FROM strata.test/base\nRUN --mount=type=tmpfs,target=/t,size=1m --mount=type=secret,id=s --mount=type=ssh echo x\n' },
  { name: 'RUN --mount: bind from the context', context: ['f', 'd/g'], dockerfile: 'FROM strata.test/base\nARG AT=/in\nRUN --mount=type=bind,source=f,target=$AT/f --mount=target=/ctx,ro echo x\n' },
  { name: 'RUN --mount: from a stage', dockerfile: 'FROM strata.test/base AS tools\nRUN echo x >/tool\nFROM strata.test/base\nRUN --mount=type=bind,from=tools,source=/tool,target=/tool echo y\nRUN --mount=from=tools,target=/t --network=none echo z\n' },
  { name: 'RUN --mount: from an image', dockerfile: 'FROM strata.test/base\nRUN --mount=type=bind,from=strata.test/env,target=/other echo y\n' },
  { name: 'RUN --network', dockerfile: 'FROM strata.test/base\nRUN --network=none echo offline\nRUN --network=default echo default\n' },
  { name: 'COPY --from an image', dockerfile: 'FROM strata.test/base\nCOPY --from=strata.test/config /bin/sh /other/\nRUN echo x\n' },
  { name: 'a named context: a folder', contexts: { assets: { folder: ['logo.png'] } }, dockerfile: 'FROM strata.test/base\nCOPY --from=assets logo.png /\nRUN echo x\n' },
  { name: 'a named context: a base image', contexts: { 'app-base': { image: 'config' } }, dockerfile: 'FROM app-base\nWORKDIR sub\nRUN echo x\n' },
  { name: 'a named context: instead of an image', contexts: { 'strata.test/base': { image: 'env' } }, dockerfile: 'FROM strata.test/base AS a\nRUN echo $LANG\nFROM a\nENV L=$LANG\n' },
  { name: 'a named context: instead of a stage', contexts: { build: { image: 'config' } }, dockerfile: 'FROM strata.test/base AS build\nRUN exit 1\nFROM build\nRUN echo x\nCOPY --from=build /bin/sh /s\n' },
  { name: 'CRLF', context: ['f'], dockerfile: 'FROM strata.test/base\r\nENV A=1 \\\r\n    B=2\r\nRUN echo a && \\\r\n    echo b\r\nCOPY f /f\r\nCMD ["x"]\r\n' },
  { name: 'a byte order mark', dockerfile: '\ufeffFROM strata.test/base\nRUN echo bom\n' },
  { name: 'escape=`', dockerfile: '# escape=`\nFROM strata.test/base\nRUN echo one && `\n    echo two \\n\nENV P=c:\\windows Q=a` b\nLABEL l="x`"y"\n' },
  { name: 'comments and blank lines in a continuation', dockerfile: 'FROM strata.test/base\n# before\nRUN echo one && \\\n    # inside\n\n    echo two \\\n# at the margin\n    && echo three # kept\nENV A=1 \\\n    # c\n    B=2\n' },
  { name: 'a continuation at the end of the file', dockerfile: 'FROM strata.test/base\nRUN echo one \\\n' },
  { name: 'no line end at the end, tabs, blanks before', dockerfile: '  FROM\tstrata.test/base \n\tRUN\techo\ttab  \n   ENV  A=1   B=2  \nCMD [ "x" ]' },
  { name: 'directives that are none', dockerfile: '# a comment first\n# escape=`\nFROM strata.test/base\nRUN echo a \\\n  b\n' },
  { name: 'refused: an unknown instruction', refused: true, dockerfile: 'FROM strata.test/base\nRUM echo x\n' },
  { name: 'refused: COPY of a later stage', refused: true, dockerfile: 'FROM strata.test/base AS a\nCOPY --from=b /x /x\nFROM strata.test/base AS b\nFROM a\n' },
  { name: 'refused: a variable without a value', refused: true, dockerfile: 'ARG IMAGE\nFROM ${IMAGE}\nRUN echo x\n' },
  { name: 'refused: ENV with an error message', refused: true, dockerfile: 'FROM strata.test/base\nENV A=${B:?must be set}\n' },
  { name: 'refused: a mount of an unknown type', refused: true, dockerfile: 'FROM strata.test/base\nRUN --mount=type=cach,target=/x echo\n' },
];
