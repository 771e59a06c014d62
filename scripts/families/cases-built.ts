/** Families of projects that say how they are built, and of files with several stages. */
import type { Case } from './case';
import { family, withFiles, type Sibling } from './siblings';

export function builtCases(five: readonly Sibling[], three: readonly Sibling[]): Case[] {
  const shared = ['RUN apt-get update && apt-get install -y curl', 'WORKDIR /srv'];
  const plain = family('', shared, three);
  const folders = family('', shared, five, { folders: true });
  const withArg = family('', ['ARG LEVEL=1', 'RUN echo $LEVEL >/level', 'WORKDIR /srv'], three.map(([name, ...lines]): Sibling => [name, ...lines, 'RUN echo $LEVEL >/level-again']));
  const [[a], [b], [c]] = three;
  const [f, g, h, i, j] = five.map(([name]) => name);
  return [
    withFiles(plain, 'docker-bake.hcl with groups, comments, args and platforms', {
      'docker-bake.hcl': `# How we build\nvariable "TAG" {\n  default = "dev" # by hand\n}\n\ngroup "default" {\n  targets = ["${a}", "rest"]\n}\n\ngroup "rest" {\n  targets = [\n    "${b}",\n    "${c}",\n  ]\n}\n\ntarget "_common" {\n  context = "."\n  platforms = ["linux/amd64"]\n}\n\n`
        + three.map(([name]) => `target "${name}" {\n  inherits = ["_common"]\n  dockerfile = "Dockerfile.${name}" // its own\n  tags = ["example.org/${name}:\${TAG}"]\n}\n`).join('\n'),
    }, ['bake', 'file', 'tag']),
    withFiles(plain, 'docker-bake.json', {
      'docker-bake.json': JSON.stringify({ group: { default: { targets: [a, b, c] } }, target: Object.fromEntries([a, b, c].map((name) => [name, { dockerfile: `Dockerfile.${name}`, labels: { 'org.example.name': name } }])) }, null, 4),
    }, ['bake', 'file']),
    withFiles(withArg, 'docker-bake.hcl with the same argument for all', {
      'docker-bake.hcl': three.map(([name]) => `target "${name}" {\n  dockerfile = "Dockerfile.${name}"\n  args = {\n    LEVEL = "7"\n  }\n}\n`).join('\n') + `group "default" {\n  targets = ["${a}", "${b}", "${c}"]\n}\n`,
    }, ['bake', 'file', 'tag']),
    withFiles(withArg, 'docker-bake.hcl with an argument that differs', {
      'docker-bake.hcl': three.map(([name], at) => `target "${name}" {\n  dockerfile = "Dockerfile.${name}"\n  args = { LEVEL = "${at}" }\n}\n`).join('\n'),
    }, ['bake', 'file']),
    withFiles(folders, 'docker-bake.hcl, folders', {
      'docker-bake.hcl': [f, g, h, i, j].map((name) => `target "${name}" {\n  context = "./${name}"\n}\n`).join('\n'),
    }, ['bake', 'file', 'tag']),
    withFiles(plain, 'compose.yaml with comments, args, anchors and other services', {
      'compose.yaml': `# How we run it\nname: shop\n\nx-common: &common\n  restart: always\n  environment:\n    TZ: UTC # for the logs\n\nservices:\n  db:\n    image: postgres:16\n    volumes: [data:/var/lib/postgresql/data]\n\n${three.map(([name]) => `  ${name}:\n    <<: *common\n    build:\n      context: .\n      dockerfile: Dockerfile.${name}\n      args:\n        UNUSED: "1"\n    depends_on: [db]\n`).join('\n')}\nvolumes:\n  data:\n`,
    }, ['compose', 'file']),
    withFiles(folders, 'compose.yaml, short builds', { 'compose.yaml': `services:\n${[f, g, h, i, j].map((name) => `  ${name}:\n    build: ./${name}\n`).join('')}` }, ['compose', 'file', 'tag']),
    withFiles(folders, 'docker-compose.yml, CRLF', { 'docker-compose.yml': `services:\r\n${[f, g, h, i, j].map((name) => `  ${name}:\r\n    build:\r\n      context: ${name}\r\n    ports:\r\n      - "8080"\r\n`).join('')}` }, ['compose']),
    withFiles(withArg, 'compose.yaml with the same argument for all', { 'compose.yaml': `services:\n${three.map(([name]) => `  ${name}:\n    build:\n      context: .\n      dockerfile: Dockerfile.${name}\n      args: {LEVEL: "5"}\n`).join('')}` }, ['compose', 'file']),
    multi('stages that build, with shared steps', [
      'FROM golang:1.22 AS build', 'WORKDIR /src', 'RUN apt-get update && apt-get install -y git', 'RUN echo shared >/shared', 'ENV CGO_ENABLED=0', 'COPY NAME.txt ./', 'RUN mkdir -p /out && cp NAME.txt /out/app',
      'FROM debian:bookworm', 'COPY --from=build /out/app /usr/local/bin/app', 'CMD ["app"]'], five.map(([name]) => name)),
    multi('stages by number', ['FROM golang:1.22', 'WORKDIR /src', 'RUN apt-get update', 'RUN mkdir -p /out && echo NAME >/out/app', 'FROM debian:bookworm', 'RUN apt-get update', 'WORKDIR /srv', 'COPY --from=0 /out/app /srv/app', 'CMD ["NAME"]'], five.slice(0, 3).map(([name]) => name)),
    { name: 'stages of one file', ways: ['stage'], few: ['stage'], dockerfiles: ['Dockerfile'], files: { 'a.txt': 'a\n', Dockerfile: `# syntax-less\nARG TAG=bookworm\nFROM debian:\${TAG} AS test\nRUN apt-get update && apt-get install -y curl\nWORKDIR /srv\nARG LEVEL=1\nRUN echo $LEVEL >/level\nRUN echo test >/srv/which\n\nFROM debian:\${TAG} AS lint\nRUN apt-get update && apt-get install -y curl\nWORKDIR /srv\nARG LEVEL=1\nRUN echo $LEVEL >/level\nRUN echo lint >/srv/which\n\nFROM debian:\${TAG} AS final\nRUN apt-get update && apt-get install -y curl\nWORKDIR /srv\nARG LEVEL=1\nRUN echo $LEVEL >/level\nCOPY a.txt /srv/\nCOPY --from=test /srv/which /srv/tested\nCOPY --from=lint /srv/which /srv/linted\nCMD ["a"]\n` } },
    { name: 'stages of one file, by number, without names', ways: ['stage'], dockerfiles: ['Dockerfile'], files: { 'a.txt': 'a\n', Dockerfile: 'FROM debian:bookworm\nRUN apt-get update\nRUN echo shared >/shared\nWORKDIR /srv\nRUN echo one >/srv/one\nFROM debian:bookworm\nRUN apt-get update\nRUN echo shared >/shared\nWORKDIR /srv\nRUN echo two >/srv/two\nFROM debian:bookworm\nRUN apt-get update\nRUN echo shared >/shared\nWORKDIR /srv\nCOPY --from=0 /srv/one /srv/\nCOPY --from=1 /srv/two /srv/\n' } },
    { name: 'stages of one file, a stage called base', ways: ['stage'], dockerfiles: ['Dockerfile'], files: { Dockerfile: 'FROM alpine:3 AS base\nRUN apk add git\n\nFROM debian:bookworm AS a\nRUN apt-get update\nRUN echo shared >/shared\nWORKDIR /srv\nRUN echo a >/srv/a\nFROM debian:bookworm AS b\nRUN apt-get update\nRUN echo shared >/shared\nWORKDIR /srv\nRUN echo b >/srv/b\nFROM debian:bookworm AS c\nRUN apt-get update\nRUN echo shared >/shared\nWORKDIR /srv\nCOPY --from=base /lib/apk/installed /installed\nCOPY --from=a /srv/a /srv/\nCOPY --from=b /srv/b /srv/\n' } },
    { name: 'a project with a folder called base and a Dockerfile.base', dockerfiles: ['Dockerfile.base', ...plain.dockerfiles], files: { ...plain.files, 'Dockerfile.base': 'FROM alpine:3\nRUN apk add git\n', 'base/a.txt': 'a\n' }, ways: ['file', 'bake', 'compose', 'tag'] },
  ];
}

function multi(name: string, lines: readonly string[], names: readonly string[]): Case {
  const files = Object.fromEntries(names.flatMap((sibling) => [[`${sibling}/Dockerfile`, `${lines.join('\n')}\n`.replaceAll('NAME', sibling)], [`${sibling}/${sibling}.txt`, `${sibling}\n`]]));
  return { name, files, dockerfiles: names.map((sibling) => `${sibling}/Dockerfile`) };
}
