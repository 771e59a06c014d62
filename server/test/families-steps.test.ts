/** Which steps move into a base, and which stay with their siblings, so that every image is what it was. */
import { expect, test } from 'vitest';
import { moved } from './families';

test('CMD stays where the ENTRYPOINT of one would clear it', () => {
  expect(moved(`//- a/Dockerfile
FROM debian:12
CMD ["--help"]
RUN make tools
ENTRYPOINT ["a"]
//- b/Dockerfile
FROM debian:12
CMD ["--help"]
RUN make tools
`, 'tag')).toMatchInlineSnapshot(`
  "- CMD stays (line 2 of a/Dockerfile): the child's ENTRYPOINT would clear it.
  - Where debian:12 has ONBUILD triggers, they run when the base is built, and not with the context of each.
  - Before them the base is built: docker build -t debian-base:zvq7kl12k5af4 -f Dockerfile.base .
  - The tag is a digest of its text: a change of it wants another tag, there and in them. For a builder other than the engine's own it has to be pushed.
  a/Dockerfile 0 = a/Dockerfile
  b/Dockerfile 0 = b/Dockerfile
  $ docker build -t debian-base:zvq7kl12k5af4 -f Dockerfile.base .
  //- Dockerfile.base is new
  # What a/Dockerfile and b/Dockerfile begin with. Built before them: docker build -t debian-base:zvq7kl12k5af4 -f Dockerfile.base .
  FROM debian:12
  RUN make tools
  //- a/Dockerfile
  FROM debian-base:zvq7kl12k5af4
  CMD ["--help"]
  ENTRYPOINT ["a"]
  //- b/Dockerfile
  FROM debian-base:zvq7kl12k5af4
  CMD ["--help"]"
`);
});

test('and moves where no ENTRYPOINT comes', () => {
  expect(moved(`//- a/Dockerfile
FROM debian:12
CMD ["--help"]
RUN make tools
RUN a
//- b/Dockerfile
FROM debian:12
CMD ["--help"]
RUN make tools
`, 'tag')).toMatchInlineSnapshot(`
  "- Where debian:12 has ONBUILD triggers, they run when the base is built, and not with the context of each.
  - Before them the base is built: docker build -t debian-base:1jvvj9n13xmqsj -f Dockerfile.base .
  - The tag is a digest of its text: a change of it wants another tag, there and in them. For a builder other than the engine's own it has to be pushed.
  a/Dockerfile 0 = a/Dockerfile
  b/Dockerfile 0 = b/Dockerfile
  $ docker build -t debian-base:1jvvj9n13xmqsj -f Dockerfile.base .
  //- Dockerfile.base is new
  # What a/Dockerfile and b/Dockerfile begin with. Built before them: docker build -t debian-base:1jvvj9n13xmqsj -f Dockerfile.base .
  FROM debian:12
  CMD ["--help"]
  RUN make tools
  //- a/Dockerfile
  FROM debian-base:1jvvj9n13xmqsj
  RUN a
  //- b/Dockerfile
  FROM debian-base:1jvvj9n13xmqsj"
`);
});

test('ONBUILD stays: it would run in the siblings', () => {
  expect(moved(`//- a/Dockerfile
FROM debian:12
ONBUILD COPY . .
RUN make tools
RUN a
//- b/Dockerfile
FROM debian:12
ONBUILD COPY . .
RUN make tools
`, 'tag')).toMatchInlineSnapshot(`
  "- ONBUILD stays (line 2 of a/Dockerfile): it would run when the base is continued.
  - Where debian:12 has ONBUILD triggers, they run when the base is built, and not with the context of each.
  - Before them the base is built: docker build -t debian-base:zvq7kl12k5af4 -f Dockerfile.base .
  - The tag is a digest of its text: a change of it wants another tag, there and in them. For a builder other than the engine's own it has to be pushed.
  a/Dockerfile 0 = a/Dockerfile
  b/Dockerfile 0 = b/Dockerfile
  $ docker build -t debian-base:zvq7kl12k5af4 -f Dockerfile.base .
  //- Dockerfile.base is new
  # What a/Dockerfile and b/Dockerfile begin with. Built before them: docker build -t debian-base:zvq7kl12k5af4 -f Dockerfile.base .
  FROM debian:12
  RUN make tools
  //- a/Dockerfile
  FROM debian-base:zvq7kl12k5af4
  ONBUILD COPY . .
  RUN a
  //- b/Dockerfile
  FROM debian-base:zvq7kl12k5af4
  ONBUILD COPY . ."
`);
});

test('a LABEL that differs stays, and one behind it that could lose to it stays, too', () => {
  expect(moved(`//- a/Dockerfile
FROM debian:12
LABEL name="a"
LABEL vendor="us"
RUN make tools
EXPOSE 80
RUN more
//- b/Dockerfile
FROM debian:12
LABEL name="b"
LABEL vendor="us"
RUN make tools
EXPOSE 80
RUN more
`, 'tag')).toMatchInlineSnapshot(`
  "- Where debian:12 has ONBUILD triggers, they run when the base is built, and not with the context of each.
  - Before them the base is built: docker build -t debian-base:130lt531mtuqoa -f Dockerfile.base .
  - The tag is a digest of its text: a change of it wants another tag, there and in them. For a builder other than the engine's own it has to be pushed.
  a/Dockerfile 0 = a/Dockerfile
  b/Dockerfile 0 = b/Dockerfile
  $ docker build -t debian-base:130lt531mtuqoa -f Dockerfile.base .
  //- Dockerfile.base is new
  # What a/Dockerfile and b/Dockerfile begin with. Built before them: docker build -t debian-base:130lt531mtuqoa -f Dockerfile.base .
  FROM debian:12
  RUN make tools
  EXPOSE 80
  RUN more
  //- a/Dockerfile
  FROM debian-base:130lt531mtuqoa
  LABEL name="a"
  LABEL vendor="us"
  //- b/Dockerfile
  FROM debian-base:130lt531mtuqoa
  LABEL name="b"
  LABEL vendor="us""
`);
});

test('a LABEL that stays keeps the ARG behind it that it would read', () => {
  expect(moved(`//- a/Dockerfile
FROM debian:12
RUN make tools
LABEL version="$VERSION" of="a"
ARG VERSION=2
RUN more
//- b/Dockerfile
FROM debian:12
RUN make tools
LABEL version="$VERSION" of="b"
ARG VERSION=2
RUN more
`, 'tag')).toMatchInlineSnapshot(`
  "- The ARG of line 4 of a/Dockerfile stays, and all after it: the LABEL before it has its value from before.
  - Where debian:12 has ONBUILD triggers, they run when the base is built, and not with the context of each.
  - Before them the base is built: docker build -t debian-base:zvq7kl12k5af4 -f Dockerfile.base .
  - The tag is a digest of its text: a change of it wants another tag, there and in them. For a builder other than the engine's own it has to be pushed.
  a/Dockerfile 0 = a/Dockerfile
  b/Dockerfile 0 = b/Dockerfile
  $ docker build -t debian-base:zvq7kl12k5af4 -f Dockerfile.base .
  //- Dockerfile.base is new
  # What a/Dockerfile and b/Dockerfile begin with. Built before them: docker build -t debian-base:zvq7kl12k5af4 -f Dockerfile.base .
  FROM debian:12
  RUN make tools
  //- a/Dockerfile
  FROM debian-base:zvq7kl12k5af4
  LABEL version="$VERSION" of="a"
  ARG VERSION=2
  RUN more
  //- b/Dockerfile
  FROM debian-base:zvq7kl12k5af4
  LABEL version="$VERSION" of="b"
  ARG VERSION=2
  RUN more"
`);
});

test('an ARG of the base is declared again: an image keeps none', () => {
  expect(moved(`//- a/Dockerfile
FROM debian:12
ARG VERSION=1.2
RUN curl -o tool https://example.org/$VERSION
RUN tool a
//- b/Dockerfile
FROM debian:12
ARG VERSION=1.2
RUN curl -o tool https://example.org/$VERSION
RUN tool b
`, 'tag')).toMatchInlineSnapshot(`
  "- An ARG that is declared again has its row in the history twice; in the base it has the value that the base was built with.
  - Where debian:12 has ONBUILD triggers, they run when the base is built, and not with the context of each.
  - Before them the base is built: docker build -t debian-base:16sox7r0w54vl0 -f Dockerfile.base .
  - The tag is a digest of its text: a change of it wants another tag, there and in them. For a builder other than the engine's own it has to be pushed.
  a/Dockerfile 0 = a/Dockerfile
  b/Dockerfile 0 = b/Dockerfile
  $ docker build -t debian-base:16sox7r0w54vl0 -f Dockerfile.base .
  //- Dockerfile.base is new
  # What a/Dockerfile and b/Dockerfile begin with. Built before them: docker build -t debian-base:16sox7r0w54vl0 -f Dockerfile.base .
  FROM debian:12
  ARG VERSION=1.2
  RUN curl -o tool https://example.org/$VERSION
  //- a/Dockerfile
  FROM debian-base:16sox7r0w54vl0
  ARG VERSION=1.2
  RUN tool a
  //- b/Dockerfile
  FROM debian-base:16sox7r0w54vl0
  ARG VERSION=1.2
  RUN tool b"
`);
});

test('and within a file, since the image could have a variable of its name', () => {
  expect(moved(`//- Dockerfile
FROM debian:12 AS a
ARG VERSION=1.2
RUN curl -o tool https://example.org/$VERSION
RUN tool a

FROM debian:12 AS b
ARG VERSION=1.2
RUN curl -o tool https://example.org/$VERSION
RUN tool b
`, 'stage')).toMatchInlineSnapshot(`
  "- An ARG that is declared again has its row in the history twice; in the base it has the value that the base was built with.
  Dockerfile 0 = Dockerfile a
  Dockerfile 1 = Dockerfile
  //- Dockerfile
  FROM debian:12 AS base
  ARG VERSION=1.2
  RUN curl -o tool https://example.org/$VERSION

  FROM base AS a
  ARG VERSION=1.2
  RUN tool a

  FROM base AS b
  ARG VERSION=1.2
  RUN tool b"
`);
});

test('an ARG that nothing below can see is not', () => {
  expect(moved(`//- a/Dockerfile
FROM debian:12
ARG VERSION=1.2
RUN curl -o tool https://example.org/$VERSION
COPY a /
//- b/Dockerfile
FROM debian:12
ARG VERSION=1.2
RUN curl -o tool https://example.org/$VERSION
COPY b /
`, 'tag')).toMatchInlineSnapshot(`
  "- Before them the base is built: docker build -t debian-base:16sox7r0w54vl0 -f Dockerfile.base .
  - The tag is a digest of its text: a change of it wants another tag, there and in them. For a builder other than the engine's own it has to be pushed.
  - COPY of line 4 of a/Dockerfile takes in files that change here (Dockerfile.base): they are in the image as they are then.
  - COPY of line 4 of b/Dockerfile takes in files that change here (Dockerfile.base): they are in the image as they are then.
  a/Dockerfile 0 = a/Dockerfile
  b/Dockerfile 0 = b/Dockerfile
  $ docker build -t debian-base:16sox7r0w54vl0 -f Dockerfile.base .
  //- Dockerfile.base is new
  # What a/Dockerfile and b/Dockerfile begin with. Built before them: docker build -t debian-base:16sox7r0w54vl0 -f Dockerfile.base .
  FROM debian:12
  ARG VERSION=1.2
  RUN curl -o tool https://example.org/$VERSION
  //- a/Dockerfile
  FROM debian-base:16sox7r0w54vl0
  COPY a /
  //- b/Dockerfile
  FROM debian-base:16sox7r0w54vl0
  COPY b /"
`);
});

test('an ARG that an ENV overrides is in the image', () => {
  expect(moved(`//- a/Dockerfile
FROM debian:12
ARG VERSION=1.2
ENV VERSION=\${VERSION}
RUN curl -o tool https://example.org/$VERSION
RUN tool a
//- b/Dockerfile
FROM debian:12
ARG VERSION=1.2
ENV VERSION=\${VERSION}
RUN curl -o tool https://example.org/$VERSION
RUN tool b
`, 'tag')).toMatchInlineSnapshot(`
  "- Where debian:12 has ONBUILD triggers, they run when the base is built, and not with the context of each.
  - Before them the base is built: docker build -t debian-base:1hji8cq1xcxihg -f Dockerfile.base .
  - The tag is a digest of its text: a change of it wants another tag, there and in them. For a builder other than the engine's own it has to be pushed.
  a/Dockerfile 0 = a/Dockerfile
  b/Dockerfile 0 = b/Dockerfile
  $ docker build -t debian-base:1hji8cq1xcxihg -f Dockerfile.base .
  //- Dockerfile.base is new
  # What a/Dockerfile and b/Dockerfile begin with. Built before them: docker build -t debian-base:1hji8cq1xcxihg -f Dockerfile.base .
  FROM debian:12
  ARG VERSION=1.2
  ENV VERSION=\${VERSION}
  RUN curl -o tool https://example.org/$VERSION
  //- a/Dockerfile
  FROM debian-base:1hji8cq1xcxihg
  RUN tool a
  //- b/Dockerfile
  FROM debian-base:1hji8cq1xcxihg
  RUN tool b"
`);
});

test('two ARGs of one line, one of them an ENV: declared again it would win', () => {
  expect(moved(`//- a/Dockerfile
FROM debian:12
ARG A=1 B=2
ENV A=own
RUN make $A $B
RUN a
//- b/Dockerfile
FROM debian:12
ARG A=1 B=2
ENV A=own
RUN make $A $B
RUN b
`, 'tag')).toMatchInlineSnapshot(`"refused (arg-and-env): The ARG of line 2 of a/Dockerfile declares A and B, and an ENV sets one of them: declared again it would win."`);
});

test('global ARGs go where they are read', () => {
  expect(moved(`//- a/Dockerfile
# syntax=docker/dockerfile:1
ARG DEBIAN=12
ARG TOOL=1.2
ARG OWN=3
FROM debian:\${DEBIAN}
ARG TOOL
RUN curl -o tool https://example.org/$TOOL
ARG OWN
RUN tool $OWN
//- b/Dockerfile
# syntax=docker/dockerfile:1
ARG DEBIAN=12
ARG TOOL=1.2
FROM debian:\${DEBIAN}
ARG TOOL
RUN curl -o tool https://example.org/$TOOL
COPY b /
`, 'tag')).toMatchInlineSnapshot(`
  "- An ARG that is declared again has its row in the history twice; in the base it has the value that the base was built with.
  - Where debian:12 has ONBUILD triggers, they run when the base is built, and not with the context of each.
  - Before them the base is built: docker build -t debian-base:19c4obz1278bgt -f Dockerfile.base .
  - The tag is a digest of its text: a change of it wants another tag, there and in them. For a builder other than the engine's own it has to be pushed.
  - COPY of line 7 of b/Dockerfile takes in files that change here (Dockerfile.base): they are in the image as they are then.
  a/Dockerfile 0 = a/Dockerfile
  b/Dockerfile 0 = b/Dockerfile
  $ docker build -t debian-base:19c4obz1278bgt -f Dockerfile.base .
  //- Dockerfile.base is new
  # syntax=docker/dockerfile:1
  # What a/Dockerfile and b/Dockerfile begin with. Built before them: docker build -t debian-base:19c4obz1278bgt -f Dockerfile.base .
  ARG DEBIAN=12
  ARG TOOL=1.2
  FROM debian:\${DEBIAN}
  ARG TOOL
  RUN curl -o tool https://example.org/$TOOL
  //- a/Dockerfile
  # syntax=docker/dockerfile:1
  ARG TOOL=1.2
  ARG OWN=3
  FROM debian-base:19c4obz1278bgt
  ARG TOOL
  ARG OWN
  RUN tool $OWN
  //- b/Dockerfile
  # syntax=docker/dockerfile:1
  FROM debian-base:19c4obz1278bgt
  COPY b /"
`);
});

test('the escape directive goes with the steps', () => {
  expect(moved(`//- a/Dockerfile
# escape=\`
FROM nanoserver
RUN echo a && \`
    echo C:\\dir
RUN own
//- b/Dockerfile
# escape=\`
FROM nanoserver
RUN echo a && \`
    echo C:\\dir
`, 'tag')).toMatchInlineSnapshot(`
  "- Where nanoserver has ONBUILD triggers, they run when the base is built, and not with the context of each.
  - Before them the base is built: docker build -t nanoserver-base:1yrfwlj141xpjb -f Dockerfile.base .
  - The tag is a digest of its text: a change of it wants another tag, there and in them. For a builder other than the engine's own it has to be pushed.
  a/Dockerfile 0 = a/Dockerfile
  b/Dockerfile 0 = b/Dockerfile
  $ docker build -t nanoserver-base:1yrfwlj141xpjb -f Dockerfile.base .
  //- Dockerfile.base is new
  # escape=\`
  # What a/Dockerfile and b/Dockerfile begin with. Built before them: docker build -t nanoserver-base:1yrfwlj141xpjb -f Dockerfile.base .
  FROM nanoserver
  RUN echo a && \`
      echo C:\\dir
  //- a/Dockerfile
  # escape=\`
  FROM nanoserver-base:1yrfwlj141xpjb
  RUN own
  //- b/Dockerfile
  # escape=\`
  FROM nanoserver-base:1yrfwlj141xpjb"
`);
});

test('two escape characters: the same text would be read in two ways', () => {
  expect(moved(`//- a/Dockerfile
# escape=\`
FROM debian:12
RUN make tools
//- b/Dockerfile
FROM debian:12
RUN make tools
`, 'tag')).toMatchInlineSnapshot(`"refused (directives): b/Dockerfile has another # escape than a/Dockerfile: the same text would be read in two ways."`);
});

test('heredocs move as they stand', () => {
  expect(moved(`//- a/Dockerfile
# syntax=docker/dockerfile:1
FROM debian:12
RUN <<EOF
set -e
apt-get update
EOF
COPY <<-"END" /etc/tool.conf
	a = $b
	END
RUN a
//- b/Dockerfile
# syntax=docker/dockerfile:1
FROM debian:12
RUN <<EOF
set -e
apt-get update
EOF
COPY <<-"END" /etc/tool.conf
	a = $b
	END
`, 'bake')).toMatchInlineSnapshot(`
  "- Where debian:12 has ONBUILD triggers, they run when the base is built, and not with the context of each.
  a/Dockerfile 0 = a/Dockerfile
  b/Dockerfile 0 = b/Dockerfile
  //- Dockerfile.base is new
  # syntax=docker/dockerfile:1
  # What a/Dockerfile and b/Dockerfile begin with.
  FROM debian:12
  RUN <<EOF
  set -e
  apt-get update
  EOF
  COPY <<-"END" /etc/tool.conf
  	a = $b
  	END
  //- a/Dockerfile
  # syntax=docker/dockerfile:1
  FROM base
  RUN a
  //- b/Dockerfile
  # syntax=docker/dockerfile:1
  FROM base"
`);
});

test('comments go with what they stand above, and stay where they say something else', () => {
  expect(moved(`//- a/Dockerfile
FROM debian:12

# Tools that everybody has.
RUN make tools

# Of a alone.
RUN make more

RUN a
//- b/Dockerfile
FROM debian:12

# Tools that everybody has.
RUN make tools

# Of b alone.
RUN make more
`, 'tag')).toMatchInlineSnapshot(`
  "- Where debian:12 has ONBUILD triggers, they run when the base is built, and not with the context of each.
  - Before them the base is built: docker build -t debian-base:1gpg26a13c1sy8 -f Dockerfile.base .
  - The tag is a digest of its text: a change of it wants another tag, there and in them. For a builder other than the engine's own it has to be pushed.
  a/Dockerfile 0 = a/Dockerfile
  b/Dockerfile 0 = b/Dockerfile
  $ docker build -t debian-base:1gpg26a13c1sy8 -f Dockerfile.base .
  //- Dockerfile.base is new
  # What a/Dockerfile and b/Dockerfile begin with. Built before them: docker build -t debian-base:1gpg26a13c1sy8 -f Dockerfile.base .
  FROM debian:12
  # Tools that everybody has.
  RUN make tools
  RUN make more
  //- a/Dockerfile
  FROM debian-base:1gpg26a13c1sy8

  # Of a alone.

  RUN a
  //- b/Dockerfile
  FROM debian-base:1gpg26a13c1sy8

  # Of b alone."
`);
});

test('blank lines are not piled up', () => {
  expect(moved(`//- a/Dockerfile
FROM debian:12

RUN make tools

RUN make more

CMD ["a"]
//- b/Dockerfile
FROM debian:12

RUN make tools

RUN make more

CMD ["b"]
`, 'tag')).toMatchInlineSnapshot(`
  "- Where debian:12 has ONBUILD triggers, they run when the base is built, and not with the context of each.
  - Before them the base is built: docker build -t debian-base:1qn42yx12te2my -f Dockerfile.base .
  - The tag is a digest of its text: a change of it wants another tag, there and in them. For a builder other than the engine's own it has to be pushed.
  a/Dockerfile 0 = a/Dockerfile
  b/Dockerfile 0 = b/Dockerfile
  $ docker build -t debian-base:1qn42yx12te2my -f Dockerfile.base .
  //- Dockerfile.base is new
  # What a/Dockerfile and b/Dockerfile begin with. Built before them: docker build -t debian-base:1qn42yx12te2my -f Dockerfile.base .
  FROM debian:12
  RUN make tools
  RUN make more
  //- a/Dockerfile
  FROM debian-base:1qn42yx12te2my

  CMD ["a"]
  //- b/Dockerfile
  FROM debian-base:1qn42yx12te2my

  CMD ["b"]"
`);
});

test('CRLF stays CRLF, in the base too', () => {
  expect(moved('//- a/Dockerfile\nFROM debian:12\r\n# Tools.\r\nRUN make \\\r\n  tools\r\nRUN a\r\n//- b/Dockerfile\nFROM debian:12\r\n# Tools.\r\nRUN make \\\r\n  tools\r\n', 'tag')).toMatchInlineSnapshot(`
    "- Where debian:12 has ONBUILD triggers, they run when the base is built, and not with the context of each.
    - Before them the base is built: docker build -t debian-base:fqqidi0n6bgye -f Dockerfile.base .
    - The tag is a digest of its text: a change of it wants another tag, there and in them. For a builder other than the engine's own it has to be pushed.
    a/Dockerfile 0 = a/Dockerfile
    b/Dockerfile 0 = b/Dockerfile
    $ docker build -t debian-base:fqqidi0n6bgye -f Dockerfile.base .
    //- Dockerfile.base is new
    # What a/Dockerfile and b/Dockerfile begin with. Built before them: docker build -t debian-base:fqqidi0n6bgye -f Dockerfile.base .␍
    FROM debian:12␍
    # Tools.␍
    RUN make \\␍
      tools␍
    //- a/Dockerfile
    FROM debian-base:fqqidi0n6bgye␍
    RUN a␍
    //- b/Dockerfile
    FROM debian-base:fqqidi0n6bgye␍"
  `);
});

test('a CMD in shell form that stays has the shell from before', () => {
  expect(moved(`//- a/Dockerfile
FROM debian:12
RUN make tools
CMD run a
SHELL ["/bin/bash", "-c"]
RUN more
//- b/Dockerfile
FROM debian:12
RUN make tools
CMD run b
SHELL ["/bin/bash", "-c"]
RUN more
`, 'tag')).toMatchInlineSnapshot(`
  "- The SHELL of line 4 of a/Dockerfile stays, and all after it: the CMD before it runs in the shell from before.
  - Where debian:12 has ONBUILD triggers, they run when the base is built, and not with the context of each.
  - Before them the base is built: docker build -t debian-base:zvq7kl12k5af4 -f Dockerfile.base .
  - The tag is a digest of its text: a change of it wants another tag, there and in them. For a builder other than the engine's own it has to be pushed.
  a/Dockerfile 0 = a/Dockerfile
  b/Dockerfile 0 = b/Dockerfile
  $ docker build -t debian-base:zvq7kl12k5af4 -f Dockerfile.base .
  //- Dockerfile.base is new
  # What a/Dockerfile and b/Dockerfile begin with. Built before them: docker build -t debian-base:zvq7kl12k5af4 -f Dockerfile.base .
  FROM debian:12
  RUN make tools
  //- a/Dockerfile
  FROM debian-base:zvq7kl12k5af4
  CMD run a
  SHELL ["/bin/bash", "-c"]
  RUN more
  //- b/Dockerfile
  FROM debian-base:zvq7kl12k5af4
  CMD run b
  SHELL ["/bin/bash", "-c"]
  RUN more"
`);
});
