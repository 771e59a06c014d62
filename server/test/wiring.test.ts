/** A Bake or Compose file before, what is asked for, and the file after it; or the sentence that says what is in the way. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { definitionsIn } from '../src/workspace/builds/builds';
import { wired, type AddedBuild, type Wiring } from '../src/workspace/builds/wiring';

const base: AddedBuild = { name: 'base', context: '.', dockerfile: 'base.Dockerfile', args: {}, platforms: [], contexts: {} };
const add = (more: Partial<AddedBuild> = {}): Wiring => ({ kind: 'add', build: { ...base, ...more } });
const context = (build: string, name = 'base'): Wiring => ({ kind: 'context', build, name, of: 'base' });
const drop = (build: string, name = 'base'): Wiring => ({ kind: 'drop-context', build, name });
const dockerfile = (build: string, path: string, target?: string): Wiring => ({ kind: 'dockerfile', build, dockerfile: path, target });
const remove: Wiring = { kind: 'remove', build: 'base' };
const hcl = 'docker-bake.hcl';
const json = 'docker-bake.json';
const yaml = 'compose.yaml';

function after(file: string, text: string | undefined, ...changes: Wiring[]): string {
  const result = wired(file, text?.replace(/^\n/, ''), changes);
  return 'text' in result ? `\n${result.text}` : `✗ ${result.refused}`;
}

/** The target that the others stand on is there already. */
const based = 'target "base" {\n  dockerfile = "base.Dockerfile"\n}\n';
const service = '  base:\n    build: ./base\n    scale: 0\n';

test('bake: a target at the end, a context behind the last attribute, the rest byte for byte', () => {
  expect(after(hcl, `
# What we ship.
group "default" { targets = ["web"] }

target "web" {
  context    = "."
  dockerfile = "web.Dockerfile" // a stage each
}
`, add(), context('web'))).toMatchInlineSnapshot(`
  "
  # What we ship.
  group "default" { targets = ["web"] }

  target "web" {
    context    = "."
    dockerfile = "web.Dockerfile" // a stage each
    contexts   = { base = "target:base" }
  }

  target "base" {
    context    = "."
    dockerfile = "base.Dockerfile"
  }
  "
`);
});

test('bake: all that an added target may have', () => {
  expect(after('deploy/docker-bake.hcl', '', add({
    context: 'app', dockerfile: 'docker/base.Dockerfile', target: 'prod', args: { VERSION: '1.0', 'a.b': '${X} "y"\\' }, platforms: ['linux/amd64', 'linux/arm64'],
    contexts: { node: { kind: 'image', reference: 'node:20' }, lib: { kind: 'folder', path: 'lib' }, repo: { kind: 'remote', url: 'https://example.org/a.git' }, other: { kind: 'build', name: 'x' } },
  }))).toMatchInlineSnapshot(`
    "
    target "base" {
      context    = "../app"
      dockerfile = "../docker/base.Dockerfile"
      target     = "prod"
      platforms  = ["linux/amd64", "linux/arm64"]
      contexts = {
        node  = "docker-image://node:20"
        lib   = "../lib"
        repo  = "https://example.org/a.git"
        other = "target:x"
      }
      args = {
        VERSION = "1.0"
        "a.b"   = "$\${X} \\"y\\"\\\\"
      }
    }
    "
  `);
});

test('bake: blocks on one line, empty blocks', () => {
  expect(after(hcl, `
${based}target "a" { context = "." }
target "b" {}
target "c" {
}
target "d" {
  # nothing yet
}`, context('a'), context('b'), context('c'), context('d'))).toMatchInlineSnapshot(`
  "
  target "base" {
    dockerfile = "base.Dockerfile"
  }
  target "a" {
    contexts = { base = "target:base" }
    context = "."
  }
  target "b" { contexts = { base = "target:base" } }
  target "c" {
    contexts = { base = "target:base" }
  }
  target "d" {
    # nothing yet
    contexts = { base = "target:base" }
  }"
`);
});

test('bake: an object of contexts on one line and on many', () => {
  expect(after(hcl, `
${based}target "a" {
  contexts = { lib = "./lib" }
}
target "b" {
  contexts = {
    lib        = "./lib"
    "node:20"  = "docker-image://node:22" # newer
  }
  tags = ["b"]
}
target "c" {
  contexts = {
    lib: "./lib",
  }
}
target "d" {
  contexts = {}
}
`, context('a'), context('b'), context('c'), context('d'))).toMatchInlineSnapshot(`
  "
  target "base" {
    dockerfile = "base.Dockerfile"
  }
  target "a" {
    contexts = { lib = "./lib", base = "target:base" }
  }
  target "b" {
    contexts = {
      lib        = "./lib"
      "node:20"  = "docker-image://node:22" # newer
      base       = "target:base"
    }
    tags = ["b"]
  }
  target "c" {
    contexts = {
      lib: "./lib",
      base: "target:base",
    }
  }
  target "d" {
    contexts = {base = "target:base"}
  }
  "
`);
  expect(after(hcl, `${based}target "a" {\n  contexts = {\n    lib = "lib"\n  }\n}\n`, context('a', 'node:20-alpine'))).toMatchInlineSnapshot(`
    "
    target "base" {
      dockerfile = "base.Dockerfile"
    }
    target "a" {
      contexts = {
        lib = "lib"
        "node:20-alpine" = "target:base"
      }
    }
    "
  `);
});

test('bake: carriage returns and a missing line break at the end stay', () => {
  expect(JSON.stringify(after(hcl, 'target "a" {\r\n\tcontext = "."\r\n}', add(), context('a')))).toMatchInlineSnapshot(`""\\ntarget \\"a\\" {\\r\\n\\tcontext = \\".\\"\\r\\n\\tcontexts = { base = \\"target:base\\" }\\r\\n}\\r\\n\\r\\ntarget \\"base\\" {\\r\\n\\tcontext    = \\".\\"\\r\\n\\tdockerfile = \\"base.Dockerfile\\"\\r\\n}""`);
});

test('bake: heirs, blocks that merge', () => {
  const text = `
${based}target "_common" {
  args = { A = "1" }
}
target "web" {
  inherits = ["_common"]
}
target "api" {
  inherits = ["_common"]
}
target "web" {
  contexts = { lib = "./lib" }
}
`;
  expect(after(hcl, text, context('web'))).toMatchInlineSnapshot(`
    "
    target "base" {
      dockerfile = "base.Dockerfile"
    }
    target "_common" {
      args = { A = "1" }
    }
    target "web" {
      inherits = ["_common"]
    }
    target "api" {
      inherits = ["_common"]
    }
    target "web" {
      contexts = { lib = "./lib", base = "target:base" }
    }
    "
  `);
  expect(after(hcl, text, context('_common'))).toMatchInlineSnapshot(`"✗ The target "web" in docker-bake.hcl would change as well: it shares what is written there."`);
  // With the parent, the heirs have it.
  expect(after(hcl, text, context('_common'), context('web'), context('api'))).toMatchInlineSnapshot(`
    "
    target "base" {
      dockerfile = "base.Dockerfile"
    }
    target "_common" {
      args = { A = "1" }
      contexts = { base = "target:base" }
    }
    target "web" {
      inherits = ["_common"]
    }
    target "api" {
      inherits = ["_common"]
    }
    target "web" {
      contexts = { lib = "./lib" }
    }
    "
  `);
});

test('bake: a matrix, as a whole or not at all', () => {
  const text = `
${based}target "apps" {
  name       = "app-\${kind}"
  matrix     = { kind = ["web", "api"] }
  dockerfile = "\${kind}.Dockerfile"
}
`;
  expect(after(hcl, text, context('app-web'), context('app-api'))).toMatchInlineSnapshot(`
    "
    target "base" {
      dockerfile = "base.Dockerfile"
    }
    target "apps" {
      name       = "app-\${kind}"
      matrix     = { kind = ["web", "api"] }
      dockerfile = "\${kind}.Dockerfile"
      contexts   = { base = "target:base" }
    }
    "
  `);
  expect(after(hcl, text, context('app-web'))).toMatchInlineSnapshot(`"✗ The matrix that makes target "app-web" in docker-bake.hcl makes "app-api" as well."`);
  expect(after(hcl, text, dockerfile('app-web', 'x'), dockerfile('app-api', 'x'))).toMatchInlineSnapshot(`"✗ The dockerfile of target "app-web" in docker-bake.hcl is an expression."`);
});

test('bake: another Dockerfile, another stage', () => {
  expect(after(hcl, `
target "a" {
  context    = "app"
  dockerfile = "old.Dockerfile" # soon
  target     = "dev"
}
target "b" { context = "." }
target "c" {
  inherits = ["a"]
}
`, dockerfile('a', 'docker/new.Dockerfile'), dockerfile('b', 'b.Dockerfile', 'prod'), dockerfile('c', 'app/c.Dockerfile', 'dev'))).toMatchInlineSnapshot(`
  "
  target "a" {
    context    = "app"
    dockerfile = "../docker/new.Dockerfile" # soon
  }
  target "b" {
    dockerfile = "b.Dockerfile"
    context = "."
    target  = "prod"
  }
  target "c" {
    inherits = ["a"]
    dockerfile = "c.Dockerfile"
    target     = "dev"
  }
  "
`);
  expect(after(hcl, 'target "a" {\n  target = "x"\n}\ntarget "b" {\n  inherits = ["a"]\n}\n', dockerfile('b', 'b.Dockerfile'))).toMatchInlineSnapshot(`
    "
    target "a" {
      target = "x"
    }
    target "b" {
      inherits = ["a"]
      dockerfile = "b.Dockerfile"
      target     = ""
    }
    "
  `);
  expect(after(hcl, 'variable "D" { default = "x" }\ntarget "a" {\n  dockerfile = D\n}\n', dockerfile('a', 'b'))).toMatchInlineSnapshot(`"✗ The dockerfile of target "a" in docker-bake.hcl is an expression."`);
  expect(after(hcl, 'target "a" {\n  dockerfile-inline = "FROM x"\n}\n', dockerfile('a', 'b'))).toMatchInlineSnapshot(`"✗ The Dockerfile of target "a" in docker-bake.hcl is written inline."`);
  expect(after(hcl, 'target "a" {\n  context = "https://example.org/a.git"\n}\n', dockerfile('a', 'b'))).toMatchInlineSnapshot(`"✗ The context of target "a" in docker-bake.hcl is no folder of the workspace."`);
});

test('bake: what stands in the way is named', () => {
  const refusals: [string, ...Wiring[]][] = [
    [`variable "C" { default = {} }\n${based}target "a" {\n  contexts = C\n}\n`, context('a')],
    [`${based}target "a" {\n  contexts = { base = "./x" }\n}\n`, context('a')],
    [`${based}`, context('a')],
    ['target "a" {}\n', context('a')],
    [based, add()],
    ['group "base" { targets = ["a"] }\ntarget "a" {}\n', add()],
    ['target "a" {}\n', add({ name: 'a b' })],
    ['target "a" {\n  context = \n}\n', add()],
    [`${based}target "a" {\n  contexts = { # later\n  }\n}\n`, context('a')],
    ['target "a" {}\n', add({ contexts: { x: { kind: 'unknown', reason: 'It is not known.' } } })],
  ];
  expect(refusals.map(([text, ...changes]) => after(hcl, text, ...changes)).join('\n')).toMatchInlineSnapshot(`
    "✗ The contexts of target "a" in docker-bake.hcl are an expression.
    ✗ Target "a" in docker-bake.hcl has a context "base" already.
    ✗ There is no target "a" in docker-bake.hcl.
    ✗ There is no build "base" in docker-bake.hcl.
    ✗ There is a target "base" in docker-bake.hcl already.
    ✗ There is a group "base" in docker-bake.hcl already.
    ✗ "a b" is no name of a Bake target.
    ✗ docker-bake.hcl cannot be read: Here a value is expected.
    ✗ The contexts of target "a" in docker-bake.hcl hold nothing but a comment.
    ✗ What the context "x" of target "base" in docker-bake.hcl would be is not known."
  `);
  expect(after('Makefile', '', add())).toMatchInlineSnapshot(`"✗ Makefile is no Bake file and no Compose file."`);
});

test('bake: a target goes, with its items in groups', () => {
  const text = `
group "default" { targets = ["base", "web"] }
group "all" {
  targets = [
    "web",
    "base"
  ]
}

${based}
target "web" {
  contexts = {
    base = "target:base"
    lib  = "./lib"
  }
}
`;
  expect(after(hcl, text, drop('web'), remove)).toMatchInlineSnapshot(`
    "
    group "default" { targets = ["web"] }
    group "all" {
      targets = [
        "web"
      ]
    }

    target "web" {
      contexts = {
        lib  = "./lib"
      }
    }
    "
  `);
  expect(after(hcl, text, remove)).toMatchInlineSnapshot(`"✗ Target "web" in docker-bake.hcl has "base" as a context."`);
  expect(after(hcl, `${based}target "a" {\n  inherits = ["base"]\n}\n`, remove)).toMatchInlineSnapshot(`"✗ Target "a" in docker-bake.hcl inherits from "base"."`);
  expect(after(hcl, `${based}target "a" {\n  args = { X = target.base.dockerfile }\n}\n`, remove)).toMatchInlineSnapshot(`"✗ The target "a" in docker-bake.hcl would change as well: it shares what is written there."`);
  expect(after(hcl, `${based}group "default" { targets = ["base"] }\n`, remove)).toMatchInlineSnapshot(`"✗ Group "default" in docker-bake.hcl has no other target than "base"."`);
  expect(after(hcl, `${based}group "default" { targets = concat(["base"], []) }\n`, remove)).toMatchInlineSnapshot(`"✗ The targets of group "default" in docker-bake.hcl are an expression."`);
  expect(after(hcl, `${based}target "a" {\n  contexts = { base = "target:base" }\n}\ntarget "b" {\n  inherits = ["a"]\n}\n`, drop('b'))).toMatchInlineSnapshot(`"✗ The context "base" of target "b" in docker-bake.hcl is inherited."`);
});

test('bake: a file that is not there yet', () => {
  expect(after(hcl, undefined, add(), add({ name: 'web', dockerfile: 'web.Dockerfile', isDefault: true }), add({ name: 'api', dockerfile: 'api/Dockerfile', context: 'api', isDefault: true }), context('web'), context('api'))).toMatchInlineSnapshot(`
    "
    group "default" {
      targets = ["web", "api"]
    }

    target "base" {
      context    = "."
      dockerfile = "base.Dockerfile"
    }

    target "web" {
      context    = "."
      dockerfile = "web.Dockerfile"
      contexts   = { base = "target:base" }
    }

    target "api" {
      context    = "api"
      dockerfile = "Dockerfile"
      contexts   = { base = "target:base" }
    }
    "
  `);
  expect(after(json, undefined, add(), add({ name: 'web', dockerfile: 'web.Dockerfile', isDefault: true }), context('web'))).toMatchInlineSnapshot(`
    "
    {
      "group": {
        "default": {
          "targets": ["web"]
        }
      },
      "target": {
        "base": {
          "context": ".",
          "dockerfile": "base.Dockerfile"
        },
        "web": {
          "context": ".",
          "dockerfile": "web.Dockerfile",
          "contexts": {
            "base": "target:base"
          }
        }
      }
    }
    "
  `);
  expect(after(hcl, undefined, context('web'))).toMatchInlineSnapshot(`"✗ There is no build "base" in docker-bake.hcl."`);
});

test('bake in JSON, in the layout of the file', () => {
  expect(after(json, `
{
\t"group": { "default": { "targets": ["web"] } },
\t"target": {
\t\t"web": {
\t\t\t"context": "."
\t\t},
\t\t"api": {
\t\t\t"contexts": {
\t\t\t\t"lib": "./lib"
\t\t\t}
\t\t}
\t}
}
`, add({ args: { A: '${x}' } }), context('web'), context('api'))).toMatchInlineSnapshot(`
  "
  {
  	"group": { "default": { "targets": ["web"] } },
  	"target": {
  		"web": {
  			"context": ".",
  			"contexts": {
  				"base": "target:base"
  			}
  		},
  		"api": {
  			"contexts": {
  				"lib": "./lib",
  				"base": "target:base"
  			}
  		},
  		"base": {
  			"context": ".",
  			"dockerfile": "base.Dockerfile",
  			"args": {
  				"A": "$\${x}"
  			}
  		}
  	}
  }
  "
`);
  expect(after(json, '{"target":{"web":{"context":"."}}}', add(), context('web'))).toMatchInlineSnapshot(`
    "
    {"target":{"web":{"context":".", "contexts": { "base": "target:base" }}, "base": { "context": ".", "dockerfile": "base.Dockerfile" }}}"
  `);
  expect(after(json, '{"target": {"web": {"dockerfile": "${D}"}}, "variable": {"D": {"default": "x"}}}', dockerfile('web', 'y'))).toMatchInlineSnapshot(`"✗ The dockerfile of target "web" in docker-bake.json is an expression."`);
  expect(after(json, '{"target": {"web": {"dockerfile": "x", "target": "dev"}}}', dockerfile('web', 'y'))).toMatchInlineSnapshot(`
    "
    {"target": {"web": {"dockerfile": "y"}}}"
  `);
  expect(after(json, '{"target": }', add())).toMatchInlineSnapshot(`"✗ docker-bake.json cannot be read: This is no JSON: ValueExpected."`);
});

test('compose: a service in front, a build of the short form becomes a mapping', () => {
  expect(after(yaml, `
services:
  # What people see.
  web:
    build: ./web # its own folder
    ports: ["80:80"]

  api:
    build: "api"

  db:
    image: postgres

# No volumes.
`, add({ args: { VERSION: '1.0', PRICE: '$5', ON: 'yes' }, platforms: ['linux/amd64'] }), context('web'), context('api'))).toMatchInlineSnapshot(`
  "
  services:
    base:
      build:
        context: .
        dockerfile: base.Dockerfile
        args:
          VERSION: "1.0"
          PRICE: "$$5"
          "ON": "yes"
        platforms:
          - linux/amd64
      scale: 0

    # What people see.
    web:
      build:
        context: ./web # its own folder
        additional_contexts:
          base: service:base
      ports: ["80:80"]

    api:
      build:
        context: "api"
        additional_contexts:
          base: service:base

    db:
      image: postgres

  # No volumes.
  "
`);
});

test('compose: paths lead from the folder of the file', () => {
  expect(after('deploy/docker-compose.yml', '\nservices:\n    web:\n        build:\n            context: ..\n            dockerfile: web.Dockerfile\n',
    add({ context: 'app', dockerfile: 'docker/base.Dockerfile', target: 'prod', contexts: { lib: { kind: 'folder', path: 'deploy/lib' }, node: { kind: 'image', reference: 'node:20' } } }), context('web'))).toMatchInlineSnapshot(`
      "
      services:
          base:
              build:
                  context: ../app
                  dockerfile: ../docker/base.Dockerfile
                  target: prod
                  additional_contexts:
                      lib: ./lib
                      node: docker-image://node:20
              scale: 0
          web:
              build:
                  context: ..
                  additional_contexts:
                      base: service:base
                  dockerfile: web.Dockerfile
      "
    `);
});

test('compose: mappings and lists, in lines and in one', () => {
  expect(after(yaml, `
services:
${service}  a:
    build:
      # Here.
      context: .
  b:
    build:
      context: . # here
      target: prod
  c:
    build:
      dockerfile: c.Dockerfile
      additional_contexts:
        lib: ./lib # ours
      context: .
  d:
    build:
      context: .
      additional_contexts:
      - lib=./lib
  e:
    build: { context: . }
  f:
    build: { context: ., additional_contexts: [lib=./lib] }
  g: { build: ./g }
  h:
    build:
      context: .
      dockerfile_inline: |
        FROM base
`, ...'abcdefgh'.split('').map((name) => context(name)))).toMatchInlineSnapshot(`
  "
  services:
    base:
      build: ./base
      scale: 0
    a:
      build:
        additional_contexts:
          base: service:base
        # Here.
        context: .
    b:
      build:
        context: . # here
        additional_contexts:
          base: service:base
        target: prod
    c:
      build:
        dockerfile: c.Dockerfile
        additional_contexts:
          lib: ./lib # ours
          base: service:base
        context: .
    d:
      build:
        context: .
        additional_contexts:
        - lib=./lib
        - base=service:base
    e:
      build: { additional_contexts: { base: service:base }, context: . }
    f:
      build: { context: ., additional_contexts: [lib=./lib, base=service:base] }
    g: { build: { context: ./g, additional_contexts: { base: service:base } } }
    h:
      build:
        context: .
        additional_contexts:
          base: service:base
        dockerfile_inline: |
          FROM base
  "
`);
});

test('compose: carriage returns and a missing line break at the end stay', () => {
  expect(JSON.stringify(after(yaml, 'services:\r\n  a:\r\n    build: .', add(), context('a')))).toMatchInlineSnapshot(`""\\nservices:\\r\\n  base:\\r\\n    build:\\r\\n      context: .\\r\\n      dockerfile: base.Dockerfile\\r\\n    scale: 0\\r\\n  a:\\r\\n    build:\\r\\n      context: .\\r\\n      additional_contexts:\\r\\n        base: service:base""`);
});

test('compose: what several services share', () => {
  const text = `
x-build: &build
  context: .
x-app: &app
  build: ./app
  restart: always
services:
${service}  a:
    build: *build
  b:
    <<: *app
  c: &c
    build: ./c
  d:
    <<: *c
    image: d
  e:
    extends: c
  f:
    build:
      <<: *build
      target: prod
  g: *c
`;
  for (const name of 'abcdefg') expect.soft(`${name} ${after(yaml, text, context(name))}`.includes('✗') || name === 'f').toBe(true);
  expect('abcdeg'.split('').map((name) => after(yaml, text, context(name))).join('\n')).toMatchInlineSnapshot(`
    "✗ The build of service "a" in compose.yaml is the alias *build.
    ✗ The build of service "b" in compose.yaml is written elsewhere: it extends another service, or merges what an alias stands for.
    ✗ The service "d" in compose.yaml would change as well: it shares what is written there.
    ✗ The build of service "d" in compose.yaml is written elsewhere: it extends another service, or merges what an alias stands for.
    ✗ The build of service "e" in compose.yaml is written elsewhere: it extends another service, or merges what an alias stands for.
    ✗ Service "g" in compose.yaml is the alias *c."
  `);
  expect(after(yaml, text, context('f')).split('\n').slice(-7).join('\n')).toMatchInlineSnapshot(`
    "    build:
          additional_contexts:
            base: service:base
          <<: *build
          target: prod
      g: *c
    "
  `);
  // Where all who share it are to have it, it is written once.
  expect(after(yaml, `services:\n${service}  c: &c\n    build: ./c\n  g: *c\n`, context('g'), context('c'))).toMatchInlineSnapshot(`
    "
    services:
      base:
        build: ./base
        scale: 0
      c: &c
        build:
          context: ./c
          additional_contexts:
            base: service:base
      g: *c
    "
  `);
  expect(after(yaml, 'services:\n  base:\n    build: ./base\n  a:\n    extends: { file: other.yaml, service: a }\n', context('a'))).toMatchInlineSnapshot(`"✗ There is no service "a" with a build in compose.yaml."`);
});

test('compose: another Dockerfile, another stage', () => {
  expect(after(yaml, `
services:
  a:
    build: ./a
  b:
    build:
      context: .
      dockerfile: old.Dockerfile # soon
      target: dev
  c:
    build: { context: ., dockerfile: old.Dockerfile }
`, dockerfile('a', 'a/x.Dockerfile', 'prod'), dockerfile('b', 'docker/b.Dockerfile'), dockerfile('c', 'c.Dockerfile', 'prod'))).toMatchInlineSnapshot(`
  "
  services:
    a:
      build:
        context: ./a
        dockerfile: x.Dockerfile
        target: prod
    b:
      build:
        context: .
        dockerfile: docker/b.Dockerfile # soon
    c:
      build: { context: ., dockerfile: c.Dockerfile, target: prod }
  "
`);
  expect(after(yaml, 'services:\n  a:\n    build:\n      context: .\n      dockerfile: ${D:-x}\n', dockerfile('a', 'b'))).toMatchInlineSnapshot(`"✗ The dockerfile of service "a" in compose.yaml depends on a variable."`);
  expect(after(yaml, 'services:\n  a:\n    build:\n      dockerfile_inline: FROM x\n', dockerfile('a', 'b'))).toMatchInlineSnapshot(`"✗ The Dockerfile of service "a" in compose.yaml is written inline."`);
});

test('compose: what stands in the way is named', () => {
  const refusals: [string, ...Wiring[]][] = [
    [`services:\n${service}`, add()],
    ['services:\n  a:\n    image: x\n', context('a')],
    [`services:\n${service}  a:\n    image: x\n`, context('a')],
    [`services:\n${service}  a:\n    build:\n      additional_contexts: { base: ./x }\n`, context('a')],
    [`services:\n${service}    profiles: [tools]\n  a:\n    build: .\n`, context('a')],
    ['services: { a: { build: . } }\n', add()],
    ['services:\n', add()],
    ['services:\n  a: [\n', add()],
    ['services:\n  a:\n    build: .\n---\nservices:\n  b:\n    build: .\n', add()],
    [`services:\n${service}  a:\n    build:\n      context: .\n      additional_contexts:\n`, context('a')],
    [`services:\n${service}  a:\n    build: .\n    depends_on: [base]\n`, remove],
    [`services:\n${service}  a:\n    build:\n      additional_contexts: [base=service:base]\n`, remove],
    [`services:\n${service}`, remove],
  ];
  expect(refusals.map(([text, ...changes]) => after(yaml, text, ...changes)).join('\n')).toMatchInlineSnapshot(`
    "✗ There is a service "base" in compose.yaml already.
    ✗ There is no build "base" in compose.yaml.
    ✗ There is no service "a" with a build in compose.yaml.
    ✗ Service "a" in compose.yaml has a context "base" already.
    ✗ Service "base" in compose.yaml has profiles: without them, Compose does not find it for "a".
    ✗ The services of compose.yaml are written in one line.
    ✗ compose.yaml has no services.
    ✗ compose.yaml cannot be read: This is no YAML: Flow sequence in block collection must be sufficiently indented and end with a ].
    ✗ compose.yaml holds several YAML documents.
    ✗ The additional_contexts of service "a" in compose.yaml are empty.
    ✗ Service "a" in compose.yaml names "base" in its depends_on.
    ✗ Service "a" in compose.yaml names "base" in its build.
    ✗ Service "base" is the only one in compose.yaml."
  `);
});

test('compose: a context and a service go', () => {
  expect(after(yaml, `
services:
  web:
    build:
      context: ./web
      additional_contexts:
        base: service:base
        lib: ./lib

${service}
  api:
    build:
      context: ./api
      additional_contexts:
        - base=service:base
`, drop('web'), drop('api'), remove)).toMatchInlineSnapshot(`
  "
  services:
    web:
      build:
        context: ./web
        additional_contexts:
          lib: ./lib

    api:
      build: ./api
  "
`);
});

test('compose: a file that is not there yet', () => {
  expect(after(yaml, undefined, add(), add({ name: 'web', context: 'web', dockerfile: 'web/Dockerfile', isDefault: true }), context('web'))).toMatchInlineSnapshot(`
    "
    services:
      base:
        build:
          context: .
          dockerfile: base.Dockerfile
        scale: 0

      web:
        build:
          context: ./web
          additional_contexts:
            base: service:base
          dockerfile: Dockerfile
    "
  `);
});

/** Pieces of files, each with a build or two; `…` is where a target or service is named. */
const hclPieces = [
  'target "…" {\n  context = "."\n}\n', 'target "…" { context = "." }\n', 'target "…" {}\n', 'target "…" { }\n', 'target "…" {\n}\n', 'target "…" {\n  # c\n}\n',
  'target "…" {\n  contexts = { lib = "lib" }\n}\n', 'target "…" {\n  contexts = {}\n}\n', 'target "…" {\n  contexts = {\n  }\n  tags = [\n    "a"\n  ]\n}\n', 'target "…" {\n  contexts = {\n    lib = "lib", # c\n    x: "y"\n  }\n}\n',
  'target "…" {\n  contexts = {\n    lib = "lib",\n  }\n}\n', 'target "…" {\n\tdockerfile-inline = <<EOT\nFROM base\nEOT\n}\n', 'target "…" {\n  args = {\n    A = "}"\n  } # c\n  /* d */\n}\n', 'target "…" {\n  contexts = { lib = "lib", }\n}\n',
];
const jsonPieces = ['{"context": "."}', '{}', '{ }', '{\n      "context": "."\n    }', '{\n      "contexts": {\n        "lib": "lib"\n      },\n      "tags": ["a"]\n    }', '{"contexts": {}}', '{"contexts":{ "a": "b" }, "tags":["x"]}', '{\n    }'];
const yamlPieces = [
  '  …:\n    build: ./dir # c\n', '  …:\n    build: "."\n    image: x\n', '  …:\n    build:\n      context: .\n', '  …:\n    build:\n      # c\n      context: . # d\n      target: x\n', '  … : { build: . }\n', '  …:\n    build: { context: . }\n',
  '  …:\n    build: {context: ., target: x}\n', '  …:\n    build:\n      context: .\n      additional_contexts:\n        lib: ./lib\n    environment:\n      A: |+\n        b\n\n', '  …:\n    build:\n      additional_contexts: {}\n', '  …:\n    build:\n        context: .\n        additional_contexts:\n        - lib=./lib # c\n',
  '  …:\n    build:\n      dockerfile: x\n      context: .\n', '  …:\n    build:   .\n', '  …: &…\n    build: &b… .\n', '  …:\n    build: { context: ., additional_contexts: [ a=./b ] }\n', '  …:\n    build:\n      additional_contexts: { }\n      context: .\n', '  …:\n    build:\n      additional_contexts:\n        a: ./b\n',
];

const pieces = (of: readonly string[]): fc.Arbitrary<string[]> => fc.array(fc.constantFrom(...of), { minLength: 1, maxLength: 4 }).map((chosen) => chosen.map((piece, i) => piece.replaceAll('…', `t${i}`)));
const files: fc.Arbitrary<readonly [string, string]> = fc.oneof(
  fc.tuple(fc.constant(hcl), fc.tuple(fc.constantFrom('', '# c\n', 'group "default" { targets = ["t0"] }\n\n'), pieces(hclPieces), fc.constantFrom('', '\n')).map(([head, parts, between]) => head + parts.join(between))),
  fc.tuple(fc.constant(json), fc.tuple(fc.constantFrom('', '"group": {"g": {"targets": ["t0"]}}, '), fc.array(fc.constantFrom(...jsonPieces), { minLength: 1, maxLength: 4 }), fc.constantFrom('\n    ', ' ', '')).map(([head, parts, between]) => `{${head}"target": {${parts.map((part, i) => `${between}"t${i}": ${part}`).join(',')}${between.replace('    ', '  ')}}}\n`)),
  fc.tuple(fc.constant(yaml), fc.tuple(fc.constantFrom('', 'name: x\n\n'), fc.constantFrom('', '# first\n', '\n'), pieces(yamlPieces), fc.constantFrom('', '\n', '  # c\n'), fc.constantFrom('', '\nvolumes: {}\n')).map(([head, first, parts, between, end]) => `${head}services: # all\n${first}${parts.join(between)}${end}`)),
);

test('what is put in can be taken out again, and the file is as it was', () => {
  fc.assert(fc.property(files, fc.boolean(), fc.boolean(), fc.nat(15), ([file, plain], windows, cut, which) => {
    const trimmed = cut ? plain.trimEnd() : plain;
    const text = windows ? trimmed.replaceAll('\n', '\r\n') : trimmed;
    const names = definitionsIn(new Map([[file, text]])).definitions.map(({ name }) => name).filter((_, i) => (which >> i) % 2 === 1);
    const up = wired(file, text, [add(), ...names.map((name) => context(name))]);
    expect(up).toHaveProperty('text');
    if (!('text' in up)) return;
    expect(wired(file, up.text, [...names.map((name) => drop(name)), remove])).toEqual({ text });
  }), { numRuns: 60 });
}, 30_000);
