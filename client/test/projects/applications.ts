// Two Flask applications that differ in their own file: the example of the layers, and its sibling.
import { sourceOf } from '../expected';

export const hinted = (name: string) => `\
FROM python:3.8-alpine ‹base: unknown›
RUN pip install flask ‹layer 1 · shared with 1›
CMD ["python","${name}.py"]
COPY ${name}.py /${name}.py ‹layer 2 · [3/3]›
`;

export const dockerfile = (name: string) => sourceOf(hinted(name));

export const short = (name: string) => `\
FROM base
CMD ["python","${name}.py"]
COPY ${name}.py /${name}.py
`;

const program = (name: string) => `\
from flask import Flask

app = Flask(__name__)


@app.get("/")
def hello():
    return "Hello from ${name}\\n"
`;

export const applications = Object.fromEntries(['app', 'app2'].flatMap((name) => [[`${name}/Dockerfile`, dockerfile(name)], [`${name}/${name}.py`, program(name)]]));

export const before = { 'app/Dockerfile': dockerfile('app'), 'app2/Dockerfile': dockerfile('app2') };

export const byBake = {
  'Dockerfile.base': `\
# What app/Dockerfile and app2/Dockerfile begin with.
FROM python:3.8-alpine
RUN pip install flask
`,
  'app/Dockerfile': short('app'),
  'app2/Dockerfile': short('app2'),
  'docker-bake.hcl': `\
group "default" {
  targets = ["app", "app2"]
}

target "base" {
  context    = "."
  dockerfile = "Dockerfile.base"
}

target "app" {
  context    = "app"
  dockerfile = "Dockerfile"
  contexts   = { base = "target:base" }
}

target "app2" {
  context    = "app2"
  dockerfile = "Dockerfile"
  contexts   = { base = "target:base" }
}
`,
};

export const bakeAction = 'Extract base image by Bake: docker-bake.hcl';

export const bakePreview = `\
☑ Dockerfile.base (creating)
☑ app/Dockerfile
☑ app2/Dockerfile
☑ docker-bake.hcl (creating)
`;
