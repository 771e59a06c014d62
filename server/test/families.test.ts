/** What each way makes of a project: files in, files out. And what siblings share. */
import { expect, test } from 'vitest';
import { extracted, familiesIn } from './families';

test('two Flask apps, built by Bake: the base is a target of the same file', () => {
  expect(extracted(`//- web/Dockerfile
FROM python:3.12-slim
ENV PYTHONUNBUFFERED=1
WORKDIR /app
RUN apt-get update && apt-get install -y --no-install-recommends libpq5 && rm -rf /var/lib/apt/lists/*
# What both need.
RUN pip install --no-cache-dir flask==3.0.3 psycopg2-binary==2.9.9
COPY . .
EXPOSE 8000
CMD ["flask", "run", "--host=0.0.0.0"]
//- worker/Dockerfile
FROM python:3.12-slim
ENV PYTHONUNBUFFERED=1
WORKDIR /app
RUN apt-get update && apt-get install -y --no-install-recommends libpq5 && rm -rf /var/lib/apt/lists/*
# What both need.
RUN pip install --no-cache-dir flask==3.0.3 psycopg2-binary==2.9.9
COPY . .
CMD ["python", "worker.py"]
//- docker-bake.hcl
group "default" {
  targets = ["web", "worker"]
}
target "web" {
  context = "web"
}
target "worker" {
  context = "worker"
}
`, 'bake')).toMatchInlineSnapshot(`
  "- The COPY of line 7 of web/Dockerfile stays, and all after it: worker/Dockerfile is built with the folder worker, web/Dockerfile with the folder web.
  - Where python:3.12-slim has ONBUILD triggers, they run when the base is built, and not with the context of each.
  - COPY of line 7 of web/Dockerfile takes in files that change here (Dockerfile): they are in the image as they are then.
  - COPY of line 7 of worker/Dockerfile takes in files that change here (Dockerfile): they are in the image as they are then.
  web/Dockerfile 0 = web/Dockerfile
  worker/Dockerfile 0 = worker/Dockerfile
  //- Dockerfile.base is new
  # What web/Dockerfile and worker/Dockerfile begin with.
  FROM python:3.12-slim
  ENV PYTHONUNBUFFERED=1
  WORKDIR /app
  RUN apt-get update && apt-get install -y --no-install-recommends libpq5 && rm -rf /var/lib/apt/lists/*
  # What both need.
  RUN pip install --no-cache-dir flask==3.0.3 psycopg2-binary==2.9.9
  //- web/Dockerfile
  FROM base
  COPY . .
  EXPOSE 8000
  CMD ["flask", "run", "--host=0.0.0.0"]
  //- worker/Dockerfile
  FROM base
  COPY . .
  CMD ["python", "worker.py"]
  //- docker-bake.hcl
  group "default" {
    targets = ["web", "worker"]
  }
  target "web" {
    context = "web"
    contexts = { base = "target:base" }
  }
  target "worker" {
    context = "worker"
    contexts = { base = "target:base" }
  }

  target "base" {
    context    = "."
    dockerfile = "Dockerfile.base"
  }"
`);
});

test('the same as one file: each app is a target, and its context stays', () => {
  expect(extracted(`//- web/Dockerfile
FROM python:3.12-slim
ENV PYTHONUNBUFFERED=1
WORKDIR /app
RUN apt-get update && apt-get install -y --no-install-recommends libpq5 && rm -rf /var/lib/apt/lists/*
# What both need.
RUN pip install --no-cache-dir flask==3.0.3 psycopg2-binary==2.9.9
COPY . .
EXPOSE 8000
CMD ["flask", "run", "--host=0.0.0.0"]
//- worker/Dockerfile
FROM python:3.12-slim
ENV PYTHONUNBUFFERED=1
WORKDIR /app
RUN apt-get update && apt-get install -y --no-install-recommends libpq5 && rm -rf /var/lib/apt/lists/*
# What both need.
RUN pip install --no-cache-dir flask==3.0.3 psycopg2-binary==2.9.9
COPY . .
CMD ["python", "worker.py"]
//- docker-bake.hcl
group "default" {
  targets = ["web", "worker"]
}
target "web" {
  context = "web"
}
target "worker" {
  context = "worker"
}
`, 'file')).toMatchInlineSnapshot(`
  "- The COPY of line 7 of web/Dockerfile stays, and all after it: worker/Dockerfile is built with the folder worker, web/Dockerfile with the folder web.
  - COPY of line 7 of web/Dockerfile takes in files that change here (Dockerfile): they are in the image as they are then.
  - COPY of line 7 of worker/Dockerfile takes in files that change here (Dockerfile): they are in the image as they are then.
  web/Dockerfile 0 = Dockerfile web
  worker/Dockerfile 0 = Dockerfile worker
  //- Dockerfile is new
  FROM python:3.12-slim AS base
  ENV PYTHONUNBUFFERED=1
  WORKDIR /app
  RUN apt-get update && apt-get install -y --no-install-recommends libpq5 && rm -rf /var/lib/apt/lists/*
  # What both need.
  RUN pip install --no-cache-dir flask==3.0.3 psycopg2-binary==2.9.9

  FROM base AS web
  COPY . .
  EXPOSE 8000
  CMD ["flask", "run", "--host=0.0.0.0"]

  FROM base AS worker
  COPY . .
  CMD ["python", "worker.py"]
  //- web/Dockerfile is deleted
  //- worker/Dockerfile is deleted
  //- docker-bake.hcl
  group "default" {
    targets = ["web", "worker"]
  }
  target "web" {
    context = "web"
    dockerfile = "../Dockerfile"
    target     = "web"
  }
  target "worker" {
    context = "worker"
    dockerfile = "../Dockerfile"
    target     = "worker"
  }"
`);
});

test('the same by a tag: its name says what is in it', () => {
  expect(extracted(`//- web/Dockerfile
FROM python:3.12-slim
ENV PYTHONUNBUFFERED=1
WORKDIR /app
RUN apt-get update && apt-get install -y --no-install-recommends libpq5 && rm -rf /var/lib/apt/lists/*
# What both need.
RUN pip install --no-cache-dir flask==3.0.3 psycopg2-binary==2.9.9
COPY . .
EXPOSE 8000
CMD ["flask", "run", "--host=0.0.0.0"]
//- worker/Dockerfile
FROM python:3.12-slim
ENV PYTHONUNBUFFERED=1
WORKDIR /app
RUN apt-get update && apt-get install -y --no-install-recommends libpq5 && rm -rf /var/lib/apt/lists/*
# What both need.
RUN pip install --no-cache-dir flask==3.0.3 psycopg2-binary==2.9.9
COPY . .
CMD ["python", "worker.py"]
//- docker-bake.hcl
group "default" {
  targets = ["web", "worker"]
}
target "web" {
  context = "web"
}
target "worker" {
  context = "worker"
}
`, 'tag')).toMatchInlineSnapshot(`
  "- The COPY of line 7 of web/Dockerfile stays, and all after it: the tag is a digest of the base's text, and files of the context are not in it.
  - Where python:3.12-slim has ONBUILD triggers, they run when the base is built, and not with the context of each.
  - Before them the base is built: docker build -t python-base:sxuv3x0y6klkg -f Dockerfile.base .
  - The tag is a digest of its text: a change of it wants another tag, there and in them. For a builder other than the engine's own it has to be pushed.
  - COPY of line 7 of web/Dockerfile takes in files that change here (Dockerfile): they are in the image as they are then.
  - COPY of line 7 of worker/Dockerfile takes in files that change here (Dockerfile): they are in the image as they are then.
  web/Dockerfile 0 = web/Dockerfile
  worker/Dockerfile 0 = worker/Dockerfile
  $ docker build -t python-base:sxuv3x0y6klkg -f Dockerfile.base .
  //- Dockerfile.base is new
  # What web/Dockerfile and worker/Dockerfile begin with. Built before them: docker build -t python-base:sxuv3x0y6klkg -f Dockerfile.base .
  FROM python:3.12-slim
  ENV PYTHONUNBUFFERED=1
  WORKDIR /app
  RUN apt-get update && apt-get install -y --no-install-recommends libpq5 && rm -rf /var/lib/apt/lists/*
  # What both need.
  RUN pip install --no-cache-dir flask==3.0.3 psycopg2-binary==2.9.9
  //- web/Dockerfile
  FROM python-base:sxuv3x0y6klkg
  COPY . .
  EXPOSE 8000
  CMD ["flask", "run", "--host=0.0.0.0"]
  //- worker/Dockerfile
  FROM python-base:sxuv3x0y6klkg
  COPY . .
  CMD ["python", "worker.py"]"
`);
});

test('two services: the base is a service that nobody starts', () => {
  expect(extracted(`//- web/Dockerfile
FROM node:20
RUN npm install -g pnpm@9
CMD ["web"]
//- worker/Dockerfile
FROM node:20
RUN npm install -g pnpm@9
CMD ["worker"]
//- compose.yaml
services:
  web:
    build: web
  worker:
    build: ./worker
`, 'compose')).toMatchInlineSnapshot(`
  "- Where node:20 has ONBUILD triggers, they run when the base is built, and not with the context of each.
  web/Dockerfile 0 = web/Dockerfile
  worker/Dockerfile 0 = worker/Dockerfile
  //- Dockerfile.base is new
  # What web/Dockerfile and worker/Dockerfile begin with.
  FROM node:20
  RUN npm install -g pnpm@9
  //- web/Dockerfile
  FROM base
  CMD ["web"]
  //- worker/Dockerfile
  FROM base
  CMD ["worker"]
  //- compose.yaml
  services:
    base:
      build:
        context: .
        dockerfile: Dockerfile.base
      scale: 0
    web:
      build:
        context: web
        additional_contexts:
          base: service:base
    worker:
      build:
        context: ./worker
        additional_contexts:
          base: service:base"
`);
});

test('siblings of two stages: what the build stages begin with', () => {
  expect(extracted(`//- a/Dockerfile
FROM golang:1.22 AS build
RUN apt-get update && apt-get install -y protobuf-compiler
RUN go install example.org/gen@v1
COPY a .
RUN go build -o /out

FROM alpine:3.19
COPY --from=build /out /a
//- b/Dockerfile
FROM golang:1.22 AS build
RUN apt-get update && apt-get install -y protobuf-compiler
RUN go install example.org/gen@v1
COPY b .
RUN go build -o /out

FROM alpine:3.19
COPY --from=build /out /b
`, 'tag')).toMatchInlineSnapshot(`
  "- Before them the base is built: docker build -t golang-base:1nplm760yaampk -f Dockerfile.base .
  - The tag is a digest of its text: a change of it wants another tag, there and in them. For a builder other than the engine's own it has to be pushed.
  - COPY of line 4 of a/Dockerfile takes in files that change here (Dockerfile.base): they are in the image as they are then.
  - COPY of line 4 of b/Dockerfile takes in files that change here (Dockerfile.base): they are in the image as they are then.
  a/Dockerfile 0 = a/Dockerfile build
  b/Dockerfile 0 = b/Dockerfile build
  $ docker build -t golang-base:1nplm760yaampk -f Dockerfile.base .
  //- Dockerfile.base is new
  # What a/Dockerfile and b/Dockerfile begin with. Built before them: docker build -t golang-base:1nplm760yaampk -f Dockerfile.base .
  FROM golang:1.22
  RUN apt-get update && apt-get install -y protobuf-compiler
  RUN go install example.org/gen@v1
  //- a/Dockerfile
  FROM golang-base:1nplm760yaampk AS build
  COPY a .
  RUN go build -o /out

  FROM alpine:3.19
  COPY --from=build /out /a
  //- b/Dockerfile
  FROM golang-base:1nplm760yaampk AS build
  COPY b .
  RUN go build -o /out

  FROM alpine:3.19
  COPY --from=build /out /b"
`);
});

test('within a file: numbers count the new stage', () => {
  expect(extracted(`//- Dockerfile
FROM busybox
RUN prepare

FROM debian:12 AS a
RUN make tools
COPY --from=0 /x /x
RUN a

FROM debian:12 AS b
RUN make tools
COPY --from=a /x /x
RUN --mount=type=bind,from=1,target=/a b

FROM alpine
COPY --from=2 /b /b
COPY --from=0 /x /x
`, 'stage')).toMatchInlineSnapshot(`
  "Dockerfile 1 = Dockerfile a
  Dockerfile 2 = Dockerfile b
  //- Dockerfile
  FROM busybox
  RUN prepare

  FROM debian:12 AS base
  RUN make tools

  FROM base AS a
  COPY --from=0 /x /x
  RUN a

  FROM base AS b
  COPY --from=a /x /x
  RUN --mount=type=bind,from=2,target=/a b

  FROM alpine
  COPY --from=3 /b /b
  COPY --from=0 /x /x"
`);
});

test('one file of two that name their stages alike', () => {
  expect(extracted(`//- a/Dockerfile
FROM golang:1.22 AS build
RUN go install example.org/gen@v1
RUN go build a
FROM alpine:3.19 AS final
COPY --from=build /a /a
COPY --from=0 /a /a2
//- b/Dockerfile
FROM golang:1.22 AS build
RUN go install example.org/gen@v1
RUN go build b
FROM alpine:3.19 AS final
COPY --from=build /b /b
`, 'file')).toMatchInlineSnapshot(`
  "- a stays the context of its build, of which nothing is read: git keeps no folder that is empty.
  - They are built by docker build -f Dockerfile --target a a, docker build -f Dockerfile --target b b from now on.
  a/Dockerfile 0 = Dockerfile a-build
  b/Dockerfile 0 = Dockerfile b-build
  //- Dockerfile is new
  FROM golang:1.22 AS base
  RUN go install example.org/gen@v1

  FROM base AS a-build
  RUN go build a
  FROM alpine:3.19 AS a
  COPY --from=a-build /a /a
  COPY --from=a-build /a /a2

  FROM base AS b-build
  RUN go build b
  FROM alpine:3.19 AS b
  COPY --from=b-build /b /b
  //- a/Dockerfile is deleted
  //- b/Dockerfile is deleted"
`);
});

test('base is a stage already', () => {
  expect(extracted(`//- Dockerfile
FROM alpine AS base
FROM debian:12 AS a
RUN make tools
RUN a
FROM debian:12 AS b
RUN make tools
`, 'stage')).toMatchInlineSnapshot(`
  "Dockerfile 1 = Dockerfile a
  Dockerfile 2 = Dockerfile
  //- Dockerfile
  FROM alpine AS base
  FROM debian:12 AS common
  RUN make tools

  FROM common AS a
  RUN a
  FROM common AS b"
`);
});

test('base is a target, and base-2 a file', () => {
  expect(extracted(`//- a/Dockerfile
FROM debian:12
RUN make tools
RUN a
//- b/Dockerfile
FROM debian:12
RUN make tools
//- Dockerfile.base-2
FROM scratch
//- docker-bake.hcl
target "base" {
  context = "base"
}
target "a" {
  context = "a"
}
target "b" {
  context = "b"
}
`, 'bake')).toMatchInlineSnapshot(`
  "- Where debian:12 has ONBUILD triggers, they run when the base is built, and not with the context of each.
  a/Dockerfile 0 = a/Dockerfile
  b/Dockerfile 0 = b/Dockerfile
  //- Dockerfile.base-3 is new
  # What a/Dockerfile and b/Dockerfile begin with.
  FROM debian:12
  RUN make tools
  //- a/Dockerfile
  FROM base-3
  RUN a
  //- b/Dockerfile
  FROM base-3
  //- docker-bake.hcl
  target "base" {
    context = "base"
  }
  target "a" {
    context = "a"
    contexts = { base-3 = "target:base-3" }
  }
  target "b" {
    context = "b"
    contexts = { base-3 = "target:base-3" }
  }

  target "base-3" {
    context    = "."
    dockerfile = "Dockerfile.base-3"
  }"
`);
});

test('base is an image', () => {
  expect(extracted(`//- a/Dockerfile
FROM base
RUN make tools
RUN a
//- b/Dockerfile
FROM base
RUN make tools
`, 'bake')).toMatchInlineSnapshot(`
  "- Where base has ONBUILD triggers, they run when the base is built, and not with the context of each.
  a/Dockerfile 0 = a/Dockerfile
  b/Dockerfile 0 = b/Dockerfile
  //- Dockerfile.base-2 is new
  # What a/Dockerfile and b/Dockerfile begin with.
  FROM base
  RUN make tools
  //- a/Dockerfile
  FROM base-2
  RUN a
  //- b/Dockerfile
  FROM base-2
  //- docker-bake.hcl is new
  group "default" {
    targets = ["a", "b"]
  }

  target "base-2" {
    context    = "."
    dockerfile = "Dockerfile.base-2"
  }

  target "a" {
    context    = "a"
    dockerfile = "Dockerfile"
    contexts   = { base-2 = "target:base-2" }
  }

  target "b" {
    context    = "b"
    dockerfile = "Dockerfile"
    contexts   = { base-2 = "target:base-2" }
  }"
`);
});

test('what siblings share, and where one has drifted', () => {
  expect(familiesIn(`//- a/Dockerfile
FROM debian:12
ENV TOOL_VERSION=1.2.3
RUN apt-get update && apt-get install -y libpq5
RUN curl -o tool https://example.org/1.2.3
RUN tool a
//- b/Dockerfile
FROM debian:12
ENV TOOL_VERSION=1.2.3
RUN apt-get update && apt-get install -y libpq5
RUN curl -o tool https://example.org/1.2.3
RUN tool b
//- c/Dockerfile
FROM debian:12
ENV TOOL_VERSION=1.2.4
RUN apt-get update && apt-get install -y libpq5
RUN curl -o tool https://example.org/1.2.4
RUN tool c
//- d/Dockerfile
FROM debian:11
ENV TOOL_VERSION=1.2.3
RUN apt-get update && apt-get install -y libpq5
RUN curl -o tool https://example.org/1.2.3
`)).toMatchInlineSnapshot(`
  "a/Dockerfile 0, b/Dockerfile 0, c/Dockerfile 0, d/Dockerfile 0 on several bases
  near: ENV TOOL_VERSION=1.2.3 (a/Dockerfile:2, b/Dockerfile:2, c/Dockerfile:2, d/Dockerfile:2)
  same-step: ENV TOOL_VERSION=1.2.3 (a/Dockerfile:2, b/Dockerfile:2, d/Dockerfile:2)
  same-layer: ENV TOOL_VERSION=1.2.3 (a/Dockerfile:2, b/Dockerfile:2)
  same-step: RUN apt-get update && apt-get install -y libpq5 (a/Dockerfile:3, b/Dockerfile:3, c/Dockerfile:3, d/Dockerfile:3)
  same-layer: RUN apt-get update && apt-get install -y libpq5 (a/Dockerfile:3, b/Dockerfile:3)
  near: RUN curl -o tool https://example.org/1.2.3 (a/Dockerfile:4, b/Dockerfile:4, c/Dockerfile:4, d/Dockerfile:4)
  same-step: RUN curl -o tool https://example.org/1.2.3 (a/Dockerfile:4, b/Dockerfile:4, d/Dockerfile:4)
  same-layer: RUN curl -o tool https://example.org/1.2.3 (a/Dockerfile:4, b/Dockerfile:4)
  drift: d/Dockerfile:1 FROM debian:11, others FROM debian:12
  drift: c/Dockerfile:2 ENV TOOL_VERSION=1.2.4, others ENV TOOL_VERSION=1.2.3
  drift: c/Dockerfile:4 RUN curl -o tool https://example.org/1.2.4, others RUN curl -o tool https://example.org/1.2.3
  candidate: a/Dockerfile 0, b/Dockerfile 0 saves 3 instructions, 3 lines
  saves 3 instructions, 2 layers"
`);
});

test('habits make no family', () => {
  expect(familiesIn(`//- a/Dockerfile
FROM node:20
WORKDIR /app
COPY package*.json ./
RUN npm ci
COPY . .
//- b/Dockerfile
FROM node:18-alpine
WORKDIR /app
COPY package*.json ./
RUN npm ci
COPY . .
`)).toMatchInlineSnapshot(`""`);
});
