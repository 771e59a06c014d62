/** The builds that a project writes down: its files in, contexts, Dockerfiles, arguments and targets out. */
import { expect, test } from 'vitest';
import { isDefinitionFile } from '../src/workspace/builds/builds';
import { builds, buildsFor } from './builds';

test('Compose: a text or a mapping, each path from where it counts', () => {
  expect(builds(`
//- deploy/compose.yaml
services:
  web:
    build: ../web
  api:
    build:
      context: ../api
      dockerfile: docker/Dockerfile.prod
      target: run
      args: { PORT: 8080, DEBUG: false, VERSION: 1.10 }
      additional_contexts:
        - base=docker-image://alpine:3.20
        - shared=../shared
        - web=service:web
      platforms: [linux/amd64, linux/arm64]
      tags: [example/api:1]
      no_cache: true
  tool:
    build:
      dockerfile_inline: |
        FROM alpine
  git:
    build: https://github.com/example/app.git#main
  db:
    image: postgres
`)).toMatchInlineSnapshot(`
  "compose web ‹web›: web/Dockerfile in web
  compose api ‹api›: api/docker/Dockerfile.prod in api, target run, no cache
    PORT = "8080"
    DEBUG = "false"
    VERSION = "1.1"
    context base: image alpine:3.20
    context shared: shared
    context web: build web
    for linux/amd64, linux/arm64
    tagged example/api:1
  compose tool ‹tool›: a Dockerfile inline in deploy
  compose git ‹git›: no Dockerfile in https://github.com/example/app.git#main"
`);
});

test('Compose: variables, from .env and from the environment', () => {
  const project = `
//- .env
TAG=1.2
GREETING="a b" # twice
NEXT=\${TAG}.1
//- compose.yaml
services:
  web:
    build:
      context: \${DIR:-web}
      args:
        - TAG
        - NEXT=$NEXT
        - GREETING=\${GREETING}
        - PRICE=$$5
        - EMPTY=\${NOT_SET}
        - NOT_GIVEN
        - SET=\${NOT_SET+yes}
`;
  expect(builds(project, { DIR: 'site', TAG: '2' })).toMatchInlineSnapshot(`
    "compose web ‹web›: site/Dockerfile in site
      TAG = "2"
      NEXT = "2.1"
      GREETING = "a b"
      PRICE = "$5"
      EMPTY = ""
      SET = """
  `);
  // Of which machine, nobody knows.
  expect(builds(project)).toMatchInlineSnapshot(`
    "compose web ‹web›: web/Dockerfile in web
      TAG = "1.2"
      NEXT = "1.2.1"
      GREETING = "a b"
      PRICE = "$5"
      EMPTY = not known
      NOT_GIVEN = not known
      SET = not known
      ~ The argument EMPTY is not known: the variable NOT_SET is set nowhere in the project.
      ~ The argument NOT_GIVEN is not known: it is taken from the environment.
      ~ The argument SET is not known: the variable NOT_SET is set nowhere in the project."
  `);
});

test('Compose: anchors, merge keys, extends, include and an override', () => {
  expect(builds(`
//- compose.yml
include: [parts/db.yml, { path: parts/compose.yaml, project_directory: . }]
x-build: &build
  context: .
  args: { A: "1", B: "1" }
services:
  one:
    build:
      <<: *build
      target: one
  two:
    extends: one
    build: { args: { B: "2" } }
  three:
    extends: { file: base/common.yml, service: base }
//- compose.override.yml
services:
  one:
    build: { args: [C=3], target: debug }
  three: !reset null
//- compose.test.yml
services:
  one:
    build: { target: test }
//- parts/db.yml
services:
  db: { build: { context: db, dockerfile: ../Dockerfile.db } }
//- parts/compose.yaml
services:
  part: { build: part }
//- base/common.yml
services:
  base: { build: { context: src } }
`, {})).toMatchInlineSnapshot(`
  "compose one ‹one›: Dockerfile in ., target debug
    A = "1"
    B = "1"
    C = "3"
  compose two ‹two›: Dockerfile in ., target one
    A = "1"
    B = "2"
  compose db ‹db›: parts/Dockerfile.db in parts/db
  compose part ‹part›: part/Dockerfile in part
  compose one ‹one›: Dockerfile in ., target test
    A = "1"
    B = "1"
    C = "3""
`);
});

test('Compose: what is wrong is said, and the rest goes on', () => {
  expect(builds(`
//- a/compose.yaml
web:
  build: .
//- b/compose.yaml
services:
  a: { extends: b, build: . }
  b: { extends: a }
  c: { extends: { file: gone.yaml, service: x }, build: { target: t } }
  d: { build: { contxt: . } }
//- c/compose.yaml
services:
  a: { build: .
//- d/compose.yaml
include: [compose.yaml, gone.yaml]
services: [a]
//- e/compose.yaml
services:
  a: { build: { args: { V: "\${V:?set it}", W: "\${W" } } }
`, {})).toMatchInlineSnapshot(`
  "compose a ‹a›: no Dockerfile in b
    ~ What a extends is not known: it extends itself.
  compose b ‹b›: no Dockerfile in b
    ~ What b extends is not known: it extends itself.
  compose c ‹c›: no Dockerfile in ? (What it extends is not known.), target t
    ~ What c extends is not known: gone.yaml is not there.
  compose d ‹d›: b/Dockerfile in b
  compose a ‹a›: e/Dockerfile in e
    V = not known
    W = not known
    ~ The argument V is not known.
    ~ The argument W is not known.
  ! a/compose.yaml ‹web›: This is a Compose file of version 1, without "services": Compose no longer reads it.
  ! b/compose.yaml ‹a›: The service a extends itself.
  ! b/compose.yaml ‹b›: The service b extends itself.
  ! b/compose.yaml ‹contxt›: A build of Compose has no contxt.
  ! c/compose.yaml ‹›: This is no YAML: Flow map in block collection must be sufficiently indented and end with a }.
  ! d/compose.yaml ‹services›: "services" is an object of services.
  ! d/compose.yaml ‹include›: d/compose.yaml is included from within itself.
  ! e/compose.yaml ‹a›: The variable V is needed: set it.
  ! e/compose.yaml ‹a›: \${W is no template: its } is missing.
  ? b/gone.yaml
  ? d/gone.yaml"
`);
});

test('Bake: what is inherited, in its order', () => {
  expect(builds(`
//- docker-bake.hcl
group "default" { targets = ["app", "docs"] }
target "_common" {
  args = { GO_VERSION = "1.22", DEBUG = null }
  platforms = ["linux/amd64"]
}
target "_late" { args = { GO_VERSION = 1.23 } }
target "app" {
  inherits = ["_common", "_late"]
  context = "app"
  dockerfile = "build/Dockerfile"
  target = "release"
  contexts = { base = "target:base", alpine = "docker-image://alpine:3.20", src = "./src", none = "" }
  tags = ["example/app", "", "example/app"]
}
target "base" {}
target "docs" {
  inherits = ["_common"]
  dockerfile-inline = <<-EOT
    FROM alpine
    RUN echo $\${HOME}
  EOT
  no-cache = true
}
//- docker-bake.override.hcl
target "app" { args = { GO_VERSION = "1.24" } }
`)).toMatchInlineSnapshot(`
  "bake _common ‹target "_common"›: Dockerfile in ., inherited
    GO_VERSION = "1.22"
    for linux/amd64
  bake _late ‹target "_late"›: Dockerfile in ., inherited
    GO_VERSION = "1.23"
  bake app ‹target "app"›: app/build/Dockerfile in app, target release
    GO_VERSION = "1.24"
    context alpine: image alpine:3.20
    context base: build base
    context src: src
    for linux/amd64
    tagged example/app
  bake base ‹target "base"›: Dockerfile in .
  bake docs ‹target "docs"›: a Dockerfile inline in ., no cache
    GO_VERSION = "1.22"
    for linux/amd64"
`);
});

test('Bake: variables, the matrix, functions and references', () => {
  const project = `
//- docker-bake.hcl
variable "TAG" { default = "dev" }
variable "LIST" {
  type = list(string)
  default = ["a", "b"]
}
variable "OWNER" {}
function "tag" {
  params = [name]
  variadic_params = more
  result = [for t in concat([TAG], more): "example/\${name}:\${t}" if t != ""]
}
target "img" {
  name = "img-\${item.name}-\${replace(version, ".", "-")}"
  matrix = {
    item = [{ name = "x", stage = "dev" }, { name = "y", stage = "prod" }]
    version = ["1.0", "2.0"]
  }
  target = item.stage
  args = {
    VERSION = version
    MAJOR = split(".", version)[0]
    SUM = 1 + 2 * 3
    LATEST = version == "2.0" ? true : "no"
    ALL = join(",", [for l in LIST: upper(l)])
    TEXT = "%{ if TAG != "dev" }release%{ else }dev%{ endif }"
  }
  tags = tag(item.name, LIST...)
}
target "other" {
  context = target.img-x-1-0.args.MAJOR
  args = { OWNER = OWNER, NOW = timestamp(), HOME = homedir() }
}
`;
  expect(builds(project, { TAG: 'v1', LIST: 'c' })).toMatchInlineSnapshot(`
    "bake img-x-1-0 ‹target "img"›: Dockerfile in ., target dev
      ALL = "C"
      LATEST = "no"
      MAJOR = "1"
      SUM = "7"
      TEXT = "release"
      VERSION = "1.0"
      tagged example/x:v1, example/x:c
    bake img-y-1-0 ‹target "img"›: Dockerfile in ., target prod
      ALL = "C"
      LATEST = "no"
      MAJOR = "1"
      SUM = "7"
      TEXT = "release"
      VERSION = "1.0"
      tagged example/y:v1, example/y:c
    bake img-x-2-0 ‹target "img"›: Dockerfile in ., target dev
      ALL = "C"
      LATEST = "true"
      MAJOR = "2"
      SUM = "7"
      TEXT = "release"
      VERSION = "2.0"
      tagged example/x:v1, example/x:c
    bake img-y-2-0 ‹target "img"›: Dockerfile in ., target prod
      ALL = "C"
      LATEST = "true"
      MAJOR = "2"
      SUM = "7"
      TEXT = "release"
      VERSION = "2.0"
      tagged example/y:v1, example/y:c
    bake other ‹target "other"›: 1/Dockerfile in 1
      HOME = not known
      NOW = not known
      OWNER = ""
      ~ The argument HOME is not known: homedir() is not evaluated here.
      ~ The argument NOW is not known: timestamp() is not evaluated here."
  `);
  expect(builds(project).split('\n').slice(-10).join('\n')).toMatchInlineSnapshot(`
    "  TEXT = "dev"
      VERSION = "2.0"
      tagged example/y:dev, example/y:a, example/y:b
    bake other ‹target "other"›: 1/Dockerfile in 1
      HOME = not known
      NOW = not known
      OWNER = not known
      ~ The argument HOME is not known: homedir() is not evaluated here.
      ~ The argument NOW is not known: timestamp() is not evaluated here.
      ~ The argument OWNER is not known: the variable OWNER has no default and comes from the environment."
  `);
});

test('Bake: JSON, and a file that is run from the root', () => {
  expect(builds(`
//- docker-bake.json
{ "variable": { "V": { "default": "1" } },
  "target": { "app": { "context": "app", "args": { "V": "v\${V}" } } } }
//- ci/images.bake.hcl
target "ci" { dockerfile = "ci/Dockerfile" }
//- ci/Dockerfile
FROM alpine
`)).toMatchInlineSnapshot(`
  "bake app ‹"app"›: app/Dockerfile in app
    V = "v1"
  bake ci ‹target "ci"›: ci/Dockerfile in ."
`);
});

test('Bake: what is wrong is said, and the rest goes on', () => {
  expect(builds(`
//- docker-bake.hcl
variable "A" { default = B }
variable "B" { default = A }
target "a" {
  inherits = ["b"]
  args = { A = A, X = nothing(1), D = 1 / 0, E = [1][3] }
}
target "b" { inherits = ["a", "gone"] }
target "c" {
  context = "c
  dockerfile = "x"
}
target "d" { context = ( }
target "e" { matrix = { x = "y" } }
target "f" { target = target.f.target }
service "g" {}
`, {})).toMatchInlineSnapshot(`
  "bake a ‹target "a"›: Dockerfile in ., inherited
    A = not known
    D = not known
    E = not known
    X = not known
    ~ The argument A is not known: the variable A is made of itself.
    ~ The argument D is not known: this divides by zero.
    ~ The argument E is not known: there is no element 3 in a list of 1.
    ~ The argument X is not known: there is no function nothing().
  bake b ‹target "b"›: Dockerfile in ., inherited
    A = not known
    D = not known
    E = not known
    X = not known
    ~ The argument A is not known: the variable A is made of itself.
    ~ The argument D is not known: this divides by zero.
    ~ The argument E is not known: there is no element 3 in a list of 1.
    ~ The argument X is not known: there is no function nothing().
  bake c ‹target "c"›: no Dockerfile in ? (it cannot be read.)
    ~ The context is not known: it cannot be read.
    ~ Which Dockerfile it is depends on the context, which is not known.
  bake d ‹target "d"›: no Dockerfile in ? (it cannot be read.)
    ~ The context is not known: it cannot be read.
    ~ Which Dockerfile it is depends on the context, which is not known.
  bake f ‹target "f"›: Dockerfile in ., target not known
    ~ The target stage is not known: target.f.target is made of itself.
  ! docker-bake.hcl ‹"›: The " that ends this is missing.
  ! docker-bake.hcl ‹}›: Here a value is expected.
  ! docker-bake.hcl ‹service "g"›: Bake has no block service.
  ! docker-bake.hcl ‹B›: The variable A is refused: the variable A is made of itself.
  ! docker-bake.hcl ‹A›: The variable B is refused: the variable A is made of itself.
  ! docker-bake.hcl ‹{ x = "y" }›: In a matrix, x is a list.
  ! docker-bake.hcl ‹{ A = A, X = nothing(1), D = 1 / 0, E = [1][3] }›: The target a is refused: the variable A is made of itself.
  ! docker-bake.hcl ‹target.f.target›: The target f is refused: target.f.target is made of itself.
  ! docker-bake.hcl ‹target "a"›: The target a inherits from itself.
  ! docker-bake.hcl ‹target "b"›: The target b inherits from gone, which is not there.
  ! docker-bake.hcl ‹target "b"›: The target b inherits from itself."
`);
});

test('devcontainer.json, both its forms', () => {
  expect(builds(`
//- .devcontainer/devcontainer.json
{ // with comments
  "name": "dev",
  "build": { "dockerfile": "Dockerfile", "context": "..", "args": { "V": "\${localEnv:V:18}", "U": "\${localEnv:U}" }, "target": "dev", },
}
//- old/.devcontainer/devcontainer.json
{ "dockerFile": "../Dockerfile" }
//- image/.devcontainer.json
{ "image": "debian" }
//- bad/.devcontainer.json
{ "build": 
`)).toMatchInlineSnapshot(`
  "devcontainer dev ‹"Dockerfile"›: .devcontainer/Dockerfile in ., target dev
    V = "18"
    U = not known
    ~ The argument U is not known: U is set nowhere in the project.
  devcontainer devcontainer ‹"../Dockerfile"›: old/Dockerfile in old/.devcontainer
  ! bad/.devcontainer.json ‹›: This is no JSON: ValueExpected."
`);
});

test('workflows: the action, its matrix, and run lines', () => {
  expect(builds(`
//- .github/workflows/build.yml
env: { NODE: 20 }
jobs:
  images:
    strategy:
      matrix:
        image: [web, api]
        version: ["1", "2"]
        exclude: [{ image: api, version: "1" }]
        include: [{ image: api, extra: yes }]
    steps:
      - uses: actions/checkout@v4
      - name: Build \${{ matrix.image }}
        uses: docker/build-push-action@v6
        with:
          context: ./\${{ matrix.image }}
          build-args: |
            VERSION=\${{ matrix.version }}
            EXTRA=\${{ matrix.extra }}
            SHA=\${{ github.sha }}
            NODE=\${{ env.NODE }}
          build-contexts: shared=./shared
          platforms: linux/amd64,linux/arm64
          tags: \${{ steps.meta.outputs.tags }}
          target: run
      - uses: docker/build-push-action@v6
        with: { file: docker/Dockerfile.ci }
      - uses: docker/build-push-action@v6
        with: { context: "{{defaultContext}}:sub" }
      - uses: docker/build-push-action@v6
        with: { context: "\${{ inputs.dir }}" }
      - run: |
          cd tools && docker build -t tools:\${{ github.sha }} .
        working-directory: ops
  dynamic:
    strategy: { matrix: "\${{ fromJSON(needs.x.outputs.matrix) }}" }
    steps:
      - uses: docker/build-push-action@v6
        with: { context: ., file: "\${{ matrix.file }}" }
`)).toMatchInlineSnapshot(`
  "workflow Build web ‹uses›: web/Dockerfile in web, target run
    VERSION = "1"
    EXTRA = ""
    SHA = not known
    NODE = "20"
    context shared: shared
    for linux/amd64, linux/arm64
    ~ The argument SHA is not known: \${{ github.sha }}.
    ~ A tag is not known: \${{ steps.meta.outputs.tags }}.
  workflow Build web ‹uses›: web/Dockerfile in web, target run
    VERSION = "2"
    EXTRA = ""
    SHA = not known
    NODE = "20"
    context shared: shared
    for linux/amd64, linux/arm64
    ~ The argument SHA is not known: \${{ github.sha }}.
    ~ A tag is not known: \${{ steps.meta.outputs.tags }}.
  workflow Build api ‹uses›: api/Dockerfile in api, target run
    VERSION = "2"
    EXTRA = "yes"
    SHA = not known
    NODE = "20"
    context shared: shared
    for linux/amd64, linux/arm64
    ~ The argument SHA is not known: \${{ github.sha }}.
    ~ A tag is not known: \${{ steps.meta.outputs.tags }}.
  workflow images ‹uses›: docker/Dockerfile.ci in {{defaultContext}}
  workflow images ‹uses›: sub/Dockerfile in {{defaultContext}}:sub
  workflow images ‹uses›: no Dockerfile in ? (The context is not known: \${{ inputs.dir }}.)
    ~ The context is not known: \${{ inputs.dir }}.
    ~ Which Dockerfile it is depends on the context, which is not known.
  workflow images ‹run›: ops/tools/Dockerfile in ops/tools
    ~ A tag is not known: it has a variable in it.
  workflow dynamic ‹uses›: no Dockerfile in .
    ~ The Dockerfile is not known: \${{ matrix.file }}."
`);
});

test('scripts: plain lines only', () => {
  expect(builds(`
//- Makefile
image: deps
	docker build -t app:$(TAG) --build-arg VERSION=$(VERSION) --build-arg=MODE=prod --target run -f docker/Dockerfile .
tools:
	@cd tools && docker buildx build --platform linux/amd64,linux/arm64 --push \\
	  --build-context base=docker-image://alpine .
other:
	docker build $(CURDIR)/other
	docker build $(DIR)
	docker build --new-flag x .
//- ci/build.sh
#!/bin/sh
# docker build comment
set -e && docker build -f ci/Dockerfile --no-cache . # now
echo "docker build ."
//- ci/Dockerfile
FROM alpine
//- package.json
{ "scripts": { "image": "npm run x && sudo docker image build -fDockerfile.dev 'my app'" } }
`)).toMatchInlineSnapshot(`
  "script image ‹docker build -t app:$(TAG) --build-arg VERSION=$(VERSION) --build-arg=MODE=prod --target run -f docker/Dockerfile .›: docker/Dockerfile in ., target run
    VERSION = not known
    MODE = "prod"
    ~ The argument VERSION is not known: it has a variable in it.
    ~ A tag is not known: it has a variable in it.
  script tools ‹docker buildx build --platform linux/amd64,linux/arm64 --push \\ …›: tools/Dockerfile in tools
    context base: image alpine
    for linux/amd64, linux/arm64
  script other ‹docker build $(CURDIR)/other›: other/Dockerfile in other
  script docker build ‹docker build -f ci/Dockerfile --no-cache .›: ci/Dockerfile in ., no cache
  script image ‹"image": "npm run x && sudo docker image build -fDockerfile.dev 'my app'"›: Dockerfile.dev in my app"
`);
});

test('the builds of one Dockerfile', () => {
  const project = `
//- compose.yaml
services:
  a: { build: . }
  b: { build: { context: ., target: dev } }
//- docker-bake.hcl
group "default" { targets = ["b"] }
target "b" { inherits = ["a"] }
target "a" {}
//- sub/Dockerfile
//- sub/own.txt
//- package.json
`;
  expect(buildsFor('Dockerfile', project)).toMatchInlineSnapshot(`
    "bake b ‹target "b"›: Dockerfile in .
    compose a ‹a›: Dockerfile in .
    compose b ‹b›: Dockerfile in ., target dev"
  `);
  expect(buildsFor('sub/Dockerfile', project, ['own.txt'])).toMatchInlineSnapshot(`"folder sub: sub/Dockerfile in sub"`);
  expect(buildsFor('sub/Dockerfile', project, ['package.json', 'sub/own.txt', '$X'])).toMatchInlineSnapshot(`"folder the workspace: sub/Dockerfile in ."`);
});

test('the files that say how something is built', () => {
  const names = [
    'compose.yaml', 'a/docker-compose.dev.yml', 'compose-ci.yml', 'my-compose.yaml', 'docker-bake.json', 'x.bake.hcl', 'main.hcl', '.devcontainer/devcontainer.json',
    '.github/workflows/a.yml', 'a/.github/workflows/a.yml', 'Makefile', 'a/b.sh', 'package.json', 'node_modules/a/package.json', '.env', 'prod.env',
  ];
  expect(names.filter(isDefinitionFile).join(' ')).toMatchInlineSnapshot(`"compose.yaml a/docker-compose.dev.yml compose-ci.yml docker-bake.json x.bake.hcl .devcontainer/devcontainer.json .github/workflows/a.yml Makefile a/b.sh package.json .env"`);
});
