// What a user reads, and the only place that says it: a Dockerfile with its hints in ‹›, as `pictureOf` draws it and as
// the page shows it.

export const flask = `\
FROM python:3.8-alpine ‹base: unknown›
RUN pip install flask ‹layer 1 · shared with 2›
CMD ["python","app.py"]
COPY app.py /app.py ‹layer 2 · [3/3]›
`;

/** With a package more: what is below runs again, too. No sibling has that step any more. */
export const flaskBroken = `\
FROM python:3.8-alpine ‹base: unknown›
RUN pip install flask gunicorn ‹rebuilds · layer 1 · [2/3]›
CMD ["python","app.py"]
COPY app.py /app.py ‹rebuilds · layer 2 · [3/3]›
`;

export const flaskApi = `\
FROM python:3.12-slim ‹base: unknown›
WORKDIR /api ‹layer 1 · [2/4]›
COPY . . ‹layer 2 · [3/4]›
RUN pip install -r requirements.txt ‹layer 3 · [4/4]›
CMD ["python", "api.py"]
`;

export const flaskApiFix = 'Copy requirements.txt first, the rest after `pip install -r`: a change of the rest then runs 1 of 4 steps again, not 2';

export const flaskApiFixed = `\
FROM python:3.12-slim
WORKDIR /api
COPY requirements.txt ./
RUN pip install -r requirements.txt
COPY . .
CMD ["python", "api.py"]
`;

/** By Bake. */
export const flaskExtracted = {
  'Dockerfile.base': `\
FROM python:3.8-alpine
RUN pip install flask
`,
  'flask/Dockerfile': `\
FROM base
CMD ["python","app.py"]
COPY app.py /app.py
`,
};

export const flaskWithMetadata = flask.replace('"app.py"]', '"app.py"] ‹metadata›');

export const flaskLenses = ['if python:3.8-alpine changes: 2 of 2 steps run again', 'if app.py changes: 1 of 2 steps runs again'];

/** What is in the margin: ▌ beside a layer, ┊ beside metadata. */
export const flaskMarks = `\
  FROM
▌ RUN
┊ CMD
▌ COPY
`;

export const flaskOutline = `\
python:3.8-alpine
  RUN pip install flask
  CMD ["python","app.py"]
  COPY app.py /app.py
`;

/** The hover over the last line of the flask example, which has the rows of all. */
export const flaskTable = `\
|  | CREATED BY | LAYER |
| :-- | :-- | :-- |
| ▶ | **\`COPY app.py /app.py # buildkit\`** | **2** |
|  | \`CMD ["python" "app.py"]\` | – |
|  | \`RUN /bin/sh -c pip install flask # buildkit\` | 1 |
|  | *the rows of \`python:3.8-alpine\`: not known without the image* | ? |
`;

export const flaskStatus = '2 layers · 1 metadata';

export const multiStage = `\
# syntax=docker/dockerfile:1
FROM node:20-alpine AS build
WORKDIR /app ‹layer 1 · [build 2/6]›
COPY package.json package-lock.json ./ ‹layer 2 · [build 3/6]›
RUN npm ci ‹layer 3 · [build 4/6]›
COPY . . ‹layer 4 · [build 5/6]›
RUN npm run build ‹layer 5 · [build 6/6]›

# The default target does not reach this stage: docker build --target test .
FROM build AS test ‹not built›
RUN npm test ‹layer 6 · [test 1/1]›

FROM nginx:1.27-alpine ‹base: unknown›
LABEL org.opencontainers.image.title="Shop"
COPY --from=build /app/dist /usr/share/nginx/html ‹layer 1 · [stage-2 2/2]›
EXPOSE 80
`;

export const heredoc = `\
# syntax=docker/dockerfile:1
FROM debian:12-slim ‹base: unknown›

RUN <<EOF ‹layer 1 · [2/4]›
apt-get update
apt-get install -y --no-install-recommends curl
rm -rf /var/lib/apt/lists/*
EOF

COPY <<"EOF" /usr/local/bin/greet ‹layer 2 · [3/4]›
#!/bin/sh
echo "Hello, $1"
EOF

RUN chmod +x /usr/local/bin/greet ‹layer 3 · [4/4]›
ENTRYPOINT ["greet"]
`;

export const nodeShop = `\
FROM node:22-alpine ‹base: unknown›
WORKDIR /app ‹layer 1 · [2/4]›
COPY . . ‹layer 2 · [3/4]›
RUN npm ci --omit=dev ‹layer 3 · [4/4]›
ENV PORT=8080
EXPOSE $PORT
CMD ["node", "server.js"]
`;

export const nodeShopFixed = `\
FROM node:22-alpine ‹base: unknown›
WORKDIR /app ‹cached · layer 1 · [2/5]›
COPY package.json package-lock.json ./ ‹rebuilds · layer 2 · [3/5]›
RUN npm ci --omit=dev ‹rebuilds · layer 3 · [4/5]›
COPY . . ‹rebuilds · layer 4 · [5/5]›
ENV PORT=8080
EXPOSE $PORT
CMD ["node", "server.js"]
`;

export const fromScratch = `\
FROM scratch ‹base: empty›
COPY a /a ‹layer 1 · [1/1]›
`;

/** The same in French, in an editor that knows the examples' files. */
export const french = {
  flask: `\
FROM python:3.8-alpine ‹base : inconnue›
RUN pip install flask ‹couche 1 · partagée avec 2›
CMD ["python","app.py"]
COPY app.py /app.py ‹couche 2 · [3/3]›
`,
  flaskLenses: ['si python:3.8-alpine change : 2 étapes sur 2 sont réexécutées', 'si app.py change : 1 étape sur 2 est réexécutée'],
  flaskTable: flaskTable.replace('LAYER', 'COUCHE').replace('*the rows of `python:3.8-alpine`: not known without the image*', '*les lignes de `python:3.8-alpine` : inconnues sans l’image*'),
  flaskStatus: '2 couches · métadonnées : 1',
  flaskBroken: `\
FROM python:3.8-alpine ‹base : inconnue›
RUN pip install flask gunicorn ‹réexécutée · couche 1 · [2/3]›
CMD ["python","app.py"]
COPY app.py /app.py ‹réexécutée · couche 2 · [3/3]›
`,
  flaskApi: flaskApi.replace('base: unknown', 'base : inconnue').replaceAll('layer', 'couche'),
  flaskApiFix: 'Copier d’abord requirements.txt, le reste après `pip install -r` : si le reste change, étapes réexécutées : 1 sur 4, au lieu de 2',
  nodeShopFixed: `\
FROM node:22-alpine ‹base : inconnue›
WORKDIR /app ‹en cache · couche 1 · [2/5]›
COPY package.json package-lock.json ./ ‹réexécutée · couche 2 · [3/5]›
RUN npm ci --omit=dev ‹réexécutée · couche 3 · [4/5]›
COPY . . ‹réexécutée · couche 4 · [5/5]›
`,
};

/** The Dockerfile alone. */
export const sourceOf = (picture: string) => picture.replace(/ ‹.*?›/g, '');

/** The rows of the tables in a hover's Markdown. */
export const tableOf = (markdown: string) => markdown.replace(/^(?!\|).*\n?/gm, '').trimEnd() + '\n';

/** What the page shows of Markdown, with blanks gone: there they are padding as often as not. */
export const seen = (text: string) => text.replace(/[‹›*`|]|[\s\u00a0\u200b-\u200f]/g, '');
