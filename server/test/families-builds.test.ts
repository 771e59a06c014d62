/** What the builds of siblings have to say to a base: contexts, ignore files, arguments, secrets, platforms. */
import { expect, test } from 'vitest';
import { moved } from './families';

test('an argument that all builds give alike is given to the base', () => {
  expect(moved(`//- a/Dockerfile
FROM debian:12
RUN make tools
ARG VERSION
RUN curl -o tool https://example.org/$VERSION
COPY a /
//- b/Dockerfile
FROM debian:12
RUN make tools
ARG VERSION
RUN curl -o tool https://example.org/$VERSION
COPY b /
//- docker-bake.hcl
target "a" {
  context = "a"
  args = { VERSION = "2" }
}
target "b" {
  context = "b"
  args = { VERSION = "2" }
}
`, 'bake')).toMatchInlineSnapshot(`
  "- Where debian:12 has ONBUILD triggers, they run when the base is built, and not with the context of each.
  a/Dockerfile 0 = a/Dockerfile
  b/Dockerfile 0 = b/Dockerfile
  //- Dockerfile.base is new
  # What a/Dockerfile and b/Dockerfile begin with.
  FROM debian:12
  RUN make tools
  ARG VERSION
  RUN curl -o tool https://example.org/$VERSION
  //- a/Dockerfile
  FROM base
  COPY a /
  //- b/Dockerfile
  FROM base
  COPY b /"
`);
});

test('one that they give in two ways keeps its step, and all after it', () => {
  expect(moved(`//- a/Dockerfile
FROM debian:12
RUN make tools
ARG VERSION
RUN curl -o tool https://example.org/$VERSION
//- b/Dockerfile
FROM debian:12
RUN make tools
ARG VERSION
RUN curl -o tool https://example.org/$VERSION
//- docker-bake.hcl
target "a" {
  context = "a"
  args = { VERSION = "2" }
}
target "b" {
  context = "b"
  args = { VERSION = "3" }
}
`, 'bake')).toMatchInlineSnapshot(`
  "- The ARG of line 3 of a/Dockerfile gets another value in b/Dockerfile's build.
  - Where debian:12 has ONBUILD triggers, they run when the base is built, and not with the context of each.
  a/Dockerfile 0 = a/Dockerfile
  b/Dockerfile 0 = b/Dockerfile
  //- Dockerfile.base is new
  # What a/Dockerfile and b/Dockerfile begin with.
  FROM debian:12
  RUN make tools
  //- a/Dockerfile
  FROM base
  ARG VERSION
  RUN curl -o tool https://example.org/$VERSION
  //- b/Dockerfile
  FROM base
  ARG VERSION
  RUN curl -o tool https://example.org/$VERSION"
`);
});

test('two contexts: a COPY from them stays, and all after it', () => {
  expect(moved(`//- a/Dockerfile
FROM debian:12
RUN make tools
COPY common.conf /etc/
RUN more
//- b/Dockerfile
FROM debian:12
RUN make tools
COPY common.conf /etc/
RUN more
//- a/common.conf
//- b/common.conf
`, 'bake')).toMatchInlineSnapshot(`
  "- The COPY of line 3 of a/Dockerfile stays, and all after it: b/Dockerfile is built with the folder b, a/Dockerfile with the folder a.
  - Where debian:12 has ONBUILD triggers, they run when the base is built, and not with the context of each.
  a/Dockerfile 0 = a/Dockerfile
  b/Dockerfile 0 = b/Dockerfile
  //- Dockerfile.base is new
  # What a/Dockerfile and b/Dockerfile begin with.
  FROM debian:12
  RUN make tools
  //- a/Dockerfile
  FROM base
  COPY common.conf /etc/
  RUN more
  //- b/Dockerfile
  FROM base
  COPY common.conf /etc/
  RUN more"
`);
});

test('one context: it moves, and the base is built with it', () => {
  expect(moved(`//- Dockerfile.a
FROM debian:12
RUN make tools
COPY common.conf /etc/
RUN more
//- Dockerfile.b
FROM debian:12
RUN make tools
COPY common.conf /etc/
RUN more
//- common.conf
`, 'bake')).toMatchInlineSnapshot(`
  "Dockerfile.a 0 = Dockerfile.a
  Dockerfile.b 0 = Dockerfile.b
  //- Dockerfile.base is new
  # What Dockerfile.a and Dockerfile.b begin with.
  FROM debian:12
  RUN make tools
  COPY common.conf /etc/
  RUN more
  //- Dockerfile.a
  FROM base
  //- Dockerfile.b
  FROM base"
`);
});

test('by a tag it stays: the tag would not say what is in it', () => {
  expect(moved(`//- Dockerfile.a
FROM debian:12
RUN make tools
COPY common.conf /etc/
RUN more
//- Dockerfile.b
FROM debian:12
RUN make tools
COPY common.conf /etc/
RUN more
//- common.conf
`, 'tag')).toMatchInlineSnapshot(`
  "- The COPY of line 3 of Dockerfile.a stays, and all after it: the tag is a digest of the base's text, and files of the context are not in it.
  - Before them the base is built: docker build -t debian-base:zvq7kl12k5af4 -f Dockerfile.base .
  - The tag is a digest of its text: a change of it wants another tag, there and in them. For a builder other than the engine's own it has to be pushed.
  Dockerfile.a 0 = Dockerfile.a
  Dockerfile.b 0 = Dockerfile.b
  $ docker build -t debian-base:zvq7kl12k5af4 -f Dockerfile.base .
  //- Dockerfile.base is new
  # What Dockerfile.a and Dockerfile.b begin with. Built before them: docker build -t debian-base:zvq7kl12k5af4 -f Dockerfile.base .
  FROM debian:12
  RUN make tools
  //- Dockerfile.a
  FROM debian-base:zvq7kl12k5af4
  COPY common.conf /etc/
  RUN more
  //- Dockerfile.b
  FROM debian-base:zvq7kl12k5af4
  COPY common.conf /etc/
  RUN more"
`);
});

test('one has an ignore file of its own: the COPY stays', () => {
  expect(moved(`//- Dockerfile.a
FROM debian:12
RUN make tools
COPY common.conf /etc/
RUN more
//- Dockerfile.b
FROM debian:12
RUN make tools
COPY common.conf /etc/
RUN more
//- common.conf
//- Dockerfile.a.dockerignore
*.md
`, 'bake')).toMatchInlineSnapshot(`
  "- The COPY of line 3 of Dockerfile.a stays, and all after it: Dockerfile.b is built with the project's folder, Dockerfile.a with the project's folder and an ignore file of its own.
  Dockerfile.a 0 = Dockerfile.a
  Dockerfile.b 0 = Dockerfile.b
  //- Dockerfile.base is new
  # What Dockerfile.a and Dockerfile.b begin with.
  FROM debian:12
  RUN make tools
  //- Dockerfile.a
  FROM base
  COPY common.conf /etc/
  RUN more
  //- Dockerfile.b
  FROM base
  COPY common.conf /etc/
  RUN more"
`);
});

test('and one file would have one ignore file', () => {
  expect(moved(`//- Dockerfile.a
FROM debian:12
RUN make tools
COPY common.conf /etc/
RUN more
//- Dockerfile.b
FROM debian:12
RUN make tools
COPY common.conf /etc/
RUN more
//- common.conf
//- Dockerfile.a.dockerignore
*.md
`, 'file')).toMatchInlineSnapshot(`"refused (ignore-file): Dockerfile.a has an ignore file of its own, Dockerfile.a.dockerignore: one Dockerfile has one."`);
});

test('both have the same: the base gets it, too', () => {
  expect(moved(`//- Dockerfile.a
FROM debian:12
RUN make tools
COPY common.conf /etc/
RUN more
//- Dockerfile.b
FROM debian:12
RUN make tools
COPY common.conf /etc/
RUN more
//- common.conf
//- Dockerfile.a.dockerignore
*.md
//- Dockerfile.b.dockerignore
*.md
`, 'bake')).toMatchInlineSnapshot(`
  "Dockerfile.a 0 = Dockerfile.a
  Dockerfile.b 0 = Dockerfile.b
  //- Dockerfile.base is new
  # What Dockerfile.a and Dockerfile.b begin with.
  FROM debian:12
  RUN make tools
  COPY common.conf /etc/
  RUN more
  //- Dockerfile.base.dockerignore is new
  *.md
  //- Dockerfile.a
  FROM base
  //- Dockerfile.b
  FROM base"
`);
});

test('a secret is given to a build by its command: the step stays where the base has one of its own', () => {
  expect(moved(`//- a/Dockerfile
FROM debian:12
RUN make tools
RUN --mount=type=secret,id=token curl -H @/run/secrets/token https://example.org
RUN a
//- b/Dockerfile
FROM debian:12
RUN make tools
RUN --mount=type=secret,id=token curl -H @/run/secrets/token https://example.org
`, 'tag')).toMatchInlineSnapshot(`
  "- The RUN of line 3 of a/Dockerfile stays, and all after it: its mount needs what only the build of a/Dockerfile is given.
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
  RUN --mount=type=secret,id=token curl -H @/run/secrets/token https://example.org
  RUN a
  //- b/Dockerfile
  FROM debian-base:zvq7kl12k5af4
  RUN --mount=type=secret,id=token curl -H @/run/secrets/token https://example.org"
`);
});

test('in one file each build has it', () => {
  expect(moved(`//- a/Dockerfile
FROM debian:12
RUN make tools
RUN --mount=type=secret,id=token curl -H @/run/secrets/token https://example.org
RUN a
//- b/Dockerfile
FROM debian:12
RUN make tools
RUN --mount=type=secret,id=token curl -H @/run/secrets/token https://example.org
`, 'file')).toMatchInlineSnapshot(`
  "- a stays the context of its build, of which nothing is read: git keeps no folder that is empty.
  - They are built by docker build -f Dockerfile --target a a, docker build -f Dockerfile --target b b from now on.
  a/Dockerfile 0 = Dockerfile a
  b/Dockerfile 0 = Dockerfile b
  //- Dockerfile is new
  FROM debian:12 AS base
  RUN make tools
  RUN --mount=type=secret,id=token curl -H @/run/secrets/token https://example.org

  FROM base AS a
  RUN a

  FROM base AS b
  //- a/Dockerfile is deleted
  //- b/Dockerfile is deleted"
`);
});

test('--platform on FROM: an image of its own would be for another one', () => {
  expect(moved(`//- a/Dockerfile
FROM --platform=$BUILDPLATFORM debian:12
RUN make tools
//- b/Dockerfile
FROM --platform=$BUILDPLATFORM debian:12
RUN make tools
`, 'bake')).toMatchInlineSnapshot(`"refused (platform): FROM in line 1 of a/Dockerfile has --platform=$BUILDPLATFORM: the base would be built for the target's platform."`);
});

test('builds for several platforms have no base by a tag', () => {
  expect(moved(`//- a/Dockerfile
FROM debian:12
RUN make tools
//- b/Dockerfile
FROM debian:12
RUN make tools
//- docker-bake.hcl
target "a" {
  context = "a"
  platforms = ["linux/amd64", "linux/arm64"]
}
target "b" {
  context = "b"
  platforms = ["linux/amd64", "linux/arm64"]
}
`, 'tag')).toMatchInlineSnapshot(`"refused (platforms): target a of docker-bake.hcl is for several platforms: the base would have to be pushed for each."`);
});

test('a workflow builds one of them: it would not know the base', () => {
  expect(moved(`//- a/Dockerfile
FROM debian:12
RUN make tools
//- b/Dockerfile
FROM debian:12
RUN make tools
//- .github/workflows/a.yml
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v6
        with:
          context: a
`, 'bake')).toMatchInlineSnapshot(`"refused (built-elsewhere): a/Dockerfile is built by a in .github/workflows/a.yml, too, which would not know the base."`);
});

test('an error in one of them', () => {
  expect(moved(`//- a/Dockerfile
FROM debian:12
RUN make tools
COPY a
//- b/Dockerfile
FROM debian:12
RUN make tools
`, 'tag')).toMatchInlineSnapshot(`"refused (errors): a/Dockerfile has an error in line 3: COPY requires at least two arguments, but only one was provided. Destination could not be determined"`);
});

test('a base image that is not known', () => {
  expect(moved(`//- a/Dockerfile
ARG IMAGE
FROM $IMAGE
RUN make tools
//- b/Dockerfile
ARG IMAGE
FROM $IMAGE
RUN make tools
`, 'tag')).toMatchInlineSnapshot(`"no candidate"`);
});
